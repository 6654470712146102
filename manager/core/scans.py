"""What the bytes of a file system say, layer on layer, and what is remembered of it."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from manager.core.plan import digest_of
from manager.core.traces import summed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from manager.core.traces import Trace

# Raised whenever the readers say something else of the same bytes: what was remembered before is read again.
_READERS = 1


@dataclass(frozen=True, slots=True)
class Unread:
    """A place that was not read, and why."""

    path: str
    why: str


@dataclass(frozen=True, slots=True)
class Scan:
    """What was found in a file system, and what could not be read of it."""

    traces: tuple[Trace, ...] = ()
    unread: tuple[Unread, ...] = ()

    @property
    def ides(self) -> tuple[str, ...]:
        """Name the IDEs with their versions."""
        return summed(self.traces, "ide")

    @property
    def languages(self) -> tuple[str, ...]:
        """Name the versions of Python, R and Node that are there."""
        titles: tuple[tuple[Literal["python", "r", "node"], str], ...] = (
            ("python", "Python"),
            ("r", "R"),
            ("node", "Node"),
        )
        return tuple(f"{title} {version}" for kind, title in titles for version in summed(self.traces, kind))

    @property
    def drivers(self) -> tuple[str, ...]:
        """Name the drivers with their versions."""
        return summed(self.traces, "driver")


@dataclass(frozen=True, slots=True)
class Scanned:
    """A scan as it is remembered.

    ``subject`` is an image's config digest, whose bytes never change, or a container's id; ``rules`` say what was
    looked for (:func:`rules_for`).
    """

    subject: str
    rules: str
    at: datetime
    scan: Scan


@dataclass(frozen=True, slots=True)
class Change:
    """A path that differs in a container from its image."""

    path: str
    kind: Literal["changed", "added", "deleted"]


@dataclass(frozen=True, slots=True)
class Layer:
    """What one layer of an image says: what it adds, which paths below it are gone, which folders it begins anew."""

    scan: Scan
    gone: tuple[str, ...] = ()
    emptied: tuple[str, ...] = ()


def rules_for(drivers: Mapping[str, str]) -> str:
    """Digest what a scan looks for: a catalog that names another driver has to look again."""
    return digest_of([_READERS, sorted(drivers.items())])[:16]


def stacked(layers: Iterable[Layer]) -> Scan:
    """Put layers on each other, the lowest first."""
    whole = Scan()
    for layer in layers:
        whole = joined(without(whole, layer.gone, layer.emptied), layer.scan)
    return whole


def joined(below: Scan, above: Scan) -> Scan:
    """Give both, each statement once."""
    return Scan(
        tuple(dict.fromkeys((*below.traces, *above.traces))), tuple(dict.fromkeys((*below.unread, *above.unread)))
    )


def without(scan: Scan, gone: Iterable[str], emptied: Iterable[str] = ()) -> Scan:
    """Take away what files say that are gone, alone or with a folder above them, or were in an emptied folder."""
    lost, empty = set(gone), set(emptied)
    if not lost and not empty:
        return scan

    def stays(path: str) -> bool:
        above = _above(path)
        return path not in lost and lost.isdisjoint(above) and empty.isdisjoint(above)

    return Scan(
        tuple(one for one in scan.traces if stays(one.path)), tuple(one for one in scan.unread if stays(one.path))
    )


def _above(path: str) -> set[str]:
    """Give every folder that a path lies in."""
    found = set()
    while (folder := posixpath.dirname(path)) != path:
        found.add(folder)
        path = folder
    return found
