"""Items and links: read here, moved by `workflow`, edited on the desk."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from editorial import workflow
from editorial.models import (
    ArchivedCopy,
    Check,
    Comment,
    Host,
    Item,
    ItemImage,
    ItemLink,
    Link,
    VerdictChange,
    Via,
)

from .base import ReadOnlyAdmin, ReadOnlyInline, move_each


class ImageInline(ReadOnlyInline):
    model = ItemImage
    fields = ("alt", "file", "caption", "picture_credit")


class ItemLinkInline(ReadOnlyInline):
    model = ItemLink
    fields = ("url", "primary")


class CommentInline(ReadOnlyInline):
    model = Comment
    fields = ("at", "by_name", "text")


@admin.register(Item)
class ItemAdmin(ReadOnlyAdmin):
    """An edit needs a revision and may void an approval, so it happens on the desk."""

    list_display = ("headline", "state", "issue", "section", "credit", "submitted_at")
    list_filter = ("state", "section", "topic")
    list_select_related = ("issue", "section", "credit")
    search_fields = ("headline", "commentary", "url")
    inlines = (ImageInline, ItemLinkInline, CommentInline)
    actions = ("submit", "approve", "take_back")

    @admin.action(description=_("Submit"), permissions=["view"])
    def submit(self, request: HttpRequest, rows: QuerySet[Item]) -> None:
        move_each(
            request,
            rows,
            lambda item: workflow.submit_item(
                item=item, by=request.user, via=Via.ADMIN
            ),
        )

    @admin.action(description=_("Approve"), permissions=["view"])
    def approve(self, request: HttpRequest, rows: QuerySet[Item]) -> None:
        move_each(
            request,
            rows,
            lambda item: workflow.approve_item(
                item=item, by=request.user, via=Via.ADMIN
            ),
        )

    @admin.action(description=_("Take back"), permissions=["view"])
    def take_back(self, request: HttpRequest, rows: QuerySet[Item]) -> None:
        move_each(
            request,
            rows,
            lambda item: workflow.take_back_item(
                item=item, by=request.user, via=Via.ADMIN
            ),
        )


class CheckInline(ReadOnlyInline):
    model = Check
    fields = ("checked_at", "verdict", "reason", "status", "elapsed_ms")


class VerdictChangeInline(ReadOnlyInline):
    model = VerdictChange
    fields = ("at", "was", "now", "reason", "told_at")


@admin.register(Link)
class LinkAdmin(ReadOnlyAdmin):
    list_display = ("url", "verdict", "reason", "checked_at", "next_check_at")
    list_filter = ("verdict", "reason")
    search_fields = ("url", "host")
    inlines = (VerdictChangeInline, CheckInline)


@admin.register(ItemImage)
class ItemImageAdmin(ReadOnlyAdmin):
    list_display = ("__str__", "item", "width", "height")
    list_select_related = ("item",)


@admin.register(ItemLink)
class ItemLinkAdmin(ReadOnlyAdmin):
    list_display = ("url", "item", "primary")
    list_select_related = ("item",)


@admin.register(Check)
class CheckAdmin(ReadOnlyAdmin):
    list_display = ("link", "checked_at", "verdict", "reason", "status")
    list_filter = ("verdict", "reason")
    list_select_related = ("link",)
    date_hierarchy = "checked_at"


@admin.register(VerdictChange)
class VerdictChangeAdmin(ReadOnlyAdmin):
    list_display = ("link", "was", "now", "reason", "at", "told_at")
    list_filter = ("now",)
    list_select_related = ("link",)
    date_hierarchy = "at"


@admin.register(Host)
class HostAdmin(ReadOnlyAdmin):
    list_display = ("name", "answered_at", "unreachable_at", "told_at")
    search_fields = ("name",)


@admin.register(ArchivedCopy)
class ArchivedCopyAdmin(ReadOnlyAdmin):
    list_display = ("link", "url", "taken_at", "shown_at")
    list_select_related = ("link",)


@admin.register(Comment)
class CommentAdmin(ReadOnlyAdmin):
    list_display = ("__str__", "item", "by_name", "at")
    list_select_related = ("item",)
