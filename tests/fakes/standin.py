"""A stand-in for an engine behind a socket file: as many environments as are asked for, in the shape that Docker gives.

It answers what a list asks: ``/version``, ``/info`` and ``/containers/json`` with its filter by labels. Nothing runs,
there are the images that it is told of, whose names it takes and forgets, and no volumes and networks.
"""

from __future__ import annotations

import json
import os
import re
import socketserver
import threading
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from manager.core.names import Names

ENGINE_ID = "STAND:IN"


@contextmanager
def standing_in(
    path: Path, rows: list[dict[str, Any]], status: int = 200, images: list[dict[str, Any]] | None = None
) -> Iterator[str]:
    """Serve rows of a list of containers, and of one of images, behind a socket file; give its URL.

    The containers are those of now, written out once: whoever asks is measured, not how this writes JSON.
    """
    path.unlink(missing_ok=True)
    with _Server(str(path), _Handler) as server:
        server.rows = [(row["Labels"], json.dumps(row).encode()) for row in rows]
        server.status, server.images = status, images or []
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield f"unix://{path}"
        finally:
            server.shutdown()
            thread.join()


def rows(names: Names, owners: list[str], each: int, release: str = "jupyterlab:4.6-py3.13") -> list[dict[str, Any]]:
    """Give the rows of stopped and running environments, ``each`` of every owner, as Docker 20.10 writes them."""
    found = []
    for owner in owners:
        for number in range(each):
            name, port = f"env-{number}", 20000 + len(found) % 10000
            labels = names.labels(
                "environment", owner=owner, environment=name, family="jupyterlab", release=release,
                version="20261121.1", workspace=name, connections="", port=str(port),
            )  # fmt: skip
            found.append(_row(names.environment(owner, name), dict(labels), names.network, port, len(found)))
    return found


def _row(name: str, labels: dict[str, str], network: str, port: int, number: int) -> dict[str, Any]:
    runs = number % 2 == 0
    digest = f"sha256:{number % 7:064x}"
    return {
        "Id": f"{number:064x}",
        "Names": [f"/{name}"],
        "Image": digest,
        "ImageID": digest,
        "Command": "/opt/solvent/entrypoint",
        "Created": 1795300000 + number,
        "Ports": [{"IP": "127.0.0.1", "PrivatePort": 8888, "PublicPort": port, "Type": "tcp"}] if runs else [],
        "Labels": labels,
        "State": "running" if runs else "exited",
        "Status": "Up 2 hours" if runs else "Exited (143) 3 hours ago",
        "HostConfig": {"NetworkMode": network},
        "NetworkSettings": {"Networks": {network: {"NetworkID": f"{1:064x}", "EndpointID": "", "IPAddress": ""}}},
        "Mounts": [{"Type": "volume", "Name": f"{name}-ws", "Destination": "/workspace", "RW": True}],
    }


class _Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True
    rows: list[tuple[dict[str, str], bytes]]
    images: list[dict[str, Any]]
    status: int


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        """Answer one question."""
        asked = urlsplit(re.sub(r"^/v[\d.]+/", "/", self.path))
        if asked.path == "/containers/json":
            filters = json.loads(parse_qs(asked.query).get("filters", ["{}"])[0])
            wanted = [one.partition("=") for one in filters.get("label", ())]
            written = [row for labels, row in self.server.rows if _carries(labels, wanted)]
            self._write(b"[" + b",".join(written) + b"]")
        elif asked.path == "/images/json":
            self._answer(self.server.images)
        elif asked.path == "/networks":
            self._answer([])
        elif asked.path == "/volumes":
            self._answer({"Volumes": [], "Warnings": None})
        elif asked.path == "/version":
            self._answer({"Version": "20.10.24", "ApiVersion": "1.41", "Os": "linux", "Arch": "amd64"})
        elif asked.path == "/info":
            self._answer({"ID": ENGINE_ID, "DockerRootDir": "/nowhere", "NCPU": os.cpu_count()})
        else:
            self._answer({"message": "page not found"}, 404)

    def do_POST(self) -> None:
        """Say that it is done."""
        self._answer({}, 201)

    def _answer(self, found: object, status: int = 0) -> None:
        self._write(json.dumps(found).encode(), status)

    def _write(self, body: bytes, status: int = 0) -> None:
        # Whoever asked may have gone.
        with suppress(OSError):
            self.send_response(status or self.server.status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    def address_string(self) -> str:
        """Give no address: a socket file has none."""
        return "-"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Say nothing."""


def _carries(labels: dict[str, str], wanted: list[tuple[str, str, str]]) -> bool:
    return all(key in labels and (not equals or labels[key] == value) for key, equals, value in wanted)
