"""Who is told what on a day: steps for the plan of the day, the inbox of a person, and what did not get through."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from manager.app.teams import reads_for
from manager.app.views import Finding, Matter
from manager.core.actions import Announce
from manager.core.notices import current, strangers
from manager.core.telling import telling

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from manager.app.world import World
    from manager.core.announcing import Situation
    from manager.core.notices import Notice
    from manager.core.observed import Container, Observed
    from manager.core.plan import Step

# For so long the inbox shows what a nightly said.
_SHOWN = timedelta(days=7)


def steps(
    world: World, now: Situation, announcing: Iterable[Step], foreign: tuple[Container, ...] = ()
) -> Iterator[Step]:
    """Give the steps of a day: people are told of schedules as they are announced, and not before.

    ``foreign`` are containers that no Solvent made.
    """
    revisions = {name: str(one.revision) for name, one in now.announced.items()}
    needs = {}
    for step in announcing:
        if isinstance(step.do, Announce):
            revisions[step.do.new.release] = str(step.do.new.revision)
            needs[step.do.new.release] = (step.id,)
    ledger = world.store.ledger
    # Without environments there is nobody to tell; the engine may be silent then.
    shown = ledger.messages(world.engine_id) if now.environments else {}
    found = telling(
        now.catalog,
        now.environments,
        ledger.told(now.today),
        ledger.waiting(),
        shown,
        world.settings.notices.names,
        now.today,
        revisions,
        foreign,
    )
    for step in found:
        yield replace(step, needs=needs.get(step.target, ()))


def inbox(world: World, observed: Observed) -> dict[str, tuple[Notice, tuple[str, ...]]]:
    """Give the newest notice of each release that this person still has, with their environments on it.

    One that speaks of another end than the release has by now is settled.
    """
    me = world.settings.owner
    mine: dict[str, list[str]] = defaultdict(list)
    for one in observed.environments:
        if one.owner == me:
            mine[one.release].append(one.name)
    for release, owners in strangers(world.catalog, observed.foreign).items():
        mine[release] += owners.get(me, [])
    if not mine:
        return {}
    ends = {one.name: one.schedule.end_of_life for one in world.catalog.releases}
    return {
        one.release: (one, tuple(sorted(mine[one.release])))
        for one in current(one for one in world.store.ledger.notices(me) if one.day <= world.today)
        if mine.get(one.release) and ends.get(one.release, one.ending.ends) == one.ending.ends
    }


def of_nightlies(world: World) -> Iterator[Matter]:
    """Give the inbox: what nightlies of the last days found that concerns this person or a team of theirs, once."""
    mine, seen = reads_for(world.settings), set[str]()
    for one in world.store.ledger.nights():
        if mine(one.owner) and world.today - _SHOWN <= one.day <= world.today:
            for each in one.findings:
                if each.known not in seen:
                    seen.add(each.known)
                    text = f"{each.kind}: {each.why}; the nightly of {one.day} found it"
                    yield Matter("nightly", each.subject, text, each.pay, each.kind)


def undelivered(world: World) -> tuple[str, ...]:
    """Say which sinks of the settings did not take what was sent to them, and why; raises Unreachable."""
    found: dict[str, list[str]] = defaultdict(list)
    for one in world.store.ledger.waiting():
        if one.sink in world.settings.notices.names:
            found[one.sink].append(one.error)
    return tuple(
        f"{_count(errors)} for {sink}: {next(filter(None, errors), 'not sent yet')}"
        for sink, errors in sorted(found.items())
    )


def findings(world: World) -> list[Finding]:
    """Give the doctor's finding on the sinks of the settings, if there are any."""
    names = world.settings.notices.names
    if not names:
        return []
    stuck = undelivered(world)
    if stuck:
        return [Finding("notices", "warn", "; ".join(stuck), "solvent lifecycle apply")]
    return [Finding("notices", "pass", f"nothing waits for {', '.join(names)}")]


def _count(errors: list[str]) -> str:
    return f"{len(errors)} notice{'s wait' if len(errors) != 1 else ' waits'}"
