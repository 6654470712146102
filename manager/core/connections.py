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
from manager.core.signing_in import lacking
from manager.core.slots import DEFAULT, DIVIDED, TLS, slots_of
from manager.errors import Problem, UsageError

if TYPE_CHECKING:
    from manager.core.connectors import Authentication, Connector, Parameter
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
# What is said of a parameter that a connection has to have and has not.
MISSING = "is required and missing"
_TRUE = {"true", "yes", "on", "1"}
_BOOLEANS = {*_TRUE, "false", "no", "off", "0"}


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
    slots = slots_of(connector)
    # The name of a file may end with a blank, and stands in a URL as it is (see delivery.url).
    match = re.fullmatch(_URL, text.strip() if slots.authority[2] else text.lstrip())
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
    # Without a host the path is a file, whatever its name.
    _undivided(connector, (user, match["address"], path if slots.authority[2] else ""), match["query"] or "")
    # Digits only, and no @ behind: otherwise this is a piece of a password with a character to be escaped.
    split = match["credentials"] is None and "@" in path and bool(slots.authority[0])
    if (port and not port.isdecimal()) or split:
        raise _not_a_url(connector)
    given = [*zip(slots.authority, (user, password, host, port), strict=True)]
    if slots.path:
        given += zip(slots.path, path.split("/", len(slots.path) - 1), strict=False)
    given = [(name, unquote(value)) for name, value in given if name]
    asked: list[tuple[str, str]] = []
    if query := match["query"]:
        try:
            # A plus is a space where SQLAlchemy wrote the URL, and a plus where libpq reads it.
            asked = parse_qsl(query if plus else query.replace("+", "%2B"), True, strict_parsing=True)
        except ValueError:
            raise _not_a_url(connector) from None
    if scheme in secure:
        # The scheme says it already; a query that says otherwise is told of as what is said twice.
        asked = [(name, value) for name, value in asked if not _agrees(connector, name, value)]
        given.append((TLS, "true"))
    given += asked
    return _sorted_out(connector, given)


def _undivided(connector: Connector, parts: tuple[str, ...], query: str) -> None:
    """Raise UsageError for parameters behind semicolons, as other programs write them: a password would be in clear."""
    behind = (canonical(connector, pair[1:-1].strip()) for pair in re.findall(DIVIDED, query))
    if any(re.search(DIVIDED, one) for one in parts) or any(one is not None and one.secret for one in behind):
        raise UsageError(
            f"a URL of connector {connector.id} has no parameters behind ';'",
            why="they would be taken for a piece of a name, and a password among them would be kept in clear",
            hint="they stand behind '?', joined by '&'; a ';' that belongs to a name is written %3B",
        )


def _agrees(connector: Connector, name: str, value: str) -> bool:
    """Say whether a part of a query asks for TLS, as the scheme of its URL does."""
    parameter = canonical(connector, name)
    return parameter is not None and parameter.name == TLS and value.lower() in _TRUE


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


def problems(connector: Connector, connection: Connection, way: Authentication | None = None) -> tuple[Problem, ...]:
    """Say everything that is wrong with a connection, and what a way to sign in lacks; no secret is shown."""
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
        elif why := wrong_type(parameter, value):
            found.append(Problem(file, 0, name, why))
    if why := network_problem(connection.network):
        found.append(Problem(file, 0, "network", why))
    given = names_given(connector, connection)
    found += (Problem(file, 0, one.name, MISSING, option(one)) for one in lacking(connector, given, way))
    return tuple(found)


def names_given(connector: Connector, connection: Connection) -> frozenset[str]:
    """Give the canonical names of what a connection says, secrets too."""
    found = (canonical(connector, name) for name, _ in (*connection.parameters, *connection.secrets))
    return frozenset(one.name for one in found if one)


def ways_in(connector: Connector) -> str:
    """Name the ways to sign in with what each needs, those that work inside an environment first; "" for none."""
    ordered = sorted(connector.authentication, key=lambda one: not one.inside)
    ways = (f"{one.name} ({', '.join(one.needs) or 'nothing'})" + " [not in an environment]" * (not one.inside)
            for one in ordered)  # fmt: skip
    return ", ".join(ways)


def option(parameter: Parameter) -> str:
    """Give the option that says a parameter."""
    return f"--secret {parameter.name}=env:VARIABLE" if parameter.secret else f"--set {parameter.name}=..."


def network_problem(name: str) -> str:
    """Say why a network cannot be joined, or nothing; the host's own would be no boundary at all."""
    if name in ("host", "none"):
        return f"cannot be {name!r}: an environment joins a network of its own kind"
    if name and not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]*", name):
        return "is no name that an engine gives a network"
    return ""


def wrong_type(parameter: Parameter, value: str) -> str:
    """Say why a parameter cannot have a value, or nothing."""
    if not value:
        return "is empty; leave it out instead"
    if "\0" in value:
        return "contains a NUL character, which no driver takes"
    if parameter.type == "integer" and not re.fullmatch(r"[+-]?[0-9]{1,18}", value):
        return f"is to be an integer, not {value!r}"
    if parameter.type == "boolean" and value.lower() not in _BOOLEANS:
        return f"is to be true or false, not {value!r}"
    return ""
