"""Waiting for a web server on this machine to answer."""

from __future__ import annotations

import http.client
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
# How often a caller is asked whether what it waits for still lives: it may cost a request to an engine.
_ALIVE_EVERY = 1.0


def pause(elapsed: float) -> float:
    """Give the seconds to wait before the next try, ``elapsed`` seconds after the first one."""
    return min(max(_FIRST, elapsed * _SHARE), _LAST)


def ready(port: int, path: str, timeout: float, alive: Callable[[], str] | None = None) -> float:
    """Wait until 127.0.0.1 answers below 400 on a path; give the seconds that it took.

    ``alive`` is asked about once a second and gives "", or why there is no point in waiting longer. Raises
    Failed with that reason, or after ``timeout`` seconds with the last thing seen.
    """
    began = time.monotonic()
    seen = "no answer"
    asked = began
    for elapsed in _tries(began, timeout):
        status, seen = _answer(port, path, max(0.1, min(5.0, timeout - elapsed)))
        now = time.monotonic()
        if 0 < status < 400:
            return now - began
        if alive is not None and now - asked >= _ALIVE_EVERY:
            asked = now
            if reason := alive():
                raise Failed(f"nothing will answer on port {port}", why=reason)
    raise Failed(f"port {port} did not answer on {path} within {timeout:g} s", why=seen)


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
