"""A driver that no release has, tried as it is on the index: pg8000 raises one class for every error of the server."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.system.world import World

pytestmark = [pytest.mark.engine, pytest.mark.slow]

RELEASE = "jupyterlab:4.6-py3.13"
SERVER = "postgresql-17"
NEWEST = "1.31.6"
ASKED = ("--driver", "pg8000", "--version", NEWEST, "--probe", "errors.")
WHERE = ("--release", RELEASE, "--source", SERVER)
DRIVER = """
[[driver]]
dist = "pg8000"
import = "pg8000.dbapi"
url_scheme = "postgresql+pg8000"
licence = "BSD-3-Clause"

[driver.contract]
method = "signature"
of = ["pg8000.dbapi:connect"]
sentinels = ["host", "port", "database", "user", "password", "ssl_context", "timeout"]
floor = 10

"""
# What PEP 249 has for each, and the SQLSTATE that PostgreSQL sends.
MISSED = {
    "errors.unique": ("IntegrityError", "23505"),
    "errors.not-null": ("IntegrityError", "23502"),
    "errors.check": ("IntegrityError", "23514"),
    "errors.foreign-key": ("IntegrityError", "23503"),
    "errors.syntax": ("ProgrammingError", "42601"),
    "errors.missing-table": ("ProgrammingError", "42P01"),
    "errors.missing-column": ("ProgrammingError", "42703"),
    "errors.existing-table": ("ProgrammingError", "42P07"),
    "errors.division": ("DataError", "22012"),
    "errors.range": ("DataError", "22003"),
    "errors.length": ("DataError", "22001"),
    "errors.deadlock": ("OperationalError", "40P01"),
}
KNOWN = """
[[known]]
probe = "{probe}"
driver = "pg8000"
signature = "{signature}"
reason = "the driver has DatabaseError for whatever the server says"
until = {until}
"""


@pytest.fixture(scope="module")
def catalog(ready_world: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a catalog of one's own whose PostgreSQL has pg8000 as a third driver, which no lock has."""
    root = tmp_path_factory.mktemp("drivers") / "catalog"
    ready_world("init", str(root))
    file = root / "connectors/postgresql/connector.toml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("\n[[driver]]\n", f"{DRIVER}[[driver]]\n", 1), encoding="utf-8")
    ready_world("source", "start", SERVER)
    return root


def checked(world: World, catalog: Path, *words: str, code: int) -> Any:
    """Check in the set with the newest pg8000; give the one cell."""
    asked = ("check", "run", "--catalog", str(catalog), *WHERE, *words, "-o", "json")
    (cell,) = json.loads(world(*asked, code=code, timeout=900).stdout)["run"]["cells"]
    return cell


def outcomes(cell: Any) -> dict[str, str]:
    """Give the outcome of each probe."""
    return {one["id"]: one["outcome"] for one in cell["probes"]}


def test_pg8000_is_blocked_for_the_classes_of_its_errors(ready_world: World, catalog: Path) -> None:
    """Each failure names the class that was wanted, the one that came, and the server's code, three times alike."""
    cell = checked(ready_world, catalog, *ASKED, code=3)

    assert (cell["driver"], cell["version"], cell["verdict"], cell["source_kind"]) == (
        "pg8000", NEWEST, "blocked", "real",
    )  # fmt: skip
    errors = {one["id"]: one for one in cell["probes"]}
    assert {name for name, one in errors.items() if one["outcome"] == "fail"} == MISSED.keys()
    for name, (kind, code) in MISSED.items():
        what = name.partition(".")[2]
        assert errors[name]["reason"].startswith(f"{what}: wanted {kind}, got DatabaseError: "), errors[name]
        assert f"'C': '{code}'" in errors[name]["reason"]
        assert errors[name]["signature"] == f"Wrong {what} DatabaseError"
        assert errors[name]["attempts"] == 3
    assert (errors["errors.classes"]["outcome"], errors["errors.afterwards"]["outcome"]) == ("pass", "pass")


def test_the_driver_beside_it_has_the_right_classes(ready_world: World, catalog: Path) -> None:
    """The control: the same questions to the same server."""
    cell = checked(ready_world, catalog, "--driver", "psycopg", "--probe", "errors.", code=0)

    assert cell["verdict"] == "verified"
    assert {outcomes(cell)[name] for name in MISSED} == {"pass"}


def test_what_is_known_of_them_is_no_pass_and_excuses_nothing_else(ready_world: World, catalog: Path) -> None:
    """With reason and day each is known; after the day, or with another signature, it blocks as before."""
    file = catalog / "connectors/postgresql/connector.toml"
    text = file.read_text(encoding="utf-8")
    signed = {name: f"Wrong {name.partition('.')[2]} DatabaseError" for name in MISSED}
    # Of one the day is over, and of one something else is known.
    days = dict.fromkeys(MISSED, "2099-12-31") | {"errors.range": "2026-01-31"}
    try:
        known = "".join(KNOWN.format(probe=name, signature=signed[name], until=days[name]) for name in MISSED)
        file.write_text(text + known.replace("Wrong length DatabaseError", "Wrong length nothing"), encoding="utf-8")
        lapsed = checked(ready_world, catalog, *ASKED, code=3)
        file.write_text(text + known.replace("2026-01-31", "2099-12-31"), encoding="utf-8")
        excused = checked(ready_world, catalog, *ASKED, code=0)
    finally:
        file.write_text(text, encoding="utf-8")

    assert lapsed["verdict"] == "blocked"
    assert {name for name, outcome in outcomes(lapsed).items() if outcome == "fail"} == {
        "errors.range",
        "errors.length",
    }
    assert excused["verdict"] == "verified"
    assert {name for name, outcome in outcomes(excused).items() if outcome == "known"} == MISSED.keys()
    reasons = {one["id"]: one["reason"] for one in excused["probes"]}
    why = "the driver has DatabaseError for whatever the server says (until 2099-12-31); unique: wanted IntegrityError"
    assert reasons["errors.unique"].startswith(why)
