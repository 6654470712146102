"""Lists environments: what the engine shows, and beside it what was launched and is gone.

The engine alone says what is. What only the database knows is shown as gone where the engine was asked, and as
unknown where it was not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from manager.app.views import EnvironmentView
from manager.core.adoption import nobodys
from manager.core.environments import environments_of
from manager.core.memory import known, missing
from manager.core.upgrades import owed
from manager.errors import Unreachable

if TYPE_CHECKING:
    from manager.app.world import World
    from manager.core.memory import Remembered
    from manager.core.observed import Build, Container, Environment
    from manager.core.upgrades import Owed


@dataclass(frozen=True, slots=True)
class Listing:
    """Environments by owner and name, and what a reader has to know besides.

    ``foreign`` are the containers that no Solvent made; only a listing of everyone has them.
    """

    environments: tuple[Environment, ...]
    notes: tuple[str, ...] = ()
    foreign: tuple[Container, ...] = ()


def listed(world: World, owner: str) -> Listing:
    """List environments, of one owner or of everyone (""); raises Unreachable when the engine does not answer."""
    try:
        containers = world.containers(world.names.filter("environment", owner) if owner else {})
    except Unreachable as error:
        way = "see what was launched, without asking it:  solvent env list --remembered"
        hint = "\n".join(filter(None, (error.hint, way)))
        raise Unreachable(error.message, why=error.why, hint=hint) from error
    found = environments_of(containers, world.names)
    remembered, notes = _remembered(world, owner)
    # Which engine this is costs a request, so it is asked only when something is missing.
    here = world.engine_id if missing(found, remembered) else ""
    whole = known(found, remembered, here)
    gone = [one.name for one in whole if one.state == "gone" and one.owner == world.settings.owner]
    if gone:
        notes += (f"gone without `env remove`: {', '.join(gone)}; bring it back:  solvent env start {gone[0]}",)
    return Listing(whole, notes, nobodys(containers, world.names) if not owner else ())


def remembered(world: World, owner: str) -> Listing:
    """List what was launched and not removed, without asking any engine; raises Unreachable without the database."""
    found = tuple(one.environment for one in world.store.environments(owner))
    return Listing(found, ("no engine was asked: this is what was launched and not removed; its state is unknown",))


def views(world: World, found: Listing) -> tuple[EnvironmentView, ...]:
    """Give a listing with the stages of the day, and the upgrades that are owed as far as the database says."""
    catalog, today = world.catalog, world.today
    stages = {release.name: release.stage(today) for release in catalog.releases}
    builds, channels = _builds(world) if found.environments else ({}, {})
    # Ten thousand environments stand on few builds, and those of one are owed the same.
    owes: dict[tuple[str, str, bool], Owed | None] = {}
    for one in found.environments:
        if _same(one) not in owes:
            owes[_same(one)] = owed(catalog, builds.get, channels, one, today)
    return tuple(EnvironmentView(one, stages.get(one.release), owed=owes[_same(one)]) for one in found.environments)


def _same(one: Environment) -> tuple[str, str, bool]:
    """Give what decides what an environment is owed."""
    return one.release, one.digest, bool(one.pin)


def _builds(world: World) -> tuple[dict[str, Build], dict[str, str]]:
    """Give builds by digest and stable channels by release, none of either without the database."""
    try:
        pointed = world.store.channels()
        builds = {build.digest: build for build in world.builds() if build.digest}
    except Unreachable:
        return {}, {}
    return builds, {release: digest for (release, name), digest in pointed.items() if name == "stable"}


def _remembered(world: World, owner: str) -> tuple[tuple[Remembered, ...], tuple[str, ...]]:
    try:
        return world.store.environments(owner), ()
    except Unreachable as error:
        return (), (f"only what the engine has is shown: {error.sentence}",)
