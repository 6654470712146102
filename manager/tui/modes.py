"""The five modes, and the lists that each has: the first is shown, `m` goes on to the next."""

from __future__ import annotations

from typing import NamedTuple

from manager.tui.data import CONNECTION, SOURCE, WORKSPACE
from manager.tui.debts import DEBT
from manager.tui.kinds import BY_ID, Kind
from manager.tui.matrix import MATRIX


class Mode(NamedTuple):
    """A mode: its title and its lists."""

    title: str
    kinds: tuple[Kind, ...]


MODES = (
    Mode("Overview", (BY_ID["matter"], DEBT)),
    Mode("Images", (BY_ID["release"],)),
    Mode("Connectors", (BY_ID["connector"], MATRIX, CONNECTION, SOURCE)),
    Mode("Environments", (BY_ID["environment"], WORKSPACE)),
    Mode("Runs", (BY_ID["run"],)),
)
LISTS = {kind.id: kind for mode in MODES for kind in mode.kinds}


def mode_of(kind: Kind) -> Mode:
    """Give the mode that a list belongs to."""
    return next(mode for mode in MODES if kind in mode.kinds)
