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

    Only the prefixes of Python packages that ``locked`` speaks of are compared, and the npm packages that it names are
    looked for: what else is in an image has no lock, or one that an archive of npm brings itself.
    """
    found, locked = tuple(found), tuple(locked)
    wanted = {(one.prefix, one.name): one.version for one in locked if one.ecosystem == "python"}
    prefixes = {prefix for prefix, _ in wanted}
    there = {
        (one.prefix, one.name): one.version for one in found if one.ecosystem == "python" and one.prefix in prefixes
    }
    strayed = (
        f"{prefix} {name} is {there.get((prefix, name), 'missing')}, "
        f"the lock says {wanted.get((prefix, name), 'nothing')}"
        for prefix, name in sorted({*there, *wanted})
        if there.get((prefix, name)) != wanted.get((prefix, name))
    )
    asked, npm = ({(one.name, one.version) for one in these if one.ecosystem == "npm"} for these in (locked, found))
    return (*strayed, *(f"npm {name} {version} is missing" for name, version in sorted(asked - npm)))
