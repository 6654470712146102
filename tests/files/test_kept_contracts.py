"""Contracts that the shipped catalog keeps: one for each version of PostgreSQL's drivers that its locks pin."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from manager.core.catalog import canonical_name
from manager.core.contracts import from_json, hollow
from manager.core.locks import parse
from manager.world import files

ROOT = files.shipped_root()
CATALOG = files.load(ROOT, True)
DRIVERS = {canonical_name(one.name): one for one in CATALOG.connector("postgresql").drivers if one.role == "driver"}
LOCKED = sorted(
    {
        (pin.name, pin.version)
        for release in CATALOG.releases
        if "postgresql" in release.connectors and (lock := release.lock("kernel"))
        for pin in parse(Path(lock.path).read_text(encoding="utf-8"))
        if pin.name in DRIVERS
    }
)


@pytest.mark.parametrize(("name", "version"), LOCKED)
def test_a_locked_version_has_its_contract(name: str, version: str) -> None:
    """Whole, of that version, and with the library that it brings."""
    file = ROOT / "connectors" / "postgresql" / "contracts" / f"{name}-{version}.json"
    found = from_json(json.loads(file.read_text(encoding="utf-8")))
    introspection = DRIVERS[name].contract

    assert (canonical_name(found.distribution), found.version) == (name, version)
    assert introspection is not None
    assert hollow(found, introspection) == ""
    assert dict(found.native)["libpq"].isdecimal()
    assert {one.name for one in found.parameters if one.secret} >= {"password", "sslpassword"}
    assert found.by_name["sslmode"].known_default == "'prefer'"


def test_there_are_such_versions() -> None:
    """The negative control: without any, the test above would pass on nothing."""
    assert {name for name, _ in LOCKED} == {"psycopg", "psycopg2-binary"}
