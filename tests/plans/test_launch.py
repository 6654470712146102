"""Plans of ``env launch``, as a person reads them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from manager.core.actions import CreateEnvironment
from manager.core.environments import LaunchRequest
from manager.core.observed import BuildStatus, Network
from manager.core.planner import plan_launch
from manager.errors import ManagerError, Refused, UsageError
from tests.fakes.world import LAUNCH, OWNER, PORTS, World

if TYPE_CHECKING:
    from manager.core.plan import Plan

FIRST = """\
plan: launch lab:4 as lab (as of 2026-11-21)
  1. create network solvent-environments
      because environments publish their ports through it
  2. create workspace solvent-ws-ana-lab
      because lab keeps its files there
  3. create home solvent-home-ana-lab
      because lab keeps its settings there
  4. create environment lab  - -> lab:4
      because ana launches lab:4 build 20261101.1
  5. start environment lab  - -> ready
      because it is new"""


def creation(plan: Plan) -> CreateEnvironment:
    """Give what a plan does to create its container."""
    (action,) = (step.do for step in plan.steps if isinstance(step.do, CreateEnvironment))
    return action


def refusal(error: ManagerError) -> list[str]:
    """Give an error's lines."""
    return [line for line in (error.message, error.why, error.hint) if line]


def test_a_first_launch(ready: World) -> None:
    """A bare family is its newest active release; network, workspace and home are made with it."""
    assert ready.launch("lab").text() == FIRST


def test_a_second_launch_uses_what_is_there(ready: World) -> None:
    """The home is shared by the family, the workspace where it is asked for."""
    ready.running("one")

    assert (
        ready.launch(name="two", workspace="one").text()
        == """\
plan: launch lab:4 as two (as of 2026-11-21)
  1. create environment two  - -> lab:4
      because ana launches lab:4 build 20261101.1
  2. start environment two  - -> ready
      because it is new"""
    )
    mounts = ready.apply(ready.launch(name="two", workspace="one")).steps[0].do.spec.mounts  # type: ignore[union-attr]
    assert [(one.source, one.target) for one in mounts] == [
        ("solvent-ws-ana-one", LAUNCH.workspace),
        ("solvent-home-ana-lab", LAUNCH.home),
    ]


def test_a_launch_on_an_empty_machine_builds_first(world: World) -> None:
    """Bases, trees, image, proof and promotion come before the environment, which needs the promotion."""
    plan = world.launch()

    assert (
        plan.text()
        == """\
plan: launch lab:4 as lab (as of 2026-11-21)
  1. make base trixie  - -> trixie, 1 packages asked for
      because lab:4 stands on it
  2. make tree lab:4 ide
      because there is no build of it yet
  3. make tree lab:4 kernel
      because there is no build of it yet
  4. build image lab:4 20261121.1  - -> solvent/lab:4-20261121.1
      because there is no build of it yet
  5. make base browser  - -> bookworm, 1 packages asked for
      because the page of a build is looked at in it
  6. prove build lab:4 20261121.1
      because no channel moves before every check passed on that digest
  7. promote build lab:4 20261121.1  - -> 20261121.1
      because every required check passed
  8. create network solvent-environments
      because environments publish their ports through it
  9. create workspace solvent-ws-ana-lab
      because lab keeps its files there
 10. create home solvent-home-ana-lab
      because lab keeps its settings there
 11. create environment lab  - -> lab:4
      because ana launches lab:4
 12. start environment lab  - -> ready
      because it is new"""
    )
    create = next(step for step in plan.steps if step.kind == "create environment")
    assert "promote:lab:4" in create.needs


def test_a_candidate_that_waits_is_proven_and_promoted_first(world: World) -> None:
    """It is not built again; the environment is made of it."""
    world.bases()
    build = world.build(status=BuildStatus.CANDIDATE)

    plan = world.launch()

    kinds = [step.kind for step in plan.steps]
    assert kinds[:3] == ["prove build", "promote build", "create network"]
    world.apply(plan)
    assert world.environment("lab").digest == build.digest


def test_the_candidate_on_demand(ready: World) -> None:
    """``--candidate`` takes the newest candidate, with a note; without one the promoted build, with a note."""
    assert ready.launch(candidate=True).notes == ("there is no candidate of lab:4: build 20261101.1 is taken",)
    ready.build(version="20261110.1", status=BuildStatus.CANDIDATE)

    plan = ready.launch(candidate=True)

    assert plan.notes == ("build 20261110.1 is a candidate: nothing promises that it works",)
    assert "because ana launches lab:4 build 20261110.1" in plan.text()
    assert ready.launch().text() == FIRST, "without the option nothing changes"


def test_missing_bytes_are_made_again_and_not_replaced_by_older_ones(world: World) -> None:
    """The image of the channel was deleted behind our back; an older build is still here."""
    world.bases()
    world.build(version="20261001.1", status=BuildStatus.SUPERSEDED, spec="older")
    world.build(bytes_=False)

    plan = world.launch()

    assert [step.kind for step in plan.steps[:5]] == [
        "make tree", "make tree", "build image", "prove build", "promote build"
    ]  # fmt: skip
    assert plan.steps[0].cause == "the image of build 20261101.1 is missing"
    assert plan.steps[4].before == "20261101.1"


def test_a_quarantined_build_falls_back_to_the_newest_good_one(world: World) -> None:
    """At once, and with a note: dates and channel do not matter."""
    world.bases()
    world.build(version="20261001.1", status=BuildStatus.SUPERSEDED, spec="oldest")
    world.build(version="20261002.1", status=BuildStatus.SUPERSEDED, spec="older")
    world.build(status=BuildStatus.QUARANTINED, points=True)

    plan = world.launch()

    assert plan.notes == ("build 20261101.1 of lab:4 is quarantined: build 20261002.1 is taken",)
    assert "because ana launches lab:4 build 20261002.1" in plan.text()


@pytest.mark.parametrize("candidate", [False, True])
def test_a_quarantined_build_alone_is_a_loud_failure(world: World, candidate: bool) -> None:
    """It is neither launched nor built again under another name."""
    world.bases()
    world.build(status=BuildStatus.QUARANTINED, points=True)

    with pytest.raises(Refused) as caught:
        world.launch(candidate=candidate)

    assert refusal(caught.value) == [
        "lab:4 cannot be built: its ingredients are those of build 20261101.1, which is quarantined",
        "move the bad package:  solvent image lock lab:4 --upgrade PACKAGE\n"
        "a false alarm:  solvent image unquarantine lab:4@20261101.1 --reason TEXT",
    ]


def test_once_its_ingredients_have_changed_a_quarantined_release_is_built(world: World) -> None:
    """The negative control of the quarantine: another lock is another thing."""
    world.bases()
    world.build(status=BuildStatus.QUARANTINED, points=True, spec="with the broken driver")

    assert [step.kind for step in world.launch().steps[:3]] == ["make tree", "make tree", "build image"]


REFUSED = {
    "lab:1": [
        "lab:1 retires on 2026-12-01; new environments are refused since 2026-11-01",
        "images/lab/family.toml:20  create_block = 2026-11-01 (bound by policy)",
        "launch its successor:  solvent env launch lab:4",
    ],
    "lab:0": [
        "lab:0 is retired since 2026-11-01",
        "images/lab/family.toml:20  end_of_life = 2026-11-01 (bound by policy)",
        "launch its successor:  solvent env launch lab:4",
    ],
}


@pytest.mark.parametrize("candidate", [False, True])
@pytest.mark.parametrize("name", sorted(REFUSED))
def test_what_the_dates_refuse(world: World, name: str, candidate: bool) -> None:
    """From create_block on, through no door; the successor is the last of the chain that may be launched."""
    world.build(name, status=BuildStatus.CANDIDATE if candidate else BuildStatus.PROMOTED)

    with pytest.raises(Refused) as caught:
        world.launch(name, candidate=candidate)

    assert refusal(caught.value) == REFUSED[name]


@pytest.mark.parametrize(
    ("name", "note"),
    [
        ("lab:2", "lab:2 is deprecated and retires on 2027-01-03; its successor is lab:4"),
        ("lab:5", "lab:5 is a preview until 2026-12-01"),
    ],
)
def test_what_the_dates_warn_of(world: World, name: str, note: str) -> None:
    """Deprecated releases and, named in full, previews are launched with a note."""
    world.build(name)

    plan = world.launch(name)

    assert plan.notes == (note,)
    assert plan.text().endswith(f"\n  note: {note}")


def test_a_bare_family_with_only_a_preview_names_it() -> None:
    """A preview is opted into by its full name."""
    from tests.fakes.world import catalog

    world = World(catalog("5", "0"))

    with pytest.raises(UsageError) as caught:
        world.launch("lab")

    assert refusal(caught.value)[:2] == [
        "lab has no active release on 2026-11-21",
        "lab:5 is preview, so it has to be named in full",
    ]


def test_what_an_interrupted_launch_left_is_finished(ready: World) -> None:
    """The same command, with a name or without, makes the container anew: nobody has used the one that is there."""
    plan = ready.launch()
    for step in plan.steps[:-1]:
        ready.carry_out(step, {})
    port = ready.environment("lab").port

    for again in (ready.launch(), ready.launch(name="lab")):
        assert (
            again.text()
            == """\
plan: launch lab:4 as lab (as of 2026-11-21)
  1. create environment lab  created -> lab:4
      because ana launches lab:4 build 20261101.1; an interrupted launch left one behind that was never used
  2. start environment lab  - -> ready
      because it is new"""
        )
        assert creation(again).spec.publish[0].host_port == port
    assert ready.launch(workspace="other").result == "lab-2", "another request is another environment"


def half_made(ready: World, **changes: object) -> Plan:
    """Plan a launch again whose container is there, changed."""
    for step in ready.launch().steps[:-1]:
        ready.carry_out(step, {})
    observed = ready.observe()
    left = replace(observed, environments=(replace(observed.environments[0], **changes),))
    request = LaunchRequest("lab:4", networks=("solvent-sources",) if "networks" in changes else ())
    return plan_launch(
        ready.catalog, replace(left, networks=(*left.networks, Network("solvent-sources", {}))), request,
        owner=OWNER, names=ready.names, today=ready.today, ports=PORTS,
    )  # fmt: skip


def test_a_start_that_got_no_credentials_is_finished(ready: World) -> None:
    """Whoever started the container was killed before its secrets arrived."""
    plan = half_made(ready, state="stopped", unserved=True)

    assert (plan.steps[0].kind, plan.steps[0].before) == ("create environment", "stopped")


def test_a_container_that_never_joined_its_networks_is_made_again(ready: World) -> None:
    """Whoever created it was killed between the container and the network of its source."""
    plan = half_made(ready, networks=("solvent-environments",))

    assert creation(plan).spec.networks == ("solvent-environments", "solvent-sources")


def test_what_an_interrupted_launch_left_is_not_finished_on_a_quarantined_build(ready: World) -> None:
    """The created container is older than the quarantine: it is made anew on a good build, or not at all."""
    older = ready.build(version="20261031.1", status=BuildStatus.SUPERSEDED, spec="older")
    for step in ready.launch().steps[:-1]:
        ready.carry_out(step, {})
    digest = ready.store.pointers["lab:4", "stable"]
    ready.store.set_status(digest, BuildStatus.QUARANTINED, "broken")

    assert creation(ready.launch(name="lab")).spec.image == older.digest


@pytest.mark.parametrize(("state", "way"), [("running", "open"), ("stopped", "start")])
def test_a_name_that_is_taken(ready: World, state: str, way: str) -> None:
    """The hint is the command that uses it; without a name the next free one is taken."""
    ready.running("lab")
    if state == "stopped":
        ready.apply(ready.stop("lab"))

    with pytest.raises(Refused) as caught:
        ready.launch(name="lab")

    assert refusal(caught.value) == [
        f"an environment named lab exists already: lab:4, {state}",
        f"use it:  solvent env {way} lab   or choose another --name",
    ]
    assert ready.launch().result == "lab-2"


def test_names_of_two_people_that_meet_in_one_container_name(ready: World) -> None:
    """``a-b`` and ``c``, ``a`` and ``b-c``: whoever comes second hears of it before anything is made."""
    ready.apply(ready.launch(name="c", owner="a-b"))

    with pytest.raises(Refused, match="the container name solvent-a-b-c is taken by c of a-b"):
        ready.launch(name="b-c", owner="a")


def test_volumes_of_somebody_else_are_never_mounted(ready: World) -> None:
    """Neither one without labels nor another person's of the same name."""
    ready.engine.create_volume("solvent-ws-ana-plain", {})
    ready.apply(ready.launch(name="x", workspace="c", owner="a-b"))

    with pytest.raises(Refused, match="a volume named solvent-ws-ana-plain exists and is not Solvent's"):
        ready.launch(workspace="plain")
    with pytest.raises(Refused, match="solvent-ws-a-b-c exists and belongs to something else") as caught:
        ready.launch(workspace="b-c", owner="a")
    assert caught.value.why == "its labels say: workspace of a-b"


def test_networks_that_are_missing_or_not_ours(ready: World) -> None:
    """A source that does not run is known before anything is made; a foreign network is never used."""
    with pytest.raises(Refused, match="there is no network solvent-sources") as caught:
        ready.launch(networks=("solvent-sources",))
    assert "solvent source start" in caught.value.hint
    with pytest.raises(Refused, match="there is no network bank") as caught:
        ready.launch(networks=("bank",))
    assert "docker network ls" in caught.value.hint
    ready.engine.create_network("solvent-environments", {})

    with pytest.raises(Refused, match="solvent-environments exists and is not Solvent's"):
        ready.launch()


def test_more_processors_than_the_engine_has(ready: World) -> None:
    """Docker refuses such a container only when everything around it is made; the plan knows it before."""
    request = LaunchRequest("lab:4", cpus=4.5)

    with pytest.raises(Refused) as caught:
        plan_launch(
            ready.catalog, ready.observe(), request, owner=OWNER, names=ready.names, today=ready.today, ports=PORTS
        )

    assert refusal(caught.value) == [
        "the engine has 4 processors, and 4.5 are asked for",
        "ask for fewer:  --cpus 4   or see the setting:  solvent config show",
    ]
    observed = ready.observe()
    silent = replace(observed, engine=replace(observed.engine, cpus=0))  # type: ignore[type-var]
    for world, cpus in ((observed, 4.0), (silent, 64.0)):
        assert plan_launch(
            ready.catalog, world, replace(request, cpus=cpus),
            owner=OWNER, names=ready.names, today=ready.today, ports=PORTS,
        )  # fmt: skip


def test_every_port_taken(ready: World) -> None:
    """The range of the settings is the limit."""
    from manager.core import planner

    ready.running("one")
    port = ready.environment("one").port

    with pytest.raises(Refused, match=f"every port from {port} to {port} is taken"):
        planner.plan_launch(
            ready.catalog, ready.observe(), LaunchRequest("lab", name="two"), owner="ana", names=ready.names,
            today=ready.today, ports=(port, port),
        )  # fmt: skip


@pytest.mark.parametrize("more", [{"name": "Ana"}, {"name": "-x"}, {"name": "ok", "workspace": "a/b"}])
def test_names_that_an_engine_would_not_take(ready: World, more: dict[str, str]) -> None:
    """They are refused before anything is planned."""
    with pytest.raises(UsageError, match="cannot be used"):
        ready.launch(**more)
