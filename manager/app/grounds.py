"""The bases that are in the engine, found by what they are made from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from manager.core.containers import LABEL
from manager.core.ingredients import base_key
from manager.errors import Failed

if TYPE_CHECKING:
    from manager.app.world import World
    from manager.core.observed import Image


def ground(world: World, name: str) -> Image:
    """Find the base of a system; raises Failed when it is gone."""
    system = world.catalog.system(name)
    key = base_key(system)
    reference = world.names.base(system.id, key)
    image = world.engine.image(reference)
    if image is None:
        # Plans find a base by its label, whatever else points to it: its name was taken away, or another system is
        # made from the same.
        for one in world.engine.images(world.names.filter("base") | {LABEL + "base-key": key}):
            world.engine.tag(one.digest, reference)
        image = world.engine.image(reference)
    if image is None:
        raise Failed(f"the base {system.id} is gone from the engine", hint="run the command again")
    return image
