"""A real DNS server on loopback for tests: answers from a table, or not at all."""

import socket
import threading
from collections.abc import Mapping

import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset

SILENT, BROKEN = object(), object()  # no answer at all, and SERVFAIL
TTL = 60


class NameServer:
    """`server.records["news.test", "TXT"] = ['"v=spf1 -all"']`, as in a zone file.

    A name with any record exists; others do not (NXDOMAIN). Use it in `with`.
    """

    def __init__(self, records: Mapping[tuple[str, str], object] | None = None) -> None:
        self.records = dict(records or {})
        self.asked: list[tuple[str, str]] = []
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> "NameServer":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        host, port = self._socket.getsockname()
        self._socket.sendto(b"", (host, port))
        self._thread.join()
        self._socket.close()

    @property
    def address(self) -> str:
        """For DNS_RESOLVER."""
        host, port = self._socket.getsockname()
        return f"{host}:{port}"

    def _serve(self) -> None:
        while True:
            data, client = self._socket.recvfrom(4096)
            if not data:
                return
            answer = self._answer(dns.message.from_wire(data))
            if answer is not None:
                self._socket.sendto(answer.to_wire(), client)

    def _answer(self, query: dns.message.Message) -> dns.message.Message | None:
        (question,) = query.question
        name = question.name.to_text(omit_final_dot=True).lower()
        kind = dns.rdatatype.to_text(question.rdtype)
        self.asked.append((name, kind))
        records = self.records.get((name, kind), [])
        answer = dns.message.make_response(query)
        if records is SILENT:
            return None
        if records is BROKEN:
            answer.set_rcode(dns.rcode.SERVFAIL)
        elif records:
            rows = dns.rrset.from_text_list(question.name, TTL, "IN", kind, records)
            answer.answer.append(rows)
        elif not any(known == name for known, _kind in self.records):
            answer.set_rcode(dns.rcode.NXDOMAIN)
        return answer
