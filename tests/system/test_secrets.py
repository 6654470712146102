"""Secrets are planted in connections, a token is made, and both are looked for everywhere else."""

from __future__ import annotations

import os
import secrets
import socket
import stat
import subprocess
import time
import traceback
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from manager.core.environments import LaunchRequest
from manager.errors import ManagerError
from tests.system.support_running import address, cell, managed
from tests.system.support_search import found
from tests.system.world import docker

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.system.world import World

pytestmark = [pytest.mark.engine, pytest.mark.slow]

NAME = "hygiene"
KINDS = ("url", "env", "file", "exec")


@dataclass
class Planted:
    """Secrets by where they were given, the time since when they exist, and everything that commands printed."""

    world: World
    secrets: dict[str, str]
    since: float
    printed: dict[str, bytes] = field(default_factory=dict)

    def run(self, *words: str, code: int = 0, keep: bool = True) -> str:
        """Run a command in the world and remember what it printed, unless printing a secret is its purpose."""
        done = self.world(*words, code=code)
        if keep:
            # The words of a command that was given a secret are not its output.
            self.printed[f"output of {' '.join(words[:3])}, {len(self.printed)}"] = (done.stdout + done.stderr).encode()
        return done.stdout + done.stderr


@pytest.fixture(scope="module")
def planted(ready_world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Planted]:
    """Plant a secret of each kind, launch an environment with all of them, use it, and fail in several ways."""
    made = Planted(ready_world, {kind: f"planted{secrets.token_hex(16)}" for kind in KINDS}, time.time())
    place = tmp_path_factory.mktemp("secret") / "password"
    place.touch(mode=0o600)
    place.write_text(made.secrets["file"])
    script = place.with_name("give")
    script.touch(mode=0o700)
    script.write_text(f"#!/bin/sh\necho {made.secrets['exec']}\n")
    os.environ["SOLVENT_TEST_PASSWORD"] = made.secrets["env"]
    try:
        _use(made, place, script)
        yield made
    finally:
        del os.environ["SOLVENT_TEST_PASSWORD"]
        ready_world("env", "remove", NAME, "--delete-workspace", "--approve-destructive", code=None)
        for kind in (*KINDS, "unset"):
            ready_world("connection", "remove", f"plant-{kind}", "-y", code=None)


def _use(made: Planted, place: Path, script: Path) -> None:
    add = ("--connector", "postgresql", "--source", "postgresql-17")
    url = f"postgresql://solvent:{made.secrets['url']}@postgresql-17/sample"
    made.run("connection", "add", "plant-url", "--connector", "postgresql", "--url", url)
    made.run("connection", "add", "plant-env", *add, "--secret", "password=env:SOLVENT_TEST_PASSWORD")
    made.run("connection", "add", "plant-file", *add, "--secret", f"password=file:{place}")
    made.run("connection", "add", "plant-exec", *add, "--secret", f"password=exec:{script}")
    made.run("connection", "add", "plant-unset", *add, "--secret", "password=env:SOLVENT_NEVER_SET")
    made.run("connection", "add", "plant-url", "--connector", "postgresql", "--url", url, code=5)
    made.run("connection", "add", "plant-bad", "--connector", "postgresql", "--url", url + "?nonsense=1", code=2)
    given = [word for kind in KINDS for word in ("--connection", f"plant-{kind}")]
    # What launch prints ends with the URL, which carries the token on purpose.
    made.run("env", "launch", "jupyterlab", "--name", NAME, *given, keep=False)
    base, made.secrets["token"] = address(made.world, NAME)
    read = (
        "import pathlib; all = pathlib.Path('/run/solvent/connections').glob('*/*')\nprint(*[p.is_file() for p in all])"
    )
    assert "True" in cell(made.world, NAME, read)
    urllib.request.urlopen(f"{base}/lab?token={made.secrets['token']}", timeout=30).read()
    with pytest.raises(urllib.error.HTTPError):
        urllib.request.urlopen(f"{base}/api/contents?token={made.secrets['token']}x", timeout=30)
    _look(made)
    _fail(made, place)


def _look(made: Planted) -> None:
    for words in (
        ("env", "list", "-o", "json"),
        ("env", "list", "-o", "wide"),
        ("env", "logs", NAME),
        ("connection", "list", "-o", "json"),
        *(("connection", "show", f"plant-{kind}", "-o", "json") for kind in KINDS),
        ("workspace", "show", NAME, "-o", "json"),
        ("config", "show"),
        ("status",),
    ):
        made.run(*words)
    shown = made.world.json("env", "show", NAME)
    shown["environment"].pop("url")
    made.printed["env show but for its URL"] = str(shown).encode()


def _fail(made: Planted, place: Path) -> None:
    # Every password is wrong for the server, and one is not there at all.
    for kind in KINDS[1:]:
        made.run("connection", "test", f"plant-{kind}", code=3)
    made.run("env", "launch", "jupyterlab", "--name", f"{NAME}-2", "--connection", "plant-unset", code=5)
    assert made.world("env", "show", f"{NAME}-2", code=2), "nothing was made"
    port = int(address(made.world, NAME)[0].rpartition(":")[2])
    made.run("env", "stop", NAME)
    with socket.create_server(("127.0.0.1", port)):
        made.run("env", "start", NAME, code=5)
    made.run("env", "start", NAME)
    made.secrets["second token"] = address(made.world, NAME)[1]
    assert made.secrets["second token"] != made.secrets["token"]
    with managed(made.world) as manager:
        request = LaunchRequest("jupyterlab", name=f"{NAME}-3", connections=("plant-url", "plant-unset"))
        with pytest.raises(ManagerError) as error:
            list(manager.apply(manager.plan_launch(request)))
        told = "".join(traceback.format_exception(error.value)) + repr(error.value)
        made.printed["exception of a launch"] = told.encode()
        made.printed["connections in memory"] = repr(manager.connections()).encode()
        made.printed["files to deliver"] = repr(manager.delivery("plant-url")).encode()
        made.printed["history"] = repr(manager.store.history(limit=1000)).encode()
    _rotate(made, place)


def _rotate(made: Planted, place: Path) -> None:
    made.secrets["rotated"] = f"planted{secrets.token_hex(16)}"
    place.write_text(made.secrets["rotated"])
    said = made.run("env", "start", NAME)
    assert "note: new files of plant-file" in said
    assert "nothing to do" in made.run("env", "start", NAME)
    read = "print(pathlib.Path('/run/solvent/connections/plant-file/secrets/password').read_text()[:7])"
    assert "planted" in cell(made.world, NAME, f"import pathlib\n{read}")


def test_secrets_appear_nowhere(planted: Planted) -> None:
    """Neither in what the engine tells and keeps, nor in volumes, processes, files, the database, or any output."""
    assert found(planted.world, planted.secrets, planted.since, planted.printed) == set()


def test_secrets_reach_the_environment(planted: Planted) -> None:
    """The search is worth something: the same secrets are there where the environment reads them.

    The one that was rotated while it ran stands in the place of the old one; the token is still that of the start.
    """
    script = "cat /run/solvent/token /run/solvent/connections/plant-*/secrets/password"
    inside = docker("exec", f"{planted.world.realm}-{_owner(planted)}-{NAME}", "sh", "-c", script)

    assert {which for which, secret in planted.secrets.items() if secret in inside} == {
        *KINDS, "second token", "rotated"
    } - {"file"}  # fmt: skip


def test_a_kept_secret_is_the_persons_alone(planted: Planted) -> None:
    """A password in clear went to a file of mode 0600 in a folder of mode 0700."""
    reference = planted.world.json("connection", "show", "plant-url")["connection"]["secrets"]["password"]
    kept = planted.world.home / "state" / "secrets"
    files = [path for path in kept.rglob("*") if path.is_file()]

    assert reference == f"file:{files[0]}"
    assert [path.read_text() for path in files] == [planted.secrets["url"]]
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    assert stat.S_IMODE(files[0].parent.stat().st_mode) == 0o700


def test_a_planted_leak_is_found(planted: Planted) -> None:
    """The same search finds a secret in a label, a volume, a log, a process, a file, and an output."""
    world, secret, since = planted.world, f"leaked{secrets.token_hex(16)}", time.time()
    container = f"{world.realm}-{_owner(planted)}-{NAME}"
    image = docker("inspect", "--format", "{{.Image}}", container).strip()
    leaked = f"{world.realm}/leaked:1"
    file = world.home / "config" / "leaked.txt"
    try:
        dockerfile = f"FROM {image}\nLABEL note={secret}\n"
        subprocess.run(["docker", "build", "-q", "-t", leaked, "-"], input=dockerfile.encode(), check=True)
        # By standard input, or the engine's events would hold it as well.
        write = ["docker", "exec", "-i", container, "tee", "/workspace/leaked", "/proc/1/fd/1"]
        subprocess.run(write, input=f"{secret}\n".encode(), check=True)
        docker("exec", "-d", "-e", f"NOTE={secret}", container, "sleep", "300")
        file.write_text(f"url = 'postgresql://solvent:{secret}@postgresql-17'\n")
        told = {"output of a command": secret.encode()}
        places = {" ".join(place.split()[:2]) for place, _ in found(world, {"leaked": secret}, since, told)}
    finally:
        file.unlink(missing_ok=True)
        docker("rmi", "-f", leaked, check=False)
        docker("exec", container, "sh", "-c", "rm -f /workspace/leaked; kill $(pgrep -x sleep)", check=False)

    assert {
        "inspect of",
        "history of",
        f"volume {world.realm}-ws-{_owner(planted)}-{NAME}",
        "log of",
        "processes of",
        "file config/leaked.txt",
        "output of",
    } <= places


def _owner(planted: Planted) -> str:
    return str(planted.world.environment(NAME)["owner"])


def test_a_request_that_fails_leaves_no_token_in_the_log(ready_world: World) -> None:
    """Jupyter logs the address of such a request as it came, with a token that stands in it; ours is masked."""
    url = ready_world.environment("quickstart")["url"]
    base, _, token = url.partition("/lab?token=")
    asked = f"{base}/api/kernels?token={token}"
    request = urllib.request.Request(asked, data=b'{"name": "no such kernel"}', method="POST")

    with pytest.raises(urllib.error.HTTPError):
        urllib.request.urlopen(request, timeout=30)

    logged = ready_world("env", "logs", "quickstart").stdout
    assert "/api/kernels?token=[token]" in logged
    assert token not in logged
