"""Runs in a container of a base: compiles the modules of a tree that have no bytecode yet.

Arguments: the folder to look through. Exit 0 also where a file is no module of this Python (templates, tests of
syntax); what must work is imported by the checks of the image.

Each distribution is compiled in a process of its own, forked from one and the same state: what was interned for one
file would change how the next one is marshalled. So bytecode depends on the distribution alone, neither on the order
nor on what was compiled before, and as many processes run as there are processors.
"""

from __future__ import annotations

import csv
import importlib.util
import os
import py_compile
import sys
from pathlib import Path


def units(folder):
    """Give the modules without bytecode by distribution, as RECORDs say, and each that belongs to none by itself."""
    wanted = set()
    for root, _, files in os.walk(folder):
        paths = (f"{root}/{name}" for name in files if name.endswith(".py"))
        wanted.update(path for path in paths if not Path(importlib.util.cache_from_source(path)).exists())
    for record in sorted(Path(folder).glob("python*/site-packages/*.dist-info/RECORD")):
        with record.open(newline="", encoding="utf-8") as rows:
            places = [os.path.normpath(record.parent.parent / row[0]) for row in csv.reader(rows) if row]
        unit = sorted(wanted.intersection(places))
        wanted.difference_update(unit)
        yield unit
    yield from ([path] for path in sorted(wanted))


def compiled(unit):
    """Compile modules with unchecked hashes, so that no time stands in them; never returns."""
    code = 2
    try:
        for path in unit:
            try:
                py_compile.compile(path, doraise=True, invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH)
            except py_compile.PyCompileError as error:
                print(error.msg, flush=True)
        code = 0
    except Exception as error:
        print(f"{path}: {type(error).__name__}: {error}", flush=True)
    finally:
        os._exit(code)


def run(folder):
    """Compile everything; give 0, or 2 when a process could not do its work (a full disk, a kill)."""
    # The largest first, so that none of them is alone at the end.
    waiting = sorted(units(folder), key=len)
    most, running, worst = len(os.sched_getaffinity(0)), 0, 0
    while waiting or running:
        while waiting and running < most:
            unit = waiting.pop()
            if os.fork() == 0:
                compiled(unit)
            running += 1
        worst = max(worst, int(os.wait()[1] != 0))
        running -= 1
    return 2 * worst


if __name__ == "__main__":
    sys.exit(run(sys.argv[1]))
