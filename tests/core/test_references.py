"""What keeps a digest: environments, containers, pins, channels, ways back, people's own names; and what does not."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from manager.core.memory import Remembered
from manager.core.observed import BuildStatus, Copy
from manager.core.references import Reference, references, ways_back
from tests.fakes.world import World, catalog, release


def kept(world: World, **more: object) -> dict[str, list[str]]:
    """Give what keeps each build, by version."""
    found = references(world.catalog, world.observe(), world.today, **more)  # type: ignore[arg-type]
    versions = {one.digest: one.version for one in world.store.kept}
    by: dict[str, list[str]] = {}
    for one in found:
        by.setdefault(versions.get(one.digest, one.digest), []).append(str(one))
    return by


def test_what_nothing_refers_to_is_not_kept() -> None:
    """The negative control: a candidate beside a promoted build."""
    world = World()
    world.build(version="20261101.1")
    world.build(version="20261102.1", status=BuildStatus.CANDIDATE)

    assert kept(world) == {"20261101.1": ["channel stable of lab:4", "way back of lab:4"]}


def test_environments_keep_what_they_run_on_in_every_state() -> None:
    """Running, stopped, and gone but remembered, on whichever engine; a launch that never ended keeps nothing."""
    world = World()
    world.bases()
    world.build()
    one = world.running("work")
    world.build(version="20261102.1", spec="newer")
    world.store.set_status(one.digest, BuildStatus.QUARANTINED, "broken")

    assert kept(world)["20261101.1"] == ["environment work of ana, running"]
    world.apply(world.stop("work"))
    assert kept(world)["20261101.1"] == ["environment work of ana, stopped"]
    world.engine.remove(one.container)
    assert kept(world)["20261101.1"] == ["environment work of ana, gone"]
    elsewhere = replace(one, name="far", container="solvent-bea-far", owner="bea", wanted="running")
    far, half = Remembered("OTHER", elsewhere), Remembered("OTHER", replace(elsewhere, name="half", wanted=""))
    assert kept(world, remembered=(far, half))["20261101.1"] == [
        "environment far of bea, remembered",
        "environment work of ana, gone",
    ]


def test_any_container_keeps_its_image() -> None:
    """One that was made by hand is not ours, and counts all the same."""
    world = World()
    world.bases()
    world.build()
    world.running("work")
    (container,) = world.engine.containers({})
    by_hand = replace(container, name="by-hand", labels={})

    assert "container by-hand, running" in kept(world, containers=(container, by_hand))["20261101.1"]


def test_three_promoted_builds_that_are_here_stay() -> None:
    """One whose bytes are missing takes no other one's place; the fourth is not kept."""
    world = World()
    for number in range(1, 6):
        status = BuildStatus.PROMOTED if number == 5 else BuildStatus.SUPERSEDED
        world.build(version=f"20261101.{number}", status=status, spec=str(number), bytes_=number != 4)

    assert [one.version for one in ways_back(world.observe(), "lab:4")] == ["20261101.5", "20261101.3", "20261101.2"]
    assert "20261101.1" not in kept(world)


def test_a_copy_keeps_nothing() -> None:
    """It is a way back, no reference."""
    world = World()
    build = world.build(status=BuildStatus.CANDIDATE)
    world.store.keep_copy(Copy(build.digest, "registry.bank/lab:4", "sha256:" + "a" * 64))

    assert kept(world) == {}


def test_past_remove_after_channels_and_ways_back_end_and_pins_stay() -> None:
    """A pin keeps bytes; so does whoever still runs on them."""
    world = World(catalog=catalog("4"))
    world.build()
    day = world.catalog.releases[0].schedule.remove_after
    assert "20261101.1" in kept(world)

    world.today = day
    assert kept(world) == {}
    family = replace(world.catalog.families[0], releases=(release("4", pins=("20261101.1",)),))
    world.catalog = replace(world.catalog, families=(family,))
    assert kept(world) == {"20261101.1": ["pin of lab:4 20261101.1"]}


def test_a_name_that_somebody_else_gave_keeps_the_bytes() -> None:
    """Ours do not: a digest may have two of them, and none is what it stands by."""
    world = World()
    build = world.build(status=BuildStatus.CANDIDATE)
    world.engine.tag(build.digest, "solvent/lab:second")
    assert kept(world) == {}

    world.engine.tag(build.digest, "bank/kept:1")

    assert [str(one) for one in references(world.catalog, world.observe(), date(2026, 11, 21))] == ["name bank/kept:1"]
    assert Reference(build.digest, "name", "bank/kept:1").digest == build.digest
