"""One look at an engine, and its list of containers, without the SDK, whose import takes longer than the answers.

Only for an engine behind a socket file, and only where all goes well: for everything else there is the SDK, which
knows TLS, SSH and the words for every error.
"""

from __future__ import annotations

import json
import socket
from http.client import HTTPConnection, HTTPException
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from manager.world.engine import reading
from manager.world.engine.asking import address, label_filter

if TYPE_CHECKING:
    from manager.core.observed import Container

# Seconds; an engine that needs longer is asked in the ordinary way, which has more patience.
_PATIENCE = 10


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
    connection = _Behind(place.removeprefix("unix://"))
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return json.loads(answer.read()) if answer.status == 200 else None
    except (OSError, HTTPException, ValueError):
        return None
    finally:
        connection.close()


class _Behind(HTTPConnection):
    """HTTP over a socket file."""

    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=_PATIENCE)
        self._path = path

    def connect(self) -> None:
        """Connect."""
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(_PATIENCE)
        self.sock.connect(self._path)
