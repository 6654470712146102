"""Tells owners that a release ends: each notice is written as due before anything is sent."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from manager.app import messages, sending

if TYPE_CHECKING:
    from manager.app.apply import Progress
    from manager.app.world import World
    from manager.core.actions import ResendNotices, SendNotices, ShowMessages
    from manager.core.notices import Notice


def send(world: World, action: SendNotices, progress: Progress) -> int:
    """Write notices and deliver each to its sinks; gives how many were new.

    What does not get through stays in the ledger with its reason, and is no failure of the step.
    """
    by_sink: dict[str, list[Notice]] = defaultdict(list)
    new = 0
    for notice in action.notices:
        sinks = world.settings.notices.of(notice.owner)
        if world.store.ledger.write(notice, sinks):
            new += 1
            for sink in sinks:
                by_sink[sink].append(notice)
    for sink, notices in sorted(by_sink.items()):
        progress.say(sink)
        sending.deliver(world, sink, notices)
    return new


def send_again(world: World, action: ResendNotices, progress: Progress) -> int:
    """Deliver to a sink what still waits for it; gives how many got there."""
    waiting = {one.notice for one in world.store.ledger.waiting() if one.sink == action.sink}
    known = (world.store.ledger.notice(one) for one in action.notices if one in waiting)
    found = [one for one in known if one is not None]
    progress.say(f"{len(found)} to {action.sink}")
    return sending.deliver(world, action.sink, found)


def show(world: World, action: ShowMessages, progress: Progress) -> int:
    """Put the message into each environment that still runs; gives how many show it now."""
    shown = 0
    for container, environment in action.containers:
        progress.say(environment)
        shown += messages.put(world, action.release, container, environment)
    return shown
