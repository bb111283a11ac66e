"""A small real IMAP server on loopback for tests: folders of mails, nothing more."""

import re
import socketserver
import ssl
import threading
from dataclasses import dataclass, field

USER, PASSWORD = "bounces", "se cret"
_UID = re.compile(r"UID (\w+) ?(.*)", re.IGNORECASE)


@dataclass
class Mail:
    uid: int
    content: bytes
    flags: set[str] = field(default_factory=set)


class ImapServer:
    """`server.put(raw)` delivers into INBOX; `server.folders` is all there is.

    `extensions` is what it offers ("MOVE"), `commands` what it was asked. Use it in
    `with`.
    """

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.folders: dict[str, list[Mail]] = {"INBOX": []}
        self.extensions = "MOVE"
        self.commands: list[str] = []
        self._tls, self._next = tls, 1
        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), self._handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever)

    def __enter__(self) -> "ImapServer":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        """For BOUNCE_MAILBOX."""
        scheme = "imaps" if self._tls else "imap"
        port = self._server.server_address[1]
        return f"{scheme}://{USER}:se%20cret@127.0.0.1:{port}/INBOX"

    def put(self, raw: bytes, folder: str = "INBOX") -> Mail:
        mail = Mail(self._next, raw)
        self._next += 1
        self.folders.setdefault(folder, []).append(mail)
        return mail

    def contents(self, folder: str) -> list[bytes]:
        """What lies there, without what is marked for deletion."""
        mails = self.folders.get(folder, [])
        return [mail.content for mail in mails if r"\Deleted" not in mail.flags]

    def _handler(self, request, address, server):
        return _Session(self, request, address, server)


class _Session(socketserver.StreamRequestHandler):
    def __init__(self, imap: ImapServer, request, address, server) -> None:
        self.imap, self.tag, self.box = imap, "", []
        if imap._tls:
            request = imap._tls.wrap_socket(request, server_side=True)
        super().__init__(request, address, server)

    def handle(self) -> None:
        self._say("* OK ready")
        for line in self.rfile:
            self.tag, _, command = line.decode().strip().partition(" ")
            words = command.upper().split()
            self.imap.commands.append(" ".join(words[: 1 + (words[:1] == ["UID"])]))
            verb, _, rest = command.partition(" ")
            if found := _UID.match(command):
                verb, rest = f"uid_{found[1]}", found[2]
            answer = getattr(self, f"do_{verb.lower()}", self._unknown)(rest)
            self._say(f"{self.tag} {answer or 'OK done'}")
            if verb.upper() == "LOGOUT":
                return

    def _say(self, line: str) -> None:
        self.wfile.write(line.encode() + b"\r\n")

    def _unknown(self, rest: str) -> str:
        return "BAD what?"

    def _mails(self, uid: str) -> list[Mail]:
        return [mail for mail in self.box if str(mail.uid) == uid]

    def do_capability(self, rest: str) -> None:
        self._say(f"* CAPABILITY IMAP4rev1 {self.imap.extensions}")

    def do_login(self, rest: str) -> str | None:
        user, _, password = rest.partition(" ")
        if (user, password.strip('"')) != (USER, PASSWORD):
            return "NO [AUTHENTICATIONFAILED] wrong password"
        return None

    def do_select(self, rest: str) -> str | None:
        if (name := rest.strip('"')) not in self.imap.folders:
            return "NO no such folder"
        self.box = self.imap.folders[name]
        self._say(f"* {len(self.box)} EXISTS")
        self._say("* OK [UIDVALIDITY 7] good")
        return None

    def do_create(self, rest: str) -> None:
        self.imap.folders.setdefault(rest.strip('"'), [])

    def do_logout(self, rest: str) -> None:
        self._say("* BYE")

    def do_uid_search(self, rest: str) -> None:
        alive = [str(m.uid) for m in self.box if r"\Deleted" not in m.flags]
        self._say("* SEARCH " + " ".join(alive))

    def do_uid_fetch(self, rest: str) -> None:
        uid, _, _what = rest.partition(" ")
        for mail in self._mails(uid):
            size = len(mail.content)
            self._say(f"* 1 FETCH (UID {uid} BODY[]<0> {{{size}}}")
            self.wfile.write(mail.content + b")\r\n")

    def do_uid_copy(self, rest: str) -> str | None:
        uid, _, folder = rest.partition(" ")
        if (name := folder.strip('"')) not in self.imap.folders:
            return "NO [TRYCREATE] no such folder"
        for mail in self._mails(uid):
            self.imap.put(mail.content, name)
        return None

    def do_uid_move(self, rest: str) -> str | None:
        if "MOVE" not in self.imap.extensions:
            return "BAD what?"
        refusal = self.do_uid_copy(rest)
        if refusal is None:
            for mail in self._mails(rest.partition(" ")[0]):
                self.box.remove(mail)
        return refusal

    def do_uid_store(self, rest: str) -> None:
        for mail in self._mails(rest.partition(" ")[0]):
            mail.flags.add(r"\Deleted")
