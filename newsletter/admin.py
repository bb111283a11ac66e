"""Django admin for the readers' side: to look, and to do what `subscriptions` does.

Addresses are for admins alone; an editor finds digests and numbers here. States are
nobody's to type: they follow from moves.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from editorial import rules
from newsletter import subscriptions, suppressions
from newsletter.models import (
    Confirmation,
    Consent,
    Delivery,
    Digest,
    DigestEvent,
    MailEvent,
    Release,
    Stray,
    Subscriber,
    Suppression,
    Trial,
    TrialGroup,
)
from newsletter.states import DigestState


class LookedAtOnly(admin.ModelAdmin):
    """Rows that `may_view` lets one look at, and that are written elsewhere."""

    may_view: Any = staticmethod(rules.can_see_subscribers)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.may_view(request.user)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may_view(request.user)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ConsentInline(admin.TabularInline):
    model = Consent
    fields = ("at", "deed", "how")
    readonly_fields = fields
    extra = 0
    can_delete = False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return rules.can_see_subscribers(request.user)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Subscriber)
class SubscriberAdmin(LookedAtOnly):
    list_display = ("address", "state", "created_at", "confirmed_at")
    list_filter = ("state", "is_sample")
    search_fields = ("address",)
    # The key is as good as a signature under "unsubscribe": it is shown nowhere.
    exclude = ("key", "canonical_address")
    date_hierarchy = "created_at"
    inlines = (ConsentInline,)
    actions = ("unsubscribe",)

    @admin.action(description=_("Unsubscribe"), permissions=["view"])
    def unsubscribe(self, request: HttpRequest, rows: QuerySet[Subscriber]) -> None:
        count = 0
        for subscriber in rows:
            subscriptions.unsubscribe(key=subscriber.key, how="admin")
            count += 1
        words = ngettext("%(n)d unsubscribed.", "%(n)d unsubscribed.", count)
        messages.success(request, words % {"n": count})


@admin.register(Confirmation)
class ConfirmationAdmin(LookedAtOnly):
    list_display = ("subscriber", "created_at", "sent_at", "used_at", "failed_at")
    list_select_related = ("subscriber",)
    exclude = ("token_hash",)


@admin.register(Consent)
class ConsentAdmin(LookedAtOnly):
    list_display = ("subscriber", "deed", "how", "at")
    list_filter = ("deed", "how")
    list_select_related = ("subscriber",)
    exclude = ("network_hash",)


class SuppressionForm(forms.ModelForm):
    class Meta:
        model = Suppression
        fields = ("canonical_address", "detail")
        labels = {"canonical_address": _("Mail address")}

    def clean_canonical_address(self) -> str:
        try:
            return subscriptions.clean_address(self.cleaned_data["canonical_address"])
        except ValidationError as error:
            raise ValidationError(error.message_dict["address"]) from error


@admin.register(Suppression)
class SuppressionAdmin(LookedAtOnly):
    """Admins may add an address by hand; none is ever taken off the list here."""

    form = SuppressionForm
    list_display = ("canonical_address", "cause", "detail", "created_at")
    list_filter = ("cause",)
    search_fields = ("canonical_address",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.may_view(request.user)

    def save_model(
        self, request: HttpRequest, obj: Suppression, form: Any, change: bool
    ) -> None:
        row = suppressions.suppress_by_hand(
            address=obj.canonical_address, detail=obj.detail
        )
        obj.pk, obj.cause = row.pk, row.cause


class DigestEventInline(admin.TabularInline):
    model = DigestEvent
    fields = ("at", "verb", "before", "after", "by_name", "note")
    readonly_fields = fields
    extra = 0
    can_delete = False

    @admin.display(description=_("from state"))
    def before(self, event: DigestEvent) -> str:
        return str(DigestState(event.from_state).label) if event.from_state else ""

    @admin.display(description=_("to state"))
    def after(self, event: DigestEvent) -> str:
        return str(DigestState(event.to_state).label) if event.to_state else ""

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return rules.is_editor(request.user)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Digest)
class DigestAdmin(LookedAtOnly):
    """Sending, pausing and resending have their place in the control room."""

    may_view = staticmethod(rules.is_editor)
    list_display = ("issue", "state", "expected_count", "started_at", "finished_at")
    list_filter = ("state",)
    list_select_related = ("issue",)
    exclude = ("html", "text", "headers")
    inlines = (DigestEventInline,)


@admin.register(TrialGroup)
class TrialGroupAdmin(LookedAtOnly):
    list_display = ("name",)


@admin.register(Trial)
class TrialAdmin(LookedAtOnly):
    may_view = staticmethod(rules.is_editor)
    list_display = ("digest", "revision", "copies", "accepted", "by_name", "at")
    list_select_related = ("digest__issue", "revision")


@admin.register(Delivery)
class DeliveryAdmin(LookedAtOnly):
    list_display = ("address", "digest", "state", "attempts", "sent_at")
    list_filter = ("state", "outcome")
    list_select_related = ("digest__issue",)
    search_fields = ("canonical_address",)
    exclude = ("token",)
    show_full_result_count = False


@admin.register(MailEvent)
class MailEventAdmin(LookedAtOnly):
    list_display = ("delivery", "kind", "status", "at")
    list_filter = ("kind",)
    list_select_related = ("delivery",)
    search_fields = ("delivery__canonical_address",)
    show_full_result_count = False


@admin.register(Release)
class ReleaseAdmin(LookedAtOnly):
    list_display = ("canonical_address", "cause", "by_name", "reason", "at")
    search_fields = ("canonical_address",)


@admin.register(Stray)
class StrayAdmin(LookedAtOnly):
    """One that was piped in is read and removed here; the rest lie in their mailbox."""

    list_display = ("subject", "reason", "at")
    fields = ("subject", "reason", "at", "text")
    readonly_fields = fields

    @admin.display(description=_("content"))
    def text(self, stray: Stray) -> str:
        return bytes(stray.content).decode("utf-8", "replace").replace("\0", "")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may_view(request.user)
