from collections.abc import Iterator

import pytest

from . import canary as canaries
from .world import World


@pytest.fixture
def world() -> Iterator[World]:
    world = World()
    yield world
    world.close()


@pytest.fixture
def canary() -> Iterator[canaries.Canary]:
    with canaries.listen() as canary:
        yield canary
