"""One more release at the end of a family's file: where its releases stand, and the keys that they get."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from manager.errors import Refused

if TYPE_CHECKING:
    from tomlkit import TOMLDocument
    from tomlkit.items import AoT, Table


def releases_of(document: TOMLDocument, family: str, file: str) -> AoT:
    """Give the tables of a family's releases; raises Refused for a file that has none, or has them in one line."""
    from tomlkit.items import AoT

    found = document.get("release")
    if isinstance(found, AoT):
        return found
    what = "takes its releases from the family that it extends" if found is None else "has its releases in one line"
    raise Refused(
        f"the family {family} {what}",
        why="a release of its own would take the place of all of those" if found is None else "",
        hint="make a new family, or write [[release]] tables into it first",
        where=file,
    )


def append(releases: AoT, release: Table) -> None:
    """Add a release behind the others, with an empty line between."""
    import tomlkit

    releases[-1].add(tomlkit.nl())
    releases.append(release)


def put(release: Table, key: str, value: Any) -> None:
    """Set a key of a release that stands in a file.

    A new one comes behind the others and before what follows them: comments there are about the next release.
    """
    if key in release:
        release[key] = value
        return
    body, below = release.value.body, []
    while body and body[-1][0] is None:
        below.append(body.pop())
    release[key] = value
    body.extend(reversed(below))
