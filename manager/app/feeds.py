"""The schedule as other programs read it, from the catalog and, where the database answers, the promoted builds."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Literal

from manager.errors import Unreachable

if TYPE_CHECKING:
    from manager.app.world import World
    from manager.core.observed import Build

Form = Literal["json", "ics"]


def feed(world: World, form: Form) -> str:
    """Give a feed for the day; asks no engine."""
    if form == "ics":
        from manager.core.calendar import calendar

        return calendar(world.catalog, world.today, {name: one.revision for name, one in world.announced.items()})
    from manager.core.feeds import products

    return json.dumps(products(world.catalog, _latest(world), world.today), indent=2, ensure_ascii=False) + "\n"


def _latest(world: World) -> dict[str, Build]:
    """Give the promoted build of each release; none where the database is silent."""
    try:
        builds = {one.digest: one for one in world.builds()}
        pointers = world.store.channels()
    except Unreachable:
        return {}
    return {
        release: builds[digest]
        for (release, channel), digest in pointers.items()
        if channel == "stable" and digest in builds
    }
