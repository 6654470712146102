"""A package index and a Debian archive over TLS, each behind a login of its own; and a loopback with nothing else.

Run in a network namespace of its own (``unshare --net``), it brings up the loopback, makes sure that nothing else can
be reached, serves, runs one command, and ends with its exit code:

    python mirror_server.py FOLDER PORT COMMAND...

``FOLDER`` holds ``server.pem`` (certificate and key), ``logins.json`` ({"python": "user:password", "apt": ...}),
``wheels/`` and ``debian/``. ``access.log`` gets a line for each request: status, part, path. It needs the standard
library alone. With a port only, and no command, it serves where it stands until it is ended.
"""

from __future__ import annotations

import base64
import fcntl
import hashlib
import http.server
import json
import re
import socket
import ssl
import struct
import subprocess
import sys
import threading
import urllib.parse
from functools import cache
from pathlib import Path

# ioctl requests and a flag of netdevice(7).
_GET_FLAGS, _SET_FLAGS, _UP = 0x8913, 0x8914, 0x1
# Documentation addresses (RFC 5737): no host of anybody's.
_ELSEWHERE = ("192.0.2.1", 443)


class Handler(http.server.BaseHTTPRequestHandler):
    """Serves ``/simple/`` and ``/wheels/`` to one login and ``/debian/`` to the other."""

    protocol_version = "HTTP/1.1"
    folder: Path
    logins: dict[str, str]
    log = threading.Lock()

    def do_GET(self) -> None:
        """Answer 401 without the login, 404 for what is not there."""
        path = urllib.parse.unquote(self.path)
        part = "apt" if path.startswith("/debian/") else "python"
        word = base64.b64encode(self.logins[part].encode()).decode()
        if self.headers.get("Authorization") != f"Basic {word}":
            self._answer(401, part, b"", {"WWW-Authenticate": 'Basic realm="mirror"'})
            return
        content = self._content(path)
        self._answer(404 if content is None else 200, part, content or b"", {})

    do_HEAD = do_GET  # noqa: N815 - the name is http.server's

    def _content(self, path: str) -> bytes | None:
        if match := re.fullmatch(r"/simple/([^/]+)/", path):
            return _page(self.folder / "wheels", match[1])
        file = (self.folder / path.lstrip("/")).resolve()
        inside = file.is_relative_to(self.folder / "wheels") or file.is_relative_to(self.folder / "debian")
        return file.read_bytes() if inside and file.is_file() else None

    def _answer(self, status: int, part: str, content: bytes, headers: dict[str, str]) -> None:
        with self.log, (self.folder / "access.log").open("a") as log:
            log.write(f"{status} {part} {self.path}\n")
        self.send_response(status)
        kind = "text/html" if self.path.startswith("/simple/") else "application/octet-stream"
        for name, value in {"Content-Type": kind, "Content-Length": str(len(content)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Say nothing: ``access.log`` is the log."""


@cache
def _page(wheels: Path, name: str) -> bytes | None:
    """Give a project's page (PEP 503), each wheel with its hash; None for an unknown project."""
    found = [one for one in sorted(wheels.iterdir()) if re.sub(r"[-_.]+", "-", one.name.split("-")[0]).lower() == name]
    links = [
        f'<a href="/wheels/{one.name}#sha256={hashlib.sha256(one.read_bytes()).hexdigest()}">{one.name}</a><br>'
        for one in found
    ]
    return ("<!DOCTYPE html><html><body>" + "".join(links) + "</body></html>").encode() if links else None


def serve(folder: Path, host: str, port: int) -> http.server.ThreadingHTTPServer:
    """Give a server that listens, not yet answering."""
    logins = json.loads((folder / "logins.json").read_text())
    handler = type("Bound", (Handler,), {"folder": folder.resolve(), "logins": logins})
    server = http.server.ThreadingHTTPServer((host, port), handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    return server


def loopback() -> None:
    """Bring up the loopback of a fresh namespace; raises SystemExit when there is a way to anywhere else."""
    with socket.socket() as any_socket:
        request = struct.pack("16sh14x", b"lo", 0)
        flags = struct.unpack("16sh14x", fcntl.ioctl(any_socket, _GET_FLAGS, request))[1]
        fcntl.ioctl(any_socket, _SET_FLAGS, struct.pack("16sh14x", b"lo", flags | _UP))
    names = [name for _, name in socket.if_nameindex()]
    try:
        socket.create_connection(_ELSEWHERE, timeout=1).close()
    except OSError as error:
        if names == ["lo"]:
            print(f"interfaces: {', '.join(names)}; {_ELSEWHERE[0]}: {error.strerror}", flush=True)
            return
    raise SystemExit(f"this is no namespace with a loopback alone: {names}")


def main(folder: Path, port: int, command: list[str]) -> int:
    """Serve while the command runs; give its exit code."""
    if command:
        loopback()
    server = serve(folder, "127.0.0.1" if command else "0.0.0.0", port)
    if not command:
        server.serve_forever()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return subprocess.run(command, check=False, stdin=subprocess.DEVNULL).returncode


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]))
