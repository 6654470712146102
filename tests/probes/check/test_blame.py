"""One distribution breaks reflection of a dialect: SQLAlchemy's own suite sees it, and a search names it in five runs.

The dialect is SQLAlchemy's real one for SQLite, broken in a copy; the sets are folders, so no engine is needed.
"""

from __future__ import annotations

import shutil
import sysconfig
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from manager.core.bisect import MOST, Bisection
from manager.core.suites import Suite, told
from manager.world import files
from tests.probes.check.support import of_lite

if TYPE_CHECKING:
    from collections.abc import Iterable

pytestmark = pytest.mark.slow

DAY = date(2026, 11, 22)
CATALOG = Path(__file__).parents[3]
HERE = Path(sysconfig.get_paths()["purelib"])
KEPT = "                unique_constraints.append(parsed_constraint)\n"
# SQLAlchemy stands where no order of names helps; the others changed as well, and broke nothing.
OTHERS = ("aiosqlite", "greenlet-stubs", "sqlalchemy-utils", "tabulate", "wcwidth")


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with SQLAlchemy, whose dialect of SQLite forgets the unique constraints of a table."""
    folder = tmp_path_factory.mktemp("broken")
    shutil.copytree(HERE / "sqlalchemy", folder / "sqlalchemy", ignore=shutil.ignore_patterns("__pycache__"))
    file = folder / "sqlalchemy/dialects/sqlite/base.py"
    text = file.read_text()
    assert text.count(KEPT) == 1
    file.write_text(text.replace(KEPT, "                pass\n"))
    return folder


def suite(folder: Path, first: Iterable[Path]) -> dict[str, Any]:
    """Ask the suite for the tests of unique constraints, with folders in which distributions are looked for first."""
    folder.mkdir()
    said = files.load(CATALOG, shipped=True).connector("sqlite").suite
    return of_lite(
        folder, "", ["suite.dialect"], scheme="sqlite", harness=str(HERE), tests="unique_constraints", floor=3,
        today=DAY.isoformat(), requirements=told(said or Suite(), "", "", DAY)["requirements"],
        path=[str(folder), *map(str, first)],
    )["suite.dialect"]  # fmt: skip


def test_the_guilty_distribution_is_named_in_five_runs_at_most(tmp_path: Path, broken: Path) -> None:
    """The set that worked still does, the one that fails names the tests, and each mix is asked for real."""
    before = dict.fromkeys((*OTHERS, "sqlalchemy"), "1")
    after = dict.fromkeys(before, "2")
    green, red = suite(tmp_path / "green", ()), suite(tmp_path / "red", [broken])
    assert green["outcome"] == "pass", green["reason"]
    search, runs = Bisection(before, after), 0

    while (some := search.next()) is not None:
        runs += 1
        line = suite(tmp_path / str(runs), [broken] if "sqlalchemy" in some else [])
        same = (line["outcome"], line.get("signature")) == ("fail", red["signature"])
        search.told(works=False if same else True if line["outcome"] == "pass" else None)

    guilt = search.guilt()
    assert red["outcome"] == "fail"
    assert "get_multi_unique_constraints" in red["reason"]
    assert (guilt.distribution, guilt.before, guilt.after, guilt.undetermined) == ("sqlalchemy", "1", "2", "")
    assert guilt.runs == runs <= MOST
