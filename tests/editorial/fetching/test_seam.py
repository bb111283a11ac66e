"""The double of the network can be enabled by the settings of the tests only."""

import asyncio
import json

import pytest
from django.core.exceptions import ImproperlyConfigured

from editorial.fetching.network import Internet
from editorial.fetching.outcomes import Unreachable
from editorial.fetching.seam import Seam, choose_network, opened
from editorial.fetching.verdicts import Reason, Verdict
from editorial.fetching.visits import check_urls

from .world import page


def test_without_a_seam_requests_go_to_the_internet(settings):
    settings.FETCHING_SEAM = None

    assert isinstance(choose_network(), Internet)


def test_a_seam_in_the_settings_leads_to_loopback(settings, world):
    world.add("a.test")
    settings.FETCHING_SEAM = json.dumps(world.data)

    results = check_urls(["http://a.test/"])

    assert results["http://a.test/"].verdict is Verdict.OK


def test_a_seam_file_is_read_anew_for_each_run(settings, world, tmp_path):
    file = tmp_path / "seam.json"
    file.write_text('{"hosts": {}}')
    settings.FETCHING_SEAM = str(file)
    assert check_urls(["http://a.test/"])["http://a.test/"].verdict is Verdict.UNSURE
    world.add("a.test")
    file.write_text(json.dumps(world.data))

    assert check_urls(["http://a.test/"])["http://a.test/"].verdict is Verdict.OK


def test_an_opened_range_of_loopback_is_visited_on_any_port(world):
    ip, port = world.add("a.test")
    url = f"http://{ip}:{port}/"

    with opened("127.0.0.0/16"):
        inside = check_urls([url])[url]

    assert inside.verdict is Verdict.OK
    assert check_urls([url])[url].reason is Reason.REFUSED_INSIDE


def test_an_opened_range_opens_nothing_else(canary):
    with opened("127.0.0.0/24"):
        results = check_urls(["http://127.0.1.1/", "http://10.0.0.1/", "http://[::1]/"])

    assert {r.reason for r in results.values()} == {Reason.REFUSED_INSIDE}
    assert canary.hits == 0


@pytest.mark.parametrize("cidr", ["10.0.0.0/8", "0.0.0.0/0", "169.254.0.0/16", "soon"])
def test_only_loopback_can_be_opened(cidr):
    with pytest.raises(ValueError, match=r"loopback|network"), opened(cidr):
        pass


def test_other_settings_cannot_open_a_range(monkeypatch):
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "newsletter.settings")

    with pytest.raises(ImproperlyConfigured), opened("127.0.0.0/8"):
        pass


@pytest.mark.parametrize("module", ["newsletter.settings", "tests.settings.more", ""])
def test_other_settings_cannot_enable_a_seam(settings, monkeypatch, module):
    settings.FETCHING_SEAM = '{"hosts": {}}'
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", module)

    with pytest.raises(ImproperlyConfigured, match=r"tests\.settings"):
        choose_network()


def test_names_that_are_not_in_the_seam_do_not_exist(canary):
    with pytest.raises(Unreachable):
        asyncio.run(Seam({}).look_up("example.com"))

    assert canary.hits == 0


def test_ports_of_one_host_can_lead_to_different_listeners(world):
    first, second = world.add("a.test", page("", 404)), world.add("b.test")
    world.hosts["a.test"]["dial"] = {"80": first, "443": second}

    assert world.network.dial("a.test", "93.184.215.14", 80) == first
    assert world.network.dial("a.test", "93.184.215.14", 443) == second
