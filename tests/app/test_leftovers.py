"""What lives as long as a command: swept when that was killed, left alone while another command has it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from manager.app import leftovers
from manager.core.containers import ContainerSpec
from manager.errors import Failed

if TYPE_CHECKING:
    from pathlib import Path

    from tests.app.conftest import World


def things(world: World) -> set[str]:
    """Name what there is of sandboxes and frames."""
    engine = world.engine
    volumes = {one.name for one in engine.volumes({})}
    networks = {one.name for one in engine.networks({})} - {"bridge", "host", "none"}
    frames = {name for one in engine.images({"io.solvent.kind": "frame"}) for name in one.references}
    return (
        {one.name for one in engine.containers({})} | volumes | networks | {name.partition(":")[0] for name in frames}
    )


def make(world: World, labels: leftovers.Labels, frame: str) -> set[str]:
    """Make one of each kind."""
    world.engine.create(ContainerSpec("box", world.store.kept[0].digest, labels))
    world.engine.create_volume("files", dict(labels))
    world.engine.create_network("check", dict(labels), internal=True)
    world.engine.add_image(frame, dict(world.manager().names.labels("frame")))
    return {"box", "files", "check", "solvent/frame"}


def test_what_a_command_has_is_left_alone_and_swept_when_it_is_gone(world: World) -> None:
    """Of every kind; the same command's own threads leave it alone as well."""
    one, other = world.manager(), world.manager()
    with leftovers.passing(one) as labels, leftovers.frame(one) as frame:
        made = make(world, labels, frame)
        leftovers.sweep(other)
        leftovers.sweep(one)
        assert things(world) == made

    with leftovers.passing(other):
        assert things(world) == set()
    assert not list(other.claims.folder.glob("passing-*"))


def test_who_cannot_see_the_claims_takes_nothing_away(world: World, tmp_path: Path) -> None:
    """Another machine or another home on the same engine: nobody there knows whether a command still runs."""
    one = world.manager()
    with leftovers.passing(one) as labels, leftovers.frame(one) as frame:
        made = make(world, labels, frame)
    world.home = tmp_path / "elsewhere"

    leftovers.sweep(world.manager())

    assert things(world) == made


def test_an_environment_is_never_swept(world: World) -> None:
    """Even one whose image carries a claim's labels: the kind counts as well."""
    manager = world.launch()
    with leftovers.passing(manager) as labels:
        carried = dict(labels) | {"io.solvent.kind": "environment"}
    world.engine.create_volume("solvent-ws-x", carried)

    leftovers.sweep(manager)

    assert "solvent-ws-x" in things(world)
    assert manager.environment("work").environment.state == "running"


def test_what_the_engine_refuses_stays_for_the_next_time(world: World) -> None:
    """A sweep never stands in the way of the command."""
    manager = world.manager()
    with leftovers.passing(manager) as labels:
        world.engine.create_volume("files", dict(labels))

    world.engine.fail("remove_volume", Failed("busy"))
    leftovers.sweep(manager)
    assert things(world) == {"files"}
    leftovers.sweep(manager)

    assert things(world) == set()
