"""Send the digest of a published issue."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from editorial.arguments import add_by, only_one, plain_errors
from editorial.models import User
from editorial.states import IllegalTransition
from newsletter import digests
from newsletter.models import Digest
from newsletter.states import DeliveryState, DigestState

UNDER_WAY = {DigestState.FREEZING, DigestState.SENDING}
LOOK_AGAIN = 1.0  # seconds, while others send or nothing is due


class Command(BaseCommand):
    help = (
        "Starts the digest of a published issue: everybody subscribed gets it once. "
        "A worker sends it. With --wait this process sends as well, beside any "
        "workers, until every delivery is settled; a mail server that puts mail off "
        "can make that nine hours, and stopping early loses nothing. "
        "Exit status: 0 started, or with --wait everything settled; 1 refused, "
        "paused, or uncertain deliveries left for an editor to decide."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("number", help="the issue's number as printed, such as 23")
        add_by(parser)
        parser.add_argument(
            "--despite",
            default="",
            metavar="REASON",
            help="an admin's reason to send the first mail though the doctor objects",
        )
        parser.add_argument(
            "--wait",
            action="store_true",
            help="send here and now, until all is settled",
        )

    def handle(self, *args: Any, number: str, by: str, wait: bool, **options: Any):
        digest, user = _digest(number), only_one(User.objects.named(by), by)
        if digest.state == DigestState.HELD or not wait:
            self._start(digest, user, options["despite"])
        if wait:
            self._drain(digest)

    def _start(self, digest: Digest, user: User, despite: str) -> None:
        with plain_errors():
            try:
                digests.start_digest(digest=digest, by=user, despite=despite)
            except IllegalTransition as error:
                digest.refresh_from_db()
                state = digest.get_state_display()
                raise CommandError(f"It was started before; now: {state}.") from error
        self.stdout.write(f"The digest of {digest.issue} is on its way.")

    def _drain(self, digest: Digest) -> None:
        while digest.state in UNDER_WAY:
            digests.freeze_digest(digest_id=digest.pk)
            digests.reap()
            if not digests.send_digest(digest_id=digest.pk):
                time.sleep(LOOK_AGAIN)
            digest.refresh_from_db()
        counts = digests.tally(digest.pk)
        said = ", ".join(f"{count} {state}" for state, count in counts.items() if count)
        if digest.state != DigestState.DONE:
            reason = digest.get_pause_reason_display() or digest.get_state_display()
            raise CommandError(
                f"Not finished: {reason} {digest.pause_detail} ({said})."
            )
        if counts[DeliveryState.UNKNOWN]:
            raise CommandError(
                f"Some may not have arrived; decide on the desk ({said})."
            )
        self.stdout.write(f"Done: {said}.")


def _digest(number: str) -> Digest:
    digests_of_issue = Digest.objects.select_related("issue")
    digest = digests_of_issue.filter(issue__number=number).first()
    if digest is None:
        raise CommandError(
            f"Issue {number} has no digest: it is not published, or it came from an "
            "archive, which is never mailed."
        )
    return digest
