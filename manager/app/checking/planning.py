"""The plan of a check run: the sources that it needs, the sets as trees, and a step for each cell."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from manager.app import sources
from manager.app.checking import lending, probes
from manager.app.checking.wanted import CheckRequest, wanted
from manager.app.spoken import spoken
from manager.core.amounts import many
from manager.core.bases import base_step
from manager.core.cells import due, longest_first
from manager.core.check_actions import CheckCell, MakeSet
from manager.core.matrix import STALE_DAYS
from manager.core.observed import readable
from manager.core.plan import Plan, Step, fingerprint, in_order

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from manager.app.checking.sets import CandidateSet
    from manager.app.world import World
    from manager.core.checks import Cell, Checked
    from manager.core.observed import Observed


# The matrix calls an answer stale after 14 days: nightlies ask again a day before.
_HOLDS = timedelta(days=STALE_DAYS - 1)


@dataclass(frozen=True, slots=True)
class CheckPlan:
    """A run that was planned; without a name (``run``) it is not kept.

    ``cells`` are those that are asked, ``settled`` those with an answer that still holds, ``sets`` what they are in,
    ``starts`` the servers that are stopped afterwards unless another run uses them: those that are started for it, and
    those of killed runs. ``uses`` are all servers of its cells.
    """

    run: str
    plan: Plan
    cells: tuple[Cell, ...] = ()
    sets: tuple[CandidateSet, ...] = ()
    settled: tuple[Checked, ...] = ()
    starts: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()


def planned(world: World, request: CheckRequest) -> Iterator[str | CheckPlan]:
    """Plan a run: lines of progress, then the plan; raises as :func:`.wanted.wanted`."""
    yield from spoken(lambda say: _planned(world, request, say))


def _planned(world: World, request: CheckRequest, say: Callable[[str], None]) -> CheckPlan:
    observed = world.observe()
    readable(observed)
    found = wanted(world, request, observed, say)
    asking = dict.fromkeys(found.cells, "asked for")
    settled: tuple[Checked, ...] = ()
    if request.changed:
        asking, settled = parted(world, found.cells)
    asking = {cell: asking[cell] for cell in longest_first(asking, world.store.checks.latest())}
    run = "" if request.probes else _name(world)
    steps: dict[str, Step] = {}
    servers = _sources(world, tuple(asking), steps)
    sets = {(one.release, one.set_hash): one for one in found.sets}
    for cell, cause in asking.items():
        needs = _set(world, observed, sets[cell.release, cell.set_hash], steps)
        if cell.source in servers:
            needs = (*needs, servers[cell.source])
        steps[_cell_id(cell)] = Step(
            id=_cell_id(cell),
            kind="check cell",
            target=cell.name,
            cause=cause,
            do=CheckCell(run, cell, request.probes),
            needs=needs,
        )
    notes = tuple(f"{name} is left out: {why}" for name, why in found.left)
    if settled:
        notes = (*notes, f"{many(len(settled), 'cell')} did not change since the last conclusive answer")
    starts = tuple(step.target for step in steps.values() if step.kind == "start source")
    if starts:
        notes = (*notes, f"{', '.join(starts)} is started for it, and removed once no run uses it")
    if lost := tuple(name for name in lending.left(world) if name not in starts):
        notes = (*notes, f"{', '.join(lost)} runs for checks that were cut off, and is removed once no run uses it")
    plan = Plan(
        subject=f"check {many(len(found.cells), 'cell')}",
        as_of=world.today,
        steps=in_order(steps.values()),
        notes=notes,
        fingerprint=fingerprint(world.catalog.content, found.cells),
        result=run,
        left=found.left,
    )
    return CheckPlan(run, plan, tuple(asking), found.sets, settled, (*starts, *lost), _servers(world, asking))


def _servers(world: World, cells: Iterable[Cell]) -> tuple[str, ...]:
    """Name the servers of cells, each once."""
    by_name = {one.name: one.service for one in world.catalog.sources if not one.embedded}
    return tuple(dict.fromkeys(by_name[cell.source] for cell in cells if cell.source in by_name))


def parted(
    world: World, cells: Iterable[Cell], sets: Iterable[str] = ()
) -> tuple[dict[Cell, str], tuple[Checked, ...]]:
    """Part cells into those that are to be asked, each with the cause, and those whose answer still holds.

    The cause is what is different now from the newest answer, or from the newest in these sets (hashes).
    """
    cells = tuple(cells)
    digests = probes.digests(world, cells)
    known = world.store.checks.conclusive(cell.key(digest) for cell, digest in digests.items())
    oldest = world.today - _HOLDS
    new, settled = due(cells, digests.__getitem__, known, world.store.checks.latest(sets), oldest)
    return {one.cell: one.cause for one in new}, settled


def _sources(world: World, cells: tuple[Cell, ...], steps: dict[str, Step]) -> dict[str, str]:
    """Add the steps that start what does not run; give the step that each source's cells need."""
    by_name = {one.name: one for one in world.catalog.sources if not one.embedded}
    servers = {cell.source: by_name[cell.source] for cell in cells if cell.source in by_name}
    if not servers:
        return {}
    started = sources.plan_start(world, tuple(servers))
    for step in started.steps:
        steps.setdefault(step.id, step)
    begun = {step.id for step in started.steps}
    return {name: wanted for name, one in servers.items() if (wanted := f"source:{one.service}") in begun}


def _set(world: World, observed: Observed, found: CandidateSet, steps: dict[str, Step]) -> tuple[str, ...]:
    """Add the step that installs a set; give what its cells need."""
    name = f"set:{found.release}:{found.set_hash[:12]}"
    if name not in steps:
        release = world.catalog.release(found.release, world.today)
        bases = base_step(world.catalog, observed, release.system, f"{release.name} stands on it")
        for step in bases:
            steps.setdefault(step.id, step)
        steps[name] = Step(
            id=name,
            kind="make set",
            target=f"{found.release} {found.set_hash[:12]}",
            cause="its bytes are checked" if found.shipped else "it might become the release's",
            do=MakeSet(found.release, found.set_hash, found.text),
            needs=tuple(step.id for step in bases),
        )
    return (name,)


def _cell_id(cell: Cell) -> str:
    return f"cell:{cell.release}:{cell.set_hash[:12]}:{cell.connector}:{cell.driver}:{cell.source}"


def _name(world: World) -> str:
    """Name a run by its second, so that names sort as the runs were begun; others may begin in the same one."""
    return f"{world.clock.now():%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"
