"""Findings for people: what is, and what to put where."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from .findings import Finding

TITLES: dict[str, str | Promise] = {
    "sender": _("Sender"),
    "reply_to": _("Replies"),
    "postal": _("Postal address"),
    "spf": "SPF",
    "dkim": "DKIM",
    "dmarc": "DMARC",
    "alignment": _("Alignment"),
    "mx": _("Mail to the sender"),
    "bounces": _("Bounces"),
    "relay": _("Mail server"),
    "reports": _("Reports of the mail provider"),
    "host": _("Name of this machine"),
    "one_click": _("One-click unsubscribe"),
    "arrival": _("The mail that arrived"),
    "receiver": _("What its receiver says"),
    "mail": _("Headers"),
    "size": _("Size"),
}

_UNANSWERED = _("DNS did not answer for %(name)s (%(why)s). Look again in a while.")
_TROUBLE = _("The look went wrong (%(why)s). The log of the worker says more.")

WORDS: dict[tuple[str, str], str | Promise] = {
    ("sender", "ok"): _("Readers see %(sender)s."),
    ("sender", "shared"): _(
        "The publication has no sender of its own, so readers see %(sender)s. Set one in "
        "its settings."
    ),
    ("sender", "reserved"): _(
        "%(sender)s is nobody's address: no provider takes mail from it. Set the "
        "publication's sender to an address of your own domain."
    ),
    ("sender", "free_mail"): _(
        "%(domain)s lets nobody else send in its name. Set the publication's sender to "
        "an address of your own domain."
    ),
    ("reply_to", "ok"): _("Replies go to %(address)s."),
    ("reply_to", "none"): _(
        "Replies go to %(sender)s. If nobody reads that mailbox, set where replies go in "
        "the publication's settings."
    ),
    ("postal", "ok"): _("It stands at the foot of every mail."),
    ("postal", "none"): _(
        "Several countries want a postal address at the foot of a newsletter. Set it in "
        "the publication's settings."
    ),
    ("spf", "ok"): _("%(domain)s says who may send for it: %(record)s"),
    ("spf", "none"): _(
        "%(domain)s does not say who may send for it. Publish the record below; if your "
        "mail provider names an include:, put it in place of a:."
    ),
    ("spf", "many"): _(
        "%(domain)s has several SPF records, so none counts. Join them in one."
    ),
    ("spf", "everybody"): _(
        "The SPF record of %(domain)s lets everybody send. End it with ~all."
    ),
    ("spf", "lookups"): _(
        "The SPF record of %(domain)s costs receivers %(count)d look-ups; beyond 10 it "
        "counts as broken. Take out includes that are not needed."
    ),
    ("spf", "open"): _(
        "The SPF record of %(domain)s leaves open what becomes of others. End it with "
        "~all."
    ),
    ("spf", "provider"): _(
        "Mail bounces to %(relay)s, whose record counts. Publish what %(relay)s asks for."
    ),
    ("dkim", "ok"): _("The key at %(name)s is the one we sign with."),
    ("dkim", "relay"): _(
        "We do not sign; your mail server has to. Only a mail that arrived shows whether "
        "it does: send yourself the test mail below and bring its source back."
    ),
    ("dkim", "no_key"): _("Mail cannot be signed: %(why)s"),
    ("dkim", "unpublished"): _(
        "There is no key at %(name)s. Publish the record below."
    ),
    ("dkim", "many"): _(
        "There are several keys at %(name)s, so none counts. Leave only the record below."
    ),
    ("dkim", "other"): _(
        "The key at %(name)s is not the one we sign with. Publish the record below in its "
        "place."
    ),
    ("dkim", "testing"): _(
        "The key at %(name)s says that it is only a test (t=y). Publish the record below "
        "in its place."
    ),
    ("dkim", "weak"): _(
        "The key at %(name)s has %(bits)d bits. Make one of 2048 under a new selector."
    ),
    ("dmarc", "ok"): _("%(name)s asks receivers for “%(policy)s”."),
    ("dmarc", "none"): _(
        "%(domain)s has no DMARC record; Gmail and Yahoo want one of whoever writes to "
        "many. Publish the record below."
    ),
    ("dmarc", "many"): _("There are several records at %(name)s. Leave only one."),
    ("dmarc", "invalid"): _(
        "The record at %(name)s has no valid policy: %(record)s. Publish the one below in "
        "its place."
    ),
    ("alignment", "signed"): _("Our signature of %(by)s vouches for %(domain)s."),
    ("alignment", "envelope"): _(
        "The envelope's domain %(by)s vouches for %(domain)s."
    ),
    ("alignment", "foreign_signature"): _(
        "The signature of %(by)s does not vouch for %(domain)s. Set DKIM_DOMAIN to the "
        "sender's domain, or leave it empty."
    ),
    ("alignment", "foreign_envelope"): _(
        "Mail bounces to %(by)s, so SPF does not vouch for %(domain)s: only your mail "
        "server's DKIM signature can. An address of the sender's domain in BOUNCE_ADDRESS "
        "mends it."
    ),
    ("alignment", "provider"): _(
        "%(relay)s has to sign as %(domain)s: verify that domain there. Whether it does "
        "shows the test mail below."
    ),
    ("mx", "ok"): _("%(host)s takes mail for %(domain)s."),
    ("mx", "address_only"): _(
        "%(domain)s has no MX record, only an address. Publish one: some providers refuse "
        "senders without."
    ),
    ("mx", "null"): _(
        "%(domain)s says that it takes no mail. Readers cannot answer, and providers "
        "refuse such senders: publish an MX record."
    ),
    ("mx", "nobody"): _(
        "Nothing takes mail for %(domain)s. Readers cannot answer, and providers refuse "
        "such senders: publish an MX record."
    ),
    ("bounces", "ok"): _("%(host)s takes what bounces to %(domain)s."),
    ("bounces", "none"): _(
        "Mail bounces to %(sender)s, where nothing reads it. Set BOUNCE_ADDRESS, and "
        "addresses that are gone are found by themselves."
    ),
    ("bounces", "address_only"): _(
        "%(domain)s has no MX record, only an address. Bounces may get lost: publish one."
    ),
    ("bounces", "null"): _(
        "%(domain)s says that it takes no mail, so bounces get lost. Change BOUNCE_ADDRESS "
        "or publish an MX record."
    ),
    ("bounces", "nobody"): _(
        "Nothing takes mail for %(domain)s, so bounces get lost. Change BOUNCE_ADDRESS or "
        "publish an MX record."
    ),
    ("relay", "tls"): _("%(relay)s answers over %(version)s."),
    ("relay", "here"): _("%(relay)s is on this machine and needs no encryption."),
    ("relay", "plain"): _(
        "%(relay)s offers no encryption: whoever is on the way reads along. Take another "
        "mail server, or another port of it."
    ),
    ("relay", "plain_offered"): _(
        "%(relay)s offers encryption, but EMAIL_URL does not ask for it. Begin it with "
        "smtp+tls://."
    ),
    ("relay", "no_starttls"): _(
        "EMAIL_URL asks %(relay)s for something that it does not offer: STARTTLS or a "
        "log-in. Try smtp+ssl:// with port 465."
    ),
    ("relay", "certificate"): _(
        "The certificate of %(relay)s does not hold: %(why)s. EMAIL_URL needs the host "
        "name that stands in it."
    ),
    ("relay", "login"): _(
        "%(relay)s refuses our user or password: %(why)s. Correct them in EMAIL_URL."
    ),
    ("relay", "unreachable"): _(
        "%(relay)s does not answer: %(why)s. Is EMAIL_URL right, and does a firewall stand "
        "in between?"
    ),
    ("relay", "provider"): _(
        "Mail leaves through %(relay)s, which is told with each mail to track nothing. "
        "Verify %(domain)s there."
    ),
    ("relay", "tracking"): _(
        "Mail leaves through %(relay)s. Verify %(domain)s there, and turn the tracking of "
        "openings and clicks off: no mail can say so itself."
    ),
    ("relay", "package"): _(
        "Mail cannot leave through %(relay)s: %(package)s is not installed."
    ),
    ("reports", "ok"): _(
        "%(relay)s has to report bounces and complaints to %(url)s, with the name and "
        "password of ANYMAIL_WEBHOOK_SECRET in that address."
    ),
    ("reports", "none"): _(
        "Bounces and complaints would get lost. Set ANYMAIL_WEBHOOK_SECRET, and have "
        "%(relay)s report to %(url)s with that name and password in the address."
    ),
    ("host", "ok"): _("%(name)s leads to this machine, and its address back to it."),
    ("host", "relay"): _("%(relay)s delivers; its name is its operator's matter."),
    ("host", "nameless"): _(
        "This machine calls itself %(name)s, which leads nowhere. Give it a full name "
        "with an A record, and set that as its host name."
    ),
    ("host", "reverse"): _(
        "%(address)s leads back to %(found)s, not to %(name)s. Have your provider set its "
        "PTR record to %(name)s."
    ),
    ("one_click", "ok"): _("%(url)s answers at once."),
    ("one_click", "plain"): _(
        "%(url)s is not https, so mail programs show no button (RFC 8058). Set PUBLIC_URL "
        "to an https address."
    ),
    ("one_click", "redirect"): _(
        "%(url)s sends on to %(where)s. Mail programs do not follow: have the proxy hand "
        "/u/ through without a redirect."
    ),
    ("one_click", "certificate"): _(
        "The certificate of %(url)s does not hold: %(why)s"
    ),
    ("one_click", "unreachable"): _(
        "%(url)s cannot be reached from here: %(why)s. Is PUBLIC_URL right?"
    ),
    ("one_click", "answer"): _(
        "%(url)s answers with status %(status)d and lets nobody POST there. Something "
        "before Masthead answers: have it hand /u/ through."
    ),
    ("arrival", "signed"): _(
        "%(by)s signed it, which vouches for %(domain)s, and the signature covers "
        "List-Unsubscribe and List-Unsubscribe-Post."
    ),
    ("arrival", "unsigned"): _(
        "Nobody signed it. Turn DKIM on at your mail server for %(domain)s, or make a "
        "key with manage.py make_dkim_key."
    ),
    ("arrival", "foreign"): _(
        "It is signed by %(by)s only, which does not vouch for %(domain)s. Have your mail "
        "server sign with a key of your own domain, or make one with manage.py "
        "make_dkim_key."
    ),
    ("arrival", "uncovered"): _(
        "The signature of %(by)s leaves out %(headers)s, so Gmail and Yahoo show no "
        "button to unsubscribe (RFC 8058). Add it to the headers your mail server signs, "
        "or have us sign: manage.py make_dkim_key."
    ),
    ("arrival", "stripped"): _(
        "%(headers)s did not arrive: your mail server takes it out. Have it left in; "
        "Gmail and Yahoo want it of whoever writes to many."
    ),
    ("arrival", "rewritten"): _(
        "It arrived from %(found)s in place of %(domain)s: your mail server changes the "
        "sender. Have it send in the name of %(domain)s."
    ),
    ("arrival", "keyless"): _(
        "There is no key at %(name)s, so nobody can check the signature. Publish the "
        "record that your mail provider names."
    ),
    ("receiver", "ok"): _("It passes for ours (%(said)s)."),
    ("receiver", "silent"): _(
        "The mailbox it came to does not say what it checked. Send it to one at Gmail or "
        "Outlook to hear more."
    ),
    ("receiver", "spf"): _(
        "It passes for ours (%(said)s), thanks to the signature alone. Put your mail "
        "server into the SPF record all the same."
    ),
    ("receiver", "refused"): _(
        "It passes for forged (%(said)s). What to mend stands under SPF, DKIM, DMARC and "
        "Alignment."
    ),
    ("mail", "ok"): _("List-Unsubscribe and its one-click button are there."),
    ("mail", "signed"): _(
        "List-Unsubscribe and its one-click button are there, covered by our signature."
    ),
    ("mail", "one_click"): _(
        "The link to unsubscribe is no https address: %(address)s. Set PUBLIC_URL to one."
    ),
    ("mail", "nothing"): _(
        "No issue is published yet, so there is no mail to look at."
    ),
    ("mail", "unrenderable"): _(
        "The newest digest cannot be made into a mail: %(why)s"
    ),
    ("size", "ok"): _(
        "The newest mail has %(size)d KB of HTML; Gmail cuts off at %(limit)d KB."
    ),
}


def title_of(topic: str) -> str:
    return str(TITLES.get(topic, topic))


def words_of(finding: Finding) -> str:
    """What was seen and what to do, in the language in force."""
    always = {"unanswered": _UNANSWERED, "trouble": _TROUBLE}
    words = always.get(finding.kind) or WORDS[finding.topic, finding.kind]
    return str(words) % finding.values
