"""What the database remembers of environments, and how that is joined with what the engine shows.

The engine says what is. What is remembered says what was launched and what its owner asked of it last: it is never
shown as if it were there.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from manager.core.containers import ContainerSpec
    from manager.core.observed import Environment
    from manager.core.snapshots import Snapshot

# "" as long as the launch has not ended.
Wanted = Literal["", "running", "stopped"]


@dataclass(frozen=True, slots=True)
class Remembered:
    """An environment as it was launched on an engine, known by its id; its state is ``unknown``."""

    engine: str
    environment: Environment


@dataclass(frozen=True, slots=True)
class Launched:
    """To remember: the container of an environment was created; what its owner asked of an earlier one still holds.

    ``returned`` is the number of the snapshot that it is made from again: it and the later ones are used up.
    """

    engine: str
    environment: Environment
    spec: ContainerSpec
    returned: int = 0


@dataclass(frozen=True, slots=True)
class Asked:
    """To remember: an environment was started or stopped for its owner."""

    engine: str
    container: str
    wanted: Wanted


@dataclass(frozen=True, slots=True)
class Kept:
    """To remember: what an environment was made from, before an upgrade; its snapshot gets the next number.

    A newest snapshot of the same digest is of an upgrade that was cut short: this one takes its place.
    """

    snapshot: Snapshot
    spec: ContainerSpec


@dataclass(frozen=True, slots=True)
class Removed:
    """To forget: an environment was removed for its owner, with its snapshots."""

    engine: str
    container: str


Memory = Launched | Asked | Kept | Removed


def missing(found: Iterable[Environment], remembered: Iterable[Remembered]) -> tuple[Remembered, ...]:
    """Give what is remembered and has no container."""
    there = {one.container for one in found}
    return tuple(one for one in remembered if one.environment.container not in there)


def known(found: Iterable[Environment], remembered: Iterable[Remembered], engine: str) -> tuple[Environment, ...]:
    """Join what one engine shows with what is remembered of it, by owner and name.

    What has no container any more is ``gone``, unless its launch never ended; what was launched on another engine is
    not this one's business.
    """
    found = tuple(found)
    mine = [one for one in remembered if one.engine == engine]
    wanted = {one.environment.container: one.environment.wanted for one in mine}
    there = (replace(one, wanted=wanted[one.container]) if one.container in wanted else one for one in found)
    gone = (replace(one.environment, state="gone") for one in missing(found, mine) if one.environment.wanted)
    return tuple(sorted((*there, *gone), key=lambda one: (one.owner, one.name)))
