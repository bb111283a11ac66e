"""What a site asks of robots (RFC 9309), for what we ask on our own account.

A link that an author asks about is visited on behalf of a person, and a site's wishes
for crawlers are no answer to that. What nobody asked for by its address is another
matter.
"""

from urllib.parse import urlsplit
from urllib.robotparser import RobotFileParser

from .client import Client
from .outcomes import FetchError
from .pages import PAGE_BYTES

PRODUCT = "Masthead"


async def may_ask(client: Client, url: str) -> bool:
    """Whether the site lets robots ask for this URL.

    Section 2.3.1: without a file there are no rules; a server in trouble, or none that
    answers, means to stay away. Wildcards inside rules are not understood.
    """
    parts = urlsplit(url)
    try:
        response = await client.fetch(
            f"{parts.scheme}://{parts.netloc}/robots.txt", max_bytes=PAGE_BYTES
        )
    except FetchError:
        return False
    if response.status >= 500 or response.status == 429:
        return False
    if not 200 <= response.status < 300:
        return True
    rules = RobotFileParser()
    rules.parse(response.body.decode("utf-8", "replace").splitlines())
    return rules.can_fetch(PRODUCT, url)
