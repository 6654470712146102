"""Plans of ``image build`` and ``image lock``, as a person reads them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from manager.core.builds import plan_build, plan_lock
from manager.core.ingredients import BROWSER
from manager.core.observed import BuildStatus
from manager.core.systems import Artifact, System, with_additions
from manager.errors import CatalogError, Refused, UsageError
from tests.fakes.world import SYSTEMS, World, catalog, release

NOTHING = "lab:4 20261101.1 is built, proven and promoted: nothing to do"


def causes(world: World, *names: str) -> list[str]:
    """Give why an image is built."""
    return [step.cause for step in world.make(*names or ("lab:4",)).steps if step.kind == "build image"]


def test_nothing_changed(ready: World) -> None:
    """The note says so, and what is there."""
    assert (
        ready.make("lab:4").text()
        == f"""\
plan: build lab:4 (as of 2026-11-21)
  nothing to do
  note: {NOTHING}"""
    )


def test_a_first_build(world: World) -> None:
    """Everything from the base to the channel; a tree needs its base, the proof a browser."""
    plan = world.make("lab:4")

    assert (
        plan.text()
        == """\
plan: build lab:4 (as of 2026-11-21)
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
      because every required check passed"""
    )
    assert {step.id: step.needs for step in plan.steps} == {
        "base:trixie": (),
        "tree:lab:4:ide": ("base:trixie",),
        "tree:lab:4:kernel": ("base:trixie",),
        "image:lab:4": ("base:trixie", "tree:lab:4:ide", "tree:lab:4:kernel"),
        "base:browser": (),
        "prove:lab:4": ("image:lab:4", "base:browser"),
        "promote:lab:4": ("prove:lab:4",),
    }


def test_two_releases_on_one_base_share_it(world: World) -> None:
    """A step is there once, however many need it and however often a release is named."""
    plan = world.make("lab:3", "lab:2", "lab:3")

    ids = [step.id for step in plan.steps]
    assert len(ids) == len(set(ids))
    assert [step.target for step in plan.steps if step.kind == "make base"] == ["bookworm", "browser"]


def test_who_adds_nothing_to_a_system_shares_its_base() -> None:
    """A family that asks for what the system has already needs no base of its own, and a plan makes the one once."""
    (family,) = catalog("4").families
    asks = replace(family, releases=(release("4"), release("3", system="trixie+lab")), system_packages=("python3",))
    more = with_additions(SYSTEMS, (asks,), (), (), "auto")

    plan = World(catalog(families=(asks,), systems=(*SYSTEMS, *more))).make("lab:3", "lab:4")

    assert [step.target for step in plan.steps if step.kind == "make base"] == ["trixie", "browser"]
    assert {step.id: step.needs for step in plan.steps}["tree:lab:3:ide"] == ("base:trixie",)


def test_a_tree_waits_for_one_of_the_same_lock_and_python() -> None:
    """It takes what that one made; a tree of another lock, or of another Python, waits for nobody."""
    same = tuple(replace(one, digest=f"{one.kind}-4") for one in release("3").locks)
    fitting = replace(release("3"), python="3.13", locks=same)
    families = (replace(catalog("4").families[0], releases=(release("4"), fitting, release("2"))),)

    steps = {
        step.id: step.needs for step in World(catalog("4", families=families)).make("lab:4", "lab:3", "lab:2").steps
    }

    assert steps["tree:lab:4:ide"] == ("base:trixie",)
    assert steps["tree:lab:3:ide"] == ("base:bookworm", "tree:lab:4:ide")
    assert steps["tree:lab:3:kernel"] == ("base:bookworm", "tree:lab:4:kernel")
    assert steps["tree:lab:2:ide"] == ("base:bookworm",)


def test_a_lock_changed(ready: World) -> None:
    """The cause names the lock; the channel moves from the old build to the new one."""
    locks = tuple(replace(lock, digest="moved") if lock.kind == "kernel" else lock for lock in release("4").locks)
    family = replace(ready.catalog.families[0], releases=(release("4", locks=locks),))
    ready.catalog = replace(ready.catalog, families=(family,))

    assert (
        ready.make("lab:4").text()
        == """\
plan: build lab:4 (as of 2026-11-21)
  1. make tree lab:4 ide
      because kernel lock changed
  2. make tree lab:4 kernel
      because kernel lock changed
  3. build image lab:4 20261121.1  - -> solvent/lab:4-20261121.1
      because kernel lock changed
  4. prove build lab:4 20261121.1
      because no channel moves before every check passed on that digest
  5. promote build lab:4 20261121.1  20261101.1 -> 20261121.1
      because every required check passed"""
    )


def test_files_changed(ready: World) -> None:
    """Every file is named: changed, new or gone."""
    ready.catalog = catalog(files=(("Dockerfile", "d2"), ("files/etc/new", "n1")))
    assert causes(ready) == ["file Dockerfile changed; file files/etc/new is new"]
    ready.catalog = catalog(files=())
    assert causes(ready) == ["file Dockerfile is gone"]


def test_the_base_changed(ready: World) -> None:
    """Another list of packages is another base, which is made first."""
    trixie = replace(SYSTEMS[0], packages=("git", "python3"))
    ready.catalog = replace(ready.catalog, systems=(trixie, *SYSTEMS[1:]))

    plan = ready.make("lab:4")

    assert [step.kind for step in plan.steps[:2]] == ["make base", "make tree"]
    assert causes(ready) == ["base trixie is not in the engine"]
    ready.base("trixie")
    assert causes(ready) == ["base changed"]


def test_the_order_of_packages_is_no_change(ready: World) -> None:
    """The negative control of the one above."""
    two = replace(SYSTEMS[0], packages=("git", "python3"))
    ready.catalog = replace(ready.catalog, systems=(two, *SYSTEMS[1:]))
    ready.base("trixie")
    ready.apply(ready.make("lab:4"))

    ready.catalog = replace(ready.catalog, systems=(replace(two, packages=("python3", "git")), *SYSTEMS[1:]))

    assert not ready.make("lab:4")


def test_missing_bytes(world: World) -> None:
    """An image that was deleted behind our back is built again; one of the same ingredients that is here is taken."""
    world.bases()
    world.build(bytes_=False)
    assert causes(world) == ["the image of build 20261101.1 is missing"]

    world.build(version="20261102.1", status=BuildStatus.SUPERSEDED)

    assert (
        world.make("lab:4").text()
        == """\
plan: build lab:4 (as of 2026-11-21)
  1. promote build lab:4 20261102.1  20261101.1 -> 20261102.1
      because it is what the catalog says, and passed every check before"""
    )


def test_a_candidate_that_waits(world: World) -> None:
    """It is proven and promoted, with the browser that this needs; nothing is built."""
    world.base("trixie")
    world.build(status=BuildStatus.CANDIDATE)

    assert (
        world.make("lab:4").text()
        == """\
plan: build lab:4 (as of 2026-11-21)
  1. make base browser  - -> bookworm, 1 packages asked for
      because the page of a build is looked at in it
  2. prove build lab:4 20261101.1
      because no channel moves before every check passed on that digest
  3. promote build lab:4 20261101.1  - -> 20261101.1
      because every required check passed"""
    )


def test_a_candidate_beside_what_is_promoted(ready: World) -> None:
    """A build that was asked for and failed its checks does not unsettle the one of the same ingredients."""
    ready.build(version="20261102.1", status=BuildStatus.CANDIDATE)

    assert ready.make("lab:4").notes == (NOTHING,)


def test_force(ready: World) -> None:
    """A new build of the same, under a new version."""
    ready.build(version="20261121.1", status=BuildStatus.FAILED)

    plan = ready.make("lab:4", force=True)

    image = next(step for step in plan.steps if step.kind == "build image")
    assert (image.target, image.cause) == ("lab:4 20261121.2", "a new build was asked for")


def test_a_candidate_alone(world: World) -> None:
    """Nothing is proven and no channel moves; what is there already is left as it is, and the way on is named."""
    world.bases()

    plan = world.make("lab:4", candidate=True)

    way = "to have it proven and promoted:  solvent image build lab:4"
    assert [step.kind for step in plan.steps] == ["make tree", "make tree", "build image"]
    assert plan.notes == (f"lab:4 20261121.1 is left as it is, candidate; {way}",)
    world.build(status=BuildStatus.CANDIDATE)
    again = world.make("lab:4", candidate=True)
    assert (again.steps, again.notes) == ((), (f"lab:4 20261101.1 is left as it is, candidate; {way}",))
    assert [step.kind for step in world.make("lab:4").steps] == ["prove build", "promote build"]


@pytest.mark.parametrize("force", [False, True])
def test_quarantined(world: World, force: bool) -> None:
    """The same ingredients give the same thing: not under a new name, and not by force."""
    world.bases()
    world.build(status=BuildStatus.QUARANTINED, points=True)

    with pytest.raises(Refused, match=r"its ingredients are those of build 20261101.1, which is quarantined"):
        world.make("lab:4", force=force)


def test_tombstoned(world: World) -> None:
    """What was given up is built again, with a cause."""
    world.bases()
    world.build(status=BuildStatus.TOMBSTONED)

    assert causes(world) == ["build 20261101.1 is tombstoned"]


def test_retired_or_without_a_lock(world: World) -> None:
    """Named, it is refused with the way on; among all of them it is left out with a note."""
    world.catalog = catalog("0", "4")
    bare = replace(world.catalog.families[0], releases=(release("0"), release("4", locks=())))
    world.catalog = replace(world.catalog, families=(bare,))

    with pytest.raises(Refused, match="lab:0 is retired since 2026-11-01"):
        world.make("lab:0")
    with pytest.raises(Refused, match="lab:4 has no lock") as caught:
        world.make("lab:4")
    assert caught.value.hint == "resolve it:  solvent image lock lab:4"
    assert (
        world.make("lab:0", "lab:4", everything=True).text()
        == """\
plan: build lab:0, lab:4 (as of 2026-11-21)
  nothing to do
  note: left out: lab:0 is retired since 2026-11-01
  note: left out: lab:4 has no lock"""
    )


def test_a_catalog_without_the_browser(world: World) -> None:
    """The file and the key are named before anything is built; what needs no proof needs no browser."""
    world.bases()
    systems = tuple(system for system in SYSTEMS if system.id != BROWSER)
    world.catalog = replace(world.catalog, systems=systems)

    with pytest.raises(CatalogError) as caught:
        world.make("lab:4")

    assert [str(one) for one in caught.value.problems] == [
        "solvent.toml:0  systems.browser: is missing: the page of a build is looked at in it"
    ]
    world.build()
    assert world.make("lab:4").notes == (NOTHING,)


def test_lock() -> None:
    """Both locks of a release, once; the newest active release of a bare family."""
    plan = plan_lock(catalog(), ("lab", "lab:4"), ("psycopg",), today=World().today)

    assert (
        plan.text()
        == """\
plan: lock lab, lab:4 (as of 2026-11-21)
  1. resolve lock lab:4 ide
      because asked for, with newer psycopg
  2. resolve lock lab:4 kernel
      because asked for, with newer psycopg"""
    )
    assert [step.do.path for step in plan.steps] == [  # type: ignore[union-attr]
        "/catalog/images/lab/locks/4/ide.lock",
        "/catalog/images/lab/locks/4/kernel.lock",
    ]


def test_lock_of_an_unknown_release() -> None:
    """A near miss is named."""
    with pytest.raises(UsageError, match="no release 'lab:44'") as caught:
        plan_lock(catalog(), ("lab:44",), (), today=World().today)

    assert caught.value.hint.startswith("did you mean lab:")


def test_an_engine_on_another_machine_gets_no_image_that_it_could_not_run(world: World) -> None:
    """Trees are made for amd64; a build elsewhere would only fail when something is imported."""
    observed = world.observe()
    elsewhere = replace(observed, engine=replace(observed.engine, architecture="arm64"))

    with pytest.raises(Refused, match="built for amd64, and this engine runs on arm64"):
        plan_build(world.catalog, elsewhere, ("lab:4",), names=world.names, today=world.today)


def test_a_base_of_ones_own_is_named_in_the_plan() -> None:
    """With what goes into it; a bootstrapped one is named by its suite."""
    client = Artifact("client", "/vendor/client.zip", "a" * 64, "Vendor", "/opt/client")
    base = "registry.bank/debian@sha256:" + "b" * 64
    own = System("trixie", "trixie", ("git",), python="3.13", base=base, artifacts=(client,))
    world = World(catalog=catalog("4", systems=(own, *SYSTEMS[1:])))

    (step,) = [step for step in world.make("lab:4").steps if step.id == "base:trixie"]

    assert step.after == f"{base}, 1 packages asked for, with client"
