"""``solvent quickstart``: what it prints, that it is never silent, that a second run reuses everything, its end."""

from __future__ import annotations

import json
import os
import re
import subprocess
import urllib.request
from typing import TYPE_CHECKING

import pytest

from manager.app.quickstart import CONNECT, QUERY
from tests.system.support_running import address, cell
from tests.system.world import docker

if TYPE_CHECKING:
    from tests.system.world import Watched, World

pytestmark = [pytest.mark.engine, pytest.mark.slow]

URL = re.compile(r"http://127\.0\.0\.1:\d+/lab/tree/quickstart\.ipynb\?token=[\w-]{43,}\n")
ROW = re.compile(r"^  [A-Z]{2} +\d+ orders +[\d,.]+ euro$", re.MULTILINE)
PHASES = ("engine: ", "jupyterlab:4.6-py3.13: ", "connection warehouse: ", "environment quickstart: ", "notebook: ")


def test_stdout_is_the_url_and_everything_else_is_on_stderr(first_quickstart: Watched) -> None:
    """The phases in their order, then the rows of the query, then what to try next."""
    heard = first_quickstart.stderr

    assert URL.fullmatch(first_quickstart.stdout)
    places = [heard.index(phase) for phase in (*PHASES, " euro\n", "  next:  solvent env list\n")]
    assert places == sorted(places)
    assert len(ROW.findall(heard)) == 5
    assert "solvent quickstart --remove" in heard


def test_no_silence_is_longer_than_two_seconds(first_quickstart: Watched) -> None:
    """Line after line on stderr, from the start of the process to its last; but for what the machine was late."""
    moments = [0.0, *(moment for moment, _ in first_quickstart.lines)]
    silences = [(after - before, line) for before, (after, line) in zip(moments, first_quickstart.lines, strict=False)]

    longest, before_line = max(silences)
    assert longest <= 2.0 + first_quickstart.late, f"{longest:.2f} s before {before_line!r}"


def test_a_second_run_reuses_everything(ready_world: World, first_quickstart: Watched) -> None:
    """No step is needed, the same rows come, and the same notebook."""
    again = ready_world("quickstart", "--progress", "plain")

    assert not re.findall(r"^  (?:start|done|failed) .*", again.stderr, re.MULTILINE)
    assert ROW.findall(again.stderr) == ROW.findall(first_quickstart.stderr)
    assert URL.fullmatch(again.stdout)
    assert again.stdout.partition("?")[0] == first_quickstart.stdout.partition("?")[0]


def test_a_second_run_can_be_read_by_a_program(ready_world: World) -> None:
    """JSON of schema 1 on stdout, with the environment, the notebook, the rows and what to try next."""
    done = ready_world("quickstart", "-o", "json", "--progress", "none")

    found = json.loads(done.stdout)
    assert (found["schema"], found["environment"]["name"]) == (1, "quickstart")
    assert URL.fullmatch(found["notebook"] + "\n")
    assert len(found["rows"].splitlines()) == 5
    assert found["next"]


def test_the_notebook_is_in_the_workspace(ready_world: World) -> None:
    """Its cells are those whose rows were shown; it opens by its own URL."""
    base, token = address(ready_world, "quickstart")
    asked = urllib.request.Request(f"{base}/api/contents/quickstart.ipynb", headers={"Authorization": f"token {token}"})

    with urllib.request.urlopen(asked, timeout=10) as answer:
        notebook = json.load(answer)["content"]

    assert [one["source"] for one in notebook["cells"]] == [CONNECT, QUERY]


@pytest.mark.last
@pytest.mark.skipif("SOLVENT_TEST_HOME" in os.environ, reason="the kept world is to stay")
def test_remove_takes_away_what_it_made_and_nothing_that_others_use(ready_world: World) -> None:
    """An environment of one's own goes on with its image, network and home; once it is gone, so is everything."""
    world = ready_world
    world("env", "launch", "jupyterlab", "--name", "mine")
    cell(world, "mine", "open('/workspace/mine.txt', 'w').write('mine')")
    foreign = f"{world.realm}-foreign"
    docker("volume", "create", foreign)

    try:
        first = world("quickstart", "--remove", "--progress", "plain")

        assert "stays" in first.stderr
        assert [one["name"] for one in world.json("env", "list")["environments"]] == ["mine"]
        workspaces = {one["name"] for one in world.json("workspace", "list")["workspaces"]}
        assert "mine" in workspaces
        assert "quickstart" not in workspaces
        assert "warehouse" not in [one["name"] for one in world.json("connection", "list")["connections"]]
        assert {one["state"] for one in world.json("source", "list")["sources"]} == {"stopped", "in the process"}
        assert cell(world, "mine", "print(open('/workspace/mine.txt').read())") == "mine\n"

        world("env", "remove", "mine", "--delete-workspace", "--approve-destructive")
        _remove_what_is_not_of_quickstart(world)
        noted = set(json.loads((world.home / "state/quickstart.json").read_text()))
        world("quickstart", "--remove", "--progress", "plain")

        assert _left(world.realm) == ""
        assert [what for _, what in _images(world.realm) if what in noted] == []
        assert not (world.home / "cache" / "trees").exists()
        assert "nothing that is still here" in world("quickstart", "--remove").stderr
        assert docker("volume", "ls", "-q", "--filter", f"name={foreign}").split() == [foreign]
    finally:
        docker("volume", "rm", foreign)


def _remove_what_is_not_of_quickstart(world: World) -> None:
    """Take away what other tests of this world left: workspaces, and images of what quickstart did not make."""
    for one in world.json("workspace", "list")["workspaces"]:
        world("workspace", "remove", one["name"], "--approve-destructive")
    noted = set(json.loads((world.home / "state/quickstart.json").read_text()))
    for image, what in _images(world.realm):
        if what not in noted:
            docker("rmi", "-f", image, check=False)


def _images(realm: str) -> list[tuple[str, str]]:
    """Give each image of a realm with what quickstart would note it as: ``base:trixie``."""
    found = []
    for image in docker("images", "-q", "--filter", f"label=io.solvent.realm={realm}").split():
        text = docker("image", "inspect", "--format", "{{json .Config.Labels}}", image, check=False)
        label = json.loads(text) if text.startswith("{") else {}
        kind = label.get("io.solvent.kind", "")
        key = {"image": "release", "base": "system", "source": "source"}.get(kind, "")
        found.append((image, f"{kind}:{label.get(f'io.solvent.{key}', '')}"))
    return found


def _left(realm: str) -> str:
    """Give every container, volume and network of a realm."""
    mine = ("--filter", f"label=io.solvent.realm={realm}")
    kinds = (("ps", "-a"), ("volume", "ls"), ("network", "ls"))
    asked = [("docker", *kind, "-q", *mine) for kind in kinds]
    return "".join(subprocess.run(words, capture_output=True, text=True, check=True).stdout for words in asked)
