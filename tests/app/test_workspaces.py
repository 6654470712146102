"""Workspaces through the Python API: cloned, measured, remembered, with folders of the administrator's list."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from manager.app.settings import load
from manager.core.environments import LaunchRequest
from manager.core.mounts import HostFolder
from manager.errors import Failed, Interrupted, ManagerError, Refused, Unreachable, UsageError
from tests.app.conftest import RELEASE, World, ended, run
from tests.app.test_faults import attempt, attempts, heal, kill_at
from tests.fakes.engine import Outcome

if TYPE_CHECKING:
    from pathlib import Path

    from manager.app.manager import Manager

URL = "https://git.example/team/work.git"
TOKEN = "glpat-hunter2-in-clear"
COMMIT = "0123456789abcdef0123456789abcdef01234567"
PYTHON = ("/usr/bin/python3", "-I", "-c")


def clones(world: World, **end: str) -> list[dict[str, Any]]:
    """Teach the engine how a clone ends; gives what each sandbox was asked on its standard input."""
    asked: list[dict[str, Any]] = []

    def behave(_: str, stdin: bytes) -> Outcome:
        asked.append(json.loads(stdin))
        lines = [{"say": "Receiving objects: 50%"}, {"branch": "main", "commit": COMMIT, "reason": "", **end}]
        return Outcome(stdout=b"".join(json.dumps(line).encode() + b"\n" for line in lines))

    world.engine.teach(PYTHON, behave)
    return asked


def launch(manager: Manager, **more: Any) -> Any:
    """Plan a launch from the repository."""
    return manager.plan_launch(LaunchRequest(RELEASE, **{"name": "work", "git": URL, **more}))


def with_folder(world: World, folder: Path, **more: Any) -> Manager:
    """Give a Manager whose machine lists a folder as ``data``."""
    manager = world.manager()
    one = HostFolder("data", str(folder), "rw", "/mnt/data", **more)
    manager.settings = replace(manager.settings, mounts=(one,))
    return manager


# -- git ------------------------------------------------------------------------------------------------------


def test_a_workspace_is_cloned_in_a_hardened_sandbox(world: World) -> None:
    """It sees the workspace and the network alone, gets the question over standard input, and is gone afterwards."""
    asked = clones(world, outcome="cloned")
    manager, specs = world.manager(), []
    world.engine.before.append(
        lambda method, words: specs.append(words[0]) if method == "create" and words[0].entrypoint else None
    )

    run(manager, launch(manager, git=f"{URL}#main"))

    (spec,) = specs
    assert [(one.target, one.kind) for one in spec.mounts] == [("/workspace", "volume")]
    assert (spec.networks, spec.publish, spec.environment) == (("solvent-environments",), (), ())
    assert dict(spec.labels)["io.solvent.kind"] == "sandbox"
    assert (asked[0]["url"], asked[0]["ref"], asked[0]["password"]) == (URL, "main", "")
    assert [one.name for one in world.engine.containers({})] == [manager.environment("work").environment.container]
    done = next(one for one in world.store.entries if one.kind == "clone workspace")
    assert done.after == f"{URL}#main at {COMMIT[:12]}"
    assert manager.workspace("work").origin == f"{URL}#main"


@pytest.mark.parametrize(
    ("secret", "login"),
    [(TOKEN, ("git", TOKEN)), (f"ana:{TOKEN}", ("ana", TOKEN)), (f"ana:{TOKEN}:x", ("ana", f"{TOKEN}:x"))],
)
def test_a_secret_travels_over_standard_input_alone(
    world: World, monkeypatch: pytest.MonkeyPatch, secret: str, login: tuple[str, str]
) -> None:
    """Neither specification, labels, history nor plan know it; a command that prints it runs once."""
    monkeypatch.setenv("GIT_TOKEN", secret)
    asked = clones(world, outcome="cloned")
    manager = world.manager()

    plan = launch(manager, git_secret="env:GIT_TOKEN")
    monkeypatch.delenv("GIT_TOKEN")
    run(manager, plan)

    assert (asked[0]["user"], asked[0]["password"]) == login
    calls = [words for method, words in world.engine.calls if method != "start"]
    assert TOKEN not in repr((calls, world.engine.specs, world.store.entries, plan, world.engine.volumes({})))


def test_a_secret_that_cannot_be_had_is_known_before_anything_is_made(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The reference is named, and there is no volume."""
    monkeypatch.delenv("GIT_TOKEN", raising=False)

    with pytest.raises(UsageError, match="env:GIT_TOKEN is not there"):
        launch(world.manager(), git_secret="env:GIT_TOKEN")

    assert world.engine.volumes({}) == ()


@pytest.mark.parametrize(
    ("reason", "hint"),
    [
        ("could not read Username for 'https://git.example': terminal prompts disabled", "--git-secret env:NAME"),
        ("Authentication failed for 'https://git.example/'", "the secret is not right"),
        ("repository 'https://git.example/team/work.git/' not found", "see to the address"),
        ("the repository has no branch, tag or commit nowhere", f"git ls-remote {URL}"),
        ("unable to access 'https://git.example/': Could not resolve host: git.example", "proxy  in [mirror]"),
    ],
)
def test_a_clone_that_failed_names_gits_reason_and_leaves_no_workspace(world: World, reason: str, hint: str) -> None:
    """Nor an environment; the same command works once the reason is gone."""
    clones(world, outcome="failed", reason=reason)
    manager = world.manager()

    error = ended(manager, launch(manager))

    assert (type(error), error.why) == (Failed, reason)
    assert hint in error.hint
    assert world.engine.containers({}) == ()
    assert [one.name for one in world.engine.volumes({})] == [f"solvent-home-{manager.settings.owner}-jupyterlab"]
    clones(world, outcome="cloned")
    run(manager, launch(manager))
    assert manager.environment("work").environment.state == "running"


def test_other_files_are_refused_and_the_workspace_stays(world: World) -> None:
    """It is somebody's work."""
    manager = world.launch("work")
    run(manager, manager.plan_remove("work"))
    clones(world, outcome="other", reason="it holds thesis.txt")

    error = ended(manager, launch(manager))

    assert (type(error), error.why) == (Refused, "it holds thesis.txt")
    assert [one.name for one in manager.workspaces()] == ["work"]


def test_the_same_clone_is_said_and_remembered(world: World) -> None:
    """The next launch knows it without looking."""
    manager = world.launch("work")
    run(manager, manager.plan_remove("work"))
    asked = clones(world, outcome="same")

    events = run(manager, launch(manager))

    notes = [getattr(result, "note", "") for result in events[-1].results.values()]  # type: ignore[union-attr]
    assert "workspace work is this clone already, on main: it is left as it is" in notes
    run(manager, launch(manager, name="two", workspace="work"))
    assert len(asked) == 1


def test_a_person_who_stops_a_clone_leaves_nothing(world: World) -> None:
    """The sandbox is asked to end first, so that it takes away what it has begun."""
    world.engine.teach(PYTHON, Outcome(stdout=b'{"say": "1%"}\n', ends="when stopped"))
    world.engine.fail("logs", Interrupted("stopped"))
    manager = world.manager()

    assert ended(manager, launch(manager)).code == 130

    methods = [method for method, _ in world.engine.calls]
    assert methods.index("stop") < len(methods) - methods[::-1].index("remove")
    assert world.engine.containers({}) == ()
    assert [one.labels["io.solvent.kind"] for one in world.engine.volumes({})] == ["home"]


def test_a_sandbox_that_says_nothing_is_a_failure(world: World) -> None:
    """With the last lines that it printed."""
    world.engine.teach(PYTHON, Outcome(code=137, stderr=b"Killed\n"))
    manager = world.manager()

    error = ended(manager, launch(manager))

    assert (error.message, error.why) == (f"{URL} was not cloned", "Killed")


def test_what_a_killed_clone_left_is_replaced_and_hinders_no_removal(world: World) -> None:
    """Its container holds the workspace; the next clone takes its place, and a removal takes it away."""
    manager = world.launch("other")
    volume = f"solvent-ws-{manager.settings.owner}-work"

    def leave() -> None:
        from manager.core.containers import ContainerSpec, Mount

        labels = manager.names.labels("workspace", owner=manager.settings.owner, workspace="work")
        world.engine.create_volume(volume, dict(labels))
        digest = world.store.kept[0].digest
        world.engine.create(
            ContainerSpec(f"{volume}-clone", digest, manager.names.labels("sandbox"), mounts=(Mount(volume, "/w"),))
        )

    leave()
    run(manager, manager.plan_remove_workspace("work"))
    assert world.engine.volume(volume) is None
    leave()
    clones(world, outcome="cloned")
    run(manager, launch(manager))

    assert {one.labels["io.solvent.kind"] for one in world.engine.containers({})} == {"environment"}


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("number", range(26))
def test_a_launch_from_git_that_was_killed_is_launched_by_the_next_run(world: World, number: int, when: str) -> None:
    """At each call of the engine: no sandbox is left, the workspace is there once, and it is known what it is."""
    clones(world, outcome="cloned")
    kill_at(world, number, when)
    attempt(world, launch)
    heal(world)

    manager = world.manager()
    with suppress(Refused):  # where the container runs already, the launch says so
        run(manager, launch(manager))

    (box,) = world.engine.containers({})
    assert (box.labels["io.solvent.kind"], box.state) == ("environment", "running")
    assert len(world.engine.volumes({})) == 2
    assert manager.workspace("work").origin == URL


def test_the_kills_of_a_launch_from_git_reach_every_call(world: World) -> None:
    """The negative control of the range above."""
    clones(world, outcome="cloned")
    assert attempts(world, launch) <= 26


def test_two_commands_do_not_fill_one_workspace(world: World) -> None:
    """The second one hears of the first."""
    clones(world, outcome="cloned")
    one, two = world.manager(), world.manager()
    assert one.claims.take(f"solvent-ws-{one.settings.owner}-work")

    with pytest.raises(Refused, match="workspace work is being filled by another command"):
        run(two, launch(two))


# -- folders --------------------------------------------------------------------------------------------------


def test_a_listed_folder_comes_along_and_is_shown(world: World, tmp_path: Path) -> None:
    """As the list says, or narrowed; text and JSON tell."""
    manager = with_folder(world, tmp_path)

    run(manager, launch(manager, git="", mounts=("data:ro",)))

    view = manager.environment("work")
    spec = world.engine.specs[view.environment.container]
    assert [(one.source, one.target, one.read_only) for one in spec.mounts if one.kind == "bind"] == [
        (str(tmp_path), "/mnt/data", True)
    ]
    assert view.to_json()["mounts"] == [{"name": "data", "path": str(tmp_path), "target": "/mnt/data", "mode": "ro"}]


def test_a_folder_that_is_missing_is_known_before_anything_is_made(world: World, tmp_path: Path) -> None:
    """An engine would say so much later, and less clearly."""
    manager = with_folder(world, tmp_path / "gone")

    with pytest.raises(Refused, match="the folder of mount data is not there"):
        launch(manager, git="", mounts=("data",))

    assert world.engine.volumes({}) == ()


def test_an_engine_elsewhere_sees_other_folders(world: World, tmp_path: Path) -> None:
    """Then only it can tell."""
    manager = with_folder(world, tmp_path / "on-the-other-machine")
    manager.settings = replace(manager.settings, engine_url="tcp://engine.example:2376")

    assert launch(manager, git="", mounts=("data",)).steps


@pytest.mark.parametrize("change", ["unlisted", "missing"])
def test_a_start_without_its_folder_is_refused(world: World, tmp_path: Path, change: str) -> None:
    """Whether the list changed or the folder is gone; the container stays as it is."""
    folder = tmp_path / "data"
    folder.mkdir()
    manager = with_folder(world, folder)
    run(manager, launch(manager, git="", mounts=("data",)))
    run(manager, manager.plan_stop("work"))
    run(manager, manager.plan_start("work"))
    run(manager, manager.plan_stop("work"))
    if change == "missing":
        folder.rmdir()
    else:
        manager.settings = replace(manager.settings, mounts=())

    with pytest.raises(Refused) as caught:
        manager.plan_start("work")

    assert "data" in caught.value.message
    assert manager.environment("work").environment.state == "stopped"


# -- sizes and times ------------------------------------------------------------------------------------------


def test_a_list_measures_and_a_launch_does_not(world: World) -> None:
    """What was measured is remembered with its time; the launch reads it."""
    manager = world.launch("work")
    assert not [method for method, _ in world.engine.calls if method == "volume_sizes"]
    world.engine.sizes[f"solvent-ws-{manager.settings.owner}-work"] = 3 * 1024**2

    (view,) = manager.workspaces()

    assert (view.size, view.measured, view.room) == (3 * 1024**2, manager.clock.now(), "within")
    assert world.store.usages()[0].size == 3 * 1024**2


def test_an_engine_that_takes_too_long_leaves_the_size_of_the_last_time(world: World) -> None:
    """Before the first time there is none, and none is invented."""
    manager = world.launch("work")
    volume = f"solvent-ws-{manager.settings.owner}-work"
    world.engine.fail("volume_sizes", Failed("too long"))
    assert manager.workspace("work").to_json()["bytes"] is None
    assert manager.workspace("work").size == 0
    world.engine.sizes[volume] = 5
    manager.workspaces()
    world.engine.sizes[volume] = 9
    world.engine.fail("volume_sizes", Failed("too long"))

    assert manager.workspace("work").size == 5


def test_a_stop_measures_and_remembers_the_use(world: World) -> None:
    """Even where that fails, the environment is stopped."""
    manager = world.launch("work")
    world.engine.sizes[f"solvent-ws-{manager.settings.owner}-work"] = 7
    run(manager, manager.plan_stop("work"))
    first = world.store.usages()[0]
    run(manager, manager.plan_start("work"))
    world.engine.fail("volume_sizes", Unreachable("gone"), times=None)
    run(manager, manager.plan_stop("work"))

    assert (first.size, first.used) == (7, manager.clock.now())
    assert manager.environment("work").environment.state == "stopped"


def test_what_is_over_its_budget_is_in_status_and_in_the_plan(world: World) -> None:
    """A warning everywhere, and nothing is blocked; without a budget there is nothing to say."""
    manager = world.launch("work")
    world.engine.sizes[f"solvent-ws-{manager.settings.owner}-work"] = 21 * 1024**3
    run(manager, manager.plan_stop("work"))

    (matter,) = [one for one in manager.status() if one.kind == "budget"]
    plan = manager.plan_start("work")

    assert (matter.subject, matter.pay) == ("work", "solvent workspace show work")
    assert "held 21 GB" in plan.notes[0]
    assert manager.workspace("work").to_json()["budget"] == {"bytes": 20 * 1024**3, "state": "over"}
    run(manager, plan)
    manager.settings = replace(manager.settings, workspace_budget="0")
    assert [one for one in manager.status() if one.kind == "budget"] == []
    assert manager.workspace("work").to_json()["budget"] == {"bytes": None, "state": "unlimited"}


def test_when_a_workspace_was_made_does_not_change(world: World) -> None:
    """The engine's own time is another one after it was restarted; the label's is not."""
    manager = world.launch("work")
    before = manager.workspace("work").created
    volume = f"solvent-ws-{manager.settings.owner}-work"
    world.engine._volumes[volume] = replace(world.engine._volumes[volume], created="2031-01-01T00:00:00Z")

    assert manager.workspace("work").created == before == manager.clock.now().isoformat(timespec="seconds")


def test_who_uses_a_workspace_is_told(world: World) -> None:
    """Names as before, and with release and state; what nobody uses was used last when it was."""
    manager = world.launch("work")
    found = manager.workspace("work").to_json()
    run(manager, manager.plan_stop("work"))
    run(manager, manager.plan_remove("work"))

    assert found["environments"] == ["work"]
    assert found["used_by"] == [{"name": "work", "release": RELEASE, "state": "running"}]
    later = manager.workspace("work").to_json()
    assert (later["environments"], later["last_used"]) == ([], found["last_used"])


def test_a_removed_workspace_is_forgotten(world: World) -> None:
    """One of the same name begins anew."""
    clones(world, outcome="cloned")
    manager = world.manager()
    run(manager, launch(manager))
    run(manager, manager.plan_remove("work", delete_workspace=True))
    run(manager, manager.plan_launch(LaunchRequest(RELEASE, name="work")))

    assert manager.workspace("work").origin == ""


# -- settings -------------------------------------------------------------------------------------------------


def test_the_machines_file_lists_folders(tmp_path: Path) -> None:
    """With defaults for mode and place; ``config show`` gives each with its line."""
    from manager.app.settings import shown

    machine = tmp_path / "machine.toml"
    machine.write_text(
        '[mounts.data]\npath = "/srv/data"\n\n[mounts.models]\npath = "/srv/models"\nmode = "rw"\n'
        'target = "/models"\nwho = ["ana", "@ml"]\n'
    )

    settings = load({"SOLVENT_HOME": str(tmp_path / "home")}, machine)

    assert settings.mounts == (
        HostFolder("data", "/srv/data", "ro", "/mnt/data", (), f"{machine}:1"),
        HostFolder("models", "/srv/models", "rw", "/models", ("ana", "@ml"), f"{machine}:4"),
    )
    rows = {one.name: (one.value, one.origin) for one in shown(settings)}
    assert rows["mounts.models"] == ("/srv/models at /models rw for ana, @ml", f"{machine}:4")


@pytest.mark.parametrize(
    ("text", "key", "line"),
    [
        ("mounts = 3\n", "mounts", 1),
        ("[mounts]\ndata = 3\n", "mounts.data", 0),
        ("[mounts.data]\n", "mounts.data", 1),
        ('[mounts.data]\npath = "srv"\n', "mounts.data.path", 2),
        ('[mounts.data]\npath = "/"\n', "mounts.data.path", 2),
        ('[mounts.data]\npath = "/srv/../etc"\n', "mounts.data.path", 2),
        ('[mounts.data]\npath = "/srv"\nmode = "w"\n', "mounts.data.mode", 3),
        ('[mounts.data]\npath = "/srv"\ntarget = "/workspace/x"\n', "mounts.data.target", 3),
        ('[mounts.data]\npath = "/srv"\ntarget = "/run/solvent"\n', "mounts.data.target", 3),
        ('[mounts.data]\npath = "/srv"\nwho = "ana"\n', "mounts.data.who", 3),
        ('[mounts.data]\npath = "/srv"\nmodes = "ro"\n', "mounts.data.modes", 3),
        ('[mounts.Data]\npath = "/srv"\n', "mounts.Data", 1),
    ],
)
def test_a_wrong_entry_is_named_with_its_line(tmp_path: Path, text: str, key: str, line: int) -> None:
    """File, line and key, before anything else is done."""
    machine = tmp_path / "machine.toml"
    machine.write_text(text)

    with pytest.raises(ManagerError) as caught:
        load({"SOLVENT_HOME": str(tmp_path / "home")}, machine)

    (problem,) = caught.value.problems  # type: ignore[attr-defined]
    assert (problem.file, problem.line, problem.key) == (str(machine), line, key)


def test_a_persons_file_grants_no_folder(tmp_path: Path) -> None:
    """It is the administrator's to decide, and the hint names the file."""
    (tmp_path / "home/config").mkdir(parents=True)
    (tmp_path / "home/config/config.toml").write_text('[mounts.root]\npath = "/"\n')

    with pytest.raises(ManagerError) as caught:
        load({"SOLVENT_HOME": str(tmp_path / "home")}, tmp_path / "none.toml")

    (problem,) = caught.value.problems  # type: ignore[attr-defined]
    assert (problem.key, problem.hint) == ("mounts", "set it in /etc/solvent/config.toml")


@pytest.mark.parametrize(("text", "size"), [("20g", 20 * 1024**3), ("0", 0)])
def test_the_budget_is_a_size(tmp_path: Path, text: str, size: int) -> None:
    """And 0 is none; anything else is refused."""
    environ = {"SOLVENT_HOME": str(tmp_path), "SOLVENT_WORKSPACE_BUDGET": text}

    assert load(environ, tmp_path / "none.toml").workspace_budget_bytes == size
    with pytest.raises(UsageError, match="SOLVENT_WORKSPACE_BUDGET"):
        load(environ | {"SOLVENT_WORKSPACE_BUDGET": "much"}, tmp_path / "none.toml")
