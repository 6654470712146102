"""Asks a mirror over HTTP whether it answers, whether its certificate is trusted, and whether it lets one in."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from ssl import SSLContext

    from manager.core.reach import Reach

State = Literal["answers", "silent", "not trusted", "login refused", "proxy refused"]
_SECONDS = 8.0


@dataclass(frozen=True, slots=True)
class Heard:
    """What came back from an address; ``words`` say it in the mirror's or the system's own."""

    state: State
    words: str


def ask(reach: Reach, key: str, address: str) -> Heard:
    """Ask an address with the login of a key, through the proxy, trusting the authorities; raises nothing.

    An answer that there is no such page is an answer: not every mirror has something at its top.
    """
    import httpx

    login = reach.login(key)
    auth = (login.user, login.password.reveal()) if login else None
    proxy = _proxy(reach, address)
    try:
        with httpx.Client(
            verify=_trusting(reach), proxy=proxy, trust_env=not reach.mirrors.proxy, timeout=_SECONDS
        ) as client:
            status = client.get(address, auth=auth, follow_redirects=True).status_code
    except httpx.ProxyError as error:
        return Heard("proxy refused", reach.masked(str(error)))
    except httpx.HTTPError as error:
        words = reach.masked(str(error)) or type(error).__name__
        return Heard("not trusted" if "CERTIFICATE_VERIFY_FAILED" in words else "silent", words)
    states: dict[int, State] = {401: "login refused", 403: "login refused", 407: "proxy refused"}
    if status >= 500:
        return Heard("silent", f"it answers {status}")
    return Heard(states.get(status, "answers"), f"it answers {status}")


def _trusting(reach: Reach) -> SSLContext:
    """Give the rules of trust: the bundle that is set, else the system's."""
    import ssl

    if not reach.bundle:
        return ssl.create_default_context()
    with tempfile.TemporaryDirectory(prefix="solvent-index-") as name:
        file = Path(name, "authorities.pem")
        file.write_text(reach.bundle)
        return ssl.create_default_context(cafile=str(file))


def _proxy(reach: Reach, address: str) -> str | None:
    """Give the proxy for an address: none for what stands in ``no_proxy``."""
    from urllib.parse import urlsplit

    host = urlsplit(address).hostname or ""
    return reach.opened("proxy") if reach.mirrors.proxy and not reach.is_direct(host) else None
