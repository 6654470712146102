"""``env list`` with ten thousand environments: remembered in the state, and shown by an engine's stand-in.

The state knows four thousand builds as well: what each environment is owed is a part of the list.
"""

from __future__ import annotations

import sqlite3
import subprocess
import tempfile
import time
from contextlib import closing
from dataclasses import fields, replace
from getpass import getuser
from pathlib import Path

from manager.core.containers import ContainerSpec
from manager.core.environments import environment_of
from manager.core.history import Entry, chained
from manager.core.memory import Launched, Wanted
from manager.core.names import Names
from manager.world.engine import reading
from manager.world.store import open_store, tables
from tests.fakes.standin import ENGINE_ID, rows, standing_in
from tests.system.world import World

OWNERS, EACH = 500, 20
BUILDS = 4000


def by_turns(turns: int) -> tuple[list[float], list[float]]:
    """Time ``env list`` and ``env list --everyone`` by turns, after one turn that does not count; gives seconds."""
    with tempfile.TemporaryDirectory(prefix="solvent-many-") as place:
        home, names = Path(place), Names("many")
        world = World(home / "home", names.realm)
        owners = [getuser(), *(f"person-{number}" for number in range(1, OWNERS))]
        found = rows(names, owners, EACH)
        fill(world.home / "state" / "state.db", found)
        mine: list[float] = []
        all_of_them: list[float] = []
        with standing_in(home / "engine.sock", found) as url:
            for turn in range(turns + 1):
                for took, words, expected in ((mine, (), EACH), (all_of_them, ("--everyone",), OWNERS * EACH)):
                    began = time.monotonic()
                    done = subprocess.run(
                        world.command("env", "list", "-q", *words), env=world.environ | {"DOCKER_HOST": url},
                        stdout=subprocess.PIPE, check=True,
                    )  # fmt: skip
                    seconds = time.monotonic() - began
                    assert len(done.stdout.splitlines()) == expected, "the list is not whole"
                    if turn:
                        took.append(seconds)
    return mine, all_of_them


def fill(file: Path, found: list[dict[str, object]]) -> None:
    """Remember every row as launched, the stopped ones as stopped, with an entry of history each, and builds."""
    open_store(f"sqlite:///{file}").close()
    with closing(sqlite3.connect(file)) as database, database:
        database.executemany(tables.insert("builds"), map(build, range(BUILDS)))
        last = ""
        for number, row in enumerate(found, 1):
            container = reading.listed(row)
            labels = tuple(container.labels.items())
            spec = ContainerSpec(container.name, container.image, labels, networks=container.networks)
            wanted: Wanted = "running" if container.state == "running" else "stopped"
            one = replace(environment_of(container), state="unknown", wanted=wanted)
            database.execute(tables.insert("environments"), tables.launched(Launched(ENGINE_ID, one, spec)))
            entry = Entry(one.created, one.owner, "create environment", one.name, "a bench wants it")
            linked = chained(entry, number, last)
            last = linked.digest
            values = {field.name: getattr(linked, field.name) for field in fields(linked)}
            database.execute(tables.insert("history"), values | {"at": tables.text(linked.at)})


def build(number: int) -> dict[str, object]:
    """Give the row of a build; the rows' environments stand on the first few."""
    return {
        "release": "jupyterlab:4.6-py3.13", "version": f"20261121.{number}", "digest": f"sha256:{number:064x}",
        "spec_hash": f"{number:064x}", "inputs": "[]", "layers": "[]", "status": "promoted", "reason": "",
        "created": "2026-11-21T12:00:00+00:00", "size": 10**9,
    }  # fmt: skip
