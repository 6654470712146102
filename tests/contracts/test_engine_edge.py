"""The edge of the Docker adapter, without an engine: foreign exceptions, hardening, and the build's context."""

from __future__ import annotations

import io
import shutil
import socket
import tarfile
from typing import TYPE_CHECKING

import pytest
from urllib3.exceptions import ProtocolError

from manager.core.containers import ContainerSpec, Mount, Publish, Tmpfs
from manager.errors import Failed, ManagerError, NotTrusted, Refused, Unreachable, UsageError
from manager.world.engine import context, hardening
from manager.world.engine.docker import Docker
from manager.world.engine.translate import no_image, not_pushed, refusal, translate, translated

if TYPE_CHECKING:
    from pathlib import Path


def test_connecting_is_lazy_and_a_missing_socket_is_unreachable(tmp_path: Path) -> None:
    """Making the adapter asks nothing; the first call says where it asked, and names the next command."""
    engine = Docker(f"unix://{tmp_path}/none.sock")

    with pytest.raises(Unreachable, match=r"none\.sock") as failure:
        engine.containers({})

    assert failure.value.code == 6
    assert "solvent doctor" in failure.value.hint


def test_docker_host_is_honoured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment's engine is the one that is asked, and a dead socket is told from a missing one."""
    path = str(tmp_path / "dead.sock")
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(path)
    monkeypatch.setenv("DOCKER_HOST", f"unix://{path}")

    with pytest.raises(Unreachable, match=r"no engine answers at .*dead\.sock") as failure:
        Docker().info()

    assert "refused" in failure.value.why


def test_an_address_that_docker_cannot_use_is_unreachable() -> None:
    """A misspelled DOCKER_HOST ends as an error with a hint, not as a traceback."""
    with pytest.raises(Unreachable, match="nonsense"):
        Docker("nonsense://x").info()


def test_a_missing_permission_names_the_group_and_what_it_means() -> None:
    """The remedy is another one than starting an engine, and it makes a person root."""
    from requests.exceptions import ConnectionError as NoConnection

    wrapped = NoConnection(ProtocolError("Connection aborted.", PermissionError(13, "Permission denied")))

    error = translate(wrapped, "list containers", "unix:///run/x.sock")

    assert isinstance(error, Unreachable)
    assert error.message == "no permission to talk to unix:///run/x.sock"
    assert "group docker" in error.hint
    assert "root" in error.hint


def test_mistakes_of_our_own_pass_untouched() -> None:
    """Only foreign exceptions are translated; a bug stays a bug, and our errors stay what they are."""
    with pytest.raises(KeyError), translated("do it"):
        raise KeyError("x")
    with pytest.raises(Refused, match="no"), translated("do it"):
        raise Refused("no")


@pytest.mark.parametrize(
    ("status", "words", "kind", "message"),
    [
        # 20.10
        (409, 'Conflict. The container name "/x" is already in use by container "y".', Refused, "name is taken"),
        (409, "remove v: volume is in use - [abc]", Refused, "volume is in use"),
        (409, "Container abc is not running", Failed, "could not do it"),
        (403, "error while removing network: network n id i has active endpoints", Refused, "are connected"),
        (404, "No such container: x", UsageError, "No such container: x"),
        (400, 'invalid mount config for type "bind": bind source path does not exist: /x', UsageError, "/x"),
        (
            500,
            "driver failed programming external connectivity on endpoint x (id): Error starting userland proxy: "
            "listen tcp4 127.0.0.1:8888: bind: address already in use",
            Refused,
            "port 8888 of 127.0.0.1 is taken",
        ),
        (500, "Bind for 127.0.0.1:8888 failed: port is already allocated", Refused, "port 8888 of 127.0.0.1"),
        # 28
        (
            500,
            "failed to set up container networking: driver failed programming external connectivity on endpoint x "
            "(id): failed to bind host port for 127.0.0.1:8888:172.17.0.2:80/tcp: address already in use",
            Refused,
            "port 8888 of 127.0.0.1",
        ),
        (500, "failed to bind host port 127.0.0.1:8888/tcp: address already in use", Refused, "port 8888 of"),
        (500, "write /x: no space left on device", Failed, "the disk is full"),
        (500, "something else", Failed, "could not do it"),
    ],
)
def test_the_engines_words_become_causes(status: int, words: str, kind: type[ManagerError], message: str) -> None:
    """Taken names, ports and volumes are refusals; what does not exist is the caller's; the rest failed."""
    error = refusal(status, words, "do it")

    assert type(error) is kind
    assert message in error.message


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ('Get "http://x/v2/": dial tcp 127.0.0.1:1: connect: connection refused', Unreachable),
        ('Get "http://x/v2/": dial tcp: lookup x: no such host', Unreachable),
        ("manifest for x:1 not found: manifest unknown", UsageError),
        ("pull access denied for x, repository does not exist", UsageError),
        ("unauthorized: authentication required", Unreachable),
    ],
)
def test_a_pull_tells_silence_from_absence(words: str, kind: type[ManagerError]) -> None:
    """A registry that does not answer says nothing about what it has."""
    assert type(no_image(words, "x:1")) is kind


@pytest.mark.parametrize(
    ("words", "kind", "message"),
    [
        ("denied: requested access to the resource is denied", Unreachable, "does not let this login push"),
        ("no basic auth credentials", Unreachable, "wants another login"),
        ('Get "https://x/v2/": x509: certificate signed by unknown authority', NotTrusted, "does not know who signed"),
        ("http: server gave HTTP response to HTTPS client", Unreachable, "no registry answers"),
        ("An image does not exist locally with the tag: x", Failed, "could not push"),
    ],
)
def test_a_push_says_what_the_registry_holds_against_it(words: str, kind: type[ManagerError], message: str) -> None:
    """Silence, an unknown authority, no login, and a login that may not push."""
    error = not_pushed(words, "registry.bank:5000/lab:1")

    assert (type(error), message in error.message) == (kind, True)


def test_an_untrusted_registry_is_told_with_the_place_for_its_authority() -> None:
    """Named by host and port, as Docker looks for it."""
    error = no_image("x509: certificate signed by unknown authority", "registry.bank:5000/lab@sha256:0")

    assert "/etc/docker/certs.d/registry.bank:5000/ca.crt" in error.hint


def test_every_container_is_hardened() -> None:
    """What Docker is asked for, whatever the specification says; ports are on 127.0.0.1 only."""
    spec = ContainerSpec(
        "one",
        "sha256:x",
        (("k", "v"),),
        environment=(("A", "b"),),
        mounts=(Mount("files", "/workspace"), Mount("/srv", "/srv", read_only=True, kind="bind")),
        tmpfs=(Tmpfs("/tmp", "rw,exec,size=1m"),),
        networks=("first", "second"),
        publish=(Publish(8888, 9999),),
        memory=1024,
        cpus=1.5,
        pids=7,
        stdin=True,
    )

    body = hardening.config(spec)

    assert (body["OpenStdin"], body["StdinOnce"], body["Tty"]) == (True, True, False)
    assert "Cmd" not in body
    assert "Entrypoint" not in body
    assert body["HostConfig"] == {
        "CapDrop": ["ALL"],
        "SecurityOpt": ["no-new-privileges:true"],
        "ReadonlyRootfs": True,
        "Init": True,
        "Memory": 1024,
        "MemorySwap": 1024,
        "NanoCpus": 1_500_000_000,
        "PidsLimit": 7,
        "Ulimits": [{"Name": "core", "Soft": 0, "Hard": 0}],
        "NetworkMode": "first",
        "PortBindings": {"8888/tcp": [{"HostIp": "127.0.0.1", "HostPort": "9999"}]},
        "Mounts": [
            {"Type": "volume", "Source": "files", "Target": "/workspace", "ReadOnly": False},
            {
                "Type": "bind",
                "Source": "/srv",
                "Target": "/srv",
                "ReadOnly": True,
                "BindOptions": {"NonRecursive": True},
            },
        ],
        "Tmpfs": {"/tmp": "rw,exec,size=1m"},
        "RestartPolicy": {"Name": "no"},
        "LogConfig": {"Type": "json-file", "Config": {"max-size": "10m", "max-file": "3"}},
    }


def test_a_context_is_the_same_bytes_each_time(tmp_path: Path) -> None:
    """Neither the order of the files, nor their times, owners and group bits, reach the engine's cache."""
    for folder, mode in (("a", 0o755), ("b", 0o710)):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "run").write_bytes(b"#!/bin/sh\n" * 200_000)
        (tmp_path / folder / "run").chmod(mode)
    one = {"x/run": tmp_path / "a" / "run", "Dockerfile": b"FROM scratch\n"}
    two = {"Dockerfile": b"FROM scratch\n", "x/run": tmp_path / "b" / "run"}

    pieces = list(context.stream(one, str))
    again = b"".join(context.stream(two, str))

    assert b"".join(pieces) == again
    assert max(map(len, pieces)) <= 1024 * 1024
    with tarfile.open(fileobj=io.BytesIO(again)) as tar:
        members = [(member.name, member.mode, member.mtime, member.uid) for member in tar]
        assert members == [("Dockerfile", 0o644, 0, 0), ("x/run", 0o755, 0, 0)]
        assert tar.extractfile("x/run").read() == b"#!/bin/sh\n" * 200_000


def test_a_file_that_changes_while_it_is_sent_fails_the_build(tmp_path: Path) -> None:
    """A shorter file would shift the archive, and its bytes would not be those that were digested."""
    file = tmp_path / "tree.tar"
    file.write_bytes(b"long" * 1000)
    pieces = context.stream({"tree.tar": file}, str)
    next(pieces)
    file.write_bytes(b"short")

    with pytest.raises(Failed, match=r"tree\.tar changed"):
        list(pieces)


def test_a_large_context_tells_how_far_it_is(tmp_path: Path) -> None:
    """Sending takes seconds, and nobody should wonder."""
    file = tmp_path / "tree.tar"
    with file.open("wb") as sparse:
        sparse.truncate(250 * 1024 * 1024)
    said: list[str] = []

    for _ in context.stream({"tree.tar": file}, said.append):
        pass

    assert said == ["sent 104 of 262 MB to the engine", "sent 209 of 262 MB to the engine"]


def test_a_shell_without_dockers_command_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """The one thing that needs the command is told what to install."""
    from tests.fakes.engine import FakeEngine

    fake = FakeEngine()
    made = fake.create(ContainerSpec("one", fake.add_image("t/x:1"), ()))
    fake.start(made)
    engine = Docker("unix:///nowhere.sock")
    monkeypatch.setattr(engine, "container", fake.container)
    monkeypatch.setattr(shutil, "which", lambda name: None)

    with pytest.raises(Failed, match="not on PATH") as failure:
        engine.shell("one", ("sh",))

    assert "docker.io" in failure.value.hint
