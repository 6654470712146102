"""What only a real engine can show: that isolation holds, that nothing leaks, and that nothing is left."""

from __future__ import annotations

import json
import os
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from manager.core.containers import Publish, Tmpfs
from manager.core.observed import Published
from manager.errors import Failed, Refused
from manager.world.engine import streams
from tests.contracts.conftest import GREETING

if TYPE_CHECKING:
    from tests.contracts.conftest import World

pytestmark = pytest.mark.engine

SECRET = b"planted-5c0ffee"
SERVE = ("/bin/sh", "-c", "httpd -p 8000 -h /srv && echo up; sleep 600")


@pytest.fixture
def world(docker_world: World) -> World:
    """Docker only."""
    return docker_world


def serving(world: World, what: str, **more: object) -> str:
    """Start a web server and wait for its first line of log."""
    made = world.running(what, SERVE, **more)
    log = world.engine.logs(made, follow=True)
    assert next(log) == b"up\n"
    log.close()
    return made


def build_of(world: World, lines: list[str]) -> tuple[dict[str, bytes], dict[str, str], dict[str, str], str]:
    """Give the arguments of a build from the test image."""
    context = {"Dockerfile": "\n".join([*lines, ""]).encode()}
    return context, {"BASE": world.image}, world.labels, f"{world.realm}/x:1"


def open_files() -> int:
    """Count this process's open files."""
    return len(os.listdir("/proc/self/fd"))  # noqa: PTH208


def test_a_published_port_answers_on_this_machine_only(world: World) -> None:
    """Every listener of the port is bound to 127.0.0.1."""
    port = world.free_port()
    made = serving(world, "web", networks=("bridge",), publish=(Publish(8000, port),))

    with urllib.request.urlopen(f"http://127.0.0.1:{port}/greeting", timeout=10) as answer:
        body = answer.read()

    rows = [row.split() for row in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    listening = {row[1].split(":")[0] for row in rows if row[3] == "0A" and row[1].endswith(f":{port:04X}")}
    assert body == GREETING
    # 127.0.0.1 in the kernel's byte order; empty when the engine forwards without a proxy process.
    assert listening <= {"0100007F"}
    assert world.engine.container(made).published == (Published("127.0.0.1", port, 8000),)


def test_environments_do_not_reach_each_other_and_sources_do(world: World) -> None:
    """Neighbours on a network of environments are walled off; on an internal one they talk, which is the control."""
    apart, together = world.name("apart"), world.name("together")
    world.engine.create_network(apart, world.labels)
    world.engine.create_network(together, world.labels, internal=True)
    answers = {}

    for network in (apart, together):
        server = serving(world, f"{network}-web", networks=(network,))
        client = world.running(f"{network}-client", networks=(network,))
        # The tiny image has no resolver; the engine writes a container's address into its hosts file, last.
        hosts = world.engine.exec(server, ("cat", "/etc/hosts")).stdout.decode()
        ask = f"printf 'GET /greeting HTTP/1.0\\r\\n\\r\\n' | nc -w 2 {hosts.splitlines()[-1].split()[0]} 8000"
        answers[network] = world.engine.exec(client, ("/bin/sh", "-c", ask))

    assert answers[together].code == 0
    assert answers[together].stdout.endswith(GREETING)
    assert answers[apart].code != 0
    assert answers[apart].stdout == b""


def test_a_secret_on_standard_input_shows_nowhere(world: World) -> None:
    """Neither the inspection, the process list nor the log has it; the tmpfs has, which is the control."""
    from docker import APIClient

    words = ("/bin/sh", "-c", "cat > /run/secret; sleep 600")
    made = world.engine.create(world.spec("one", words, stdin=True, tmpfs=(Tmpfs("/run", "rw,size=1m"),)))

    world.engine.start(made, stdin=SECRET)

    client = APIClient(version="auto")
    shown = json.dumps([client.inspect_container(made), client.top(made)])
    assert world.engine.exec(made, ("cat", "/run/secret")).stdout == SECRET
    assert SECRET.decode() not in shown
    assert SECRET not in b"".join(world.engine.logs(made))


def test_a_process_that_never_reads_is_reported(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """More than a pipe holds, and nobody reads: the start fails in time and says whose fault it is."""
    monkeypatch.setattr(streams, "_PATIENCE", 0.5)
    made = world.engine.create(world.spec("one", stdin=True))

    with pytest.raises(Failed, match="did not take its standard input") as failure:
        world.engine.start(made, stdin=bytes(8_000_000))

    assert "did not read" in failure.value.why


def test_large_input_and_output_arrive_whole(world: World) -> None:
    """Many frames on both streams, more than any buffer on the way."""
    words = ("/bin/sh", "-c", "cat > /run/data; sleep 600")
    made = world.engine.create(world.spec("one", words, stdin=True, tmpfs=(Tmpfs("/run", "rw,size=16m"),)))
    data = os.urandom(3_000_000)

    world.engine.start(made, stdin=data)
    result = world.engine.exec(made, ("/bin/sh", "-c", "cat /run/data; cat /run/data >&2"))

    assert (result.code, result.stdout == data, result.stderr == data) == (0, True, True)


def test_no_connection_is_left_open(world: World) -> None:
    """Neither a refused start, nor a command that takes too long, nor a log that nobody follows any more."""
    made = world.running("one", ("/bin/sh", "-c", "echo up; sleep 600"))
    with world.taken_port() as port:
        spec = world.spec("two", stdin=True, networks=("bridge",), publish=(Publish(1, port),))
        refused = world.engine.create(spec)

        def disturb() -> None:
            with pytest.raises(Refused):
                world.engine.start(refused, stdin=SECRET)
            with pytest.raises(Failed):
                world.engine.exec(made, ("sleep", "5"), timeout=0.1)
            log = world.engine.logs(made, follow=True)
            assert next(log) == b"up\n"
            log.close()

        # The SDK keeps some idle connections for later requests; those are there after the first round.
        disturb()
        before = open_files()
        for _ in range(3):
            disturb()

    assert open_files() - before < 3


def test_threads_share_an_engine(world: World) -> None:
    """Steps of a plan run side by side over one connection pool."""
    made = world.running("one")

    with ThreadPoolExecutor(4) as workers:
        jobs = [workers.submit(world.engine.exec, made, ("echo", str(number))) for number in range(12)]
        said = [job.result().stdout for job in jobs]

    assert said == [f"{number}\n".encode() for number in range(12)]


def test_an_interrupted_build_leaves_nothing_behind(world: World) -> None:
    """Ctrl-C in the middle of a build: its images and containers go, those of others stay."""
    from docker import APIClient

    client = APIClient(version="auto")
    lines = ["ARG BASE", "FROM ${BASE}", f"LABEL {world.realm}=x"]
    good = world.engine.build(*build_of(world, lines), str)

    def say(line: str) -> None:
        if line == "in the middle":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        world.engine.build(*build_of(world, [*lines, "LABEL half=x", "RUN echo in the middle; sleep 20"]), say)

    left = [image["Id"] for image in client.images(all=True) if "half" in (image["Labels"] or {})]
    running = client.containers(all=True, filters={"label": ["half", world.realm]})
    assert (left, running) == ([], [])
    assert world.engine.image(f"{world.realm}/x:1").digest == good.digest


def test_creating_and_starting_takes_three_requests(world: World) -> None:
    """Nothing else stands between the wish and the process, so the launch is as fast as the engine."""
    from docker import APIClient

    asked: list[str] = []
    original = APIClient.send

    def send(client: APIClient, request: object, **more: object) -> object:
        asked.append(f"{request.method} {request.path_url.split('/', 2)[2].split('?')[0]}")
        return original(client, request, **more)

    words = ("/bin/sh", "-c", "cat > /run/x; sleep 600")
    spec = world.spec("one", words, stdin=True, tmpfs=(Tmpfs("/run", "rw,size=1m"),))
    world.engine.info()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(APIClient, "send", send)
        made = world.engine.create(spec)
        world.engine.start(made, stdin=b"x")

    assert asked == [
        "POST containers/create",
        f"POST containers/{made}/attach",
        f"POST containers/{made}/start",
    ]
