"""Which parameter stands where in a connector's URLs, as its ``url_template`` says."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from manager.core.connectors import Connector

# Compiled at its first use: most commands make no URL.
_TEMPLATE = (
    r"(?:\{scheme\}|[\w+.-]+)://"
    r"(?:(?:\{(?P<user>\w+)\})?(?::\{(?P<password>\w+)\})?@)?"
    r"(?:\{(?P<host>\w+)\})?(?::\{(?P<port>\w+)\})?(?P<path>(?:/\{\w+\})*)/?(?:\?.*)?"
)
# A parameter behind a semicolon, as other programs write it into their URLs; none of ours has any.
DIVIDED = r";[^;=]+="
# The parameter that the scheme of a URL speaks of, with drivers that read TLS from nowhere else.
TLS = "ssl"
DEFAULT = "{scheme}://{user}:{password}@{host}:{port}/{database}"


@dataclass(frozen=True, slots=True)
class Slots:
    """Canonical names by place: user, password, host, port ("" for a place not used), and the path's segments."""

    authority: tuple[str, str, str, str]
    path: tuple[str, ...]


def slots_of(connector: Connector) -> Slots:
    """Read a connector's template; parameters that it does not name go to the query.

    Raises ValueError for a template of another form than :data:`DEFAULT`'s.
    """
    match = readable(connector.url_template or DEFAULT)
    if match is None:
        raise ValueError(f"{connector.place}: url_template is not of the form {DEFAULT}")
    names = {parameter.name for parameter in connector.parameters}
    user, password, host, port = (
        name if name in names else "" for name in (match[one] or "" for one in ("user", "password", "host", "port"))
    )
    path = re.findall(r"\w+", match["path"])
    return Slots((user, password, host, port), tuple(name for name in path if name in names))


def readable(template: str) -> re.Match[str] | None:
    """Give the places of a template, or None where it is of another form than :data:`DEFAULT`'s."""
    return re.fullmatch(_TEMPLATE, template)
