"""The plan of a prune: what may go and why, by digest and never by tag, and everything that stays."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from manager.core.containers import LABEL
from manager.core.evidence import Result
from manager.core.ingredients import base_key
from manager.core.observed import BuildStatus
from manager.core.pruning import Cached
from tests.fakes.world import World, catalog, release
from tests.plans.test_channels import line

FIVE = tuple(f"2026110{number}.1" for number in range(1, 6))


def versions(world: World, kind: str = "prune build") -> list[str]:
    """Give the builds that would go."""
    return [step.target.partition(" ")[2] for step in world.prune().steps if step.kind == kind]


def test_old_builds_go_and_three_ways_back_stay(world: World) -> None:
    """Destructive, with what is freed; applied, nothing is left to do and the entries are there."""
    world.bases()
    line(world, *FIVE)

    plan = world.prune()

    assert (
        plan.text()
        == """\
plan: prune (as of 2026-11-21)
! 1. prune build lab:4 20261101.1  superseded -> 1000 B freed
      because it is superseded, and none of the last 3 that were promoted; nothing refers to it
! 2. prune build lab:4 20261102.1  superseded -> 1000 B freed
      because it is superseded, and none of the last 3 that were promoted; nothing refers to it"""
    )
    world.apply(plan)
    assert not world.prune()
    assert [(one.version, one.status.value, world.observe().present(one.digest)) for one in world.store.kept] == [
        ("20261101.1", "tombstoned", False),
        ("20261102.1", "tombstoned", False),
        ("20261103.1", "superseded", True),
        ("20261104.1", "superseded", True),
        ("20261105.1", "promoted", True),
    ]
    assert world.store.evidence(world.store.kept[0].digest) == (Result("page", "pass"),)


def test_a_version_once_used_is_never_used_again(world: World) -> None:
    """The tombstone keeps it: a rebuild is a new version."""
    world.bases()
    world.build(version="20261121.1", status=BuildStatus.FAILED)
    world.apply(world.prune())
    assert world.store.kept[0].status is BuildStatus.TOMBSTONED

    targets = [step.target for step in world.make("lab:4").steps if step.kind == "build image"]

    assert targets == ["lab:4 20261121.2"]


def test_what_runs_or_could_run_again_stays(world: World) -> None:
    """An environment keeps its build through stop, loss of its container and start; removed, it keeps nothing."""
    world.bases()
    line(world, FIVE[0])
    one = world.running("work")
    line(world, *FIVE[1:])
    assert versions(world) == ["20261102.1"]

    world.apply(world.stop("work"))
    assert versions(world) == ["20261102.1"]
    world.engine.remove(one.container)
    assert versions(world) == ["20261102.1"]
    world.apply(world.remove("work"))
    assert versions(world) == ["20261101.1", "20261102.1"]


def test_two_names_on_one_digest_are_safe(world: World) -> None:
    """A name of ours keeps nothing, and taking one away takes no bytes; somebody else's is said with the way out."""
    world.bases()
    line(world, *FIVE[:4])
    digest = world.store.kept[0].digest
    world.engine.tag(digest, "solvent/lab:again")
    assert versions(world) == ["20261101.1"]

    world.engine.tag(digest, "bank/kept:1")

    assert versions(world) == []
    assert world.prune().notes == (
        "lab:4 20261101.1 stays: it has another name, bank/kept:1; to let it go:  docker rmi bank/kept:1",
    )


def test_candidates_that_were_passed_over_go_and_the_newest_stays(world: World) -> None:
    """A quarantined one stays as well: somebody may ask about it."""
    world.bases()
    for version in FIVE[:2]:
        world.build(version=version, status=BuildStatus.CANDIDATE, spec=version)
    world.build(version=FIVE[2], status=BuildStatus.QUARANTINED, spec="bad")
    world.build(version=FIVE[3], status=BuildStatus.CANDIDATE, spec="new")

    assert versions(world) == ["20261101.1", "20261102.1"]


def test_past_remove_after_everything_of_a_release_goes_but_what_is_pinned_or_in_use() -> None:
    """Its channel is emptied first; a quarantined build keeps its status, so that the same is never built again."""
    world = World(catalog=catalog("4"))
    world.bases()
    line(world, *FIVE[:3])
    world.build(version=FIVE[3], status=BuildStatus.QUARANTINED, spec="bad")
    world.running("work")
    line(world, FIVE[4])
    family = replace(world.catalog.families[0], releases=(release("4", pins=("20261102.1",)),))
    world.catalog = replace(world.catalog, families=(family,))
    world.today = world.catalog.releases[0].schedule.remove_after

    plan = world.prune()

    assert [(step.kind, step.target) for step in plan.steps] == [
        ("prune build", "lab:4 20261101.1"),
        ("prune build", "lab:4 20261104.1"),
        ("empty channel", "lab:4 stable"),
        ("prune build", "lab:4 20261105.1"),
    ]
    assert plan.steps[0].cause.startswith("lab:4 may be removed since 2029-03-18")
    world.apply(plan)
    assert not world.prune()
    assert [one.status.value for one in world.store.kept] == [
        "tombstoned", "superseded", "superseded", "quarantined", "tombstoned",
    ]  # fmt: skip
    assert world.environment("work").state == "running"


def test_a_prune_that_was_killed_between_the_entry_and_the_bytes_is_finished(world: World) -> None:
    """Tombstoned, and here."""
    world.bases()
    line(world, *FIVE[:4])
    world.store.set_status(world.store.kept[0].digest, BuildStatus.TOMBSTONED, "killed")

    plan = world.prune()

    assert [step.cause for step in plan.steps] == [
        "it was given up, and its bytes are still here; nothing refers to it"
    ]
    world.apply(plan)
    assert not world.prune()


def test_what_a_killed_build_left_without_a_name_goes(world: World) -> None:
    """No database knows it; one that has its name may belong to a database that was lost."""
    labels = {LABEL + "realm": "solvent", LABEL + "kind": "image", LABEL + "release": "lab:4"}
    lost = world.engine.add_image("solvent/lab:4-20261101.1", labels)
    stray = world.engine.add_image("solvent/lab:4-20261102.1", labels | {LABEL + "version": "20261102.1"})
    assert not world.prune()
    world.engine.add_image("solvent/lab:4-20261102.1", labels)

    assert [step.do.digest for step in world.prune().steps] == [stray]  # type: ignore[union-attr]
    assert world.observe().present(lost)


def test_bases_that_nothing_needs_go(world: World) -> None:
    """One that a build stands on stays although the catalog has another by now; with the build, it goes."""
    world.bases()
    line(world, FIVE[0])
    key = base_key(world.catalog.system("trixie"))
    systems = tuple(
        replace(system, packages=("git", "python3")) if system.id == "trixie" else system
        for system in world.catalog.systems
    )
    world.catalog = replace(world.catalog, systems=systems)
    assert not world.prune()

    world.store.move_channel("lab:4", "stable", world.store.kept[0].digest, "")
    world.store.set_status(world.store.kept[0].digest, BuildStatus.TOMBSTONED, "given up")

    plan = world.prune()
    assert [(step.kind, step.target) for step in plan.steps] == [
        ("prune build", "lab:4 20261101.1"),
        ("remove base", "trixie"),
    ]
    assert [step.destructive for step in plan.steps] == [True, False]
    world.apply(plan)
    assert world.observe().base(key) is None
    assert not world.prune()


def test_what_the_cache_has_for_nobody_goes(world: World) -> None:
    """Trees that no image has in it, and files of bases that nothing stands on; they can be made again."""
    world.bases()
    current = base_key(world.catalog.system("trixie"))[:16]
    world.cached = (Cached("tree", "a" * 64, 5_000_000), Cached("base", "b" * 16, 7), Cached("base", current, 9))

    plan = world.prune()

    assert [(step.kind, step.target, step.after) for step in plan.steps] == [
        ("remove cached base", "b" * 16, "7 B freed"),
        ("remove cached tree", "a" * 16, "4.8 MB freed"),
    ]
    assert not plan.destructive
    world.apply(plan)
    assert world.cached == (Cached("base", current, 9),)


def test_trees_of_images_that_stay_are_kept(world: World) -> None:
    """As their labels say."""
    world.engine.add_image("solvent/lab:4-1", {LABEL + "realm": "solvent", LABEL + "tree-kernel": "c" * 64})
    world.cached = (Cached("tree", "c" * 64, 1),)

    assert not world.prune()


@pytest.mark.parametrize("day", [date(2026, 11, 21), date(2040, 1, 1)])
def test_nothing_of_a_release_that_the_catalog_lost_goes_for_its_dates(world: World, day: date) -> None:
    """Nobody knows them; its channel and its ways back stay."""
    world.bases()
    line(world, FIVE[0])
    world.catalog = catalog("3")
    world.today = day

    assert versions(world) == []


def test_archived_packages_go_with_the_last_build_that_was_made_of_them(world: World) -> None:
    """What another one that stays was made of as well is kept; a base's archive likewise."""
    world.bases()
    line(world, *FIVE)
    for number, build in enumerate(world.store.kept):
        image = world.engine.image(build.digest)
        assert image is not None
        trees = {LABEL + "tree-ide": "i" * 64, LABEL + "tree-kernel": str(number) * 64}
        image.labels.update(trees | {LABEL + "base-digest": "b" * 64})

    plan = world.prune()

    found = [(step.do.name, step.needs) for step in plan.steps if step.kind == "forget packages"]  # type: ignore[union-attr]
    old = [(number, build.digest) for number, build in enumerate(world.store.kept[:2])]
    assert found == [(f"tree-{str(number) * 64}", (f"prune:{digest}",)) for number, digest in old]
    world.apply(plan)
    assert not world.prune()
