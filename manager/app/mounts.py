"""The administrator's list of host folders: read from the machine's file, asked for a person, looked at on the disk."""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from manager.app.teams import groups
from manager.core.catalog import did_you_mean
from manager.core.lines import line_of
from manager.core.mounts import Granted, HostFolder, grant, still_granted
from manager.errors import Problem, Refused

if TYPE_CHECKING:
    from collections.abc import Iterable

    from manager.app.world import World
    from manager.core.observed import Environment

_KEYS = ("path", "mode", "target", "who")
_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,39}")
# What an image needs to be what it is, and what Solvent itself mounts.
_RESERVED = frozenset(
    {"bin", "boot", "dev", "etc", "home", "lib", "lib32", "lib64", "opt", "proc", "root", "run", "sbin", "sys", "tmp"}
    | {"usr", "var", "workspace"}
)


def read(file: Path, text: str, table: object) -> tuple[tuple[HostFolder, ...], list[Problem]]:
    """Read the table ``[mounts]`` of the machine's file; gives the entries and what is wrong with the others."""
    if not isinstance(table, dict):
        return (), [Problem(str(file), line_of(text, "mounts"), "mounts", "is to be tables: [mounts.NAME]")]
    found, problems = [], []
    for name, entry in table.items():
        wrong = _wrong(name, entry)
        for key, why, hint in wrong:
            place = line_of(text, key, f"mounts.{name}") if key else line_of(text, f"mounts.{name}")
            problems.append(Problem(str(file), place, f"mounts.{name}" + (f".{key}" if key else ""), why, hint))
        if not wrong:
            target = entry.get("target", f"/mnt/{name}")
            origin = f"{file}:{line_of(text, f'mounts.{name}')}"
            found.append(
                HostFolder(name, entry["path"], entry.get("mode", "ro"), target, tuple(entry.get("who", ())), origin)
            )
    return tuple(found), problems


def granted(world: World, asked: Iterable[str]) -> tuple[Granted, ...]:
    """Give what the list grants this person, once each folder is seen to be there.

    Raises UsageError for an unknown name, Refused for one that is not for this person or whose folder is missing.
    """
    words = tuple(asked)
    if not words:
        return ()
    found = grant(world.settings.mounts, words, world.settings.owner, groups())
    _look(world, found)
    return found


def check(world: World, environment: Environment) -> None:
    """Raise Refused when an environment's folders are not granted any more, or not there."""
    if environment.mounts:
        settings = world.settings
        still_granted(settings.mounts, environment.mounts, environment.name, settings.owner, groups())
        _look(world, environment.mounts)


def _look(world: World, found: Iterable[Granted]) -> None:
    """Look whether the folders are there; only an engine on this machine sees the folders that we see."""
    if not world.settings.engine_url.startswith(("unix://", "/")):
        return
    for one in found:
        if not Path(one.path).is_dir():
            raise Refused(
                f"the folder of mount {one.name} is not there",
                why=f"{one.path} is no folder on this machine",
                hint=f"mount or make it, or leave out  --mount {one.name}",
            )


def _wrong(name: str, entry: Any) -> list[tuple[str, str, str]]:
    """Give what is wrong with an entry as (key, why, hint)."""
    if not _NAME.fullmatch(name):
        return [("", "a name has 1 to 40 of a-z, 0-9, '-', '_' and '.'", "")]
    if not isinstance(entry, dict):
        return [("", "is to be a table", f"[mounts.{name}]")]
    wrong = [(key, "unknown key", did_you_mean(key, list(_KEYS))) for key in entry if key not in _KEYS]
    path, target = entry.get("path"), entry.get("target", f"/mnt/{name}")
    if not _absolute(path):
        wrong.append(("path" if "path" in entry else "", "path is to be an absolute path", 'path = "/srv/data"'))
    if entry.get("mode", "ro") not in ("ro", "rw"):
        wrong.append(("mode", "is to be ro or rw", 'mode = "ro"'))
    if not _absolute(target):
        wrong.append(("target", "is to be an absolute path", f'target = "/mnt/{name}"'))
    elif PurePosixPath(target).parts[1] in _RESERVED:
        wrong.append(("target", f"{target} is the image's own", f'target = "/mnt/{name}"'))
    who = entry.get("who", [])
    if not isinstance(who, list) or not all(isinstance(one, str) and one.strip("@") for one in who):
        wrong.append(("who", "is to be a list of people and @groups", 'who = ["ana", "@analysts"]'))
    return wrong


def _absolute(path: object) -> bool:
    """Say whether this is a plain absolute path, not the root itself."""
    if not isinstance(path, str) or not path.isprintable():
        return False
    parts = PurePosixPath(path).parts
    return path.startswith("/") and not path.startswith("//") and len(parts) > 1 and ".." not in parts
