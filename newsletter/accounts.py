"""Signing in: allauth's adapters, with public sign-up closed on every path."""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.http import HttpRequest


class ClosedAccountAdapter(DefaultAccountAdapter):
    """Nobody signs up by themselves: an editor invites."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False


class ClosedSocialAccountAdapter(DefaultSocialAccountAdapter):
    """GitHub signs in who was invited; it opens no new account."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin) -> bool:
        return False
