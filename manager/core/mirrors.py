"""Where packages and images come from on this machine, and through what: the value of the table ``[mirror]``.

It may stand in a catalog, in the machine's settings and in a person's. What it leaves out is the host's own matter.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields, replace
from typing import Any

# What belongs to an address: who names another address brings these as well, or goes without them.
_BELONGS: dict[str, tuple[str, ...]] = {
    "python": (),
    "apt": ("apt_security", "apt_keyring"),
    "npm": (),
    "cran": (),
    "registry": (),
    "builds": (),
    "proxy": (),
}
WITH_LOGIN = tuple(_BELONGS)


@dataclass(frozen=True, slots=True)
class Mirrors:
    """Addresses without credentials; an empty one is not set.

    ``python`` is a simple index (PEP 503), ``apt`` and ``apt_security`` are Debian archives, ``apt_keyring`` and
    ``ca_bundle`` absolute paths, ``registry`` a host with an optional path that stands in for the host of a pulled
    image, ``builds`` one that promoted builds are pushed to and pulled from, ``no_proxy`` host names. ``frozen`` are
    the suites whose archive stands still, so that their Release files are past their date. ``credentials``
    gives references to ``user:password`` by key (:data:`WITH_LOGIN`; ``apt`` holds for ``apt_security``, too).
    ``origins`` gives each key that is set its file and line.
    """

    python: str = ""
    apt: str = ""
    apt_security: str = ""
    apt_keyring: str = ""
    npm: str = ""
    cran: str = ""
    registry: str = ""
    builds: str = ""
    ca_bundle: str = ""
    proxy: str = ""
    no_proxy: tuple[str, ...] = ()
    frozen: tuple[str, ...] = ()
    credentials: tuple[tuple[str, str], ...] = ()
    origins: tuple[tuple[str, str], ...] = ()

    def image(self, reference: str) -> str:
        """Give the reference that an image is pulled by: the mirror's in the place of its registry."""
        if not self.registry:
            return reference
        host = registry_host(reference)
        if host:
            return f"{self.registry}/{reference.removeprefix(f'{host}/')}"
        return f"{self.registry}/{reference}" if "/" in reference else f"{self.registry}/library/{reference}"

    def is_direct(self, host: str) -> bool:
        """Say whether ``no_proxy`` names a host, or a domain that it lies in."""
        return any(one in ("*", host) or host.endswith("." + one.lstrip("*.")) for one in self.no_proxy)


def registry_host(reference: str) -> str:
    """Give the host of an image's reference, with its port; nothing where it names none.

    A first part without a dot, a colon or the name localhost is no host (the rule of Docker's references).
    """
    host, slash, _ = reference.partition("/")
    return host if slash and (host == "localhost" or re.search(r"[.:]", host)) else ""


NOTHING_SET = Mirrors()
KEYS = tuple(one.name for one in fields(Mirrors) if one.name != "origins")


def merged(below: Mirrors, above: Mirrors) -> Mirrors:
    """Join two tables key by key; what is set above wins, even where it is set to nothing.

    An address that is set above to another one leaves behind what belongs to the one below: its credentials would be
    sent to a stranger.
    """
    origins, credentials = dict(below.origins), dict(below.credentials)
    given = dict(above.origins)
    result = below
    for key, own in _BELONGS.items():
        if key in given and getattr(above, key) != getattr(below, key):
            taken: dict[str, Any] = dict.fromkeys(own, "")
            result = replace(result, **taken)
            credentials.pop(key, None)
            for name in (*own, dotted(key)):
                origins.pop(name, None)
    for key in KEYS:
        if key in given:
            result = replace(result, **{key: getattr(above, key)})
    credentials |= dict(above.credentials)
    return replace(result, credentials=tuple(sorted(credentials.items())), origins=tuple((origins | given).items()))


def dotted(key: str) -> str:
    """Spell the key of a login as it stands below ``[mirror]``."""
    return f"credentials.{key}"
