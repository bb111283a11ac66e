import pytest

from newsletter.doctor import names
from newsletter.doctor.names import Names, Unanswered
from tests.nameserver import SILENT


def test_strings_of_a_text_are_joined_without_a_blank(name_server):
    name_server.records["a.test", "TXT"] = ['"one" "two"', '"three"']

    assert sorted(Names().txt("a.test")) == ["onetwo", "three"]


def test_hosts_come_by_preference(name_server):
    name_server.records["a.test", "MX"] = ["20 later.test.", "10 first.test."]

    assert Names().mx("a.test") == ["first.test", "later.test"]


def test_address_leads_back_to_its_name(name_server):
    name_server.records["1.2.0.192.in-addr.arpa", "PTR"] = ["mail.a.test."]

    assert Names().reverse("192.0.2.1") == ["mail.a.test"]


def test_no_record_and_no_name_are_empty_answers(name_server):
    name_server.records["a.test", "A"] = ["192.0.2.1"]

    assert Names().txt("a.test") == []
    assert Names().txt("nowhere.test") == []


def test_silence_is_no_answer(name_server, monkeypatch):
    name_server.records["a.test", "TXT"] = SILENT
    monkeypatch.setattr(names, "ONE_ANSWER", 0.2)

    with pytest.raises(Unanswered, match="timeout"):
        Names().txt("a.test")


def test_nothing_more_is_asked_when_the_time_is_over(name_server, monkeypatch):
    monkeypatch.setattr(names, "ALL_ANSWERS", 0.0)

    with pytest.raises(Unanswered, match="over"):
        Names().txt("a.test")

    assert name_server.asked == []


@pytest.mark.parametrize("name", ["a..test", "x" * 64 + ".test", "a" * 300])
def test_name_that_cannot_be_asked_for_is_no_answer(name_server, name):
    with pytest.raises(Unanswered):
        Names().txt(name)


@pytest.mark.parametrize(
    ("value", "server", "port"),
    [
        ("192.0.2.53", "192.0.2.53", 53),
        ("127.0.0.1:5353", "127.0.0.1", 5353),
        ("2001:db8::53", "2001:db8::53", 53),
        ("[2001:db8::53]:5353", "2001:db8::53", 5353),
    ],
)
def test_resolver_is_an_address_with_or_without_port(settings, value, server, port):
    settings.DNS_RESOLVER = value

    resolver = names._resolver()

    assert (resolver.nameservers, resolver.port) == ([server], port)
