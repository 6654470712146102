"""The message that an environment shows of its release's end: given at its start, renewed while it runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from manager.app import deliveries
from manager.core import messages
from manager.errors import Failed, Refused, UsageError

if TYPE_CHECKING:
    from manager.app.world import World
    from manager.core.delivery import File
    from manager.core.endings import Ending


def given(world: World, release: str, environment: str) -> tuple[File, ...]:
    """Give the files for a start; none for a release that does not end soon, or that the catalog does not have."""
    return messages.files(_spoken(world, release), world.today, environment)


def kept(world: World, release: str, container: str) -> None:
    """Remember that an environment was started with the message of this day, if there is one."""
    if digest := messages.digest(_spoken(world, release), world.today):
        world.store.ledger.keep_message(world.engine_id, container, digest)


def put(world: World, release: str, container: str, environment: str) -> bool:
    """Put the message of this day into a running environment, or take an old one away; False for one that has ended."""
    found = _spoken(world, release)
    files = messages.files(found, world.today, environment)
    try:
        deliveries.put(world, container, files, () if files else messages.PATHS, "the message of its end")
    except (Failed, Refused, UsageError):
        return False
    world.store.ledger.keep_message(world.engine_id, container, messages.digest(found, world.today))
    return True


def _spoken(world: World, release: str) -> Ending | None:
    one = world.catalog.named(release)
    return messages.spoken(world.catalog, one, world.today) if one else None
