"""Issues: read here, moved by `workflow`, edited on the desk."""

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from editorial import workflow
from editorial.models import Credit, Issue, IssueSection, Item, Via

from .base import ReadOnlyAdmin, ReadOnlyInline, move_each


class CreditInline(ReadOnlyInline):
    model = Credit
    fields = ("author", "role", "position")


class IssueSectionInline(ReadOnlyInline):
    model = IssueSection
    fields = ("section", "position")


class ItemInline(ReadOnlyInline):
    model = Item
    fields = ("headline", "state", "section", "credit")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Item]:
        return (
            super().get_queryset(request).select_related("section", "credit", "issue")
        )


@admin.register(Issue)
class IssueAdmin(ReadOnlyAdmin):
    list_display = ("number", "title", "state", "lead_editor", "items", "published_at")
    list_filter = ("state",)
    list_select_related = ("lead_editor",)
    search_fields = ("number", "title")
    inlines = (IssueSectionInline, CreditInline, ItemInline)
    actions = ("close", "approve", "publish", "restore")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Issue]:
        return super().get_queryset(request).annotate(item_count=Count("items"))

    @admin.display(description=_("items"), ordering="item_count")
    def items(self, issue: Issue) -> int:
        return issue.item_count  # type: ignore[attr-defined]

    @admin.action(description=_("Close and proofread"), permissions=["view"])
    def close(self, request: HttpRequest, rows: QuerySet[Issue]) -> None:
        self._each(request, rows, workflow.close_issue)

    @admin.action(description=_("Approve the issue"), permissions=["view"])
    def approve(self, request: HttpRequest, rows: QuerySet[Issue]) -> None:
        self._each(request, rows, workflow.approve_issue)

    @admin.action(description=_("Publish"), permissions=["view"])
    def publish(self, request: HttpRequest, rows: QuerySet[Issue]) -> None:
        self._each(request, rows, workflow.publish_issue)

    @admin.action(description=_("Put back on the site"), permissions=["view"])
    def restore(self, request: HttpRequest, rows: QuerySet[Issue]) -> None:
        self._each(request, rows, workflow.restore_issue)

    @staticmethod
    def _each(request: HttpRequest, rows: QuerySet[Issue], verb) -> None:
        move_each(
            request,
            rows,
            lambda issue: verb(issue=issue, by=request.user, via=Via.ADMIN),
        )


@admin.register(Credit)
class CreditAdmin(ReadOnlyAdmin):
    list_display = ("author", "role", "issue")
    list_select_related = ("author", "issue")


@admin.register(IssueSection)
class IssueSectionAdmin(ReadOnlyAdmin):
    list_display = ("section", "issue", "position")
    list_select_related = ("section", "issue")
