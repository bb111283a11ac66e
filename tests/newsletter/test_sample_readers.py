"""The sample's readers: invented, loaded once, gone with the sample."""

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from editorial import founding
from newsletter.models import Consent, Digest, Subscriber, Suppression
from tests.factories import (
    DigestFactory,
    PublicationFactory,
    SubscriberFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def development(settings):
    settings.DEVELOPMENT = True


def test_readers_are_loaded_once():
    PublicationFactory(is_sample=True)

    call_command("load_sample_readers")
    call_command("load_sample_readers")

    assert Subscriber.objects.count() == 36
    assert Subscriber.objects.mailable().count() == 30
    assert all(
        address.endswith(".example")
        for address in Subscriber.objects.values_list("address", flat=True)
    )


def test_readers_are_not_loaded_beside_a_publication_of_one_s_own():
    PublicationFactory()

    with pytest.raises(CommandError, match="no sample publication"):
        call_command("load_sample_readers")

    assert not Subscriber.objects.exists()


def test_readers_are_not_loaded_in_production(settings):
    settings.DEVELOPMENT = False
    PublicationFactory(is_sample=True)

    with pytest.raises(CommandError, match="development only"):
        call_command("load_sample_readers")


def test_readers_go_with_the_sample():
    publication = PublicationFactory(is_sample=True)
    call_command("load_sample_readers")
    SubscriberFactory()  # somebody tried the form
    DigestFactory()
    Suppression.objects.create(canonical_address="x@y.test", cause="by_hand")

    founding.remove_sample(publication)

    assert not Subscriber.objects.exists()
    assert not Consent.objects.exists()
    assert not Digest.objects.exists()
    assert Suppression.objects.exists()
