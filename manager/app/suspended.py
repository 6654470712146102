"""What is done about connectors that releases go without: refused, and said to whoever looks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from manager.app.views import Matter
from manager.core.amounts import few
from manager.core.lifecycle import Stage
from manager.core.suspensions import because, covers, suspending
from manager.errors import Refused, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from manager.app.world import World
    from manager.core.catalog import Release
    from manager.core.connections import Connection
    from manager.core.driver_decisions import DriverDecision
    from manager.core.sharing import SharedConnection

_NAMED = 3


def refuse(world: World, release: Release, saved: Iterable[Connection | SharedConnection]) -> None:
    """Raise Refused where a connection leads through a connector that a release goes without."""
    for one in saved:
        if one.connector in release.suspended:
            raise Refused(
                f"{one.connector} is suspended in {release.name}, so connection {one.name} cannot be used there",
                why=because(world.catalog, one.connector, release.name, world.today),
                hint=f"launch without it, or another release; see  solvent connector explain {one.connector}",
            )


def matters(world: World) -> Iterator[Matter]:
    """Say which connectors are suspended, and where."""
    alone = [one.subject for one in world.catalog.driver_decisions if everywhere(world, one.subject)]
    for name in sorted({*where(world), *alone}):
        said = "; ".join(f"of {few(releases, _NAMED)}: {why}" for why, releases in reasons(world, name).items())
        yield Matter("suspended", name, f"{name} is out {said}", f"solvent connector explain {name}")


def where(world: World) -> dict[str, list[str]]:
    """Give the releases in use that go without a connector, by the connector's id."""
    found: dict[str, list[str]] = {}
    for release in world.catalog.releases:
        for name in release.suspended if release.stage(world.today) is not Stage.RETIRED else ():
            found.setdefault(name, []).append(release.name)
    return dict(sorted(found.items()))


def used(world: World) -> frozenset[str]:
    """Give the connectors that a release in use has, or would have if they were not suspended."""
    today = world.today
    releases = [one for one in world.catalog.releases if one.stage(today) is not Stage.RETIRED]
    return frozenset(name for one in releases for name in (*one.connectors, *one.suspended))


def everywhere(world: World, connector: str, having: frozenset[str] | None = None) -> DriverDecision | None:
    """Give the decision that suspends a connector in all releases, where none in use would have it anyway.

    ``having`` is what :func:`used` gives, for those who ask of many connectors.
    """
    if connector in (used(world) if having is None else having):
        return None
    return suspending(world.catalog.driver_decisions, connector, "", world.today)


def reasons(world: World, connector: str) -> dict[str, list[str]]:
    """Give the releases in use that go without a connector, by who suspended it there, since when and why."""
    found: dict[str, list[str]] = {}
    for name in where(world).get(connector, ()):
        found.setdefault(because(world.catalog, connector, name, world.today), []).append(name)
    if everywhere(world, connector):
        found[because(world.catalog, connector, "", world.today)] = ["every release"]
    return found


def decisions(world: World, connector: str) -> tuple[DriverDecision, ...]:
    """Give the decisions that suspend a connector in releases in use, each once."""
    names = where(world).get(connector, ())
    found = [suspending(world.catalog.driver_decisions, connector, name, world.today) for name in names]
    found.append(everywhere(world, connector))
    return tuple(dict.fromkeys(one for one in found if one is not None))


def changes(world: World, one: DriverDecision) -> None:
    """Refuse a decision that suspends what is suspended, or lifts what is not; UsageError for a wrong release."""
    catalog = world.catalog
    if one.release:
        release = catalog.release(one.release, world.today)
        if release.stage(world.today) is Stage.RETIRED:
            raise Refused(f"{release.name} is retired, so no lock of it is made any more", where=str(release.place))
        if one.subject not in (*release.connectors, *release.suspended):
            raise UsageError(f"{release.name} has no connector {one.subject}", where=str(release.place))
    having = [each for each in catalog.releases if one.subject in (*each.connectors, *each.suspended)]
    meant = [each for each in having if covers(one, each.name)]
    out = [
        each for each in meant if suspending(catalog.driver_decisions, one.subject, each.name, world.today) is not None
    ]
    place, hint = one.release or "every release that has it", f"see  solvent connector explain {one.subject}"
    alone = None if one.release else everywhere(world, one.subject)
    if one.kind == "suspend" and (alone or (meant and len(out) == len(meant))):
        raise Refused(f"{one.subject} is suspended in {place} already", hint=hint)
    if one.kind == "unsuspend" and not (out or alone):
        raise Refused(f"no decision suspends {one.subject} in {place}", hint=hint)
