"""Measures, prints a table, and exits 1 when a target is missed; ``--write`` updates docs/benchmarks.md.

``SOLVENT_TEST_HOME`` names a folder whose world is kept between runs, as for the system tests, and
``SOLVENT_REALM`` its realm when that is not ``kept``. Without it everything is made anew and removed at the end.
"""

from __future__ import annotations

import argparse
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tests.bench import (
    building,
    checking,
    comparing,
    crowd,
    launching,
    looking,
    many,
    moving,
    refreshing,
    releases,
    starting,
    unchanged,
)
from tests.bench.figures import PAGE, Figure, megabytes, page, ratio, seconds, table
from tests.system.world import World, docker, sweep

if TYPE_CHECKING:
    from collections.abc import Callable


def main() -> int:
    """Run everything; gives the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--runs", type=int, default=10, help="launches on each side, other commands likewise")
    parser.add_argument("--write", action="store_true", help="update docs/benchmarks.md")
    options = parser.parse_args()
    # Where bytecode may not be kept, each start would compile Solvent again, which is not what people have.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    kept = os.environ.get("SOLVENT_TEST_HOME")
    home = Path(kept) if kept else Path(tempfile.mkdtemp(prefix="solvent-bench-"))
    world = World(home, os.environ.get("SOLVENT_REALM", "kept") if kept else f"t-{secrets.token_hex(3)}")
    before = os.getloadavg()
    try:
        say("quickstart, from what is there")
        world("quickstart", timeout=1800)
        figures = measured(world, options.runs)
    finally:
        if not kept:
            sweep(world.realm)
            shutil.rmtree(home, ignore_errors=True)
    load = f"{before[0]:.1f} before and {os.getloadavg()[0]:.1f} after"
    print(table(figures))
    print(f"load average {load}")
    if options.write:
        engine = docker("version", "--format", "{{.Server.Version}}").strip()
        PAGE.write_text(page(figures, engine, load), encoding="utf-8")
    return int(any(figure.missed for figure in figures))


def measured(world: World, runs: int) -> list[Figure]:
    """Measure everything in a world that quickstart has filled."""
    say(f"launches by turns, {runs} on each side")
    ours, theirs = launching.by_turns(world, runs)
    to_ready = [one.ready for one in ours]
    say(f"starts by turns, {runs} on each side")
    image, stock = starting.by_turns(world, runs)
    say(f"{crowd.COUNT} launches together by turns")
    together, bare_together = crowd.by_turns(world, min(3, runs))
    say("short commands")
    bare, version = alternating(
        2 * runs, lambda: run(sys.executable, "-c", "pass"), lambda: run(*world.command("--version"))
    )
    completing = {"_SOLVENT_COMPLETE": "bash_complete", "COMP_WORDS": "solvent env la", "COMP_CWORD": "2"}
    listed, status, completed = alternating(
        runs,
        lambda: world("env", "list"),
        lambda: world("status"),
        lambda: run(*world.command(), **completing),
    )
    say("lists of ten thousand")
    mine, of_all = many.by_turns(runs)
    say("a thousand releases")
    day = releases.by_turns(runs)
    say("a thousand releases of which nothing has changed")
    whole, back, many_built = unchanged.by_turns(min(3, runs))
    say("the terminal UI among a thousand releases, five hundred connectors and ten thousand environments")
    seen = looking.by_turns(runs)
    say("what came out upstream")
    upstream = refreshing.by_turns(world, min(3, runs))
    say("two versions of a driver compared")
    versions = comparing.run(world)
    say("a cell that is set up, by turns with pip and with nox")
    set_up = checking.set_up(world, min(3, runs))
    say("what a sandbox adds to its probes")
    added = checking.overhead(world, min(3, runs))
    say("a nightly of two releases")
    nights = checking.nights(world)
    say("moves of a driver by turns")
    moves = moving.by_turns(world, min(3, runs))
    say("clean builds")
    clean = list(building.seconds(world, min(3, runs)))
    say("what has nothing to do")
    (reused,) = alternating(runs, lambda: world("image", "build", launching.FAMILY))
    (again,) = alternating(3, lambda: world("quickstart"))
    (client,) = alternating(runs, lambda: run("docker", "--version"))
    return [
        ratio("launch to ready over `docker run`", to_ready, theirs, 1.1),
        seconds("launch to ready", to_ready),
        seconds("`docker run` to ready", theirs),
        seconds("of which start of `docker`", client),
        seconds("`env launch` less launch to ready", [one.whole - one.ready for one in ours], 0.6),
        seconds("`env launch`, the whole command", [one.whole for one in ours]),
        seconds("of which processor time", [one.busy for one in ours]),
        ratio("start of the image over a stock JupyterLab's", image, stock, 0.65),
        seconds("start of the image", image),
        seconds("start of a stock JupyterLab", stock),
        ratio(f"{crowd.COUNT} launches together to ready over as many `docker run`", together, bare_together, 1.1),
        seconds(f"{crowd.COUNT} launches together through one process", together),
        seconds(f"{crowd.COUNT} `docker run` together", bare_together),
        ratio("`solvent --version` over `python -c pass`", version, bare, 8),
        seconds("`solvent --version`", version),
        seconds("completion of a word", completed),
        seconds("`env list`", listed),
        seconds("`env list` among 10,000 environments of 500 people (stand-in engine)", mine, 0.4),
        seconds("`env list --everyone` of those 10,000 (stand-in engine)", of_all),
        seconds("`lifecycle plan` of 1,000 releases and those 10,000 (stand-in engine)", day["plan"], 1),
        seconds("`lifecycle impact RELEASE` among them", day["impact"], 1),
        seconds("`lifecycle impact --component` among them", day["component"], 1),
        seconds(f"`image build --all` of {many_built:,} releases, nothing changed (stand-in engine)", whole, 5),
        seconds("`image rollback` of one of them", back, 2),
        seconds("`status`", status),
        *looking.figures(seen),
        seconds("`refresh` of all connectors, bases and IDEs, from nothing", upstream.cold, 20),
        seconds("`refresh`, nothing changed", upstream.unchanged, 2),
        seconds("`connector list` after it", upstream.listed, 0.6),
        seconds("`connector params snowflake --from 4.0.0 --to 5.2.0`, neither known", versions.cold, 60),
        seconds("the same again", versions.warm, 5),
        ratio(
            "`python -m venv` and pip over setting a cell up in a set that is there", set_up.pip, set_up.ours, least=10
        ),
        ratio("nox with uv over the same", set_up.nox, set_up.ours, least=1),
        seconds("setting a cell up in a set that is there", set_up.ours),
        seconds("setting a cell up in a set that is new", set_up.new),
        seconds("`python -m venv` and `pip install` of the same", set_up.pip),
        seconds("nox with uv of the same", set_up.nox),
        *(
            seconds(f"a cell of {driver} less the seconds of its probes, one at a time", took, 2)
            for driver, took in added.items()
        ),
        seconds(f"`nightly` of two releases, {nights.cells} cells, all of them due", nights.whole, 360),
        seconds("`nightly` of them, nothing changed", nights.unchanged, 15),
        seconds("`image build`, nothing changed", reused, 2),
        seconds("`image build` of a release from nothing but bases and wheels", clean, 90),
        seconds("`image build --candidate` after a move of psycopg", [one.seconds for one in moves.made], 8),
        seconds("`image build` after such a move, proven and promoted", [one.seconds for one in moves.proven], 8),
        seconds("`docker build` of the same move, nothing checked", [one.seconds for one in moves.classic]),
        megabytes("new bytes of that `image build`, less psycopg's own", [one.beyond for one in moves.proven], 10),
        megabytes("new bytes of that `docker build`, less psycopg's own", [one.beyond for one in moves.classic]),
        seconds("`quickstart`, the second time", again, 20),
    ]


def alternating(turns: int, *things: Callable[[], object]) -> list[list[float]]:
    """Time things by turns, after one turn that does not count; gives the seconds of each."""
    took: list[list[float]] = [[] for _ in things]
    for turn in range(turns + 1):
        for runs, thing in zip(took, things, strict=True):
            began = time.monotonic()
            thing()
            if turn:
                runs.append(time.monotonic() - began)
    return took


def run(*words: str, **variables: str) -> None:
    """Run a program to its end; what it prints is of no interest."""
    subprocess.run(words, env=os.environ | variables, stdout=subprocess.DEVNULL, check=True)


def say(phase: str) -> None:
    """Tell the person who waits."""
    print(f"bench: {phase}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
