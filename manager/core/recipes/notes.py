"""What reading a recipe comes to: what is taken over, from which line to which key, and what is left out, and why."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from manager.core.secrecy import shown

if TYPE_CHECKING:
    from manager.core.catalog import Place

Key = Literal["packages", "system_packages", "environment", "artifact", "sets", "python"]
# Who has to do something about what was left: a person, or nobody, as Solvent decides or does it itself.
Whose = Literal["you", "solvent"]


@dataclass(frozen=True, slots=True)
class Taken:
    """Something that goes into the catalog.

    ``value`` is what is written under ``key``: a requirement, a package, a set, a version specifier of Python, a
    variable's value or an artifact's target. ``name`` is the variable, or the artifact's path beside the recipe or
    its address. ``assumed`` says what about it is a guess, ``sha256`` is an artifact's.
    """

    key: Key
    value: str
    place: Place
    name: str = ""
    sha256: str = ""
    assumed: str = ""

    def __str__(self) -> str:
        """Render what was taken as a person would say it."""
        return f"{self.name}={self.value}" if self.name else self.value


@dataclass(frozen=True, slots=True)
class Left:
    """Something that does not go into the catalog; ``text`` is shown with secrets masked."""

    place: Place
    text: str
    why: str
    instead: str = ""
    whose: Whose = "you"


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A file beside a recipe; ``text`` is None for one that is no text, or too large to be a recipe."""

    sha256: str
    text: str | None


# Gives a file by its path relative to the recipe's folder; None for what is not there or leads out of it.
Beside = Callable[[str], Neighbour | None]


@dataclass(frozen=True, slots=True)
class Translation:
    """All that a recipe said, in its order."""

    taken: tuple[Taken, ...]
    left: tuple[Left, ...]

    def of(self, key: Key) -> tuple[Taken, ...]:
        """Give what goes under one key."""
        return tuple(one for one in self.taken if one.key == key)


@dataclass(slots=True)
class Notes:
    """What has been found so far. ``groups`` are the optional groups of dependencies that were asked for."""

    beside: Beside
    groups: tuple[str, ...] = ()
    taken: list[Taken] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)
    said: set[tuple[Key, str, str]] = field(default_factory=set)
    secrets: set[str] = field(default_factory=set)
    # Files that are being read, so that two that name each other come to an end.
    opened: set[str] = field(default_factory=set)
    found_groups: set[str] = field(default_factory=set)
    # Files in the image by their names, and where each was copied from.
    copied: dict[str, str] = field(default_factory=dict)

    def take(self, key: Key, value: str, place: Place, *, name: str = "", sha256: str = "", assumed: str = "") -> None:
        """Take something over; a second one that says the same is the first."""
        if (key, value, name) not in self.said:
            self.said.add((key, value, name))
            self.taken.append(Taken(key, value, place, name, sha256, assumed))

    def leave(self, place: Place, text: str, why: str, instead: str = "", whose: Whose = "you") -> None:
        """Leave something out."""
        self.left.append(Left(place, text, why, instead, whose))

    def ours(self, place: Place, text: str, why: str) -> None:
        """Leave out what nobody has to do anything about."""
        self.leave(place, text, why, whose="solvent")

    def done(self) -> Translation:
        """Give what was found; every secret that was met anywhere is masked everywhere."""
        # A short one is a piece of too many innocent words.
        hidden = {one for one in self.secrets if len(one) >= 4}
        left = (
            replace(
                one, text=shown(one.text, hidden), why=shown(one.why, hidden), instead=shown(one.instead, hidden, 240)
            )
            for one in self.left
        )
        return Translation(tuple(self.taken), tuple(left))
