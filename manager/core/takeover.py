"""Whose files an environment takes over at its first start: a value, the label that holds it, what is remembered."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from manager.core.containers import LABEL

if TYPE_CHECKING:
    from collections.abc import Mapping

# What is remembered of a workspace while it is being filled, and afterwards.
_BEGUN, _DONE = "taking:", "container:"


@dataclass(frozen=True, slots=True)
class Files:
    """Files to take: a volume, or with ``volume`` empty a folder of the container itself.

    ``target`` is the path at which the container has them, ``folder`` the folder of the workspace that they go to, ""
    for its top.
    """

    volume: str
    target: str
    folder: str = ""

    def __str__(self) -> str:
        """Render for people."""
        return f"volume {self.volume[:40]}" if self.volume else f"folder {self.target}"


@dataclass(frozen=True, slots=True)
class Takeover:
    """The container whose files an environment takes over at its first start, by name and id, and which they are."""

    container: str
    id: str
    sources: tuple[Files, ...]


@dataclass(frozen=True, slots=True)
class Took:
    """What a takeover came to: files, bytes, the owners that they had, what was left, or why nothing was taken."""

    container: str
    files: int = 0
    size: int = 0
    owners: tuple[int, ...] = ()
    left: tuple[str, ...] = ()
    note: str = ""

    @property
    def after(self) -> str:
        """Give what the history keeps."""
        return self.note or f"{self.files} files of {self.container}, {self.size} bytes"


def labelled(takeover: Takeover) -> str:
    """Write a takeover as the text of a label."""
    rows = [[one.volume, one.target, one.folder] for one in takeover.sources]
    return json.dumps([takeover.container, takeover.id, rows], separators=(",", ":"))


def from_labels(labels: Mapping[str, str]) -> Takeover | None:
    """Read a takeover; None where there is none, and for a label that Solvent did not write."""
    text = labels.get(LABEL + "takeover", "")
    if not text:
        return None
    try:
        container, number, rows = json.loads(text)
        sources = tuple(Files(str(volume), str(target), str(folder)) for volume, target, folder in rows)
        return Takeover(str(container), str(number), sources)
    except (ValueError, TypeError):
        return None


def origin(container: str, *, done: bool) -> str:
    """Give what is remembered of a workspace that a takeover fills."""
    return f"{_DONE if done else _BEGUN}{container}"


def state(remembered: str) -> Literal["", "begun", "done"]:
    """Say what is remembered of a takeover into a workspace."""
    return "begun" if remembered.startswith(_BEGUN) else "done" if remembered.startswith(_DONE) else ""
