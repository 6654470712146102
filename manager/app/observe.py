"""Reads the world once, for plans: what the engine has and what the database remembers."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from manager.core.environments import environments_of
from manager.core.observed import Observed, Silent
from manager.errors import Unreachable

if TYPE_CHECKING:
    from collections.abc import Callable

    from manager.core.names import Names
    from manager.core.observed import Environment
    from manager.core.ports import Engine, Store


def observe(engine: Engine, store: Callable[[], Store], names: Names) -> Observed:
    """Read engine and database; whichever cannot be read becomes a Silent value instead of an error.

    Both are read side by side: the engine works in a process of its own, and loading the database's libraries
    takes about as long as its answers. Volumes and networks are read whole, ours or not: a foreign one may have a
    name that a launch wants.
    """
    with ThreadPoolExecutor(1, thread_name_prefix="engine") as beside:
        asked = beside.submit(_engine, engine, names)
        remembered = _records(store)
        return Observed(**asked.result(), **remembered)


def environments(engine: Engine, names: Names) -> tuple[Environment, ...]:
    """Ask the engine for environments alone, by owner and name; raises Unreachable."""
    return environments_of(engine.containers(names.filter("environment")))


def _records(store: Callable[[], Store]) -> dict[str, Any]:
    try:
        opened = store()
        channels = tuple(sorted((*key, digest) for key, digest in opened.channels().items()))
        return {"records": "read", "builds": opened.builds(), "channels": channels, "usages": opened.usages()}
    except Unreachable as error:
        return {"records": _silent("the state database", error)}


def _engine(engine: Engine, names: Names) -> dict[str, Any]:
    try:
        return {
            "engine": engine.info(),
            "environments": environments(engine, names),
            "images": engine.images(names.filter()),
            "volumes": engine.volumes({}),
            "networks": engine.networks({}),
        }
    except Unreachable as error:
        return {"engine": _silent("the container engine", error)}


def _silent(what: str, error: Unreachable) -> Silent:
    return Silent(what, reason=f"{error.message}; {error.why}" if error.why else error.message, hint=error.hint)
