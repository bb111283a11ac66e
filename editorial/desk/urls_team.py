"""Addresses of the team, the ways in, and the publication's settings."""

from django.urls import path

from . import entrance, setup, team

urlpatterns = [
    path("join/<str:token>/", entrance.join, name="join"),
    path("enter/sample/", entrance.enter_sample, name="enter_sample"),
    path("enter/<str:token>/", entrance.enter, name="enter"),
    path("profile/", entrance.profile, name="profile"),
    path("team/", team.team, name="team"),
    path("team/invite/", team.invite, name="invite"),
    path("team/link/", team.invite_link, name="invite_link"),
    path(
        "team/invitations/<int:pk>/revoke/",
        team.revoke_invitation,
        name="revoke_invitation",
    ),
    path("team/<int:pk>/role/", team.change_role, name="change_role"),
    path("team/<int:pk>/deactivate/", team.deactivate, name="deactivate"),
    path("team/<int:pk>/reactivate/", team.reactivate, name="reactivate"),
    path("setup/", setup.setup, name="setup"),
    path("setup/<str:token>/", setup.setup, name="setup_by_link"),
    path("first-steps/", setup.first_steps, name="first_steps"),
    path("publication/", setup.publication_settings, name="publication"),
    path("publication/sections/", setup.sections, name="sections"),
    path("publication/topics/", setup.topics, name="topics"),
]
