"""Contracts that the shipped catalog keeps: one for each driver that can be asked, at each version that locks pin."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from manager.core.catalog import canonical_name
from manager.core.contract_reading import names_to_try
from manager.core.contracts import from_json, hollow
from manager.core.locks import parse
from manager.world import files

if TYPE_CHECKING:
    from collections.abc import Iterator

    from manager.core.catalog import Catalog
    from manager.core.connectors import Driver

ROOT = files.shipped_root()
CATALOG = files.load(ROOT, shipped=True)


class Locked(NamedTuple):
    """A driver of a connector at a version that some release has."""

    connector: str
    driver: Driver
    version: str

    @property
    def file(self) -> str:
        """Give where its contract is kept, below ``connectors``."""
        return f"{self.connector}/contracts/{canonical_name(self.driver.name)}-{self.version}.json"


def locked(catalog: Catalog) -> Iterator[Locked]:
    """Give what the locks of a catalog's releases pin of drivers that can be asked."""
    for release in catalog.releases:
        lock = release.lock("kernel")
        pins = parse(Path(lock.path).read_text(encoding="utf-8")) if lock else ()
        for name in release.connectors:
            for driver in catalog.connector(name).drivers:
                asked = driver.contract is not None and driver.contract.method != "curated"
                mine = (pin.version for pin in pins if asked and pin.name == canonical_name(driver.name))
                yield from (Locked(name, driver, version) for version in mine)


def wrong(one: Locked, folder: Path) -> str:
    """Say what is with a kept contract, or nothing."""
    file = folder / one.file
    if not file.is_file():
        return f"{one.file} is missing"
    found = from_json(json.loads(file.read_text(encoding="utf-8")))
    if (canonical_name(found.distribution), found.version) != (canonical_name(one.driver.name), one.version):
        return f"{one.file} is of {found.distribution} {found.version}"
    assert one.driver.contract
    # What a connector's file was given later has to be tried as well.
    tried = {each.name for each in found.tried} | set(found.by_name)
    late = sorted(set(names_to_try(CATALOG.connector(one.connector), one.driver)) - tried)
    return f"{one.file} was not tried with {', '.join(late)}" if late else hollow(found, one.driver.contract)


LOCKED = {one.file: one for one in locked(CATALOG)}


@pytest.mark.parametrize("file", sorted(LOCKED))
def test_a_locked_version_has_its_contract(file: str) -> None:
    """Of that version, with its sentinels, and not below its floor."""
    assert wrong(LOCKED[file], ROOT / "connectors") == ""


@pytest.mark.parametrize("file", sorted(one for one in LOCKED if one.startswith("postgresql/")))
def test_those_of_postgresql_are_libpq_s(file: str) -> None:
    """With the library that the wheel brings, and what it means by default."""
    found = from_json(json.loads((ROOT / "connectors" / file).read_text(encoding="utf-8")))

    assert dict(found.native)["libpq"].isdecimal()
    assert {one.name for one in found.parameters if one.secret} >= {"password", "sslpassword"}
    assert found.by_name["sslmode"].known_default == "'prefer'"


def test_there_are_such_versions() -> None:
    """The negative control: without any, the tests above would pass on nothing; curated ones and dialects have none."""
    drivers = {canonical_name(one.driver.name) for one in LOCKED.values()}

    assert drivers >= {"psycopg", "psycopg2-binary", "pymysql", "duckdb", "snowflake-connector-python", "oracledb"}
    assert not drivers & {"pyodbc", "pysqlite3", "sqlalchemy"}


def test_what_is_missing_or_hollow_would_be_noticed(tmp_path: Path) -> None:
    """The negative control: no file, another version's, and one that lost what every version has."""
    one = next(one for file, one in LOCKED.items() if file.startswith("mysql/contracts/pymysql-"))
    kept = json.loads((ROOT / "connectors" / one.file).read_text(encoding="utf-8"))
    copy = tmp_path / one.file
    copy.parent.mkdir(parents=True)

    assert wrong(one, tmp_path) == f"{one.file} is missing"
    copy.write_text(json.dumps(kept | {"version": "0.1"}))
    assert wrong(one, tmp_path).endswith("is of PyMySQL 0.1")
    fewer = {name: one for name, one in kept["parameters"].items() if name != "charset"}
    copy.write_text(json.dumps(kept | {"parameters": fewer}))
    assert wrong(one, tmp_path).endswith("was not tried with charset")
    everything = {name: {"disposition": "accepted", "note": ""} for name in kept["parameters"]}
    few = {"host": kept["parameters"]["host"]}
    copy.write_text(json.dumps(kept | {"parameters": few, "tried": everything | kept["tried"]}))
    assert wrong(one, tmp_path).startswith("it lacks user, password")
    copy.write_text(json.dumps(kept))
    assert wrong(one, tmp_path) == ""
