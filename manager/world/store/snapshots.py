"""What environments were before their upgrades, as rows; and specifications read back from their text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from manager.core.specifications import read, written
from manager.errors import Unreachable
from manager.world.store import tables

if TYPE_CHECKING:
    from manager.core.containers import ContainerSpec
    from manager.core.memory import Kept
    from manager.core.snapshots import Snapshot
    from manager.world.store.session import Session, Statements

_MINE = '"engine" = :engine AND "container" = :container'
_NEWEST = f'SELECT "number", "digest" FROM "snapshots" WHERE {_MINE} ORDER BY "number" DESC LIMIT 1'  # noqa: S608 - ours
_SPEC = f'SELECT "spec" FROM "snapshots" WHERE {_MINE} AND "number" = :number'  # noqa: S608 - ours


def listed(session: Session) -> tuple[Snapshot, ...]:
    """Give all of them, by engine, container and number."""
    query = tables.select("snapshots", 'ORDER BY "engine", "container", "number"', without="spec")
    return tuple(map(tables.snapshot, session.rows(query)))


def spec(session: Session, snapshot: Snapshot) -> list[tuple[Any, ...]]:
    """Give the row with a snapshot's specification, if there is one."""
    return session.rows(_SPEC, engine=snapshot.engine, container=snapshot.container, number=snapshot.number)


def keep(do: Statements, memory: Kept) -> None:
    """Put a snapshot on its environment's stack, in the place of a newest one of the same digest."""
    one = memory.snapshot
    which = {"engine": one.engine, "container": one.container}
    number, digest = next(iter(do.rows(_NEWEST, **which)), (0, ""))
    number += digest != one.digest
    drop(do, **which, first=number)
    values = {"release": one.release, "version": one.version, "digest": one.digest, "at": tables.text(one.at)}
    do.run(tables.insert("snapshots"), **which, **values, number=number, spec=written(memory.spec))


def drop(do: Statements, engine: str, container: str, first: int) -> None:
    """Take an environment's snapshots away, from a number on."""
    query = tables.delete("snapshots", f'{_MINE} AND "number" >= :first')
    do.run(query, engine=engine, container=container, first=first)


def specification(rows: list[tuple[Any, ...]], container: str) -> ContainerSpec | None:
    """Read the specification of a row; raises Unreachable for a damaged one."""
    try:
        return read(rows[0][0]) if rows else None
    except ValueError as error:
        raise Unreachable(
            f"what is remembered of the container {container} cannot be read",
            why=str(error),
            hint="remove the environment, its files stay, and launch it again:  solvent env list",
        ) from error
