"""Connections' files in environments: resolved at each start, delivered anew while one runs, whole or not at all."""

from __future__ import annotations

import json
import stat
from typing import TYPE_CHECKING

import pytest

from manager.core.environments import LaunchRequest
from manager.core.observed import BuildStatus
from manager.errors import Failed, ManagerError, Refused
from tests.app.conftest import RELEASE, World, ended, run
from tests.fakes.runtime import RuntimeEngine

if TYPE_CHECKING:
    from pathlib import Path

    from manager.app.manager import Manager

OLD, NEW = "old-p4ssword", "new-p4ssword"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Give the file that a password lies in."""
    file = tmp_path / "password"
    file.write_text(OLD)
    return file


@pytest.fixture
def box(world: World, tmp_path: Path, place: Path) -> RuntimeEngine:
    """Give the world an engine that keeps what is handed over, and this person two connections."""
    engine = RuntimeEngine(tmp_path / "run")
    world.engine = engine
    world.store.kept.clear()
    world.store.pointers.clear()
    world.build()
    manager = world.manager()
    for name, secret in (("warehouse", f"file:{place}"), ("billing", "env:BILLING")):
        manager.add_connection(name, "postgresql", url=f"postgresql://ana@db/{name}", secrets={"password": secret})
    return engine


@pytest.fixture
def running(world: World, box: RuntimeEngine, monkeypatch: pytest.MonkeyPatch) -> Manager:
    """Give a Manager of a world in which ``work`` runs with both connections."""
    monkeypatch.setenv("BILLING", "billing-p4ssword")
    return world.launch(connections=("warehouse", "billing"))


def container(world: World) -> str:
    """Give the only container's name."""
    return next(iter(world.engine.specs))


def passwords(world: World, box: RuntimeEngine) -> tuple[str, str]:
    """Give the two passwords as the environment reads them."""
    files = box.handed(container(world))
    return files["warehouse/secrets/password"], files["billing/secrets/password"]


def test_each_start_resolves_anew(world: World, box: RuntimeEngine, running: Manager, place: Path) -> None:
    """A password that was changed while the environment was stopped is there at its next start."""
    assert passwords(world, box) == (OLD, "billing-p4ssword")
    run(running, running.plan_stop("work"))
    place.write_text(NEW)

    run(running, world.manager().plan_start("work"))

    assert passwords(world, box) == (NEW, "billing-p4ssword")


def test_a_running_environment_gets_what_has_changed_and_nothing_else(
    world: World, box: RuntimeEngine, running: Manager, place: Path
) -> None:
    """The plan names the connection; token, IDE and the other connection's files go on as they were."""
    work = container(world)
    token = (box.folder(work) / "token").read_bytes()
    before = (box.folder(work) / "connections/billing/url").stat().st_ino
    place.write_text(NEW)

    plan = world.manager().plan_start("work")

    assert plan.text() == (
        "plan: start work (as of 2026-11-21)\n"
        "  1. deliver connections work  - -> warehouse\n"
        "      because the files of warehouse have changed since it got them"
    )
    run(world.manager(), plan)
    files = box.handed(work)
    assert files["warehouse/secrets/password"] == NEW
    assert NEW in files["warehouse/url"]
    assert NEW in files["warehouse/dsn"]
    assert (box.folder(work) / "token").read_bytes() == token
    assert (box.folder(work) / "connections/billing/url").stat().st_ino == before
    assert not list(box.folder(work).glob(".fresh*"))
    assert not world.manager().plan_start("work"), "planning again gives nothing"


def test_delivered_files_are_for_the_user_alone(
    world: World, box: RuntimeEngine, running: Manager, place: Path
) -> None:
    """As those of a start are."""
    place.write_text(NEW)
    run(running, running.plan_start("work"))

    for path in (box.folder(container(world)) / "connections/warehouse").rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600)


def test_a_file_is_replaced_and_never_written_into(
    world: World, box: RuntimeEngine, running: Manager, place: Path
) -> None:
    """Whoever has the old one open reads the old one to its end."""
    with (box.folder(container(world)) / "connections/warehouse/secrets/password").open() as held:
        place.write_text(NEW)
        run(running, running.plan_start("work"))

        assert held.read() == OLD


def test_what_a_connection_no_longer_says_is_taken_away(world: World, box: RuntimeEngine, running: Manager) -> None:
    """A secret that was dropped from the connection does not stay behind."""
    file = running.settings.connections_dir / "warehouse.toml"
    file.write_text(file.read_text().partition("[secrets]")[0])

    run(running, running.plan_start("work"))

    assert "warehouse/secrets/password" not in box.handed(container(world))
    assert "warehouse/url" in box.handed(container(world))


def test_a_secret_that_cannot_be_had_leaves_the_old_files_whole(
    world: World, box: RuntimeEngine, running: Manager, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither the broken connection's nor the other's are touched, although that one has changed."""
    before = box.handed(container(world))
    place.write_text(NEW)
    monkeypatch.delenv("BILLING")

    with pytest.raises(Refused, match="the password of connection billing cannot be read") as caught:
        world.manager().plan_start("work")

    assert "env:BILLING" in caught.value.why
    assert "BILLING" in caught.value.hint
    assert box.handed(container(world)) == before


@pytest.mark.parametrize("cut", [0, 512, 1024, 2048, 3000])
def test_a_stream_that_breaks_off_leaves_the_old_files_whole(
    world: World, box: RuntimeEngine, running: Manager, place: Path, cut: int
) -> None:
    """Wherever that is, also between two files, where tar itself sees nothing wrong."""
    before = box.handed(container(world))
    place.write_text(NEW)
    plan = running.plan_start("work")
    box.cut = cut

    error = ended(running, plan)

    assert isinstance(error, Failed)
    assert box.handed(container(world)) == before
    assert not list(box.folder(container(world)).glob(".fresh*"))
    box.cut = None
    run(running, running.plan_start("work"))
    assert passwords(world, box)[0] == NEW


def test_what_a_killed_delivery_left_is_cleared_away(
    world: World, box: RuntimeEngine, running: Manager, place: Path
) -> None:
    """It holds secrets, so the next one removes it."""
    left = box.folder(container(world)) / ".fresh.abc123"
    left.mkdir()
    (left / "url").write_text(OLD)
    place.write_text(NEW)

    run(running, running.plan_start("work"))

    assert not left.exists()


def test_no_secret_is_in_a_delivery_s_words_events_or_history(
    world: World, box: RuntimeEngine, running: Manager, place: Path
) -> None:
    """It travels on standard input; the paths of files are all that a process list could show."""
    place.write_text(NEW)
    plan = running.plan_start("work")

    events = run(running, plan)

    told = repr(events) + repr(plan) + json.dumps(plan.to_json()) + repr(world.store.entries) + repr(box.calls)
    assert NEW not in told
    assert "connections/warehouse/url" in repr(box.calls), "the negative control: the words were recorded"
    assert world.store.entries[-1].kind == "deliver connections"
    assert world.store.entries[-1].after == "warehouse"


def test_a_quarantined_build_gets_no_new_secrets(world: World, running: Manager, place: Path) -> None:
    """It is forbidden at once; while nothing has changed there is nothing to refuse."""
    world.store.set_status(world.store.kept[0].digest, BuildStatus.QUARANTINED, "broken")
    assert not running.plan_start("work")
    place.write_text(NEW)

    with pytest.raises(Refused, match="is quarantined"):
        running.plan_start("work")


def test_an_environment_that_was_stopped_meanwhile_is_said(world: World, running: Manager, place: Path) -> None:
    """A delivery to nobody is no success."""
    place.write_text(NEW)
    plan = running.plan_start("work")
    run(running, running.plan_stop("work"))

    assert ended(running, plan).message == "work does not run any more"


@pytest.mark.parametrize("launches", [True, False], ids=["launch", "start"])
def test_a_missing_secret_is_refused_before_anything_is_made(
    world: World, box: RuntimeEngine, monkeypatch: pytest.MonkeyPatch, launches: bool
) -> None:
    """With the reference's name and a way to give it; the negative control is the launch that follows."""
    if not launches:
        monkeypatch.setenv("BILLING", OLD)
        manager = world.launch(connections=("billing",))
        run(manager, manager.plan_stop("work"))
        monkeypatch.delenv("BILLING")
    manager, box.calls[:] = world.manager(), []
    request = LaunchRequest(RELEASE, name="work", connections=("billing",))

    with pytest.raises(Refused) as caught:
        manager.plan_launch(request) if launches else manager.plan_start("work")

    assert caught.value.message == "the password of connection billing cannot be read"
    assert caught.value.why == "the secret env:BILLING is not there; the environment variable BILLING is not set"
    assert caught.value.hint == "read -rs BILLING && export BILLING"
    changes = {"create", "create_volume", "create_network", "start"}
    assert not changes & {name for name, _ in box.calls}
    monkeypatch.setenv("BILLING", NEW)
    run(manager, manager.plan_launch(request) if launches else manager.plan_start("work"))
    assert box.handed(container(world))["billing/secrets/password"] == NEW


def test_a_command_runs_once_for_a_launch(world: World, box: RuntimeEngine, tmp_path: Path) -> None:
    """A vault is asked before anything is made, and what it said a moment ago is what is handed over."""
    counter = tmp_path / "asked"
    script = tmp_path / "give"
    script.write_text(f"#!/bin/sh\necho x >> {counter}\necho {NEW}\n")
    script.chmod(0o700)
    manager = world.manager()
    manager.add_connection(
        "vault", "postgresql", url="postgresql://ana@db/vault", secrets={"password": f"exec:{script}"}
    )

    run(manager, manager.plan_launch(LaunchRequest(RELEASE, name="work", connections=("vault",))))

    assert counter.read_text().split() == ["x"]
    assert box.handed(container(world))["vault/secrets/password"] == NEW


def test_what_was_resolved_long_ago_is_resolved_again(
    world: World, box: RuntimeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A plan may wait for a build, or for its reader."""
    monkeypatch.setenv("BILLING", OLD)
    manager = world.manager()
    plan = manager.plan_launch(LaunchRequest(RELEASE, name="work", connections=("billing",)))
    manager.prepared_files.seconds = 0
    monkeypatch.setenv("BILLING", NEW)

    run(manager, plan)

    assert box.handed(container(world))["billing/secrets/password"] == NEW


def test_a_failing_vault_tells_nobody_what_it_printed(
    world: World, box: RuntimeEngine, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Neither its standard error nor the half of a secret that it printed reaches an error, a stream or the history."""
    script = tmp_path / "give"
    script.write_text(f"#!/bin/sh\necho {NEW}\necho denied for {NEW} >&2\nexit 2\n")
    script.chmod(0o700)
    manager = world.manager()
    manager.add_connection(
        "vault", "postgresql", url="postgresql://ana@db/vault", secrets={"password": f"exec:{script}"}
    )

    with pytest.raises(ManagerError) as caught:
        manager.plan_launch(LaunchRequest(RELEASE, name="work", connections=("vault",)))

    chain: list[BaseException | None] = [caught.value, caught.value.__cause__, caught.value.__context__]
    shown = "".join(capfd.readouterr()) + repr([(one, vars(one)) for one in chain if one]) + repr(world.store.entries)
    assert NEW not in shown
    assert f"exec:{script} ended with 2" in caught.value.why
