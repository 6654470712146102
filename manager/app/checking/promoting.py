"""Plans the promotion of a set that was checked, and the way back to one: edits of the catalog's kernel lock."""

from __future__ import annotations

import shlex
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from manager.app import catalogs, drivers, git_settings, lock_facts, sources
from manager.app.checking.planning import parted
from manager.app.checking.sets import CandidateSet, sealed, shipped
from manager.app.checking.wanted import CheckRequest, cells_of
from manager.app.connectors import active_with
from manager.app.spoken import spoken
from manager.core.build_actions import PutLock
from manager.core.builds import lock_place
from manager.core.channels import launchable, unfrozen
from manager.core.checks import CONCLUSIVE
from manager.core.lock_changes import moves
from manager.core.lock_facts import render
from manager.core.observed import readable
from manager.core.plan import Plan, Step, fingerprint
from manager.core.promotable import Promotable, promotable, unproven
from manager.errors import Refused, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from manager.app.world import World
    from manager.core.catalog import Release
    from manager.core.checks import Cell, Checked
    from manager.core.lock_changes import Move
    from manager.core.promotable import Place

    Say = Callable[[str], None]


def planned(world: World, name: str, release_name: str = "", set_hash: str = "") -> Iterator[str | Plan]:
    """Plan to have the newest set of a release that was checked become its own, in which a connector's drivers move.

    Without a release, in every active one where there is such a set. Where a set is named (by the beginning of its
    hash) it is that one, whatever was checked since. Lines of progress, then the plan. Raises Refused for the shipped
    catalog, where nothing was checked, and where something stands against it: the reasons are named.
    """
    yield from spoken(lambda say: _promotion(world, name, release_name, set_hash, say))


def rollback(world: World, name: str, release_name: str) -> Iterator[str | Plan]:
    """Plan to have a release's kernel lock be again what it was before a connector's drivers last moved.

    It goes to the newest other set of the release that was verified. Raises as :func:`planned`.
    """
    yield from spoken(lambda say: _return(world, name, release_name, say))


def judged(world: World, release: Release, found: CandidateSet, *, again: bool = True) -> Promotable:
    """Say what stands against a set of a release, by what is kept of its cells.

    With ``again`` an answer counts only as long as its cell would not be asked again today: it was of this image, tree
    and server, by these probes, and is not old. A set to go back to was asked in the image of its day.
    """
    mine = tuple(cells(world, release, found, again=again))
    own = shipped(release)
    now = _told(world, release, found.set_hash)
    # A night that could not tell takes nothing away from what was measured before.
    was = _told(world, release, own.set_hash, conclusive=True)
    due: dict[Place, str] = {}
    if again:
        asked, settled = parted(world, mine, (found.set_hash,))
        due = {cell.place: cause for cell, cause in asked.items()}
        # A newer answer of another image or of other probes hides none of today's.
        now |= {one.cell.place: one for one in settled if now[one.cell.place].key != one.key}
    connectors = [world.catalog.connector(name) for name in release.connectors]
    moved = [one.distribution for one in _moves(release, own, found)]
    return promotable(mine, now, was, due, unproven(moved, connectors, mine))


def _told(world: World, release: Release, set_hash: str, *, conclusive: bool = False) -> dict[Place, Checked]:
    """Give the newest cells of a set by place; conclusive ones with their answers, which hold the measures."""
    checks = world.store.checks
    newest = checks.latest((set_hash,), conclusive=conclusive)
    mine = [one for one in newest if one.cell.release == release.name]
    whole = checks.conclusive(one.key for one in mine if one.verdict in CONCLUSIVE)
    return {one.cell.place: whole.get(one.key, one) for one in mine}


def moving(world: World, release: Release, found: CandidateSet) -> tuple[str, ...]:
    """Name the connectors of a release whose drivers a set moves."""
    moved = {one.distribution for one in _moves(release, shipped(release), found)}
    return tuple(name for name in release.connectors if moved & set(world.catalog.connector(name).distributions))


def left(world: World, release: Release, found: CandidateSet) -> str:
    """Say who took this very set away from a release and when, "" where nobody did; the history knows the newest 100.

    Whoever went back from a set does not want the next night to bring it again.
    """
    short = found.set_hash[:12]
    for one in world.store.history(100, f"{release.name} kernel"):
        if (one.kind, one.outcome, one.before) == ("write lock", "done", short):
            return f"{one.who} took it away on {one.at:%Y-%m-%d}"
    return ""


def before(world: World, release: Release, name: str = "") -> tuple[CandidateSet, Promotable] | None:
    """Give the newest other set of a release that was verified, in which a connector is another one if it is named.

    With it comes what was said of it.
    """
    own = shipped(release)
    for kept in world.store.checks.sets_of(release.name):
        found = CandidateSet(release.name, world.store.checks.set_text(kept.set_hash), shipped=False)
        if kept.set_hash == own.set_hash or (name and name not in moving(world, release, found)):
            continue
        if says := judged(world, release, found, again=False):
            return found, says
    return None


def cells(world: World, release: Release, found: CandidateSet, *, again: bool) -> Iterator[Cell]:
    """Give the required cells of a set, whether or not they were asked; with ``again`` as they would be asked today."""
    connectors = [world.catalog.connector(name) for name in release.connectors]
    if not again:
        return cells_of(release, found, connectors, CheckRequest())
    build, digest = launchable(world.observe(), release), cache(partial(sources.digest, world))
    tree = sealed(world, release, found.text)
    return cells_of(release, found, connectors, CheckRequest(), tree, build.digest if build else "", digest)


def _moves(release: Release, before: CandidateSet, after: CandidateSet) -> tuple[Move, ...]:
    return moves(before.text, after.text, release.python, set(), {})


def merging(world: World, branch: str) -> str:
    """Give the command that takes a branch with a lock."""
    return f"git -C {shlex.quote(world.catalog.root)} merge {branch}"


def _afterwards(world: World, step: Step, image: str) -> Iterator[str]:
    """Say what is left to a person once a lock is written: onto a branch, somebody has to take it from there."""
    assert isinstance(step.do, PutLock)
    if step.do.branch:
        yield f"then, for {step.do.release} to have it:  {merging(world, step.do.branch)}"
    yield f"{image}:  solvent image build {step.do.release}"


def _promotion(world: World, name: str, release_name: str, set_hash: str, say: Say) -> Plan:
    _writable(world)
    steps, notes, reasons = [], [], []
    releases = _releases(world, name, release_name)
    for release in releases:
        say(f"looking at what was checked of {release.name}")
        found = _named(world, release, set_hash) if set_hash else _newest(world, release, name)
        if found is None:
            what = f"no set that begins with {set_hash} was checked" if set_hash else "no set was checked"
            reasons.append(f"{release.name}: {what} in which {name} moves")
            continue
        if name not in moving(world, release, found):
            reasons.append(f"{release.name}: {name} does not move in the set {found.set_hash[:12]}")
            continue
        says = judged(world, release, found)
        if not says:
            reasons += [f"{release.name}: {one}" for one in says.against]
            continue
        moved = _moves(release, shipped(release), found)
        drivers.refuse_held(world, [release.name], [one.distribution for one in moved])
        steps.append(_put(world, release, found, moved, says.evidence, say))
        notes += [f"{release.name}: {one}" for one in says.notes]
        notes += _afterwards(world, steps[-1], "then the image, with the tree that was checked")
    if not steps:
        raise Refused(
            f"no set with another {name} can be promoted",
            why="\n".join(reasons) or "no active release has it",
            hint=f"check one first:  solvent check run --connector {name} --upgrade",
        )
    return Plan(
        f"promote {name}", world.today, tuple(steps), (*notes, *reasons), _read(world, name, release_name, set_hash)
    )


def _writable(world: World) -> None:
    """Raise Refused for the shipped catalog, and for one without git where locks go onto branches."""
    catalogs.editable(world.catalog)
    if world.settings.git_mode == git_settings.BRANCH:
        from manager.world.files import branching

        branching.repository(Path(world.catalog.root))


def _return(world: World, name: str, release_name: str, say: Say) -> Plan:
    _writable(world)
    (release,) = _releases(world, name, release_name)
    back = before(world, release, name)
    if back is not None:
        found, says = back
        step = _put(world, release, found, _moves(release, shipped(release), found), says.evidence, say)
        then = _afterwards(world, step, "then the image, whose tree is there already")
        subject = f"roll {name} back in {release.name}"
        return Plan(subject, world.today, (step,), (*says.notes, *then), _read(world, name, release_name))
    raise Refused(
        f"there is no set of {release.name} to go back to in which {name} is another one",
        why="none was verified here in all that is required",
        hint=f"a whole build of before:  solvent image rollback {release.name}",
    )


def _releases(world: World, name: str, release_name: str) -> tuple[Release, ...]:
    connector = world.catalog.connector(name)
    if not release_name:
        return active_with(world, connector)
    release = world.catalog.release(release_name, world.today)
    if name not in release.connectors:
        raise Refused(f"{release.name} does not have {name}", hint=f"see what has it:  solvent connector show {name}")
    return (release,)


def _named(world: World, release: Release, set_hash: str) -> CandidateSet | None:
    """Find the set of a release whose hash begins so; raises UsageError where several do."""
    found = [one.set_hash for one in world.store.checks.sets_of(release.name) if one.set_hash.startswith(set_hash)]
    if len(found) > 1:
        short = ", ".join(one[:16] for one in found[:5])
        raise UsageError(
            f"{len(found)} sets of {release.name} begin with {set_hash}", why=short, hint="write more of it"
        )
    return CandidateSet(release.name, world.store.checks.set_text(found[0]), shipped=False) if found else None


def _newest(world: World, release: Release, name: str) -> CandidateSet | None:
    """Find the newest set of a release that was checked and in which a connector's drivers are other ones."""
    own = shipped(release)
    checks = world.store.checks
    for kept in checks.sets_of(release.name):
        if kept.set_hash == own.set_hash:
            # What was checked before the release's own set is no progress.
            return None
        found = CandidateSet(release.name, checks.set_text(kept.set_hash), shipped=False)
        if name in moving(world, release, found) and checks.latest((kept.set_hash,)):
            return found
    return None


def _put(world: World, release: Release, found: CandidateSet, moved: tuple[Move, ...], evidence: str, say: Say) -> Step:
    observed = world.observe()
    readable(observed)
    unfrozen(world.catalog, observed, release, world.today)
    path, expected = lock_place(world.catalog, release, "kernel")
    facts, _ = lock_facts.learnt(world, release, found.text, lock_facts.known(release), say)
    own = shipped(release)
    words = ", ".join(f"{one.distribution} {one.before or 'new'} -> {one.after or 'gone'}" for one in moved[:6])
    more = f" and {len(moved) - 6} more" if len(moved) > 6 else ""
    cause, onto, after = f"{evidence}; {words}{more}", ("", ""), found.set_hash[:12]
    if world.settings.git_mode == git_settings.BRANCH:
        # One for each set, so that nobody's review is written over.
        branch = f"solvent/{release.name.replace(':', '-')}-{after}"
        onto = (branch, f"The kernel lock of {release.name} is set {after}\n\n{cause}\n")
        after += f" on branch {branch}"
    return Step(
        id=f"lock:{release.name}",
        kind="write lock",
        target=f"{release.name} kernel",
        cause=cause,
        do=PutLock(release.name, path, found.text, expected, render(facts), *onto),
        before=own.set_hash[:12],
        after=after,
    )


def _read(world: World, *words: str) -> str:
    return fingerprint(world.catalog.content, *words)
