"""A publication to look around in: people, past issues and one being written.

It is the project's own text, in Chinese, with log-ins that exist nowhere else. It loads
only in development, and `founding.remove_sample` takes all of it away again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from editorial import capture
from editorial.models import (
    Author,
    Issue,
    Item,
    Notice,
    Publication,
    Role,
    Section,
    Topic,
    Transition,
    User,
)

from .archive import NEWS, PROJECTS, READING, UPSTREAM, past_issues
from .current import write_current_issue
from .pictures import bar_chart, line_chart

PASSWORD = "masthead-sample"  # noqa: S105  (of the sample only; checks refuse it elsewhere)


class SampleRefused(Exception):
    """The sample was not loaded; the text says why."""


@dataclass(frozen=True, slots=True)
class LogIn:
    """A sample account with the password it was made with."""

    name: str
    email: str
    role: str
    password: str = PASSWORD

    @property
    def role_label(self) -> str:
        return str(Role(self.role).label)


LOG_INS = (
    LogIn("知秋", "admin@sample.example", Role.ADMIN),
    LogIn("远舟", "editor@sample.example", Role.EDITOR),
    LogIn("青石", "qingshi@sample.example", Role.AUTHOR),
    LogIn("半夏", "banxia@sample.example", Role.AUTHOR),
    LogIn("听澜", "tinglan@sample.example", Role.AUTHOR),
)
BIOS = {
    "知秋": "主编。什么都读一点，负责让周五准时到来。",
    "远舟": "写存储与一致性，值班时也不关机。",
    "青石": "网络与内核，喜欢把图画清楚。",
    "半夏": "工具控，命令行比图形界面顺手。",
    "听澜": "调度、弹性，以及一切关于排队的问题。",
}
SECTIONS = (
    (NEWS, "一周里最该知道的两三件事。先说是什么，再说为什么值得看。", 2, 4, True),
    (UPSTREAM, "按主题分组；写清楚影响谁、从哪个版本开始。", 2, 8, False),
    (PROJECTS, "自己用过再推荐，一句话说出它省了什么事。", 1, 3, True),
    (READING, "不赶时效的长文，一条就够。", 0, 2, True),
)
TOPICS = {
    "Kubernetes": ["k8s", "Kubernetes 项目"],
    "etcd": ["etcd 项目"],
    "Knative": ["Knative 项目", "knative serving"],
}


@transaction.atomic
def load_sample() -> tuple[LogIn, ...]:
    """Make the sample publication where there is none; safe to call twice.

    Raises SampleRefused outside development and beside a publication of one's own.
    """
    if not settings.DEVELOPMENT:
        raise SampleRefused(
            _("The sample has known passwords; it loads in development only.")
        )
    publication = Publication.objects.current()
    if publication is not None and not publication.is_sample:
        raise SampleRefused(
            _("“%(name)s” is here already; the sample would mix with it.")
            % {"name": publication.name}
        )
    if publication is None:
        _make_everything()
    return LOG_INS


def _make_everything() -> None:
    publication = _make_publication()
    people = {log_in.name: _make_person(log_in) for log_in in LOG_INS}
    admin = people["知秋"]
    day = publication.next_planned_on(timezone.localdate(timezone=publication.tz))
    pictures = _store_pictures()
    for weeks, outline in zip((2, 1), past_issues(pictures), strict=True):
        published_at = publication.publish_moment(day - timedelta(weeks=weeks))
        issue = capture.import_issue(
            outline=outline,
            by=admin,
            publish_as="published",
            published_at=published_at,
        )
        _backdate(issue, published_at)
    current = write_current_issue(
        people=people,
        planned_on=day,
        deadline_at=publication.deadline_for(day),
        picture=_memory_chart(),
    )
    _spread_over_yesterday(current)
    # What happened while loading is no news to anybody.
    Notice.objects.all().delete()


def _make_publication() -> Publication:
    publication = Publication.objects.create(
        name="云上周刊",
        tagline="每周五，一群一线工程师写给同行的十来条值得点开的链接。",
        sender_name="云上周刊",
        sender_email="weekly@sample.example",
        licence="CC BY 4.0",
        topic_word="项目",
        byline_label="本期作者",
        is_sample=True,
    )
    for n, (title, guidance, least, most, linked) in enumerate(SECTIONS):
        Section.objects.create(
            title=title,
            guidance=guidance,
            position=n,
            min_items=least,
            max_items=most,
            link_required=linked,
        )
    for name, aliases in TOPICS.items():
        Topic.objects.create(name=name, aliases=aliases)
    return publication


def _make_person(log_in: LogIn) -> User:
    user = User.objects.create_user(
        log_in.email,
        log_in.password,
        name=log_in.name,
        role=log_in.role,
        language="zh-hans",
        is_sample=True,
    )
    EmailAddress.objects.create(
        user=user, email=log_in.email, primary=True, verified=True
    )
    Author.objects.create(name=log_in.name, user=user, bio=BIOS[log_in.name])
    return user


def _store_pictures() -> dict[str, str]:
    """Draw and store the charts: the public address of each, by name."""
    queues = bar_chart(
        [("heartbeat", 34, 4), ("controller", 52, 18), ("user", 61, 40)], "ms"
    )
    latency = line_chart([2, 4, 9, 17, 30, 52], "ms")
    save = default_storage.save
    return {
        "queues": default_storage.url(save("images/sample-queues.png", queues)),
        "latency": default_storage.url(save("images/sample-latency.png", latency)),
    }


def _memory_chart() -> ContentFile:
    measured = [("10k/s", 210, 160), ("20k/s", 390, 250), ("40k/s", 760, 420)]
    return bar_chart(measured, "MiB")


def _backdate(issue: Issue, at: datetime) -> None:
    """Give an archived issue's rows the dates they would have had."""
    issue.transitions.update(at=at)
    issue.revisions.update(made_at=at)
    Transition.objects.filter(item__issue=issue).update(at=at)
    issue.items.update(submitted_at=at - timedelta(days=1), approved_at=at)


def _spread_over_yesterday(issue: Issue) -> None:
    """Let what was loaded within a second look as if it took a day of work."""
    deeds = list(Transition.objects.filter(issue=issue).order_by("pk"))
    start = timezone.now() - timedelta(hours=27)
    for n, deed in enumerate(deeds):
        at = start + timedelta(hours=26) * n / len(deeds)
        Transition.objects.filter(pk=deed.pk).update(at=at)
        stamp = {"submitted": "submitted_at", "approved": "approved_at"}.get(deed.verb)
        if stamp and deed.item_id:
            Item.objects.filter(pk=deed.item_id).update(**{stamp: at})
