"""What a step does for checks: installs a set as a tree, and asks the probes of one cell."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from manager.core.checks import Cell


@dataclass(frozen=True, slots=True)
class MakeSet:
    """Install a kernel lock (its text) as a tree, as a build of the release would have it."""

    release: str
    set_hash: str
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class CheckCell:
    """Ask the probes of a cell in a sandbox, for a run; all of them where none is named."""

    run: str
    cell: Cell
    probes: tuple[str, ...] = ()


CheckAction = MakeSet | CheckCell
