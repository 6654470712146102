"""The machine: what is planned for which machine, who may do it, and starting an engine."""

from __future__ import annotations

import dataclasses
import os
import signal
import socket
import subprocess
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from manager.errors import Failed, Unreachable
from manager.processes import Finished
from manager.world.host import EnginePlace, Host, by_hand, install, look, permit, ping, plan, start_engine
from manager.world.host.daemon import clear_leftovers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

BARE = Host(
    distribution="debian",
    version="12",
    family="debian",
    uid=0,
    init="other",
    address="unix:///var/run/docker.sock",
    engine="silent",
    programs=("docker",),
    confined="no",
)
READY = dataclasses.replace(BARE, engine="answers", programs=("docker", "docker compose", "mmdebstrap"))


class Apt:
    """An apt that knows packages only once its lists were read, and remembers what it installed."""

    def __init__(self, lists: Path, offered: set[str]) -> None:
        self.lists = lists
        self.offered = offered
        self.fresh = False
        self.installed: list[str] = []
        self.calls: list[str] = []

    def __call__(self, command: tuple[str, ...], say: Callable[[str], None], **more: object) -> Finished:
        """Do what ``apt-get update`` or ``apt-get install`` would."""
        self.calls.append(command[1])
        environment = more["environment"]
        assert isinstance(environment, dict)
        assert environment["DEBIAN_FRONTEND"] == "noninteractive"
        if command[1] == "update":
            self.fresh = True
            (self.lists / "mirror_main_Packages.lz4").touch()
            return Finished(0, ())
        wanted = [word for word in command[2:] if word[0] != "-" and "::" not in word]
        unknown = [name for name in wanted if not self.fresh or name not in self.offered]
        if unknown:
            return Finished(100, (f"E: Unable to locate package {unknown[0]}",))
        self.installed += wanted
        return Finished(0, ())


def names(host: Host) -> list[str]:
    """Give what a host needs."""
    return [need.what for need in plan(host)]


def quiet(line: str) -> None:
    """Say nothing."""


def test_a_bare_machine_with_only_a_client_needs_everything() -> None:
    """A docker client without an engine counts for nothing; the start comes last."""
    assert names(BARE) == ["docker.io", "docker-compose", "mmdebstrap", "engine"]


def test_a_ready_machine_needs_nothing_and_permits_anybody() -> None:
    """Negative control: with an engine that answers, a person without root is not refused."""
    assert plan(READY) == ()
    permit(dataclasses.replace(READY, uid=1000), ())


def test_an_installed_engine_that_is_silent_is_only_started() -> None:
    """What is installed already is not installed again."""
    host = dataclasses.replace(READY, engine="silent", programs=(*READY.programs, "dockerd"))

    assert names(host) == ["engine"]


def test_systemd_is_asked_to_start_where_it_runs() -> None:
    """The announced command is the one that will be run."""
    host = dataclasses.replace(READY, engine="silent", init="systemd", programs=(*READY.programs, "dockerd"))

    assert [need.command for need in plan(host)] == [("systemctl", "start", "docker")]


def test_a_client_of_its_own_is_needed_since_debian_13() -> None:
    """Debian 13 took the client out of the engine's package; Debian 12 brings both in one."""
    nothing = dataclasses.replace(BARE, programs=())

    assert "docker-cli" in names(dataclasses.replace(nothing, version="13"))
    assert names(nothing).count("docker.io") == 1
    assert "docker-cli" not in names(nothing)


def test_a_kernel_with_apparmor_needs_its_parser() -> None:
    """Without the parser such an engine starts no container."""
    assert "apparmor" in names(dataclasses.replace(BARE, confined="apparmor"))
    assert "apparmor" not in names(BARE)


def test_without_root_the_commands_to_run_by_hand_are_named() -> None:
    """Exit 6 with one line that a shell accepts."""
    host = dataclasses.replace(BARE, uid=1000)

    with pytest.raises(Unreachable) as caught:
        permit(host, plan(host))

    assert caught.value.code == 6
    assert "sudo apt-get update && sudo apt-get install" in caught.value.hint
    assert "docker.io docker-compose mmdebstrap" in caught.value.hint
    assert subprocess.run(("sh", "-n", "-c", caught.value.hint), check=False).returncode == 0
    assert caught.value.hint == by_hand(host, plan(host))


def test_another_distribution_is_left_to_its_owner() -> None:
    """Solvent knows one package tool and says what to install with another."""
    host = dataclasses.replace(BARE, distribution="fedora", family="other")

    with pytest.raises(Unreachable, match="Debian and Ubuntu only") as caught:
        permit(host, plan(host))

    assert "mmdebstrap with the package tool of fedora" in caught.value.hint
    assert "systemctl enable --now docker" in caught.value.hint


def test_an_engine_that_is_somewhere_else_is_not_started_here() -> None:
    """DOCKER_HOST is a decision; starting another engine would ignore it."""
    host = dataclasses.replace(BARE, address="tcp://build.example:2375")

    with pytest.raises(Unreachable, match=r"tcp://build\.example:2375") as caught:
        permit(host, plan(host))

    assert "unset DOCKER_HOST" in caught.value.hint


def test_an_engine_that_keeps_this_user_out_names_the_group() -> None:
    """A closed socket is not a missing engine: nothing is installed over it."""
    host = dataclasses.replace(READY, engine="forbidden", uid=1000)

    assert plan(host) == ()
    with pytest.raises(Unreachable, match="does not let this user in") as caught:
        permit(host, plan(host))
    assert "usermod -aG docker" in caught.value.hint


def test_looking_reads_the_distribution_and_asks_the_named_engine(tmp_path: Path) -> None:
    """Ubuntu counts as Debian's family; the engine that is asked is the one DOCKER_HOST names."""
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/os-release").write_text('ID=ubuntu\nID_LIKE=debian\nVERSION_ID="24.04"\n')
    (tmp_path / "usr/sbin").mkdir(parents=True)
    (tmp_path / "usr/sbin/dockerd").touch(mode=0o755)
    (tmp_path / "home/cli-plugins").mkdir(parents=True)
    (tmp_path / "home/cli-plugins/docker-compose").touch()
    environment = {"PATH": str(tmp_path), "DOCKER_HOST": "unix:///x", "DOCKER_CONFIG": str(tmp_path / "home")}

    host = look(root=tmp_path, environment=environment, ask=lambda address: "silent")

    assert (host.distribution, host.version, host.family) == ("ubuntu", "24.04", "debian")
    assert (host.address, host.engine, host.init) == ("unix:///x", "silent", "other")
    assert host.programs == ("dockerd", "docker compose")


def test_packages_install_without_reading_lists_that_are_there(tmp_path: Path) -> None:
    """One call is enough where apt knows the packages."""
    apt = Apt(tmp_path, {"mmdebstrap"})
    apt(("apt-get", "update"), quiet, environment={"DEBIAN_FRONTEND": "noninteractive"})
    apt.calls.clear()

    install(("mmdebstrap",), quiet, lists=tmp_path, run=apt)

    assert (apt.installed, apt.calls) == (["mmdebstrap"], ["install"])


def test_missing_lists_are_read_first(tmp_path: Path) -> None:
    """A fresh machine has no lists."""
    apt = Apt(tmp_path, {"docker.io", "docker-compose"})

    install(("docker.io", "docker-compose"), quiet, lists=tmp_path, run=apt)

    assert (apt.installed, apt.calls) == (["docker.io", "docker-compose"], ["update", "install"])


def test_old_lists_are_read_again_once(tmp_path: Path) -> None:
    """Lists that point at packages that are gone are replaced; then the installation is tried again."""
    (tmp_path / "mirror_main_Packages.lz4").touch()
    apt = Apt(tmp_path, {"mmdebstrap"})

    install(("mmdebstrap",), quiet, lists=tmp_path, run=apt)

    assert apt.calls == ["install", "update", "install"]


def test_a_package_that_nobody_offers_fails_with_apts_own_words(tmp_path: Path) -> None:
    """The reason is apt's, and it is not tried for ever."""
    apt = Apt(tmp_path, set())

    with pytest.raises(Failed) as caught:
        install(("mmdebstrap",), quiet, lists=tmp_path, run=apt)

    assert "Unable to locate package mmdebstrap" in caught.value.why
    assert apt.calls == ["update", "install"]


@pytest.fixture
def folder() -> Iterator[Path]:
    """Give a folder with a path short enough for a socket."""
    import tempfile

    with tempfile.TemporaryDirectory(prefix="solvent-") as name:
        yield Path(name)


def serve_once(path: Path, answer: bytes) -> threading.Thread:
    """Answer one request on a Unix socket."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen()

    def serve() -> None:
        with listener, listener.accept()[0] as connection:
            connection.recv(1024)
            connection.sendall(answer)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    return thread


def test_a_socket_without_an_engine_behind_it_is_silent(folder: Path) -> None:
    """No file, a dead socket, and a server that is not well are all silent; an engine answers 200."""
    dead = socket.socket(socket.AF_UNIX)
    dead.bind(str(folder / "dead.sock"))
    dead.close()
    serve_once(folder / "ill.sock", b"HTTP/1.0 503 Service Unavailable\r\n\r\n")
    serve_once(folder / "well.sock", b"HTTP/1.0 200 OK\r\n\r\nOK")

    answers = {name: ping(f"unix://{folder}/{name}.sock") for name in ("absent", "dead", "ill", "well")}

    assert answers == {"absent": "silent", "dead": "silent", "ill": "silent", "well": "answers"}


def test_leftovers_of_the_dead_go_and_what_lives_stays(folder: Path) -> None:
    """A pid file that names a stranger or nobody is stale, a socket is stale when nobody listens."""
    place = EnginePlace(
        folder / "log", exec_root=folder, pidfile=folder / "docker.pid", containerd=folder / "system.sock"
    )
    (folder / "containerd").mkdir()
    (folder / "docker.pid").write_text(f"{os.getpid()}\n")
    (folder / "containerd/containerd.pid").write_text("999999999")
    with socket.socket(socket.AF_UNIX) as dead, socket.socket(socket.AF_UNIX) as living:
        dead.bind(str(folder / "system.sock"))
        living.bind(str(folder / "containerd/containerd.sock"))
        living.listen()

        gone = clear_leftovers(place)

    assert [path.name for path in gone] == ["docker.pid", "containerd.pid", "system.sock"]
    assert (folder / "containerd/containerd.sock").exists()
    assert not (folder / "docker.pid").exists()


def test_systemd_that_cannot_start_docker_is_quoted(folder: Path) -> None:
    """Where systemd runs it is asked and nothing else is tried behind its back."""
    place = EnginePlace(folder / "log", address=f"unix://{folder}/no.sock", systemd=folder)
    asked: list[tuple[str, ...]] = []

    def systemd(command: tuple[str, ...], say: Callable[[str], None], **more: object) -> Finished:
        asked.append(command)
        return Finished(5, ("Failed to start docker.service: Unit docker.service is masked.",))

    with pytest.raises(Failed, match="systemd could not start docker") as caught:
        start_engine(place, quiet, run=systemd)

    assert "is masked" in caught.value.why
    assert asked == [("systemctl", "start", "docker.service")]
    assert not (folder / "log").exists()


@pytest.fixture
def place(folder: Path) -> Iterator[EnginePlace]:
    """Give a place for a daemon with files and namespaces of its own; whatever runs there is ended."""
    if os.getuid() != 0:
        pytest.skip("starting a second engine takes root")
    place = EnginePlace(
        folder / "dockerd.log",
        address=f"unix://{folder}/docker.sock",
        exec_root=folder / "exec",
        pidfile=folder / "docker.pid",
        containerd=folder / "system.sock",
        options=(f"--data-root={folder}/data", "--bridge=none", "--iptables=false", "--ip-masq=false"),
        prefix=("unshare", "--net", "--mount"),
        systemd=folder / "no-systemd",
    )
    yield place
    for file in (place.pidfile, place.exec_root / "containerd/containerd.pid"):
        if file.exists():
            end(int(file.read_text()), signal.SIGTERM)


def end(pid: int, how: signal.Signals) -> None:
    """End a process and wait until it is gone, ours to reap or not."""
    try:
        pidfd = os.pidfd_open(pid)
        signal.pidfd_send_signal(pidfd, how)
    except ProcessLookupError:
        return
    import select

    select.select([pidfd], [], [], 20)
    os.close(pidfd)


@pytest.mark.engine
def test_a_killed_engine_is_started_again_over_its_leftovers(place: EnginePlace) -> None:
    """A real daemon starts, is left alone when it answers, and comes back after a kill -9 of all of it."""
    said: list[str] = []
    first = start_engine(place, said.append)
    assert start_engine(place, said.append) == first
    containerd = int((place.exec_root / "containerd/containerd.pid").read_text())
    end(first, signal.SIGKILL)
    end(containerd, signal.SIGKILL)
    place.pidfile.write_text(str(os.getpid()))
    assert ping(place.address) == "silent"

    second = start_engine(place, said.append)

    assert second != first
    assert ping(place.address) == "answers"
    assert any("left behind" in line and "docker.pid" in line for line in said)


@pytest.mark.engine
def test_a_daemon_that_cannot_start_fails_at_once_with_its_own_words(place: EnginePlace) -> None:
    """Negative control: a wrong option is not waited for, and the log's last lines come back."""
    broken = dataclasses.replace(place, options=(*place.options, "--storage-driver=no-such-driver"))

    with pytest.raises(Failed, match="ended while it started") as caught:
        start_engine(broken, quiet)

    assert "no-such-driver" in caught.value.why
    assert ping(place.address) == "silent"
