"""The words for what a visit found."""

import pytest
from django.utils import translation

from editorial.fetching.verdicts import Reason, Verdict


@pytest.mark.parametrize("member", [*Verdict, *Reason])
def test_stored_values_fit_and_have_words(member):
    assert len(member.value) <= 24
    with translation.override("en"):
        assert str(member.label)[0].isupper()


def test_a_stored_value_leads_back_to_its_member():
    assert Reason("gone") is Reason.GONE
    assert str(Verdict.OK) == "ok"
