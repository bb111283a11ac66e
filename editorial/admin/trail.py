"""The audit trail, revisions and notices: read-only, and nobody deletes them."""

from django.contrib import admin

from editorial.models import IssueRevision, ItemRevision, Notice, Transition

from .base import ReadOnlyAdmin


@admin.register(Transition)
class TransitionAdmin(ReadOnlyAdmin):
    list_display = ("at", "subject", "verb", "from_state", "to_state", "by_name", "via")
    list_filter = ("verb", "via")
    search_fields = ("subject", "by_name", "note")
    date_hierarchy = "at"


@admin.register(ItemRevision)
class ItemRevisionAdmin(ReadOnlyAdmin):
    list_display = ("__str__", "version", "by_name", "at")
    search_fields = ("by_name",)


@admin.register(IssueRevision)
class IssueRevisionAdmin(ReadOnlyAdmin):
    list_display = ("issue_number", "ordinal", "reason", "made_by_name", "made_at")
    search_fields = ("issue_number",)


@admin.register(Notice)
class NoticeAdmin(ReadOnlyAdmin):
    list_display = ("kind", "recipient", "created_at", "sent_at", "failed_at", "error")
    list_filter = ("kind",)
    list_select_related = ("recipient",)
