"""What people do in JupyterLab all day, in a headless Chromium: a start that is faster has taken nothing away."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from manager.app.proving import inside
from tests.system.support_browser import asked, container, network_beside
from tests.system.support_running import address
from tests.system.world import docker

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.system.world import World

pytestmark = [pytest.mark.engine, pytest.mark.slow]

NAME = "quickstart"
PROBES = ("opens", "edits", "runs", "terminal", "extensions", "settings", "saves")
IDE = "/opt/solvent/ide"
# A second JupyterLab in the same environment, on another port, in which everything but the page is broken: its
# kernel never answers, its files and the notebook's cell cannot be changed, no terminal, no extension, and a
# schema that takes any value.
BROKEN = f"""
set -e
cp -r {IDE}/share/jupyter/lab/schemas /tmp/broken-schemas
echo '{{"type": "object"}}' >/tmp/broken-schemas/@jupyterlab/notebook-extension/tracker.json
mkdir -p /tmp/broken/kernels/python3 /tmp/broken-files
echo '{{"argv": ["sleep", "600"], "display_name": "Python 3", "language": "python"}}' \
    >/tmp/broken/kernels/python3/kernel.json
echo "$1" >/tmp/broken-files/working.ipynb
chmod a-w /tmp/broken-files/working.ipynb /tmp/broken-files
export JUPYTER_PATH=/tmp/broken JUPYTER_CONFIG_DIR=/tmp/broken
exec {IDE}/bin/jupyter-lab --ServerApp.port=8889 --ServerApp.root_dir=/tmp/broken-files \
    --ServerApp.terminals_enabled=False --LabApp.schemas_dir=/tmp/broken-schemas --LabApp.labextensions_path=[]
"""


@pytest.fixture(scope="module")
def beside(ready_world: World) -> Iterator[str]:
    """Give an internal network with the environment on it, whose workspace has a notebook with one empty cell."""
    write = 'echo "$1" >/workspace/working.ipynb'
    with network_beside(ready_world, NAME) as network:
        docker("exec", container(ready_world, NAME), "sh", "-c", write, "sh", _notebook())
        yield network


def _notebook(**metadata: bool) -> str:
    """Give a notebook with one empty cell."""
    cell = {"cell_type": "code", "execution_count": None, "id": "one", "metadata": metadata}
    empty = cell | {"outputs": [], "source": ""}
    kernel = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    return json.dumps({"cells": [empty], "metadata": kernel, "nbformat": 4, "nbformat_minor": 5})


def _work(world: World, network: str, port: int, timeout: float) -> dict[str, tuple[str, str]]:
    """Do a day's work on a port of the environment; give outcome and reason of each thing done."""
    question = {
        "url": f"http://{container(world, NAME)}:{port}",
        "token": address(world, NAME)[1],
        "notebook": "working.ipynb",
        "note": "working.txt",
        "timeout": timeout,
        "shots": "",
    }
    return asked(world, network, question, script="support_lab.py")


@pytest.fixture
def broken(ready_world: World, beside: str) -> Iterator[int]:
    """Give the port of the broken JupyterLab, as long as it is needed."""
    host = container(ready_world, NAME)
    docker("exec", "--detach", host, "sh", "-c", BROKEN, "sh", _notebook(editable=False))
    docker("exec", host, "/usr/bin/python3", "-I", "-c", inside._READY, "http://127.0.0.1:8889/api")
    yield 8889
    docker("exec", host, "pkill", "-f", "ServerApp.port=8889")


def test_a_broken_jupyterlab_is_seen(ready_world: World, beside: str, broken: int) -> None:
    """The control: the notebook is shown, and every other thing is seen to fail."""
    answers = _work(ready_world, beside, broken, 3)

    assert {probe: said for probe, (said, _) in answers.items()} == {
        f"work.{probe}": "pass" if probe == "opens" else "fail" for probe in PROBES
    }


def test_a_days_work_is_done(ready_world: World, beside: str) -> None:
    """A notebook is opened, edited, run and saved, a terminal runs a command, extensions and settings are there."""
    answers = _work(ready_world, beside, 8888, 30)

    assert answers == {f"work.{probe}": ("pass", "") for probe in PROBES}
