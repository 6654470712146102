"""Which versions of drivers a lock may take: those that ``refresh`` would propose."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from manager.app.drivers import rules_of
from manager.app.weighing import weigher
from manager.core import holds
from manager.core.catalog import canonical_name
from manager.core.driver_releases import Pinned, candidate, standings
from manager.core.editions import editions
from manager.core.locks import MACHINES

if TYPE_CHECKING:
    from manager.app.world import World
    from manager.core.catalog import Release


@dataclass(frozen=True, slots=True)
class Takeable:
    """Which versions a lock may take: ``bars`` are requirements that keep others out, each with the reason.

    The reason is "" where a version is for nobody here. ``targets`` are the newest that can be taken. ``hurting`` are
    sentences about versions that can be, and that hurt connections of the person who asks, by ``dist==version``.
    """

    bars: dict[str, str]
    targets: dict[str, str]
    hurting: dict[str, str]


def own(world: World, release: Release) -> set[str]:
    """Name the distributions of a release's connectors."""
    return {one for name in release.connectors for one in world.catalog.connector(name).distributions}


def takeable(world: World, release: Release, versions: dict[str, str]) -> Takeable:
    """Ask the index which newer versions of distributions a lock of a release takes, as ``refresh`` judges them.

    Of the saved connections only the shared ones count: everybody gets the same lock, whoever makes it.
    ``versions`` are the pins, "" where there is none yet: any version may be the first that fits and has cooled down.
    What the index does not say bars nothing.
    """
    from manager.app.watch import opened

    waited = holds.waited_for(world.catalog.driver_decisions)
    told = opened(world).distributions((*versions, *waited))
    known = {name: editions(one.files) for name, one in told.items()}
    rules, mine_too = rules_of(world, known), weigher(world)
    # What is not there yet is held at nothing.
    free = replace(rules, decisions=tuple(one for one in rules.decisions if one.kind != "hold"))
    bars: dict[str, str] = {}
    targets: dict[str, str] = {}
    hurting: dict[str, str] = {}
    for dist, version in versions.items():
        having = tuple(name for name in release.connectors if dist in world.catalog.connector(name).distributions)
        mine = (driver for name in having for driver in world.catalog.connector(name).drivers)
        machines = next((one.machines for one in mine if canonical_name(one.name) == dist and one.machines), MACHINES)
        pin = Pinned(release.name, release.python, having, dist, version or "0", machines=machines)
        judged = standings(known.get(dist, ()), pin, rules if version else free, world.today)
        if best := candidate(judged):
            targets[dist] = best.version
        for one in judged:
            if one.state == "candidate":
                if words := mine_too(pin, one.version).words:
                    hurting[f"{dist}=={one.version}"] = (
                        f"{dist} {one.version}: {words}; a lock goes by shared ones alone"
                    )
            elif one.state != "rejected":
                way = f"; see  {one.look}" if one.state == "blocked" else ""
                bars[f"{dist}!={one.version}"] = f"{dist} {one.version} is not taken: {one.why}{way}"
            elif version:
                bars[f"{dist}!={one.version}"] = ""
    return Takeable(bars, targets, hurting)
