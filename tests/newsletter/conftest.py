"""What holds for every test of the readers' side."""

import pytest


@pytest.fixture(autouse=True)
def _one_shift_is_enough(monkeypatch):
    """A test that sends in one shift sends all of it, however busy the machine is."""
    monkeypatch.setattr("newsletter.digests.shift.SHIFT", 120.0)
