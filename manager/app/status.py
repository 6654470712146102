"""What needs this person: each matter with the one command that settles it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from manager.app.views import Matter
from manager.core.builds import launchable
from manager.core.lifecycle import Stage
from manager.core.observed import BuildStatus, Silent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from manager.app.manager import Manager
    from manager.core.catalog import Catalog
    from manager.core.observed import Observed


def matters(manager: Manager) -> tuple[Matter, ...]:
    """List what needs attention, worst first; an empty list means that nothing does."""
    observed = manager.observe()
    found = [
        Matter("unreachable", part.what, part.reason, part.hint or "solvent doctor")
        for part in (observed.engine, observed.records)
        if isinstance(part, Silent)
    ]
    if found:
        return tuple(found)
    return (*_environments(manager, observed), *_releases(manager.catalog, manager, observed))


def _environments(manager: Manager, observed: Observed) -> Iterator[Matter]:
    """Give this person's environments whose release is on its way out, or whose build is quarantined."""
    by_name = {release.name: release for release in manager.catalog.releases}
    for one in observed.environments:
        if one.owner != manager.settings.owner:
            continue
        build = observed.build(one.digest)
        if build is not None and build.status is BuildStatus.QUARANTINED:
            yield Matter(
                "quarantined",
                one.name,
                f"its build {build.version} of {one.release} is quarantined",
                f"solvent env stop {one.name}",
            )
        release = by_name.get(one.release)
        if release is None:
            yield Matter("unknown", one.name, f"{one.release} is no longer in the catalog", "solvent image list --all")
            continue
        stage = release.stage(manager.today)
        if stage in (Stage.DEPRECATED, Stage.RETIRED):
            successor = manager.catalog.successor(release, manager.today)
            way = f"solvent env launch {successor.name} --workspace {one.workspace}" if successor else ""
            verb = "retired on" if stage is Stage.RETIRED else "retires on"
            yield Matter(stage.value, one.name, f"{one.release} {verb} {release.schedule.end_of_life}", way)


def _releases(catalog: Catalog, manager: Manager, observed: Observed) -> Iterator[Matter]:
    """Give active releases without a build to launch, and builds that were never promoted."""
    for release in catalog.releases:
        if release.stage(manager.today) is not Stage.ACTIVE:
            continue
        if launchable(observed, release) is None:
            mine = [build for build in observed.builds if build.release == release.name]
            waiting = any(build.status is BuildStatus.CANDIDATE for build in mine)
            text = "its candidate passed no check yet" if waiting else "it has no build on this engine"
            yield Matter("build", release.name, text, f"solvent image build {release.name}")
