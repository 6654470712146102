"""The page that a person opens, in a headless Chromium beside a running environment."""

from __future__ import annotations

import json
import secrets
import subprocess
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from manager.core.ingredients import BROWSER, base_key
from manager.probes import page
from tests.system.support_running import address, managed
from tests.system.world import docker

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.system.world import World

pytestmark = [pytest.mark.engine, pytest.mark.slow]

NAME = "quickstart"
OPTIONS = "run --rm -i --init --read-only --cap-drop=ALL --env=HOME=/tmp --tmpfs=/tmp:rw,exec,mode=1777,size=1g"


@pytest.fixture
def beside(ready_world: World) -> Iterator[str]:
    """Give an internal network that the environment stands on as well: there a browser waits for nothing outside."""
    network = f"{ready_world.realm}-look-{secrets.token_hex(3)}"
    docker("network", "create", "--internal", "--label", f"io.solvent.realm={ready_world.realm}", network)
    docker("network", "connect", network, _container(ready_world))
    yield network
    docker("network", "disconnect", "--force", network, _container(ready_world))
    docker("network", "rm", network)


def _ask(world: World, network: str, shots: Path) -> dict[str, tuple[str, str]]:
    """Look at the page with the right token; give outcome and reason of each probe."""
    token = address(world, NAME)[1]
    with managed(world) as manager:
        launch = manager.catalog.family("jupyterlab").launch
    question = {
        "url": f"http://{_container(world)}:{launch.port}",
        "page": launch.page,
        "selector": launch.selector,
        "token": token,
        "timeout": 60,
        "screenshot": "/shots/lab.png",
    }
    shots.chmod(0o777)
    where = (f"--network={network}", f"--volume={shots}:/shots", "--user=65534:65534", "--tmpfs=/dev/shm:rw,mode=1777")
    program = (_browser(world), "-c", Path(page.__file__).read_text())
    done = subprocess.run(
        ["docker", *OPTIONS.split(), *where, "--entrypoint=/usr/bin/python3", *program],
        input=json.dumps(question), capture_output=True, text=True, check=True, timeout=240,
    )  # fmt: skip
    assert token not in done.stdout
    lines = map(json.loads, done.stdout.splitlines())
    return {line["id"]: (line["outcome"], line["reason"]) for line in lines}


def test_the_page_loads_and_asks_who_comes(ready_world: World, beside: str, tmp_path: Path) -> None:
    """JupyterLab is there without an error on the console; a browser without the token does not see it."""
    answers = _ask(ready_world, beside, tmp_path)

    assert answers == dict.fromkeys(answers, ("pass", ""))
    assert {"page.loads", "page.console", "page.refuses", "page.screenshot"} <= answers.keys()
    picture = (tmp_path / "lab.png").read_bytes()
    assert picture.startswith(b"\x89PNG")
    assert (int.from_bytes(picture[16:20], "big"), len(picture) > 20_000) == (1440, True)


@pytest.mark.parametrize("wrong", ["", "?token=", "?token={wrong}"])
def test_without_the_token_there_is_a_login(ready_world: World, wrong: str) -> None:
    """Whoever comes without the token of this start, or with another one, is sent to a login."""
    base, token = address(ready_world, NAME)

    with urllib.request.urlopen(f"{base}/lab{wrong.format(wrong=token[::-1])}", timeout=30) as answer:
        assert urlsplit(answer.geturl()).path == "/login"
        assert b"jp-LabShell" not in answer.read()


def _container(world: World) -> str:
    return f"{world.realm}-{world.environment(NAME)['owner']}-{NAME}"


def _browser(world: World) -> str:
    with managed(world) as manager:
        system = manager.catalog.system(BROWSER)
        return manager.names.base(system.id, base_key(system))
