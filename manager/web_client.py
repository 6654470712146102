"""Asks over HTTP as builds ask: by the proxy that is set, trusting the authorities that are set, and this machine's.

The only home of httpx. It stands below ``world``, whose files do not import each other but share this; importing it
costs what httpx costs, so it is imported when something is asked.
"""

from __future__ import annotations

import os
import re
import ssl
import threading
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

import httpx

from manager.core.reach import AS_IT_IS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

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


# Asks over connections that stay open, from several threads at once.
Client = httpx.Client


def opened(reach: Reach = AS_IT_IS, seconds: float = 60.0) -> Client:
    """Give a client for many questions, to be closed: reading the authorities takes longer than a short answer."""
    with _reading:
        trust = _trust(reach.bundle, os.environ.get("SSL_CERT_FILE", ""), os.environ.get("SSL_CERT_DIR", ""))
    proxy = reach.opened("proxy")
    if not proxy:
        return httpx.Client(verify=trust, follow_redirects=True, timeout=seconds)
    return httpx.Client(transport=_Ways(reach, trust, proxy), follow_redirects=True, timeout=seconds, trust_env=False)


# Reading this machine's authorities takes a tenth of a second, and several threads ask at once.
_reading = threading.Lock()


@lru_cache(maxsize=4)
def _trust(bundle: str, _file: str, _folder: str) -> ssl.SSLContext:
    """Give what is trusted: this machine's authorities, which two variables may name, and a bundle's."""
    return ssl.create_default_context(cadata=bundle or None)


@contextmanager
def answer(
    address: str,
    reach: Reach = AS_IT_IS,
    key: str = "",
    seconds: float = 60.0,
    headers: Mapping[str, str] | None = None,
    through: Client | None = None,
) -> Iterator[httpx.Response]:
    """Give the answer of an address, after redirections; its content is read by whoever asked, as it was sent.

    ``key`` names the login to ask with, ``seconds`` is for how long nothing may come; ``through`` is a client that is
    open already. Raises NotAnswered, while the content is read as well.
    """
    login = reach.login(key)
    auth = (login.user, login.password.reveal()) if login else None
    try:
        with (
            nullcontext(through) if through else opened(reach, seconds) as client,
            # Some servers call an archive's own compression an encoding, which a client would undo.
            client.stream(
                "GET", address, auth=auth, headers={"Accept-Encoding": "identity", **(headers or {})}
            ) as found,
        ):
            yield found
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise _not_answered(error, reach) from None


@dataclass(frozen=True, slots=True)
class Reply:
    """What a server said to a post: its status, and for how many seconds it wants to be left alone."""

    status: int
    wait: float = 0.0


def posted(address: str, body: bytes, headers: dict[str, str], reach: Reach = AS_IT_IS, seconds: float = 60.0) -> Reply:
    """Post once, and follow no redirection: what was sent is for this address alone.

    Raises NotAnswered, whose words do not repeat the address.
    """
    try:
        with opened(reach, seconds) as client:
            found = client.post(address, content=body, headers=headers, follow_redirects=False)
            wait = found.headers.get("Retry-After", "")
            return Reply(found.status_code, float(wait) if wait.isdecimal() else 0.0)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise _not_answered(error, reach, address) from None


def _not_answered(error: httpx.HTTPError | httpx.InvalidURL, reach: Reach, secret: str = "") -> NotAnswered:
    """Say why no answer came; ``secret`` is an address that is not to be repeated."""
    words = _NUMBER.sub("", reach.masked(str(error))) or type(error).__name__
    if secret and isinstance(error, httpx.InvalidURL):
        words = "this is no address"
    state: Silence = "proxy refused" if isinstance(error, httpx.ProxyError) else "silent"
    state = "not trusted" if "CERTIFICATE_VERIFY_FAILED" in words else state
    return NotAnswered(state, words.replace(secret, "the address") if secret else words)


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
