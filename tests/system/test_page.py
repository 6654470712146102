"""The page that a person opens, in a headless Chromium beside a running environment."""

from __future__ import annotations

import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from manager.probes import page
from tests.system.support_browser import asked, container, network_beside
from tests.system.support_running import address, managed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.system.world import World

pytestmark = [pytest.mark.engine, pytest.mark.slow]

NAME = "quickstart"


@pytest.fixture
def beside(ready_world: World) -> Iterator[str]:
    """Give an internal network that the environment stands on as well."""
    with network_beside(ready_world, NAME) as network:
        yield network


def _ask(world: World, network: str, shots: Path) -> dict[str, tuple[str, str]]:
    """Look at the page with the right token; give outcome and reason of each probe."""
    with managed(world) as manager:
        launch = manager.catalog.family("jupyterlab").launch
    question = {
        "url": f"http://{container(world, NAME)}:{launch.port}",
        "page": launch.page,
        "selector": launch.selector,
        "token": address(world, NAME)[1],
        "timeout": 60,
        "screenshot": "/shots/lab.png",
    }
    shots.chmod(0o777)
    return asked(world, network, question, "-c", Path(page.__file__).read_text(), volumes=(f"{shots}:/shots",))


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
