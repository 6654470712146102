"""Who follows a release, and how large the step is."""

from __future__ import annotations

from enum import StrEnum
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from manager.core.catalog import Catalog, Release


class Level(StrEnum):
    """What a move to a successor asks of a person, from the least to the most.

    minor: another IDE or system below the same languages; notebooks and packages of one's own go on. major: Python or
    R is another one, so packages of one's own have to be installed again. other: another IDE altogether.
    """

    MINOR = "minor"
    MAJOR = "major"
    OTHER = "other"


_ORDER = list(Level)


def level(before: Release, after: Release) -> Level:
    """Say how large the step from one release to another is."""
    if before.family != after.family:
        return Level.OTHER
    return Level.MINOR if (before.python, before.r) == (after.python, after.r) else Level.MAJOR


def chain(catalog: Catalog, release: Release, last: Release) -> tuple[Release, ...]:
    """Give the releases after one, up to and with the ``last`` of the chain that is meant."""
    found: list[Release] = []
    following = catalog.named(release.successor)
    while following is not None and following.name not in [one.name for one in found]:
        found.append(following)
        following = None if following.name == last.name else catalog.named(following.successor)
    return tuple(found)


def level_along(catalog: Catalog, release: Release, last: Release) -> Level:
    """Say how large the way to the end of a chain is: as large as the largest step on it, or as its two ends differ."""
    path = (release, *chain(catalog, release, last))
    steps = [level(before, after) for before, after in pairwise(path)]
    return max((*steps, level(release, last)), key=_ORDER.index)
