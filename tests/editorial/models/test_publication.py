"""The calendar of a publication, and the rows the database must not hold."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, transaction

from editorial.models import Cadence, Publication, Section, Topic, Weekday
from tests.factories import PublicationFactory, SectionFactory, TopicFactory

SHANGHAI = ZoneInfo("Asia/Shanghai")
WEDNESDAY = date(2026, 11, 25)
FRIDAY = date(2026, 11, 27)


@pytest.mark.parametrize(
    ("cadence", "after", "expected"),
    [
        (Cadence.WEEKLY, WEDNESDAY, FRIDAY),
        (Cadence.WEEKLY, FRIDAY, date(2026, 12, 4)),
        (Cadence.FORTNIGHTLY, FRIDAY, date(2026, 12, 11)),
        (Cadence.MONTHLY, FRIDAY, date(2026, 12, 4)),
        (Cadence.MONTHLY, date(2026, 1, 31), date(2026, 2, 6)),
    ],
)
def test_the_next_publication_day(cadence, after, expected):
    publication = Publication(cadence=cadence, publish_weekday=Weekday.FRIDAY)

    assert publication.next_planned_on(after) == expected


def test_the_deadline_is_the_last_one_before_publication():
    publication = Publication(deadline_weekday=Weekday.THURSDAY)

    deadline = publication.deadline_for(FRIDAY)

    assert deadline == datetime(2026, 11, 26, 12, tzinfo=SHANGHAI)


def test_a_deadline_later_on_the_day_of_publication_is_the_week_before():
    publication = Publication(deadline_weekday=Weekday.FRIDAY)
    publication.deadline_time = publication.deadline_time.replace(hour=20)

    assert publication.deadline_for(FRIDAY).date() == date(2026, 11, 20)


@pytest.mark.django_db
@pytest.mark.engines
@pytest.mark.parametrize("pk", [1, 2])
def test_there_is_no_second_publication(pk):
    PublicationFactory()

    with pytest.raises(IntegrityError), transaction.atomic():
        Publication.objects.create(pk=pk, name="另一份")


@pytest.mark.django_db
@pytest.mark.engines
def test_recurring_sections_and_topics_are_named_once_whatever_the_case():
    SectionFactory(title="News")
    TopicFactory(name="etcd")

    with pytest.raises(IntegrityError), transaction.atomic():
        Section.objects.create(title="NEWS", slug="other")
    with pytest.raises(IntegrityError), transaction.atomic():
        Topic.objects.create(name="ETCD", slug="other")


@pytest.mark.django_db
def test_a_topic_is_found_by_alias_and_whatever_the_case():
    topic = TopicFactory(name="Knative", aliases=["Knative 项目"])

    assert Topic.objects.named("knative 项目") == topic
    assert Topic.objects.named("KNATIVE") == topic
    assert Topic.objects.named("etcd") is None


@pytest.mark.django_db
def test_two_titles_with_one_romanisation_get_two_addresses():
    first, second = TopicFactory(name="时事"), TopicFactory(name="实事")

    assert first.slug == "shi-shi"
    assert second.slug == "shi-shi-2"
