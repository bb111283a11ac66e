"""The mail of one issue, and the ledger of who got it."""

from datetime import timedelta

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from editorial.models import Issue, IssueRevision
from newsletter.states import (
    DELIVERY_TERMINAL,
    DeliveryState,
    DigestState,
    DigestVerb,
    Outcome,
    PauseReason,
    words_of,
)

from .subscriber import Subscriber

# What happens to a digest that is about so many readers; the note says how many.
COUNTING = {
    DigestVerb.FREEZE,
    DigestVerb.CANCEL,
    DigestVerb.ASSUME,
    DigestVerb.RESEND,
    DigestVerb.REFREEZE,
}


class DigestQuerySet(models.QuerySet["Digest"]):
    def undecided(self) -> "DigestQuerySet":
        """Waiting for a person, of an issue that came out within two weeks.

        Held for a press, standing still, or `is_in_doubt`: with mails of which nobody
        knows whether they arrived.
        """
        recent = timezone.now() - timedelta(days=14)
        issues = Issue.objects.published().filter(published_at__gte=recent)
        unknown = Delivery.objects.filter(digest=models.OuterRef("pk")).uncertain()
        return (
            self.filter(issue__in=issues)
            .exclude(state=DigestState.CANCELLED)
            .annotate(is_in_doubt=models.Exists(unknown))
            .filter(
                models.Q(state=DigestState.HELD, starts_at=None)
                | models.Q(state=DigestState.PAUSED)
                | models.Q(is_in_doubt=True)
            )
        )

    def active(self) -> "DigestQuerySet":
        """Those a worker has something to do for."""
        return self.filter(state__in=[DigestState.FREEZING, DigestState.SENDING])

    def counting_down(self) -> "DigestQuerySet":
        """Those that start by themselves unless somebody says otherwise."""
        return self.filter(state=DigestState.HELD, starts_at__isnull=False)

    def ready_to_send(self) -> "DigestQuerySet":
        """Sending, and not told by the relay to come back later."""
        rested = models.Q(backoff_until=None) | models.Q(backoff_until__lte=Now())
        return self.filter(rested, state=DigestState.SENDING)


class Digest(models.Model):
    """One issue as one mail. Begins held; a press (or a setting, later) starts it."""

    issue = models.OneToOneField(
        Issue, on_delete=models.PROTECT, related_name="digest", verbose_name=_("issue")
    )
    state = models.CharField(
        _("state"),
        max_length=10,
        choices=DigestState,
        default=DigestState.HELD,
        db_index=True,
        editable=False,
    )
    version = models.PositiveIntegerField(_("version"), default=1, editable=False)
    # The countdown of a held digest, and in whose name it would start.
    starts_at = models.DateTimeField(_("starts by itself at"), null=True, blank=True)
    starts_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=_("starts in the name of"),
    )
    # What is sent: frozen when sending is asked for, rendered once for everybody.
    revision = models.ForeignKey(
        IssueRevision,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("revision"),
    )
    subject = models.CharField(_("mail subject"), max_length=255, blank=True)
    sender = models.CharField(_("sender"), max_length=340, blank=True)
    # The headers every copy shares: From, Reply-To, List-Id, Content-Language.
    headers = models.JSONField(_("headers"), default=dict, blank=True, editable=False)
    html = models.TextField(_("HTML"), blank=True, editable=False)
    text = models.TextField(_("text"), blank=True, editable=False)
    content_hash = models.CharField(
        _("hash of the content"), max_length=64, blank=True, editable=False
    )
    expected_count = models.PositiveIntegerField(
        _("readers expected"), null=True, blank=True
    )
    prepared_at = models.DateTimeField(_("prepared at"), null=True, blank=True)
    started_at = models.DateTimeField(_("started at"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=_("started by"),
    )
    pause_reason = models.CharField(
        _("pause reason"), max_length=10, choices=PauseReason, blank=True
    )
    # The mail server's own words, or a number; shown beside the reason.
    pause_detail = models.CharField(_("pause detail"), max_length=500, blank=True)
    # No connection before then: the relay asked us to come back later.
    backoff_until = models.DateTimeField(_("put off until"), null=True, blank=True)
    backoffs = models.PositiveSmallIntegerField(_("times put off"), default=0)
    backoff_reason = models.CharField(_("put off because"), max_length=500, blank=True)
    # Mails per second at most; empty leaves it to the relay's own limits.
    rate = models.PositiveIntegerField(
        _("mails per second"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
    )
    error_streak = models.PositiveSmallIntegerField(_("errors in a row"), default=0)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    objects = DigestQuerySet.as_manager()

    class Meta:
        verbose_name = _("digest")
        verbose_name_plural = _("digests")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="a_sending_digest_was_prepared",
                condition=~models.Q(
                    state__in=[
                        DigestState.SENDING,
                        DigestState.PAUSED,
                        DigestState.DONE,
                    ]
                )
                | models.Q(prepared_at__isnull=False, expected_count__isnull=False),
            ),
            models.CheckConstraint(
                name="only_a_held_digest_counts_down",
                condition=models.Q(starts_at__isnull=True)
                | models.Q(state=DigestState.HELD),
            ),
        ]

    def __str__(self) -> str:
        return self.subject or str(self.issue)

    # Django keeps ours where there is one; the types know of its own.
    def get_pause_reason_display(self) -> str:  # type: ignore[no-redef]
        return words_of(PauseReason(self.pause_reason)) if self.pause_reason else ""


class DigestEvent(models.Model):
    """Who did what to a digest, and when. Append-only."""

    digest = models.ForeignKey(
        Digest,
        on_delete=models.CASCADE,
        related_name="events",
        verbose_name=_("digest"),
    )
    verb = models.CharField(_("verb"), max_length=10, choices=DigestVerb)
    from_state = models.CharField(_("from state"), max_length=10, blank=True)
    to_state = models.CharField(_("to state"), max_length=10, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=_("by"),
    )
    by_name = models.CharField(_("name then"), max_length=60, blank=True)
    role = models.CharField(_("role"), max_length=12, blank=True)
    reason = models.CharField(
        _("reason"), max_length=10, choices=PauseReason, blank=True
    )
    note = models.CharField(_("note"), max_length=500, blank=True)
    # The text it was about, where it was about one.
    revision = models.ForeignKey(
        IssueRevision,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=_("revision"),
    )
    at = models.DateTimeField(_("at"), auto_now_add=True)

    class Meta:
        verbose_name = _("event of a digest")
        verbose_name_plural = _("events of digests")
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.digest}: {self.verb}"

    # Django keeps ours where there is one; the types know of its own.
    def get_reason_display(self) -> str:  # type: ignore[no-redef]
        return words_of(PauseReason(self.reason)) if self.reason else ""

    @property
    def reader_count(self) -> int | None:
        """How many readers it was about, where its note is just that number."""
        counts = self.verb in COUNTING and self.note.isdecimal()
        return int(self.note) if counts else None


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def terminal(self) -> "DeliveryQuerySet":
        return self.filter(state__in=DELIVERY_TERMINAL)

    def uncertain(self) -> "DeliveryQuerySet":
        return self.filter(state=DeliveryState.UNKNOWN)

    def resendable(self) -> "DeliveryQuerySet":
        """Uncertain and not resent before: nobody gets a third copy."""
        return self.uncertain().filter(resends=0)


class Delivery(models.Model):
    """One digest to one subscriber: a row of the ledger."""

    digest = models.ForeignKey(
        Digest,
        on_delete=models.CASCADE,
        related_name="deliveries",
        verbose_name=_("digest"),
        db_index=False,  # four others begin with it
    )
    subscriber = models.ForeignKey(
        Subscriber,
        null=True,
        on_delete=models.SET_NULL,
        related_name="deliveries",
        verbose_name=_("subscriber"),
    )
    address = models.EmailField(_("mail address"))
    canonical_address = models.CharField(_("canonical mail address"), max_length=254)
    state = models.CharField(
        _("state"),
        max_length=8,
        choices=DeliveryState,
        default=DeliveryState.PENDING,
        editable=False,
    )
    token = models.CharField(_("token"), max_length=32, blank=True, editable=False)
    lease_until = models.DateTimeField(
        _("leased until"), null=True, blank=True, editable=False
    )
    next_attempt_at = models.DateTimeField(_("next attempt at"), default=timezone.now)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    reaps = models.PositiveSmallIntegerField(_("times found abandoned"), default=0)
    resends = models.PositiveSmallIntegerField(_("times sent again"), default=0)
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome, blank=True)
    code = models.PositiveSmallIntegerField(_("answer code"), null=True, blank=True)
    # The server's words without the address: editors see them, addresses they do not.
    reply = models.CharField(_("answer"), max_length=500, blank=True)
    # What a provider calls this mail; its reports name it by that.
    provider_id = models.CharField(
        _("the provider's number"), max_length=255, blank=True
    )
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True)
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)
    updated_at = models.DateTimeField(_("updated at"), auto_now=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["digest", "subscriber"], name="one_delivery_per_subscriber"
            ),
            models.UniqueConstraint(
                fields=["digest", "canonical_address"], name="one_delivery_per_address"
            ),
            models.CheckConstraint(
                name="sent_delivery_says_when",
                condition=~models.Q(state=DeliveryState.SENT)
                | models.Q(sent_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["digest", "state", "next_attempt_at"]),  # the claim
            models.Index(fields=["digest", "answered_at"]),  # the last 200 outcomes
            models.Index(  # a provider's report
                fields=["provider_id"],
                name="provider_ids",
                condition=~models.Q(provider_id=""),
            ),
            models.Index(  # the reaper
                fields=["lease_until"],
                name="live_leases",
                condition=models.Q(lease_until__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.digest_id} → {self.address}"

    # Django keeps ours where there is one; the types know of its own.
    def get_outcome_display(self) -> str:  # type: ignore[no-redef]
        return words_of(Outcome(self.outcome)) if self.outcome else ""
