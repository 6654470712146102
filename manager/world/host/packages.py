"""Installing packages of the distribution."""

from __future__ import annotations

import os
import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from manager.apt_files import CONFIGURATION, handed, mirror_of
from manager.core.reach import AS_IT_IS
from manager.errors import Failed
from manager.processes import run as run_program

if TYPE_CHECKING:
    from collections.abc import Callable

    from manager.core.reach import Reach
    from manager.processes import Finished

_SECONDS = 1200


def install(
    packages: tuple[str, ...],
    say: Callable[[str], None],
    *,
    lists: Path = Path("/var/lib/apt/lists"),
    run: Callable[..., Finished] = run_program,
    reach: Reach = AS_IT_IS,
) -> None:
    """Install Debian packages; the lists are fetched when there are none, or when they turn out to be old.

    They come from the mirror of ``reach`` if one is set and this is Debian, else from where the host's own sources
    say. Ask :func:`~manager.world.host.needs.permit` before. Raises Failed with apt's last lines in ``why``.
    """
    if packages:
        with handed(reach) as folder:
            _install(packages, say, lists, run, _environment(reach, folder))


def _environment(reach: Reach, folder: Path, release: Path = Path("/etc/os-release")) -> dict[str, str]:
    """Give apt's variables; its options for this one run lie in the folder."""
    environment = {"DEBIAN_FRONTEND": "noninteractive", "NEEDRESTART_SUSPEND": "1", **reach.proxy()}
    options = folder / CONFIGURATION
    mirror = mirror_of(reach, folder)
    found = dict(re.findall(r'(?m)^(ID|VERSION_CODENAME)="?([^"\n]*)', release.read_text()) if mirror else ())
    if mirror and found.get("ID") == "debian" and (suite := found.get("VERSION_CODENAME")):
        (folder / "sources.list").write_text("\n".join(mirror.lines(suite)) + "\n")
        # The lists of the host's own sources stay where they are.
        chosen = (
            f'Dir::Etc::sourcelist "{folder}/sources.list";\nDir::Etc::sourceparts "-";\nAPT::Get::List-Cleanup "0";\n'
        )
        options.write_text((options.read_text() if options.exists() else "") + chosen)
    if options.exists():
        environment["APT_CONFIG"] = str(options)
    return os.environ | environment


def _install(
    packages: tuple[str, ...],
    say: Callable[[str], None],
    lists: Path,
    run: Callable[..., Finished],
    environment: dict[str, str],
) -> None:
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
