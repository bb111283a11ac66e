"""Rows for tests, as unsurprising as they can be."""

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from editorial.content import outline
from editorial.models import (
    Author,
    Issue,
    IssueRevision,
    IssueSection,
    Item,
    ItemImage,
    Publication,
    Role,
    Section,
    Topic,
    User,
)
from editorial.states import IssueState, ItemState
from newsletter.digests.letter import UNSUBSCRIBE_MARKER
from newsletter.models import Delivery, Digest, Subscriber
from newsletter.states import DigestState, SubscriberState

SAMPLE_OUTLINE = outline.Outline(
    number="1",
    title="边缘上的第一步",
    dek="一句话说清这一期",
    opening_note="写在前面。",
    sections=(
        outline.Section(
            "新闻",
            (
                outline.Group(
                    "Kubernetes",
                    (
                        outline.Item(
                            headline="给 API 请求排优先级",
                            link="https://example.com/kep",
                            commentary="新提案把请求归入**不同优先级**。",
                        ),
                    ),
                ),
            ),
        ),
    ),
    credits=(outline.Credit("墨封"),),
)


class PublicationFactory(DjangoModelFactory):
    class Meta:
        model = Publication
        django_get_or_create = ("id",)

    id = 1
    name = "云边周报"
    language = "zh-hans"
    time_zone = "Asia/Shanghai"
    sender_name = "云边周报"
    sender_email = "weekly@masthead.test"


class UserFactory(DjangoModelFactory):
    class Meta:
        model = User

    email = factory.Sequence(lambda n: f"author{n}@masthead.test")
    name = factory.Sequence(lambda n: f"Author {n}")
    role = Role.AUTHOR


class EditorFactory(UserFactory):
    email = factory.Sequence(lambda n: f"editor{n}@masthead.test")
    name = factory.Sequence(lambda n: f"Editor {n}")
    role = Role.EDITOR


class AdminFactory(UserFactory):
    email = factory.Sequence(lambda n: f"admin{n}@masthead.test")
    name = factory.Sequence(lambda n: f"Admin {n}")
    role = Role.ADMIN


class AuthorFactory(DjangoModelFactory):
    class Meta:
        model = Author

    name = factory.Sequence(lambda n: f"笔名{n}")


class SectionFactory(DjangoModelFactory):
    class Meta:
        model = Section

    title = factory.Sequence(lambda n: f"栏目 {n}")
    position = factory.Sequence(lambda n: n)


class TopicFactory(DjangoModelFactory):
    class Meta:
        model = Topic

    name = factory.Sequence(lambda n: f"Topic {n}")


class IssueFactory(DjangoModelFactory):
    class Meta:
        model = Issue

    number = factory.Sequence(lambda n: str(n + 1))
    title = "这一期的标题"
    dek = "这一期的提要"


class IssueRevisionFactory(DjangoModelFactory):
    class Meta:
        model = IssueRevision

    issue_number = "1"
    ordinal = 1
    outline_json = factory.LazyAttribute(lambda o: SAMPLE_OUTLINE.to_dict())
    content_hash = factory.LazyAttribute(lambda o: SAMPLE_OUTLINE.content_hash())


class PublishedIssueFactory(IssueFactory):
    """What readers see: its live revision holds SAMPLE_OUTLINE."""

    class Meta:
        skip_postgeneration_save = True

    state = IssueState.PUBLISHED
    published_at = factory.LazyFunction(timezone.now)
    live_revision = factory.SubFactory(
        IssueRevisionFactory, issue_number=factory.SelfAttribute("..number")
    )

    @factory.post_generation
    def _revision_belongs_to_it(self, create, extracted, **kwargs):
        self.live_revision.issue = self
        self.live_revision.save()


class ItemFactory(DjangoModelFactory):
    """An item; in an issue it gets a section of that issue."""

    class Meta:
        model = Item

    headline = factory.Sequence(lambda n: f"第 {n} 条新闻")
    commentary = "是什么，为什么值得看。"
    submitted_by = factory.SubFactory(UserFactory)
    state = ItemState.DRAFT
    approved_at = factory.LazyAttribute(
        lambda o: timezone.now() if o.state == ItemState.APPROVED else None
    )
    submitted_at = factory.LazyAttribute(
        lambda o: None if o.state == ItemState.DRAFT else timezone.now()
    )

    @factory.lazy_attribute
    def section(self):
        if getattr(self, "issue", None) is None:
            return None
        place = self.issue.issue_sections.first()
        if place is None:
            place = IssueSection.objects.create(
                issue=self.issue, section=SectionFactory()
            )
        return place.section

    issue = None


class ItemImageFactory(DjangoModelFactory):
    class Meta:
        model = ItemImage

    item = factory.SubFactory(ItemFactory)


class SubscriberFactory(DjangoModelFactory):
    class Meta:
        model = Subscriber

    address = factory.Sequence(lambda n: f"reader{n}@readers.test")
    state = SubscriberState.CONFIRMED
    confirmed_at = factory.LazyFunction(timezone.now)


class DigestFactory(DjangoModelFactory):
    """A held digest; `sending=True` gives one that was frozen, for nobody as yet."""

    class Meta:
        model = Digest
        skip_postgeneration_save = True

    class Params:
        sending = factory.Trait(
            state=DigestState.SENDING,
            subject="边缘上的第一步",
            sender="云边周报 <weekly@masthead.test>",
            headers={"From": "云边周报 <weekly@masthead.test>"},
            text=f"你好。\n退订：{UNSUBSCRIBE_MARKER}\n",
            html=f'<p>你好。</p><a href="{UNSUBSCRIBE_MARKER}">退订</a>',
            expected_count=0,
            prepared_at=factory.LazyFunction(timezone.now),
            started_at=factory.LazyFunction(timezone.now),
        )

    issue = factory.SubFactory(PublishedIssueFactory)

    @factory.post_generation
    def readers(self, create, count, **kwargs):
        """`readers=3` writes three deliveries into the ledger."""
        for _ in range(count or 0):
            DeliveryFactory(digest=self)
        if count:
            self.expected_count = count
            self.save()


class DeliveryFactory(DjangoModelFactory):
    class Meta:
        model = Delivery

    digest = factory.SubFactory(DigestFactory)
    subscriber = factory.SubFactory(SubscriberFactory)
    address = factory.SelfAttribute("subscriber.address")
    canonical_address = factory.SelfAttribute("subscriber.canonical_address")
