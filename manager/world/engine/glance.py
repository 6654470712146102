"""One look at an engine's list of containers without the SDK, whose import takes longer than the whole answer.

Only for an engine behind a socket file, and only where all goes well: for everything else there is the SDK, which
knows TLS, SSH and the words for every error.
"""

from __future__ import annotations

import json
import socket
from http.client import HTTPConnection, HTTPException
from typing import TYPE_CHECKING
from urllib.parse import quote

from manager.world.engine import reading
from manager.world.engine.asking import address, label_filter

if TYPE_CHECKING:
    from manager.core.observed import Container

# Seconds; an engine that needs longer is asked in the ordinary way, which has more patience.
_PATIENCE = 10


def containers(url: str | None, labels: dict[str, str]) -> tuple[Container, ...] | None:
    """List containers as :meth:`Docker.containers` does; None where the SDK has to be asked."""
    place = address(url)
    if not place.startswith("unix://"):
        return None
    filters = json.dumps({"label": label_filter(labels)})
    connection = _Behind(place.removeprefix("unix://"))
    try:
        connection.request("GET", f"/containers/json?all=1&filters={quote(filters)}")
        answer = connection.getresponse()
        rows = json.loads(answer.read()) if answer.status == 200 else None
        return None if rows is None else tuple(map(reading.listed, rows))
    except (OSError, HTTPException, ValueError, KeyError):
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
