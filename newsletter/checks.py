"""System checks: what must not go live, said before it does.

Identifiers are `masthead.E…` and `masthead.W…`, numbered in the order of this file.
"""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error, Tags, register

from editorial.fetching import seam


@register(Tags.security)
def check_fetching_seam(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[CheckMessage]:
    """The tests' way around the guard of outbound requests is shut."""
    if not seam.is_configured() or seam.is_allowed():
        return []
    return [
        Error(
            "FETCHING_SEAM is set: requests could be led to any machine of this network.",
            hint="Remove it from the settings; only tests.settings may set it.",
            id="masthead.E001",
        )
    ]
