"""``lifecycle`` as it is typed: what is printed where, with which exit code, and that every command says the same."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import pytest

from manager.app.settings import load
from manager.world import files
from tests.cli.conftest import REPOSITORY, World

if TYPE_CHECKING:
    from pathlib import Path

OLD, NEW = "jupyterlab:4.4-py3.11", "jupyterlab:4.6-py3.13"
REASON = ("--reason", "exams in March")


@pytest.fixture
def own(solvent: World, tmp_path: Path) -> tuple[str, str]:
    """Give the option that names a trusted catalog of one's own with one family."""
    root = tmp_path / "own"
    (root / "images").mkdir(parents=True)
    for name in ("solvent.toml", "images/upstream.toml"):
        shutil.copy(REPOSITORY / name, root / name)
    for name in ("images/jupyterlab", "images/common", "connectors", "compose"):
        if (REPOSITORY / name).is_dir():
            shutil.copytree(REPOSITORY / name, root / name)
    files.trust(root, load().config_dir / "trusted")
    return "--catalog", str(root)


def test_the_list_shows_stage_end_and_what_binds_it(solvent: World) -> None:
    """A line for each release, retired ones last; JSON has every date."""
    shown = solvent("lifecycle", "list")
    line = next(line.split("  ") for line in shown.out.splitlines() if line.startswith(OLD))
    cells = [cell.strip() for cell in line if cell.strip()]
    assert cells == [OLD, "deprecated", "2027-01-03", "policy", "retired in 43 d", "jupyterlab:4.5-py3.11 (minor)"]
    assert shown.out.splitlines()[-1].startswith("jupyterlab:4.2-py3.9 ")

    one = next(each for each in solvent("lifecycle", "list", "-o", "json").json["releases"] if each["release"] == OLD)
    assert one["dates"] == {
        "released": "2025-04-03", "deprecated": "2026-10-05", "create_block": "2026-12-04",
        "end_of_life": "2027-01-03", "restart_block": "2027-04-03", "remove_after": "2028-01-03",
    }  # fmt: skip
    assert (one["bound_by"], one["announced"], one["waits_for"]) == ("policy", None, [])
    assert one["successor"]["level"] == "minor"


def test_a_plan_is_shown_applied_once_and_then_empty(solvent: World) -> None:
    """``plan`` changes nothing, ``--check`` exits 3 while something is to be done."""
    assert solvent("lifecycle", "plan", "--check").code == 3
    assert solvent("lifecycle", "apply", "--check").code == 3
    plan = solvent("lifecycle", "plan", "-o", "json").json
    assert {step["kind"] for step in plan["steps"]} == {"announce schedule"}
    assert solvent.store.announcements.rows == []

    done = solvent("lifecycle", "apply", "-o", "json")

    assert done.code == 0
    assert [one["target"] for one in done.json["steps"]] == [step["target"] for step in plan["steps"]]
    assert solvent("lifecycle", "plan", "--check").code == 0
    assert "nothing to do" in solvent("lifecycle", "plan").out
    later = solvent("lifecycle", "plan", "--as-of", "2027-01-03").out
    assert f"announce stage {OLD}  deprecated -> retired" in later


def test_why_names_every_end_that_was_weighed_with_its_source(solvent: World) -> None:
    """Also the undecided ones, and the last day of an extension."""
    shown = solvent("lifecycle", "why", "jupyterlab:4.2-py3.9").out
    assert "bound by       python 3.9" in shown
    assert "PEP 596" in shown

    found = solvent("lifecycle", "why", "jupyterlab:4.2-py3.9", "-o", "json").json["release"]
    bounds = {one["component"]: one for one in found["bounds"]}
    assert [name for name, one in bounds.items() if one["binds"]] == ["python 3.9"]
    assert bounds["python 3.9"]["as_of"] == "2026-11-22"
    assert (bounds["jupyterlab 4.2"]["ends"], bool(bounds["jupyterlab 4.2"]["source"])) == (None, True)
    assert bounds["debian bullseye"]["ends"] == "2026-08-31"


def test_an_extension_is_shown_written_and_explained(solvent: World, own: tuple[str, str]) -> None:
    """A dry run prints the file; the file's path is the result; ``why`` names it."""
    words = ("lifecycle", "extend", OLD, "--until", "2027-03-31", *REASON, "--approved-by", "ben", *own)
    dry = solvent(*words, "--dry-run")
    assert (dry.code, 'reason = "exams in March"' in dry.out, 'approved_by = "ben"' in dry.out) == (0, True, True)
    assert f"{OLD} ends on 2027-03-31 instead of 2027-01-03" in dry.err

    made = solvent(*words)

    assert made.out == "images/overrides/2026-11-21-extend-jupyterlab-4.4-py3.11.toml\n"
    why = solvent("lifecycle", "why", OLD, "-o", "json", *own).json["release"]
    assert why["dates"]["end_of_life"] == "2027-03-31"
    assert [(one["kind"], one["reason"], one["approved_by"]) for one in why["overrides"]] == [
        ("extend", "exams in March", "ben")
    ]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("extend", OLD, "--until", "2027-12-31", *REASON), 5, "lies past the last day that an extension may name"),
        (("extend", OLD, "--until", "2027-03-31"), 2, "--reason"),
        (("extend", "jupyterlab:9", "--until", "2027-03-31", *REASON), 2, "no release of this catalog"),
        (("redirect", OLD, "--to", "jupyterlab:9", *REASON), 2, "unknown release 'jupyterlab:9'"),
        (("freeze", "lab", "--from", "2027-01-07", "--until", "2027-01-08", *REASON), 2, "nothing that can be frozen"),
        (("extend", OLD, "--until", "2027-03-31", "--reason", ""), 2, "'--reason': it is empty"),
        (("extend", OLD, "--until", "2027-03-31", "--reason", " \t"), 2, "'--reason': it is empty"),
        (("extend", OLD, "--until", "2027-03-31", "--reason", "\udcff"), 2, "'--reason': it is no text in UTF-8"),
        (("extend", OLD, "--until", "2027-03-31", *REASON, "--approved-by", " "), 2, "'--approved-by': it is empty"),
        (("redirect", OLD, "--to", NEW, *REASON, "--message", "a\udcff"), 2, "'--message': it is no text in UTF-8"),
        (("retire", NEW, "--until", "2026-12-01", *REASON), 5, "notice of P30D"),
        (("retire", NEW, "--until", "2026-12-01", *REASON), 5, "a danger that cannot wait: --security"),
        (
            ("extend", "jupyterlab", "--until", "2027-03-31", *REASON),
            2,
            f"name one of its releases: {OLD}, jupyterlab:4.5-py3.11, {NEW}",
        ),
        (("freeze", "--from", "2027-01-07", "--until", "2027-01-07", *REASON), 5, "does not lie after from"),
        (("redirect", NEW, "--to", OLD, *REASON), 4, "successors go in a circle"),
        (("retire", NEW, "--until", "soon", *REASON), 2, "'soon' is no day"),
    ],
)
def test_a_decision_beyond_its_limits_is_refused_and_nothing_is_written(
    solvent: World, own: tuple[str, str], words: tuple[str, ...], code: int, said: str
) -> None:
    """A rule of the calendar is exit 5, a wrong word 2, a catalog that would be wrong 4."""
    if words[0] == "redirect":
        assert solvent("lifecycle", "redirect", OLD, "--to", NEW, *REASON, *own).code == 0
    ran = solvent("lifecycle", *words, *own)

    assert (ran.code, said in ran.err) == (code, True), ran.err


def test_a_retirement_ends_an_extension_of_the_same_day_and_the_other_way_round(
    solvent: World, own: tuple[str, str]
) -> None:
    """What was decided last counts: its file has a number."""
    name = "images/overrides/2026-11-21-{}-jupyterlab-4.4-py3.11{}.toml\n"
    extended = solvent("lifecycle", "extend", OLD, "--until", "2027-03-31", *REASON, *own)
    assert f"{OLD} stays deprecated since 2026-10-05" in extended.err
    for number, (words, end) in enumerate(
        [
            (("retire", OLD, "--until", "2026-11-30", "--security"), "2026-11-30"),
            (("extend", OLD, "--until", "2027-02-28"), "2027-02-28"),
            (("retire", OLD, "--until", "2026-12-31"), "2026-12-31"),
        ],
        start=2,
    ):
        ran = solvent("lifecycle", *words, *REASON, *own)
        kind = {"retire": "early-retire"}.get(words[0], words[0])
        assert (ran.code, ran.out) == (0, name.format(kind, f"-{number}")), ran.err
        assert f"{OLD} ends on {end} instead of" in ran.err
        why = solvent("lifecycle", "why", OLD, "-o", "json", *own).json["release"]
        assert why["dates"]["end_of_life"] == end


def test_a_freeze_names_every_date_that_waits(solvent: World, own: tuple[str, str]) -> None:
    """When it is decided, and wherever the dates are explained; what it does not reach is not said."""
    preview, waits = "jupyterlab:4.6-py3.14", "from 2027-01-04 to 2027-01-07"
    assert waits not in solvent("lifecycle", "why", preview, *own).err

    ran = solvent("lifecycle", "freeze", "--from", "2026-12-18", "--until", "2027-01-07", *REASON, *own)

    assert f"{OLD} ends on 2027-01-07 instead of 2027-01-03" in ran.err
    assert f"{preview}: released on 2027-01-07 instead of 2027-01-04" in ran.err
    assert f"a freeze moves released of {preview} {waits}" in solvent("lifecycle", "why", preview, *own).err
    assert f"a freeze moves end of life of {OLD} from 2027-01-03" in solvent("lifecycle", "why", OLD, *own).err
    assert "a freeze moves" not in solvent("lifecycle", "why", NEW, *own).err


def test_what_changes_nothing_is_refused(solvent: World, own: tuple[str, str]) -> None:
    """A freeze that lies in one that holds, and an end that a freeze moves back to where it was."""
    assert solvent("lifecycle", "freeze", "--from", "2026-12-18", "--until", "2027-01-07", *REASON, *own).code == 0
    file = "images/overrides/2026-11-21-freeze-all.toml"
    for words, said in (
        (("freeze", "--from", "2026-12-20", "--until", "2027-01-02"), f"{file} holds until 2027-01-07; to end it,"),
        (("freeze", OLD, "--from", "2026-12-18", "--until", "2027-01-07"), f"{file}:1, decided by"),
        (("retire", OLD, "--until", "2027-01-05"), f"2027-01-05 moves nothing: {OLD} ends on 2027-01-07"),
    ):
        ran = solvent("lifecycle", *words, *REASON, *own)
        assert (ran.code, said in ran.err) == (5, True), ran.err
    # The negative control: one that reaches beyond it is taken.
    assert solvent("lifecycle", "freeze", "--from", "2026-12-20", "--until", "2027-01-08", *REASON, *own).code == 0


def test_the_shipped_catalog_is_not_decided_in(solvent: World) -> None:
    """It points to a catalog of one's own."""
    ran = solvent("lifecycle", "extend", OLD, "--until", "2027-03-31", *REASON)

    assert (ran.code, "solvent init DIR" in ran.err) == (5, True)


def test_a_retired_or_quarantined_release_is_refused_by_launch_and_start(solvent: World, own: tuple[str, str]) -> None:
    """What runs of it goes on, and stops only when its owner says so."""
    solvent.build()
    assert solvent("env", "launch", NEW, "--name", "work", *own).code == 0
    ended = ("--until", "2026-11-21", "--security", *REASON)
    assert solvent("lifecycle", "retire", NEW, *ended, *own).code == 0

    refused = solvent("env", "launch", NEW, "--name", "other", *own)
    assert (refused.code, "is retired since 2026-11-21" in refused.err) == (5, True)
    assert "running" in solvent("env", "list", *own).out
    assert solvent("env", "stop", "work", *own).code == 0
    assert solvent("env", "start", "work", "--dry-run", *own).code == 0, "until restart_block"
    barred = solvent("env", "start", "work", "--dry-run", "--as-of", "2027-02-19", *own)
    assert (barred.code, "restarts are refused since 2027-02-19" in barred.err) == (5, True)

    place = f"{own[1]}/images/overrides/2026-11-21-quarantine-one.toml"
    with open(place, "w") as file:  # noqa: PTH123 - one line
        file.write(f'kind = "quarantine"\nsubject = "{NEW}"\nday = 2026-11-21\nreason = "CVE"\nby = "ana"\n')
    for words in (("launch", NEW, "--name", "third"), ("start", "work")):
        ran = solvent("env", *words, *own)
        assert (ran.code, "is quarantined" in ran.err, "CVE" in ran.err) == (5, True, True), ran.err


@pytest.mark.parametrize("day", ["2026-10-04", "2026-10-05", "2026-12-19", "2027-01-07", "2027-03-30", "2027-03-31"])
def test_every_command_says_the_same_of_a_day(solvent: World, own: tuple[str, str], day: str) -> None:
    """Stage, end and successor in lists of releases and dates, and what a launch says, with decisions and without."""
    solvent("lifecycle", "extend", OLD, "--until", "2027-03-31", *REASON, *own)
    solvent("lifecycle", "freeze", "--from", "2026-12-18", "--until", "2027-01-07", *REASON, *own)
    solvent("lifecycle", "redirect", OLD, "--to", NEW, *REASON, *own)
    asked = ("--as-of", day, "-o", "json", *own)

    dates = _by_name(solvent("lifecycle", "list", *asked).json)
    images = _by_name(solvent("image", "list", "--all", *asked).json)
    table = solvent("lifecycle", "list", "--as-of", day, *own).out

    assert dates.keys() == images.keys()
    for name, one in dates.items():
        why = solvent("lifecycle", "why", name, *asked).json["release"]
        shown = solvent("image", "show", name, *asked).json["release"]
        assert {one["stage"], images[name]["stage"], why["stage"], shown["stage"]} == {one["stage"]}
        assert one["next_change"] == images[name]["next_change"] == why["next_change"]
        assert (one["successor"] or {}).get("release") == images[name]["successor"]
        assert why["dates"] == one["dates"]
        line = next(line for line in table.splitlines() if line.startswith(f"{name} "))
        assert f"  {one['stage']}" in line
        assert one["dates"]["end_of_life"] in line
        launch = solvent("env", "launch", name, "--dry-run", "--as-of", day, *own)
        shut = day >= one["dates"]["create_block"]
        assert ("refused since" in launch.err or "retired since" in launch.err) is shut


def _by_name(document: dict[str, Any]) -> dict[str, Any]:
    return {one["release"]: one for one in document["releases"]}
