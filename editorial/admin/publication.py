"""The publication, its sections and topics."""

from django.contrib import admin

from editorial.models import Publication, Section, Topic

from .base import ReadOnlyAdmin


@admin.register(Publication)
class PublicationAdmin(ReadOnlyAdmin):
    """Read here; its settings page on the desk keeps the trail."""

    list_display = ("name", "language", "cadence", "time_zone", "review")


@admin.register(Section)
class SectionAdmin(admin.ModelAdmin):
    list_display = ("title", "recurring", "position", "link_required")
    list_filter = ("recurring",)
    search_fields = ("title",)
    readonly_fields = ("slug",)


@admin.register(Topic)
class TopicAdmin(admin.ModelAdmin):
    list_display = ("name", "aliases")
    search_fields = ("name",)
    readonly_fields = ("slug",)
