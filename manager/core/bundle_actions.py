"""What a step does with a bundle: one part of it is put where commands look for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Part = Literal["packages", "answers", "advisories", "image", "catalog"]


@dataclass(frozen=True, slots=True)
class LoadPart:
    """Put a part of a bundle in its place; what is there already stays.

    ``listed`` is the SHA-256 of the list that was checked, ``name`` the digest of an image or the folder of a catalog.
    """

    file: str
    listed: str
    part: Part
    name: str = ""
