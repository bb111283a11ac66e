"""Approve an issue and what was submitted for it."""

from django.core.management.base import BaseCommand

from editorial import preflight, workflow
from editorial.arguments import add_by, plain_errors
from editorial.management.arguments import add_number, issue_numbered, user_named
from editorial.models import Via


class Command(BaseCommand):
    help = (
        "Approves every submitted item of an issue, closes it and approves it for "
        "publication. All or nothing: an item of USER's own, or one that was not "
        "submitted, leaves everything as it was. What preflight still finds is printed "
        "as warnings."
    )

    def add_arguments(self, parser) -> None:
        add_number(parser)
        add_by(parser)
        parser.add_argument("--note", default="", help="a reason, kept in the trail")

    def handle(self, *args, number: str, by: str, note: str, **options) -> None:
        issue, user = issue_numbered(number), user_named(by)
        with plain_errors():
            issue = workflow.sign_off_issue(
                issue=issue, by=user, note=note, via=Via.COMMAND
            )
        self.stdout.write(f"Issue {number} is approved for publication.")
        found = preflight.run(issue)
        for finding in (*found.blocking, *found.advice):
            self.stderr.write(f"Warning: {finding.message}")
