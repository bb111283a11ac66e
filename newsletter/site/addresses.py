"""Addresses that nothing here can have."""

from collections.abc import Callable

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse


class NulRefused:
    """Middleware: 400 for a NUL in the path or the query.

    PostgreSQL stores no such text and fails when asked for one, which would make a 500
    of every page that looks for a key, a slug or a search word as it was sent. Forms
    refuse it by themselves.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\0" in request.path_info or "%00" in request.META.get("QUERY_STRING", ""):
            raise BadRequest("There is a NUL character in this address.")
        return self.get_response(request)
