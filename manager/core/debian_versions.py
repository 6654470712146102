"""Versions of Debian packages, ordered as dpkg orders them (deb-version(7)): epoch, upstream version, revision."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import total_ordering
from itertools import zip_longest

_RUNS = re.compile(r"(\D*)(\d*)")


@total_ordering
@dataclass(frozen=True, slots=True)
class DebianVersion:
    """A version in its three parts; equal ones may be written differently (``1.0`` and ``1.00``)."""

    epoch: int
    upstream: str
    revision: str

    def __eq__(self, other: object) -> bool:
        """Compare as dpkg does."""
        return isinstance(other, DebianVersion) and _order(self, other) == 0

    def __lt__(self, other: DebianVersion) -> bool:
        """Compare as dpkg does."""
        return _order(self, other) < 0

    def __hash__(self) -> int:
        """Hash what equal versions have in common."""
        return hash(self.epoch)


def debian_version(text: str) -> DebianVersion:
    """Read a version; an epoch is 0 and a revision empty where there is none. Any text is a version."""
    epoch, colon, rest = text.partition(":")
    if not colon or not epoch.isdigit():
        epoch, rest = "0", text
    upstream, _, revision = rest.rpartition("-") if "-" in rest else (rest, "", "")
    return DebianVersion(int(epoch), upstream, revision)


def _order(one: DebianVersion, other: DebianVersion) -> int:
    """Give a number below 0, 0, or above 0, as ``one`` is older than ``other``, as old, or newer."""
    if one.epoch != other.epoch:
        return one.epoch - other.epoch
    return _compared(one.upstream, other.upstream) or _compared(one.revision, other.revision)


def _compared(one: str, other: str) -> int:
    """Compare two strings run by run: what is no digit letter by letter, then digits as a number."""
    pairs = zip_longest(_RUNS.findall(one), _RUNS.findall(other), fillvalue=("", ""))
    for (letters, digits), (other_letters, other_digits) in pairs:
        for letter, other_letter in zip_longest(letters, other_letters, fillvalue=""):
            if difference := _weight(letter) - _weight(other_letter):
                return difference
        if difference := int(digits or 0) - int(other_digits or 0):
            return difference
    return 0


def _weight(letter: str) -> int:
    """Order a character: a tilde before the end of the text, then letters, then everything else."""
    if letter in ("", "~"):
        return -1 if letter else 0
    return ord(letter) if letter.isalpha() else ord(letter) + 0x110000
