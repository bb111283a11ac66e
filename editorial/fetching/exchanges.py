"""An HTTP/1.1 answer as it comes in, as far as a visit needs it.

The parser is llhttp (`httptools`). What is read has bounds of its own: strangers send
what they like, for as long as they like.
"""

import io

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

from .outcomes import FetchError, ProtocolFailed, Unreachable, announced_size

# Limits of a head: a long Content-Security-Policy passes, 10,000 fields do not.
MAX_FIELD_BYTES = 16 * 1024
MAX_FIELDS = 200
MAX_HEAD_BYTES = 256 * 1024  # and of what comes between pieces of a body
# Some servers send one all the same, which would pass for the next answer.
_NO_BODY = frozenset({101, 204, 304})


class Exchange:
    """One question's answer as it comes in.

    `status` is 0 and `headers` are empty until the head is there. Names of headers are
    lower case; of several fields of one name the last counts, but all of `set_cookies`
    are kept. `body` gets at most `size` bytes, as sent, and `is_complete` says whether
    that was all of it. With `whole` a body that says it is larger is not begun.

    The methods named `on_…` are what the parser calls.
    """

    __slots__ = (
        "_fields",
        "_interim",
        "_parser",
        "_size",
        "_spare",
        "_whole",
        "body",
        "error",
        "headers",
        "is_complete",
        "is_over",
        "leaves_open",
        "set_cookies",
        "status",
    )

    def __init__(self, *, size: int, whole: bool = False) -> None:
        self.status = 0
        self.headers: dict[str, str] = {}
        self.set_cookies: list[str] = []
        self.body = io.BytesIO()  # whose value is no second copy
        self.is_complete = False
        self.is_over = False  # nothing more is read
        self.leaves_open = False  # the connection serves for another question
        self.error: FetchError | None = None  # why there is no answer
        self._size, self._whole = size, whole
        self._fields = 0
        self._spare = 0  # bytes in a row that were no body's
        self._interim = False
        self._parser: HttpResponseParser | None = HttpResponseParser(self)
        # What browsers let pass: ends of lines, and blanks, as old servers write them.
        self._parser.set_dangerous_leniencies(
            lenient_headers=True,
            lenient_optional_cr_before_lf=True,
            lenient_spaces_after_chunk_size=True,
        )

    @property
    def is_untouched(self) -> bool:
        """Whether not one byte of an answer came."""
        return not (self.status or self._spare)

    def feed(self, data: bytes) -> None:
        """Read on; sets `is_over` at the end, or where reading on is no use."""
        if self._parser is None:
            self.leaves_open = False  # more than was asked for
            return
        before = self.body.tell()
        try:
            self._parser.feed_data(data)
        except HttpParserUpgrade:
            self.leaves_open = False  # 101: the rest is another protocol's
        except HttpParserError:
            self.leaves_open = False
            self._fail(ProtocolFailed("not_http"))
        self._spare = 0 if self.body.tell() > before else self._spare + len(data)
        if self._spare > MAX_HEAD_BYTES:
            self._fail(ProtocolFailed("not_http"))
        if self.is_over:
            self._parser = None  # it and we hold each other

    def hang_up(self, error: Exception | None) -> None:
        """The other side ends the connection; `error` where it did so rudely."""
        if self.is_over:
            return
        unmeasured = "content-length" not in self.headers and (
            "chunked" not in self.headers.get("transfer-encoding", "").lower()
        )
        if self.status and unmeasured and error is None:
            self._end(complete=True)
        else:
            self._fail(Unreachable("reset"))
        self._parser = None

    def on_message_begin(self) -> None:
        if self.is_over:
            self.leaves_open = False  # more than was asked for

    def on_header(self, name: bytes, value: bytes) -> None:
        self._fields += 1
        if len(value) > MAX_FIELD_BYTES or self._fields > MAX_FIELDS:
            raise ValueError("more than anybody needs")  # ends the parser's work
        if self.status:
            return  # fields behind the body say nothing to us
        key = name.decode("latin-1").lower()
        text = value.decode("utf-8", "surrogateescape").strip()
        self.headers[key] = text
        if key == "set-cookie":
            self.set_cookies.append(text)

    def on_headers_complete(self) -> None:
        parser = self._parser
        if self.is_over:
            return  # nobody asked for this answer
        if parser is None or (status := parser.get_status_code()) < 100:
            raise ValueError("no status")
        self._interim = status < 200 and status != 101
        if self._interim:
            return
        self.status = status
        self.leaves_open = status not in _NO_BODY and parser.should_keep_alive()
        if self._whole and announced_size(self.headers) > self._size:
            self._end(complete=False)

    def on_body(self, piece: bytes) -> None:
        room = self._size - self.body.tell()
        if self.is_over or self._interim:  # a hint has no body, whatever it says
            return
        self.body.write(piece[:room])
        if len(piece) > room:
            self._end(complete=False)

    def on_message_complete(self) -> None:
        if not self._interim:
            self._end(complete=True)
            return
        self._interim = False  # such as 103: the answer is yet to come
        self.headers, self.set_cookies = {}, []
        self._fields = self._spare = 0

    def _fail(self, error: FetchError) -> None:
        """With a status line there, trouble only makes the answer incomplete."""
        if not self.is_over:
            self.error = None if self.status else error
            self._end(complete=False)

    def _end(self, *, complete: bool) -> None:
        if not self.is_over:
            self.is_over, self.is_complete = True, complete
            self.leaves_open = self.leaves_open and complete
