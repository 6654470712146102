"""Tells those whom a nightly's findings concern: each notice is written as due before anything is sent."""

from __future__ import annotations

from collections import defaultdict
from contextlib import suppress
from typing import TYPE_CHECKING

from manager.app import connections, sending, telling
from manager.core.night_notices import due
from manager.errors import ManagerError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from manager.app.world import World
    from manager.core.night_notices import NightNotice
    from manager.core.nightly import NightlyFinding


def told(world: World, findings: Iterable[NightlyFinding]) -> tuple[int, tuple[str, ...]]:
    """Tell everybody whom findings concern and who does not know of them yet.

    Gives how many notices were written, and which sinks did not take theirs, with why.

    What does not get through stays in the ledger with its reason: the next nightly, or ``lifecycle apply``, sends it.
    Raises Unreachable.
    """
    ledger = world.store.ledger
    owners = {one.id: one.owners for one in world.catalog.connectors}
    new = 0
    for notice in due(findings, owners, world.observe().environments, _connectors(world), ledger.nights(), world.today):
        new += ledger.write(notice, world.settings.notices.of(notice.owner))
    waiting: dict[str, list[NightNotice]] = defaultdict(list)
    mine = {one.id: one for one in ledger.nights()}
    for one in ledger.waiting():
        if one.sink in world.settings.notices.names and one.notice in mine:
            waiting[one.sink].append(mine[one.notice])
    for sink, notices in sorted(waiting.items()):
        sending.deliver(world, sink, notices)
    return new, telling.undelivered(world)


def _connectors(world: World) -> dict[tuple[str, str], str]:
    """Give what connections lead to: those for everybody, and this person's; nobody else's can be read."""
    found = {("", one.name): one.connector for one in world.catalog.connections}
    # A file of theirs that is wrong is no reason to tell nobody.
    with suppress(ManagerError):
        found |= {(world.settings.owner, one.name): one.connector for one in connections.listed(world)}
    return found
