"""Parsed TOML becomes the core's values. The shape was judged before; nothing here complains."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from manager.core.amounts import parse_size
from manager.core.catalog import (
    Connector,
    Driver,
    Fact,
    Family,
    Launch,
    Lock,
    Parameter,
    Place,
    Release,
    Source,
    System,
    canonical_name,
)
from manager.core.lifecycle import Bound, Period, Policy, Schedule, schedule
from manager.world.files.positions import array_lines

if TYPE_CHECKING:
    from collections.abc import Mapping

    from manager.world.files.documents import Document, Folder

# The dates of a release that its table may fix; the rest of them follow from the policy.
FIXED = ("deprecated", "create_block", "end_of_life", "restart_block", "remove_after")
# An IDE's own line, where its requirement names one: jupyterlab==4.6.* is of the line 4.6.
_IDE_LINE = re.compile(r"(?P<name>[A-Za-z0-9._-]+)\s*[=~]=\s*(?P<line>\d+\.\d+)")


def system(name: str, table: Mapping[str, Any]) -> System:
    """Make an operating-system base."""
    return System(id=name, **_tuples(table))


def facts(document: Document) -> tuple[Fact, ...]:
    """Make the facts about upstream support."""
    return tuple(Fact(**table) for table in document.data["fact"])


def policy(table: Mapping[str, Any]) -> Policy:
    """Make a policy; what is not set keeps the core's default. ValueError for a malformed period."""
    values: dict[str, Any] = {
        key: Period.parse(value) if isinstance(value, str) else value for key, value in table.items()
    }
    return Policy(**values)


def dates(table: Mapping[str, Any], rule: Policy, suites: Mapping[str, str], known: Mapping[str, Fact]) -> Schedule:
    """Compute a release's schedule.

    ``suites`` gives the Debian suite of each system, ``known`` the facts by component. Components are the
    release's Python, its suite, and its IDE's line; one without a fact binds nothing.
    """
    components = [f"python {table.get('python')}", f"debian {suites.get(table.get('system', ''))}"]
    if match := _IDE_LINE.match(table.get("ide", "")):
        components.append(f"{match['name'].lower()} {match['line']}")
    upstream = tuple(Bound(name, known[name].ends) for name in components if name in known)
    fixed = {key: table[key] for key in FIXED if table.get(key) is not None}
    return schedule(table["released"], rule, upstream, fixed)


def family(document: Document, folder: Folder, suites: Mapping[str, str], known: Mapping[str, Fact]) -> Family:
    """Make a family with its releases, the locks that lie beside them and the files that shape its images."""
    data = document.data
    rule = policy(data.get("policy", {}))
    tables = data["release"]
    lines = array_lines(document.text, "release", len(tables))
    launch = _tuples(data["launch"])
    launch["environment"] = tuple(data["launch"].get("environment", {}).items())
    inside = document.file.removesuffix("family.toml")
    beside = (document.file, inside + "locks/")
    return Family(
        id=data["id"],
        title=data["title"],
        owner=data["owner"],
        languages=tuple(data["languages"]),
        launch=Launch(**launch),
        releases=tuple(
            _release(data["id"], table, dates(table, rule, suites, known), Place(document.file, line), folder)
            for table, line in zip(tables, lines, strict=True)
        ),
        folder=str(folder.root / inside.rstrip("/")),
        files=tuple(
            (file.removeprefix(inside), digest)
            for file, digest in sorted(folder.digests.items())
            if file.startswith(inside) and not file.startswith(beside)
        ),
        size_budget=parse_size(data["size_budget"]),
        place=Place(document.file, 1),
    )


def _release(name: str, table: Mapping[str, Any], schedule: Schedule, place: Place, folder: Folder) -> Release:
    inside = f"{place.file.removesuffix('family.toml')}locks/{table['line']}"
    locks = tuple(
        Lock(kind, str(folder.root / f"{inside}/{kind}.lock"), folder.digests[f"{inside}/{kind}.lock"])
        for kind in ("ide", "kernel")
        if f"{inside}/{kind}.lock" in folder.digests
    )
    return Release(
        family=name,
        line=table["line"],
        ide_requirement=table["ide"],
        python=table["python"],
        system=table["system"],
        connectors=tuple(table.get("connectors", ())),
        packages=tuple(table.get("packages", ())),
        schedule=schedule,
        place=place,
        successor=table.get("successor", ""),
        message=table.get("message", ""),
        ide_version=_pinned(table["ide"], folder.locks.get(f"{inside}/ide.lock", b"")),
        locks=locks,
    )


def _pinned(requirement: str, lock: bytes) -> str:
    """Give the version that a lock pins for a requirement's distribution, or nothing."""
    match = re.match(r"[A-Za-z0-9._-]+", requirement)
    wanted = canonical_name(match[0] if match else "")
    for line in lock.split(b"\n"):
        name, pin, rest = line.partition(b"==")
        if pin and canonical_name(name.decode()) == wanted:
            return rest.split(b" ")[0].split(b";")[0].decode()
    return ""


def connector(document: Document) -> Connector:
    """Make a connector with its drivers, canonical parameters and shipped sources."""
    data = document.data
    return Connector(
        id=data["id"],
        title=data["title"],
        kind=data["kind"],
        tier=data["tier"],
        owners=tuple(data["owners"]),
        drivers=tuple(
            Driver(import_name=table["import"], **{key: value for key, value in table.items() if key != "import"})
            for table in data["driver"]
        ),
        parameters=tuple(_parameter(table) for table in data.get("parameter", ())),
        sources=tuple(_source(data["id"], table) for table in data.get("source", ())),
        url_template=data["url_template"],
        place=Place(document.file, 1),
        licence=data.get("licence", ""),
        state=data.get("state", "active"),
    )


def _parameter(table: Mapping[str, Any]) -> Parameter:
    values = {"driver_name": table["name"], **_tuples(table)}
    return Parameter(**values | {"default": scalar(table.get("default", ""))})


def _source(connector_id: str, table: Mapping[str, Any]) -> Source:
    parameters = tuple((key, scalar(value)) for key, value in table.get("parameters", {}).items())
    return Source(connector=connector_id, **{**table, "parameters": parameters})


def scalar(value: str | int) -> str:
    """Write a parameter's value as text; booleans as TOML does."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _tuples(table: Mapping[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in table.items()}
