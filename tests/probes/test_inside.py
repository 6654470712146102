"""The probes inside a container: each with a container, or a part of one, that makes it fail."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from manager.probes import inside

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PROBE = Path(inside.__file__)
TMP = "--tmpfs=/tmp:rw,exec,nosuid,nodev,mode=1777"
SECRETS = "--tmpfs=/run/solvent:rw,noexec,nosuid,nodev,mode=0700,uid=1000,gid=1000"
HARDENED = [
    "--read-only",
    "--cap-drop=ALL",
    "--security-opt=no-new-privileges",
    "--user=1000:1000",
    "--network=none",
    "--memory=256m",
    "--cpus=1",
    "--pids-limit=64",
    TMP,
    SECRETS,
]


def answers(printed: str) -> dict[str, dict[str, Any]]:
    """Read what a probe printed, by id."""
    return {line["id"]: line for line in map(json.loads, printed.splitlines())}


def outcome(capsys: pytest.CaptureFixture[str], probe: Callable[..., Any], *arguments: object) -> tuple[str, str]:
    """Ask one probe here; give its outcome and reason."""
    inside.say("one", probe, *arguments)
    line = answers(capsys.readouterr().out)["one"]
    return line["outcome"], line["reason"]


def test_a_server_on_the_loopback_alone_fails(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a published port would not reach is named; a server on every interface passes, on IPv6 as well."""
    (tmp_path / "net").mkdir()
    head = "  sl  local_address rem_address   st\n"
    monkeypatch.setattr(inside, "PROC", tmp_path)
    ask = (inside.listens, 8888)

    def sockets(four: str, six: str = "") -> None:
        (tmp_path / "net" / "tcp").write_text(head + four)
        (tmp_path / "net" / "tcp6").write_text(head + six)

    sockets("   0: 0100007F:22B8 00000000:0000 0A\n")
    assert outcome(capsys, *ask) == ("fail", "port 8888 is open on the loopback alone")
    sockets("   0: 0100007F:22B8 00000000:0000 01\n")
    assert outcome(capsys, *ask) == ("fail", "nothing listens on port 8888")
    sockets("   0: 00000000:22B8 00000000:0000 0A\n")
    assert outcome(capsys, *ask) == ("pass", "")
    sockets("", f"   0: {'0' * 32}:22B8 {'0' * 32}:0000 0A\n")
    assert outcome(capsys, *ask) == ("pass", "")


def test_a_home_that_goes_with_the_container_fails(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a person writes there has to outlive it: a volume passes, a part of the image or of memory does not."""
    monkeypatch.setattr(inside, "PROC", tmp_path)
    ask = (inside.volume, str(tmp_path))

    for mounted, told in (
        ("", ("fail", f"{tmp_path} is part of the image")),
        (f"tmpfs {tmp_path} tmpfs rw,nosuid 0 0\n", ("fail", f"{tmp_path} is in memory, and goes with the container")),
        (f"/dev/sda1 {tmp_path} ext4 rw,relatime 0 0\n", ("pass", "")),
    ):
        (tmp_path / "mounts").write_text(f"overlay / overlay rw,lowerdir=/a:/b 0 0\n{mounted}")
        assert outcome(capsys, *ask) == told


def test_a_secret_in_a_file_is_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The file that leaks is named, not the secret; without it the probe passes."""
    (tmp_path / "secret").write_text("correct horse battery")
    (tmp_path / "home").mkdir()
    ask = (inside.leaks, [str(tmp_path / "secret")], [str(tmp_path / "home")])
    assert outcome(capsys, *ask) == ("pass", "")

    (tmp_path / "home" / "history").write_bytes(b"\0" * (inside._BLOCK - 5) + b"correct horse battery")

    found, reason = outcome(capsys, *ask)
    assert found == "fail"
    assert "home/history" in reason
    assert "horse" not in reason


def test_a_secret_in_an_environment_is_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What a process was given in its environment counts as a leak."""
    (tmp_path / "secret").write_text(uuid.uuid4().hex)
    environment = os.environ | {"PASSWORD": (tmp_path / "secret").read_text()}
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE, env=environment) as holder:
        found, reason = outcome(capsys, inside.leaks, [str(tmp_path / "secret")], [])
        holder.communicate()

    assert (found, reason.split(" holds")[0]) == ("fail", f"/proc/{holder.pid}/environ")


def test_a_process_with_a_capability_fails(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One capability in a bounding set is enough."""
    none = dict.fromkeys(("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"), "0000000000000000")
    for number, held in ((1, none), (7, none | {"CapBnd": "0000000000000400"})):
        (tmp_path / str(number)).mkdir()
        lines = {"Name": "python3", **held, "NoNewPrivs": "1"}
        (tmp_path / str(number) / "status").write_text("".join(f"{key}:\t{one}\n" for key, one in lines.items()))
    monkeypatch.setattr(inside, "PROC", tmp_path)

    assert outcome(capsys, inside.privileges) == ("pass", "")
    assert outcome(capsys, inside.capabilities) == ("fail", "process 7 (python3) has CapBnd 0000000000000400")


def test_a_probe_that_breaks_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    """We could not tell is neither yes nor no."""
    found, reason = outcome(capsys, inside.limit, "no such limit")

    assert found == "error"
    assert reason


@pytest.fixture(scope="module")
def image() -> Iterator[str]:
    """Make an image of this Python and a shell, for as long as the tests of this file run."""
    name = f"t-{uuid.uuid4().hex[:6]}-inside"
    with subprocess.Popen(
        ["docker", "import", "-", name], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL
    ) as importer:
        assert importer.stdin
        with tarfile.open(fileobj=importer.stdin, mode="w|") as archive:
            _add_python(archive)
        importer.stdin.close()
    yield name
    subprocess.run(["docker", "rmi", "--force", name], check=True, stdout=subprocess.DEVNULL)


def _add_python(archive: tarfile.TarFile) -> None:
    """Add this interpreter, its standard library, what they are linked to, and a user with a home."""
    python = Path(os.path.realpath(sys.executable))
    library = Path(sysconfig.get_path("stdlib"))
    shell = Path(os.path.realpath(shutil.which("sh") or "/bin/sh"))
    linked = {python, shell, *library.glob("lib-dynload/*.so")}
    for file in list(linked):
        found = subprocess.run(["ldd", file], capture_output=True, text=True, check=False).stdout
        linked |= {Path(one) for one in re.findall(r"(/\S+) \(0x", found)}
    left_out = {"test", "site-packages", "dist-packages", "__pycache__", "ensurepip", "idlelib", "lib-dynload"}

    def wanted(info: tarfile.TarInfo) -> tarfile.TarInfo | None:
        return None if left_out & set(Path(info.name).parts) else info

    archive.add(library, filter=wanted)
    archive.dereference = True
    for file in sorted(linked):
        archive.add(file)
    archive.add(python, "usr/bin/python3")
    archive.add(shell, "bin/sh")
    for folder, owner, mode in (("home", 0, 0o755), ("home/solvent", 1000, 0o755), ("tmp", 0, 0o1777)):
        info = tarfile.TarInfo(folder)
        info.type, info.mode, info.uid = tarfile.DIRTYPE, mode, owner
        archive.addfile(info)
    users = tarfile.TarInfo("etc/passwd")
    content = b"solvent:x:1000:1000::/home/solvent:/bin/sh\n"
    users.size = len(content)
    archive.addfile(users, io.BytesIO(content))


def _ask(image: str, *options: str, **asked: object) -> dict[str, dict[str, Any]]:
    """Run the probe in a container with these options."""
    home = str(Path(sys.base_exec_prefix))
    command = ["docker", "run", "--rm", "-i", "--env", f"PYTHONHOME={home}", "--tmpfs=/home/solvent:uid=1000", *options]
    done = subprocess.run(
        [*command, image, "/usr/bin/python3", "-c", PROBE.read_text()],
        input=json.dumps({"uid": 1000, **asked}),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return answers(done.stdout)


@pytest.mark.engine
def test_a_hardened_container_passes(image: str) -> None:
    """Everything that is asked of the container itself is answered with pass."""
    found = _ask(image, *HARDENED)

    assert {identity: line["reason"] for identity, line in found.items() if line["outcome"] != "pass"} == {}
    assert {"inside.capabilities", "inside.root", "inside.user", "inside.private"} <= found.keys()


@pytest.mark.engine
@pytest.mark.parametrize(
    ("tighter", "looser", "failing"),
    [
        ("--cap-drop=ALL", "--cap-drop=ALL --cap-add=CHOWN", {"inside.capabilities"}),
        ("--security-opt=no-new-privileges", "", {"inside.privileges"}),
        ("--read-only", "", {"inside.root"}),
        ("--memory=256m", "", {"inside.limit-memory"}),
        ("--cpus=1", "", {"inside.limit-cpu"}),
        ("--pids-limit=64", "", {"inside.limit-pids"}),
        ("--user=1000:1000", "--user=1001:1001", {"inside.user"}),
        ("--user=1000:1000", "--user=0:0", {"inside.user"}),
        (TMP, "--tmpfs=/tmp:rw,noexec,mode=1777", {"inside.temporary"}),
        (TMP, "--volume=/tmp", {"inside.temporary"}),
        (SECRETS, "--tmpfs=/run/solvent:rw,noexec,mode=0755,uid=1000", {"inside.private"}),
        (SECRETS, "--tmpfs=/run/solvent:rw,exec,mode=0700,uid=1000", {"inside.private"}),
    ],
)
def test_a_loosened_container_fails_where_it_is_loose(image: str, tighter: str, looser: str, failing: set[str]) -> None:
    """Each option that is taken away or turned round is noticed by its own probe, and by no other."""
    options = [one for one in HARDENED if one != tighter] + looser.split()

    found = _ask(image, *options)

    assert {identity for identity, line in found.items() if line["outcome"] != "pass"} == failing
