"""``env upgrade``: what takes whose place, what is refused, and what is left when it does not work."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from manager.app.upgrades import Asked
from manager.core.components import Component
from manager.core.environments import LaunchRequest
from manager.core.observed import BuildStatus
from manager.core.upgrade_actions import CreateSuccessor
from manager.errors import Failed, Interrupted, Refused, UsageError
from tests.app.conftest import ended, run
from tests.app.upgrading import NEW, OLD, container, upgraded
from tests.fakes.clock import TODAY

if TYPE_CHECKING:
    from manager.core.observed import Build
    from tests.app.conftest import World


# -- forward -------------------------------------------------------------------------------------------------------


def test_an_upgrade_keeps_name_port_workspace_connections_and_limits(lab: World) -> None:
    """Only release, build and image are others; it runs again, and nothing is left beside it."""
    before, spec = container(lab), next(iter(lab.engine.specs.values()))

    upgraded(lab)

    after, now = container(lab), lab.engine.specs[before.name]
    label = {key.removeprefix("io.solvent."): value for key, value in after.labels.items()}
    assert (after.name, after.state) == (before.name, "running")
    assert (label["release"], label["version"]) == (NEW, "20261120.3")
    same = ("port", "workspace", "connections", "environment", "owner")
    assert {key: label[key] for key in same} == {key: before.labels["io.solvent." + key] for key in same}
    assert (now.memory, now.cpus, now.pids, now.publish) == (spec.memory, spec.cpus, spec.pids, spec.publish)
    assert now.mounts == spec.mounts
    (known,) = lab.store.environments()
    assert (known.environment.release, known.environment.wanted) == (NEW, "running")
    assert known.environment.digest == after.image


def test_the_old_container_is_there_until_the_new_one_answers(lab: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the new one is waited for, the old one is stopped and not removed."""
    seen: list[tuple[str, str]] = []
    name = container(lab).name

    def ready(*_: object) -> None:
        seen.extend(sorted((one.name, one.state) for one in lab.engine.containers({"io.solvent.environment": ""})))

    monkeypatch.setattr("manager.world.web.ready", ready)
    upgraded(lab)

    assert seen == [(name, "exited"), (f"{name}.NEXT", "running")]


def test_a_newer_build_comes_before_another_release(lab: World) -> None:
    """It changes least; the successor follows with the next upgrade."""
    newer = lab.build(OLD)

    upgraded(lab)
    first = container(lab)
    upgraded(lab)

    assert first.image == newer.digest
    assert container(lab).labels["io.solvent.release"] == NEW


def test_what_is_newest_is_left(lab: World) -> None:
    """Nothing to do, and it is said why."""
    upgraded(lab)

    found = lab.manager().plan_upgrade(Asked(("work",)))

    assert not found.plan
    assert found.plan.notes == (f"{NEW} is followed by nothing newer",)


def test_a_stopped_environment_is_tried_and_stopped_again(lab: World) -> None:
    """It has to answer before it takes the place; then it is as it was found."""
    manager = lab.manager()
    run(manager, manager.plan_stop("work"))

    upgraded(lab)

    assert container(lab).state == "exited"
    assert lab.store.environments()[0].environment.wanted == "stopped"


def test_a_gone_environment_comes_back_on_the_successor(lab: World) -> None:
    """There is no old one to remove."""
    lab.engine.remove(container(lab).name)

    upgraded(lab)

    assert (container(lab).state, container(lab).labels["io.solvent.release"]) == ("running", NEW)


def test_lost_files_are_not_replaced_by_empty_ones(lab: World) -> None:
    """An upgrade is refused as a start is."""
    manager = lab.manager()
    lab.engine.remove(container(lab).name)
    lab.engine.remove_volume(next(one.name for one in lab.engine.volumes({}) if one.name.endswith("-files")))

    with pytest.raises(Refused, match="workspace files of work is gone"):
        manager.plan_upgrade(Asked(("work",)))


# -- what is refused -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("to", ["jupyterlab:4.2-py3.9"])
def test_a_retired_release_is_refused_with_the_way_out(lab: World, to: str) -> None:
    """By the same decision as a launch."""
    lab.build(to)

    with pytest.raises(Refused, match="is retired since") as caught:
        lab.manager().plan_upgrade(Asked(("work",), to=to))

    assert "solvent env upgrade work --to jupyterlab:4.6-py3.13" in caught.value.hint


def test_a_quarantined_build_is_never_upgraded_to(lab: World) -> None:
    """An older good one is taken; without any, a new one is made."""
    new = lab.store.kept[2]
    lab.store.set_status(new.digest, BuildStatus.QUARANTINED, "it leaks")

    found = lab.manager().plan_upgrade(Asked(("work",)))

    (spec,) = (step.do.spec for step in found.plan.steps if isinstance(step.do, CreateSuccessor))
    assert spec.image == ""
    assert "build image" in [step.kind for step in found.plan.steps]


def test_a_name_that_nobody_has_is_a_usage_error(lab: World) -> None:
    """As everywhere, with a suggestion."""
    with pytest.raises(UsageError, match="no environment named 'wrok'") as caught:
        lab.manager().plan_upgrade(Asked(("wrok",)))
    assert caught.value.hint == "did you mean work?"


# -- when it does not work -----------------------------------------------------------------------------------------


def never(lab: World, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    """Let the successor never answer, and everything else."""
    calls: list[int] = []

    def ready(*_: object) -> None:
        calls.append(1)
        if len(calls) == 1:
            raise error

    monkeypatch.setattr("manager.world.web.ready", ready)


@pytest.mark.parametrize("error", [Failed("it does not answer"), Interrupted("stopped")])
def test_the_old_one_is_back_where_the_new_one_does_not_answer(
    lab: World, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """It runs again as it was, is remembered as it was, and there is nothing to go back to."""
    before = container(lab)
    never(lab, monkeypatch, error)
    manager = lab.manager()

    said = ended(manager, manager.plan_upgrade(Asked(("work",))).plan)

    after = container(lab)
    assert type(said) is type(error)
    assert f"work runs again on {OLD}" in said.message
    assert (after.id, after.name, after.image, after.state) == (before.id, before.name, before.image, "running")
    assert lab.store.environments()[0].environment.digest == before.image
    with pytest.raises(Refused, match="has nothing to go back to"):
        lab.manager().plan_back(("work",))


def test_an_image_that_cannot_be_made_a_container_leaves_the_old_one_running(lab: World) -> None:
    """It is not even stopped."""
    manager = lab.manager()
    plan = manager.plan_upgrade(Asked(("work",))).plan
    before = container(lab)
    lab.engine.fail("create", Failed("no space left on device"))

    ended(manager, plan)

    assert container(lab) == before
    assert manager.claims.free(before.name)


def test_two_upgrades_at_once_are_one(lab: World) -> None:
    """The second is told to wait."""
    first, second = lab.manager(), lab.manager()
    plan = second.plan_upgrade(Asked(("work",))).plan
    assert first.claims.take(container(lab).name)

    assert "by another command" in ended(second, plan).message


# -- several -------------------------------------------------------------------------------------------------------


def test_affected_environments_are_upgraded_but_for_those_that_run(lab: World) -> None:
    """Only the person's own; one that runs is named with the command that would stop it."""
    manager = lab.manager()
    for name in ("idle", "new"):
        run(manager, manager.plan_launch(LaunchRequest(OLD if name == "idle" else NEW, name=name)))
        run(manager, manager.plan_stop(name))

    found = lab.manager().plan_upgrade(Asked(affected_by=OLD))

    assert {step.target for step in found.plan.steps if step.kind == "create environment"} == {"idle"}
    assert found.left == ("work: running, and stopped only by name",)


def test_back_of_those_that_have_a_build_leaves_the_others(lab: World) -> None:
    """One that runs, and one that was never upgraded; what is named by nothing that it has stays out."""
    first = container(lab).image
    upgraded(lab)
    manager = lab.manager()
    run(manager, manager.plan_launch(LaunchRequest(NEW, name="fresh")))
    run(manager, manager.plan_stop("fresh"))
    running = lab.manager().plan_back((), NEW)
    run(manager, manager.plan_stop("work"))

    found = lab.manager().plan_back((), NEW)
    run(lab.manager(), found.plan)

    assert "work: running, and stopped only by name" in running.left
    assert found.left == ("fresh: fresh has nothing to go back to",)
    assert container(lab).image == first
    assert not lab.manager().plan_back((), "python=3.9").plan


def test_affected_by_a_build_a_digest_and_nothing(lab: World) -> None:
    """What nobody knows is a mistake; what affects nobody is not."""
    manager = lab.manager()
    run(manager, manager.plan_stop("work"))
    old: Build = lab.store.kept[1]

    for by in (old.version, old.digest, f"{OLD}-{old.version}"):
        assert lab.manager().plan_upgrade(Asked(affected_by=by)).upgrades[0].environment.name == "work"
    assert not lab.manager().plan_upgrade(Asked(affected_by=NEW)).plan
    with pytest.raises(UsageError, match="nothing here is known as 'CVE-1'"):
        lab.manager().plan_upgrade(Asked(affected_by="CVE-1"))


def test_affected_by_a_component(lab: World) -> None:
    """What is inside a build, or what its release says of itself."""
    manager = lab.manager()
    run(manager, manager.plan_stop("work"))
    lab.store.keep_components(lab.store.kept[1].digest, (Component("python", "pandas", "2.3.3", "kernel"),))

    def affected(by: str) -> list[str]:
        return [one.environment.name for one in lab.manager().plan_upgrade(Asked(affected_by=by)).upgrades]

    assert affected("pandas<3") == affected("python=3.11") == ["work"]
    assert affected("pandas>=3") == affected("python=3.9") == []


def test_one_that_fails_does_not_stop_the_others(lab: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each has steps of its own; what both need is made once."""
    manager = lab.manager()
    run(manager, manager.plan_launch(LaunchRequest(OLD, name="other")))
    manager = lab.manager()
    plan = manager.plan_upgrade(Asked(("work", "other"))).plan
    lab.engine.fail("create", Failed("no space left on device"))

    ended(manager, plan)

    releases = sorted(one.labels["io.solvent.release"] for one in lab.engine.containers({"io.solvent.environment": ""}))
    assert releases == [OLD, NEW]


def test_a_deadline_is_said_and_one_that_comes_too_late_too(lab: World) -> None:
    """What ends before it is named; one that has passed says since when."""
    notes = lab.manager().plan_upgrade(Asked(("work",), deadline=TODAY.replace(year=2028))).plan.notes
    late = lab.manager().plan_upgrade(Asked(("work",), deadline=TODAY.replace(day=1))).plan.notes

    assert notes[0] == "due by 2028-11-21"
    assert notes[1].startswith("work does not start any more from 2027-")
    assert late[0] == "due by 2026-11-01: 20 days ago"
