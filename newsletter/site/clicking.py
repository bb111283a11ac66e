"""Where the links of a digest lead: to the address that was frozen with it."""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_safe

from newsletter import clicks

from .clients import client_address
from .pages import private_page


@require_safe
@private_page
def click(request: HttpRequest, token: str) -> HttpResponse:
    """Go on to the link, and nowhere else. HEAD answers the same and counts nothing."""
    link = clicks.find(token)
    if link is None:
        raise Http404
    if request.method == "GET":
        purpose = request.headers.get("Sec-Purpose", request.headers.get("Purpose", ""))
        clicks.note_visit(
            link=link,
            client=client_address(request),
            agent=request.headers.get("User-Agent", ""),
            ahead="prefetch" in purpose,
        )
    return HttpResponseRedirect(link.url)
