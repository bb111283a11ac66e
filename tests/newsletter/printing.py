"""What tests of the readers' pages share: issues that went through the newsroom."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from editorial import capture
from editorial.content import outline as plain
from editorial.models import Issue, Section
from tests.factories import AdminFactory, SectionFactory

FIRST_DAY = datetime(2024, 3, 1, 10, tzinfo=UTC)


def outline(number: str = "1", **words) -> plain.Outline:
    """An issue with a section, a topic, two authors and two items."""
    items = (
        plain.Item(
            f"第 {number} 期的头条", "https://news.test/a", "值得看。", credit="墨封"
        ),
        plain.Item("没有链接的一条", None, "一句话。", credit="元毅"),
    )
    whole = plain.Outline(
        number=number,
        title=f"第 {number} 期的标题",
        dek=f"第 {number} 期的提要",
        sections=(plain.Section("业界要闻", (plain.Group("etcd", items),)),),
        credits=(plain.Credit("墨封"), plain.Credit("元毅")),
    )
    return replace(whole, **words)


def printed(number: str = "1", **words) -> Issue:
    """A published issue; the number's day follows the first's."""
    days = int(number) if number.isdigit() else 0
    if not Section.objects.filter(title="业界要闻").exists():
        SectionFactory(title="业界要闻")
    return capture.import_issue(
        outline=outline(number, **words),
        by=AdminFactory(),
        publish_as="published",
        published_at=FIRST_DAY + timedelta(days=days),
    )


def reprinted(issue: Issue, **words) -> Issue:
    """The issue, whose live revision now holds other words, however odd."""
    revision = issue.live_revision
    revision.outline_json = replace(revision.outline, **words).to_dict()
    revision.save()
    return issue
