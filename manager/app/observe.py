"""Reads the world once, for plans: what the engine has and what the database remembers."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from manager.core.adoption import nobodys
from manager.core.environments import environments_of
from manager.core.memory import known
from manager.core.observed import EngineInfo, Observed, Silent
from manager.errors import Unreachable

if TYPE_CHECKING:
    from collections.abc import Callable

    from manager.core.memory import Remembered
    from manager.core.names import Names
    from manager.core.ports import Engine, Store


def observe(engine: Engine, store: Callable[[], Store], names: Names, owner: str = "") -> Observed:
    """Read engine and database; whichever cannot be read becomes a Silent value instead of an error.

    Both are read side by side, because the engine works in a process of its own. Volumes and networks are read
    whole, ours or not: a foreign one may have a name that a launch wants. Of what is remembered of environments,
    only the ``owner``'s is read if one is named.
    """
    with ThreadPoolExecutor(1, thread_name_prefix="engine") as beside:
        asked = beside.submit(_engine, engine, names)
        remembered, launched = _records(store, owner)
        found = asked.result()
        about = found["engine"]
        if isinstance(about, EngineInfo):
            found["environments"] = known(found["environments"], launched, about.id)
        return Observed(**found, **remembered)


def _records(store: Callable[[], Store], owner: str) -> tuple[dict[str, Any], tuple[Remembered, ...]]:
    try:
        opened = store()
        launched = opened.environments(owner)
        channels = tuple(sorted((*key, digest) for key, digest in opened.channels().items()))
        read = {"builds": opened.builds(), "channels": channels, "usages": opened.usages(), "copies": opened.copies()}
        return {"records": "read", **read}, launched
    except Unreachable as error:
        return {"records": _silent("the state database", error)}, ()


def _engine(engine: Engine, names: Names) -> dict[str, Any]:
    try:
        containers = engine.containers({})
        return {
            "engine": engine.info(),
            "environments": environments_of(containers, names),
            "foreign": nobodys(containers, names),
            "images": engine.images(names.filter()),
            "volumes": engine.volumes({}),
            "networks": engine.networks({}),
        }
    except Unreachable as error:
        return {"engine": _silent("the container engine", error)}


def _silent(what: str, error: Unreachable) -> Silent:
    return Silent(what, reason=f"{error.message}; {error.why}" if error.why else error.message, hint=error.hint)
