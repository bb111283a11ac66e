"""Addresses."""

from django.urls import URLPattern

from .urls_team import urlpatterns as team_urlpatterns

app_name = "desk"

urlpatterns: list[URLPattern] = [*team_urlpatterns]
