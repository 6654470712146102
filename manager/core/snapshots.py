"""What environments were before each upgrade: a stack for each, to which ``env upgrade --back`` returns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from manager.core.containers import ContainerSpec


@dataclass(frozen=True, slots=True)
class Snapshot:
    """An environment as it was before an upgrade; what its container was made from is kept apart.

    ``engine`` and ``container`` say which environment; ``number`` counts from 1 in each, the newest is the highest.
    Its ``digest`` is kept from pruning.
    """

    engine: str
    container: str
    number: int
    release: str
    version: str
    digest: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Arrived:
    """An environment's successor that answers: what it was made from, and the seconds from its start on."""

    spec: ContainerSpec
    seconds: float


def behind(snapshots: Iterable[Snapshot], engine: str, container: str, digest: str) -> tuple[Snapshot, ...]:
    """Give what an environment of a digest can go back to, oldest first.

    A newest snapshot of the digest that the environment has is of an upgrade that did not take place.
    """
    mine = sorted(
        (one for one in snapshots if (one.engine, one.container) == (engine, container)), key=lambda one: one.number
    )
    while mine and mine[-1].digest == digest:
        mine.pop()
    return tuple(mine)
