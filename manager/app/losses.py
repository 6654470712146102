"""What happened to a person's environments without Solvent: ended, paused, gone, or unknown to this database."""

from __future__ import annotations

from typing import TYPE_CHECKING

from manager.app.views import Matter
from manager.core.copies import lacking

if TYPE_CHECKING:
    from collections.abc import Iterator

    from manager.app.world import World
    from manager.core.observed import Environment, Observed


def losses(world: World, observed: Observed) -> Iterator[Matter]:
    """Give what bad luck has left, each with the command that brings back what can be brought back."""
    mine = [one for one in observed.environments if one.owner == world.settings.owner]
    yield from _gone(world, observed, [one for one in mine if one.state == "gone"])
    ended = [one for one in mine if one.state == "stopped" and one.wanted == "running"]
    for one in ended:
        way = f"solvent env start {one.name}" if len(ended) == 1 else "solvent env start --all"
        yield Matter("ended", one.name, "it ran and was not stopped by you: it, its engine or the machine ended", way)
    for one in mine:
        if one.state == "paused":
            yield Matter("paused", one.name, "its processes are paused by the engine", f"solvent env start {one.name}")
    unknown = [one for one in mine if observed.build(one.digest) is None]
    if unknown:
        names = ", ".join(one.name for one in unknown)
        text = "this database does not know their builds: it is new, or another one was put in its place"
        yield Matter("database", names, text, "solvent config path")
    yield from _clock(world)


def _gone(world: World, observed: Observed, gone: list[Environment]) -> Iterator[Matter]:
    volumes = {volume.name for volume in observed.volumes}
    for one in gone:
        if world.names.workspace(one.owner, one.workspace) not in volumes:
            text = f"its container is gone, and workspace {one.workspace} with all its files"
            yield Matter("lost", one.name, text, f"solvent env start {one.name} --new-workspace")
        elif lacking(observed, observed.build(one.digest)):
            text = f"its container and the image of build {one.version} are gone; a registry has the image"
            yield Matter("gone", one.name, text, f"solvent env start {one.name}")
        elif not observed.present(one.digest):
            text = f"its container is gone, and the image of build {one.version}; its files are there"
            yield Matter("gone", one.name, text, f"solvent image build {one.release}")
        else:
            text = "its container is gone; its files are there"
            yield Matter("gone", one.name, text, f"solvent env start {one.name}")


def _clock(world: World) -> Iterator[Matter]:
    """Say that the clock runs behind the history: stages and dates are read from it."""
    now = world.clock.now()
    for entry in world.store.history(limit=1):
        if entry.at > now:
            newest = f"{entry.at:%Y-%m-%d %H:%M}"
            text = f"it shows {now:%Y-%m-%d %H:%M} UTC, and the newest entry of the history is of {newest}"
            yield Matter("clock", "this machine", text, "timedatectl")
