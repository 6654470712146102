"""A headless Chromium in a container of its own, on an internal network beside a running environment."""

from __future__ import annotations

import json
import secrets
import subprocess
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from manager.core.ingredients import BROWSER
from manager.probes import page
from tests.system.support_running import base
from tests.system.world import docker

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.system.world import World

HERE = Path(__file__).parent
OPTIONS = (
    "run --rm -i --init --read-only --cap-drop=ALL --user=65534:65534 --env=HOME=/tmp --entrypoint=/usr/bin/python3 "
    "--tmpfs=/tmp:rw,exec,mode=1777,size=1g --tmpfs=/dev/shm:rw,mode=1777"
)


def container(world: World, name: str) -> str:
    """Give the name of an environment's container, which is its host name for a browser beside it."""
    return f"{world.realm}-{world.environment(name)['owner']}-{name}"


@contextmanager
def network_beside(world: World, name: str) -> Iterator[str]:
    """Put an environment on an internal network as well: there a browser waits for nothing outside."""
    network, host = f"{world.realm}-look-{secrets.token_hex(3)}", container(world, name)
    docker("network", "create", "--internal", "--label", f"io.solvent.realm={world.realm}", network)
    docker("network", "connect", network, host)
    try:
        yield network
    finally:
        docker("network", "disconnect", "--force", network, host)
        docker("network", "rm", network)


def asked(
    world: World, network: str, question: dict[str, Any], *program: str, volumes: tuple[str, ...] = (), script: str = ""
) -> dict[str, tuple[str, str]]:
    """Run a Python program beside a Chromium with a question on its input; give outcome and reason of each probe.

    It is what the words say, or a ``script`` of this folder, which finds the page's probe beside it.
    """
    if script:
        beside = (Path(page.__file__), HERE / "support_person.py", HERE / script)
        volumes += tuple(f"{one}:/probe/{one.name}:ro" for one in beside)
        program = (f"/probe/{script}",)
    where = [f"--network={network}", *(f"--volume={one}" for one in volumes)]
    done = subprocess.run(
        ["docker", *OPTIONS.split(), *where, base(world, BROWSER), *program],
        input=json.dumps(question), capture_output=True, text=True, check=False, timeout=240,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert question["token"] not in done.stdout
    lines = map(json.loads, done.stdout.splitlines())
    return {line["id"]: (line["outcome"], line["reason"]) for line in lines}
