"""Addresses no row can have get an answer, not an error of the database."""

import pytest

from tests.factories import AdminFactory, PublicationFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize(
    "address",
    [
        "/unsubscribe/%00/",
        "/u/%00/",
        "/confirm/%00/",
        "/api/v1/issues/%00/",
        "/desk/subscribers/?q=%00",
        "/accounts/confirm-email/%00/",
    ],
)
def test_a_nul_in_an_address_is_a_bad_request(client, address, method):
    PublicationFactory()
    client.force_login(AdminFactory())

    response = getattr(client, method)(address)

    assert response.status_code == 400


def test_a_percent_sign_before_two_noughts_is_no_nul(client):
    PublicationFactory()

    assert client.get("/issues/?about=100%2500").status_code == 200
