"""What a plan has resolved, kept until a step of the same command takes it: a program that prints a secret runs once.

It is in memory only, and not for long: a plan may wait for a build, or for its reader.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


class Prepared(Generic[T]):
    """Values by name, each for ``seconds`` at most."""

    def __init__(self, seconds: float = 60.0) -> None:
        self.seconds = seconds
        self._kept: dict[str, tuple[float, T]] = {}

    def prepare(self, name: str, resolve: Callable[[str], T]) -> T:
        """Resolve now, whatever was kept; raises what ``resolve`` raises."""
        value = resolve(name)
        self._kept[name] = (time.monotonic(), value)
        return value

    def take(self, name: str, resolve: Callable[[str], T]) -> T:
        """Give what is kept, once, or what is resolved now."""
        since, value = self._kept.pop(name, (0.0, None))
        return resolve(name) if value is None or time.monotonic() - since >= self.seconds else value
