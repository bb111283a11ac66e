"""What readers may choose about their own mail, by the key in each of their mails."""

from datetime import date, datetime, time, timedelta

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from editorial.content.typed_text import clean_line
from newsletter.models import Subscriber

LONGEST_PAUSE = timedelta(days=366)


def reader_with_key(key: str) -> Subscriber | None:
    return Subscriber.objects.filter(key=key).first()


def save_preferences(*, reader: Subscriber, name: str, wants: str) -> None:
    """Keep how a reader is called and in which form the mail comes.

    Raises ValidationError naming `name` or `wants`.
    """
    try:
        name = clean_line(name, 60)
    except ValueError as error:
        raise ValidationError({"name": str(error)}) from error
    if wants not in Subscriber.Wants:
        raise ValidationError({"wants": _("Choose one of these.")})
    Subscriber.objects.filter(pk=reader.pk).update(name=name, wants=wants)


def pause(*, reader: Subscriber, until: date) -> None:
    """No digest before that day begins, by the clock set for this thread.

    Raises ValidationError naming `until` for a day that is not in the coming year. It
    holds for a digest that is being sent as well.
    """
    today = timezone.localdate()
    if not today < until <= today + LONGEST_PAUSE:
        words = _("Choose a day after today, within a year.")
        raise ValidationError({"until": words})
    first = timezone.make_aware(datetime.combine(until, time.min))
    Subscriber.objects.filter(pk=reader.pk).update(paused_until=first)


def resume(*, reader: Subscriber) -> None:
    """Let the mail come again. Safe to call twice."""
    Subscriber.objects.filter(pk=reader.pk).update(paused_until=None)
