"""Reads the world once, for plans: what the engine has and what the database remembers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from manager.core.environments import environments_of
from manager.core.observed import Observed, Silent
from manager.errors import Unreachable

if TYPE_CHECKING:
    from collections.abc import Callable

    from manager.core.names import Names
    from manager.core.observed import Build, EngineInfo
    from manager.core.ports import Engine, Store


def observe(engine: Engine, store: Callable[[], Store], names: Names) -> Observed:
    """Read engine and database; whichever cannot be read becomes a Silent value instead of an error.

    Volumes and networks are read whole, ours or not: a foreign one may have a name that a launch wants.
    """
    info: EngineInfo | Silent
    records: Literal["read"] | Silent = "read"
    builds: tuple[Build, ...] = ()
    channels: tuple[tuple[str, str, str], ...] = ()
    try:
        remembered = store()
        builds = remembered.builds()
        channels = tuple(sorted((*key, digest) for key, digest in remembered.channels().items()))
    except Unreachable as error:
        records = _silent("the state database", error)
    try:
        info = engine.info()
        containers = engine.containers(names.filter("environment"))
        return Observed(
            engine=info,
            records=records,
            environments=environments_of(containers),
            images=engine.images(names.filter()),
            volumes=engine.volumes({}),
            networks=engine.networks({}),
            builds=builds,
            channels=channels,
        )
    except Unreachable as error:
        return Observed(_silent("the container engine", error), records, builds=builds, channels=channels)


def _silent(what: str, error: Unreachable) -> Silent:
    return Silent(what, reason=f"{error.message}; {error.why}" if error.why else error.message, hint=error.hint)
