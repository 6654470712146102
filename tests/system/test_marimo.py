"""marimo as a person has it: a cell reads a database, the token is in no log, nobody gets in without it."""

from __future__ import annotations

import json
import subprocess
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest

from manager.app.sandbox import script
from tests.system.support_browser import container
from tests.system.world import docker

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.system.world import World

pytestmark = [pytest.mark.engine, pytest.mark.slow]

NAME = "reactive"
READS = """
import pathlib, sys, sqlalchemy
address = pathlib.Path("/run/solvent/connections/warehouse/url").read_text()
with sqlalchemy.create_engine(address).connect() as connection:
    print(sys.prefix, connection.execute(sqlalchemy.text("select count(*) > 0 from orders")).scalar())
"""


@pytest.fixture(scope="module")
def url(ready_world: World) -> Iterator[str]:
    """Launch marimo with the sample database; gives the URL that is printed."""
    ready_world("image", "build", "marimo", timeout=1800)
    yield ready_world("env", "launch", "marimo", "--name", NAME, "--connection", "warehouse").stdout.strip()
    ready_world("env", "remove", NAME, "--delete-workspace", "--approve-destructive", code=None)


def _cells(world: World, *cells: str) -> list[dict[str, Any]]:
    """Run cells in a new notebook of the running server, as the proof of a build does."""
    question = {
        "url": "http://127.0.0.1:2718",
        "credential": "/run/solvent/token",
        "seconds": 120,
        "kernels": [{"name": "python3", "cells": list(cells)}],
    }
    words = ("docker", "exec", "-i", container(world, NAME), "/opt/solvent/ide/bin/python", "-c", script("marimo"))
    done = subprocess.run(words, input=json.dumps(question), capture_output=True, text=True, check=True, timeout=300)
    return [json.loads(line) for line in done.stdout.splitlines()]


def _status(address: str) -> int:
    try:
        with urllib.request.urlopen(address, timeout=30) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def test_the_url_carries_the_access_token(url: str) -> None:
    """It opens the page; without it, or with another one, nothing but the health check answers."""
    parts = urlsplit(url)
    address = f"http://{parts.netloc}"
    assert list(parse_qs(parts.query)) == ["access_token"]
    assert _status(url) == 200
    assert _status(f"{address}/api/version?access_token={parse_qs(parts.query)['access_token'][0]}") == 200
    assert _status(f"{address}/api/version") == 401
    assert _status(f"{address}/api/version?access_token=wrong") == 401
    assert _status(f"{address}/health") == 200


def test_a_cell_reads_a_database_with_the_kernels_python(ready_world: World, url: str) -> None:
    """The notebook runs in the kernel's prefix, and its drivers reach what the connection says."""
    (answer,) = _cells(ready_world, READS)

    assert (answer["error"], answer["printed"].strip()) == ("", "/opt/solvent/kernel True")


def test_the_token_is_in_no_log(ready_world: World, url: str) -> None:
    """At its start marimo prints its address with the token, unless it is told to be quiet."""
    (token,) = parse_qs(urlsplit(url).query)["access_token"]
    (answer,) = _cells(ready_world, "1 / 0")

    assert "ZeroDivisionError" in answer["error"]
    assert token not in docker("logs", container(ready_world, NAME))
