"""``env upgrade``: what is said before, what takes whose place, and the way back."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from manager.app.steps.upgrades import Installed
from manager.app.upgrades import Asked
from manager.core.announcements import Announcement
from manager.core.catalog import Place
from manager.core.components import Component
from manager.core.environments import LaunchRequest
from manager.core.locks import Pin
from manager.core.observed import BuildStatus
from manager.core.overrides import Override
from manager.core.upgrade_actions import CreateSuccessor, YieldPlace
from manager.errors import Failed, Interrupted, Refused, Unreachable, UsageError
from tests.app.conftest import ended, run
from tests.fakes.clock import TODAY
from tests.fakes.engine import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from manager.app.manager import Manager
    from manager.app.upgrades import Upgrades
    from manager.core.observed import Build, Container
    from tests.app.conftest import World

OLD, NEW = "jupyterlab:4.4-py3.11", "jupyterlab:4.5-py3.11"
KERNEL = ("/opt/solvent/kernel/bin/python",)
PROBE, PIP = (*KERNEL, "-I", "-c"), (*KERNEL, "-m", "pip")
NOTHING = {
    "outcome": "seen", "uses": [], "there": [], "overlay": "", "packages": [], "r": [], "read": 0, "skipped": [],
    "left": 0, "others": 0, "cut": "",
}  # fmt: skip


@pytest.fixture
def lab(world: World) -> World:
    """Give a world with builds of two releases, and ``work`` running on the older one, with a connection."""
    world.build(OLD)
    world.build(NEW)
    (world.home).mkdir(exist_ok=True)
    (world.home / "password").write_text("s3cret-word")
    manager = world.manager()
    secret = {"password": f"file:{world.home / 'password'}"}
    manager.add_connection("warehouse", "postgresql", url="postgresql://ana@db/dwh", secrets=secret)
    request = LaunchRequest(OLD, name="work", workspace="files", connections=("warehouse",), memory=2**31)
    run(manager, manager.plan_launch(request))
    looks(world)
    return world


def looks(world: World, **by_release: dict[str, object]) -> None:
    """Let looks from inside releases give what they are said to; nothing where nothing is said."""

    def answer(container: str, stdin: bytes) -> Outcome:
        image = world.engine.specs[container].image
        release = next(build.release for build in world.store.kept if build.digest == image)
        line = release.partition(":")[2].partition("-")[0].replace(".", "_")
        assert json.loads(stdin)["workspace"] == "/workspace"
        return Outcome(stdout=b"a warning\n" + json.dumps(NOTHING | by_release.get(f"r{line}", {})).encode() + b"\n")

    world.engine.teach(PROBE, answer)


def upgraded(world: World, *names: str, **more: object) -> Upgrades:
    """Upgrade to the end; give what was said."""
    manager = world.manager()
    found = manager.plan_upgrade(Asked(names or ("work",), **more))  # type: ignore[arg-type]
    run(manager, found.plan)
    return found


def back(world: World, name: str = "work") -> Upgrades:
    """Go back."""
    manager = world.manager()
    found = manager.plan_back((name,))
    run(manager, found.plan)
    return found


def container(world: World, name: str = "work") -> Container:
    """Give the one container of an environment, whatever it is called."""
    (one,) = (each for each in world.engine.containers({"io.solvent.environment": name}))
    return one


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


# -- what is said before -------------------------------------------------------------------------------------------


def test_packages_that_change_are_named_by_class(lab: World) -> None:
    """Major ones and those that go by name, the others by number; all of them as values."""
    old, new = (build.digest for build in lab.store.kept[1:])
    lab.store.keep_components(
        old, (Component("python", "pandas", "2.3.3", "kernel"), Component("python", "six", "1", "kernel"))
    )
    lab.store.keep_components(new, (Component("python", "pandas", "3.0.1", "kernel"), Component("debian", "git", "2")))

    found = lab.manager().plan_upgrade(Asked(("work",)))

    assert found.plan.notes[:3] == (
        "packages that change: 1 major, 1 added, 1 removed", "major: pandas 2.3.3 -> 3.0.1", "removed: six",
    )  # fmt: skip
    assert [str(one) for one in found.upgrades[0].changes or ()] == [
        "pandas 2.3.3 -> 3.0.1",
        "six 1 -> -",
        "git - -> 2",
    ]


def test_modules_that_would_be_missing_are_named_with_their_files(lab: World) -> None:
    """Only those that are there today; what could not be read is said."""
    uses = [{"name": name, "files": ["a.ipynb"], "by": [f"{name} 1.0"]} for name in ("polars", "pandas", "never")]
    looks(
        lab,
        r4_4={"uses": uses, "there": ["polars", "pandas"], "read": 3, "skipped": [["b.py", "SyntaxError: no\x1b[2J"]]},
        r4_5={"there": ["pandas"]},
    )

    found = lab.manager().plan_upgrade(Asked(("work",)))

    assert [one.name for one in found.upgrades[0].missing] == ["polars"]
    assert f"{NEW} has no module polars (polars 1.0 today): a.ipynb" in found.plan.notes
    assert "not looked at: b.py (SyntaxError: no [2J)" in found.plan.notes


@pytest.mark.parametrize(
    "said", [b"", b"{}\n", b'{"outcome": "seen"}\n', b"[" * 100_000, b'{"outcome": "seen", "uses": 7}']
)
def test_a_look_without_an_answer_is_said_and_the_upgrade_goes_on(lab: World, said: bytes) -> None:
    """What runs in a sandbox may print anything."""
    lab.engine.teach(PROBE, Outcome(stdout=said))

    found = upgraded(lab)

    assert any("could not be looked at: the sandbox gave no answer" in note for note in found.plan.notes)
    assert container(lab).labels["io.solvent.release"] == NEW


def test_looks_see_the_workspace_and_nothing_else(lab: World) -> None:
    """Read-only, without a network, and removed."""
    seen = []

    def answer(name: str, _: bytes) -> Outcome:
        seen.append(lab.engine.specs[name])
        return Outcome(stdout=json.dumps(NOTHING).encode())

    lab.engine.teach(PROBE, answer)
    lab.manager().plan_upgrade(Asked(("work",)))

    assert len(seen) == 2
    for one in seen:
        assert (one.networks, [mount.read_only for mount in one.mounts]) == (("none",), [True])
        assert lab.engine.container(one.name) is None


# -- a person's own packages ---------------------------------------------------------------------------------------

OWN = {
    "overlay": "/workspace/.solvent/old/lib/python3.11/site-packages",
    "packages": [
        {"name": "polars", "version": "1.0", "asked": True, "direct": False},
        {"name": "Helper", "version": "2.0", "asked": False, "direct": False},
        {"name": "mine", "version": "0.1", "asked": True, "direct": True},
    ],
}
THERE = {"overlay": "/workspace/.solvent/new/lib/python3.11/site-packages"}


def resolving(monkeypatch: pytest.MonkeyPatch, answer: Callable[[tuple[str, ...]], dict[str, str]]) -> None:
    """Let the index have what ``answer`` gives for requirements; it raises what uv would."""

    def beside(requirements: tuple[str, ...], *_: object) -> tuple[Pin, ...]:
        return tuple(Pin(name, version) for name, version in answer(requirements).items())

    monkeypatch.setattr("manager.world.resolver.beside", beside)


def test_own_packages_are_installed_for_the_new_release_before_anything_stops(
    lab: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those that were asked for, at their versions; one from an address cannot be; the old ones are not touched."""
    looks(lab, r4_4=OWN, r4_5=THERE)
    resolving(monkeypatch, lambda _: {"polars": "1.0"})
    pip = []

    def install(name: str, _: bytes) -> Outcome:
        pip.append((lab.engine.specs[name], container(lab).state))
        return Outcome()

    lab.engine.teach(PIP, install)
    found = upgraded(lab)

    ((spec, state),) = pip
    assert (spec.command or ())[3:] == ("install", "--no-input", "polars==1.0")
    assert (spec.image, state) == (container(lab).image, "running")
    assert [(fit.name, fit.fits) for fit in found.upgrades[0].own] == [("polars", "1.0"), ("mine", "")]
    assert any(note.startswith("your own mine 0.1 cannot be installed") for note in found.plan.notes)


def test_a_package_that_does_not_fit_as_it_is_moves_or_is_named(lab: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each by itself, first as it is."""
    packages = [{"name": name, "version": "1.0", "asked": True, "direct": False} for name in ("polars", "gone")]
    looks(lab, r4_4=OWN | {"packages": packages}, r4_5=THERE)

    def answer(requirements: tuple[str, ...]) -> dict[str, str]:
        if requirements == ("polars",):
            return {"polars": "2.0"}
        raise Failed("no way", why="  x No solution found\n  Because gone was not found in the registry")

    resolving(monkeypatch, answer)
    notes = lab.manager().plan_upgrade(Asked(("work",))).plan.notes

    assert f"your own packages are installed again for {NEW}: polars 1.0 -> 2.0" in notes
    assert f"your own gone 1.0 cannot be installed for {NEW}: gone was not found in the registry" in notes


def test_without_an_index_it_says_what_to_install_again(lab: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The upgrade itself needs none."""
    looks(lab, r4_4=OWN, r4_5=THERE)

    def answer(_: tuple[str, ...]) -> dict[str, str]:
        raise Unreachable("resolving for Python 3.11: the package index does not answer")

    resolving(monkeypatch, answer)
    found = upgraded(lab)

    assert any("pip install polars==1.0 mine==0.1" in note for note in found.plan.notes)
    assert container(lab).labels["io.solvent.release"] == NEW


def test_packages_that_pip_does_not_install_do_not_stop_an_upgrade(lab: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its reason and what to type inside are said at the end."""
    looks(lab, r4_4=OWN, r4_5=THERE)
    resolving(monkeypatch, lambda _: {"polars": "1.0"})
    lab.engine.teach(PIP, Outcome(code=1, stdout=b"Collecting polars\nERROR: No space left on device\n"))
    manager = lab.manager()

    events = run(manager, manager.plan_upgrade(Asked(("work",))).plan)

    (result,) = (one for one in events[-1].results.values() if isinstance(one, Installed))
    assert "No space left on device; install them inside" in result.note
    assert container(lab).labels["io.solvent.release"] == NEW


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


# -- and back ------------------------------------------------------------------------------------------------------


def test_back_returns_to_the_digest_and_the_definition(lab: World) -> None:
    """After more than one upgrade as well, one at a time; then there is nothing more."""
    first, spec = container(lab), lab.engine.specs[container(lab).name]
    middle = lab.build(OLD)
    upgraded(lab)
    upgraded(lab)
    looked = len(lab.engine.calls)

    back(lab)
    assert container(lab).image == middle.digest
    back(lab)

    assert (container(lab).image, container(lab).name, container(lab).state) == (first.image, first.name, "running")
    now = lab.engine.specs[first.name]
    assert replace(now, name="", image="") == replace(spec, name="", image="")
    assert all("sandbox" not in str(words) for _, words in lab.engine.calls[looked:])
    with pytest.raises(Refused, match="nothing to go back to"):
        lab.manager().plan_back(("work",))
    assert lab.store.environments()[0].environment.digest == first.image


def test_back_is_refused_to_what_may_not_start_or_is_quarantined(lab: World) -> None:
    """As a start of it would be."""
    upgraded(lab)

    with pytest.raises(Refused, match="restarts are refused since"):
        lab.manager(TODAY.replace(year=2029)).plan_back(("work",))
    lab.store.set_status(lab.store.kept[1].digest, BuildStatus.QUARANTINED, "it leaks")
    with pytest.raises(Refused, match="is quarantined, so work does not go back"):
        lab.manager().plan_back(("work",))


def test_back_to_a_family_that_left_the_catalog_stops_nothing(lab: World) -> None:
    """How its environments are started is written nowhere; what runs goes on."""
    upgraded(lab)
    manager = lab.manager()
    families = tuple(one for one in manager.declared.families if one.id != "jupyterlab")
    manager.__dict__["declared"] = replace(manager.declared, families=families)

    with pytest.raises(Refused, match="family jupyterlab of work is no longer in the catalog"):
        manager.plan_back(("work",))

    assert container(lab).state == "running"


def test_back_without_the_bytes_names_the_way(lab: World) -> None:
    """Prune keeps them; whoever removed them by hand builds again."""
    old = container(lab).image
    upgraded(lab)
    lab.engine.remove_image(old)

    with pytest.raises(Refused, match=r"the image of build .* is gone") as caught:
        lab.manager().plan_back(("work",))

    assert f"solvent image build {OLD}" in caught.value.hint


def test_a_snapshot_that_somebody_edited_is_not_returned_to(lab: World) -> None:
    """The same suspicion as for what is brought back."""
    upgraded(lab)
    lab.store.shots = [(one, replace(spec, mounts=spec.mounts[:1])) for one, spec in lab.store.shots]

    with pytest.raises(Refused, match="does not fit together"):
        lab.manager().plan_back(("work",))


def test_an_environment_that_is_removed_has_no_snapshots(lab: World) -> None:
    """A later one of its name begins anew."""
    upgraded(lab)
    manager: Manager = lab.manager()

    run(manager, manager.plan_remove("work", delete_workspace=False))

    assert lab.store.snapshots() == ()


# -- what is owed, and what was cut short --------------------------------------------------------------------------


def test_a_list_and_status_say_what_is_owed(lab: World) -> None:
    """A newer build; else the successor of a release that is on its way out; each with the command."""
    day = next(one.schedule.deprecated for one in lab.manager().catalog.releases if one.name == OLD)
    owed = lab.manager(day).environments()[0].to_json()["upgrade"]
    matters = [(one.kind, one.pay) for one in lab.manager(day).status()]

    assert (owed["release"], owed["build"]) == (NEW, None)
    assert ("deprecated", f"solvent env upgrade work --to {NEW}") in matters
    newer = lab.build(OLD)
    owed = lab.manager().environments()[0].to_json()["upgrade"]
    assert (owed["release"], owed["build"]) == (OLD, newer.version)


def test_nothing_is_owed_to_what_is_up_to_date(lab: World) -> None:
    """The negative control."""
    upgraded(lab)

    assert lab.manager().environments()[0].to_json()["upgrade"] is None
    assert "upgrade" not in [one.kind for one in lab.manager().status()]


def test_a_build_that_only_the_catalog_quarantines_is_owed_to_nobody(lab: World) -> None:
    """Either half of a quarantine is enough; without it the build is owed, with it the successor of the release."""
    newer = lab.build(OLD)
    before = lab.manager().environments()[0].owed
    manager = lab.manager()
    forbidding(manager, newer.digest)

    assert manager.builds(OLD)[-1].status is BuildStatus.QUARANTINED
    after = manager.environments()[0].owed
    assert before is not None
    assert after is not None
    assert (before.release, before.version, after.release, after.version) == (OLD, newer.version, NEW, "")


def test_a_build_that_no_database_knows_and_the_catalog_quarantines_does_not_start(lab: World) -> None:
    """The file alone forbids its digest."""
    manager = lab.manager()
    run(manager, manager.plan_stop("work"))
    lab.store.kept = []
    manager = lab.manager()
    forbidding(manager, container(lab).image)

    with pytest.raises(Refused, match=f"of {OLD} is quarantined"):
        manager.plan_start("work")


def forbidding(manager: Manager, subject: str) -> None:
    """Let the catalog of a Manager have a quarantine, and the database not."""
    one = Override("quarantine", subject, TODAY, "it leaks", "ana", Place("images/overrides/it.toml", 1))
    manager.__dict__["declared"] = replace(manager.declared, overrides=(one,))


def test_what_left_the_catalog_starts_until_what_was_announced_of_it(lab: World) -> None:
    """Taking a release's file away makes nothing last longer."""
    manager = lab.manager()
    found = manager.catalog.release(OLD, TODAY)
    last = Announcement(OLD, 1, TODAY, found.schedule, found.stage(TODAY), TODAY)
    run(manager, manager.plan_stop("work"))
    lab.store.announcements.announce(last, None)

    assert f"announced to retire on {found.schedule.end_of_life}" in " ".join(
        without(lab, TODAY).plan_start("work").notes
    )
    with pytest.raises(Refused, match=f"restarts are refused since {found.schedule.restart_block}"):
        without(lab, found.schedule.restart_block).plan_start("work")


def without(lab: World, day: date) -> Manager:
    """Open a Manager on a catalog that has lost the older release."""
    manager = lab.manager(day)
    families = tuple(
        replace(one, releases=tuple(each for each in one.releases if each.name != OLD))
        for one in manager.declared.families
    )
    manager.__dict__["declared"] = replace(manager.declared, families=families)
    return manager


def cut_short(lab: World) -> None:
    """Let an upgrade end as by a kill while the successor was waited for: both are there, the old one is stopped."""
    manager = lab.manager()
    plan = manager.plan_upgrade(Asked(("work",))).plan
    for step in plan.steps:
        if isinstance(step.do, CreateSuccessor):
            lab.engine.create(step.do.spec)
        if isinstance(step.do, YieldPlace):
            lab.engine.stop(step.do.container)


def test_what_was_cut_short_is_finished_or_undone_and_not_started(lab: World) -> None:
    """Two containers would want one port; both ways out are named."""
    name = container(lab).name
    cut_short(lab)

    with pytest.raises(Refused, match="an upgrade of work was cut short") as caught:
        lab.manager().plan_start("work")
    assert "solvent env upgrade work --back" in caught.value.hint
    assert [one.text for one in lab.manager().doctor() if "cut short" in one.text] == [
        "an upgrade was cut short: work of " + lab.manager().settings.owner
    ]

    back(lab)

    one = container(lab)
    assert (one.name, one.state, one.labels["io.solvent.release"]) == (name, "running", OLD)


@pytest.mark.parametrize("why", ["quarantined", "restarts are refused since", "cannot be read"])
def test_an_upgrade_that_is_called_off_starts_nothing_that_may_not_start(lab: World, why: str) -> None:
    """A quarantine, its restart_block and a secret that is gone are the same as at every start; the rest is undone."""
    cut_short(lab)
    day = TODAY
    if why == "quarantined":
        lab.store.set_status(lab.store.environments()[0].environment.digest, BuildStatus.QUARANTINED, "it leaks")
    elif why == "cannot be read":
        (lab.home / "password").unlink()
    else:
        day = TODAY.replace(year=2029)
    manager = lab.manager(day)

    plan = manager.plan_back(("work",)).plan

    assert [step.kind for step in plan.steps] == ["remove environment"]
    assert [note for note in plan.notes if note.startswith("work is not started again: ") and why in note]
    if day == TODAY:
        run(manager, plan)
        assert container(lab).state == "exited"


def test_what_was_cut_short_goes_with_its_environment(lab: World) -> None:
    """A removal leaves nothing beside it."""
    cut_short(lab)
    manager = lab.manager()

    run(manager, manager.plan_remove("work", delete_workspace=True))

    assert lab.engine.containers({"io.solvent.environment": ""}) == ()
