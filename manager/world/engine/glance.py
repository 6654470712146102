"""One look at an engine, and its list of containers, without the SDK, whose import takes longer than the answers.

Only for an engine behind a socket file, and only where all goes well: for everything else there is the SDK, which
knows TLS, SSH and the words for every error.
"""

from __future__ import annotations

import json
import socket
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from manager.world.engine import reading
from manager.world.engine.asking import address, label_filter

if TYPE_CHECKING:
    from manager.core.observed import Container

# Seconds; an engine that needs longer is asked in the ordinary way, which has more patience.
_PATIENCE = 10
_CHUNK = 1024 * 1024


def containers(url: str | None, labels: dict[str, str]) -> tuple[Container, ...] | None:
    """List containers as :meth:`Docker.containers` does; None where the SDK has to be asked."""
    filters = json.dumps({"label": label_filter(labels)})
    try:
        rows = _answer(url, f"/containers/json?all=1&filters={quote(filters)}")
        return None if rows is None else tuple(map(reading.listed, rows))
    except (ValueError, KeyError):
        return None


def engine_id(url: str | None) -> str | None:
    """Give what tells the engine from every other one; None where the SDK has to be asked."""
    about = _answer(url, "/info")
    return str(about["ID"]) if isinstance(about, dict) and about.get("ID") else None


def _answer(url: str | None, path: str) -> Any:
    """Ask for JSON; None for an engine that is elsewhere, or does not say it."""
    place = address(url)
    if not place.startswith("unix://"):
        return None
    try:
        head, _, body = _said(place.removeprefix("unix://"), path).partition(b"\r\n\r\n")
        status, *fields = head.lower().split(b"\r\n")
        whole = status.split(b" ")[1:2] == [b"200"] and not any(one.startswith(b"transfer-encoding") for one in fields)
        return json.loads(body) if whole else None
    except (OSError, ValueError):
        return None


def _said(place: str, path: str) -> bytes:
    """Ask in HTTP/1.0, whose answer ends with the connection; half of one is no JSON.

    The library's client loads what mail and TLS need, which takes as long as a list of ten thousand containers.
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(_PATIENCE)
        connection.connect(place)
        connection.sendall(f"GET {path} HTTP/1.0\r\nHost: localhost\r\n\r\n".encode())
        chunks = []
        while chunk := connection.recv(_CHUNK):
            chunks.append(chunk)
    return b"".join(chunks)
