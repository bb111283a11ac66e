"""The readers' side as a Django app; connects its receivers to the newsroom's signals."""

from django.apps import AppConfig


class NewsletterConfig(AppConfig):
    name = "newsletter"
    verbose_name = "Readers"

    def ready(self) -> None:
        from . import checks, receivers  # noqa: F401  (registration by import)
