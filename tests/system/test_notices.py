"""That a release ends is said where people look: in a new terminal, and as a notification in JupyterLab."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from manager.app import messages
from manager.core.lifecycle import Schedule
from tests.system.support_browser import asked, container, network_beside
from tests.system.support_running import address, managed
from tests.system.world import docker

if TYPE_CHECKING:
    from collections.abc import Iterator

    from manager.app.manager import Manager
    from tests.system.world import World

pytestmark = [pytest.mark.engine, pytest.mark.slow]

NAME, SUCCESSOR = "quickstart", "jupyterlab:4.5-py3.11"


def _ending(manager: Manager, release: str) -> str:
    """Have a release end soon as this Manager sees it; give its last day."""
    last = manager.today + timedelta(days=43)
    dates = Schedule(*(manager.today + timedelta(days=days) for days in (-400, -47, 13, 43, 133, 408)))
    families = tuple(
        replace(
            family,
            releases=tuple(
                replace(one, schedule=dates, successor=SUCCESSOR) if one.name == release else one
                for one in family.releases
            ),
        )
        for family in manager.catalog.families
    )
    manager.__dict__["catalog"] = replace(manager.catalog, families=families)
    return str(last)


@contextmanager
def _told(world: World) -> Iterator[str]:
    """Put the message into the environment as `lifecycle apply` does, and take it away again; give the headline."""
    release, box = world.environment(NAME)["release"], container(world, NAME)
    with managed(world) as manager:
        last = _ending(manager, release)
        assert messages.put(manager, release, box, NAME)
    try:
        yield f"{release} retires on {last}"
    finally:
        with managed(world) as manager:
            assert messages.put(manager, release, box, NAME)


def _terminal(world: World) -> str:
    """Open a terminal as JupyterLab does, and give what it shows first."""
    return docker("exec", "-t", container(world, NAME), "/bin/bash", "-ic", "exit")


def _endpoint(world: World, *, known: bool = True) -> object:
    base, token = address(world, NAME)
    headers = {"Authorization": f"token {token}"} if known else {}
    with urllib.request.urlopen(
        urllib.request.Request(f"{base}/solvent/notice", headers=headers), timeout=30
    ) as answer:
        return json.load(answer)


def test_a_running_environment_says_that_its_release_ends(ready_world: World) -> None:
    """A terminal and the page say when, and what comes after it; to nobody without the token; and then no more."""
    with _told(ready_world) as headline, network_beside(ready_world, NAME) as network:
        shown = _terminal(ready_world)
        says = f"{headline}. Its successor is {SUCCESSOR}."
        with managed(ready_world) as manager:
            launch = manager.catalog.family("jupyterlab").launch
        question = {
            "url": f"http://{container(ready_world, NAME)}:{launch.port}",
            "page": launch.page,
            "selector": launch.selector,
            "token": address(ready_world, NAME)[1],
            "timeout": 60,
            "says": says,
        }
        answers = asked(ready_world, network, question, script="support_notice.py")
        with pytest.raises(urllib.error.HTTPError, match="403"):
            _endpoint(ready_world, known=False)

    assert headline in shown
    assert f"Its successor is {SUCCESSOR}." in shown
    assert f"solvent env upgrade {NAME} --to {SUCCESSOR}" in shown
    assert answers == dict.fromkeys(("notice.first", "notice.second", "notice.console"), ("pass", ""))
    # The control: there is nothing to say any more, and nothing is said.
    assert "retire" not in _terminal(ready_world)
    assert _endpoint(ready_world) is None
