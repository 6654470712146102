"""Everybody's environments and the containers that no Solvent made, by one look at the engine and one at the database.

Images, volumes and networks are not looked at, so the engine's library is not needed either: for what is said of many
thousand environments on a day, and changes nothing that an engine holds.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from manager.core.adoption import nobodys
from manager.core.environments import environments_of
from manager.core.memory import known
from manager.core.observed import Silent
from manager.errors import Unreachable

if TYPE_CHECKING:
    from manager.app.world import World
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

    @property
    def notes(self) -> tuple[str, ...]:
        """Say where it comes from when the engine is silent."""
        return (f"{self.silence.reason}: this is what was launched and not removed",) if self.silence else ()


def everybody(world: World) -> Everybody:
    """Look; raises Unreachable without the database. The catalog is read meanwhile: whoever asks needs it next."""
    with ThreadPoolExecutor(1, thread_name_prefix="engine") as beside:
        asked = beside.submit(world.containers, {})
        launched = world.store.launched_containers()
        _ = world.catalog
    try:
        containers = asked.result()
        there = environments_of(containers, world.names)
        # Which engine this is costs a request, and what is remembered costs time: they are asked when they matter.
        alone = {name for _, name in launched} <= {one.container for one in there}
        if alone and len({engine for engine, _ in launched}) <= 1:
            return Everybody(there, (), nobodys(containers, world.names))
        engine = world.engine_id
    except Unreachable as error:
        everywhere = tuple(one.environment for one in world.store.environments())
        return Everybody((), everywhere, silence=Silent("the container engine", error.message, error.hint))
    remembered = world.store.environments()
    others = (one.environment for one in remembered if one.engine != engine and one.environment.wanted)
    return Everybody(known(there, remembered, engine), tuple(others), nobodys(containers, world.names))
