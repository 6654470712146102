"""The tables as SQL text, and their rows as the core's values."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from manager.core.observed import Build, BuildStatus, Entry, Result, Usage

COLUMNS = {
    "builds": "release version digest spec_hash inputs layers status reason created size",
    "channels": "release channel digest",
    "evidence": "digest run position probe outcome reason seconds at",
    "usages": "volume made size measured used origin",
    "history": "number at who kind target cause before after outcome digest",
}


def select(table: str, more: str = "") -> str:
    """Give a SELECT of every column, with what follows the table's name."""
    return f'SELECT {", ".join(_names(table))} FROM "{table}" {more}'  # noqa: S608 - names of ours


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
    release, version, digest, spec_hash, inputs, layers, status, _, created, size = row
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
    )


def result(row: tuple[Any, ...]) -> Result:
    """Read a row of evidence."""
    _, _, _, probe, outcome, reason, seconds, _ = row
    return Result(probe, outcome, reason, seconds)


def usage(row: tuple[Any, ...]) -> Usage:
    """Read a row of usages."""
    volume, made, size, *instants, origin = row
    measured, used = (datetime.fromisoformat(instant) if instant else None for instant in instants)
    return Usage(volume, made, size, measured, used, origin)


def entry(row: tuple[Any, ...]) -> Entry:
    """Read a row of history."""
    number, at, who, kind, target, cause, before, after, outcome, digest = row
    return Entry(datetime.fromisoformat(at), who, kind, target, cause, before, after, outcome, number, digest)


def _pairs(found: str) -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for name, value in json.loads(found))
