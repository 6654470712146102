"""Finds the distribution that a failure came with: sets between the last one that passed and the one that fails."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from manager.app.checking import sets
from manager.app.checking.cell import check_cell
from manager.core.bisect import Bisection, hopeless, suspects
from manager.core.check_actions import CheckCell
from manager.core.locks import parse, render
from manager.core.mixes import conflicts
from manager.errors import ManagerError, Unreachable
from manager.world.metadata import requirements

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from manager.app.manager import Manager
    from manager.core.checks import Cell, Checked, Guilt
    from manager.core.locks import Pin

_RUNS = 5


def sought(manager: Manager, run: str, failed: Checked) -> Iterator[str]:
    """Bisect what moved since the cell last passed, and keep whom that blames with the cell; lines of progress.

    Where nothing ever passed there is nothing to compare with. A server that has changed as well leaves the blame
    undetermined, and so does a mixture of versions that nothing resolves to.
    """
    store = manager.store.checks
    green = store.previous_green(failed.cell)
    if green is None:
        return
    before, after = store.set_text(green.cell.set_hash), store.set_text(failed.cell.set_hash)
    if not before or not after:
        return
    found = hopeless(green.cell, failed.cell)
    if found is None:
        found = yield from _bisected(manager, failed, _pins(before), _pins(after))
    store.keep(run, replace(failed, guilt=found))


def _pins(text: str) -> dict[str, tuple[Pin, ...]]:
    found: dict[str, tuple[Pin, ...]] = {}
    for pin in parse(text):
        found[pin.name] = (*found.get(pin.name, ()), pin)
    return found


def _versions(pins: dict[str, tuple[Pin, ...]]) -> dict[str, str]:
    return {name: ", ".join(dict.fromkeys(pin.version for pin in some)) for name, some in pins.items()}


def _bisected(
    manager: Manager, failed: Checked, before: dict[str, tuple[Pin, ...]], after: dict[str, tuple[Pin, ...]]
) -> Generator[str, None, Guilt]:
    red = {one.probe: one.signature for one in failed.answers if one.outcome == "fail"}
    said = " ".join(f"{one.signature} {one.reason}" for one in failed.answers if one.outcome == "fail")
    moved = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    own = manager.catalog.connector(failed.cell.connector).distributions
    search = Bisection(_versions(before), _versions(after), most=_RUNS, suspects=suspects(moved, said, own))
    while (some := search.next()) is not None:
        yield f"{failed.cell.driver} in {failed.cell.release}: with the new {', '.join(sorted(some)) or 'nothing'}"
        names = [name for name in {**before, **after} if name in (after if name in some else before)]
        text = render(pin for name in sorted(names) for pin in (after if name in some else before)[name])
        tree = _installed(manager, failed.cell.release, text)
        if tree is None:
            search.impossible()
        else:
            search.told(_works(manager, failed.cell, text, tree, red))
    return search.guilt()


def _installed(manager: Manager, name: str, text: str) -> str | None:
    """Install a mixture and give its tree's digest; None where no resolver would give it, or it does not install."""
    release = manager.catalog.release(name, manager.today)
    try:
        tree = sets.installed(manager, release, text)
    except Unreachable:
        raise
    except ManagerError:
        return None
    wrong = conflicts(requirements(tree.path), _versions(_pins(text)), release.python)
    return None if wrong else tree.digest


def _works(manager: Manager, cell: Cell, text: str, tree: str, red: dict[str, str]) -> bool | None:
    """Say whether a mixture passes what failed; None where it could not tell, or fails in another way."""
    mixed = replace(cell, set_hash=sets.CandidateSet(cell.release, text).set_hash, tree=tree)
    found = check_cell(manager, CheckCell("", mixed, tuple(red)), sets.silent())
    if found.verdict == "blocked":
        same = any(one.outcome == "fail" and one.signature == red.get(one.probe) for one in found.answers)
        return False if same else None
    return True if found.verdict == "verified" else None
