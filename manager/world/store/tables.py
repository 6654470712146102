"""The tables as SQL text, and their rows as the core's values."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from manager.core.components import Component
from manager.core.evidence import Result
from manager.core.history import Entry
from manager.core.memory import Launched, Remembered
from manager.core.observed import Build, BuildStatus, Environment, Usage
from manager.core.snapshots import Snapshot
from manager.core.specifications import written

COLUMNS = {
    "announcements": "release revision day stage told dates upstream",
    "builds": "release version digest spec_hash inputs layers status reason created size",
    "channels": "release channel digest",
    "check_answers": "run cell position probe outcome reason signature attempts flaky seconds measures",
    "check_cells": "run position key place release connector driver version source source_kind set_hash tree image "
    "source_digest verdict reason at seconds guilt",
    "check_runs": "id started by subject ended",
    "check_sets": "release set_hash text at",
    "debts": "engine day totals",
    "deliveries": "notice sink attempts error delivered",
    "evidence": "digest run position probe outcome reason seconds at",
    "environments": "engine container owner name release version digest workspace connections networks port created "
    "wanted spec",
    "components": "digest position ecosystem name version prefix licence",
    "copies": "digest reference manifest base",
    "messages": "engine container digest",
    "notes": "digest text",
    "notices": "id number release owner milestone revision day content",
    "scans": "subject rules at found",
    "snapshots": "engine container number release version digest at spec",
    "usages": "volume made size measured used origin",
    "history": "number at who kind target cause before after outcome digest",
}


def select(table: str, more: str = "", *, without: str = "") -> str:
    """Give a SELECT of every column but one, with what follows the table's name."""
    columns = [name for name in _names(table) if name != f'"{without}"']
    return f'SELECT {", ".join(columns)} FROM "{table}" {more}'  # noqa: S608 - names of ours


def insert(table: str) -> str:
    """Give an INSERT of one row; its values have the columns' names."""
    values = ", ".join(f":{name}" for name in COLUMNS[table].split())
    return f'INSERT INTO "{table}" ({", ".join(_names(table))}) VALUES ({values})'  # noqa: S608 - names of ours


def update(table: str, columns: str, where: str) -> str:
    """Give an UPDATE of some columns."""
    changes = ", ".join(f'"{name}" = :{name}' for name in columns.split())
    return f'UPDATE "{table}" SET {changes} WHERE {where}'  # noqa: S608 - names of ours


def delete(table: str, where: str) -> str:
    """Give a DELETE."""
    return f'DELETE FROM "{table}" WHERE {where}'  # noqa: S608 - names of ours


def _names(table: str) -> list[str]:
    return [f'"{name}"' for name in COLUMNS[table].split()]


def text(instant: datetime | None) -> str | None:
    """Write an instant as it sorts."""
    return instant.astimezone(UTC).isoformat(timespec="microseconds") if instant else None


def build(row: tuple[Any, ...]) -> Build:
    """Read a row of builds."""
    release, version, digest, spec_hash, inputs, layers, status, reason, created, size = row
    return Build(
        release,
        version,
        digest or "",
        spec_hash,
        _pairs(inputs),
        BuildStatus(status),
        datetime.fromisoformat(created),
        size,
        _pairs(layers),
        reason,
    )


def result(row: tuple[Any, ...]) -> Result:
    """Read a row of evidence."""
    _, _, _, probe, outcome, reason, seconds, _ = row
    return Result(probe, outcome, reason, seconds)


def component(row: tuple[Any, ...]) -> Component:
    """Read a row of components."""
    _, _, ecosystem, name, version, prefix, licence = row
    return Component(ecosystem, name, version, prefix, licence)


def usage(row: tuple[Any, ...]) -> Usage:
    """Read a row of usages."""
    volume, made, size, *instants, origin = row
    measured, used = (datetime.fromisoformat(instant) if instant else None for instant in instants)
    return Usage(volume, made, size, measured, used, origin)


def remembered(row: tuple[Any, ...]) -> Remembered:
    """Read a row of environments without its specification."""
    engine, container, owner, name, release, version, digest, workspace, connections, networks, *rest = row
    port, created, wanted = rest
    found = Environment(
        name=name,
        owner=owner,
        release=release,
        version=version,
        digest=digest,
        container=container,
        state="unknown",
        port=port,
        workspace=workspace,
        connections=tuple(connections.split(",")) if connections else (),
        networks=tuple(networks.split(",")) if networks else (),
        created=datetime.fromisoformat(created),
        wanted=wanted,
    )
    return Remembered(engine, found)


def launched(memory: Launched) -> dict[str, Any]:
    """Give the row of environments."""
    one = memory.environment
    plain = ("container", "owner", "name", "release", "version", "digest", "workspace", "port", "wanted")
    return {name: getattr(one, name) for name in plain} | {
        "engine": memory.engine,
        "connections": ",".join(one.connections),
        "networks": ",".join(one.networks),
        "created": text(one.created),
        "spec": written(memory.spec),
    }


def snapshot(row: tuple[Any, ...]) -> Snapshot:
    """Read a row of snapshots without its specification."""
    engine, container, number, release, version, digest, at = row
    return Snapshot(engine, container, number, release, version, digest, datetime.fromisoformat(at))


def entry(row: tuple[Any, ...]) -> Entry:
    """Read a row of history."""
    number, at, who, kind, target, cause, before, after, outcome, digest = row
    return Entry(datetime.fromisoformat(at), who, kind, target, cause, before, after, outcome, number, digest)


def _pairs(found: str) -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for name, value in json.loads(found))
