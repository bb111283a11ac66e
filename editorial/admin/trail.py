"""The audit trail, revisions and notices: read-only, and nobody deletes them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from editorial.desk.verbs import VERBS, label_of
from editorial.models import IssueRevision, ItemRevision, Notice, Role, Transition
from editorial.states import IssueState, ItemState

from .base import ReadOnlyAdmin


class DeedFilter(admin.SimpleListFilter):
    """By what happened, in the words of the desk."""

    title = gettext_lazy("what happened")
    parameter_name = "verb"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[Any]:
        return [(verb, str(label)) for verb, label in VERBS.items()]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[Transition]
    ) -> QuerySet[Transition]:
        return queryset.filter(verb=self.value()) if self.value() else queryset


@admin.register(Transition)
class TransitionAdmin(ReadOnlyAdmin):
    list_display = ("at", "subject", "deed", "before", "after", "by_name", "via")
    list_filter = (DeedFilter, "via")
    search_fields = ("subject", "by_name", "note")
    date_hierarchy = "at"
    fields = (
        *("at", "subject", "item", "issue", "deed", "before", "after", "version"),
        *("by", "by_name", "acted_as", "note", "via"),
    )

    @admin.display(description=gettext_lazy("what happened"), ordering="verb")
    def deed(self, row: Transition) -> str:
        return label_of(row.verb, row.from_state)

    @admin.display(description=gettext_lazy("from state"), ordering="from_state")
    def before(self, row: Transition) -> str:
        return _state(row, row.from_state)

    @admin.display(description=gettext_lazy("to state"), ordering="to_state")
    def after(self, row: Transition) -> str:
        return _state(row, row.to_state)

    @admin.display(description=gettext_lazy("role"), ordering="role")
    def acted_as(self, row: Transition) -> str:
        if row.role == "lead":
            return _("lead editor")
        return str(Role(row.role).label) if row.role in Role else row.role


def _state(row: Transition, state: str) -> str:
    states = IssueState if row.is_of_an_issue else ItemState
    return str(states(state).label) if state in states else state


@admin.register(ItemRevision)
class ItemRevisionAdmin(ReadOnlyAdmin):
    list_display = ("__str__", "version", "by_name", "at")
    search_fields = ("by_name",)


@admin.register(IssueRevision)
class IssueRevisionAdmin(ReadOnlyAdmin):
    list_display = ("issue_number", "ordinal", "why", "made_by_name", "made_at")
    search_fields = ("issue_number",)

    @admin.display(description=gettext_lazy("reason"), ordering="reason")
    def why(self, row: IssueRevision) -> str:
        return label_of(row.reason)


@admin.register(Notice)
class NoticeAdmin(ReadOnlyAdmin):
    list_display = ("about", "recipient", "created_at", "sent_at", "failed_at", "error")
    list_select_related = ("recipient",)

    @admin.display(description=gettext_lazy("kind"), ordering="kind")
    def about(self, row: Notice) -> str:
        return _("invited") if row.kind == "invited" else label_of(row.kind)
