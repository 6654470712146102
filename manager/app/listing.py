"""Lists environments: what the engine shows, and beside it what was launched and is gone.

The engine alone says what is. What only the database knows is shown as gone where the engine was asked, and as
unknown where it was not.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from manager.app.observe import environments
from manager.core.memory import known, missing
from manager.errors import Unreachable

if TYPE_CHECKING:
    from manager.app.world import World
    from manager.core.memory import Remembered
    from manager.core.observed import Environment


@dataclass(frozen=True, slots=True)
class Listing:
    """Environments by owner and name, and what a reader has to know besides."""

    environments: tuple[Environment, ...]
    notes: tuple[str, ...] = ()


def listed(world: World, owner: str) -> Listing:
    """List environments, of one owner or of everyone (""); raises Unreachable when the engine does not answer."""
    engine, names = world.engine, world.names
    with ThreadPoolExecutor(1, thread_name_prefix="engine") as beside:
        asked = beside.submit(environments, engine, names, owner)
        remembered, notes = _remembered(world, owner)
        try:
            found = asked.result()
        except Unreachable as error:
            way = "see what was launched, without asking it:  solvent env list --remembered"
            hint = "\n".join(filter(None, (error.hint, way)))
            raise Unreachable(error.message, why=error.why, hint=hint) from error
    # Which engine this is costs a request, so it is asked only when something is missing.
    here = world.engine_id if missing(found, remembered) else ""
    whole = known(found, remembered, here)
    gone = [one.name for one in whole if one.state == "gone" and one.owner == world.settings.owner]
    if gone:
        notes += (f"gone without `env remove`: {', '.join(gone)}; bring it back:  solvent env start {gone[0]}",)
    return Listing(whole, notes)


def remembered(world: World, owner: str) -> Listing:
    """List what was launched and not removed, without asking any engine; raises Unreachable without the database."""
    found = tuple(one.environment for one in world.store.environments(owner))
    return Listing(found, ("no engine was asked: this is what was launched and not removed; its state is unknown",))


def _remembered(world: World, owner: str) -> tuple[tuple[Remembered, ...], tuple[str, ...]]:
    try:
        return world.store.environments(owner), ()
    except Unreachable as error:
        return (), (f"only what the engine has is shown: {error.message}: {error.why}",)
