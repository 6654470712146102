"""The ways to sign in to a connector's data sources, what has still to be said, and the secure values on offer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from manager.core.catalog import did_you_mean
from manager.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from manager.core.connectors import Authentication, Connector, Parameter


def way_called(connector: Connector, name: str) -> Authentication:
    """Find a way to sign in by its name; raises UsageError, also where a connector has none."""
    for one in connector.authentication:
        if one.name == name:
            return one
    names = [one.name for one in connector.authentication]
    raise UsageError(
        f"connector {connector.id} has no way to sign in called {name!r}",
        why=f"its ways are {', '.join(names)}" if names else "nobody signs in there",
        hint=did_you_mean(name, names) or f"see  solvent connector show {connector.id}",
    )


def signed_in(connector: Connector, way: Authentication, given: Mapping[str, str]) -> dict[str, str]:
    """Give parameters with what a way to sign in sets; raises UsageError where they say otherwise."""
    for name, value in way.sets:
        if given.get(name, value).lower() != value.lower():
            raise UsageError(
                f"to sign in by {way.name} {name} has to be {value}, and it is said to be {given[name]}",
                hint=f"leave one of the two out; see  solvent connector show {connector.id}",
            )
    return dict(way.sets) | dict(given)


def lacking(connector: Connector, given: Collection[str], way: Authentication | None = None) -> tuple[Parameter, ...]:
    """Give the parameters that have still to be said: those always required, then those that a way needs."""
    needed = way.needs if way else ()
    given = {*given, *replaced(connector, given)}
    found = [one for one in connector.parameters if one.required or one.name in needed]
    found.sort(key=lambda one: one.name in needed and needed.index(one.name) + 1)
    return tuple(one for one in found if not one.default and one.name not in given)


def replaced(connector: Connector, given: Collection[str]) -> frozenset[str]:
    """Name the parameters in whose place others are given, as a socket's path is for host and port."""
    return frozenset(name for one in connector.parameters if one.name in given for name in one.instead_of)


def way_of(connector: Connector, given: Collection[str]) -> Authentication | None:
    """Give a way to sign in whose needs are all given; of several the one that needs the most. None for none."""
    fit = [one for one in connector.authentication if one.needs and set(one.needs) <= set(given)]
    # A user alone says nothing: most ways need one.
    fit = [one for one in fit if len(one.needs) > 1 or one.needs != ("user",)]
    return max(fit, key=lambda one: len(one.needs), default=None)


def offered(connector: Connector, given: Mapping[str, str]) -> tuple[Parameter, ...]:
    """Give the parameters whose secure value fits with what is given, and of which nothing is said."""
    values = {one.name: given.get(one.name, one.default) for one in connector.parameters}
    return tuple(
        one
        for one in connector.parameters
        if one.secure
        and one.name not in given
        and all(values.get(name, "").startswith(start) for name, start in one.secure_with)
    )
