"""What was measured, held against its target: as a table for the terminal and as the page docs/benchmarks.md."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

PAGE = Path(__file__).parents[2] / "docs" / "benchmarks.md"
_HEAD = ("what", "median", "smallest to largest", "runs", "target", "verdict")


@dataclass(frozen=True, slots=True)
class Figure:
    """A median with its spread over ``runs`` runs, in seconds, in ``x`` for a ratio, or in another unit.

    ``target`` is the largest median that is good enough, the smallest with ``least``; None for a mere fact.
    """

    what: str
    median: float
    low: float
    high: float
    runs: int
    unit: str = "s"
    target: float | None = None
    least: bool = False

    @property
    def missed(self) -> bool:
        """Say whether there is a target and the median lies on the wrong side of it."""
        if self.target is None:
            return False
        return self.median < self.target if self.least else self.median > self.target

    def cells(self) -> tuple[str, ...]:
        """Give the row of a table."""
        verdict = "" if self.target is None else "not met" if self.missed else "met"
        target = "" if self.target is None else f"at {'least' if self.least else 'most'} {self.target:g} {self.unit}"
        spread = f"{self._text(self.low)} to {self._text(self.high)}"
        return (self.what, self._text(self.median), spread, str(self.runs), target, verdict)

    def _text(self, value: float) -> str:
        return f"{value * 1000:.0f} ms" if self.unit == "s" and value < 0.1 else f"{value:.2f} {self.unit}"


def seconds(what: str, runs: Sequence[float], target: float | None = None) -> Figure:
    """Give the median of the seconds that something took."""
    return Figure(what, median(runs), min(runs), max(runs), len(runs), target=target)


def slowest(what: str, runs: Sequence[float], target: float | None = None) -> Figure:
    """Give the 95th percentile of the seconds that each of many things took, which stands where a median would."""
    ordered = sorted(runs)
    return Figure(what, ordered[int(0.95 * (len(ordered) - 1))], ordered[0], ordered[-1], len(ordered), target=target)


def megabytes(what: str, runs: Sequence[float], target: float | None = None) -> Figure:
    """Give the median of an amount of bytes, in millions."""
    return Figure(what, median(runs), min(runs), max(runs), len(runs), "MB", target)


def ratio(
    what: str,
    ours: Sequence[float],
    theirs: Sequence[float],
    target: float | None = None,
    *,
    least: float | None = None,
) -> Figure:
    """Give the ratio of the medians of two things that were measured by turns; the spread is that of the pairs.

    ``target`` is the largest that is good enough, ``least`` the smallest where the other side is to be the slower one.
    """
    pairs = [one / other for one, other in zip(ours, theirs, strict=True)]
    bound = target if least is None else least
    return Figure(
        what, median(ours) / median(theirs), min(pairs), max(pairs), len(pairs), "x", bound, least is not None
    )


def table(figures: Sequence[Figure]) -> str:
    """Give the figures as aligned text."""
    rows = [_HEAD, *(figure.cells() for figure in figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEAD))]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)
    return "\n".join(line.rstrip() for line in lines)


def page(figures: Sequence[Figure], engine: str, load: str) -> str:
    """Give docs/benchmarks.md: the figures, how they came about, and the machine in general words."""
    rows = [_HEAD, ("---", "---:", "---:", "---:", "---:", "---"), *(figure.cells() for figure in figures)]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    system = platform.freedesktop_os_release().get("PRETTY_NAME", platform.system())
    return f"""\
# Benchmarks

Measured on {datetime.now(UTC).date().isoformat()} by `make bench` (`python -m tests.bench --write` writes this page):
{os.cpu_count()} cores, {memory:.0f} GiB, {system}, Python {platform.python_version()}, engine {engine}, \
load average {load}. The machine is
shared and noisy, so look at the ratios, whose two sides are measured by turns in one run, before the seconds.

{chr(10).join(f"| {' | '.join(row)} |" for row in rows)}

## What is compared

- **Launch.** One side is `solvent env launch`, and of it `ready_seconds`: from the first request to the engine until
  the IDE answers. The other is `docker run -i` of the same image by digest, with the flags read from the inspection
  of the container that Solvent made: limits, dropped capabilities, read-only root file system, tmpfs mounts, log
  limits, `--init`, network and published port, and volumes of its own; entry point, command and user are the image's
  on both sides. A token goes to the entry point over standard input. Its time runs from the start of the `docker`
  process until the same path answers, asked by the same code in the same rhythm. So its side has the start of the
  `docker` program in it, which has a row of its own, and Solvent's has not the start of Python: that is in the next
  row.
- **The rest of the command** is the wall time of `solvent env launch` less `ready_seconds`: Python, the catalog, the
  database, the plan, the answer.
- **Start of the image.** Both sides are `docker run` with the flags of the launches, by turns. One is our image; the
  other stands on the same base and has what `pip install jupyterlab` leaves: the same versions of every package in one
  prefix, bytecode compiled by the base's own Python, no file and no configuration of ours, and `jupyter-lab` as its
  command.
- **Twenty together.** One side is one process with one `Manager`, which plans and applies twenty launches in as many
  threads, from the first plan until the last IDE answers. The other is twenty `docker run` of the same image with the
  flags of our containers, from the start of the first until the last answers. Limits are the same on both sides.
- **A driver's move.** psycopg goes from version to version in a kernel lock. Our side is `solvent image build` from the
  start of the command until the build is promoted: the tree, the layers, all checks in containers and in a browser.
  The other side only makes an image: the same versions are installed with uv, and `docker build` copies them onto the
  same base as one layer and compiles them. Nothing is checked there. New bytes are those of the layers that the engine
  did not have, less the files of psycopg itself.
- **A cell that is set up** is what one does until its first probe can begin: the set as a tree, then a sandbox with it
  in the release's image, in which its Python has started and ended, removed again. A tree is made once for a set, and
  compiled and sealed then; a row of its own has that, from warm caches. The other sides are `python -m venv` and
  `pip install` into it, and `nox` with its uv backend, which make theirs anew each time: the same versions, pinned by
  hash, from warm caches (SQLAlchemy, psycopg, pandas, pyarrow).
- **What a sandbox adds** is the wall time of a cell less the seconds that its probes say of themselves, all but
  SQLAlchemy's suite, one at a time. Usually several are asked side by side, and a cell is over sooner than their sum.
- **The nightly of two releases**: PostgreSQL 15 and 17 with two drivers each, MariaDB 11.8 with two, DuckDB, SQLite,
  and pyodbc against three of these, in both active releases of JupyterLab. Images, servers' images, trees and the
  suite's harness are there; servers are started and removed within its time.
- **Ten thousand environments** of 500 people stand in the state, each with an entry of history. The engine is a
  stand-in: a small server behind a socket file that answers with as many rows as Docker would give, filtered by labels
  as Docker does, and written out before: an engine's own time is not in it. Everything else is the command as it is.
- **The terminal UI** runs in a terminal of 160 by 48, whose other end is read, on a real catalog of a thousand releases
  and five hundred connectors and a real database of ten thousand environments; the engine is the stand-in. First paint
  is when the line of modes has come. Then the first list has the rows that are remembered from the last time, marked
  as old; usable is when these are drawn and a key has moved the cursor. Keys are pressed one after the other, 20 ms
  after the screen was quiet, whether lists are being read again or not. Beside it stands a table of Textual's own with
  as many rows of eight cells, and harlequin as `pip` gives it; all three have their bytecode.
- **A thousand releases** are 20 families of 50 in a catalog of its own; the ten thousand environments are spread over
  them. The plan announces what was never announced, has every notice that is due, and shows every message.
- **Two versions compared.** Each time with a home and a cache of uv's of their own, and a catalog that keeps no
  contract of Snowflake's connector: both versions are downloaded, installed and asked. The base in which they are asked
  is there already. The same again reads both answers from the cache.
- **Start of a command** is `solvent --version` against `python -c pass` with the same interpreter.
- Before anything is measured, each command runs once. Workspaces and homes are there already; images are built.
"""
