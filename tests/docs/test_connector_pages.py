"""What the pages about connectors say is what the catalog says, and tiers follow the written numbers."""

from __future__ import annotations

import importlib.util
import re
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from manager.world import files

if TYPE_CHECKING:
    from types import ModuleType

    from manager.core.connectors import Connector

DOCS = Path(__file__).parents[2] / "docs"
CATALOG = files.load(DOCS.parent, shipped=True)
LISTED = date(2026, 11, 1)
# Databases that Python itself carries a driver of.
CARRIED = {"sqlite"}


class Row(NamedTuple):
    """A line of the table of numbers."""

    connector: str
    driver: str
    rank: int
    newest: date
    publisher: str
    tier: str


def numbers(text: str) -> dict[str, Row]:
    """Read the table of docs/curation.md."""
    found = re.findall(r"^\| `([^`]+)` \| (\S+) \| (\d+) \| (\d{4})-(\d\d) \| (\w+) \| (\w+) \|$", text, re.MULTILINE)
    return {
        one: Row(one, driver, int(rank), date(int(year), int(month), 1), publisher, tier)
        for one, driver, rank, year, month, publisher, tier in found
    }


def tier(row: Row, *, redistributable: bool) -> str:
    """Give the tier that the numbers allow, as docs/curation.md says it, or "" for none."""
    age = (LISTED.year - row.newest.year) * 12 + LISTED.month - row.newest.month
    if row.rank <= 1000 and age <= 6 and redistributable:
        return "core"
    if (row.rank <= 5000 or row.connector in CARRIED) and age <= 12:
        return "supported"
    return "community" if age <= 24 else ""


def wrong(row: Row | None, connector: Connector) -> str:
    """Say what the table says otherwise than the catalog, or nothing."""
    if row is None:
        return f"{connector.id} is not in the table"
    main = connector.main_driver
    allowed = tier(row, redistributable=main.redistributable)
    if (row.driver, row.tier) != (main.name, connector.tier):
        return f"{connector.id}: {row.driver}, {row.tier}; the catalog has {main.name}, {connector.tier}"
    return "" if row.tier == allowed else f"{connector.id} is {row.tier}, and its numbers say {allowed or 'none'}"


def script() -> ModuleType:
    """Load docs/connectors.py."""
    spec = importlib.util.spec_from_file_location("connectors_page", DOCS / "connectors.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_table_of_connectors_is_what_its_script_writes() -> None:
    """docs/connectors.md is up to date: ``python docs/connectors.py``."""
    text = (DOCS / "connectors.md").read_text(encoding="utf-8")

    assert text == script().page(text, CATALOG.connectors)


def test_another_catalog_would_be_noticed() -> None:
    """The negative control: a connector less gives another page."""
    text = (DOCS / "connectors.md").read_text(encoding="utf-8")

    assert text != script().page(text, CATALOG.connectors[1:])


@pytest.mark.parametrize("connector", CATALOG.connectors, ids=lambda one: one.id)
def test_tiers_follow_the_written_numbers(connector: Connector) -> None:
    """Each connector is in the table with its main driver, and its tier is what rank, age and licence allow."""
    table = numbers((DOCS / "curation.md").read_text(encoding="utf-8"))

    assert wrong(table.get(connector.id), connector) == ""


def test_a_wrong_tier_would_be_noticed() -> None:
    """The negative control: another rank, an old release, a licence, another driver, and no line at all."""
    table = numbers((DOCS / "curation.md").read_text(encoding="utf-8"))
    known = {one.id: one for one in CATALOG.connectors}
    row = table["mysql"]

    assert "its numbers say supported" in wrong(row._replace(rank=1001), known["mysql"])
    assert "its numbers say none" in wrong(row._replace(newest=date(2024, 10, 1)), known["mysql"])
    assert "the catalog has PyMySQL" in wrong(row._replace(driver="mysqlclient"), known["mysql"])
    assert "not in the table" in wrong(None, known["mysql"])
    assert tier(row, redistributable=False) == "supported"
    assert table.keys() == known.keys()


@pytest.mark.parametrize("connector", CATALOG.connectors, ids=lambda one: one.id)
def test_a_shipped_connector_says_what_is_asked_of_it(connector: Connector) -> None:
    """Each has owners, licences, a way to sign in; a core one something secure, or what is secure by itself."""
    secure_by_itself = {"bigquery"}

    assert connector.owners
    assert connector.licence
    assert all(driver.licence for driver in connector.drivers)
    assert connector.authentication
    assert connector.main_driver.url_scheme
    assert all(one.description for one in connector.parameters)
    assert all(one.note for one in connector.authentication if not one.inside)
    if connector.tier == "core" and connector.id not in secure_by_itself:
        assert any(one.secure for one in connector.parameters)
    secret = {one.name for one in connector.parameters if re.search("passw|secret|token$|_key$", one.name)}
    assert {one.name for one in connector.parameters if one.secret} >= secret - {"kms_key", "aws_access_key_id"}
