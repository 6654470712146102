"""Asks over HTTP as builds ask: by the proxy that is set, trusting the authorities that are set, and this machine's.

The only home of httpx. It stands below ``world``, whose files do not import each other but share this; importing it
costs what httpx costs, so it is imported when something is asked.
"""

from __future__ import annotations

import re
import ssl
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal

import httpx

from manager.core.reach import AS_IT_IS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from manager.core.reach import Reach

Silence = Literal["silent", "not trusted", "proxy refused"]
# What the system calls an error says enough; its number helps nobody.
_NUMBER = re.compile(r"\[Errno -?\d+\] ")


class NotAnswered(Exception):
    """No answer came, or it broke off; ``words`` say it without any password."""

    def __init__(self, state: Silence, words: str) -> None:
        super().__init__(words)
        self.state = state
        self.words = words


@contextmanager
def answer(address: str, reach: Reach = AS_IT_IS, key: str = "", seconds: float = 60.0) -> Iterator[httpx.Response]:
    """Give the answer of an address, after redirections; its content is read by whoever asked, as it was sent.

    ``key`` names the login to ask with, ``seconds`` is for how long nothing may come. Raises NotAnswered, while the
    content is read as well.
    """
    login = reach.login(key)
    auth = (login.user, login.password.reveal()) if login else None
    try:
        with (
            _client(reach, seconds) as client,
            # Some servers call an archive's own compression an encoding, which a client would undo.
            client.stream("GET", address, auth=auth, headers={"Accept-Encoding": "identity"}) as found,
        ):
            yield found
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        words = _NUMBER.sub("", reach.masked(str(error))) or type(error).__name__
        refused: Silence = "proxy refused" if isinstance(error, httpx.ProxyError) else "silent"
        raise NotAnswered("not trusted" if "CERTIFICATE_VERIFY_FAILED" in words else refused, words) from None


def _client(reach: Reach, seconds: float) -> httpx.Client:
    trust = ssl.create_default_context(cadata=reach.bundle or None)
    proxy = reach.opened("proxy")
    if not proxy:
        return httpx.Client(verify=trust, follow_redirects=True, timeout=seconds)
    return httpx.Client(transport=_Ways(reach, trust, proxy), follow_redirects=True, timeout=seconds, trust_env=False)


class _Ways(httpx.BaseTransport):
    """Asks through the proxy but for the hosts that it is not for, wherever a redirection leads."""

    def __init__(self, reach: Reach, trust: ssl.SSLContext, proxy: str) -> None:
        self._reach = reach
        self._direct = httpx.HTTPTransport(verify=trust)
        self._through = httpx.HTTPTransport(verify=trust, proxy=proxy)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Ask by the way of the request's host."""
        way = self._direct if self._reach.is_direct(request.url.host) else self._through
        return way.handle_request(request)

    def close(self) -> None:
        """Close both ways."""
        self._direct.close()
        self._through.close()
