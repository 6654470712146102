"""Package sets: packages that releases include together, by the name of the set."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from manager.core.catalog import Place

# Layers of a kernel that are there whatever a release includes.
RESERVED = ("runtime", "dialects")


@dataclass(frozen=True, slots=True)
class Apart:
    """A package that is taken from an index of its own and from no other, because the usual one has it differently.

    ``index`` is that index's address; while it is empty, sets go without the package.
    """

    package: str
    imports: tuple[str, ...] = ()
    index: str = ""


@dataclass(frozen=True, slots=True)
class PackageSet:
    """Packages by a common name.

    ``packages`` are requirements, ``imports`` the modules that a build proves with, ``system_packages`` what the
    wheels expect of the operating system, ``apart`` what comes from an index of its own.
    """

    id: str
    title: str
    packages: tuple[str, ...]
    place: Place
    imports: tuple[str, ...] = ()
    system_packages: tuple[str, ...] = ()
    apart: tuple[Apart, ...] = ()

    @property
    def requirements(self) -> tuple[str, ...]:
        """Give everything that a lock is resolved from."""
        return (*self.packages, *(one.package for one in self.apart if one.index))

    @property
    def proven_by(self) -> tuple[str, ...]:
        """Give every module that has to import."""
        return (*self.imports, *(name for one in self.apart if one.index for name in one.imports))

    @property
    def left_out(self) -> tuple[str, ...]:
        """Give the packages that no index is named for."""
        return tuple(distribution(one.package) for one in self.apart if not one.index)

    def __str__(self) -> str:
        """Render as ``ml (without torch)``."""
        return f"{self.id} (without {', '.join(self.left_out)})" if self.left_out else self.id


def distribution(requirement: str) -> str:
    """Give the distribution that a requirement names, as it is written: ``dvc[s3]>=3`` gives dvc."""
    match = re.match(r"[A-Za-z0-9._-]+", requirement)
    return match[0] if match else ""


def indexes(sets: Iterable[PackageSet]) -> dict[str, str]:
    """Map distributions that come from an index of their own to its address."""
    return {distribution(one.package): one.index for each in sets for one in each.apart if one.index}


def omissions(sets: Iterable[PackageSet]) -> tuple[str, ...]:
    """Say in words what is left out of sets, and how it is brought in."""
    return tuple(
        f"the package set {one.id} goes without {name}: {one.place.file} names no index for it"
        for one in sets
        for name in one.left_out
    )
