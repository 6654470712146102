"""The connectors that shipped releases have: each may be handed on, and its drivers are locked for every machine."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from manager.core.catalog import canonical_name
from manager.core.locks import MACHINES, parse, pins_for
from manager.world import files

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from manager.core.catalog import Release
    from manager.core.connectors import Connector
    from manager.core.locks import Machine

CATALOG = files.load(files.shipped_root(), shipped=True)
RELEASES = tuple(one for one in CATALOG.releases if one.lock("kernel"))
FIVE = ("postgresql", "mysql", "duckdb", "sqlite", "odbc")


@lru_cache
def pinned(release: Release, machine: Machine) -> frozenset[str]:
    """Give what a release's kernel lock has for a machine."""
    lock = release.lock("kernel")
    assert lock
    text = Path(lock.path).read_text(encoding="utf-8")
    return frozenset(pin.name for pin in pins_for(parse(text), release.python, machine))


def lacking(release: Release, connectors: Iterable[Connector]) -> Iterator[tuple[str, str]]:
    """Give the drivers, with the machine, that a release's lock does not have."""
    for machine in MACHINES:
        for one in (driver for connector in connectors for driver in connector.drivers):
            if machine in (one.machines or MACHINES) and canonical_name(one.name) not in pinned(release, machine):
                yield one.name, machine


@pytest.mark.parametrize("release", RELEASES, ids=lambda one: one.name)
def test_what_is_shipped_may_be_handed_on_and_is_locked(release: Release) -> None:
    """All drivers of all of its connectors; what the connectors ask of the system is in its base."""
    connectors = [CATALOG.connector(name) for name in release.connectors]

    assert [one.id for one in connectors if not one.redistributable] == []
    assert list(lacking(release, connectors)) == []
    packages = CATALOG.system(release.system).packages
    assert {name for one in connectors for name in one.system_packages} <= set(packages)


def test_what_is_not_shipped_would_be_noticed() -> None:
    """The negative control: a connector that a lock has nothing of, on the machines that its drivers are for."""
    (release,) = (one for one in RELEASES if one.name == "notebook:7.5-py3.13")

    assert set(lacking(release, [CATALOG.connector("redis")])) == {("redis", "x86_64"), ("redis", "aarch64")}
    assert ("pysqlite3", "aarch64") not in set(lacking(release, [CATALOG.connector("sqlite")]))
    assert not CATALOG.connector("mssql").redistributable


@pytest.mark.parametrize("name", ["jupyterlab:4.6-py3.13", "jupyterlab:4.5-py3.11", "jupyterlab-data:4.6-py3.13"])
def test_these_releases_reach_what_runs_here(name: str) -> None:
    """PostgreSQL, MySQL, DuckDB, SQLite, and whatever has an ODBC driver."""
    (release,) = (one for one in RELEASES if one.name == name)

    assert set(FIVE) <= set(release.connectors)


def test_firebird_has_a_driver_with_which_sqlalchemy_makes_tables() -> None:
    """That of docs/decisions/0053: held, and none of the versions that cannot."""
    releases = [one for one in RELEASES if "firebird" in one.connectors]
    locks = [Path(lock.path).read_text(encoding="utf-8") for one in releases if (lock := one.lock("kernel"))]
    found = {pin.version for text in locks for pin in parse(text) if pin.name == "firebird-driver"}
    held = [one for one in CATALOG.driver_decisions if (one.kind, one.dist) == ("hold", "firebird-driver")]

    assert found
    assert not found & {f"1.10.{patch}" for patch in range(7, 12)}
    assert len(held) == 1
