"""Names and labels of everything that Solvent makes on an engine.

A realm keeps installations on one engine apart: it prefixes every name and stands in every label.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache

from manager.core.containers import LABEL
from manager.errors import UsageError

# An id in the catalog, and a family's, which becomes the repository of an image.
IDENTIFIER = r"^[a-z0-9][a-z0-9._-]*$"
REPOSITORY = r"^[a-z0-9]+([._-][a-z0-9]+)*$"
# What Docker takes in a container's name, in lower case because host names are compared so; 40 leaves
# room for the realm and the owner within the 63 characters of a host name (RFC 1035).
_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,39}")


def checked(name: str, what: str = "name") -> str:
    """Give the name back, or raise UsageError when an engine would not take it."""
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"{what} {name!r} cannot be used",
            why="1 to 40 characters: a-z, 0-9, '-', '_' and '.', beginning with a letter or digit",
            hint=f"try {re.sub('[^a-z0-9_.-]+', '-', name.lower()).strip('-_.')[:40] or 'work'!r}",
        )
    return name


@dataclass(frozen=True, slots=True)
class Names:
    """The names of one realm."""

    realm: str = "solvent"

    def environment(self, owner: str, name: str) -> str:
        """Name an environment's container."""
        return f"{self.realm}-{_safe(owner)}-{name}"

    def next(self, container: str) -> str:
        """Name the container that is to take an environment's place; no environment's own name has capitals."""
        return f"{container}.NEXT"

    def workspace(self, owner: str, name: str) -> str:
        """Name a workspace's volume."""
        return f"{self.realm}-ws-{_safe(owner)}-{name}"

    def clone(self, volume: str) -> str:
        """Name the container that fills a workspace's volume: one at a time."""
        return f"{volume}-clone"

    def home(self, owner: str, family: str) -> str:
        """Name the volume of a person's home for one family."""
        return f"{self.realm}-home-{_safe(owner)}-{family}"

    @property
    def network(self) -> str:
        """Name the network that environments publish their ports through."""
        return f"{self.realm}-environments"

    @property
    def sources(self) -> str:
        """Name the private network of the shipped sources, which is also compose's project."""
        return f"{self.realm}-sources"

    def image(self, family: str, line: str, version: str = "") -> str:
        """Name a build's image; without a version, the reference that follows the stable channel."""
        return f"{self.realm}/{family}:{line}" + (f"-{version}" if version else "")

    def base(self, system: str, key: str) -> str:
        """Name a base's image; ``key`` digests what it was made from."""
        # A tag holds no plus, and at most 128 characters.
        return f"{self.realm}/base:{system.replace('+', '-')[:100]}-{key[:12]}"

    def labels(self, kind: str, **more: str) -> tuple[tuple[str, str], ...]:
        """Give the labels that say: ours, of this realm, of this kind."""
        named = {"realm": self.realm, "kind": kind, **more}
        return tuple((LABEL + key.replace("_", "-"), value) for key, value in named.items())

    def filter(self, kind: str = "", owner: str = "") -> dict[str, str]:
        """Give the labels that find what is ours in this realm, of one kind or of any, of one owner or of all."""
        named = {"realm": self.realm, "kind": kind, "owner": owner}
        return {LABEL + key: value for key, value in named.items() if value}


@lru_cache(maxsize=1024)
def _safe(owner: str) -> str:
    """Give an owner in an engine's characters; what had to be changed gets a digest, so that no two are alike."""
    text = re.sub(r"[^a-z0-9_.-]+", "-", owner.lower()).strip("-_.")
    if text == owner and len(text) <= 20:
        return text
    return f"{text[:13]}-{hashlib.sha256(owner.encode()).hexdigest()[:6]}".lstrip("-")
