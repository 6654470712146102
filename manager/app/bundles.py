"""The part of the public Python API for bundles: what a machine without a network is carried in one file."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from manager.app.freshness import Made
    from manager.app.packing import Created
    from manager.app.unpacking import Checked
    from manager.app.world import World
    from manager.core.plan import Plan


class Bundles:
    """Bundles of one World; ``made`` keeps how each plan was made, so that a stale one is refused."""

    def __init__(self, world: World, made: Made) -> None:
        self._world = world
        self._made = made

    def create(
        self, file: Path, releases: tuple[str, ...] = (), *, images: bool = True, key: Path | None = None
    ) -> Iterator[str | Created]:
        """Write a bundle of releases, of all with a promoted build when none is named: lines, then what it is."""
        from manager.app import packing

        return packing.create(self._world, file, releases, images=images, key=key)

    def check(self, file: Path, *, signers: Path | None = None, unsigned: bool = False) -> Iterator[str | Checked]:
        """Hold a bundle against its signature and its checksums: lines, then what it is. Nothing is loaded."""
        from manager.app import unpacking

        return unpacking.checked(self._world, file, signers=signers, unsigned=unsigned)

    def plan_load(self, checked: Checked, catalog: Path | None = None) -> Plan:
        """Plan to put what is lacking here in its place; ``catalog`` is a new folder for the bundle's catalog."""
        from manager.app import unpacking

        return self._made.plan(lambda: unpacking.plan_load(self._world, checked, catalog))
