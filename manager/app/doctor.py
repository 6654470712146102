"""Looks at every part of the world that Solvent stands on, and says how to mend what is wrong."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from manager.app import mirror_findings, telling
from manager.app.views import Finding
from manager.core.amounts import many, show_size
from manager.core.environments import environments_of, successors_of
from manager.core.memory import known
from manager.errors import CatalogError, ManagerError, Unreachable

if TYPE_CHECKING:
    from collections.abc import Callable

    from manager.app.world import World
    from manager.core.observed import EngineInfo

# A base, its trees and an image with its layers need about 3 GB while they are made.
_DISK_LOW = 5 * 1024**3


def findings(world: World) -> tuple[Finding, ...]:
    """Ask every part in turn; an error of one is its finding, and the others are still asked."""
    parts: tuple[tuple[str, Callable[[World], Finding]], ...] = (
        ("engine", _engine),
        ("builder", _builder),
        ("compose", _compose),
        ("bootstrap", _bootstrap),
        ("resolver", _resolver),
        ("index", mirror_findings.index),
        ("catalog", _catalog),
        ("database", _database),
        ("environments", _environments),
        ("disk", _disk),
        ("archive", _archive),
        ("clock", _clock),
        ("permissions", _permissions),
        ("trust", _trust),
        ("state", _state),
    )
    found = []
    for part, look in parts:
        try:
            found.append(look(world))
        except ManagerError as error:
            text = error.sentence
            found.append(Finding(part, "fail", text, error.hint))
    with suppress(ManagerError):  # what is wrong with the catalog is a finding of its own
        found += mirror_findings.mirrors(world)
    with suppress(ManagerError):  # and so is the database
        found += telling.findings(world)
    return tuple(found)


def _engine(world: World) -> Finding:
    """Say what the engine is; its own error points to the doctor, so here stands what the doctor would do."""
    try:
        info = world.engine.info()
    except Unreachable as error:
        return Finding("engine", "fail", error.sentence, _engine_remedy(world))
    return Finding("engine", "pass", f"{info.name} {info.version} (API {info.api}) on {info.os} {info.architecture}")


def _engine_remedy(world: World) -> str:
    """Give the commands that bring up an engine here, or the one that runs them."""
    from manager.app import hosting

    try:
        plan = hosting.plan(world.settings, world.today)
    except Unreachable as error:
        return error.hint
    return "solvent quickstart" if plan else "see engine_url in  solvent config show"


def _engine_info(world: World) -> EngineInfo | None:
    """Ask the engine; that it does not answer is a finding of its own, and of no other part."""
    try:
        return world.engine.info()
    except Unreachable:
        return None


def _builder(world: World) -> Finding:
    if _engine_info(world) is None:
        return Finding("builder", "warn", "it is the engine's own, which does not answer", "see to the engine")
    return Finding("builder", "pass", "the engine's own, through its API; no plugin is needed")


def _compose(_: World) -> Finding:
    from manager.world.compose import find_command

    return Finding("compose", "pass", " ".join(find_command()))


def _bootstrap(world: World) -> Finding:
    with suppress(ManagerError):  # what is wrong with the catalog is a finding of its own
        if world.catalog.base_origin == "registry":
            return Finding("bootstrap", "pass", "bases come from a registry; no bootstrap is needed")
    if shutil.which("mmdebstrap") is None:
        return Finding("bootstrap", "fail", "mmdebstrap is missing: bases cannot be made", "apt-get install mmdebstrap")
    return Finding("bootstrap", "pass", "mmdebstrap is here")


def _resolver(_: World) -> Finding:
    from manager.world.resolver import version

    return Finding("resolver", "pass", f"uv {version()}")


def _catalog(world: World) -> Finding:
    try:
        catalog = world.catalog
    except CatalogError as error:
        return Finding("catalog", "fail", f"{len(error.problems)} problems", "solvent catalog validate")
    kind = "the shipped one, read-only" if catalog.shipped else catalog.root
    text = f"{many(len(catalog.releases), 'release')}, {many(len(catalog.connectors), 'connector')}: {kind}"
    return Finding("catalog", "pass", text)


def _database(world: World) -> Finding:
    broken = world.store.verify()
    if broken:
        return Finding(
            "database", "fail", f"the history's chain is broken: {broken}", "restore the database from a backup"
        )
    world.store.announcements.current()
    world.store.ledger.notices()
    return Finding("database", "pass", "answers, and its history is whole")


def _environments(world: World) -> Finding:
    """Hold the containers of this realm against what the database remembers; ours are known by their names."""
    if _engine_info(world) is None:
        return Finding("environments", "warn", "the engine does not answer", "solvent env list --remembered")
    containers = world.engine.containers(world.names.filter("environment"))
    found = environments_of(containers, world.names)
    waiting = successors_of(containers, world.names)
    foreign = sorted({one.name for one in containers} - {one.container for one in (*found, *waiting)})
    if foreign:
        return Finding(
            "environments", "warn", f"not made by Solvent, though labelled so: {', '.join(foreign)}; left alone",
            f"see what it is:  docker inspect {foreign[0]}",
        )  # fmt: skip
    if waiting:
        names = ", ".join(f"{one.name} of {one.owner}" for one in waiting)
        return Finding(
            "environments", "warn", f"an upgrade was cut short: {names}", f"solvent env upgrade {waiting[0].name}"
        )
    whole = known(found, world.store.environments(), world.engine_id)
    gone = [one for one in whole if one.state == "gone"]
    unknown = [one for one in whole if not one.wanted]
    text = f"{many(len(found), 'environment')} on the engine"
    if gone:
        names = ", ".join(f"{one.name} of {one.owner}" for one in gone[:5])
        return Finding("environments", "warn", f"{text}; {len(gone)} gone: {names}", "solvent status")
    if unknown:
        text = f"{text}; this database does not remember {len(unknown)} of them"
        return Finding("environments", "warn", text, "if another database was here, put it back:  solvent config path")
    return Finding("environments", "pass", text)


def _disk(world: World) -> Finding:
    places = {"cache": world.settings.cache_dir, "state": world.settings.state_dir}
    info = _engine_info(world)
    if info is not None and info.root and Path(info.root).is_dir():
        places["engine"] = Path(info.root)
    free = {name: shutil.disk_usage(_existing(path)).free for name, path in places.items()}
    name = min(free, key=lambda one: free[one])
    text = f"{show_size(free[name])} free for the {name} ({places[name]})"
    if free[name] < _DISK_LOW:
        way = "docker system df" if name == "engine" else f"df -h {_existing(places[name])}"
        return Finding("disk", "warn", text, f"see what takes it:  {way}")
    return Finding("disk", "pass", text)


def _existing(path: Path) -> Path:
    while not path.exists():
        path = path.parent
    return path


def _clock(world: World) -> Finding:
    """Stages are read from the clock, so one that runs behind the newest evidence is worth a word."""
    now = world.clock.now()
    if world.last_announced > now.date():
        return Finding(
            "clock", "fail", f"it shows {now:%Y-%m-%d}, but announcements were made on {world.last_announced}",
            "set the clock; if that day was the wrong one:  solvent lifecycle apply --turn-back",
        )  # fmt: skip
    try:
        newest = max((entry.at for entry in world.store.history(limit=1)), default=None)
    except Unreachable:
        return Finding("clock", "pass", f"{now:%Y-%m-%d %H:%M} UTC, not compared with the history")
    if newest is not None and newest > now:
        return Finding(
            "clock", "fail", f"it shows {now:%Y-%m-%d %H:%M} UTC, but the newest entry of the history is later",
            "set the clock, for example with timedatectl",
        )  # fmt: skip
    return Finding("clock", "pass", f"{now:%Y-%m-%d %H:%M} UTC")


def _archive(world: World) -> Finding:
    """Say how much the packages take that builds can be made again from; it is read in full by ``image verify``."""
    from manager.app.archiving import archive

    store = archive(world)
    size, lists = store.size(), store.lists()
    if not lists:
        return Finding("archive", "pass", "empty: the next build keeps the packages that it is made from")
    bases, trees = (sum(name.startswith(kind) for name in lists) for kind in ("base-", "tree-"))
    what = f"{many(bases, 'base')} and {many(trees, 'tree')}"
    return Finding("archive", "pass", f"{show_size(size)} of packages, which {what} were made from")


def _permissions(world: World) -> Finding:
    if not world.settings.machine_wide:
        for place in (world.settings.config_dir, world.settings.state_dir):
            if place.exists() and place.stat().st_mode & 0o022:
                return Finding("permissions", "fail", f"{place} can be changed by others", f"chmod go-w {place}")
    return Finding("permissions", "pass", f"state and configuration belong to {world.settings.owner}")


def _trust(world: World) -> Finding:
    """Who reaches the engine's socket is root on its machine: nothing that Solvent does changes that."""
    if _engine_info(world) is None:
        return Finding("trust", "pass", "this user does not reach the engine; whoever does is root on this machine")
    who = "you are root" if os.geteuid() == 0 else "you reach the engine"
    return Finding("trust", "warn", f"{who}: whoever can reach the engine's socket is root on this machine",
                   "give the group docker to administrators only")  # fmt: skip


def _state(world: World) -> Finding:
    if world.settings.machine_wide:
        return Finding("state", "pass", f"shared by this machine: {world.settings.state_dir}")
    return Finding(
        "state", "warn", f"single user: {world.settings.state_dir}",
        "to share one state, set  machine_wide = true  in /etc/solvent/config.toml",
    )  # fmt: skip
