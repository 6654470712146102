"""Who notices are sent to: an HTTP server that takes posts and a mail server, real ones on loopback."""

from __future__ import annotations

import base64
import http.server
import socketserver
import ssl
import subprocess
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.policy import default
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import EmailMessage
    from pathlib import Path


@dataclass
class Hook:
    """A webhook: its address, and what came (headers and body), answered or not."""

    address: str
    came: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    # Answers one after the other, the last one for ever; a string is sent as Retry-After with 503.
    answers: list[int | str] = field(default_factory=lambda: [202])


@contextmanager
def hook(*answers: int | str) -> Iterator[Hook]:
    """Serve a webhook."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            made.came.append((dict(self.headers), body))
            answer = made.answers.pop(0) if len(made.answers) > 1 else made.answers[0]
            self.send_response(503 if isinstance(answer, str) else answer)
            if isinstance(answer, str):
                self.send_header("Retry-After", answer)
            if answer in (301, 302, 307):
                self.send_header("Location", f"{made.address}/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        made = Hook(f"http://127.0.0.1:{server.server_address[1]}/hook/SECRET", answers=list(answers) or [202])
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield made
        server.shutdown()


@dataclass
class Mailbox:
    """A mail server: where it listens, whom it lets in, what it refuses, and what it took."""

    port: int = 0
    login: tuple[str, str] = ("", "")
    refuses: str = ""
    certificate: Path | None = None
    took: list[EmailMessage] = field(default_factory=list)
    # Whether each message came over an encrypted connection, from somebody who logged in.
    encrypted: list[bool] = field(default_factory=list)
    logged_in: list[bool] = field(default_factory=list)


@contextmanager
def mailbox(
    *, login: tuple[str, str] = ("", ""), certificate: Path | None = None, refuses: str = ""
) -> Iterator[Mailbox]:
    """Serve one; with a certificate (its file holds the key as well) it offers STARTTLS."""
    made = Mailbox(login=login, certificate=certificate, refuses=refuses)

    class Handler(_Smtp):
        box = made

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        made.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield made
        server.shutdown()


def certificate(folder: Path) -> Path:
    """Make a certificate for 127.0.0.1 that signs itself; its file holds the key as well."""
    path = folder / "server.pem"
    words = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=127.0.0.1"
    more = ("-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(path), "-out", str(folder / "authority.pem"))
    subprocess.run(("openssl", *words.split(), *more), capture_output=True, check=True)
    path.write_text(path.read_text() + (folder / "authority.pem").read_text())
    return path


class _Smtp(socketserver.StreamRequestHandler):
    """As much of RFC 5321, 3207 and 4954 as a client of the standard library asks for."""

    box: Mailbox

    def handle(self) -> None:
        """Talk to one client."""
        self._stream: Any = self.connection
        self._encrypted = self._known = False
        self._say(220, "here")
        while line := self._line():
            verb = line.split()[0].upper() if line.split() else ""
            if verb == "QUIT":
                self._say(221, "bye")
                return
            {
                "EHLO": self._hello,
                "STARTTLS": self._secure,
                "AUTH": self._login,
                "RCPT": self._to,
                "DATA": self._data,
            }.get(verb, lambda _: self._say(250, "fine"))(line)

    def _hello(self, _: str) -> None:
        offers = ["mailbox"]
        if self.box.certificate is not None and not self._encrypted:
            offers.append("STARTTLS")
        if self.box.login[0]:
            offers.append("AUTH PLAIN")
        for offer in offers[:-1]:
            self._send(f"250-{offer}\r\n")
        self._say(250, offers[-1])

    def _secure(self, _: str) -> None:
        self._say(220, "go ahead")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(cast("Path", self.box.certificate))
        self._stream = context.wrap_socket(self.connection, server_side=True)
        self.rfile = self._stream.makefile("rb")
        self._encrypted = True

    def _login(self, line: str) -> None:
        _, user, password = base64.b64decode(line.split()[2]).decode().split("\0")
        self._known = (user, password) == self.box.login
        self._say(235, "welcome") if self._known else self._say(535, f"not {user} {password}")

    def _to(self, line: str) -> None:
        refused = self.box.refuses and self.box.refuses in line
        self._say(550, "no such person") if refused else self._say(250, "fine")

    def _data(self, _: str) -> None:
        self._say(354, "go ahead")
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line.removeprefix(b"."))
        self.box.took.append(cast("EmailMessage", message_from_bytes(b"".join(lines), policy=default)))
        self.box.encrypted.append(self._encrypted)
        self.box.logged_in.append(self._known)
        self._say(250, "taken")

    def _line(self) -> str:
        try:
            return self.rfile.readline().decode()
        except (OSError, ValueError):
            return ""

    def _say(self, code: int, text: str) -> None:
        self._send(f"{code} {text}\r\n")

    def _send(self, text: str) -> None:
        self._stream.sendall(text.encode())
