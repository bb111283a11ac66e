"""The readers' side as a Django app; connects its receivers to the newsroom's signals."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NewsletterConfig(AppConfig):
    name = "newsletter"
    verbose_name = _("Readers")

    def ready(self) -> None:
        from . import checks, receivers  # noqa: F401  (registration by import)
