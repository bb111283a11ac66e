from collections.abc import Iterator

import pytest
import time_machine

from .quarter import OUT, Quarter


@pytest.fixture
def quarter() -> Iterator[Quarter]:
    with time_machine.travel(OUT, tick=False) as clock:
        yield Quarter(clock)
