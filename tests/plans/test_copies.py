"""Plans that push builds to a registry, and plans that take missing bytes from there."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from manager.core.actions import CreateEnvironment
from manager.core.build_actions import PullBuild
from manager.core.copies import reference
from manager.core.ingredients import BROWSER
from manager.core.observed import Answer, BuildStatus
from manager.core.returning import plan_return
from manager.errors import Refused, Unreachable
from tests.fakes.world import PREFIX, SYSTEMS, World, catalog

if TYPE_CHECKING:
    from manager.core.observed import Build
    from manager.core.plan import Plan

MISSING = "its bytes are missing here, and a registry has them"
SILENT = Answer("", "silent", "", "no registry answers", "connection refused", "solvent doctor")
UNTRUSTED = Answer("", "not trusted", "", "the engine does not know who signed it", "x509", "put it there")


def kinds(plan: Plan) -> list[str]:
    """Give what the steps of a plan do."""
    return [step.kind for step in plan.steps]


@pytest.fixture
def pushed(ready: World) -> World:
    """Give a world whose build is in the registry and no longer on the engine."""
    ready.apply(ready.push("lab:4"))
    forget(ready, current(ready))
    return ready


def current(world: World) -> Build:
    """Give the build that the channel points to."""
    build = world.observe().build(world.store.pointers["lab:4", "stable"])
    assert build is not None
    return build


def forget(world: World, build: Build) -> None:
    """Take a build's bytes away."""
    world.engine.remove_image(build.digest)


def test_a_first_push(ready: World) -> None:
    """The tag says release, version and the beginning of the digest, so it never comes to mean other bytes."""
    digest = current(ready).digest.removeprefix("sha256:")[:12]

    assert (
        ready.push("lab:4").text()
        == f"""\
plan: push lab:4 (as of 2026-11-21)
  1. push build lab:4 20261101.1  - -> {PREFIX}/lab:4-20261101.1-{digest}
      because other machines pull it instead of building it"""
    )


def test_a_second_push_has_nothing_to_do(ready: World) -> None:
    """As long as the registry has the manifest that was pushed; the note says where it is."""
    ready.apply(ready.push("lab:4"))

    plan = ready.push("lab:4")

    (copy,) = ready.store.copies()
    assert not plan
    assert plan.notes == (f"lab:4 20261101.1 is pushed: {copy}",)
    assert str(copy).startswith(f"{reference(PREFIX, current(ready))}@sha256:")


def test_another_registry_is_another_place(ready: World) -> None:
    """What is in one says nothing about the other."""
    ready.apply(ready.push("lab:4"))

    assert kinds(ready.push("lab:4", prefix="other.bank/solvent")) == ["push build"]


def test_what_the_registry_lost_or_changed_is_pushed_again(ready: World) -> None:
    """With the cause, and with what was there before."""
    ready.apply(ready.push("lab:4"))
    (copy,) = ready.store.copies()

    ready.engine.pushes[copy.reference] = "sha256:" + "0" * 64
    (step,) = ready.push("lab:4").steps
    assert (step.cause, step.before) == ("the registry has another manifest", copy.manifest)

    del ready.engine.pushes[copy.reference]
    (step,) = ready.push("lab:4").steps
    assert step.cause == "the registry no longer has it"


def test_only_what_is_launched_here_is_pushed(ready: World) -> None:
    """No build, a quarantined one and one whose bytes are gone are refused with the way on."""
    with pytest.raises(Refused, match="lab:3 has no promoted build"):
        ready.push("lab:3")

    forget(ready, current(ready))
    with pytest.raises(Refused, match=r"bytes of build 20261101.1 of lab:4 are not on this engine"):
        ready.push("lab:4")

    ready.store.set_status(current(ready).digest, BuildStatus.QUARANTINED, "a test says so")
    with pytest.raises(Refused, match=r"build 20261101.1 of lab:4 is quarantined"):
        ready.push("lab:4")


def test_a_candidate_is_not_pushed(world: World) -> None:
    """Nothing points to it: it has not passed every check."""
    world.bases()
    world.build(status=BuildStatus.CANDIDATE)

    with pytest.raises(Refused, match="lab:4 has no promoted build"):
        world.push("lab:4")


def test_the_engine_is_told_to_trust_where_solvent_can_do_that(ready: World) -> None:
    """As a step that a reader sees before anything is sent."""
    ready.registry = replace(UNTRUSTED, authority="/etc/bank/ca.pem")

    trust, push = ready.push("lab:4").steps

    assert (trust.kind, trust.target, trust.after) == ("trust registry", "registry.bank:5000", "/etc/bank/ca.pem")
    assert push.needs == (trust.id,)


@pytest.mark.parametrize("answer", [UNTRUSTED, SILENT], ids=["not trusted", "silent"])
def test_a_registry_that_cannot_be_used_gets_nothing(ready: World, answer: Answer) -> None:
    """The error is the registry's, with its way out."""
    ready.registry = answer

    with pytest.raises(Unreachable) as told:
        ready.push("lab:4")

    assert (told.value.message, told.value.why, told.value.hint) == (answer.message, answer.why, answer.hint)


def test_a_launch_pulls_by_digest_instead_of_building(pushed: World) -> None:
    """What is pulled is the build that was proven; the container is made of its digest."""
    plan = pushed.launch()

    (copy,) = pushed.store.copies()
    assert (plan.steps[0].kind, plan.steps[0].cause) == ("pull build", MISSING)
    assert plan.steps[0].after == f"{PREFIX}/lab@{copy.manifest}"
    (create,) = (step for step in plan.steps if isinstance(step.do, CreateEnvironment))
    assert plan.steps[0].id in create.needs
    assert create.do.spec.image == copy.digest  # type: ignore[union-attr]

    pushed.apply(plan)

    assert kinds(pushed.launch(name="two")) == ["create workspace", "create environment", "start environment"]


def test_a_build_is_pulled_on_an_engine_that_has_not_even_the_base(ready: World) -> None:
    """A second machine that shares the database takes the first one's work, and then has nothing to do."""
    ready.apply(ready.push("lab:4"))
    second = World(store=ready.store)
    second.engine.pushes, second.engine.pushed = ready.engine.pushes, ready.engine.pushed

    plan = second.make("lab:4")

    assert kinds(plan) == ["pull build"]
    second.apply(plan)
    assert second.make("lab:4").notes == ("lab:4 20261101.1 is built, proven and promoted: nothing to do",)


def test_another_base_is_built_although_the_release_is_the_same(ready: World) -> None:
    """The negative control: the copy says what it stands on."""
    ready.apply(ready.push("lab:4"))
    trixie = replace(SYSTEMS[0], packages=("git", "python3"))
    second = World(store=ready.store, catalog=catalog(systems=(trixie, *SYSTEMS[1:])))
    second.engine.pushes, second.engine.pushed = ready.engine.pushes, ready.engine.pushed

    assert "pull build" not in kinds(second.make("lab:4"))
    assert "build image" in kinds(second.make("lab:4"))


def test_a_new_build_that_was_asked_for_is_built(pushed: World) -> None:
    """By force, nothing is pulled."""
    assert "pull build" not in kinds(pushed.make("lab:4", force=True))


@pytest.mark.parametrize("answer", [UNTRUSTED, SILENT], ids=["not trusted", "silent"])
def test_without_the_registry_it_is_built_as_before(pushed: World, answer: Answer) -> None:
    """The note says why it is not pulled, once."""
    pushed.registry = answer

    plan = pushed.launch()

    assert kinds(plan)[:3] == ["make tree", "make tree", "build image"]
    assert plan.notes == (f"{answer.message}: {answer.why}",)


def test_a_registry_that_no_longer_has_it_is_said(pushed: World) -> None:
    """It answered; the bytes are made again here."""
    pushed.engine.pushes.clear()
    (copy,) = pushed.store.copies()

    plan = pushed.launch()

    assert "build image" in kinds(plan)
    assert plan.notes == (f"the registry no longer has {copy.exact}",)


def test_quarantined_bytes_are_not_pulled(pushed: World) -> None:
    """A build that was good when it was pushed may be forbidden since."""
    pushed.store.set_status(current(pushed).digest, BuildStatus.QUARANTINED, "a test says so")

    with pytest.raises(Refused, match="quarantined"):
        pushed.launch()


def test_an_environment_whose_image_is_gone_comes_back(ready: World) -> None:
    """On the bytes that it had, from the registry; without one it is refused as before."""
    ready.apply(ready.push("lab:4"))
    one = ready.running("work")
    spec = ready.store.specification(ready.engine.info().id, one.container)
    ready.engine.remove(one.container)
    forget(ready, current(ready))
    assert spec is not None

    def back() -> Plan:
        gone = ready.environment("work")
        return plan_return(ready.catalog, ready.observe(), gone, spec, names=ready.names, today=ready.today,
                           new_workspace=False)  # fmt: skip

    assert kinds(back()) == ["pull build", "create environment", "start environment"]
    assert isinstance(back().steps[0].do, PullBuild)
    ready.registry = SILENT
    with pytest.raises(Refused, match="the image of work is gone") as told:
        back()
    assert "connection refused" in told.value.why


def test_a_pull_that_waits_for_trust(pushed: World) -> None:
    """Where Solvent can have the engine trust the registry, a launch does that as well."""
    pushed.registry = replace(UNTRUSTED, authority="/etc/bank/ca.pem")

    assert kinds(pushed.launch())[:2] == ["trust registry", "pull build"]


def test_the_browser_is_not_needed_for_what_is_proven(pushed: World) -> None:
    """A pulled build passed every check on the machine that pushed it."""
    assert all(BROWSER not in step.target for step in pushed.launch().steps)
