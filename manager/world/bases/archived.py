"""What a base consists of: the .deb files that were installed, which are kept with their hashes."""

from __future__ import annotations

import hashlib
import re
import shutil
import urllib.parse
from dataclasses import dataclass
from typing import TYPE_CHECKING

from manager.errors import Failed

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


@dataclass(frozen=True, slots=True, order=True)
class DebPackage:
    """One Debian package of a base; ``sha256`` (hex) is its archive's."""

    name: str
    version: str
    architecture: str
    sha256: str


def named(file: str) -> tuple[str, str, str]:
    """Read a file name of apt's (name_version_architecture.deb, an epoch's colon as %3a); gives its three parts."""
    name, version, architecture = urllib.parse.unquote(file.removesuffix(".deb")).split("_")
    return name, version, architecture


def archived(debs: Path) -> tuple[DebPackage, ...]:
    """Give the packages of a folder of archives by their names; what else lies there is removed."""
    for other in [one for one in debs.iterdir() if one.suffix != ".deb"]:
        shutil.rmtree(other) if other.is_dir() else other.unlink()
    found: list[DebPackage] = []
    for deb in debs.iterdir():
        found.append(DebPackage(*named(deb.name), digest_of(deb)))
    return tuple(sorted(found))


def check_complete(status: Path, found: Iterable[DebPackage]) -> None:
    """Compare with dpkg's own list; raises Failed naming a package that was installed but not kept."""
    installed = set()
    for stanza in status.read_text().split("\n\n"):
        fields = dict(re.findall(r"^(Package|Version|Status): (.*)$", stanza, re.MULTILINE))
        if fields.get("Status") == "install ok installed":
            installed.add((fields["Package"], fields["Version"]))
    missing = installed - {(package.name, package.version) for package in found}
    if missing or not installed:
        names = ", ".join(" ".join(one) for one in sorted(missing)) or "everything"
        raise Failed("the base could not be archived", why=f"installed, but its .deb is not here: {names}")


def digest_of(file: Path) -> str:
    """Give the SHA-256 (hex) of a file."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
