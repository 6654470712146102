"""Judges builds that exist and takes their bytes away, each time only if the world still allows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from manager.app import pruning
from manager.core.observed import BuildStatus
from manager.core.records import moved
from manager.errors import Refused

if TYPE_CHECKING:
    from manager.app.apply import Progress
    from manager.app.world import World
    from manager.core.build_actions import EmptyChannel, JudgeBuild, PruneBuild, RemoveCached


def judge(world: World, action: JudgeBuild) -> None:
    """Give a build its status."""
    world.store.set_status(action.digest, action.status, action.reason)


def empty(world: World, action: EmptyChannel) -> None:
    """Have a channel point to nothing, compare-and-swap; raises Refused where it has moved meanwhile.

    The name that follows the channel goes first: where this is killed in between, the next plan empties it again.
    """
    found = world.store.channels().get((action.release, action.channel), "")
    if found != action.expected:
        raise moved(action.release, action.channel, action.expected, found)
    if action.channel == "stable":
        family, _, line = action.release.partition(":")
        world.engine.remove_image(world.names.image(family, line))
    world.store.move_channel(action.release, action.channel, action.expected, "")


def prune(world: World, action: PruneBuild, progress: Progress) -> None:
    """Give a build up and remove its image by digest; raises Refused where something refers to it by now.

    Where this is killed in between, the build is tombstoned and here: the next plan takes its bytes away.
    """
    progress.say("looking whether something refers to it")
    found = [one for one in pruning.kept(world, world.observe()) if one.digest == action.digest]
    if found:
        raise Refused(
            f"build {action.version} of {action.release} is in use by now: it stays",
            why=", ".join(map(str, found)),
            hint="plan again:  solvent image prune --dry-run",
        )
    status = next((one.status for one in world.builds(action.release) if one.digest == action.digest), None)
    # A quarantine says more than that the bytes are gone: what was made from the same is still refused.
    if status is not BuildStatus.QUARANTINED:
        world.store.set_status(action.digest, BuildStatus.TOMBSTONED, action.reason)
    world.engine.remove_image(action.digest)


def remove_cached(world: World, action: RemoveCached) -> None:
    """Remove a tree or a base's files from the cache; what is gone already is fine."""
    pruning.remove(world, action.kind, action.name)
