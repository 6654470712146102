"""Saved parameters for one data source, under canonical names; secrets are references.

What a connector accepts, how a URL is read, and what is wrong with a connection. What a driver and an
environment are given is in :mod:`manager.core.delivery`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal
from urllib.parse import parse_qsl, unquote

from manager.core.catalog import did_you_mean
from manager.core.secrets import Secret
from manager.core.slots import DEFAULT, TLS, slots_of
from manager.errors import Problem, UsageError

if TYPE_CHECKING:
    from manager.core.connectors import Connector, Parameter
    from manager.core.sharing import SharedConnection

# libpq takes both spellings (its documentation, "Connection URIs").
_SAME_SCHEME = {"postgres": "postgresql"}
# Compiled at its first use: most commands read no URL.
_URL = (
    r"(?P<scheme>[A-Za-z][\w+.-]*)://"
    # The last @ before the path ends the credentials, so an @ in a password is read as people mean it.
    r"(?:(?P<credentials>[^/?#]*)@)?"
    r"(?P<address>[^/?#]*)(?:/(?P<path>[^?#]*))?(?:\?(?P<query>[^#]*))?"
)
_BOOLEANS = {"true", "false", "yes", "no", "on", "off", "1", "0"}


@dataclass(frozen=True, slots=True)
class Connection:
    """A connection; ``parameters`` are values and ``secrets`` references, both by canonical name.

    ``source`` names a shipped source and ``network`` an engine's network that it is reached through. ``shared`` is
    what the catalog gives of it; the others are personal. One without a connector completes a shared one.
    """

    name: str
    connector: str
    parameters: tuple[tuple[str, str], ...] = ()
    secrets: tuple[tuple[str, str], ...] = ()
    source: str = ""
    network: str = ""
    shared: SharedConnection | None = None

    @property
    def origin(self) -> Literal["personal", "shared", "orphaned"]:
        """Say where it comes from; an orphaned one completes what the catalog does not share (any more)."""
        if self.shared is not None:
            return "shared"
        return "personal" if self.connector else "orphaned"

    @property
    def missing(self) -> tuple[str, ...]:
        """Name what its person has still to bring."""
        there = dict(self.parameters) | dict(self.secrets)
        return tuple(name for name in (self.shared.needs if self.shared else ()) if name not in there)


@dataclass(frozen=True, slots=True)
class GivenUrl:
    """What a URL said: parameters, and secrets in clear, by canonical name; unknown names are left as they are."""

    parameters: tuple[tuple[str, str], ...]
    secrets: tuple[tuple[str, Secret], ...]


def canonical(connector: Connector, name: str) -> Parameter | None:
    """Find a parameter by its canonical name, its driver's name or an alias."""
    for parameter in connector.parameters:
        if name == parameter.name:
            return parameter
    for parameter in connector.parameters:
        if name == parameter.driver_name or name in parameter.aliases:
            return parameter
    return None


def from_url(connector: Connector, text: str) -> GivenUrl:
    """Read a URL as SQLAlchemy or libpq write it; a driver in the scheme is accepted and left out.

    Raises UsageError for another connector's scheme, for what is no URL, and for a parameter that stands in it
    twice. No message repeats the URL, which may hold a password.
    """
    match = re.fullmatch(_URL, text.strip())
    if match is None:
        raise _not_a_url(connector)
    scheme, plus, _ = match["scheme"].lower().partition("+")
    secure = {driver.tls_scheme for driver in connector.drivers} - {""}
    known = {driver.url_scheme.partition("+")[0] for driver in connector.drivers} - {""} | {connector.id} | secure
    if _SAME_SCHEME.get(scheme, scheme) not in known:
        raise UsageError(
            f"a URL of {scheme} is none of connector {connector.id}",
            why="its URLs begin with " + ", ".join(f"{one}://" for one in sorted(known)),
            hint="see the connectors:  solvent connector list",
        )
    user, _, password = (match["credentials"] or "").partition(":")
    host, port = _address(match["address"])
    path = match["path"] or ""
    # Digits only, and no @ behind: otherwise this is a piece of a password with a character to be escaped.
    if (port and not port.isdecimal()) or (match["credentials"] is None and "@" in path):
        raise _not_a_url(connector)
    slots = slots_of(connector)
    given = [*zip(slots.authority, (user, password, host, port), strict=True)]
    if slots.path:
        given += zip(slots.path, path.split("/", len(slots.path) - 1), strict=False)
    given = [(name, unquote(value)) for name, value in given if name]
    if scheme in secure:
        given.append((TLS, "true"))
    if query := match["query"]:
        try:
            # A plus is a space where SQLAlchemy wrote the URL, and a plus where libpq reads it.
            given += parse_qsl(query if plus else query.replace("+", "%2B"), True, strict_parsing=True)
        except ValueError:
            raise _not_a_url(connector) from None
    return _sorted_out(connector, given)


def _address(text: str) -> tuple[str, str]:
    bracketed = re.fullmatch(r"\[([^\]]*)\](?::(.*))?", text)
    if bracketed:
        return bracketed[1], bracketed[2] or ""
    host, _, port = text.partition(":")
    return host, port


def _not_a_url(connector: Connector) -> UsageError:
    return UsageError(
        f"this is not a URL that connector {connector.id} can read",
        why="one host and a numeric port; '/', '?', '#' and '%' in a user or password are written %2F, %3F, %23, %25",
        hint=f"it looks like  {connector.url_template or DEFAULT}",
    )


def _sorted_out(connector: Connector, given: list[tuple[str, str]]) -> GivenUrl:
    parameters: dict[str, str] = {}
    secrets: dict[str, Secret] = {}
    for name, value in given:
        if not value:
            continue
        parameter = canonical(connector, name)
        key = parameter.name if parameter else name
        if key in parameters or key in secrets:
            raise UsageError(f"the URL says {key!r} twice", hint="leave one of the two out")
        if parameter and parameter.secret:
            secrets[key] = Secret(value)
        else:
            parameters[key] = value
    return GivenUrl(tuple(parameters.items()), tuple(secrets.items()))


def problems(connector: Connector, connection: Connection) -> tuple[Problem, ...]:
    """Say everything that is wrong with a connection; values of parameters that may be secrets are not shown."""
    file = f"connections/{connection.name}.toml"
    known = [parameter.name for parameter in connector.parameters]
    found: list[Problem] = []
    seen: set[str] = set()
    both = [(name, value, False) for name, value in connection.parameters]
    both += [(name, reference, True) for name, reference in connection.secrets]
    for name, value, is_reference in both:
        parameter = canonical(connector, name)
        if parameter is None:
            why = f"is no parameter of connector {connector.id}"
            found.append(Problem(file, 0, name, why, did_you_mean(name, known)))
            continue
        if parameter.name in seen:
            found.append(Problem(file, 0, name, f"{parameter.name} is given twice"))
        seen.add(parameter.name)
        if is_reference:
            continue
        if parameter.secret:
            hint = f"--secret {parameter.name}=env:VARIABLE"
            found.append(Problem(file, 0, name, "a secret is given by reference, not as a parameter", hint))
        elif why := _wrong_type(parameter, value):
            found.append(Problem(file, 0, name, why))
    if why := network_problem(connection.network):
        found.append(Problem(file, 0, "network", why))
    found += (
        Problem(file, 0, one.name, "is required and missing", _option(one)) for one in lacking(connector, connection)
    )
    return tuple(found)


def lacking(connector: Connector, connection: Connection) -> tuple[Parameter, ...]:
    """Give the parameters that a connection has to have and has not."""
    given = {canonical(connector, name) for name, _ in (*connection.parameters, *connection.secrets)}
    return tuple(one for one in connector.parameters if one.required and not one.default and one not in given)


def ways_in(connector: Connector) -> str:
    """Name the ways to sign in with what each needs, those that work inside an environment first; "" for none."""
    ordered = sorted(connector.authentication, key=lambda one: not one.inside)
    ways = (f"{one.name} ({', '.join(one.needs) or 'nothing'})" + " [not in an environment]" * (not one.inside)
            for one in ordered)  # fmt: skip
    return ", ".join(ways)


def _option(parameter: Parameter) -> str:
    return f"--secret {parameter.name}=env:VARIABLE" if parameter.secret else f"--set {parameter.name}=..."


def network_problem(name: str) -> str:
    """Say why a network cannot be joined, or nothing; the host's own would be no boundary at all."""
    if name in ("host", "none"):
        return f"cannot be {name!r}: an environment joins a network of its own kind"
    if name and not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]*", name):
        return "is no name that an engine gives a network"
    return ""


def _wrong_type(parameter: Parameter, value: str) -> str:
    if not value:
        return "is empty; leave it out instead"
    if "\0" in value:
        return "contains a NUL character, which no driver takes"
    if parameter.type == "integer" and not re.fullmatch(r"[+-]?[0-9]{1,18}", value):
        return f"is to be an integer, not {value!r}"
    if parameter.type == "boolean" and value.lower() not in _BOOLEANS:
        return f"is to be true or false, not {value!r}"
    return ""
