"""`manage.py make_dkim_key --selector 2026a`: a key to sign mail with, and its record."""

from argparse import ArgumentParser
from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from editorial.models import Publication
from newsletter import signing


class Command(BaseCommand):
    help = "Write a new private DKIM key and print the DNS record to publish."
    requires_system_checks: list[str] = []  # they want the key that is made here

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--selector",
            required=True,
            help="the key's name in DNS; take a new one for each key, such as 2026a",
        )
        parser.add_argument("--domain", help="by default that of the sender")

    def handle(self, *args: Any, **options: Any) -> None:
        selector = options["selector"]
        try:
            key = signing.make_key(selector)
        except signing.KeyUnusable as error:
            raise CommandError(str(error)) from error
        except FileExistsError as error:
            raise CommandError(
                f"{signing.key_path(selector)} is there already. Mail under way is "
                "verified with it: take another selector."
            ) from error
        except OSError as error:
            raise CommandError(f"{error.filename}: {error.strerror}.") from error
        domain = options["domain"] or settings.DKIM_DOMAIN or _sender_domain()
        name = f"{selector}._domainkey.{domain}"
        self.stdout.write(
            f"The private key is in {signing.key_path(selector)}; keep it to yourself.\n"
            f"\n1. Publish this record:\n\n{signing.zone_line(name, key.record)}\n"
            "\n   or, where a form asks for name and value (type TXT):\n"
            f"\n   {name}\n   {key.record}\n"
            f"\n2. Set DKIM_SELECTOR={selector} and restart.\n"
            "3. manage.py mail_doctor says whether both fit."
        )


def _sender_domain() -> str:
    try:
        publication = Publication.objects.current()
    except DatabaseError:  # not migrated yet; the key does not need it
        publication = None
    sender = publication.sender if publication else settings.DEFAULT_FROM_EMAIL
    return parseaddr(sender)[1].rpartition("@")[2]
