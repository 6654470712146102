"""Host folders that environments may bring along: the administrator's list, what a person asks of it, what is granted.

A container's user is not the person of the host, so what may be brought along is not the person's to decide.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from manager.core.catalog import did_you_mean
from manager.core.containers import LABEL, Mount
from manager.errors import Refused, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Mode = Literal["ro", "rw"]
_LIST = "/etc/solvent/config.toml"


@dataclass(frozen=True, slots=True)
class HostFolder:
    """An entry of the administrator's list.

    ``target`` is where the folder appears inside; ``who`` holds people and, after an ``@``, groups, and is empty for
    everyone; ``origin`` is the file and line of the entry.
    """

    name: str
    path: str
    mode: Mode
    target: str
    who: tuple[str, ...] = ()
    origin: str = ""

    def __str__(self) -> str:
        """Render for ``solvent config show``."""
        allowed = f" for {', '.join(self.who)}" if self.who else ""
        return f"{self.path} at {self.target} {self.mode}{allowed}"


@dataclass(frozen=True, slots=True)
class Granted:
    """A folder that an environment has: its name in the list, the host's path, the path inside, and the mode."""

    name: str
    path: str
    target: str
    mode: Mode

    def __str__(self) -> str:
        """Render for ``env show``."""
        return f"{self.name} at {self.target} {self.mode}"

    @property
    def mount(self) -> Mount:
        """Give what the container is asked for."""
        return Mount(self.path, self.target, read_only=self.mode == "ro", kind="bind")


def grant(
    listed: Iterable[HostFolder], asked: Iterable[str], person: str, groups: Iterable[str]
) -> tuple[Granted, ...]:
    """Give what the list grants for words such as ``data`` and ``data:ro``; ``:ro`` narrows, nothing widens.

    ``groups`` are those of the person. Raises UsageError for a word that cannot be read and a name that the list
    does not have, Refused for one that is not for this person.
    """
    known = {one.name: one for one in listed}
    found = tuple(_granted(known, word, person, frozenset(groups)) for word in asked)
    for what, values in (("mount", (one.name for one in found)), ("folder", (one.target for one in found))):
        twice = [value for value, count in Counter(values).items() if count > 1]
        if twice:
            raise UsageError(f"the {what} {twice[0]} is asked for twice", hint="leave one of them out")
    return tuple(sorted(found, key=lambda one: one.name))


def still_granted(
    listed: Iterable[HostFolder], had: Iterable[Granted], environment: str, person: str, groups: Iterable[str]
) -> None:
    """Raise Refused when the list does not grant any more what an environment was launched with."""
    known, groups = tuple(listed), tuple(groups)
    for one in had:
        word = f"{one.name}:ro" if one.mode == "ro" else one.name
        try:
            (now,) = grant(known, (word,), person, groups)
        except (UsageError, Refused) as error:
            raise _lost(environment, one, error.message) from None
        if now != one:
            raise _lost(environment, one, f"the list says now: {now.path} at {now.target} {now.mode}")


def labelled(granted: Iterable[Granted]) -> str:
    """Write what an environment has as the text of a label; "" for nothing."""
    rows = [[one.name, one.path, one.target, one.mode] for one in granted]
    return json.dumps(rows, separators=(",", ":")) if rows else ""


def from_labels(labels: Mapping[str, str]) -> tuple[Granted, ...]:
    """Read what an environment has; a label that Solvent did not write holds nothing."""
    text = labels.get(LABEL + "mounts", "")
    if not text:
        return ()
    try:
        rows = json.loads(text)
        return tuple(
            Granted(str(name), str(path), str(target), "ro" if mode == "ro" else "rw")
            for name, path, target, mode in rows
        )
    except (ValueError, TypeError):
        return ()


def _granted(known: Mapping[str, HostFolder], word: str, person: str, groups: frozenset[str]) -> Granted:
    name, colon, narrowed = word.partition(":")
    if colon and narrowed != "ro":
        raise UsageError(
            f"--mount {word} cannot be read",
            why="behind the colon there is only ro, for read-only; whether a folder may be written the list says",
            hint=f"--mount {name}   or  --mount {name}:ro",
        )
    one = known.get(name)
    if one is None:
        hint = did_you_mean(name, list(known)) or f"an administrator lists folders in {_LIST}: [mounts.NAME]"
        raise UsageError(f"there is no mount {name!r}", hint=hint)
    if one.who and person not in one.who and not groups & {who[1:] for who in one.who if who.startswith("@")}:
        raise Refused(
            f"mount {name} is not for {person}",
            why=f"{one.origin}  who = {', '.join(one.who)}",
            hint="ask whoever administers this machine",
        )
    return Granted(name, one.path, one.target, "ro" if narrowed else one.mode)


def _lost(environment: str, one: Granted, why: str) -> Refused:
    return Refused(
        f"{environment} was launched with the folder {one}, which is not granted any more",
        why=why,
        hint=f"remove it, its files stay, and launch it again without the folder:  solvent env remove {environment}",
    )
