"""``solvent catalog``, ``init``, ``config``, ``status``, ``doctor``, ``quickstart``: streams and exit codes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from manager.app import quickstart
from manager.app.views import Finding
from manager.errors import Unreachable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.cli.conftest import World


@pytest.fixture
def own(solvent: World, tmp_path: Path) -> Path:
    """Give a catalog of one's own."""
    assert solvent("init", str(tmp_path / "own")).code == 0
    return tmp_path / "own"


def test_init_makes_a_catalog_that_can_be_used(solvent: World, own: Path) -> None:
    """Its path is the result; it validates, and the release list is the shipped one's."""
    assert solvent("catalog", "validate", str(own), "-q").out == f"{own}\n"
    assert solvent("image", "list", "-q", "--catalog", str(own)).out == solvent("image", "list", "-q").out
    again = solvent("init", str(own))
    assert (again.code, again.out) == (5, "")


def test_validate_lists_all_problems_with_file_and_line(solvent: World, own: Path) -> None:
    """Exit 4; each problem is a line ``file:line  key: why``, and an object in JSON."""
    (own / "solvent.toml").write_text('schema = 1\nname = "own"\nunknown = 1\n[git]\nmode = "sometimes"\n')

    ran = solvent("catalog", "validate", str(own))
    told = solvent("catalog", "validate", str(own), "-o", "json")

    assert (ran.code, ran.out) == (4, "")
    assert "\n  solvent.toml:3  unknown: " in ran.err
    assert "\n  solvent.toml:5  git.mode: " in ran.err
    assert {(one["file"], one["line"]) for one in told.error["problems"]} >= {("solvent.toml", 3), ("solvent.toml", 5)}


def test_a_catalog_from_elsewhere_is_trusted_once(solvent: World, own: Path, tmp_path: Path) -> None:
    """Until then whatever would run it is refused, and only looking at it is not."""
    place = own.rename(tmp_path / "moved")

    refused = solvent("image", "list", "--catalog", str(place))
    assert refused.code == 5
    assert f"solvent catalog trust {place}" in refused.err
    assert solvent("catalog", "validate", str(place)).code == 0

    assert solvent("catalog", "trust", str(place)).out == f"{place}\n"
    assert solvent("image", "list", "--catalog", str(place)).code == 0


def test_schema_is_json_schema(solvent: World) -> None:
    """It is the result as it is, for editors."""
    assert "$defs" in json.loads(solvent("catalog", "schema").out)


def test_settings_come_with_their_origin(solvent: World, tmp_path: Path) -> None:
    """A default, a file with its line, or a variable."""
    file = tmp_path / "home" / "config" / "config.toml"
    file.parent.mkdir(parents=True)
    file.write_text('memory = "2g"\n')

    rows = {one["name"]: one for one in solvent("config", "show", "-o", "json").json["settings"]}

    assert rows["memory"] == {"name": "memory", "value": "2g", "origin": f"{file}:1"}
    assert rows["realm"]["origin"] == "default"
    assert solvent("config", "path", "-q").out == f"{file}\n"
    assert str(file) in solvent("config", "path").out


def test_status_says_what_needs_a_person(solvent: World) -> None:
    """Each matter has its command; ``--check`` exits 3 if there is one; bare ``solvent`` is the same."""
    ran = solvent("status")

    assert ran.code == 0
    assert "solvent image build --all" in ran.out
    # It waits for a vendor's file.
    assert "rstudio" in solvent("image", "list", "-q").out
    assert "rstudio" not in ran.out
    assert solvent("status", "--check").code == 3
    assert solvent().out == ran.out


def test_status_of_a_world_in_order_is_empty(solvent: World) -> None:
    """Nothing on stdout, exit 0 with ``--check`` too."""
    for release in solvent("image", "list", "-q").out.split():
        solvent.build(release)

    ran = solvent("status", "--check")

    assert (ran.code, ran.out, ran.err) == (0, "", "note: nothing needs you\n")
    assert solvent("status", "-o", "json").json == {"matters": []}


@pytest.mark.parametrize(("outcome", "code"), [("pass", 0), ("warn", 0), ("fail", 3)])
def test_doctor_exits_3_if_a_part_fails(
    solvent: World, monkeypatch: pytest.MonkeyPatch, outcome: str, code: int
) -> None:
    """A warning is worth reading and no finding; the first remedy is the hint."""
    findings = (Finding("clock", "pass", "12:00 UTC"), Finding("disk", outcome, "1 GB free", "make room"))
    monkeypatch.setattr("manager.app.doctor.findings", lambda _manager: findings)

    ran = solvent("doctor")

    assert ran.code == code
    assert ran.out.splitlines()[2].split() == ["disk", outcome, "1", "GB", "free", "make", "room"]
    assert ("hint: make room" in ran.err) == (code == 3)
    assert solvent("doctor", "-o", "json").json["findings"][0]["part"] == "clock"


def test_quickstart_prints_the_notebooks_url(launched: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Phases, rows and what to try next go to stderr; the URL alone is the result."""

    def phases(_manager: object) -> Iterator[object]:
        yield "engine: looking"
        yield quickstart.QuickstartDone(
            "work", "http://127.0.0.1:1/lab/tree/q.ipynb?token=t", "Peru  7", ("solvent env list",)
        )

    monkeypatch.setattr(quickstart, "quickstart", phases)

    ran = launched("quickstart")

    assert (ran.code, ran.out) == (0, "http://127.0.0.1:1/lab/tree/q.ipynb?token=t\n")
    assert ran.err == "engine: looking\n  Peru  7\n  next:  solvent env list\n"
    told = launched("quickstart", "-o", "json").json
    assert (told["environment"]["name"], told["notebook"]) == ("work", "http://127.0.0.1:1/lab/tree/q.ipynb?token=t")


def test_quickstart_without_an_engine_ends_with_6(solvent: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where it may not install one, it says what to do by hand."""

    def phases(_manager: object) -> Iterator[object]:
        yield "engine: looking"
        raise Unreachable("no engine answers", hint="as root:  apt-get install docker.io")

    monkeypatch.setattr(quickstart, "quickstart", phases)

    ran = solvent("quickstart")

    assert (ran.code, ran.out) == (6, "")
    assert "  hint: as root:  apt-get install docker.io\n" in ran.err


def test_quickstart_remove_says_what_it_takes_away(solvent: World) -> None:
    """With nothing made there is nothing to take away, and that is fine."""
    ran = solvent("quickstart", "--remove")

    assert (ran.code, ran.out) == (0, "")
    assert "nothing" in ran.err
