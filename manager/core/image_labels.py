"""Labels by which others know an image: the annotations of the OCI image specification that follow from the catalog.

Nothing of the moment is among them: the time of a build stands in the image's configuration.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from manager.core.catalog import Family, Release

_NAMESPACE = "org.opencontainers.image."
BASE_DIGEST = f"{_NAMESPACE}base.digest"
BASE_NAME = f"{_NAMESPACE}base.name"


def described(family: Family, release: Release, version: str) -> dict[str, str]:
    """Say what an image of a release is, for whom it is, and which version it has."""
    said = {
        "title": f"{family.title} {release.ide_version}".strip(),
        "description": f"{family.title} for {', '.join(family.languages)}, on Python {release.python}",
        "ref.name": release.name,
        "vendor": family.owner,
        "version": version,
    }
    return {_NAMESPACE + name: value for name, value in said.items() if value}


def based(digest: str, name: str, inherited: str = "") -> dict[str, str]:
    """Say what an image stands on: the digest of its base, and the reference that it was made from.

    ``inherited`` is the name that the base itself has for where it comes from (a registry), which is kept.
    """
    return {BASE_DIGEST: digest, BASE_NAME: inherited or name}
