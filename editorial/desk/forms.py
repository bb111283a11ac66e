"""Forms of the desk. They parse; what is allowed and what happens is the domain's."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import FileExtensionValidator
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from editorial import board
from editorial.content.importers.bylines import read_names
from editorial.content.outline import ROLES
from editorial.content.typed_text import clean_line, clean_text
from editorial.models import Author, Issue, Item, Publication, Section, Topic, User
from editorial.pictures import Picture

LOCAL_TIME = "%Y-%m-%dT%H:%M"


def blame(form: forms.BaseForm, error: ValidationError) -> None:
    """Show what the domain refused beside the field it names, else above the form."""
    if not hasattr(error, "error_dict"):
        form.add_error(None, error)
        return
    for name, errors in error.error_dict.items():
        form.add_error(name if name in form.fields else None, errors)


class Line(forms.CharField):
    """One line of text that any page, mail or feed can carry."""

    def __init__(self, *, limit: int, **options: Any) -> None:
        super().__init__(**options)
        self.limit = limit

    def clean(self, value: Any) -> str:
        return _clean(lambda text: clean_line(text, self.limit), super().clean(value))


class Words(forms.CharField):
    """Several lines of such text."""

    widget = forms.Textarea

    def clean(self, value: Any) -> str:
        return _clean(clean_text, super().clean(value))


def _clean(rule: Callable[[str], str], value: str) -> str:
    try:
        return rule(value)
    except ValueError as error:
        raise ValidationError(str(error)) from error


# A clock's hands go from year 1 to 9999, and fail an hour before either end.
FIRST_YEAR, LAST_YEAR = 1970, 2200


def _within_reach(value: date) -> None:
    if not FIRST_YEAR < value.year < LAST_YEAR:
        raise ValidationError(_("Choose a day nearer to ours."))


def moment_field(**options: Any) -> forms.DateTimeField:
    """A day and a time on the publication's clock."""
    options["validators"] = [_within_reach]
    widget = forms.DateTimeInput(format=LOCAL_TIME, attrs={"type": "datetime-local"})
    return forms.DateTimeField(
        widget=widget, input_formats=[LOCAL_TIME, "%Y-%m-%dT%H:%M:%S"], **options
    )


def day_field(**options: Any) -> forms.DateField:
    options["validators"] = [_within_reach]
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    return forms.DateField(widget=widget, input_formats=["%Y-%m-%d"], **options)


class SeenForm(forms.Form):
    """Which version the person was looking at when they pressed."""

    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)


class NoteForm(SeenForm):
    note = Words(
        label=_("Why"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class ItemForm(SeenForm):
    """An item's words. A new item has no version yet: 0."""

    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    url = forms.CharField(
        label=_("Link"),
        required=False,
        widget=forms.URLInput(
            attrs={"inputmode": "url", "placeholder": "https://", "autocomplete": "off"}
        ),
    )
    headline = forms.CharField(label=_("Headline"), required=False)
    section = forms.ModelChoiceField(
        Section.objects.none(), label=_("Section"), required=False, empty_label="–"
    )
    topic = forms.ModelChoiceField(
        Topic.objects.none(), label=_("Topic"), required=False, empty_label="–"
    )
    commentary = forms.CharField(
        label=_("Text"),
        required=False,
        strip=False,
        help_text=_("What it is, and why it is worth reading."),
        widget=forms.Textarea(attrs={"rows": 8, "class": "long"}),
    )
    new_topic = Line(label=_("Or a new topic"), required=False, limit=80)
    label = forms.CharField(
        label=_("Label"), required=False, help_text=_("A word or two in front.")
    )
    form = forms.ChoiceField(label=_("Form"), choices=Item.Form, required=False)
    credit = forms.ModelChoiceField(
        Author.objects.none(), label=_("Credit"), required=False, empty_label="–"
    )

    WORDS = ("url", "headline", "section", "topic", "commentary", "label", "form")

    def __init__(self, *args: Any, issue: Issue | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sections = Section.objects.recurring()
        if issue is not None:
            sections = Section.objects.filter(issue_sections__issue=issue).order_by(
                "issue_sections__position"
            )
            self.fields["section"].empty_label = None
        self.fields["section"].queryset = sections
        self.fields["topic"].queryset = Topic.objects.all()
        self.fields["credit"].queryset = Author.objects.all()

    def words(self) -> dict[str, Any]:
        """What the domain stores, by field name; a field the page left out stays."""
        sent = {*self.WORDS, "credit"} & set(self.data)
        words = {name: self.cleaned_data[name] for name in sent}
        if not words.get("form", "full"):
            words["form"] = Item.Form.FULL
        return words


class NewItemForm(ItemForm):
    """With the question where it goes; empty is the backlog."""

    issue = forms.ModelChoiceField(
        Issue.objects.none(),
        label=_("Issue"),
        required=False,
        empty_label=_("Backlog"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["issue"].queryset = board.open_issues()
        self.fields["issue"].label_from_instance = issue_label
        self.fields["version"].initial = 0


def issue_label(issue: Issue) -> str:
    return f"{issue} {issue.title}".strip()


class PictureForm(forms.Form):
    """One picture of an item: its file, and what is said about it."""

    file = forms.FileField(
        label=_("Picture"),
        required=False,
        widget=forms.FileInput(
            attrs={"accept": "image/jpeg,image/png,image/webp,image/gif"}
        ),
    )
    address = forms.CharField(
        label=_("Or the picture's address"),
        required=False,
        max_length=2048,
        help_text=_("Fetched when you save; where it came from is kept."),
        widget=forms.URLInput(attrs={"placeholder": "https://", "autocomplete": "off"}),
    )
    alt = forms.CharField(
        label=_("In words, for those who cannot see it"), required=False
    )
    caption = forms.CharField(label=_("Caption"), required=False)
    picture_credit = forms.CharField(label=_("Picture credit"), required=False)
    remove = forms.BooleanField(label=_("Remove this picture"), required=False)

    def __init__(self, *args: Any, pk: int | None = None, **kwargs: Any) -> None:
        super().__init__(*args, prefix=f"picture-{pk or 'new'}", **kwargs)
        self.pk = pk

    @classmethod
    def all_for(cls, item: Item | None, *data: Any) -> list[PictureForm]:
        """One form for each picture there is, and one for the next."""
        forms_ = []
        for image in item.images.all() if item else []:
            form = cls(
                *data,
                pk=image.pk,
                initial={name: getattr(image, name) for name in cls.WORDS},
            )
            form.image = image
            forms_.append(form)
        return [*forms_, cls(*data)]

    WORDS = ("alt", "caption", "picture_credit")

    def offer(self, address: str, credit: str) -> None:
        """Fill in where a picture is, and whose, as if it had been typed."""
        self.data = self.data.copy()
        self.data[self.add_prefix("address")] = address[:2048]
        if not self.data.get(self.add_prefix("picture_credit")):
            self.data[self.add_prefix("picture_credit")] = credit

    def picture(self) -> Picture:
        return Picture(pk=self.pk, **self.cleaned_data)


def blame_pictures(pictures: list[PictureForm], error: ValidationError) -> None:
    """Show what `pictures.save_pictures` refused beside the row it names."""
    by_key = {str(form.pk or "new"): form for form in pictures}
    for name, errors in error.error_dict.items():
        key, field = name.split("-", 1)
        by_key[key].add_error(field, errors)


class CommentForm(forms.Form):
    text = Words(
        label=_("Comment"), widget=forms.Textarea(attrs={"rows": 2}), max_length=4000
    )


class MoveForm(forms.Form):
    """Where on the board: a place in its section, or the end of another one."""

    position = forms.IntegerField(required=False, min_value=0)
    section = forms.ModelChoiceField(Section.objects.all(), required=False)


class PlaceForm(forms.Form):
    issue = forms.ModelChoiceField(
        Issue.objects.none(),
        label=_("Issue"),
        required=False,
        empty_label=_("Backlog"),
    )
    section = forms.ModelChoiceField(
        Section.objects.none(), label=_("Section"), required=False, empty_label="–"
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["issue"].queryset = board.open_issues()
        self.fields["issue"].label_from_instance = issue_label
        self.fields["section"].queryset = Section.objects.recurring()


class NewIssueForm(forms.Form):
    number = forms.CharField(
        label=_("Number"), help_text=_("As printed: 23, 40–41 or special.")
    )
    title = forms.CharField(label=_("Title"), required=False)
    planned_on = day_field(label=_("Planned for"), required=False)
    deadline_at = moment_field(label=_("Copy deadline"), required=False)
    lead_editor = forms.ModelChoiceField(
        User.objects.none(), label=_("Lead editor"), required=False, empty_label="–"
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["lead_editor"].queryset = User.objects.active()


class IssueForm(SeenForm):
    """An issue's own words."""

    number = forms.CharField(
        label=_("Number"), help_text=_("As printed: 23, 40–41 or special.")
    )
    title = forms.CharField(label=_("Title"), required=False)
    dek = forms.CharField(
        label=_("Dek"),
        required=False,
        help_text=_("One sentence below the title."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    opening_note = forms.CharField(
        label=_("Opening note"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    closing_note = forms.CharField(
        label=_("Closing note"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    cover = forms.FileField(
        label=_("Cover"),
        required=False,
        widget=forms.FileInput(
            attrs={"accept": "image/jpeg,image/png,image/webp,image/gif"}
        ),
    )
    remove_cover = forms.BooleanField(label=_("Remove the cover"), required=False)
    cover_alt = forms.CharField(
        label=_("The cover in words, for those who cannot see it"), required=False
    )
    cover_credit = forms.CharField(label=_("Cover credit"), required=False)
    planned_on = day_field(label=_("Planned for"), required=False)

    WORDS = (
        "number",
        "title",
        "dek",
        "opening_note",
        "closing_note",
        "cover_alt",
        "cover_credit",
        "planned_on",
    )

    @classmethod
    def of(cls, issue: Issue) -> IssueForm:
        words = {name: getattr(issue, name) for name in cls.WORDS}
        return cls(initial={**words, "version": issue.version})

    def words(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.WORDS}


class LeadEditorForm(forms.Form):
    lead_editor = forms.ModelChoiceField(
        User.objects.none(), label=_("Lead editor"), required=False, empty_label="–"
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["lead_editor"].queryset = User.objects.active()


class CreditsForm(forms.Form):
    """The printed names by role, separated as people separate them."""

    author = Line(label=_("Authors"), required=False, limit=500)
    editor = Line(label=_("Editors"), required=False, limit=500)
    translator = Line(label=_("Translators"), required=False, limit=500)
    illustrator = Line(label=_("Illustrators"), required=False, limit=500)

    @classmethod
    def of(cls, issue: Issue) -> CreditsForm:
        names: dict[str, list[str]] = {role: [] for role in ROLES}
        for credit in issue.credits.select_related("author"):
            names[credit.role].append(credit.author.name)
        return cls(initial={role: "、".join(them) for role, them in names.items()})

    def credits(self) -> list[tuple[str, str]]:
        return [
            (name, role)
            for role in ROLES
            for name in read_names(self.cleaned_data[role])
        ]

    def clean(self) -> dict[str, Any]:
        for role in ROLES:
            sent = self.cleaned_data.get(role)
            names = read_names(sent or "")
            if sent and not (names and max(map(len, names)) <= 60):
                self.add_error(role, _("Names only, with commas between them."))
        return self.cleaned_data


class SectionForm(forms.Form):
    title = Line(label=_("Section, for this issue only"), limit=80)


class DeadlineForm(forms.Form):
    deadline_at = moment_field(label=_("New copy deadline"))


class CloseForm(forms.Form):
    UNFINISHED = (
        ("wait", _("They stay and wait to be finished")),
        ("next", _("They move to the next issue, or the backlog where there is none")),
        ("drop", _("They go back to the backlog")),
    )
    unfinished = forms.ChoiceField(
        label=_("What becomes of them?"),
        choices=UNFINISHED,
        initial="wait",
        widget=forms.RadioSelect,
    )


class ApproveIssueForm(NoteForm):
    """Names the very words that were on the page when the person pressed."""

    content_hash = forms.CharField(widget=forms.HiddenInput, max_length=64)


class ScheduleForm(forms.Form):
    publish_at = moment_field(label=_("Publish at"))


class WithdrawForm(forms.Form):
    note = Words(
        label=_("Why"),
        required=False,
        max_length=2000,
        help_text=_("The team sees it in the trail; readers do not."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class LanguageForm(forms.Form):
    # Each under its own name, so that whoever cannot read the desk finds theirs.
    language = forms.ChoiceField(
        label=_("Language"), choices=Publication._meta.get_field("language").choices
    )


class ImportForm(forms.Form):
    """Pasted text or a file; the text wins where both are given."""

    text = forms.CharField(
        label=_("Text of the issue"),
        required=False,
        strip=False,
        widget=forms.Textarea(
            attrs={"rows": 14, "class": "long", "spellcheck": "false"}
        ),
    )
    file = forms.FileField(
        label=_("Or a text file"),
        required=False,
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".txt,.md,text/plain"}),
        validators=[FileExtensionValidator(["txt", "md", "text"])],
    )


class AcceptForm(forms.Form):
    number = Line(label=_("Number"), required=False, limit=20)
    publish_as = forms.ChoiceField(
        label=_("As"),
        choices=[
            ("draft", _("A draft issue, to be worked on")),
            ("published", _("A published issue of the archive; nobody is mailed")),
        ],
        initial="draft",
        widget=forms.RadioSelect,
    )
    published_at = moment_field(label=_("It came out on"), required=False)

    def clean_published_at(self) -> Any:
        value = self.cleaned_data["published_at"]
        if value and value > timezone.now():
            raise ValidationError(_("This lies in the future."))
        return value
