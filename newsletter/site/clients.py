"""Where a request came from, as far as it can be believed."""

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """The visitor's IP address as text; "" where nothing says it.

    Each trusted proxy appends who called it to X-Forwarded-For, so with
    TRUSTED_PROXIES = n the n-th entry from the right is the first that was not typed by
    the visitor. Without proxies the header is what anybody wrote into it: ignored.
    """
    proxies = settings.TRUSTED_PROXIES
    if proxies:
        hops = request.headers.get("X-Forwarded-For", "").split(",")
        if len(hops) >= proxies:
            return hops[-proxies].strip()
    return request.META.get("REMOTE_ADDR", "")
