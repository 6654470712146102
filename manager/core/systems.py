"""Operating-system bases: what one is made from, and what a family adds to it."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterable

    from manager.core.catalog import BaseOrigin, Family
    from manager.core.connectors import Connector
    from manager.core.sets import PackageSet

Installer = Literal["apt", "dnf"]
ArtifactKind = Literal["deb", "rpm", "archive", "file"]
BaseKind = Literal["bootstrap", "registry", "own"]

_ARCHIVES = (".tar", ".tar.gz", ".tgz", ".tar.xz", ".tar.bz2", ".zip")
# Between a system and those who add to it; no id of a catalog holds it.
_PLUS = "+"


@dataclass(frozen=True, slots=True)
class Artifact:
    """A vendor's file that goes into a base: a package, an archive that is unpacked, or a file as it is.

    ``origin`` is an absolute path or an address, ``sha256`` (hex) is the file's. ``target`` is where an archive is
    unpacked or a file is placed, and empty for a package. ``eula`` is the address of terms that somebody
    (``eula_accepted_by``) has accepted.
    """

    name: str
    origin: str
    sha256: str
    licence: str
    target: str = ""
    eula: str = ""
    eula_accepted_by: str = ""

    @property
    def kind(self) -> ArtifactKind:
        """Say what becomes of it."""
        return kind_of(self.origin)

    @property
    def is_remote(self) -> bool:
        """Say whether it is fetched from an address."""
        return is_address(self.origin)

    @property
    def file_name(self) -> str:
        """Give the name of the file itself."""
        return posixpath.basename(urlsplit(self.origin).path if self.is_remote else self.origin)


def kind_of_base(system: System, origin: BaseOrigin) -> BaseKind:
    """Say where a system's base comes from, as far as the catalog decides it.

    With ``auto`` a registry that does not answer lets it be bootstrapped after all.
    """
    if system.base:
        return "own"
    return "registry" if origin == "registry" or (system.image and origin == "auto") else "bootstrap"


def is_address(origin: str) -> bool:
    """Say whether an artifact's origin is an address and no path."""
    return origin.startswith(("http://", "https://"))


def kind_of(origin: str) -> ArtifactKind:
    """Read from a file's suffix what becomes of it."""
    path = (urlsplit(origin).path if is_address(origin) else origin).lower()
    if path.endswith(".deb"):
        return "deb"
    if path.endswith(".rpm"):
        return "rpm"
    return "archive" if path.endswith(_ARCHIVES) else "file"


@dataclass(frozen=True, slots=True)
class System:
    """An operating-system base, and the packages that every release on it gets.

    Without ``base`` it is bootstrapped from the Debian ``suite``; ``image`` is a registry reference by digest of
    that same base, made elsewhere, that may stand in for the bootstrap. ``base`` is a registry reference by digest
    of an image of one's own: ``installer`` adds the packages to it. ``python`` is the Python that it carries as
    ``/usr/bin/pythonX.Y``, which every release on it runs.
    """

    id: str
    suite: str
    packages: tuple[str, ...]
    image: str = ""
    python: str = ""
    base: str = ""
    installer: Installer = "apt"
    artifacts: tuple[Artifact, ...] = ()


def system_id(system: str, adding: Iterable[str]) -> str:
    """Name the system that a declared one becomes when some (a family, a package set, a connector) add to it."""
    return _PLUS.join([system, *adding])


def of_drivers(connector: str) -> str:
    """Name a connector among those who add to a system: a family or a package set may have the same id."""
    return f"{connector}-drivers"


def declared(system: str) -> str:
    """Give the id of the system in ``solvent.toml`` that a release's system was made from."""
    return system.partition(_PLUS)[0]


def compiler(system: str) -> str:
    """Name the system that what stands on another one is compiled in."""
    return _PLUS.join([system, "compiler"])


def extended(
    system: System, name: str, packages: Iterable[str], artifacts: Iterable[Artifact], origin: BaseOrigin
) -> System:
    """Give a system, under a new id, with further packages and artifacts.

    An image that would be taken as it is has everything of the declared system: what comes on top is added to it.
    """
    more = tuple(one for one in dict.fromkeys(packages) if one not in system.packages)
    wanted, brought = (*system.packages, *more), (*system.artifacts, *artifacts)
    if (wanted, brought) == (system.packages, system.artifacts):
        return replace(system, id=name)
    if kind_of_base(system, origin) == "registry" and system.image:
        return replace(system, id=name, base=system.image, image="", packages=more, artifacts=tuple(artifacts))
    return replace(system, id=name, image="", packages=wanted, artifacts=brought)


def with_additions(
    systems: Iterable[System],
    families: Iterable[Family],
    sets: Iterable[PackageSet],
    connectors: Iterable[Connector],
    origin: BaseOrigin,
) -> tuple[System, ...]:
    """Give the systems that releases stand on beside the declared ones: with what families, sets and connectors add."""
    known = {system.id: system for system in systems}
    of_set = {one.id: one.system_packages for one in sets}
    of_connector = {one.id: one.system_packages for one in connectors}
    found: dict[str, System] = {}
    for family in families:
        for release in family.releases:
            system = known.get(declared(release.system))
            if system is None:
                continue
            packages = [*family.system_packages]
            for name in release.sets:
                packages += of_set.get(name, ())
            for name in release.connectors:
                packages += of_connector.get(name, ())
            if release.system not in known:
                found[release.system] = extended(system, release.system, packages, family.artifacts, origin)
            if family.build_packages:
                name, packages = compiler(release.system), [*packages, *family.build_packages]
                found[name] = extended(system, name, packages, (), origin)
    return tuple(found.values())
