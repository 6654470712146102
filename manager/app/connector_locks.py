"""Plans the kernel locks of releases for their connectors: what would move, and which connector has to be left out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from manager.app import catalogs, drivers, lock_facts, takeable
from manager.app.locking import Locking, sentence
from manager.app.spoken import spoken
from manager.core.artifacts import not_buildable
from manager.core.build_actions import Decide, PutLock
from manager.core.builds import lock_place
from manager.core.catalog import Place
from manager.core.driver_decisions import DriverDecision
from manager.core.lifecycle import Stage
from manager.core.lock_facts import LockFacts, render
from manager.core.plan import Plan, Step, fingerprint
from manager.core.suspending import Blame, blame
from manager.errors import Refused, Unsolved

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from manager.app.world import World
    from manager.core.catalog import Release
    from manager.core.lock_changes import Move


@dataclass(frozen=True, slots=True)
class Suspension:
    """A connector without which the others of a release can be locked, and the resolver's reason."""

    connector: str
    release: str
    reason: str

    @property
    def command(self) -> str:
        """Give the command that decides it without a lock."""
        return f"solvent connector suspend {self.connector} --release {self.release} --reason TEXT"


@dataclass(frozen=True, slots=True)
class KernelLock:
    """What the kernel lock of a release would be; ``error`` says why it cannot be resolved even without connectors."""

    release: str
    file: str
    moves: tuple[Move, ...] = ()
    suspends: tuple[Suspension, ...] = ()
    notes: tuple[str, ...] = ()
    error: Unsolved | None = None

    def to_json(self) -> dict[str, Any]:
        """Give one of ``locks`` of ``connector lock``."""
        return {
            "release": self.release,
            "lock": self.file,
            "changes": [one.to_json() for one in self.moves],
            "suspends": [
                {"connector": one.connector, "reason": one.reason, "command": one.command} for one in self.suspends
            ],
            "notes": list(self.notes),
            "error": _error_json(self.error) if self.error else None,
        }


def _error_json(one: Unsolved) -> dict[str, Any]:
    return {
        "code": one.code,
        "message": one.message,
        "why": one.why,
        "hint": one.hint or None,
        "where": one.where or None,
    }


@dataclass(frozen=True, slots=True)
class ConnectorLocks:
    """The locks that were looked at, and the plan that writes those that change."""

    locks: tuple[KernelLock, ...]
    plan: Plan


def planned(
    world: World, names: tuple[str, ...], upgrade: tuple[str, ...], *, facts: bool = False
) -> Iterator[str | ConnectorLocks]:
    """Resolve the kernel locks of releases, keeping the pins but for the drivers of the connectors in ``upgrade``.

    With each lock that changes it is learnt what is known of its pins, with ``facts`` also of those that stay.
    Without names these are all that have connectors and can still be built. Gives lines of progress, then what would
    change. Raises Refused for the shipped catalog, for a driver that is held, and for a release that has no such lock;
    UsageError for unknown names; Unreachable where the index does not answer.
    """
    catalogs.editable(world.catalog)
    releases = [world.catalog.release(name, world.today) for name in names] if names else _every(world)
    releases = list(dict.fromkeys(releases))
    for one in releases:
        if one.adopted:
            raise Refused(f"{one.name} was adopted: it has no lock", where=str(one.place))
        if one.stage(world.today) is Stage.RETIRED:
            raise Refused(f"{one.name} is retired, so no lock of it is made any more", where=str(one.place))
    dists = tuple(dict.fromkeys(dist for name in upgrade for dist in world.catalog.connector(name).distributions))
    drivers.refuse_held(world, [one.name for one in releases], dists)
    subject = "lock the connectors of " + ", ".join(one.name for one in releases)

    def work(say: Callable[[str], None]) -> ConnectorLocks:
        found = [_locked(world, one, dists, partial(_about, say, one.name), facts=facts) for one in releases]
        steps = _steps(world, found, upgrade)
        plan = again(world, Plan(subject, world.today, steps))
        return ConnectorLocks(tuple(each for each, _ in found), plan)

    yield from spoken(work)


def _about(say: Callable[[str], None], release: str, line: str) -> None:
    say(f"{release}: {line}")


def again(world: World, plan: Plan) -> Plan:
    """Give a plan as the catalog is now: what it read is the catalog, and what the index said stays as it was shown."""
    return replace(plan, fingerprint=fingerprint(world.catalog.content, plan.subject))


def _every(world: World) -> list[Release]:
    """Give the releases that have connectors and a lock of their own, and that can still be built."""
    return [
        one
        for one in world.catalog.releases
        if one.connectors
        and one.adopted is None
        and one.stage(world.today) is not Stage.RETIRED
        and not not_buildable(world.catalog, one)
        # One that stands on another's lock follows that one.
        and one.lock("kernel") not in one.inherited
    ]


def _locked(
    world: World, release: Release, dists: tuple[str, ...], say: Callable[[str], None], *, facts: bool
) -> tuple[KernelLock, PutLock | None]:
    """Resolve one lock; where it has no solution, without the connectors that keep it from having one."""
    path, expected = lock_place(world.catalog, release, "kernel")
    file = path.removeprefix(world.catalog.root + "/")
    mine = takeable.own(world, release)
    locking = Locking(world, release, "kernel", Path(path), [one for one in dists if one in mine], say)
    suspends: tuple[Suspension, ...] = ()
    try:
        found = locking.solve(release.connectors)
    except Unsolved as error:
        say("no choice of versions fits; looking for the connector that is in the way")
        result = _blamed(locking, release.connectors, _order(world, release, locking, dists))
        if result.base:
            return KernelLock(release.name, file, error=_base(release, result.base)), None
        try:
            # What people decided and what cools down is in the way of nobody: it has a way out of its own.
            found = locking.solve(_left(release, result, error))
        except Unsolved as barred:
            return KernelLock(release.name, file, error=_barred(release, barred)), None
        suspends = tuple(Suspension(name, release.name, why) for name, why in result.blamed)
    same = found.text == found.previous and release.lock("kernel") is not None
    lock = KernelLock(release.name, file, found.moves, suspends, found.notes)
    if same and not facts:
        return lock, None
    before = lock_facts.beside(Path(path)) or LockFacts()
    left = replace(release, connectors=tuple(one for one in release.connectors if one not in _out(suspends)))
    learnt, notes = lock_facts.learnt(world, left, found.text, before, say)
    lock = replace(lock, notes=(*lock.notes, *notes))
    if same and learnt == before:
        return lock, None
    return lock, PutLock(release.name, path, found.text, expected, render(learnt))


def _out(suspends: Iterable[Suspension]) -> set[str]:
    return {one.connector for one in suspends}


def _blamed(locking: Locking, everything: tuple[str, ...], order: tuple[tuple[str, ...], tuple[str, ...]]) -> Blame:
    """Look for the connectors that are in the way of the others by what packages ask for, and by nothing else."""
    reason = locking.unbarred(everything)
    if not reason:
        return Blame(everything)
    return blame(*order, lambda some: reason if set(some) == set(everything) else locking.unbarred(some))


def _left(release: Release, result: Blame, error: Unsolved) -> tuple[str, ...]:
    """Give the connectors that are left to lock; raises the error where these are all."""
    if not result.blamed:
        raise error
    return tuple(name for name in release.connectors if name in result.kept)


def _order(
    world: World, release: Release, locking: Locking, dists: tuple[str, ...]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Part a release's connectors into those that stay as they are, and those that move: the new ones come last."""
    new: list[str] = []
    moving: list[str] = []
    calm: list[str] = []
    for name in release.connectors:
        own = set(world.catalog.connector(name).distributions)
        place = new if own - locking.pinned.keys() else moving if own.intersection(dists) else calm
        place.append(name)
    return tuple(calm), (*moving, *new)


def _base(release: Release, why: str) -> Unsolved:
    return Unsolved(
        f"the set of {release.name} cannot be resolved even without its connectors",
        why=why,
        hint="no connector is suspended for it; loosen or move what the reason names in its packages and sets",
        where=str(release.place),
    )


def _barred(release: Release, error: Unsolved) -> Unsolved:
    return Unsolved(
        f"{release.name} has no lock without versions that may not be taken; no connector is suspended for it",
        why=error.why,
        hint=error.hint,
        where=error.where or str(release.place),
    )


def _steps(world: World, found: list[tuple[KernelLock, PutLock | None]], upgrade: tuple[str, ...]) -> tuple[Step, ...]:
    """Give the steps: the decisions one after the other, since each edits the catalog, then the locks."""
    steps: list[Step] = []
    for lock, _ in found:
        for one in lock.suspends:
            because = f"no choice of versions fits with it: {sentence(one.reason)}"
            steps.append(
                Step(
                    f"suspend:{one.release}:{one.connector}",
                    "suspend connector",
                    f"{one.connector} in {one.release}",
                    because,
                    Decide(
                        DriverDecision(
                            "suspend", one.connector, world.today, because, "", Place("", 0), release=one.release
                        )
                    ),
                    needs=tuple(each.id for each in steps[-1:]),
                )
            )
    last = tuple(each.id for each in steps[-1:])
    cause = "asked for" + (f", with newer drivers of {', '.join(upgrade)}" if upgrade else "")
    for lock, put in found:
        if put is not None:
            held = put.expected[:12]
            steps.append(
                Step(f"lock:{lock.release}", "write lock", f"{lock.release} kernel", cause, put, held, needs=last)
            )
    return tuple(steps)
