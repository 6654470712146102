"""Resolves a release's lock and writes it into the catalog."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from manager import whole_files
from manager.app.mirrors import reach
from manager.app.steps import npm
from manager.core.ingredients import ide_requirements, kernel_requirements
from manager.core.sets import indexes
from manager.errors import Refused

if TYPE_CHECKING:
    from manager.app.apply import Progress
    from manager.app.world import World
    from manager.core.build_actions import WriteLock


def write(world: World, action: WriteLock, progress: Progress) -> str:
    """Resolve, keeping the pins that are there unless they are to be upgraded; gives the lock's path.

    The first lock of a family that extends another begins with the pins of that one's. Raises Failed with the
    resolver's reason when the set cannot be resolved, Refused when somebody else wrote the lock since it was planned;
    the lock stays then.
    """
    from manager.world.resolver import lock

    catalog = world.catalog
    release = catalog.release(action.release, world.today)
    sets = catalog.sets_of(release) if action.lock == "kernel" else ()
    wanted = kernel_requirements(catalog, release) if action.lock == "kernel" else ide_requirements(release)
    path = Path(action.path)
    inherited = (Path(one.path) for one in release.inherited if one.kind == action.lock)
    previous = next((one.read_text(encoding="utf-8") for one in (path, *inherited) if one.exists()), "")
    if action.lock == "npm":
        ide = path.with_name("ide.lock").read_text(encoding="utf-8")
        text = npm.lock(world, release, ide, previous, action.upgrade, progress)
    else:
        progress.say("resolving " + ", ".join(wanted))
        way = reach(world, "python")
        text = lock(wanted, release.python, previous, action.upgrade, progress.say, indexes(sets), way)
    # Another family's lock with the same pins serves only where the same was asked for.
    if text == previous and any(one.kind == action.lock for one in release.locks):
        progress.say("nothing changed")
        return str(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole_files.alone(path.parent):
        found = hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else ""
        if found != action.expected:
            raise Refused(
                f"the {action.lock} lock of {release.name} was written by somebody else",
                why=f"expected {action.expected[:12] or 'none'}, found {found[:12] or 'none'}",
                hint="nothing was written; run the command again",
                where=str(path),
            )
        whole_files.write(path, text)
    return str(path)
