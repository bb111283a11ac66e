"""Whoever tries what in which order, only listed moves happen (RELIABILITY P12).

`python -m benchmarks.sequences` does the same ten thousand times over.
"""

import random

import pytest

from editorial.models import Transition

from .walks import illegal, moves_of, open_newsroom, walk

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("seed", range(6))
def test_random_actions_of_all_roles_make_listed_moves_only(seed):
    room = open_newsroom(issues=2)

    walk(room, random.Random(seed), actions=400)

    assert len(moves_of(Transition.objects.exclude(item=None))) > 3
    assert not illegal(room)
