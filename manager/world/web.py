"""Ports of this machine: is one free, and does a web server answer on it yet?"""

from __future__ import annotations

import http.client
import socket
import time
from typing import TYPE_CHECKING

from manager.errors import Failed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# An engine's port proxy accepts connections before the server listens, so only an answer counts, and every
# try costs a connection through the proxy. A twentieth of the time gone by keeps the delay in seeing the answer
# at 5 % of the wait, with some 20 tries in the first second and 14 for each doubling of the wait after it;
# a try every 20 ms takes from the starting server what it needs on a machine with 2 cores.
_FIRST, _SHARE, _LAST = 0.05, 0.05, 1.0
# How often ``between`` is called: it may cost a request to an engine.
_BETWEEN = 1.0


def pause(elapsed: float) -> float:
    """Give the seconds to wait before the next try, ``elapsed`` seconds after the first one."""
    return min(max(_FIRST, elapsed * _SHARE), _LAST)


def ready(port: int, path: str, timeout: float, between: Callable[[], None] | None = None) -> float:
    """Wait until 127.0.0.1 answers below 400 on a path; give the seconds that it took.

    ``between`` is called about once a second while nothing answers: it may tell of the wait, and raises when
    there is no point in waiting longer. Raises Failed after ``timeout`` seconds, with the last thing seen.
    """
    began = called = time.monotonic()
    seen = "no answer"
    for elapsed in _tries(began, timeout):
        status, seen = _answer(port, path, max(0.1, min(_BETWEEN, timeout - elapsed)))
        now = time.monotonic()
        if 0 < status < 400:
            return now - began
        if between is not None and now - called >= _BETWEEN:
            called = now
            between()
    raise Failed(f"port {port} did not answer on {path} within {timeout:g} s", why=seen)


def port_free(port: int) -> bool:
    """Say whether nothing listens on a port of 127.0.0.1, so that an engine could publish on it."""
    with socket.socket() as probe:
        # As engines do: a connection that is still closing does not hold the port.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _tries(began: float, timeout: float) -> Iterator[float]:
    while (elapsed := time.monotonic() - began) < timeout:
        yield elapsed
        elapsed = time.monotonic() - began
        time.sleep(max(0.0, min(pause(elapsed), timeout - elapsed)))


def _answer(port: int, path: str, timeout: float) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        connection.request("GET", path)
        status = connection.getresponse().status
        return status, f"the last answer was {status}"
    except (OSError, http.client.HTTPException) as error:
        return 0, str(error) or type(error).__name__
    finally:
        connection.close()
