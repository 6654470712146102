"""Environments on a real engine: launched, used, stopped, started, removed; and everything that gets in the way."""

from __future__ import annotations

import base64
import json
import os
import re
import signal
import socket
import subprocess
import urllib.error
import urllib.request
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from manager.core.names import Names
from manager.errors import Refused
from manager.world import jupyter
from tests.fakes.wheels import Shelf
from tests.system.support_running import address, cell
from tests.system.world import docker

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.system.world import World

pytestmark = [pytest.mark.engine, pytest.mark.slow]

NAME = "flow"
KEYS = {"name", "family", "release", "stage", "build", "digest", "owner", "workspace", "state", "url", "ready_seconds",
        "connections"}  # fmt: skip
URL = re.compile(r"http://127\.0\.0\.1:(\d+)/lab\?token=([\w-]{43,})")
SITE = "/workspace/.solvent"


@pytest.fixture(scope="module")
def document(ready_world: World) -> Iterator[Any]:
    """Launch the environment that most tests use; give what the launch printed."""
    words = ("env", "launch", "jupyterlab", "--name", NAME, "--connection", "warehouse", "-o", "json")
    yield json.loads(ready_world(*words).stdout)
    _gone(ready_world, NAME)


@pytest.fixture
def flow(ready_world: World, document: Any) -> World:
    """Give the world in which that environment is."""
    return ready_world


@pytest.fixture
def spare(ready_world: World) -> Iterator[World]:
    """Give the world, and take an environment named ``spare`` away afterwards, with its workspace."""
    yield ready_world
    _gone(ready_world, "spare")


def _gone(world: World, name: str) -> None:
    world("env", "remove", name, "--delete-workspace", "--approve-destructive", code=None)
    world("workspace", "remove", name, "--approve-destructive", code=None)


def _container(world: World, name: str) -> str:
    found = docker("ps", "-a", "--format", "{{.Names}}", "--filter", f"label=io.solvent.environment={name}",
                   "--filter", f"label=io.solvent.realm={world.realm}").split()  # fmt: skip
    assert len(found) == 1, found
    return found[0]


def _port(url: str) -> int:
    found = URL.fullmatch(url)
    assert found
    return int(found[1])


def _status(url: str) -> int:
    """Ask for a page; give the status."""
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


# -- what it is ----------------------------------------------------------------------------------------------


def test_a_launch_prints_the_documented_document(flow: World, document: Any) -> None:
    """Schema 1, with the release's full name, a token of 43 characters, and the seconds that it took."""
    found = document["environment"]

    assert document["schema"] == 1
    assert found.keys() >= KEYS
    assert (found["name"], found["workspace"], found["family"]) == (NAME, NAME, "jupyterlab")
    assert (found["release"], found["stage"], found["state"]) == ("jupyterlab:4.6-py3.13", "active", "running")
    assert found["connections"] == ["warehouse"]
    assert URL.fullmatch(found["url"])
    assert 0 < found["ready_seconds"] < 90
    assert docker("inspect", "--format", "{{.Image}}", _container(flow, NAME)).strip() == found["digest"]


def test_show_has_the_same_keys_and_list_has_no_url(flow: World) -> None:
    """The URL with its token comes from launch, show and open only."""
    listed = {one["name"]: one for one in flow.json("env", "list")["environments"]}

    shown = flow.environment(NAME)
    assert shown.keys() >= KEYS
    assert isinstance(shown["ready_seconds"], float)
    assert listed[NAME].keys() >= KEYS
    assert listed[NAME]["url"] is None
    assert NAME in flow("env", "list", "-q").stdout.split()
    assert "token" not in flow("env", "list", "-o", "wide").stdout


def test_quiet_show_and_open_print_the_url_alone(flow: World) -> None:
    """Both the one that works."""
    url = flow("env", "show", NAME, "-q").stdout

    assert URL.fullmatch(url.strip())
    assert flow("env", "open", NAME, "-q").stdout == url
    assert _status(url.strip()) == 200


def test_it_is_published_on_the_loopback_address_only_under_its_own_name(flow: World) -> None:
    """No other address of the machine leads to it; its container's name has the environment's in it."""
    container = _container(flow, NAME)

    ports = json.loads(docker("inspect", "--format", "{{json .NetworkSettings.Ports}}", container))
    assert NAME in container
    assert [(one["HostIp"], int(one["HostPort"])) for some in ports.values() for one in some or ()] == [
        ("127.0.0.1", _port(flow.environment(NAME)["url"]))
    ]


def test_logs_are_the_servers_own_without_the_token(flow: World) -> None:
    """The last lines where they are asked for."""
    token = address(flow, NAME)[1]

    said = flow("env", "logs", NAME).stdout
    assert "Jupyter Server" in said
    assert token not in said
    assert len(flow("env", "logs", NAME, "--tail", "2").stdout.splitlines()) == 2


def test_a_shell_runs_a_command_and_ends_as_it_does(flow: World) -> None:
    """Its output on stdout, its exit code; options after -- are the command's."""
    assert flow("env", "shell", NAME, "--", "sh", "-c", "id -u; exit 7", code=7).stdout == "1000\n"


def test_a_wrong_token_is_refused(flow: World) -> None:
    """By the server with 403, and by the client as Refused with the command that shows the present one."""
    base, token = address(flow, NAME)
    wrong = token[:-1] + ("a" if token[-1] != "a" else "b")

    assert _status(f"{base}/api/kernels?token={wrong}") == 403
    assert _status(f"{base}/api/kernels") == 403
    assert _status(f"{base}/api/kernels?token={token}") == 200
    with pytest.raises(Refused, match="does not accept this token"):
        jupyter.run_cell(base, wrong, "1")


# -- stop and start ------------------------------------------------------------------------------------------


def test_what_pip_installs_is_there_at_once_and_after_a_restart(flow: World, tmp_path: Path) -> None:
    """In the same kernel, in the workspace; a restart keeps the port, changes the token, and closes its tmpfs."""
    wheel = Shelf(tmp_path).add("solventtiny", "1.2.3")
    content = base64.b64encode(wheel.read_bytes()).decode()
    put = f"import base64; open('/workspace/{wheel.name}', 'wb').write(base64.b64decode('{content}'))"
    show = "import solventtiny; print('got', solventtiny.__version__, solventtiny.__file__)"
    base, before = address(flow, NAME)

    said = cell(flow, NAME, f"{put}\n%pip install --no-index /workspace/{wheel.name}\n{show}")
    assert f"got 1.2.3 {SITE}" in said

    assert flow("env", "stop", NAME).stdout == f"{NAME}\n"
    assert flow.environment(NAME)["state"] == "stopped"
    assert f"solvent env start {NAME}" in flow("env", "open", NAME, code=5).stderr
    flow("env", "start", NAME)

    again, after = address(flow, NAME)
    assert again == base
    assert after != before
    assert _status(f"{base}/api/kernels?token={before}") == 403
    assert f"got 1.2.3 {SITE}" in cell(flow, NAME, show)
    modes = flow("env", "shell", NAME, "--", "stat", "-c", "%a %U", "/run/solvent", "/run/solvent/connections").stdout
    assert modes.splitlines() == ["700 solvent", "700 solvent"]


def test_started_without_its_credentials_it_says_how_to_start_it(spare: World) -> None:
    """Whoever uses the engine's own start gets exit code 78 (EX_CONFIG) and the command; then that works."""
    spare("env", "launch", "jupyterlab", "--name", "spare")
    spare("env", "stop", "spare")

    # Attached to nothing to read, because without that the entry point waits 20 s for the credentials.
    plain = subprocess.run(
        ("docker", "start", "--attach", "--interactive", _container(spare, "spare")),
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip

    assert plain.returncode == 78
    assert "solvent env start NAME" in spare("env", "logs", "spare", "--tail", "2").stdout
    assert spare.environment("spare")["state"] == "stopped"
    spare("env", "start", "spare")
    assert cell(spare, "spare", "print(6 * 7)") == "42\n"


def test_stopping_and_starting_twice_is_fine(spare: World) -> None:
    """There is nothing to do the second time, and it says so."""
    spare("env", "launch", "jupyterlab", "--name", "spare")

    assert "nothing to do" in spare("env", "start", "spare").stderr
    spare("env", "stop", "spare")
    assert "nothing to do" in spare("env", "stop", "spare").stderr


# -- what outlives it ----------------------------------------------------------------------------------------


def test_files_and_settings_outlive_it_and_only_a_yes_deletes_files(spare: World) -> None:
    """Another environment finds them by --workspace; without approval nothing goes, with it the workspace only."""
    spare("env", "launch", "jupyterlab", "--name", "spare")
    cell(spare, "spare", "open('/workspace/a.txt', 'w').write('file'); open('/home/solvent/b', 'w').write('setting')")
    assert "the files stay in workspace spare" in spare("env", "remove", "spare").stderr

    spare("env", "launch", "jupyterlab", "--name", "heir", "--workspace", "spare")
    try:
        read = "print(open('/workspace/a.txt').read(), open('/home/solvent/b').read())"
        assert cell(spare, "heir", read) == "file setting\n"

        refused = spare("env", "remove", "heir", "--delete-workspace", code=5)
        assert "it is destructive: delete workspace spare" in refused.stderr
        assert "--approve-destructive" in refused.stderr
        assert spare.environment("heir")["state"] == "running"
    finally:
        spare("env", "remove", "heir", "--delete-workspace", "--approve-destructive")

    assert "spare" not in [one["name"] for one in spare.json("workspace", "list")["workspaces"]]
    spare("env", "launch", "jupyterlab", "--name", "spare")
    look = "import os; print(os.path.exists('/workspace/a.txt'), os.path.exists('/home/solvent/b'))"
    assert cell(spare, "spare", f"{look}; os.unlink('/home/solvent/b')") == "False True\n"


# -- what gets in the way ------------------------------------------------------------------------------------


def test_of_two_launches_of_one_name_one_wins_and_the_other_says_so(spare: World) -> None:
    """Exit codes 0 and 5; one container, one URL, and it works."""
    words = spare.command("env", "launch", "jupyterlab", "--name", "spare", "--no-input")
    both = [
        subprocess.Popen(words, env=spare.environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    ended = [(*one.communicate(timeout=120), one.returncode) for one in both]

    (url, _, won), (nothing, said, lost) = sorted(ended, key=lambda one: one[2])
    assert (won, lost) == (0, 5), ended
    assert nothing == ""
    assert re.search(r"^error: .*spare", said, re.MULTILINE), said
    assert _container(spare, "spare")
    assert _status(url.strip()) == 200


def test_a_foreign_listener_moves_a_launch_to_the_next_port_and_stops_a_start(spare: World) -> None:
    """A new environment takes another port; one that has its port keeps it, and says which is taken."""
    url = spare("env", "launch", "jupyterlab", "--name", "spare", "-q").stdout.strip()
    wanted = _port(url)
    spare("env", "remove", "spare")

    with closing(socket.create_server(("127.0.0.1", wanted))):
        moved = _port(spare("env", "launch", "jupyterlab", "--name", "spare", "-q").stdout.strip())
    assert moved > wanted

    spare("env", "stop", "spare")
    with closing(socket.create_server(("127.0.0.1", moved))):
        refused = spare("env", "start", "spare", code=5)
    assert f"port {moved}" in refused.stderr
    assert "hint:" in refused.stderr
    spare("env", "start", "spare")
    assert _port(spare.environment("spare")["url"]) == moved


def test_a_volume_of_that_name_that_is_not_ours_is_left_alone(spare: World) -> None:
    """The launch is refused before anything is made."""
    owner = spare.environment("quickstart")["owner"]
    volume = Names(spare.realm).workspace(owner, "spare")
    docker("volume", "create", volume)
    try:
        refused = spare("env", "launch", "jupyterlab", "--name", "spare", code=5)

        assert f"a volume named {volume} exists and is not Solvent's" in refused.stderr
        assert "spare" not in spare("env", "list", "-q").stdout.split()
        assert docker("volume", "inspect", "--format", "{{json .Labels}}", volume).strip() in ("null", "{}")
    finally:
        docker("volume", "rm", volume)


def test_a_taken_name_is_refused_with_the_command_that_uses_it(flow: World) -> None:
    """Exit 5."""
    refused = flow("env", "launch", "jupyterlab", "--name", NAME, code=5)

    assert f"an environment named {NAME} exists already" in refused.stderr
    assert f"solvent env open {NAME}" in refused.stderr


@pytest.mark.parametrize("moment", ["create environment", "start environment", ""], ids=["create", "start", "begin"])
def test_an_interrupted_launch_ends_with_130_and_the_same_command_goes_on(spare: World, moment: str) -> None:
    """Whatever it was at: nothing half-made is in the way of the next run."""
    words = ("env", "launch", "jupyterlab", "--name", "spare", "--progress", "json")
    for _ in range(5):
        _interrupted(spare, words, moment)
        again = spare(*words, "-q", code=None)
        if again.returncode != 5 or "exists already" not in again.stderr:
            break
        # On a busy machine the interrupt may come when all was done: there was nothing to go on with.
        _gone(spare, "spare")

    assert again.returncode == 0, again.stderr
    assert _status(again.stdout.strip()) == 200


def _interrupted(world: World, words: tuple[str, ...], moment: str) -> None:
    """Run a command and press Ctrl-C when a step begins; see that it says so."""
    # Whoever runs the tests in the background hands an ignored SIGINT on.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        running = subprocess.Popen(
            world.command(*words), env=world.environ, text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )  # fmt: skip
    finally:
        signal.signal(signal.SIGINT, before)
    with running:
        assert running.stderr is not None
        for line in running.stderr:
            if moment in line and ("step_started" in line or not moment):
                break
        os.kill(running.pid, signal.SIGINT)
        out, said = running.communicate(timeout=60)

    assert (running.returncode, out) == (130, ""), said
    assert "interrupted" in said
    assert "Traceback" not in said


# -- stages --------------------------------------------------------------------------------------------------


def test_a_retired_release_is_refused_with_its_date_its_place_and_its_successor(ready_world: World) -> None:
    """Exit 5; the three lines of the interface, or one JSON object."""
    told = ready_world("env", "launch", "jupyterlab:4.2-py3.9", code=5)
    record = ready_world("env", "launch", "jupyterlab:4.2-py3.9", "-o", "json", code=5)

    message, why, hint = told.stderr.splitlines()
    assert message == "error: jupyterlab:4.2-py3.9 is retired since 2025-10-31"
    pattern = r"  why:  images/jupyterlab/family\.toml:\d+  end_of_life = 2025-10-31 \(bound by python 3\.9\)"
    assert re.fullmatch(pattern, why)
    assert hint == "  hint: launch its successor:  solvent env launch jupyterlab:4.6-py3.13"
    error = json.loads(record.stderr)["error"]
    assert error.keys() >= {"code", "message", "why", "hint", "where"}
    assert error["code"] == 5
    assert told.stdout == record.stdout == ""


def test_another_day_is_looked_at_and_not_carried_out(spare: World) -> None:
    """Its plan is shown; otherwise a retired release could be launched on a day of its youth."""
    words = ("env", "launch", "jupyterlab:4.2-py3.9", "--name", "spare", "--as-of", "2024-06-01")

    assert "launch jupyterlab:4.2-py3.9 as spare (as of 2024-06-01)" in spare(*words, "--dry-run").stdout
    refused = spare(*words, code=5)

    assert "this is how 2024-06-01 looks" in refused.stderr
    assert "spare" not in spare("env", "list", "-q").stdout.split()


def test_the_plan_of_a_deprecated_release_names_its_successor(ready_world: World) -> None:
    """A dry run makes nothing."""
    plan = ready_world("env", "launch", "jupyterlab:4.4-py3.11", "--dry-run", "--name", "old").stdout

    assert "note: jupyterlab:4.4-py3.11 is deprecated and retires on 2027-01-03" in plan
    assert "its successor is jupyterlab:4.5-py3.11" in plan
    assert "old" not in ready_world("env", "list", "-q").stdout.split()


@pytest.mark.parametrize(
    ("wanted", "meant"),
    [("jupyterlab:4.6-py3.12", "jupyterlab:4.6-py3.14"), ("jupyterlb", "jupyterlab")],
)
def test_an_unknown_release_gets_a_suggestion(ready_world: World, wanted: str, meant: str) -> None:
    """Exit 2."""
    refused = ready_world("env", "launch", wanted, code=2)

    assert f"did you mean {meant}?" in refused.stderr
    assert refused.stdout == ""
