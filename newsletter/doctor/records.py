"""What DNS says of the sender: SPF (RFC 7208), DKIM (6376), DMARC (7489), MX (5321)."""

import re
from collections.abc import Iterator

from newsletter import signing

from .case import Case, domain_of
from .findings import Finding, advice, failing, ok, unknown
from .names import Names

MOST_LOOKUPS = 10  # RFC 7208, section 4.6.4
WEAK_BITS = 2048
_ASKS_DNS = re.compile(r"[+?~-]?(include|a|mx|ptr|exists)(?=[:/]|$)|redirect(?==)")
_ALL = re.compile(r"([+?~-]?)all")


def look_at_mx(case: Case, names: Names) -> Iterator[Finding]:
    """Whether replies and bounces arrive: many providers refuse what none can answer."""
    yield _mail_taken("mx", case.domain, names)
    if case.provider:
        return  # bounces are reported to us, not mailed
    if case.bounce_address:
        yield _mail_taken("bounces", domain_of(case.bounce_address), names)
    else:
        yield advice("bounces", "none", sender=case.sender)


def look_at_spf(case: Case, names: Names) -> Iterator[Finding]:
    """Whether the domain of the envelope says who may send for it."""
    if case.provider:
        yield unknown("spf", "provider", relay=case.relay)
        return
    domain = case.envelope_domain
    records = [
        text for text in names.txt(domain) if text.lower().split()[:1] == ["v=spf1"]
    ]
    host = domain_of(f"@{_host_that_sends(case)}")
    if not records:
        line = signing.zone_line(domain, f"v=spf1 a:{host} ~all")
        yield failing("spf", "none", line, domain=domain)
        return
    if len(records) > 1:
        yield failing("spf", "many", *records, domain=domain)
        return
    terms = records[0].lower().split()[1:]
    policies = [match[1] for term in terms if (match := _ALL.fullmatch(term))]
    lookups = _lookups(terms, names, depth=0)
    if policies and policies[0] in {"", "+"}:
        yield failing("spf", "everybody", _closed(domain, records[0]), domain=domain)
    elif lookups > MOST_LOOKUPS:
        yield failing("spf", "lookups", records[0], domain=domain, count=lookups)
    elif policies == ["?"] or not (policies or any("redirect=" in t for t in terms)):
        yield advice("spf", "open", _closed(domain, records[0]), domain=domain)
    else:
        yield ok("spf", "ok", domain=domain, record=records[0])


def look_at_dkim(case: Case, names: Names) -> Iterator[Finding]:
    """Whether the key that is published is the one we sign with."""
    if not case.selector:
        yield unknown("dkim", "relay", domain=case.domain)
        return
    try:
        key = signing.Key.load(case.selector)
    except signing.KeyUnusable as error:
        yield failing("dkim", "no_key", why=str(error))
        return
    name = f"{case.selector}._domainkey.{case.signing_domain}"
    line = signing.zone_line(name, key.record)
    records = [text for text in names.txt(name) if "p" in tags(text)]
    if not records:
        yield failing("dkim", "unpublished", line, name=name)
    elif len(records) > 1:
        yield failing("dkim", "many", line, name=name)
    elif tags(records[0]).get("p") != tags(key.record)["p"]:
        yield failing("dkim", "other", line, name=name)
    elif "y" in tags(records[0]).get("t", "").split(":"):
        yield advice("dkim", "testing", line, name=name)
    elif key.private.key_size < WEAK_BITS:
        yield advice("dkim", "weak", name=name, bits=key.private.key_size)
    else:
        yield ok("dkim", "ok", name=name)


def look_at_dmarc(case: Case, names: Names) -> Iterator[Finding]:
    """Whether the sender's domain says what becomes of mail that is not its own."""
    found = dmarc_of(case.domain, names)
    name, records = found or (f"_dmarc.{case.domain}", [])
    reports = case.reply_to or case.sender
    line = signing.zone_line(name, f"v=DMARC1; p=none; rua=mailto:{reports}")
    if not records:
        yield failing("dmarc", "none", line, domain=case.domain)
    elif len(records) > 1:
        yield failing("dmarc", "many", *records, name=name)
    elif (policy := tags(records[0]).get("p", "")) not in {
        "none",
        "quarantine",
        "reject",
    }:
        yield failing("dmarc", "invalid", line, name=name, record=records[0])
    else:
        yield ok("dmarc", "ok", name=name, policy=policy)


def look_at_alignment(case: Case, names: Names) -> Iterator[Finding]:
    """DMARC counts only what vouches for the domain that readers see."""
    if case.provider:
        yield unknown("alignment", "provider", relay=case.relay, domain=case.domain)
        return
    above = organisation(case.domain, names)
    if case.selector:
        if aligned(case.signing_domain, case.domain, above):
            yield ok("alignment", "signed", domain=case.domain, by=case.signing_domain)
        else:
            values = {"domain": case.domain, "by": case.signing_domain}
            yield failing("alignment", "foreign_signature", **values)
    elif aligned(case.envelope_domain, case.domain, above):
        yield ok("alignment", "envelope", domain=case.domain, by=case.envelope_domain)
    else:
        values = {"domain": case.domain, "by": case.envelope_domain}
        yield advice("alignment", "foreign_envelope", **values)


def dmarc_of(domain: str, names: Names) -> tuple[str, list[str]] | None:
    """The nearest name at or above a domain with DMARC records, and these."""
    labels = domain.split(".")
    for at in range(len(labels) - 1):
        name = "_dmarc." + ".".join(labels[at:])
        records = [text for text in names.txt(name) if text.startswith("v=DMARC1")]
        if records:
            return name, records
    return None


def _mail_taken(topic: str, domain: str, names: Names) -> Finding:
    hosts = names.mx(domain)
    if hosts == [""]:
        return failing(topic, "null", domain=domain)
    if hosts:
        return ok(topic, "ok", domain=domain, host=hosts[0])
    if names.addresses(domain):  # RFC 5321, section 5.1: the domain is its own host
        return advice(topic, "address_only", domain=domain)
    return failing(topic, "nobody", domain=domain)


def _closed(domain: str, record: str) -> str:
    """The same record, ending in a word about everybody else."""
    terms = [term for term in record.split() if not _ALL.fullmatch(term.lower())]
    return signing.zone_line(domain, " ".join([*terms, "~all"]))


def _lookups(terms: list[str], names: Names, *, depth: int) -> int:
    """How often a receiver has to ask DNS; counting ends soon behind the limit."""
    count = 0
    for term in terms:
        if not _ASKS_DNS.match(term):
            continue
        count += 1
        _mechanism, _sign, inner = term.replace("=", ":", 1).partition(":")
        if count > MOST_LOOKUPS or depth > MOST_LOOKUPS:
            break
        if inner and term.lstrip("+?~-").startswith(("include", "redirect")):
            for text in names.txt(inner):
                if text.lower().startswith("v=spf1"):
                    count += _lookups(text.lower().split()[1:], names, depth=depth + 1)
    return count


def _host_that_sends(case: Case) -> str:
    if not case.sends_directly:
        return case.relay
    return case.public_url.partition("://")[2].partition("/")[0].partition(":")[0]


def organisation(domain: str, names: Names) -> str:
    """The domain whose DMARC policy holds, which relaxed alignment is measured by."""
    found = dmarc_of(domain, names)
    return found[0].removeprefix("_dmarc.") if found else domain


def aligned(one: str, other: str, above: str) -> bool:
    return all(f".{domain}".endswith(f".{above}") for domain in (one, other)) or (
        f".{one}".endswith(f".{other}") or f".{other}".endswith(f".{one}")
    )


def tags(record: str) -> dict[str, str]:
    """A tag list (RFC 6376, section 3.2), blanks taken out."""
    pairs = (part.partition("=") for part in record.split(";") if "=" in part)
    return {name.strip(): "".join(value.split()) for name, _is, value in pairs}
