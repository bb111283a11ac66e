"""What pages outside the desk's own views need to know of the newsroom."""

from django import template
from django.conf import settings

from editorial.models import Publication
from editorial.sample import LOG_INS, LogIn

register = template.Library()


@register.simple_tag
def current_publication() -> Publication | None:
    """The publication; None before one is founded."""
    return Publication.objects.current()


@register.simple_tag
def sample_log_ins() -> tuple[LogIn, ...]:
    """The sample's one-press log-ins: in development, while the sample is here."""
    publication = Publication.objects.current()
    shown = settings.DEVELOPMENT and publication is not None and publication.is_sample
    return LOG_INS if shown else ()


@register.simple_tag
def may_set_up() -> bool:
    """Whether the way to one's own publication is open to whoever is here."""
    publication = Publication.objects.current()
    return settings.DEVELOPMENT and (publication is None or publication.is_sample)
