"""The installed command in a process that kills itself with SIGKILL at one boundary; nothing of this is shipped.

python -m tests.system.killing "after engine.create 1" env launch jupyterlab     dies there
python -m tests.system.killing FILE env launch jupyterlab                        lives, and writes its kills to FILE
"""

from __future__ import annotations

import os
import signal
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from unittest.mock import patch

from tests.fakes.boundaries import Kill, Process


class Mortal(Process):
    """A real process, whose end is real."""

    def end(self) -> None:
        """Die as by the kernel's hand: no handler, no finally, no word."""
        os.kill(os.getpid(), signal.SIGKILL)


def main(where: str, words: list[str]) -> int:
    """Run a command with every boundary watched; gives its exit code, if it comes to that."""
    from manager.world import store
    from manager.world.engine import docker

    kill = read(where)
    process = Mortal(kill)
    real_engine, real_store = docker.Docker, store.open_store

    def connected(*given: Any, **more: Any) -> Any:
        return process.port("engine", real_engine(*given, **more))

    def opened(*given: Any, **more: Any) -> Any:
        return process.port("store", real_store(*given, **more))

    with ExitStack() as stack:
        stack.enter_context(patch.object(docker, "Docker", connected))
        stack.enter_context(patch.object(store, "open_store", opened))
        stack.enter_context(process.files())
        from manager.cli.main import run

        code = run(words)
    if kill is None:
        Path(where).write_text("".join(f"{one}\n" for one in process.kills), encoding="utf-8")
    return code


def read(where: str) -> Kill | None:
    """Read a kill from its words, None for a path."""
    words = where.split(" ")
    match words:
        case ["before" | "after" as when, name, number]:
            return Kill(name, int(number), when)
    return None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
