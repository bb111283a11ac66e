"""Publish an approved issue now."""

from django.core.management.base import BaseCommand

from editorial import notices, workflow
from editorial.arguments import add_by, plain_errors
from editorial.management.arguments import add_number, issue_numbered, user_named
from editorial.models import Via


class Command(BaseCommand):
    help = (
        "Publishes exactly what was approved, now. Safe to run twice: the second time "
        "changes nothing. Its digest is held until send_digest or the desk starts it."
    )

    def add_arguments(self, parser) -> None:
        add_number(parser)
        add_by(parser)

    def handle(self, *args, number: str, by: str, **options) -> None:
        issue, user = issue_numbered(number), user_named(by)
        with plain_errors():
            issue = workflow.publish_issue(issue=issue, by=user, via=Via.COMMAND)
        url = notices.absolute(issue.get_absolute_url())
        self.stdout.write(f"Issue {number} is published: {url}")
