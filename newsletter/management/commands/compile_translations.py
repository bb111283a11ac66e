"""`manage.py compile_translations`: .po → .mo without GNU gettext."""

from pathlib import Path
from typing import Any

import polib
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    help = "Compile the translations in locale/ (needs no GNU gettext)."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        sources = [
            source
            for folder in settings.LOCALE_PATHS
            for source in sorted(Path(folder).glob("*/LC_MESSAGES/*.po"))
        ]
        for source in sources:
            try:
                catalogue = polib.pofile(str(source), check_for_duplicates=True)
            except (OSError, ValueError) as error:
                raise CommandError(f"{source} cannot be compiled: {error}") from error
            unfinished = source.with_suffix(".mo.new")
            catalogue.save_as_mofile(str(unfinished))
            unfinished.replace(source.with_suffix(".mo"))
        self.stdout.write(f"Compiled {len(sources)} files of translations.")
