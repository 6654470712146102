"""Claims: one command at a time works on a named thing.

A claim ends with the process that has it, however that ends, so nothing has to be mended after one that was killed.
"""

from __future__ import annotations

import fcntl
import os
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class Claims:
    """What one Manager has claimed: a locked file a name, in a folder that the other commands see as well."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._held: dict[str, int] = {}
        # Threads that ask about one name see all of a claim or nothing.
        self._turn = threading.RLock()

    def take(self, name: str) -> bool:
        """Claim a name (one that a file can have); False while another has it. Claiming twice is fine."""
        with self._turn:
            return name in self._held or self._taken(name)

    def take_new(self, name: str) -> bool:
        """Claim a name that nobody has, this Manager included."""
        with self._turn:
            return name not in self._held and self._taken(name)

    def _taken(self, name: str) -> bool:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self.folder / name
        while True:
            descriptor = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(descriptor)
                return False
            if _is(path, descriptor):
                self._held[name] = descriptor
                return True
            # Whoever had it took the file away between our opening and our locking.
            os.close(descriptor)

    def free(self, name: str) -> bool:
        """Say whether no command has a name, this one included."""
        with self._turn:
            # A question is neither a claim nor the end of one; how often it is asked is a matter of time.
            if name in self._held or not self._taken(name):
                return False
            self._given_up(name)
            return True

    def release(self, name: str) -> None:
        """Give a claim up; one that is not held is fine."""
        with self._turn:
            self._given_up(name)

    def _given_up(self, name: str) -> None:
        descriptor = self._held.pop(name, None)
        if descriptor is not None:
            (self.folder / name).unlink(missing_ok=True)
            os.close(descriptor)

    def close(self) -> None:
        """Give every claim up."""
        for name in tuple(self._held):
            self.release(name)


def _is(path: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False
