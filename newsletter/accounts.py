"""Signing in: allauth's adapters and login form. Nobody signs up by themselves.

An address gets a six-digit code and a link by one mail; a password, a passkey and
GitHub are other ways into the same account.
"""

from __future__ import annotations

import logging
from typing import Any
from urllib.parse import urlencode, urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.forms import ConfirmLoginCodeForm as AllauthCodeForm
from allauth.account.forms import LoginForm as AllauthLoginForm
from allauth.account.utils import get_next_redirect_url
from allauth.core import context as allauth_context
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from editorial import people
from editorial.models import Publication, User
from editorial.notices import absolute, mail_errors

logger = logging.getLogger(__name__)


class ClosedAccountAdapter(DefaultAccountAdapter):
    """Nobody signs up: an editor invites. Mail speaks our words and our address."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "incorrect_code": gettext_lazy(
            "This is not the code of the last mail. Look again; six digits."
        ),
        "too_many_login_attempts": gettext_lazy(
            "Too many tries. Wait a few minutes, then try again."
        ),
        "email_password_mismatch": gettext_lazy(
            "Address and password do not go together. A mailed code always works."
        ),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_from_email(self) -> str:
        """Codes come from the publication one writes for, not from a program."""
        publication = Publication.objects.current()
        return publication.sender if publication else super().get_from_email()

    def send_mail(
        self, template_prefix: str, email: str, context: dict[str, Any]
    ) -> None:
        """Send in the reader's language; a refusing mail server is told to the person."""
        publication = Publication.objects.current()
        person = User.objects.filter(email__iexact=email).first()
        spoken = publication.language if publication else translation.get_language()
        words = {
            **context,
            "publication": publication.name if publication else "Masthead",
            "minutes": people.SIGN_IN_SECONDS // 60,
        }
        if template_prefix == "account/email/login_code" and person is not None:
            words["link"] = _sign_in_link(person, allauth_context.request)
        with translation.override((person and person.language) or spoken):
            try:
                super().send_mail(template_prefix, email, words)
            except mail_errors() as error:
                logger.warning("%s not mailed: %s", template_prefix, error)
                raise self._say_not_mailed() from error

    def _say_not_mailed(self) -> ImmediateHttpResponse:
        request = allauth_context.request
        messages.error(
            request, _("The mail could not be sent. Try again in a minute, please.")
        )
        where = (
            request.path if request.user.is_authenticated else reverse("account_login")
        )
        return ImmediateHttpResponse(HttpResponseRedirect(where))

    def post_login(
        self, request: HttpRequest, user: User, **kwargs: Any
    ) -> HttpResponse:
        """Pages outside the desk speak the person's language too, from now on."""
        response = super().post_login(request, user, **kwargs)
        if user.language:
            remember_language(response, user.language)
        return response

    def get_reset_password_from_key_url(self, key: str) -> str:
        return _at_public_url(super().get_reset_password_from_key_url(key))

    def get_email_confirmation_url(
        self, request: HttpRequest, emailconfirmation
    ) -> str:
        return _at_public_url(
            super().get_email_confirmation_url(request, emailconfirmation)
        )


class ClosedSocialAccountAdapter(DefaultSocialAccountAdapter):
    """GitHub signs in who has an account or was invited; it opens no other."""

    def is_open_for_signup(
        self, request: HttpRequest, sociallogin: SocialLogin
    ) -> bool:
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Let in who was invited at an address that GitHub has verified."""
        if sociallogin.is_existing or request.user.is_authenticated:
            return
        user = _accept_invited(sociallogin)
        if user is not None:
            sociallogin.connect(request, user)


def remember_language(response: HttpResponse, language: str) -> None:
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=settings.SESSION_COOKIE_AGE,
        secure=settings.SESSION_COOKIE_SECURE,
        samesite="Lax",
    )


def _accept_invited(sociallogin: SocialLogin) -> User | None:
    name = str(sociallogin.account.extra_data.get("name") or "")
    verified = [a.email for a in sociallogin.email_addresses if a.verified]
    for address in verified:
        try:
            user = people.accept_for_verified_address(
                email=address, name=name or address.partition("@")[0]
            )
        except ValidationError:
            continue
        if user is not None:
            return user
    return None


def _sign_in_link(person: User, request: HttpRequest | None) -> str:
    link = absolute(reverse("desk:enter", args=[people.sign_in_token(person)]))
    after = get_next_redirect_url(request) if request is not None else None
    return f"{link}?{urlencode({'next': after})}" if after else link


def _at_public_url(url: str) -> str:
    """The same page at PUBLIC_URL: links in mail never come from the Host header."""
    return absolute(urlsplit(url).path)


class LoginForm(AllauthLoginForm):
    """The address alone sends a code; with a password it signs in at once."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        login = self.fields["login"]
        login.label = _("Mail address")
        login.error_messages["invalid"] = _(
            "Enter one mail address, such as name@example.org."
        )
        login.widget.attrs.update(
            {
                "autocomplete": "username webauthn",
                "inputmode": "email",
                "autofocus": True,
            }
        )
        login.widget.attrs.pop("placeholder", None)
        password = self.fields["password"]
        password.required = False
        password.help_text = ""
        password.widget.attrs.pop("placeholder", None)
        if self.request is not None and not self.is_bound:
            login.initial = self.request.GET.get("email", "")


class ConfirmLoginCodeForm(AllauthCodeForm):
    """Six digits: a number pad on a phone, filled in from the mail where it can be."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].label = _("Six digits from the mail")
        self.fields["code"].widget.attrs = {
            "inputmode": "numeric",
            "autocomplete": "one-time-code",
            "autofocus": True,
            "class": "code",
            "maxlength": 12,
            "spellcheck": "false",
        }
