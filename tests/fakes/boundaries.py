"""The boundaries of a process: whatever it does to an engine, a database or files passes one, and may be its last.

A boundary has a name, ``engine.create``, and a number, counted from 1 in one process: calls of several threads come in
any order, but those of one name do not change their number by that.
"""

from __future__ import annotations

import threading
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal
from unittest.mock import patch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

When = Literal["before", "after"]
# What changes files in the course of a plan: claims, and everything that is made beside its place and then renamed.
FILES = (
    ("files.claim", "manager.world.claims.Claims.take"),
    ("files.unclaim", "manager.world.claims.Claims.release"),
    ("files.folder", "tempfile.mkdtemp"),
    ("files.rename", "pathlib.Path.rename"),
    ("files.pack", "manager.world.trees.packing.pack"),
    ("files.remove", "shutil.rmtree"),
)


class Killed(BaseException):
    """The process is gone: nothing of ours runs any more, not even a clean-up."""


@dataclass(frozen=True, slots=True)
class Kill:
    """Where a process is killed: before a boundary, or after it, when the answer does not arrive."""

    name: str
    number: int
    when: When

    def __str__(self) -> str:
        """Render for a table."""
        return f"{self.when} {self.name} {self.number}"


class Process:
    """One process: it notes its boundaries, and where ``kill`` says so it is dead; then nothing has an effect."""

    def __init__(self, kill: Kill | None = None) -> None:
        self.passed: Counter[str] = Counter()
        self.dead = False
        self._kill = kill
        self._lock = threading.Lock()
        self._within = threading.local()

    @property
    def kills(self) -> list[Kill]:
        """Give every kill that this process could have met, in the order of the names' first boundaries."""
        found = ((name, number) for name, count in self.passed.items() for number in range(1, count + 1))
        return [Kill(name, number, when) for name, number in found for when in ("before", "after")]

    def through(self, name: str, call: Callable[..., Any], *words: Any, **more: Any) -> Any:
        """Do something at a boundary; what an engine in memory does to files is its own matter, and no boundary."""
        if getattr(self._within, "port", False):
            return call(*words, **more)
        with self._lock:
            if self.dead:
                raise Killed
            self.passed[name] += 1
            here = (name, self.passed[name])
            if self._kill == Kill(*here, "before"):
                self.end()
        self._within.port = not name.startswith("files.")
        try:
            result = call(*words, **more)
        finally:
            self._within.port = False
        if self._kill == Kill(*here, "after"):
            self.end()
        if self.dead:
            raise Killed
        return result

    def end(self) -> None:
        """Die."""
        self.dead = True
        raise Killed

    def port(self, name: str, real: Any) -> Any:
        """Give an engine or a database whose every method is a boundary."""
        return _Port(self, name, real)

    @contextmanager
    def files(self) -> Iterator[None]:
        """Make boundaries of what changes files."""
        with _Patches(self):
            yield


class _Port:
    def __init__(self, process: Process, name: str, real: Any) -> None:
        self._process, self._name, self._real = process, name, real

    def __getattr__(self, method: str) -> Any:
        found = getattr(self._real, method)
        if not callable(found) or method == "close":
            return found
        return lambda *words, **more: self._process.through(f"{self._name}.{method}", found, *words, **more)


class _Patches:
    """Every one of FILES, wrapped for as long as this lasts."""

    def __init__(self, process: Process) -> None:
        self._patches = [self._wrapped(process, name, place) for name, place in FILES]

    def _wrapped(self, process: Process, name: str, place: str) -> Any:
        from pkgutil import resolve_name

        real = resolve_name(place)
        return patch(place, lambda *words, **more: process.through(name, real, *words, **more))

    def __enter__(self) -> None:
        for one in self._patches:
            one.start()

    def __exit__(self, *_: object) -> None:
        for one in self._patches:
            one.stop()
