"""Runs in a container of a base: compiles the modules of a tree that have no bytecode yet.

Arguments: the folder to look through. Exit 0 also where a file is no module of this Python (templates, tests of
syntax); what must work is imported by the checks of the image.

Each file is compiled in a process of its own, forked from one and the same state: what was interned for one file
would change how the next one is marshalled. So bytecode depends on its source alone, neither on the order nor on
what was compiled before, and as many processes run as there are processors.
"""

from __future__ import annotations

import importlib.util
import os
import py_compile
import sys
from pathlib import Path


def sources(folder):
    """Give the modules without bytecode, sorted."""
    for root, names, files in os.walk(folder):
        names.sort()
        for name in sorted(files):
            path = f"{root}/{name}"
            if name.endswith(".py") and not Path(importlib.util.cache_from_source(path)).exists():
                yield path


def compiled(path):
    """Compile one module with an unchecked hash, so that no time stands in it; never returns."""
    code = 2
    try:
        py_compile.compile(path, doraise=True, invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH)
        code = 0
    except py_compile.PyCompileError as error:
        print(error.msg, flush=True)
        code = 0
    except Exception as error:
        print(f"{path}: {type(error).__name__}: {error}", flush=True)
    finally:
        os._exit(code)


def run(folder):
    """Compile everything; give 0, or 2 when a process could not do its work (a full disk, a kill)."""
    wanted = list(sources(folder))
    most, running, worst = len(os.sched_getaffinity(0)), 0, 0
    while wanted or running:
        while wanted and running < most:
            path = wanted.pop()
            if os.fork() == 0:
                compiled(path)
            running += 1
        worst = max(worst, int(os.wait()[1] != 0))
        running -= 1
    return 2 * worst


if __name__ == "__main__":
    sys.exit(run(sys.argv[1]))
