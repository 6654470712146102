"""Installing packages of the distribution."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from manager.errors import Failed
from manager.processes import run as run_program

if TYPE_CHECKING:
    from collections.abc import Callable

    from manager.processes import Finished

_SECONDS = 1200


def install(
    packages: tuple[str, ...],
    say: Callable[[str], None],
    *,
    lists: Path = Path("/var/lib/apt/lists"),
    run: Callable[..., Finished] = run_program,
) -> None:
    """Install Debian packages; the lists are fetched when there are none, or when they turn out to be old.

    Ask :func:`~manager.world.host.needs.permit` before. Raises Failed with apt's last lines in ``why``.
    """
    if not packages:
        return
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive", "NEEDRESTART_SUSPEND": "1"}
    fetched = not any(lists.glob("*_Packages*"))
    if fetched:
        _update(say, run, environment)
    command = installing(*packages)
    while True:
        note = "installing " + ", ".join(packages)
        ended = run(command, say, environment=environment, timeout=_SECONDS, note=note)
        if ended.code == 0:
            return
        if fetched:
            raise Failed(note + " failed", why=ended.why, hint="sudo " + shlex.join(command))
        fetched = True
        _update(say, run, environment)


def _update(say: Callable[[str], None], run: Callable[..., Finished], environment: dict[str, str]) -> None:
    words = ("apt-get", "update", "-q")
    ended = run(words, say, environment=environment, timeout=_SECONDS, note="reading package lists")
    if ended.code:
        raise Failed("apt cannot read its package lists", why=ended.why, hint="sudo apt-get update")


def installing(*packages: str) -> tuple[str, ...]:
    """Give the command that installs packages without asking, and without what they merely recommend."""
    # Waits for another apt for two minutes instead of failing at once.
    options = ("-q", "-y", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=120")
    return ("apt-get", "install", *options, *packages)
