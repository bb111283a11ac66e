"""The forms of a published issue: which words are wrong, and what readers are told."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from editorial.desk.forms import SeenForm
from editorial.models import Author, Issue, Item

TYPO, CORRECTION = "typo", "correction"
KINDS = (
    (TYPO, _("Fix a typo: words only. Readers are not told.")),
    (
        CORRECTION,
        _("Publish a correction: any word, link or name. Readers see a note."),
    ),
)


class CorrectionForm(SeenForm):
    """Asks for the kind first; `WORDS` are the fields of the domain."""

    WORDS: tuple[str, ...] = ()

    kind = forms.ChoiceField(
        label=_("What is it?"), choices=KINDS, initial=TYPO, widget=forms.RadioSelect
    )
    note = forms.CharField(
        label=_("Note for readers"),
        required=False,
        help_text=_("For a correction: what was wrong, and what is right."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    @classmethod
    def of(cls, row: Issue | Item) -> CorrectionForm:
        words = {name: getattr(row, name) for name in cls.WORDS}
        return cls(initial={**words, "version": row.version})

    @property
    def is_correction(self) -> bool:
        return self.cleaned_data["kind"] == CORRECTION

    def words(self) -> dict[str, Any]:
        """What the domain stores; a field the page left out stays as it is."""
        return {n: self.cleaned_data[n] for n in self.WORDS if n in self.data}

    def text_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.WORDS if name in self.fields]

    def turn_into_a_correction(self) -> None:
        """What was sent stays; only the answer to the first question is another."""
        self.data = self.data.copy()
        self.data["kind"] = CORRECTION


def _long(label: Any, rows: int) -> forms.CharField:
    area = forms.Textarea(attrs={"rows": rows, "class": "long"})
    return forms.CharField(label=label, required=False, strip=False, widget=area)


class CorrectItemForm(CorrectionForm):
    headline = forms.CharField(label=_("Headline"), required=False)
    commentary = _long(_("Text"), 8)
    label = forms.CharField(label=_("Label"), required=False)
    url = forms.CharField(
        label=_("Link"), required=False, widget=forms.URLInput({"inputmode": "url"})
    )
    credit = forms.ModelChoiceField(
        Author.objects.none(), label=_("Credit"), required=False, empty_label="–"
    )

    WORDS = ("headline", "commentary", "label", "url", "credit")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["credit"].queryset = Author.objects.all()


class CorrectIssueForm(CorrectionForm):
    title = forms.CharField(label=_("Title"), required=False)
    dek = forms.CharField(
        label=_("Dek"), required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    opening_note = _long(_("Opening note"), 4)
    closing_note = _long(_("Closing note"), 4)
    cover_alt = forms.CharField(
        label=_("The cover in words, for those who cannot see it"), required=False
    )
    cover_credit = forms.CharField(label=_("Cover credit"), required=False)

    WORDS = (
        *("title", "dek", "opening_note", "closing_note"),
        *("cover_alt", "cover_credit"),
    )
