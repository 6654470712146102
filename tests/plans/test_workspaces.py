"""Plans of workspaces: cloned from git, shared by families and releases, over their budget."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from manager.core.containers import LABEL
from manager.core.mounts import Granted
from manager.core.observed import Usage
from manager.errors import Refused, UsageError
from tests.fakes.world import LAUNCH, World, catalog, release

URL = "https://git.example/team/work.git"


@pytest.fixture
def families() -> World:
    """Give a world with a second family, ``pad``, and promoted builds of both and of an older release."""
    one = catalog()
    pad = replace(
        one.families[0], id="pad", title="Pad", launch=replace(LAUNCH, home="/home/pad"),
        releases=(release("4", family="pad"),),
    )  # fmt: skip
    world = World(replace(one, families=(*one.families, pad)))
    world.bases()
    for name in ("lab:4", "lab:3", "pad:4"):
        world.build(name)
    return world


def mounted(world: World, name: str) -> dict[str, str]:
    """Give the volumes of an environment, by their place inside."""
    spec = world.engine.specs[world.environment(name).container]
    return {one.target: one.source for one in spec.mounts}


def test_a_clone_comes_before_the_ide(ready: World) -> None:
    """After network, volume and build; the environment waits for it."""
    plan = ready.launch(git=f"{URL}#main")

    assert (
        plan.text()
        == """\
plan: launch lab:4 as lab (as of 2026-11-21)
  1. create network solvent-environments
      because environments publish their ports through it
  2. create workspace solvent-ws-ana-lab
      because lab keeps its files there
  3. create home solvent-home-ana-lab
      because lab keeps its settings there
  4. clone workspace lab  - -> https://git.example/team/work.git#main
      because it is new
  5. create environment lab  - -> lab:4
      because ana launches lab:4 build 20261101.1
  6. start environment lab  - -> ready
      because it is new"""
    )
    assert plan.steps[3].id in plan.steps[4].needs


def test_a_clone_waits_for_the_image_that_the_plan_builds(world: World) -> None:
    """Its git is the image's."""
    plan = world.launch(git=URL)

    step = next(one for one in plan.steps if one.kind == "clone workspace")
    assert "promote:lab:4" in step.needs
    assert step.do.image == ""  # type: ignore[union-attr]


def test_a_known_clone_is_left_as_it_is(ready: World) -> None:
    """The second launch has no such step, and says why; another branch is the person's own matter."""
    ready.apply(ready.launch(git=f"{URL}#main"))

    plan = ready.launch(name="two", workspace="lab", git=f"{URL.removesuffix('.git')}#topic")

    assert [step.kind for step in plan.steps] == ["create environment", "start environment"]
    assert plan.notes == (f"workspace lab is a clone of {URL}#main already: it is left as it is",)


def test_a_clone_of_something_else_is_refused(ready: World) -> None:
    """Before anything is made; files of a workspace are never replaced."""
    ready.apply(ready.launch(git=URL))

    with pytest.raises(Refused, match=f"workspace lab is a clone of {URL}") as caught:
        ready.launch(name="two", workspace="lab", git="https://git.example/other.git")

    assert "--workspace NAME" in caught.value.hint


def test_a_workspace_that_nothing_is_known_of_is_looked_into(ready: World) -> None:
    """Only the step can see whether it is empty; a new volume of the same name inherits nothing."""
    ready.apply(ready.launch(git=URL))
    ready.apply(ready.remove("lab", deletes=True))
    ready.store.keep_usage(Usage("solvent-ws-ana-lab", "of an earlier one", origin=URL))
    ready.running("one", workspace="lab")

    plan = ready.launch(name="two", workspace="lab", git=URL)

    step = next(one for one in plan.steps if one.kind == "clone workspace")
    assert step.cause == "it is there already; only an empty one is filled"


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"git": "git@git.example:work.git"}, "over ssh"),
        ({"git_secret": "env:TOKEN"}, "--git-secret is for --git"),
        ({"git": URL, "git_secret": "hunter2"}, "no reference to a secret"),
        ({"git": "git://git.example/w.git", "git_secret": "env:TOKEN"}, "git:// takes no credentials"),
    ],
)
def test_what_is_asked_for_badly_is_refused_before_anything_is_made(
    ready: World, more: dict[str, str], message: str
) -> None:
    """Nothing is planned then."""
    with pytest.raises(UsageError, match=message):
        ready.launch(**more)


def test_a_secret_over_plain_http_is_warned_of(ready: World) -> None:
    """It is allowed, as inside a company's network; over https there is nothing to say."""
    plain = ready.launch(git="http://git.example/w.git", git_secret="env:TOKEN")
    safe = ready.launch(git="https://git.example/w.git", git_secret="env:TOKEN")

    assert "not encrypted" in plain.notes[0]
    assert safe.notes == ()


def test_one_workspace_serves_two_families_and_releases_at_once(families: World) -> None:
    """The files are the same volume; each family has a home of its own, which its releases share."""
    for name, of in (("new", "lab:4"), ("old", "lab:3"), ("pad", "pad:4")):
        families.running(name, of, workspace="thesis")

    new, old, pad = (mounted(families, name) for name in ("new", "old", "pad"))

    assert new == old == {"/workspace": "solvent-ws-ana-thesis", "/home/solvent": "solvent-home-ana-lab"}
    assert pad == {"/workspace": "solvent-ws-ana-thesis", "/home/pad": "solvent-home-ana-pad"}
    assert {one.state for one in families.observe().environments} == {"running"}
    with pytest.raises(Refused, match="in use by new, old, pad"):
        families.remove_workspace("thesis")


def test_one_workspace_serves_them_one_after_the_other(families: World) -> None:
    """The files outlive the environment, and so does its family's home."""
    families.running("first", "lab:3", workspace="thesis")
    families.apply(families.remove("first"))

    plan = families.launch("pad:4", name="second", workspace="thesis")
    families.apply(plan)

    assert [step.target for step in plan.steps if step.kind.startswith("create ")] == ["solvent-home-ana-pad", "second"]
    assert mounted(families, "second")["/workspace"] == "solvent-ws-ana-thesis"
    assert families.engine.volume("solvent-home-ana-lab") is not None


@pytest.mark.parametrize(("size", "warned"), [(3 * 1024**3, True), (2 * 1024**3, False)])
def test_a_workspace_over_its_budget_is_warned_of(ready: World, size: int, warned: bool) -> None:
    """With the size of the last time; the launch goes on."""
    from manager.core import planner
    from manager.core.environments import LaunchRequest
    from tests.fakes.world import OWNER, PORTS

    ready.running("one", workspace="big")
    at = datetime(2026, 11, 20, 9, tzinfo=UTC)
    ready.store.keep_usage(Usage("solvent-ws-ana-big", "", size, at))

    def launch(budget: int) -> tuple[str, ...]:
        return planner.plan_launch(
            ready.catalog, ready.observe(), LaunchRequest("lab", name="two", workspace="big"), owner=OWNER,
            names=ready.names, today=ready.today, ports=PORTS, budget=budget,
        ).notes  # fmt: skip

    notes = launch(2 * 1024**3)
    assert bool(notes) == warned
    if warned:
        assert notes[0].startswith("workspace big held 3.0 GB on 2026-11-20 09:00 UTC, its budget is 2.0 GB")
    assert launch(0) == ()


def test_folders_are_part_of_the_container_and_of_the_label(ready: World) -> None:
    """A launch that was interrupted is only continued with the same folders."""
    data = Granted("data", "/srv/data", "/mnt/data", "ro")
    for step in ready.launch(granted=(data,)).steps[:-1]:
        ready.carry_out(step, {})

    one = ready.environment("lab")
    spec = ready.engine.specs[one.container]
    assert one.mounts == (data,)
    assert spec.mounts[-1] == data.mount
    assert LABEL + "mounts" in dict(spec.labels)
    assert ready.launch(granted=(data,)).result == "lab"
    assert ready.launch().result == "lab-2"
