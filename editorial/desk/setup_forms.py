"""Forms about the publication: founding it, and its settings afterwards."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.forms import BaseFormSet, formset_factory
from django.utils.translation import gettext_lazy as _

from editorial.founding import Charter
from editorial.models import Cadence, Publication, Section, Topic, Weekday
from editorial.publication import SETTINGS, SectionWords, TopicWords

COMMON_TIME_ZONES = (
    *("Asia/Shanghai", "Asia/Singapore", "Asia/Tokyo", "Europe/Berlin"),
    *("Europe/London", "America/New_York", "America/Los_Angeles", "UTC"),
)


def _time_input() -> forms.TimeInput:
    return forms.TimeInput(attrs={"type": "time"}, format="%H:%M")


class SetupForm(forms.Form):
    """The few questions of founding, in three steps on one page."""

    name = forms.CharField(label=_("Name of the newsletter"), max_length=80)
    language = forms.ChoiceField(
        label=_("It is written in"),
        choices=[("zh-hans", "简体中文"), ("en", "English")],
    )
    sections = forms.CharField(
        label=_("Its sections, one a line"),
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("The headings every issue has. They can change later."),
    )
    cadence = forms.ChoiceField(label=_("It comes out"), choices=Cadence.choices)
    publish_weekday = forms.TypedChoiceField(
        label=_("Publication day"), choices=Weekday.choices, coerce=int
    )
    publish_time = forms.TimeField(label=_("Publication time"), widget=_time_input())
    deadline_weekday = forms.TypedChoiceField(
        label=_("Copy deadline, day"), choices=Weekday.choices, coerce=int
    )
    deadline_time = forms.TimeField(
        label=_("Copy deadline, time"), widget=_time_input()
    )
    time_zone = forms.CharField(
        label=_("Time zone"), widget=forms.TextInput(attrs={"list": "time-zones"})
    )
    admin_name = forms.CharField(
        label=_("Your name"),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    admin_email = forms.EmailField(
        label=_("Your mail address"),
        help_text=_("You sign in with it, and you are the first admin."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    sender_email = forms.EmailField(
        label=_("Readers get its mail from"),
        required=False,
        help_text=_("An address of your own domain; it can wait."),
    )
    remove_sample = forms.BooleanField(label=_("Remove the sample"))

    steps = (
        (_("The newsletter"), ("name", "language", "sections")),
        (
            _("Its rhythm"),
            (
                *("cadence", "time_zone", "publish_weekday", "publish_time"),
                *("deadline_weekday", "deadline_time"),
            ),
        ),
        (_("You"), ("admin_name", "admin_email", "sender_email")),
    )
    INITIAL = {
        "language": "zh-hans",
        "cadence": Cadence.WEEKLY,
        "publish_weekday": Weekday.FRIDAY,
        "publish_time": "18:00",
        "deadline_weekday": Weekday.FRIDAY,
        "deadline_time": "12:00",
        "time_zone": "Asia/Shanghai",
    }

    def __init__(self, *args, has_sample: bool, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if not has_sample:
            del self.fields["remove_sample"]

    def in_steps(self) -> list[tuple[str, list[forms.BoundField]]]:
        return [
            (str(title), [self[name] for name in names]) for title, names in self.steps
        ]

    def charter(self) -> Charter:
        said = {n: v for n, v in self.cleaned_data.items() if n != "remove_sample"}
        said["sections"] = re.split(r"[\n,，、]", said["sections"].replace("\r", ""))
        return Charter(**said, sender_name=said["name"])


class PublicationForm(forms.ModelForm):
    class Meta:
        model = Publication
        fields = SETTINGS
        widgets = {
            "publish_time": _time_input(),
            "deadline_time": _time_input(),
            "time_zone": forms.TextInput(attrs={"list": "time-zones"}),
        }

    groups = (
        (_("Name and language"), ("name", "language", "tagline")),
        (
            _("Rhythm"),
            (
                *("cadence", "deadline_weekday", "deadline_time"),
                *("publish_weekday", "publish_time", "time_zone"),
            ),
        ),
        (_("Review"), ("review",)),
        (
            _("Mail"),
            (
                *("sender_name", "sender_email", "reply_to", "postal_address"),
                *("digest_after", "count_clicks"),
            ),
        ),
        (_("In print"), ("byline_label", "topic_word", "licence")),
    )

    def in_groups(self) -> list[tuple[str, list[forms.BoundField]]]:
        return [(str(title), [self[n] for n in names]) for title, names in self.groups]

    def _post_clean(self) -> None:
        """Nothing is set on the row here: `change_publication` does, or refuses."""


class SectionForm(forms.Form):
    pk = forms.IntegerField(required=False, widget=forms.HiddenInput)
    title = forms.CharField(label=_("Title"), max_length=80)
    guidance = forms.CharField(
        label=_("Guidance for authors"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    min_items = forms.IntegerField(
        label=_("At least"), min_value=0, max_value=99, initial=0
    )
    max_items = forms.IntegerField(
        label=_("At most"), min_value=0, max_value=99, required=False
    )
    link_required = forms.BooleanField(
        label=_("Each item needs a link"), required=False
    )

    def words(self) -> SectionWords:
        said: dict[str, Any] = dict(self.cleaned_data)
        return SectionWords(remove=said.pop("DELETE"), **_without(said, "ORDER"))


class TopicForm(forms.Form):
    pk = forms.IntegerField(required=False, widget=forms.HiddenInput)
    name = forms.CharField(label=_("Name"), max_length=80)
    aliases = forms.CharField(
        label=_("Also written as, separated by commas"), required=False, max_length=400
    )

    def words(self) -> TopicWords:
        said = self.cleaned_data
        aliases = [a.strip() for a in re.split("[,，、;；]", said["aliases"])]
        return TopicWords(said["pk"], said["name"], aliases, remove=said["DELETE"])


def _without(said: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in said.items() if key != name}


SectionFormSet = formset_factory(
    SectionForm, can_order=True, can_delete=True, extra=1, max_num=60
)
TopicFormSet = formset_factory(TopicForm, can_delete=True, extra=2, max_num=500)


def section_rows(data=None) -> BaseFormSet:
    """The recurring sections, and one empty row."""
    rows = Section.objects.recurring().values(
        "pk", "title", "guidance", "min_items", "max_items", "link_required"
    )
    return SectionFormSet(data, initial=list(rows), prefix="sections")


def topic_rows(data=None) -> BaseFormSet:
    """The topics, and two empty rows."""
    rows = [
        {"pk": topic.pk, "name": topic.name, "aliases": ", ".join(topic.aliases)}
        for topic in Topic.objects.all()
    ]
    return TopicFormSet(data, initial=rows, prefix="topics")


def filled(formset: BaseFormSet) -> list[forms.Form]:
    """The rows somebody filled in, in the order they are to have."""
    rows = formset.ordered_forms if formset.can_order else formset.forms
    gone = formset.deleted_forms if formset.can_order else []
    return [row for row in (*rows, *gone) if row.has_changed() or row.initial]
