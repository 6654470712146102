"""What files say of what is installed: a trace is one statement, with the file that makes it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

# ``ide`` is what a person works in; ``driver`` reaches a data source.
TraceKind = Literal["ide", "python", "r", "node", "driver"]


@dataclass(frozen=True, slots=True, order=True)
class Trace:
    """One thing that is installed, as one file says it.

    ``name`` is as its own ecosystem writes it, normalised for Python; ``version`` is empty where no file says it.
    ``path`` is absolute in the file system, or names the setting of an image's configuration. ``connector`` is the
    catalog's connector that names the driver, if one does.
    """

    kind: TraceKind
    name: str
    version: str
    path: str
    connector: str = ""

    def __str__(self) -> str:
        """Render for people: name and version."""
        return f"{self.name} {self.version}".rstrip()
