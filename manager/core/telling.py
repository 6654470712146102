"""The steps by which owners are told: notices that are due, those that did not get through, what environments show."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from manager.core.actions import ResendNotices, SendNotices, ShowMessages
from manager.core.amounts import few, many
from manager.core.messages import digest, spoken
from manager.core.notices import due
from manager.core.plan import Step

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import date

    from manager.core.catalog import Catalog
    from manager.core.notices import Delivery, Notice, Told
    from manager.core.observed import Container, Environment

# A step names so many owners; the others are counted.
_NAMED = 5


def telling(
    catalog: Catalog,
    environments: Iterable[Environment],
    told: Iterable[Told],
    waiting: Iterable[Delivery],
    shown: Mapping[str, str],
    sinks: Iterable[str],
    today: date,
    revisions: Mapping[str, str],
    foreign: Iterable[Container] = (),
) -> tuple[Step, ...]:
    """Give the steps of a day.

    ``environments`` are those of one engine, ``shown`` what they were last seen to show, by container. ``sinks`` are
    those of the settings: what waits for another one goes on waiting. ``catalog`` has the schedules that people are
    told of, ``revisions`` their names. ``foreign`` are containers that no Solvent made.
    """
    found = tuple(environments)
    return (
        *_sending(due(catalog, found, told, today, revisions, foreign)),
        *_again(waiting, frozenset(sinks)),
        *_showing(catalog, found, shown, today),
    )


def _sending(notices: tuple[Notice, ...]) -> Iterator[Step]:
    by_release: dict[str, list[Notice]] = defaultdict(list)
    for one in notices:
        by_release[one.release].append(one)
    for release, mine in by_release.items():
        first = mine[0]
        owners = [one.owner for one in mine]
        left = (first.ending.ends - first.day).days
        when = f"{left} days before its end" if left > 0 else "its end has come"
        freeze = f", held by a freeze until {first.ending.frozen}" if first.ending.frozen else ""
        yield Step(
            id=f"notices:{release}",
            kind="send notices",
            target=release,
            cause=f"{when} on {first.ending.ends}{freeze}: {_count(mine)} are on it",
            do=SendNotices(release, tuple(mine)),
            after=few(owners, _NAMED),
        )


def _count(notices: list[Notice]) -> str:
    number = sum(len(one.environments) + len(one.strangers) for one in notices)
    return f"{many(number, 'environment')} of {many(len(notices), 'owner')}"


def _again(waiting: Iterable[Delivery], sinks: frozenset[str]) -> Iterator[Step]:
    by_sink: dict[str, list[Delivery]] = defaultdict(list)
    for one in waiting:
        if one.sink in sinks:
            by_sink[one.sink].append(one)
    for sink, mine in by_sink.items():
        why = next((one.error for one in mine if one.error), "the sending was cut short")
        yield Step(
            id=f"again:{sink}",
            kind="send again",
            target=sink,
            cause=f"{many(len(mine), 'notice')} did not get there: {why}",
            do=ResendNotices(sink, tuple(one.notice for one in mine)),
        )


def _showing(
    catalog: Catalog, environments: tuple[Environment, ...], shown: Mapping[str, str], today: date
) -> Iterator[Step]:
    """Give a step for each release whose running environments show something else than they should by now."""
    running: dict[str, list[Environment]] = defaultdict(list)
    for one in environments:
        if one.state == "running":
            running[one.release].append(one)
    releases = {one.name: one for one in catalog.releases}
    for name in sorted(running.keys() & releases.keys()):
        says = spoken(catalog, releases[name], today)
        now = digest(says, today)
        stale = tuple((one.container, one.name) for one in running[name] if shown.get(one.container, "") != now)
        if stale:
            yield Step(
                id=f"message:{name}",
                kind="show message" if now else "take message away",
                target=name,
                cause=f"{len(stale)} of its environments that run {'do not say that it ends' if now else 'say that'}",
                do=ShowMessages(name, now, stale),
            )
