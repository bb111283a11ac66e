"""Mail shown inside a page: someone else's HTML, kept where it can do nothing."""

from collections.abc import Callable
from functools import wraps

from csp.constants import NONE, SELF
from csp.decorators import csp_replace
from django.http import HttpRequest, HttpResponse
from django.views.decorators.clickjacking import xframe_options_sameorigin

Mail = Callable[..., HttpResponse]

# Mail carries its styles inside; scripts, forms and frames get nothing.
POLICY = {
    "default-src": [NONE],
    "script-src": [NONE],
    "style-src": ["'unsafe-inline'"],
    "img-src": [SELF, "data:", "https:"],
    "form-action": [NONE],
    "frame-ancestors": [SELF],
    "sandbox": ["allow-popups"],
}


def framed(view: Mail) -> Mail:
    """A page that may be framed by our own, under the policy of mail."""

    @wraps(view)
    def inner(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        return view(request, *args, **kwargs)

    return xframe_options_sameorigin(csp_replace(POLICY)(inner))
