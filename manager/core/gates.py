"""What a day allows for a release: the one decision behind CLI, TUI, nightly and API, with the way out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from manager.core.artifacts import not_buildable, supply
from manager.core.channels import out_of
from manager.core.lifecycle import Gate, Stage, launch_gate, restart_gate
from manager.core.overrides import binding
from manager.core.quarantine import allowed
from manager.errors import Refused

if TYPE_CHECKING:
    from datetime import date

    from manager.core.catalog import Catalog, Release
    from manager.core.lifecycle import Schedule


def admit(catalog: Catalog, release: Release, today: date) -> tuple[str, ...]:
    """Decide whether a release may be launched today.

    Gives warnings for the person; raises Refused, with the successor in the hint.
    """
    allowed(catalog, release, today)
    _made_here(catalog, release, today, "launched")
    gate = launch_gate(release.schedule, today)
    if gate is Gate.SHUT:
        raise _shut(catalog, release, today, "create_block", "new environments")
    if gate is Gate.WARN:
        way = _way(catalog, release, today)
        return (f"{release.name} is deprecated and retires on {release.schedule.end_of_life}{way}",)
    if release.stage(today) is Stage.PREVIEW:
        return (f"{release.name} is a preview until {release.schedule.released}",)
    return ()


def readmit(catalog: Catalog, release: Release, workspace: str, today: date) -> tuple[str, ...]:
    """Decide whether a stopped environment of a release may start again today.

    Gives warnings; raises Refused from the release's restart_block on, with the successor for the same
    workspace in the hint.
    """
    allowed(catalog, release, today)
    gate = restart_gate(release.schedule, today)
    if gate is Gate.SHUT:
        raise _shut(catalog, release, today, "restart_block", "restarts", f" --workspace {workspace}")
    return leaving(catalog, release, today)


def orphaned(name: str, announced: Schedule | None, today: date) -> tuple[str, ...]:
    """Decide whether an environment may start again whose release has left the catalog.

    What was announced of the release holds on. Gives notes; raises Refused from its restart_block on.
    """
    gone = f"{name} is no longer in the catalog"
    if announced is None:
        return (f"{gone}; nothing is known about its dates",)
    if restart_gate(announced, today) is Gate.SHUT:
        raise Refused(
            f"{gone}; restarts are refused since {announced.restart_block}",
            why=f"restart_block = {announced.restart_block} was announced, and holds without the release's file",
            hint="see what there is:  solvent image list",
        )
    return (f"{gone}; it was announced to retire on {announced.end_of_life}",)


def follow(catalog: Catalog, release: Release, present: str, name: str, today: date) -> tuple[str, ...]:
    """Decide whether the environment ``name``, of the release ``present``, may be upgraded to a release today.

    Another build of its own release is taken as a restart is, every other release as a launch is. Gives warnings;
    raises Refused, with the release to upgrade to in the hint.
    """
    allowed(catalog, release, today)
    gate = (restart_gate if release.name == present else launch_gate)(release.schedule, today)
    if gate is not Gate.SHUT:
        return leaving(catalog, release, today) if release.name == present else admit(catalog, release, today)
    key = "restart_block" if release.name == present else "create_block"
    raise _shut(catalog, release, today, key, "upgrades to it", moves=name)


def leaving(catalog: Catalog, release: Release, today: date) -> tuple[str, ...]:
    """Say that a release is on its way out, or nothing."""
    if restart_gate(release.schedule, today) is Gate.OPEN:
        return ()
    verb = "retired on" if release.stage(today) is Stage.RETIRED else "retires on"
    return (f"{release.name} {verb} {release.schedule.end_of_life}{_way(catalog, release, today)}",)


def buildable(catalog: Catalog, release: Release, today: date) -> None:
    """Raise Refused for a release that is quarantined, not built any more or not here, or without its locks.

    And for one whose locks pin what is quarantined.
    """
    allowed(catalog, release, today)
    _made_here(catalog, release, today, "built")
    if release.stage(today) is Stage.RETIRED:
        raise _shut(catalog, release, today, "end_of_life", "builds")
    if why := not_buildable(catalog, release):
        raise Refused(f"{release.name} is {why}", hint=supply(catalog, release))
    if not all(map(release.lock, release.lock_kinds)):
        raise Refused(f"{release.name} has no lock", hint=f"resolve it:  solvent image lock {release.name}")
    _unforbidden(release)


def _unforbidden(release: Release) -> None:
    for lock in release.locks:
        for one in lock.forbidden:
            raise Refused(
                f"{release.name} cannot be built: its {lock.kind} lock pins {one.dist} {one.version}, "
                f"which is quarantined for {one.by.advisory}",
                why=f"{one.by.place}, decided by {one.by.by} on {one.by.day}: {one.by.reason}",
                hint=out_of(release.name, lock.forbidden),
                where=str(one.by.place),
            )


def _made_here(catalog: Catalog, release: Release, today: date, what: str) -> None:
    """Refuse a release that was adopted: it has no lock and no build, and only promoted builds are launched."""
    if release.adopted is None:
        return
    successor = catalog.successor(release, today)
    raise Refused(
        f"{release.name} was adopted: it is not {what}",
        why=f"it has dates and an owner here, and neither a lock nor a build: {release.adopted.reference}",
        hint=f"launch its successor:  solvent env launch {successor.name}"
        if successor
        else "take a container's files over into a release that is built here:  solvent adopt environment --help",
        where=str(release.place),
    )


def _way(catalog: Catalog, release: Release, today: date) -> str:
    successor = catalog.successor(release, today)
    return f"; its successor is {successor.name}" if successor else ""


def _shut(
    catalog: Catalog, release: Release, today: date, key: str, what: str, options: str = "", *, moves: str = ""
) -> Refused:
    dates = release.schedule
    since = dict(dates.dates())[key]
    if today < dates.end_of_life:
        message = f"{release.name} retires on {dates.end_of_life}; {what} are refused since {since}"
    elif key == "restart_block":
        message = f"{release.name} is retired since {dates.end_of_life}; {what} are refused since {since}"
    else:
        message, key, since = f"{release.name} is retired since {dates.end_of_life}", "end_of_life", dates.end_of_life
    successor = catalog.successor(release, today)
    way = ""
    if successor:
        upgrade = f"upgrade to its successor:  solvent env upgrade {moves} --to {successor.name}"
        launch = f"launch its successor:  solvent env launch {successor.name}{options}"
        way = upgrade if moves else launch
    decided = binding(catalog.overrides, release.name, dates, today)
    place = decided.place if decided else release.place
    because = f"{dates.bound_by} by {decided.by}: {decided.reason}" if decided else f"bound by {dates.bound_by}"
    return Refused(
        message,
        why=f"{place}  {key} = {since} ({because})",
        hint=way or "it names no successor; see what there is:  solvent image list",
        where=str(place),
    )
