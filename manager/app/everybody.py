"""Everybody's environments and the containers that no Solvent made, by one look at the engine and one at the database.

Images, volumes and networks are not looked at, so the engine's library is not needed either: for what is said of many
thousand environments on a day, and changes nothing that an engine holds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from manager.core.adoption import nobodys
from manager.core.environments import environments_of
from manager.core.memory import known, missing
from manager.core.observed import Silent
from manager.errors import Unreachable

if TYPE_CHECKING:
    from manager.app.world import World
    from manager.core.memory import Remembered
    from manager.core.observed import Container, Environment


@dataclass(frozen=True, slots=True)
class Everybody:
    """What is on this engine, what is gone from it, and ``elsewhere``: what other engines were given.

    ``foreign`` are containers that no Solvent made. ``silence`` is set where the engine does not answer; then nothing
    is known to be here, and ``elsewhere`` is all that was launched and not removed.
    """

    here: tuple[Environment, ...]
    elsewhere: tuple[Environment, ...]
    foreign: tuple[Container, ...] = ()
    silence: Silent | None = None


def everybody(world: World) -> Everybody:
    """Look; raises Unreachable without the database."""
    remembered = world.store.environments()
    try:
        containers = world.containers({})
        ours = world.names.filter("environment").items()
        there = environments_of((one for one in containers if ours <= one.labels.items()), world.names)
        # Which engine this is costs a request, so it is asked only when it matters.
        alone = not missing(there, remembered) and len({one.engine for one in remembered}) <= 1
        engine = "" if alone else world.engine_id
    except Unreachable as error:
        return Everybody((), _launched(remembered), silence=Silent("the container engine", error.message, error.hint))
    foreign = nobodys(containers, world.names)
    if alone:
        return Everybody(there, (), foreign)
    others = _launched(tuple(one for one in remembered if one.engine != engine and one.environment.wanted))
    return Everybody(known(there, remembered, engine), others, foreign)


def _launched(remembered: tuple[Remembered, ...]) -> tuple[Environment, ...]:
    return tuple(one.environment for one in remembered)
