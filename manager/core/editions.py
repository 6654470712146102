"""Versions of a distribution as an index has them: their files, when they came, and whether they were taken back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from packaging.version import InvalidVersion, Version

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime


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
    def released(self) -> datetime | None:
        """Give when its first file came; None where the index does not say."""
        return min((one.at for one in self.files if one.at), default=None)


def editions(files: Iterable[IndexFile]) -> tuple[Edition, ...]:
    """Sort files into versions, the newest first; names that say no version (PEP 427, PEP 625) are left out."""
    found: dict[Version, list[IndexFile]] = {}
    # A version has up to a hundred files, and reading a version is most of the work.
    read: dict[str, Version | None] = {}
    for one in files:
        text = _written(one)
        if text not in read:
            read[text] = _version(text)
        version = read[text]
        if version is not None:
            found.setdefault(version, []).append(one)
    return tuple(Edition(version, tuple(found[version])) for version in sorted(found, reverse=True))


def newest(found: Iterable[Edition]) -> Edition | None:
    """Give the newest stable version, whatever Python it is for."""
    return max((one for one in found if one.stable), key=lambda one: one.version, default=None)


def edition(found: Iterable[Edition], version: str) -> Edition | None:
    """Give a version, if the index has it."""
    wanted = _version(version)
    return next((one for one in found if one.version == wanted), None)


def behind(found: Iterable[Edition], version: str) -> int | None:
    """Count the stable versions that are newer than one; None for what is no version."""
    pin = _version(version)
    return None if pin is None else sum(one.stable and one.version > pin for one in found)


def _written(one: IndexFile) -> str:
    """Give the version as a file's name has it; "" for a name of another form."""
    if one.is_wheel:
        parts = one.name[: -len(".whl")].split("-")
        # name-version[-build]-python-abi-platform
        return parts[1] if len(parts) in (5, 6) else ""
    for suffix in (".tar.gz", ".zip"):
        if one.name.endswith(suffix):
            return one.name[: -len(suffix)].rpartition("-")[2]
    return ""


def _version(text: str) -> Version | None:
    try:
        return Version(text)
    except InvalidVersion:
        return None
