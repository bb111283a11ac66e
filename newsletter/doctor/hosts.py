"""What answers over the network: the relay, this machine's name, the way out."""

import http.client
import smtplib
import ssl
from collections.abc import Iterator
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail.utils import DNS_NAME
from django.urls import reverse

from newsletter.postbox.providers import PROVIDERS

from .case import Case, is_this_machine
from .findings import Finding, advice, failing, ok
from .names import Names

PATIENCE = 8.0  # seconds for each answer
NOBODYS_KEY = "0" * 43  # a reader's key that no reader has


def look_at_relay(case: Case, names: Names) -> Iterator[Finding]:
    """Whether the relay lets us in, over a line nobody reads. No mail is sent."""
    if case.provider:
        yield from _look_at_provider(case)
        return
    where = {"relay": f"{case.relay}:{case.relay_port}"}
    try:
        with _connected(case) as smtp:
            if settings.EMAIL_HOST_USER:
                smtp.login(settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD)
            version = (
                smtp.sock.version() if isinstance(smtp.sock, ssl.SSLSocket) else ""
            )
            offers = smtp.has_extn("starttls")
    except ssl.SSLError as error:
        yield failing("relay", "certificate", why=_words(error), **where)
    except smtplib.SMTPAuthenticationError as error:
        yield failing("relay", "login", why=_words(error), **where)
    except smtplib.SMTPNotSupportedError:
        yield failing("relay", "no_starttls", **where)
    except (smtplib.SMTPException, OSError) as error:
        yield failing("relay", "unreachable", why=_words(error), **where)
    else:
        if version:
            yield ok("relay", "tls", version=version, **where)
        elif case.sends_directly:
            yield ok("relay", "here", **where)
        else:
            yield failing("relay", "plain_offered" if offers else "plain", **where)


def _look_at_provider(case: Case) -> Iterator[Finding]:
    """What has to be set there, which no look from here can see."""
    provider = PROVIDERS[case.provider]
    at = f"{case.public_url}/hooks/mail/{provider.slug}/"
    values = {"relay": case.relay, "domain": case.domain}
    if provider.lacks:
        yield failing("relay", "package", package=provider.lacks, **values)
    elif provider.untracks:
        yield ok("relay", "provider", **values)
    else:
        yield advice("relay", "tracking", **values)
    if settings.ANYMAIL.get("WEBHOOK_SECRET"):
        yield ok("reports", "ok", url=at, **values)
    else:
        yield failing("reports", "none", url=at, **values)


def look_at_host(case: Case, names: Names) -> Iterator[Finding]:
    """Where this machine delivers itself: its name leads to it, and back."""
    if not case.sends_directly:
        yield ok("host", "relay", relay=case.relay)
        return
    name = DNS_NAME.get_fqdn()
    found = names.addresses(name) if "." in name else []
    addresses = [address for address in found if not is_this_machine(address)]
    if not addresses:
        yield failing("host", "nameless", name=name)
        return
    for address in addresses:
        back = names.reverse(address)
        if name not in back:
            leads = ", ".join(back) or "–"
            yield failing("host", "reverse", name=name, address=address, found=leads)
            return
    yield ok("host", "ok", name=name)


def look_at_one_click(case: Case, names: Names) -> Iterator[Finding]:
    """RFC 8058: over https, answered without redirect. Asks what is allowed there."""
    url = case.public_url + reverse("site:one_click", args=[NOBODYS_KEY])
    parts = urlsplit(url)
    shown = {"url": url.replace(NOBODYS_KEY, "…")}
    if parts.scheme != "https":
        yield failing("one_click", "plain", **shown)
        return
    line = http.client.HTTPSConnection(parts.netloc, timeout=PATIENCE)
    try:
        line.request("OPTIONS", parts.path)
        answer = line.getresponse()
    except ssl.SSLError as error:
        yield failing("one_click", "certificate", why=_words(error), **shown)
    except (http.client.HTTPException, OSError) as error:
        yield failing("one_click", "unreachable", why=_words(error), **shown)
    else:
        if 300 <= answer.status < 400:
            where = answer.headers.get("Location", "")
            yield failing("one_click", "redirect", where=where, **shown)
        elif "POST" not in answer.headers.get("Allow", ""):
            yield failing("one_click", "answer", status=answer.status, **shown)
        else:
            yield ok("one_click", "ok", **shown)
    finally:
        line.close()


def _connected(case: Case) -> smtplib.SMTP:
    context = ssl.create_default_context()
    where = (case.relay, case.relay_port)
    if settings.EMAIL_USE_SSL:
        return smtplib.SMTP_SSL(*where, timeout=PATIENCE, context=context)
    smtp = smtplib.SMTP(*where, timeout=PATIENCE)
    try:
        smtp.ehlo()
        if settings.EMAIL_USE_TLS:
            smtp.starttls(context=context)
            smtp.ehlo()
    except BaseException:
        smtp.close()
        raise
    return smtp


def _words(error: Exception) -> str:
    return str(error)[:200] or type(error).__name__
