import pytest
from django.core.cache import cache

from newsletter import digests
from newsletter.digests import seats
from newsletter.digests.seats import Seat
from newsletter.models import Delivery
from newsletter.states import DeliveryState, DigestState
from scripts.processes import free_port
from tests.factories import DigestFactory
from tests.newsletter.sending import send


@pytest.fixture(autouse=True)
def _two_seats(settings):
    settings.DIGEST_SENDERS = 2


def test_only_so_many_find_a_seat():
    assert Seat.take(1)
    assert Seat.take(1)

    assert Seat.take(1) is None
    assert seats.free(1) == 0
    assert seats.free(2) == 2


def test_seat_that_is_left_is_free():
    first, _second = Seat.take(1), Seat.take(1)

    first.leave()

    assert seats.free(1) == 1


def test_seat_that_another_took_after_a_long_silence_is_lost(monkeypatch):
    monkeypatch.setattr(seats, "RENEW_AFTER", -1.0)
    seat = Seat.take(1)
    assert seat.kept()

    cache.clear()  # it ran out
    Seat.take(1)

    assert not seat.kept()
    seat.leave()
    assert seats.free(1) == 1


@pytest.mark.django_db
def test_unreachable_cache_seats_everybody_and_mail_still_goes_out_once(
    settings, mail_server
):
    settings.CACHES = {
        "default": settings.CACHES["default"]
        | {"LOCATION": f"redis://127.0.0.1:{free_port()}/0"}
    }
    digest = DigestFactory(sending=True, readers=2)

    assert Seat.take(digest.pk)
    assert send(digest) == 2
    assert digest.state == DigestState.DONE


@pytest.mark.django_db
def test_sweep_closes_what_is_settled_and_leaves_the_rest_alone():
    settled = DigestFactory(sending=True, readers=1)
    Delivery.objects.update(state=DeliveryState.SKIPPED)
    waiting = DigestFactory(sending=True, readers=1)
    held = DigestFactory()

    digests.sweep()

    for digest, state in (
        (settled, DigestState.DONE),
        (waiting, DigestState.SENDING),
        (held, DigestState.HELD),
    ):
        digest.refresh_from_db()
        assert digest.state == state
