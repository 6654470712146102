"""Plans of ``source start|stop`` and of ``quickstart --remove``, as a person reads them."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from manager.app import quickstart
from manager.core.environments import LaunchRequest
from manager.core.ingredients import base_key
from manager.core.snapshots import Snapshot
from manager.errors import Refused, UsageError
from tests.app.conftest import RELEASE, World, run

if TYPE_CHECKING:
    from manager.app.manager import Manager


def base(world: World, name: str) -> None:
    """Put a base there."""
    manager = world.manager()
    key = base_key(manager.catalog.system(name))
    world.engine.add_image(manager.names.base(name, key), dict(manager.names.labels("base", system=name, base_key=key)))


@pytest.fixture
def made(world: World) -> Manager:
    """Give a world in which quickstart has made everything but the image's base."""
    manager = world.manager()
    world.engine.create_network("solvent-sources", {"io.solvent.realm": "solvent"}, internal=True)
    base(world, "trixie")
    run(manager, manager.plan_source_start(("postgresql-17",)))
    manager.add_connection("warehouse", "postgresql", source="postgresql-17")
    plan = manager.plan_launch(LaunchRequest(RELEASE, name="quickstart", connections=("warehouse",)))
    run(manager, plan)
    steps = [*(step.id for step in plan.steps), "source:postgresql-17", "base:trixie", f"image:{RELEASE}"]
    record = manager.settings.state_dir / "quickstart.json"
    record.parent.mkdir(parents=True, exist_ok=True)
    record.write_text(json.dumps([*steps, "connection:warehouse"]))
    return manager


def removal(manager: Manager) -> tuple[str, list[str]]:
    """Give the text of the removal's plan, and what stays."""
    plan, kept = quickstart._removal(manager, quickstart._noted(manager))
    return plan.text().replace(manager.settings.owner, "ana"), list(kept.values())


def test_a_source_is_started_on_its_base(world: World) -> None:
    """A base that is there is not made again; a source that runs needs nothing."""
    manager = world.manager()

    assert (
        manager.plan_source_start(("postgresql-17", "postgresql-17")).text()
        == """\
plan: start postgresql-17, postgresql-17 (as of 2026-11-21)
  1. make base trixie  - -> trixie, 9 packages asked for
      because postgresql-17 stands on it
  2. start source postgresql-17  stopped -> running
      because it is stopped"""
    )
    base(world, "trixie")
    run(manager, manager.plan_source_start(("postgresql-17",)))
    assert not manager.plan_source_start(("postgresql-17",))


def test_sources_are_stopped(world: World) -> None:
    """Those that are named, or all that run."""
    manager = world.manager()
    assert not manager.plan_source_stop(())
    world.compose.up += ["postgresql-15", "postgresql-17"]

    assert (
        manager.plan_source_stop(("postgresql-15",)).text()
        == """\
plan: stop sources (as of 2026-11-21)
  1. stop source postgresql-15  running -> stopped
      because asked for; its data is made anew at each start"""
    )
    assert [step.target for step in manager.plan_source_stop(()).steps] == ["postgresql-15", "postgresql-17"]
    for plan in (manager.plan_source_start, manager.plan_source_stop):
        with pytest.raises(UsageError, match="no source 'postgresql-16'"):
            plan(("postgresql-16",))


def test_a_stale_plan_of_a_source(world: World) -> None:
    """Somebody else stopped it."""
    manager = world.manager()
    world.compose.up.append("postgresql-17")
    plan = manager.plan_source_stop(())
    world.compose.up.clear()

    with pytest.raises(Exception, match="stale"):
        run(manager, plan, recheck=True)


def test_quickstart_is_taken_away_whole(made: Manager) -> None:
    """The environment first, then what it stood on; the base last."""
    text, kept = removal(made)

    assert (
        text
        == """\
plan: take quickstart away (as of 2026-11-21)
  1. remove environment quickstart  there -> gone
      because quickstart made it
! 2. delete volume solvent-ws-ana-quickstart  there -> gone
      because quickstart made it
! 3. delete volume solvent-home-ana-jupyterlab  there -> gone
      because quickstart made it
  4. stop source postgresql-17  there -> gone
      because quickstart made it
  5. remove network solvent-environments  there -> gone
      because quickstart made it
  6. remove image jupyterlab:4.6-py3.13  there -> gone
      because quickstart made it
  7. remove base trixie  there -> gone
      because quickstart made it"""
    )
    assert kept == []


def test_a_network_that_somebody_else_made_stays(made: Manager) -> None:
    """It was there before."""
    record = made.settings.state_dir / "quickstart.json"
    others = [one for one in json.loads(record.read_text()) if not one.startswith("network:")]

    record.write_text(json.dumps([*others, f"prove:{RELEASE}"]))

    assert "remove network" not in removal(made)[0]


def test_what_others_use_stays(made: Manager, world: World) -> None:
    """A second environment on the same build keeps image, home and network; the workspace was quickstart's alone."""
    world.launch("other")

    text, kept = removal(made)

    assert "delete volume solvent-ws-ana-quickstart" in text
    assert "remove image" not in text
    assert "remove network" not in text
    assert [line.partition(" stays")[0].replace(made.settings.owner, "ana") for line in kept] == [
        "volume solvent-home-ana-jupyterlab",
        "network solvent-environments",
        "image jupyterlab:4.6-py3.13",
    ]


@pytest.mark.parametrize("kind", ["snapshot", "pin", "name", "container"])
def test_an_image_that_something_refers_to_stays(made: Manager, world: World, kind: str) -> None:
    """By the same references as a prune: an upgrade's way back, a pin, a name that a person gave, any container."""
    build = world.store.kept[0]
    if kind == "snapshot":
        spec = next(iter(world.engine.specs.values()))
        at = build.created
        world.store.shots.append((Snapshot("E", "other", 1, RELEASE, build.version, build.digest, at), spec))
    elif kind == "pin":
        families = tuple(
            replace(
                one,
                releases=tuple(
                    replace(each, pins=(build.version,)) if each.name == RELEASE else each for each in one.releases
                ),
            )
            for one in made.declared.families
        )
        made.__dict__["declared"] = replace(made.declared, families=families)
        made.__dict__.pop("catalog", None)
    elif kind == "name":
        world.engine.tag(build.digest, "mine:1")
    else:
        spec = next(one for one in world.engine.specs.values() if one.image == build.digest)
        world.engine.create(replace(spec, name="theirs", labels=()))

    text, kept = removal(made)

    assert "remove image" not in text
    assert [line for line in kept if line.startswith(f"image {RELEASE} stays: {kind} ")]


def test_an_environment_of_that_name_which_a_person_made_stays(made: Manager) -> None:
    """Only what was noted is taken; what it uses stays with it."""
    record = made.settings.state_dir / "quickstart.json"
    noted = [one for one in json.loads(record.read_text()) if not one.startswith("create:")]
    record.write_text(json.dumps(noted))

    text, kept = removal(made)

    assert "environment quickstart" not in text
    assert "delete volume" not in text
    assert len([line for line in kept if line.startswith("volume")]) == 2


def test_after_it_is_taken_away_nothing_of_it_is_left(made: Manager, world: World) -> None:
    """And a second time there is nothing to do."""
    said = [one for one in quickstart.remove(made) if isinstance(one, str)]

    assert "connection warehouse: removed" in said
    assert world.engine.containers({}) == world.engine.volumes({}) == world.engine.images({}) == ()
    assert world.compose.up == []
    assert list(quickstart.remove(made)) == ["quickstart has made nothing that is still here"]


def test_a_connection_that_somebody_uses_stays(made: Manager) -> None:
    """It is said, and noted for the next time."""
    run(made, made.plan_launch(LaunchRequest(RELEASE, name="mine", connections=("warehouse",))))

    said = [str(one) for one in quickstart.remove(made)]

    assert "connection warehouse is used by mine: it stays" in said
    assert [one.name for one in made.connections()] == ["warehouse"]
    assert "connection:warehouse" in quickstart._noted(made)


def test_a_connection_in_use_is_not_removed(made: Manager) -> None:
    """An environment asks for its connections at each start."""
    with pytest.raises(Refused, match="connection warehouse is used by quickstart"):
        made.remove_connection("warehouse")
    run(made, made.plan_remove("quickstart"))

    made.remove_connection("warehouse")

    assert made.connections() == ()
