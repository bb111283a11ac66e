"""How sentences stand one after another."""

from django import template
from django.utils.translation import get_language

register = template.Library()


@register.simple_tag
def gap() -> str:
    """What stands between two sentences: a blank, but in Chinese nothing."""
    return "" if (get_language() or "").startswith("zh") else " "
