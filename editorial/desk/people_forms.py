"""Forms about people: who is invited, who joins, what they say of themselves."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from editorial import rules
from editorial.models import Author, Role, User


def blame(form: forms.Form, error: ValidationError) -> None:
    """Show what the domain refused beside the field it names, else above the form."""
    if not hasattr(error, "error_dict"):
        form.add_error(None, error)
        return
    for name, errors in error.error_dict.items():
        form.add_error(name if name in form.fields else None, errors)


def roles_for(user: User) -> list[tuple[str, Any]]:
    """The roles this person may give an invitation."""
    return [(v, label) for v, label in Role.choices if rules.can_invite_as(user, v)]


class InviteForm(forms.Form):
    email = forms.EmailField(label=_("Mail address"))
    name = forms.CharField(
        label=_("Name in print, if you know it"),
        max_length=60,
        required=False,
        help_text=_("Someone already credited by this name gets their items."),
    )
    role = forms.ChoiceField(label=_("Role"))

    def __init__(self, *args, by: User, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = roles_for(by)
        self.fields["email"].widget.attrs |= {"autocomplete": "off"}
        self.fields["name"].widget.attrs |= {"list": "credited", "autocomplete": "off"}

    @staticmethod
    def credited() -> list[str]:
        """Names in print that no account has yet."""
        return list(Author.objects.filter(user=None).values_list("name", flat=True))


class LinkForm(forms.Form):
    role = forms.ChoiceField(label=_("Whoever opens it becomes"))

    def __init__(self, *args, by: User, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = roles_for(by)


class JoinForm(forms.Form):
    """Who am I? The address only where the invitation does not say."""

    name = forms.CharField(
        label=_("Your name, as it is printed"),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    email = forms.EmailField(
        label=_("Your mail address"),
        help_text=_("You sign in with it: we mail you a code."),
        widget=forms.EmailInput(attrs={"autocomplete": "email", "inputmode": "email"}),
    )
    is_credited = forms.BooleanField(
        label=_("Yes, the author of this name in past issues is me."), required=False
    )

    def __init__(self, *args, known_address: str, ask_credited: bool, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if known_address:
            del self.fields["email"]
        self.ask_credited = ask_credited
        if not (ask_credited or self.data.get("is_credited")):
            self.fields["is_credited"].widget = forms.HiddenInput()


class ProfileForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=60)
    language = forms.ChoiceField(
        label=_("Language of the desk"),
        required=False,
        choices=[("", _("As the browser asks")), *settings.LANGUAGES],
    )
    author_name = forms.CharField(
        label=_("Name in print"),
        max_length=60,
        required=False,
        help_text=_("Empty: the same name."),
    )
    bio = forms.CharField(
        label=_("About you, on your page for readers"),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    website = forms.URLField(label=_("Website"), required=False, assume_scheme="https")

    @classmethod
    def initial_of(cls, user: User) -> dict[str, Any]:
        author = getattr(user, "author", None)
        return {
            "name": user.name,
            "language": user.language,
            "author_name": author.name if author else "",
            "bio": author.bio if author else "",
            "website": author.website if author else "",
        }
