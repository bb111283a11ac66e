"""A real DNS server on loopback for tests: answers from a table, or not at all."""

import socket
import threading
from collections.abc import Mapping

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset

SILENT, BROKEN = object(), object()  # no answer at all, and SERVFAIL
TTL = 60


class NameServer:
    """`server.records["news.test", "TXT"] = ['"v=spf1 -all"']`, as in a zone file.

    A name with any record exists; others do not (NXDOMAIN). It answers over UDP and
    TCP; with `truncates` every answer is too long for UDP. Use it in `with`.
    """

    def __init__(
        self,
        records: Mapping[tuple[str, str], object] | None = None,
        *,
        truncates: bool = False,
    ) -> None:
        self.records = dict(records or {})
        self.asked: list[tuple[str, str]] = []
        self.asked_over_tcp = 0
        self._truncates = truncates
        self._stream, self._socket = _same_port()
        self._threads = [
            threading.Thread(target=serve, daemon=True)
            for serve in (self._serve, self._serve_streams)
        ]

    def __enter__(self) -> "NameServer":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        here = self._socket.getsockname()
        self._socket.sendto(b"", here)
        socket.create_connection(here).close()
        for thread in self._threads:
            thread.join()
        self._socket.close()
        self._stream.close()

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
            query = dns.message.from_wire(data)
            answer = self._answer(query)
            if answer is not None and self._truncates:
                answer = dns.message.make_response(query)
                answer.flags |= dns.flags.TC
            if answer is not None:
                self._socket.sendto(answer.to_wire(), client)

    def _serve_streams(self) -> None:
        """Two bytes of length before each message (RFC 1035, section 4.2.2)."""
        while True:
            client, _ = self._stream.accept()
            with client, client.makefile("rwb") as stream:
                length = stream.read(2)
                if not length:
                    return
                self.asked_over_tcp += 1
                query = stream.read(int.from_bytes(length))
                answer = self._answer(dns.message.from_wire(query))
                if answer is not None:
                    wire = answer.to_wire()
                    stream.write(len(wire).to_bytes(2) + wire)

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


def _same_port() -> tuple[socket.socket, socket.socket]:
    """A listener and a datagram socket on one free port."""
    while True:
        stream = socket.create_server(("127.0.0.1", 0))
        datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            datagrams.bind(stream.getsockname())
        except OSError:  # another program has that port for datagrams
            stream.close()
            datagrams.close()
        else:
            return stream, datagrams
