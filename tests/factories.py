"""Rows for tests, as unsurprising as they can be."""

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from editorial.models import (
    Author,
    Issue,
    IssueSection,
    Item,
    ItemImage,
    Publication,
    Role,
    Section,
    Topic,
    User,
)
from editorial.states import ItemState
from newsletter.models import Delivery, Digest, Subscriber
from newsletter.states import SubscriberState


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
    class Meta:
        model = Digest

    issue = factory.SubFactory(IssueFactory)


class DeliveryFactory(DjangoModelFactory):
    class Meta:
        model = Delivery

    digest = factory.SubFactory(DigestFactory)
    subscriber = factory.SubFactory(SubscriberFactory)
    address = factory.SelfAttribute("subscriber.address")
    canonical_address = factory.SelfAttribute("subscriber.canonical_address")
