"""A deed: something that is done at once and is no plan of steps, such as a decision that becomes a file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator


@dataclass(frozen=True, slots=True)
class Deed:
    """What is said of it before, and how it is done.

    ``do`` gives lines that say what came of it, does nothing more once it is closed, and raises ManagerError. ``named``
    has to be typed first, where it takes something away for good.
    """

    said: str
    do: Callable[[], Iterator[str]]
    named: str = ""

    def text(self) -> str:
        """Give what is seen before."""
        return self.said


def followed(stream: Iterator[Any]) -> Generator[str, None, Any]:
    """Give the lines of a stream, and return the last of it, which is what it comes to."""
    last: Any = None
    for last in stream:
        if isinstance(last, str):
            yield last
    return last
