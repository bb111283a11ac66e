"""Submit an issue's drafts for review."""

from django.core.management.base import BaseCommand, CommandError

from editorial import workflow
from editorial.arguments import add_by, plain_errors
from editorial.management.arguments import add_number, issue_numbered, user_named
from editorial.models import Via


class Command(BaseCommand):
    help = (
        "Submits every draft and every mended item of an issue that USER may submit: "
        "an author their own, an editor all. All or nothing. Safe to run twice."
    )

    def add_arguments(self, parser) -> None:
        add_number(parser)
        add_by(parser)

    def handle(self, *args, number: str, by: str, **options) -> None:
        issue, user = issue_numbered(number), user_named(by)
        with plain_errors():
            items = workflow.submit_items(issue=issue, by=user, via=Via.COMMAND)
        left = issue.items.unfinished().count() - issue.items.waiting().count()
        if left and not items:
            raise CommandError(
                f"Nothing submitted: {user} may submit none of the {left} drafts of "
                f"issue {number}."
            )
        self.stdout.write(f"{len(items)} items of issue {number} submitted.")
        if left:
            self.stderr.write(f"Warning: {left} drafts of others stay drafts.")
