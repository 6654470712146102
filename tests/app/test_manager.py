"""The Python API on a world in memory: what it shows, what it refuses, and that no secret is in any of it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest

from manager.core.environments import LaunchRequest
from manager.core.evidence import Result
from manager.core.observed import BuildStatus
from manager.errors import Failed, Refused, Unreachable, UsageError
from tests.app.conftest import RELEASE, TOKEN, World, ended, run
from tests.fakes.clock import FixedClock

if TYPE_CHECKING:
    from pathlib import Path

    from manager.app.manager import Manager

SECRET = "hunter2-in-clear"
OLD = "jupyterlab:4.4-py3.11"


# -- environments ---------------------------------------------------------------------------------------------


def test_an_environment_from_launch_to_removal(world: World) -> None:
    """Its URL carries the token while it runs; its files outlive it."""
    manager = world.launch()

    view = manager.environment("work")
    address, _, token = view.url.partition("?token=")
    assert address == f"http://127.0.0.1:{view.environment.port}/lab"
    assert len(token) >= 43
    assert view.ready_seconds is not None
    assert manager.environment("work", url=False).url == ""
    run(manager, manager.plan_stop("work"))
    assert (manager.environment("work").environment.state, manager.environment("work").url) == ("stopped", "")
    run(manager, manager.plan_remove("work"))
    assert manager.environments() == ()
    assert [one.name for one in manager.workspaces()] == ["work"]


def test_limits_and_ports_come_from_the_settings(world: World) -> None:
    """Unless the request names them."""
    manager = world.launch()
    run(manager, manager.plan_launch(LaunchRequest(RELEASE, name="small", memory=2**29, cpus=0.5, pids=64)))

    settings = manager.settings
    specs = {spec.hostname: spec for spec in world.engine.specs.values()}
    assert specs["work"].memory == settings.memory_bytes
    assert specs["work"].cpus == settings.cpus
    assert (specs["small"].memory, specs["small"].cpus, specs["small"].pids) == (2**29, 0.5, 64)
    for spec in specs.values():
        assert settings.port_first <= spec.publish[0].host_port <= settings.port_last


def test_every_start_hands_over_another_token(world: World) -> None:
    """And the container itself is the same."""
    manager = world.launch()
    first = next(iter(world.engine.inputs.values()))
    run(manager, manager.plan_stop("work"))

    run(manager, manager.plan_start("work"))

    assert next(iter(world.engine.inputs.values())) != first


def test_others_are_only_seen_when_they_are_asked_for(world: World) -> None:
    """And are none of one's business otherwise."""
    manager = world.launch()
    name, spec = next(iter(world.engine.specs.items()))
    labels = tuple((key, "bea" if key.endswith(".owner") else value) for key, value in spec.labels)
    theirs = name.replace(manager.settings.owner, "bea")
    world.engine.create(replace(spec, name=theirs, labels=labels, image=world.store.kept[0].digest))
    # A container of somebody's own that carries our labels as well is no environment.
    world.engine.create(replace(spec, name="by-hand", labels=labels, image=world.store.kept[0].digest))

    assert [one.environment.owner for one in manager.environments(everyone=True)] == sorted(
        ["bea", manager.settings.owner]
    )
    assert [one.environment.owner for one in manager.environments()] == [manager.settings.owner]


def test_an_ide_that_does_not_answer(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error has the container's last lines, without the token that it may have printed."""

    def silent(*_: object) -> None:
        raise Failed("no answer in 90 s")

    monkeypatch.setattr("manager.world.web.ready", silent)
    from tests.fakes.engine import Outcome

    def talkative(_: str, stdin: bytes) -> Outcome:
        import io
        import tarfile

        with tarfile.open(fileobj=io.BytesIO(stdin)) as tar:
            token = tar.extractfile("token").read()  # type: ignore[union-attr]
        return Outcome(code=1, stdout=b"serving at /lab?token=" + token + b"\n")

    world.engine.teach((), talkative)
    manager = world.manager()

    error = ended(manager, manager.plan_launch(LaunchRequest(RELEASE, name="work")))

    assert error.message == "work did not become ready: no answer in 90 s"
    assert error.why == "serving at /lab?token=********"
    assert error.hint == "solvent env logs work"
    assert [(one.kind, one.outcome) for one in world.store.entries][-1] == ("start environment", "failed")


def test_a_family_that_left_the_catalog_is_still_shown(world: World) -> None:
    """Removing an entry breaks nobody's list."""
    manager = world.launch()
    manager.catalog = replace(manager.catalog, families=())

    view = manager.environment("work")

    assert (view.stage, view.url) == (None, "")
    assert [one.stage for one in manager.environments()] == [None]
    assert [one.kind for one in manager.status()] == ["unknown"]


def test_history_says_who_did_what_and_why(world: World) -> None:
    """Every step, in a chain, with the seconds of the start."""
    manager = world.launch()

    assert [one.kind for one in world.store.entries] == [
        "create network", "create workspace", "create home", "create environment", "start environment"
    ]  # fmt: skip
    assert {one.who for one in world.store.entries} == {manager.settings.owner}
    assert all(one.cause for one in world.store.entries)
    assert world.store.entries[-1].after.startswith("ready in ")
    assert world.store.verify() == ""


# -- releases, status, doctor ---------------------------------------------------------------------------------


def test_releases_by_stage(world: World) -> None:
    """Active ones first, newest first; retired ones only when they are asked for."""
    manager = world.launch()

    views = {one.release.name: one for one in manager.releases()}
    stages = [one.release.stage(manager.today) for one in views.values()]
    released = [one.release.schedule.released for one in views.values() if one.release.stage(manager.today) == "active"]

    assert stages == sorted(stages, key=["active", "deprecated"].index)
    assert released == sorted(released, reverse=True)
    assert OLD in views
    assert "jupyterlab:4.2-py3.9" not in views
    assert "jupyterlab:4.2-py3.9" in [one.release.name for one in manager.releases(everything=True)]
    assert (views[RELEASE].present, views[RELEASE].environments) == (True, 1)


def test_a_release_whose_bytes_are_gone(world: World) -> None:
    """It is missing, not unknown; launching it would build it."""
    world.engine.remove_image(world.store.kept[0].digest)
    manager = world.manager()

    view = manager.release(RELEASE).view

    assert view.to_json()["build"]["bytes"] == "missing"
    kinds = [step.kind for step in manager.plan_launch(LaunchRequest(RELEASE)).steps]
    assert "build image" in kinds


def test_the_evidence_of_a_release(world: World) -> None:
    """That of what a launch would take."""
    digest = world.store.kept[0].digest
    world.store.record(digest, (Result("page", "pass", "", 1.5),), world.manager().clock.now())

    detail = world.manager().release("jupyterlab")

    assert detail.evidence == (Result("page", "pass", "", 1.5),)
    assert [present for _, present in detail.builds] == [True]


def test_status_names_what_needs_a_person(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each with the command that settles it; nothing for what is in order."""
    monkeypatch.setattr("manager.app.status._APART", 99)
    manager = world.launch()
    world.store.set_status(world.store.kept[0].digest, BuildStatus.QUARANTINED, "broken")

    matters = manager.status()
    found = {(one.kind, one.subject): one.pay for one in matters}
    (text,) = [one.text for one in matters if one.kind == "quarantined"]

    assert found["quarantined", "work"] == "solvent env stop work"
    assert text.endswith("is quarantined: once stopped it does not start again")
    assert found["build", RELEASE] == f"solvent image build {RELEASE}"


def test_many_releases_without_a_build_are_one_matter(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """As of a catalog that was just made: a person's own matters stay in sight. A few are named one by one."""
    manager = world.manager()
    (together,) = [one for one in manager.status() if one.kind == "build"]
    monkeypatch.setattr("manager.app.status._APART", 99)
    alone = [one for one in manager.status() if one.kind == "build"]

    assert (together.subject, together.pay) == (f"{len(alone)} releases", "solvent image build --all")
    assert together.text.startswith(f"they have no build on this engine: {alone[0].subject}, ")
    assert together.text.endswith(f" and {len(alone) - 3} more")
    assert all(one.pay == f"solvent image build {one.subject}" for one in alone)


def test_status_of_a_world_that_does_not_answer(world: World) -> None:
    """That is all that can be said then."""
    world.engine.fail("info", Unreachable("refused", hint="systemctl start docker"), times=None)

    assert [(one.kind, one.pay) for one in world.manager().status()] == [("unreachable", "systemctl start docker")]


def test_an_environment_on_its_way_out(world: World) -> None:
    """The day decides: the same environment is no matter a year before."""
    world.build(OLD)
    manager = world.manager()
    run(manager, manager.plan_launch(LaunchRequest(OLD, name="old")))

    assert ("deprecated", "old") in {(one.kind, one.subject) for one in world.manager().status()}
    assert ("deprecated", "old") not in {(one.kind, one.subject) for one in world.manager(date(2026, 1, 1)).status()}


def test_doctor_asks_every_part_whatever_the_others_say(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """An engine and an index that are away are findings with a remedy."""
    world.engine.fail("info", Unreachable("refused", hint="start it"), times=None)
    monkeypatch.setenv("UV_DEFAULT_INDEX", "http://127.0.0.1:1/simple")
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")

    found = {one.part: one for one in world.manager().doctor()}

    assert found["engine"].outcome == "fail"
    assert found["engine"].remedy
    assert found["index"].outcome == "fail"
    assert "UV_DEFAULT_INDEX" in found["index"].remedy
    assert "\n" not in found["index"].text, "the innermost cause alone: it stands in a row"
    assert "cause:" not in found["index"].text
    assert found["catalog"].outcome == "pass"
    assert found["database"].outcome == "pass"
    assert found["state"].text.startswith("single user")


def test_doctor_sees_a_broken_history(world: World) -> None:
    """The negative control of the chain."""
    manager = world.launch()
    world.store.entries[1] = replace(world.store.entries[1], cause="another")

    found = {one.part: one for one in manager.doctor()}

    assert found["database"].outcome == "fail"


def test_the_shipped_catalog_is_read_only(world: World) -> None:
    """The way out is a catalog of one's own."""
    manager = world.manager()
    manager.catalog = replace(manager.catalog, shipped=True)

    with pytest.raises(Refused, match="read-only") as caught:
        manager.plan_lock((RELEASE,))

    assert "solvent init" in caught.value.hint


def test_nothing_is_read_before_it_is_asked_for(tmp_path: Path) -> None:
    """A Manager of a place that is no catalog can be made, and says so only when it is used."""
    world = World(tmp_path)

    manager = world.manager(catalog=tmp_path / "nowhere")
    manager.close()

    assert world.engine.calls == []


# -- workspaces -----------------------------------------------------------------------------------------------


def test_workspaces_are_those_of_this_person_in_this_realm(world: World) -> None:
    """With the environments that use them."""
    manager = world.launch(workspace="files")
    for realm, owner in (("other", manager.settings.owner), ("solvent", "bea")):
        labels = {"realm": realm, "kind": "workspace", "owner": owner, "workspace": "x"}
        world.engine.create_volume(f"{realm}-ws-{owner}-x", {f"io.solvent.{key}": one for key, one in labels.items()})

    assert [(one.name, one.environments) for one in manager.workspaces()] == [("files", ("work",))]
    with pytest.raises(UsageError, match="no workspace 'x'"):
        manager.workspace("x")
    with pytest.raises(Refused, match="in use by work"):
        manager.plan_remove_workspace("files")


# -- connections ----------------------------------------------------------------------------------------------


def everywhere(world: World, manager: Manager) -> str:
    """Give all that Solvent shows, keeps and asks of the engine, as one text, but what is handed over."""
    shown = [
        repr(manager.connections()), repr(manager.settings), repr(vars(manager)),
        json.dumps([one.to_json() for one in manager.environments()]), repr(manager.environments()),
        repr(world.store.entries), repr(world.engine.specs), repr(world.engine.containers({})),
        repr(world.engine.volumes({})),
    ]  # fmt: skip
    shown += [path.read_text() for path in manager.settings.config_dir.rglob("*") if path.is_file()]
    return "\n".join(shown)


def test_a_secret_in_clear_is_kept_elsewhere_and_shown_nowhere(world: World) -> None:
    """It reaches the container over standard input, and nothing else."""
    manager = world.manager()

    connection, warnings = manager.add_connection(
        "warehouse", "postgresql", url=f"postgresql://u:{SECRET}@db.example:5432/sales"
    )
    run(manager, manager.plan_launch(LaunchRequest(RELEASE, name="work", connections=("warehouse",))))

    assert len(warnings) == 1
    assert SECRET not in " ".join(warnings) + repr(connection)
    handed = next(iter(world.engine.inputs.values()))
    assert SECRET.encode() in (handed or b""), "the negative control"
    assert SECRET not in everywhere(world, manager)


def test_a_secret_is_in_no_error_and_no_history(world: World, tmp_path: Path) -> None:
    """Not when it cannot be read, and not when a step goes wrong in an unexpected way."""
    place = tmp_path / "password"
    place.write_text(SECRET)
    place.chmod(0o600)
    manager = world.manager()
    manager.add_connection(
        "warehouse", "postgresql", url="postgresql://u@db/sales", secrets={"password": f"file:{place}"}
    )
    world.engine.fail("start", RuntimeError(SECRET))  # type: ignore[arg-type]

    error = ended(manager, manager.plan_launch(LaunchRequest(RELEASE, name="work", connections=("warehouse",))))

    assert SECRET not in error.message
    assert SECRET not in everywhere(world, manager)
    place.unlink()
    with pytest.raises(Refused, match="the password of connection warehouse cannot be read"):
        manager.plan_start("work")
    assert "start environment" in [one.kind for one in world.store.entries]


def test_a_connection_is_known_by_its_name_alone(world: World) -> None:
    """Taken names are refused, unknown ones get a suggestion, removed ones are forgotten with their secret."""
    manager = world.manager()
    manager.add_connection("warehouse", "postgresql", url=f"postgresql://u:{SECRET}@db/sales")

    with pytest.raises(Refused, match="exists already"):
        manager.add_connection("warehouse", "postgresql", parameters={"host": "db"})
    with pytest.raises(UsageError) as caught:
        manager.connection("warehose")
    assert caught.value.hint == "did you mean warehouse?"
    with pytest.raises(UsageError):
        manager.plan_launch(LaunchRequest(RELEASE, connections=("nowhere",)))
    manager.remove_connection("warehouse")
    assert manager.connections() == ()
    kept = [path for path in manager.settings.personal_dir.rglob("*") if path.is_file()]
    assert all(SECRET not in path.read_text(errors="replace") for path in kept)


def test_a_connection_to_a_shipped_source_needs_it_to_run(world: World) -> None:
    """Before anything is made; its network is joined when it does."""
    manager = world.manager()
    manager.add_connection("warehouse", "postgresql", source="postgresql-17")
    request = LaunchRequest(RELEASE, name="work", connections=("warehouse",))

    with pytest.raises(Refused, match="there is no network solvent-sources"):
        manager.plan_launch(request)
    world.engine.create_network("solvent-sources", {"io.solvent.realm": "solvent"}, internal=True)
    with pytest.raises(Refused, match="which is not running") as caught:
        manager.plan_launch(request)
    assert caught.value.hint.endswith("solvent source start postgresql-17")
    assert world.engine.specs == {}
    world.compose.start("postgresql-17", manager.settings.state_dir / "sources", lambda _: None)
    run(manager, manager.plan_launch(request))

    spec = next(iter(world.engine.specs.values()))
    assert spec.networks == ("solvent-environments", "solvent-sources")


def test_connectors_show_the_locked_driver(world: World) -> None:
    """The version that the newest active release pins."""
    view = world.manager().connector("postgresql")

    assert view.version
    assert RELEASE in view.releases
    with pytest.raises(UsageError, match="no connector 'postgres'"):
        world.manager().connector("postgres")


def test_the_token_is_kept_nowhere(world: World) -> None:
    """Neither the one that was handed over, nor the one that is read for the URL."""
    manager = world.launch()
    manager.environment("work")
    run(manager, manager.plan_stop("work"))
    run(manager, manager.plan_start("work"))
    manager.environment("work")

    assert manager.environment("work").url.endswith(TOKEN)
    assert TOKEN not in everywhere(world, manager)


def test_a_plan_of_another_day_is_not_carried_out(world: World) -> None:
    """It is looked at only: a retired release is not launched on a day of its youth."""
    manager = world.manager()
    manager.clock = FixedClock(date(2025, 6, 1))
    plan = manager.plan_launch(LaunchRequest(OLD, name="young"))

    with pytest.raises(Refused, match="this is how 2025-06-01 looks"):
        run(manager, plan)

    assert manager.environments() == ()
