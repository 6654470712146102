"""What a release cannot be built without, and is not here: files of vendors that a team has to bring itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from manager.core.catalog import Catalog, Release
    from manager.core.systems import Artifact


def not_buildable(catalog: Catalog, release: Release) -> str:
    """Say why a release cannot be built here, with what would help, or nothing when it can.

    It is no decision about the release: the file may come, and then it is built as any other. An address is taken
    to answer; whether it does is known when it is asked.
    """
    lacking = _lacking(catalog, release)
    if not lacking:
        return ""
    names = ", ".join(one.file_name for one in lacking)
    return f"not built here: {names} {'is' if len(lacking) == 1 else 'are'} missing"


def supply(catalog: Catalog, release: Release) -> str:
    """Say how to bring what is missing, or nothing."""
    lacking = _lacking(catalog, release)
    if not lacking:
        return ""
    where = ", ".join(one.origin for one in lacking)
    if catalog.shipped:
        return "solvent init DIR , put the vendor's file there where the family says, and its sha256 into the family"
    return f"put the vendor's file there, and its sha256 into the family:  {where}"


def files_of(catalog: Catalog) -> tuple[Artifact, ...]:
    """Give the artifacts of all bases that are files, each once."""
    found = (one for system in catalog.systems for one in system.artifacts if not one.is_remote)
    return tuple(dict.fromkeys(found))


def _lacking(catalog: Catalog, release: Release) -> list[Artifact]:
    """Give the missing files of the base that a release stands on; one that was adopted stands on none of ours."""
    system = next((one for one in catalog.systems if one.id == release.system), None)
    return [one for one in system.artifacts if one.origin in catalog.missing] if system else []
