"""What an environment may do, looked up in its running container and not in what it was asked to be."""

from __future__ import annotations

import json
import socket
import subprocess
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Any

import pytest

from tests.hardening import check
from tests.hardening.seen import look, look_at_created
from tests.hardening.spoiling import CHECKS, SPOILT
from tests.system.support_running import address, cell, managed
from tests.system.world import docker

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.hardening.seen import Seen
    from tests.system.world import World

pytestmark = [pytest.mark.engine, pytest.mark.slow]

NAME = "quickstart"

# Runs as a cell, so its process is the kernel's.
LOOK = """
import json, os, pathlib, subprocess, sys

def status(process):
    lines = pathlib.Path(f"/proc/{process}/status").read_text().splitlines()
    return dict(line.split(":\\t", 1) for line in lines if ":\\t" in line)

def attempt(what):
    try:
        what()
    except Exception as error:
        return type(error).__name__ + ": " + str(error)
    return "done"

def program():
    path = pathlib.Path("/tmp/program")
    path.write_text("#!/bin/sh\\nexit 7\\n")
    path.chmod(0o700)
    code = subprocess.run([path]).returncode
    path.unlink()
    return code

def limit(*files):
    return next(pathlib.Path("/sys/fs/cgroup", file).read_text().split() for file in files
                if pathlib.Path("/sys/fs/cgroup", file).exists())

cpu = limit("cpu.max", "cpu/cpu.cfs_quota_us")
print(json.dumps({
    "self": status("self"),
    "all": [status(path.name) for path in pathlib.Path("/proc").glob("[0-9]*")],
    "uid": [os.getuid(), os.geteuid(), os.getgid(), os.getgroups()],
    "root": {place: attempt(pathlib.Path(place, "written").touch)
             for place in ("/", "/etc", "/usr/bin", "/opt/solvent/kernel", "/opt/solvent/ide", "/var/tmp")},
    "own": {place: attempt(pathlib.Path(place, ".written").touch) for place in ("/workspace", "/home/solvent", "/tmp")},
    "jupyterlab": attempt(lambda: __import__("jupyterlab")),
    "prefix": sys.prefix,
    "program": program(),
    "secret program": attempt(lambda: (pathlib.Path("/run/solvent/program").write_text("#!/bin/sh\\n"),
                                       os.chmod("/run/solvent/program", 0o700),
                                       subprocess.run(["/run/solvent/program"]))),
    "memory": int(limit("memory.max", "memory/memory.limit_in_bytes")[0]),
    "swap": limit("memory.swap.max", "memory/memory.memsw.limit_in_bytes", "memory/memory.limit_in_bytes")[0],
    "pids": int(limit("pids.max", "pids/pids.max")[0]),
    "cpus": int(cpu[0]) / int(cpu[1] if len(cpu) > 1 else limit("cpu/cpu.cfs_period_us")[0]),
    "socket": os.path.exists("/var/run/docker.sock"),
    "mount": subprocess.run(["mount", "-t", "tmpfs", "none", "/tmp"], capture_output=True).returncode,
}))
pathlib.Path("/run/solvent/program").unlink(missing_ok=True)
"""


@pytest.fixture(scope="module")
def seen(ready_world: World) -> Any:
    """Give what a cell saw in the kernel of an environment that was launched with default limits."""
    return json.loads(cell(ready_world, NAME, LOOK))


def test_the_kernel_has_no_capability_and_gains_none(seen: Any) -> None:
    """Every set of capabilities is empty, of the kernel's process and of each other one in the container."""
    assert len(seen["all"]) >= 3
    for process in (seen["self"], *seen["all"]):
        sets = {name: int(process[name], 16) for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")}
        assert set(sets.values()) == {0}, (process["Name"], sets)
        assert process["NoNewPrivs"] == "1", process["Name"]
        assert process["Seccomp"] == "2", process["Name"]


def test_everything_runs_as_the_user(seen: Any) -> None:
    """No process is root's, and the user is in no other group."""
    assert seen["uid"] == [1000, 1000, 1000, [1000]]
    assert {process["Uid"] for process in seen["all"]} == {"1000\t1000\t1000\t1000"}


def test_the_root_file_system_cannot_be_written(seen: Any) -> None:
    """Nothing of the image can be changed; workspace, home and /tmp can be written."""
    refusals = ("Read-only file system", "Permission denied", "No such file or directory")
    assert {place: told for place, told in seen["root"].items() if not any(one in told for one in refusals)} == {}
    assert "Read-only file system" in seen["root"]["/opt/solvent/kernel"] or "Permission" in seen["root"]["/"]
    assert seen["own"] == dict.fromkeys(seen["own"], "done")


def test_not_even_root_writes_to_the_root_file_system(ready_world: World, seen: Any) -> None:
    """The file system itself is read-only: permissions are not what keeps a person out."""
    told = docker("exec", "--user=0", _container(ready_world), "touch", "/written", "/etc/written", check=False)

    assert told.count("Read-only file system") == 2


def test_programs_run_in_tmp_and_not_beside_secrets(seen: Any) -> None:
    """Compilers need /tmp; the file system of the secrets executes nothing."""
    assert seen["program"] == 7
    assert "PermissionError" in seen["secret program"]


def test_the_default_limits_hold(ready_world: World, seen: Any) -> None:
    """Memory, processes and processor are limited as the settings say, although nobody named a limit."""
    with managed(ready_world) as manager:
        settings = manager.settings

    assert (seen["memory"], seen["pids"]) == (settings.memory_bytes, settings.pids)
    assert seen["cpus"] == pytest.approx(settings.cpus)
    # Version 2 of control groups counts swap alone, version 1 together with memory.
    assert seen["swap"] in ("0", str(settings.memory_bytes))


def test_jupyterlab_does_not_import_in_the_kernel(seen: Any) -> None:
    """The IDE's packages are not the kernel's."""
    assert seen["jupyterlab"] == "ModuleNotFoundError: No module named 'jupyterlab'"
    assert seen["prefix"] == "/opt/solvent/kernel"


def test_the_host_is_out_of_reach(seen: Any) -> None:
    """There is no engine socket, and mounting is refused."""
    assert not seen["socket"]
    assert seen["mount"] != 0


def test_the_port_answers_on_the_loopback_address_only(ready_world: World) -> None:
    """The published port answers on 127.0.0.1, and on no other address of this machine."""
    base, _ = address(ready_world, NAME)
    port = int(base.rpartition(":")[2])
    others = subprocess.run(["hostname", "-I"], capture_output=True, text=True, check=True).stdout.split()
    assert others, "this machine has no other address to try"

    with urllib.request.urlopen(f"{base}/api", timeout=30) as answer:
        assert answer.status == 200
    for other in others:
        with pytest.raises(OSError), socket.create_connection((other, port), timeout=3):  # noqa: PT011
            pytest.fail(f"it answers on {other}")


def test_a_wrong_token_and_none_are_refused(ready_world: World) -> None:
    """The contents are given to nobody without the token of this start."""
    base, token = address(ready_world, NAME)

    for wrong in ("", f"?token={token[:-1]}", "?token="):
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(f"{base}/api/contents{wrong}", timeout=30)
        assert refused.value.code == 403
    with urllib.request.urlopen(f"{base}/api/contents?token={token}", timeout=30) as answer:
        assert answer.status == 200


# -- the CIS Docker Benchmark: docs/hardening.md ------------------------------------------------------------------


@pytest.fixture(scope="module")
def environment(ready_world: World) -> Seen:
    """Give what engine, image and container say of a running environment."""
    return look(_container(ready_world))


def test_an_environment_and_its_image_pass_every_check(environment: Seen) -> None:
    """Nothing is wrong by sections 4 and 5; and there was something to look at."""
    assert check.wrong(CHECKS, environment) == {}
    assert {"/usr/bin/su", "/usr/bin/passwd"} <= set(environment.setuid)
    assert any("jupyter" in one for one in environment.programs)
    assert "ca-certificates" in environment.packages
    assert len(environment.history) >= 5


def test_each_check_finds_its_violation_in_what_the_engine_says(environment: Seen) -> None:
    """The negative controls again, each on the inspection of the environment that passes."""
    assert [number for number, spoil in SPOILT if number not in check.wrong(CHECKS, spoil(environment))] == []


@pytest.fixture
def loose(ready_world: World, environment: Seen) -> Iterator[str]:
    """Give a container of the same image that asks for everything that the benchmark warns of; it never runs."""
    words = (
        "--privileged --network=host --pid=host --ipc=host --uts=host --userns=host --cap-add=SYS_ADMIN "
        "--restart=always --security-opt=seccomp=unconfined --security-opt=apparmor=unconfined --device=/dev/null "
        "--volume=/etc:/host:rshared --volume=/var/run/docker.sock:/engine.sock --no-healthcheck"
    )
    label = f"--label=io.solvent.realm={ready_world.realm}"
    made = docker("create", label, *words.split(), environment.container["Image"]).split()[-1]
    yield made
    docker("rm", "--force", "--volumes", made)


def test_a_loose_container_fails_by_what_it_asked_for(loose: str) -> None:
    """The engine's own words for what is loose are known to the checks."""
    loosened = "5.1 5.3 5.4 5.5 5.9 5.10 5.11 5.12 5.14 5.15 5.16 5.17 5.18 5.19 5.20 5.21 5.25 5.26 5.28 5.30 5.31"

    assert set(loosened.split()) <= set(check.wrong(CHECKS, look_at_created(loose)))


def test_an_image_that_is_carelessly_made_fails(ready_world: World, environment: Seen) -> None:
    """Root, a setuid program of its own, a password in a variable, nobody who asks how it is, and a default network."""
    text = (
        f"FROM {environment.container['Image']}\nUSER 0\nENV PGPASSWORD=hunter2\nHEALTHCHECK NONE\n"
        "RUN cp /usr/bin/true /usr/bin/helper && chmod u+s /usr/bin/helper\n"
        'RUN echo "deb [trusted=yes] http://mirror.example/ ./" > /etc/apt/sources.list.d/careless.list\n'
    )
    reference = f"{ready_world.realm}/careless:1"
    subprocess.run(("docker", "build", "--quiet", "--network=none", "--tag", reference, "-"), input=text, text=True,
                   stdout=subprocess.DEVNULL, check=True)  # fmt: skip
    label = f"--label=io.solvent.realm={ready_world.realm}"
    words = "--entrypoint=/usr/bin/sleep --publish=8888 --network=none"
    made = docker("run", "--detach", label, *words.split(), reference, "60").split()[-1]
    try:
        found = check.wrong(CHECKS, look(made))
    finally:
        docker("rm", "--force", "--volumes", made)
        docker("rmi", reference)

    assert {"4.1", "4.6", "4.8", "4.10", "4.11", "5.3", "5.12", "5.13", "5.27"} <= set(found)
    assert "/usr/bin/helper" in found["4.8"]


def _container(world: World) -> str:
    return f"{world.realm}-{world.environment(NAME)['owner']}-{NAME}"
