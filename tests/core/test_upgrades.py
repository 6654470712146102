"""What an environment is upgraded to: never what a day or a judgement forbids, whoever asks."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as some

from manager.core.imports import Look, Package, Use, missing, sentences
from manager.core.lifecycle import Gate, launch_gate, restart_gate
from manager.core.observed import BuildStatus
from manager.core.overlays import moves, own_r
from manager.core.snapshots import Snapshot, behind
from manager.core.upgrades import Owed, owed, target
from manager.errors import Refused
from tests.fakes.world import OWNER, TODAY, World

if TYPE_CHECKING:
    from collections.abc import Callable

    from manager.core.observed import Build, Environment

WORLD = World()
WORLD.bases()
BUILDS: dict[str, list[Build]] = {
    line: [WORLD.build(f"lab:{line}", f"20260101.{number}") for number in (1, 2)] for line in ("1", "2", "3", "4")
}
WORLD.running("work", "lab:4")
HERE: Environment = replace(WORLD.environment("work"), owner=OWNER)
DAYS = some.dates(date(2023, 1, 1), date(2030, 12, 31))
STATUSES = some.sampled_from(
    [BuildStatus.PROMOTED, BuildStatus.SUPERSEDED, BuildStatus.QUARANTINED, BuildStatus.TOMBSTONED]
)
LINES = some.sampled_from(["00", "0", "1", "2", "3", "4", "5"])


def on(line: str, digest: str = "sha256:other") -> Environment:
    """Give an environment of a release."""
    return replace(HERE, release=f"lab:{line}", digest=digest)


def known(builds: list[Build]) -> Callable[[str], Build | None]:
    """Give what finds these by digest."""
    return {build.digest: build for build in builds}.get


@given(
    DAYS, LINES, some.one_of(some.just(""), LINES.map("lab:{}".format)), some.lists(STATUSES, min_size=8, max_size=8)
)
def test_nothing_is_upgraded_to_what_may_not_be_launched(
    day: date, line: str, to: str, statuses: list[BuildStatus]
) -> None:
    """By name or by itself, on any day; another build of its own release only while that may start."""
    every = [build for builds in BUILDS.values() for build in builds]
    builds = [replace(build, status=status) for build, status in zip(every, statuses, strict=True)]
    channels = {build.release: build.digest for build in builds}
    one = on(line)
    owes = owed(WORLD.catalog, known(builds), channels, one, day)
    try:
        found = target(WORLD.catalog, known(builds), channels, one, to, day)
    except Refused:
        # What is owed by itself is never refused.
        assert owes is None or to
        return
    if found is None:
        assert owes is None
        return
    release, _ = found
    gate = restart_gate if release.name == one.release else launch_gate
    assert gate(release.schedule, day) is not Gate.SHUT
    if owes and not to:
        assert owes.release == release.name
        chosen = next(
            (build for build in builds if (build.release, build.version) == (owes.release, owes.version)), None
        )
        assert chosen is None or chosen.status in (BuildStatus.PROMOTED, BuildStatus.SUPERSEDED)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("4", None),  # on the newest build
        ("3", Owed("lab:3", "20260101.2", "build 20260101.2 of lab:3 is promoted")),
        ("0", Owed("lab:4", "", "lab:0 retired on 2026-11-01")),
    ],
)
def test_what_is_owed_is_a_newer_build_and_then_the_successor(line: str, expected: Owed | None) -> None:
    """Of an active release a newer build; of a retired one the last of its successors that may be launched."""
    channels = {f"lab:{one}": builds[-1].digest for one, builds in BUILDS.items()}
    builds = [build for many in BUILDS.values() for build in many]
    digest = BUILDS["4"][1].digest if line == "4" else "sha256:other"

    assert owed(WORLD.catalog, known(builds), channels, on(line, digest), TODAY) == expected


def test_a_pin_beats_the_channel_and_no_quarantine() -> None:
    """A pinned environment is owed no other build, unless the one that it has is quarantined."""
    first, second = BUILDS["4"]
    one = replace(on("4", first.digest), pin=first.version)
    channels = {"lab:4": second.digest}

    assert owed(WORLD.catalog, known([first, second]), channels, one, TODAY) is None
    bad = replace(first, status=BuildStatus.QUARANTINED)
    found = owed(WORLD.catalog, known([bad, second]), channels, one, TODAY)
    assert found is not None
    assert found.version == second.version


def test_a_release_that_the_catalog_lost_needs_a_word() -> None:
    """Nobody knows what follows it; with ``--to`` it goes."""
    one = on("lost")

    assert owed(WORLD.catalog, known([]), {}, one, TODAY) is None
    with pytest.raises(Refused, match="nobody says what follows it"):
        target(WORLD.catalog, known([]), {}, one, "", TODAY)
    found = target(WORLD.catalog, known([]), {}, one, "lab:4", TODAY)
    assert found is not None
    assert found[0].name == "lab:4"


def test_a_snapshot_of_the_present_digest_counts_for_nothing() -> None:
    """It is of an upgrade that did not take place; others of the stack and of other environments are left."""
    shots = [Snapshot("E", "c", number, "lab:4", "1", digest, HERE.created) for number, digest in enumerate("abcc", 1)]

    assert [one.digest for one in behind([*reversed(shots), replace(shots[0], container="d")], "E", "c", "c")] == [
        "a",
        "b",
    ]
    assert behind(shots, "E2", "c", "c") == ()


def test_only_what_is_there_today_can_be_lost() -> None:
    """Not what was missing before, and not what is installed again."""
    here = Look(
        (Use("kept", ("a.py",)), Use("lost", ("a.py",), ("Lost 1.0",)), Use("never", ()), Use("own", (), ("Own 2",))),
        there=frozenset({"kept", "lost", "own"}), read=1,
    )  # fmt: skip
    there = Look(there=frozenset({"kept"}))

    assert [one.name for one in missing(here, there, ["own"])] == ["lost"]
    assert sentences(here, missing(here, there, ["own"]), "lab:4") == (
        "lab:4 has no module lost (Lost 1.0 today): a.py",
    )
    assert sentences(here, (), "lab:4") == ("everything that 1 notebooks and files import is in lab:4",)


def test_own_packages_move_to_another_place_only() -> None:
    """Another build of the same release has the same place; without any that were asked for there is nothing to do."""
    mine = (Package("polars", "1", asked=True),)
    here = Look(overlay="/workspace/.solvent/a", packages=mine)

    assert moves(here, Look(overlay="/workspace/.solvent/b"))
    assert not moves(here, Look(overlay="/workspace/.solvent/a"))
    assert not moves(here, Look())
    assert not moves(replace(here, packages=()), Look(overlay="/workspace/.solvent/b"))


def test_packages_of_r_are_named_with_the_command() -> None:
    """Those that the other release has in its own place already are not."""
    here = Look(r=("dplyr 1.1.4", "zoo 1.8"))

    assert own_r(here, Look(r=("zoo 1.8",)), "lab:4") == (
        "your own packages of R are not installed for lab:4: dplyr 1.1.4; "
        'install them inside:  install.packages(c("dplyr"))',
    )
    assert own_r(here, here, "lab:4") == ()
