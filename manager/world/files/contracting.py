"""What a connector's file says of its drivers' contracts, of ways to sign in and of deadlines, held together."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from manager.core import versions
from manager.core.catalog import did_you_mean
from manager.core.secrecy import url_has_password
from manager.core.slots import DEFAULT, TLS, readable
from manager.world.files.consistency import tables, twice
from manager.world.files.judgement import Finding
from manager.world.files.secrecy import HINT
from manager.world.files.values import misfit, scalar

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from manager.world.files.documents import Keys

# What `of` may be in a contract that is asked of an importable object.
_OBJECT = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_][\w.]*")
# A query is asked beside objects, which a driver may have as well.
_ASKED = ("signature", "mapping", "query")


def check(file: str, data: dict[str, Any], spelled: dict[str, dict[str, Any]]) -> Iterator[Finding]:
    """Check one connector; ``spelled`` are its parameters by each way to write them."""
    template = str(data.get("url_template", ""))
    # One with a password in it is found as a secret.
    if template and not readable(template) and not url_has_password(template):
        yield Finding(file, ("url_template",), "has a form that no URL is read by", f"such as {DEFAULT}")
    if data.get("not_run") and data.get("source"):
        yield Finding(file, ("not_run",), "stands beside a source, which says that checks run", "leave out one of them")
    for index, table in tables(data, "driver"):
        if table.get("tls_scheme") and spelled.get(TLS, {}).get("type") != "boolean":
            why = f"speaks of a boolean parameter {TLS!r}, which is not there"
            yield Finding(file, ("driver", index, "tls_scheme"), why)
    yield from _contracts(file, data)
    yield from _authentication(file, data, spelled)
    for index, table in tables(data, "deadline"):
        if (below := str(table.get("below", ""))) and not versions.read(below):
            yield Finding(file, ("deadline", index, "below"), f"{below!r} is no version", "such as 4.0")


def _contracts(file: str, data: dict[str, Any]) -> Iterator[Finding]:
    """Drivers have contracts, and others have none; each is asked in a way that its method knows."""
    own = [str(table.get("driver_name") or table.get("name")) for _, table in tables(data, "parameter")]
    for index, table in tables(data, "driver"):
        contract, role = table.get("contract"), table.get("role", "driver")
        if role == "driver" and contract is None:
            hint = "a table [driver.contract] with its method, sentinels and floor"
            yield Finding(file, ("driver", index), f"{table.get('dist', 'a driver')} has no contract", hint)
        if role != "driver" and contract is not None:
            why = f"a {role} has no contract: nobody connects with it"
            yield Finding(file, ("driver", index, "contract"), why, "leave the table out")
        if isinstance(contract, dict):
            yield from _contract(file, ("driver", index, "contract"), contract, own)


def _contract(file: str, keys: Keys, table: dict[str, Any], own: list[str]) -> Iterator[Finding]:
    method, asked = table.get("method"), table.get("of") or []
    if method in _ASKED and not asked:
        yield Finding(file, (*keys, "method"), f"{method} has to say what is asked", 'of = ["module:name"]')
    if method == "curated" and asked:
        yield Finding(file, (*keys, "of"), "a curated contract asks nothing", "leave it out")
    for index, one in enumerate(asked):
        if method in ("signature", "mapping", "libpq") and one and not _OBJECT.fullmatch(one):
            why = f"{one!r} is not the name of an object in a module"
            yield Finding(file, (*keys, "of", index), why, "such as psycopg:connect")
    if method == "curated":
        for index, one in enumerate(table.get("sentinels") or ()):
            if one and one not in own:
                why = f"{one!r} is no driver's name of a parameter here, of which a curated contract is made"
                yield Finding(file, (*keys, "sentinels", index), why, did_you_mean(one, own))
        if table.get("floor", 0) > len(set(own)):
            why = f"more than the {len(set(own))} parameters here, of which a curated contract is made"
            yield Finding(file, (*keys, "floor"), why)


def _authentication(file: str, data: dict[str, Any], spelled: dict[str, dict[str, Any]]) -> Iterator[Finding]:
    """Ways to sign in are named once and speak of parameters by their canonical names."""
    ways = list(tables(data, "authentication"))
    yield from twice(
        "way to sign in",
        [(file, ("authentication", index, "name"), one["name"]) for index, one in ways if "name" in one],
    )
    for index, table in ways:
        keys: Keys = ("authentication", index)
        needs, sets = table.get("needs") or [], table.get("sets") or {}
        places: list[tuple[Keys, str]] = [((*keys, "needs", place), one) for place, one in enumerate(needs) if one]
        places += [((*keys, "sets", name), name) for name in sets]
        for at, name in places:
            if name not in spelled or spelled[name].get("name") != name:
                known = sorted({str(one.get("name")) for one in spelled.values()})
                hint = f"write {spelled[name].get('name')}" if name in spelled else did_you_mean(name, known)
                yield Finding(file, at, f"{name!r} is no canonical parameter of this connector", hint)
            elif at[2] == "needs":
                if name in sets:
                    yield Finding(file, at, f"{name} is set below, so nobody brings it", "leave out one of the two")
            # The value of a secret must not be echoed, not even in a message.
            elif spelled[name].get("secret") is True:
                yield Finding(file, at, "a secret in a shared place", HINT)
            elif why := misfit(sets[name], spelled[name]):
                yield Finding(file, at, why)


def instead(file: str, keys: Keys, table: dict[str, Any], names: Collection[str]) -> Iterator[Finding]:
    """Check that what a parameter stands instead of are other parameters."""
    for place, name in enumerate(table.get("instead_of") or ()):
        at = (*keys, "instead_of", place)
        if name == table.get("name"):
            yield Finding(file, at, "a parameter does not stand instead of itself")
        elif name not in names:
            yield Finding(file, at, f"{name!r} is no canonical parameter", did_you_mean(name, sorted(names)))


def secure(file: str, keys: Keys, table: dict[str, Any], names: Collection[str]) -> Iterator[Finding]:
    """Check the value of a parameter that is offered first, and the parameters that it goes with."""
    value = table.get("secure", "")
    for name in table.get("secure_with") or ():
        at = (*keys, "secure_with", name)
        if value == "":
            yield Finding(file, at, "there is no secure value that it could go with")
        elif name not in names:
            yield Finding(file, at, f"{name!r} is no canonical parameter", did_you_mean(name, sorted(names)))
    if value == "":
        return
    if table.get("secret") is True:
        yield Finding(file, (*keys, "secure"), "a secret in a shared place", HINT)
    elif why := misfit(value, table):
        yield Finding(file, (*keys, "secure"), why)
    elif scalar(value) == scalar(table.get("default", "")):
        yield Finding(file, (*keys, "secure"), "is the default already", "leave it out")
