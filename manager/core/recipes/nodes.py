"""A value of a YAML, TOML or JSON file with the line that it stands on, whichever of them it was."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator

Form = Literal["text", "list", "table", "absent"]


@dataclass(frozen=True, slots=True)
class Node:
    """A text (numbers and booleans as they are written), a list, a table, or nothing; ``line`` counts from 1."""

    line: int
    form: Form = "absent"
    text: str = ""
    items: tuple[Node, ...] = ()
    pairs: tuple[tuple[str, Node], ...] = ()

    def __getitem__(self, path: str) -> Node:
        """Give what stands under keys with a slash between them (``tool/poetry``); absent where nothing does."""
        found = self
        for key in path.split("/"):
            found = next((node for name, node in found.pairs if name == key), Node(found.line))
        return found

    def __bool__(self) -> bool:
        """Say whether it is there."""
        return self.form != "absent"

    def __iter__(self) -> Iterator[Node]:
        """Go through the items of a list."""
        return iter(self.items)

    def __str__(self) -> str:
        """Render on one line, for a report."""
        if self.form == "list":
            return "[" + ", ".join(map(str, self.items[:4])) + (", ..." if len(self.items) > 4 else "") + "]"
        if self.form == "table":
            return "{" + ", ".join(f"{name} = {node}" for name, node in self.pairs[:4]) + "}"
        return self.text
