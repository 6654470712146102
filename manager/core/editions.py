"""Versions of a distribution as an index has them: their files, when they came, and whether they were taken back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING

from manager.core import versions

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime

    from packaging.version import Version


@dataclass(frozen=True, slots=True)
class IndexFile:
    """A file of a distribution: when it was uploaded (None: the index does not say), and for which Pythons it is.

    ``yanked`` files were taken back, for the reason ``why`` ("" where none was given; PEP 592).
    """

    name: str
    at: datetime | None = None
    yanked: bool = False
    why: str = ""
    requires_python: str = ""

    @property
    def day(self) -> date | None:
        """Give the day of its upload in UTC, as every day here is."""
        return self.at.astimezone(UTC).date() if self.at else None

    @property
    def is_wheel(self) -> bool:
        """Say whether it is a wheel."""
        return self.name.endswith(".whl")


@dataclass(frozen=True, slots=True)
class Edition:
    """One version of a distribution, with its files in the order of the index."""

    version: Version
    files: tuple[IndexFile, ...]

    @property
    def yanked(self) -> bool:
        """Say whether every file of it was taken back."""
        return all(one.yanked for one in self.files)

    @property
    def why_yanked(self) -> str:
        """Give the first reason for which files were taken back."""
        return next((one.why for one in self.files if one.yanked and one.why), "")

    @property
    def stable(self) -> bool:
        """Say whether it is meant for everybody: no pre-release, and not taken back."""
        return not self.version.is_prerelease and not self.yanked

    @property
    def released(self) -> date | None:
        """Give the day on which its first file came; None where the index does not say."""
        return min((one.day for one in self.files if one.day), default=None)


def editions(files: Iterable[IndexFile]) -> tuple[Edition, ...]:
    """Sort files into versions, the newest first; names that say no version (PEP 427, PEP 625) are left out."""
    found: dict[Version, list[IndexFile]] = {}
    for one in files:
        version = versions.read(written(one.name))
        if version is not None:
            found.setdefault(version, []).append(one)
    return tuple(Edition(version, tuple(found[version])) for version in sorted(found, reverse=True))


def newest(found: Iterable[Edition]) -> Edition | None:
    """Give the newest stable version, whatever Python it is for."""
    return max((one for one in found if one.stable), key=lambda one: one.version, default=None)


def edition(found: Iterable[Edition], version: str) -> Edition | None:
    """Give a version, if the index has it."""
    wanted = versions.read(version)
    return next((one for one in found if one.version == wanted), None)


def overtaken(found: Iterable[Edition], version: str) -> date | None:
    """Give the day on which the first stable version came that is newer than one; None where there is none."""
    newer = _newer(found, version) or ()
    return min((one.released for one in newer if one.released), default=None)


def behind(found: Iterable[Edition], version: str) -> int | None:
    """Count the stable versions that are newer than one; None for what is no version."""
    newer = _newer(found, version)
    return None if newer is None else len(newer)


def _newer(found: Iterable[Edition], version: str) -> list[Edition] | None:
    """Give the stable versions that are newer than one; None for what is no version."""
    pin = versions.read(version)
    return None if pin is None else [one for one in found if one.stable and one.version > pin]


def written(name: str) -> str:
    """Give the version as a file's name has it; "" for a name of another form."""
    if name.endswith(".whl"):
        parts = name[: -len(".whl")].split("-")
        # name-version[-build]-python-abi-platform
        return parts[1] if len(parts) in (5, 6) else ""
    for suffix in (".tar.gz", ".zip"):
        if name.endswith(suffix):
            return name[: -len(suffix)].rpartition("-")[2]
    return ""
