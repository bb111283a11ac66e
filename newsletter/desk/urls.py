"""Addresses of the desk's pages about readers, below /desk/."""

from django.urls import path

from . import (
    control_room,
    doctor,
    health,
    imports,
    last_look,
    mailbox,
    subscribers,
    trial_groups,
)

app_name = "readers"

urlpatterns = [
    path("test-groups/", trial_groups.trial_groups, name="trial_groups"),
    path("test-groups/<int:pk>/", trial_groups.trial_group, name="trial_group"),
    path(
        "test-groups/<int:pk>/delete/", trial_groups.delete, name="trial_group_delete"
    ),
    path("digests/", control_room.digests_page, name="digests"),
    path("issues/<slug:slug>/digest/", control_room.digest, name="digest"),
    path("issues/<slug:slug>/digest/progress/", control_room.progress, name="progress"),
    path("issues/<slug:slug>/digest/mail/", control_room.preview, name="preview"),
    path("issues/<slug:slug>/digest/test/", last_look.trial, name="trial"),
    path("issues/<slug:slug>/digest/rate/", control_room.rate, name="rate"),
    path(
        "issues/<slug:slug>/digest/uncertain/", control_room.uncertain, name="uncertain"
    ),
    path("issues/<slug:slug>/digest/start/", last_look.start, name="start"),
    path("issues/<slug:slug>/digest/<str:deed>/", control_room.decide, name="decide"),
    path("issues/<slug:slug>/report/", health.report, name="issue_report"),
    path("health/", health.health, name="health"),
    path("health/release/<int:pk>/", health.release, name="release"),
    path("mail/", doctor.doctor, name="doctor"),
    path("mail/test/", doctor.check_mail, name="check_mail"),
    path("mail/source/", doctor.check_source, name="check_source"),
    path("subscribers/", subscribers.subscribers, name="subscribers"),
    path("subscribers/export/", subscribers.export, name="export"),
    path("subscribers/import/", imports.bring, name="bring"),
    path("subscribers/import/<int:pk>/", imports.reader_import, name="import"),
    path(
        "subscribers/import/<int:pk>/progress/",
        imports.import_progress,
        name="import_progress",
    ),
    path("subscribers/import/<int:pk>/refused/", imports.refused, name="refused"),
    path("subscribers/<int:pk>/", subscribers.subscriber, name="subscriber"),
    path("subscribers/<int:pk>/<str:deed>/", subscribers.press, name="reader_press"),
    path("mailbox/", mailbox.mailbox, name="mailbox"),
    path("mailbox/<str:name>/", mailbox.mail, name="mail"),
    path("mailbox/<str:name>/html/", mailbox.html, name="mail_html"),
]
