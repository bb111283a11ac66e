"""What stands between a visitor and a page: bot walls, logins, paywalls, parking lots.

A wall says nothing about the page behind it, so each of these is unsure; only a parked
domain has nothing behind.
"""

import re
from urllib.parse import urlsplit

from .outcomes import Hop, Response
from .pages import Page
from .verdicts import Reason

BLOCKING = frozenset({401, 403, 407, 429, 451, 999})
PAYMENT_REQUIRED = 402
SHORT = 1_500  # characters of visible text: no article

# Challenges come with all kinds of status, 200 among them. (header, what it contains)
_WALL_HEADERS = (
    ("cf-mitigated", "challenge"),
    ("x-amzn-waf-action", ""),
    ("x-datadome", "protected"),
    ("x-vercel-mitigated", ""),
)
# Only pages this short: longer ones carry the same scripts and are real.
_WALL_PAGE_BYTES = 8 * 1024
_WALL_SIGNS = (
    b"_Incapsula_Resource",
    b"captcha-delivery.com",
    b"/_sec/verify",
    b"window._cf_chl_opt",
    b"/.within.website/x/cmd/anubis",
    b"__jsl_clearance",
    b"px-captcha",
    b"/TSPD/",
    b"acw_sc__v2",
    b"verify.snssdk.com",
    b"TCaptcha.js",
)
_WALL_SCRIPT = re.compile(rb"arg1=\'[0-9A-F]{40}\'")
_WALL_TITLE = re.compile(
    r"just a moment\W*|attention required!.*|are you (?:a )?(?:human|robot)\W*"
    r"|(?:security|human) (?:check|verification)|access denied|robot check|验证码"
    r"|安全验证|人机验证|环境异常|百度安全验证|访问(?:受限|异常|验证)",
    re.IGNORECASE,
)
_WALL_WORDS = re.compile(r"当前环境异常，完成验证后即可继续访问")

_LOGIN_PATH = re.compile(
    r"/(?:log-?in|sign-?in|sign_in|auth|oauth2?|sso|passport|account/login)(?:[/.?;]|$)",
    re.IGNORECASE,
)
_LOGIN_HOST = re.compile(r"(?:log-?in|sign-?in|passport|accounts|sso|auth)\.", re.I)
_LOGIN_TITLE = re.compile(
    r"(?:please )?(?:log|sign) ?in(?: (?:to|-|\||·) .*)?|(?:用户|账号|请)?登[录陆].{0,20}",
    re.IGNORECASE,
)
_PASSWORD_FIELD = re.compile(r"""type\s*=\s*["']?password\b""", re.IGNORECASE)

# schema.org, and the publishers' convention for the same
_NOT_FREE = re.compile(
    r"""["']isAccessibleForFree["']\s*:\s*["']?false\b"""
    r"""|<meta[^<>]{0,200}content_tier["'][^<>]{0,200}content=["']locked["']""",
    re.IGNORECASE,
)

_PARKING_SCRIPT = re.compile(
    r"sedoparking\.com|parkingcrew\.net|bodis\.com|parklogic\.com|above\.com/marketplace"
    r"|domainmarket\.com|img1\.wsimg\.com/parking-lander|skenzo\.com|dsparking",
    re.IGNORECASE,
)
_PARKING_WORDS = re.compile(
    r"(?:this |the )?domain(?: name)?(?: \S+)? (?:is|may be|might be)"
    r" (?:parked|for sale|available for purchase)|buy this domain"
    r"|(?:该|此|本)?域名(?:正在|可以?|已)?(?:出售|转让|待售|停放)|域名(?:出售|转让)中",
    re.IGNORECASE,
)
_DOMAIN_SHOPS = re.compile(
    r"(?:.*\.)?(?:hugedomains|sedo|dan|afternic|undeveloped|domainmarket|brandbucket)"
    r"\.com"
)


def find_wall(response: Response, page: Page) -> Reason | None:
    """What stands before the page, None where nothing does."""
    if response.status == PAYMENT_REQUIRED:
        return Reason.PAYWALL
    if response.status in BLOCKING or _is_bot_wall(response, page):
        return Reason.BLOCKED_BY_SITE
    if not 200 <= response.status < 300:
        return None
    if _asks_for_login(response, page):
        return Reason.LOGIN
    if _is_parked(response, page):
        return Reason.PARKED
    return Reason.PAYWALL if _is_behind_paywall(page.source) else None


def _is_behind_paywall(source: str) -> bool:
    # The plain search is a hundred times faster, and nearly always enough.
    told = "isAccessibleForFree" in source or "content_tier" in source
    return told and bool(_NOT_FREE.search(source))


def _is_bot_wall(response: Response, page: Page) -> bool:
    for name, sign in _WALL_HEADERS:
        if name in response.headers and sign in response.headers[name].lower():
            return True
    short = response.complete and len(response.body) <= _WALL_PAGE_BYTES
    if short and _has_wall_sign(response.body):
        return True
    return _is_short(page) and bool(
        _WALL_TITLE.fullmatch(page.title) or _WALL_WORDS.search(page.text)
    )


def _has_wall_sign(body: bytes) -> bool:
    # Plain searches: a pattern of alternatives tries each of them at every byte.
    plain = any(sign in body for sign in _WALL_SIGNS)
    return plain or (b"arg1=" in body and bool(_WALL_SCRIPT.search(body)))


def _asks_for_login(response: Response, page: Page) -> bool:
    """Whether a link to something else ended at, or shows, a page for logging in."""
    if _is_sent_to_login(response.chain):
        return True
    if not _LOGIN_TITLE.fullmatch(page.title) or not _is_short(page):
        return False
    if _LOGIN_PATH.search(urlsplit(response.chain[0].url).path):
        return False
    return bool(_PASSWORD_FIELD.search(page.source))


def _is_sent_to_login(chain: tuple[Hop, ...]) -> bool:
    if len(chain) < 2:
        return False
    first, last = urlsplit(chain[0].url), urlsplit(chain[-1].url)
    if _LOGIN_PATH.search(first.path):
        return False
    if _LOGIN_PATH.search(last.path):
        return True
    other_host = first.hostname != last.hostname
    return other_host and bool(_LOGIN_HOST.match(last.hostname or ""))


def _is_parked(response: Response, page: Page) -> bool:
    if _is_sent_to_shop(response.chain):
        return True
    if not _is_short(page) or not page.source:
        return False
    said = bool(_PARKING_WORDS.search(f"{page.title}\n{page.heading}"))
    return said or bool(
        _PARKING_SCRIPT.search(page.source) and _PARKING_WORDS.search(page.text)
    )


def _is_sent_to_shop(chain: tuple[Hop, ...]) -> bool:
    if len(chain) < 2:
        return False
    first, last = (urlsplit(hop.url).hostname or "" for hop in (chain[0], chain[-1]))
    return bool(_DOMAIN_SHOPS.fullmatch(last) and not _DOMAIN_SHOPS.fullmatch(first))


def _is_short(page: Page) -> bool:
    return len(page.text) <= SHORT
