"""Networks, told apart without keeping an address."""

import pytest

from newsletter.networks import network_hash


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:198.51.100.7", "198.51.100.7", True),
        ("198.51.100.7", "198.51.100.8", False),
        ("", "nonsense", True),
    ],
)
def test_network_is_an_address_or_a_64(one, other, same):
    hashes = {network_hash(one), network_hash(other)}

    assert (len(hashes) == 1) is same
