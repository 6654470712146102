"""Plans that forbid versions of a driver wherever they are, and allow them again; nothing that runs is stopped."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from manager.core import emergency
from manager.core.catalog import Place
from manager.core.components import Component
from manager.core.driver_decisions import DriverDecision, file_of
from manager.core.observed import BuildStatus
from manager.errors import Refused
from tests.fakes.world import TODAY
from tests.plans.test_channels import frozen, line

if TYPE_CHECKING:
    from tests.fakes.world import World

THREE = ("20261101.1", "20261102.1", "20261103.1")


def said(kind: str = "quarantine", number: int = 1, **more: str) -> DriverDecision:
    """Give a decision about psycopg 3.3.9."""
    place = Place(file_of(kind, "postgresql", TODAY, number), 1)  # type: ignore[arg-type]
    words = {"dist": "psycopg", "version": "3.3.9", "advisory": "CVE-1"} | more
    return DriverDecision(kind, "postgresql", TODAY, "it leaks", "ana", place, **words)  # type: ignore[arg-type]


BAD = said()
GOOD = said("unquarantine", 2, advisory="", version="")


def having(world: World, *versions: str) -> World:
    """Let the builds that there are have versions of psycopg, in their order."""
    for build, version in zip(world.store.builds(), versions, strict=True):
        world.store.keep_components(build.digest, (Component("python", "psycopg", version, "kernel"),))
    return world


@pytest.fixture
def hit(world: World) -> World:
    """Give a release whose newest two builds have the bad version; its lock has it as well."""
    world.pins["kernel-4"] = [("psycopg", "3.3.9")]
    return having(line(world, *THREE), "3.3.8", "3.3.9", "3.3.9")


def test_a_quarantine_is_one_decision_and_channels_fall_back(hit: World) -> None:
    """To the newest good build without the version, past another one that has it; twice is once."""
    plan = hit.forbid(BAD)

    assert (
        plan.text()
        == """\
plan: quarantine psycopg 3.3.9 (as of 2026-11-21)
  1. write decision psycopg 3.3.9  - -> quarantined
      because CVE-1: it leaks
  2. fall back lab:4 stable  20261103.1 -> 20261101.1
      because CVE-1: it leaks"""
    )
    hit.apply(plan)
    again = hit.forbid(BAD)
    assert not again
    assert again.notes == (f"psycopg 3.3.9 is quarantined: it leaks ({BAD.place})",)
    assert hit.launch().notes == ()
    assert hit.observe().channel("lab:4") == hit.store.builds()[0].digest


def test_no_freeze_keeps_a_danger(hit: World) -> None:
    """As for builds that are quarantined for security."""
    frozen(hit)
    assert [step.kind for step in hit.forbid(BAD).steps] == ["write decision", "fall back"]


def test_the_decision_alone_forbids_and_the_next_run_moves_the_channel(hit: World) -> None:
    """As when the command was killed, or a colleague's catalog brings it: a launch takes the good one at once."""
    hit.catalog = hit.marked(BAD)

    assert hit.launch().notes == ("build 20261103.1 of lab:4 is quarantined: build 20261101.1 is taken",)
    for version in THREE[1:]:
        with pytest.raises(Refused, match="is quarantined") as refused:
            hit.launch(build=version)
        assert f"for CVE-1: it leaks ({BAD.place})" in refused.value.why
        assert "solvent image lock lab:4" in refused.value.hint
        assert "solvent connector unquarantine postgresql" in refused.value.hint
        with pytest.raises(Refused, match="is quarantined"):
            hit.promote(version=version)
        with pytest.raises(Refused, match="is quarantined"):
            hit.rollback(to=version)
    assert [step.kind for step in hit.forbid(BAD).steps] == ["fall back"]


def test_a_lock_that_pins_it_is_not_built_and_others_are(hit: World) -> None:
    """Where all are built it is left out with a note."""
    hit.bases()
    hit.catalog = hit.marked(BAD)

    with pytest.raises(
        Refused, match=r"its kernel lock pins psycopg 3\.3\.9, which is quarantined for CVE-1"
    ) as refused:
        hit.make("lab:4")
    assert refused.value.where == str(BAD.place)
    assert hit.make("lab:3")
    plan = hit.make("lab:4", "lab:3", everything=True)
    assert dict(plan.left).keys() == {"lab:4"}


@pytest.mark.parametrize("more", [{"version": "<3"}, {"version": "3.3.90"}, {"dist": "psycopg-binary"}])
def test_what_is_not_meant_goes_on(hit: World, more: dict[str, str]) -> None:
    """The negative control: another version, a range with nothing in it, another distribution."""
    plan = hit.forbid(said(**more))

    assert [step.kind for step in plan.steps] == ["write decision"]
    hit.apply(plan)
    hit.bases()
    assert hit.launch().notes == ()
    assert hit.launch(build="20261102.1").steps
    assert hit.make("lab:4", force=True).steps


def test_without_a_good_build_the_channel_is_empty_and_a_launch_fails_loudly(world: World) -> None:
    """The lock that pins it is not built for it."""
    world.pins["kernel-4"] = [("psycopg", "3.3.9")]
    world.bases()
    world.build()
    having(world, "3.3.9")

    plan = world.forbid(BAD)

    assert plan.steps[-1].kind == "empty channel"
    assert plan.notes[-1] == "lab:4 has no good build any more: it cannot be launched until one is promoted"
    world.apply(plan)
    with pytest.raises(Refused, match=r"pins psycopg 3\.3\.9, which is quarantined"):
        world.launch()


def test_what_runs_is_listed_and_not_stopped_and_does_not_start_again(world: World) -> None:
    """Other people's environments too."""
    world.bases()
    world.build()
    having(world, "3.3.9")
    one = world.running("work")

    plan = world.forbid(BAD)

    assert "work of ana runs on it and is not stopped: it cannot be started again" in plan.notes
    assert not [step for step in plan.steps if "environment" in step.kind]
    world.apply(plan)
    assert world.environment("work").state == "running"
    world.engine.stop(one.container)
    with pytest.raises(Refused, match=r"build 20261101\.1 of lab:4 is quarantined") as refused:
        world.start("work")
    assert "psycopg 3.3.9 is quarantined for CVE-1" in refused.value.why
    assert "solvent image lock lab:4" in refused.value.hint
    assert "solvent env upgrade work" in refused.value.hint


def test_allowed_again_builds_are_what_they_were(hit: World) -> None:
    """And channels stay where they are, with the way that moves them."""
    hit.apply(hit.forbid(BAD))

    plan = hit.allow(GOOD)

    assert (
        plan.text()
        == """\
plan: allow psycopg again (as of 2026-11-21)
  1. write decision psycopg  - -> allowed again
      because it leaks
  note: lab:4 20261102.1 is what it was before; to have it given again:  solvent image promote lab:4 20261102.1
  note: lab:4 20261103.1 is what it was before; to have it given again:  solvent image promote lab:4 20261103.1"""
    )
    hit.apply(plan)
    assert {one.status for one in hit.observe().builds} == {BuildStatus.PROMOTED, BuildStatus.SUPERSEDED}
    hit.apply(hit.promote(version="20261103.1"))
    assert hit.observe().channel("lab:4") == hit.store.builds()[2].digest
    assert hit.allow(GOOD).notes == ("psycopg is not quarantined",)


def test_what_another_decision_forbids_stays_forbidden(hit: World) -> None:
    """Another quarantine of versions, and one of the build itself; both are said."""
    hit.apply(hit.forbid(BAD))
    hit.apply(hit.forbid(said(number=3, version=">=3.3,<3.4", advisory="CVE-2")))

    notes = hit.allow(replace(GOOD, version="3.3.9")).notes
    assert notes[0].startswith("lab:4 20261102.1 stays quarantined: psycopg 3.3.9 is quarantined for CVE-2")
    hit.apply(hit.quarantine("20261103.1"))
    (note,) = hit.lift("20261103.1").notes
    assert note.startswith("lab:4 20261103.1 stays quarantined: psycopg 3.3.9 is quarantined for CVE-1")
    hit.apply(hit.lift("20261103.1"))
    hit.apply(hit.allow(replace(GOOD, place=said("unquarantine", 4).place)))
    assert hit.observe().builds[2].status is BuildStatus.CANDIDATE


@pytest.mark.parametrize(
    ("version", "others"),
    [("3.3.9", ["<3.3.10"]), ("", ["<3.3.10"]), (">=3", ["<3.3.10"]), ("3.4", [])],
)
def test_what_is_quarantined_as_something_else_is_said(hit: World, version: str, others: list[str]) -> None:
    """With the command that lifts it; only where nothing forbids it, it is not quarantined."""
    other = replace(said(version="<3.3.10"), subject="another")
    hit.apply(hit.forbid(other))

    plan = hit.allow(replace(GOOD, version=version))

    assert not plan.steps
    assert [f"--version '{one}'" in note for one, note in zip(others, plan.notes, strict=False)] == [True] * len(others)
    assert (plan.notes == (f"psycopg {version} is not quarantined",)) is not bool(others)
    hit.apply(hit.forbid(BAD))
    notes = hit.allow(replace(GOOD, version="3.3.9")).notes
    assert notes[-1].startswith("psycopg 3.3.9 stays quarantined: psycopg <3.3.10 is quarantined for CVE-1")


def test_a_candidate_that_nobody_looked_into_is_judged_by_its_lock(world: World) -> None:
    """It is not launched even for those who ask for candidates."""
    world.pins["kernel-4"] = [("psycopg", "3.3.9")]
    world.bases()
    world.build(status=BuildStatus.CANDIDATE)
    assert world.launch(candidate=True).steps
    world.catalog = world.marked(BAD)

    with pytest.raises(Refused, match="quarantined for CVE-1"):
        world.launch(candidate=True)

    # Its lock moves, as the way out says; what went into the build is not known any more.
    moved = replace(world.catalog.release("lab:4", world.today).lock("kernel"), digest="kernel-4b")  # type: ignore[type-var]
    before = world.catalog.families[0]
    locks = lambda one: tuple(moved if lock.digest == "kernel-4" else lock for lock in one.locks)  # noqa: E731
    releases = tuple(replace(one, locks=locks(one)) for one in before.releases)
    world.catalog = replace(world.catalog, families=(replace(before, releases=releases),))
    world.pins["kernel-4b"] = [("psycopg", "3.3.10")]
    world.catalog = world.marked(BAD)
    with pytest.raises(Refused, match="is quarantined") as refused:
        world.launch(candidate=True, build="20261101.1")
    assert "nobody has read what is inside" in refused.value.why
    assert "solvent image sbom lab:4@20261101.1" in refused.value.hint
    assert [one.version for one in emergency.having(world.observe(), BAD)] == ["20261101.1"]
    # The negative control: read, it is free again.
    having(world, "3.3.8")
    assert world.launch(candidate=True, build="20261101.1").steps
