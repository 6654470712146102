"""Looks at what an upgrade would change for one environment: packages, what its files import, its own packages."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from manager.app import contents, looks, own_packages
from manager.core import imports, overlays
from manager.core.amounts import few
from manager.core.package_diff import compare, counted
from manager.errors import ManagerError, Unreachable

if TYPE_CHECKING:
    from manager.app.world import World
    from manager.core.catalog import Family, Release
    from manager.core.imports import Look, Use
    from manager.core.observed import Build, Environment, Observed
    from manager.core.overlays import Fit
    from manager.core.package_diff import PackageChange

# So many names are worth reading before a plan; -o json has them all.
_NAMED = 8


@dataclass(frozen=True, slots=True)
class Upgrade:
    """What an upgrade changes for one environment; ``changes`` is None where one of the two builds was never read."""

    environment: Environment
    release: str
    version: str
    changes: tuple[PackageChange, ...] | None = None
    missing: tuple[Use, ...] = ()
    own: tuple[Fit, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Give one of ``upgrades`` of ``env upgrade``."""
        one = self.environment
        return {
            "environment": one.name,
            "from": {"release": one.release, "build": one.version or None},
            "to": {"release": self.release, "build": self.version or None},
            "changes": None if self.changes is None else [change.to_json() for change in self.changes],
            "missing_imports": [
                {"module": use.name, "files": list(use.files), "from": list(use.by)} for use in self.missing
            ],
            "own_packages": [
                {"name": fit.name, "before": fit.version, "after": fit.fits or None, "why": fit.why or None}
                for fit in self.own
            ],
        }


def looked(
    world: World, observed: Observed, one: Environment, release: Release, build: Build | None, family: Family
) -> tuple[Upgrade, tuple[str, ...]]:
    """Look at what changes for an environment, as far as both builds are here; gives it with sentences."""
    upgrade = Upgrade(one, release.name, build.version if build else "")
    if build is None or not observed.present(build.digest):
        return upgrade, (f"{release.name} is not on this engine yet: what changes with it cannot be told before",)
    changes, said = _changes(world, observed, one, build)
    upgrade = replace(upgrade, changes=changes)
    launch = next((each.launch for each in world.catalog.families if each.id == one.family), None)
    if launch is None or not observed.present(one.digest) or "python" not in family.languages:
        return upgrade, said
    volume = world.names.workspace(one.owner, one.workspace)
    try:
        here = looks.look(world, one.digest, launch, volume, read=True)
        names = [use.name for use in here.uses if use.name in here.there]
        there = looks.look(world, build.digest, family.launch, volume, read=False, names=names)
    except ManagerError as error:
        return upgrade, (*said, f"what the workspace imports could not be looked at: {error.sentence}")
    fits, more = _own(world, release, here, there)
    more += overlays.own_r(here, there, release.name)
    missing = imports.missing(here, there, [fit.name for fit in fits if fit.fits])
    words = (*said, *imports.sentences(here, missing, release.name), *more)
    return replace(upgrade, missing=missing, own=fits), words


def _changes(
    world: World, observed: Observed, one: Environment, build: Build
) -> tuple[tuple[PackageChange, ...] | None, tuple[str, ...]]:
    present = observed.build(one.digest)
    if present is None:
        return None, (f"build {one.version} of {one.release} is not known here, so no packages are compared",)
    try:
        changes = compare(contents.of(world, present), contents.of(world, build))
    except ManagerError as error:
        return None, (f"packages were not compared: {error.message}",)
    counts = ", ".join(f"{count} {level}" for level, count in counted(changes).items())
    said = [f"packages that change: {counts or 'none'}"]
    for level in ("major", "removed"):
        named = [change for change in changes if change.level == level and change.ecosystem != "debian"]
        if named:
            shown = [change.name if level == "removed" else str(change) for change in named]
            said.append(f"{level}: {few(shown, _NAMED)}")
    return changes, tuple(said)


def _own(world: World, release: Release, here: Look, there: Look) -> tuple[tuple[Fit, ...], tuple[str, ...]]:
    """Try the person's own packages for another release."""
    if not overlays.moves(here, there):
        return (), ()
    try:
        fits = own_packages.fitting(world, release, here.asked)
    except Unreachable as error:
        named = " ".join(f"{one.name}=={one.version}" for one in here.asked)
        said = f"{error.message}: install your own packages again when it does:  pip install {named}"
        return (), (said,)
    return fits, overlays.sentences(here, fits, release.name)
