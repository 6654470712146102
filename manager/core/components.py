"""What is really inside a build: packages of every kind, read from its files and never typed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

if TYPE_CHECKING:
    from collections.abc import Iterable

# ``vscode`` are the IDE's extensions, ``os`` the distribution that the packages ``debian`` are of.
Ecosystem = Literal["python", "debian", "r", "npm", "vscode", "os"]
ECOSYSTEMS: tuple[Ecosystem, ...] = get_args(Ecosystem)
Prefix = Literal["", "ide", "kernel"]
PREFIXES: tuple[Prefix, ...] = get_args(Prefix)
# What a lock names all of.
_WHOLE = ("debian", "python")


@dataclass(frozen=True, slots=True, order=True)
class Component:
    """One package at one version.

    ``prefix`` tells the IDE's Python packages from the kernel's and is empty for all others; the same package may be
    in both. Names of Python packages are normalised (PEP 503), others are as their ecosystem writes them; an npm
    package may be there in several versions. ``licence`` is what the package says of itself, "" where it says nothing.
    """

    ecosystem: Ecosystem
    name: str
    version: str
    prefix: Prefix = ""
    licence: str = ""


def drift(found: Iterable[Component], locked: Iterable[Component]) -> tuple[str, ...]:
    """Say in words how what was found differs from what the locks say, naming each package; nothing when it agrees.

    Of Python's packages only the prefixes that ``locked`` speaks of are compared, Debian's where it speaks of any, and
    the npm packages that it names are looked for: what else is in an image has no lock, or one that an archive of npm
    brings itself. R's packages are Debian's.
    """
    found, locked = tuple(found), tuple(locked)
    wanted = {(one.ecosystem, one.prefix, one.name): one.version for one in locked if one.ecosystem in _WHOLE}
    places = {(ecosystem, prefix) for ecosystem, prefix, _ in wanted}
    there = {
        (one.ecosystem, one.prefix, one.name): one.version for one in found if (one.ecosystem, one.prefix) in places
    }
    strayed = (
        f"{key[1] or key[0]} {key[2]} is {there.get(key, 'missing')}, the lock says {wanted.get(key, 'nothing')}"
        for key in sorted({*there, *wanted}, key=lambda key: (key[1] or key[0], key[2]))
        if there.get(key) != wanted.get(key)
    )
    asked, npm = ({(one.name, one.version) for one in these if one.ecosystem == "npm"} for these in (locked, found))
    return (*strayed, *(f"npm {name} {version} is missing" for name, version in sorted(asked - npm)))
