"""Load the sample publication to look around in. Development only."""

from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from editorial.sample import LogIn, SampleRefused, load_sample


class Command(BaseCommand):
    help = (
        "Makes the sample publication where there is none, and writes its log-ins to "
        "var/sample-logins.txt, one a line: name, mail address, password, role, "
        "separated by tabs. Safe to run twice. Refuses outside development."
    )

    def handle(self, *args, **options) -> None:
        try:
            log_ins = load_sample()
        except SampleRefused as error:
            raise CommandError(str(error)) from error
        path = Path(settings.VAR_DIR) / "sample-logins.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(_line(log_in) for log_in in log_ins), encoding="utf-8")
        self.stdout.write(f"The sample is in; its log-ins are in {path}.")


def _line(log_in: LogIn) -> str:
    return f"{log_in.name}\t{log_in.email}\t{log_in.password}\t{log_in.role}\n"
