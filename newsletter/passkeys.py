"""allauth's forms about passkeys, where they would speak English in a Chinese page.

Apart from `accounts`, which every process loads: these load what passkeys need.
"""

from allauth.mfa.webauthn import forms as allauth_forms
from django import forms
from django.utils.translation import gettext_lazy as _

NAME = _("Name of the key")


class AddPasskeyForm(allauth_forms.AddWebAuthnForm):
    name = forms.CharField(label=NAME, required=False)


class EditPasskeyForm(allauth_forms.EditWebAuthnForm):
    name = forms.CharField(label=NAME)
