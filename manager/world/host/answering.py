"""Whether an engine answers at an address; a socket file or a program alone proves nothing."""

from __future__ import annotations

import socket
from typing import Literal

DEFAULT_ADDRESS = "unix:///var/run/docker.sock"

Answer = Literal["answers", "forbidden", "silent"]

# Docker's convention for an engine behind TLS.
_TLS_PORT = "2376"


def ping(address: str, timeout: float = 2) -> Answer:
    """Ask ``/_ping`` of the engine at ``unix://PATH`` or ``tcp://HOST:PORT``, within ``timeout`` seconds.

    Behind TLS an open port counts as an answer: the certificates are the client's matter. Of an address with
    another scheme, such as ``ssh``, nothing can be told from here, and it counts as an answer as well.
    """
    scheme, _, place = address.partition("://")
    try:
        if scheme == "unix":
            connection = socket.socket(socket.AF_UNIX)
            connection.settimeout(timeout)
        elif scheme == "tcp":
            host, _, port = place.rstrip("/").rpartition(":")
            connection = socket.create_connection((host.strip("[]"), int(port)), timeout)
        else:
            return "answers"
        with connection:
            if scheme == "unix":
                connection.connect(place)
            elif port == _TLS_PORT:
                return "answers"
            connection.sendall(b"GET /_ping HTTP/1.0\r\nHost: localhost\r\n\r\n")
            status = connection.makefile("rb").readline().split()
        return "answers" if status[1:2] == [b"200"] else "silent"
    except PermissionError:
        return "forbidden"
    except (OSError, ValueError):
        return "silent"
