"""A state database in memory: the Store port, with everything it refuses."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from manager.core.history import chained, first_broken
from manager.core.memory import Asked, Kept, Launched, Remembered
from manager.core.records import joined, moved, refuse_reuse, unknown_build
from tests.fakes.announced import FakeAnnounced
from tests.fakes.checks import FakeChecks
from tests.fakes.debts import FakeDebts
from tests.fakes.ledger import FakeLedger

if TYPE_CHECKING:
    from datetime import datetime

    from manager.core.components import Component
    from manager.core.containers import ContainerSpec
    from manager.core.evidence import Result
    from manager.core.history import Entry
    from manager.core.memory import Memory
    from manager.core.observed import Build, BuildStatus, Copy, Usage
    from manager.core.scans import Scanned
    from manager.core.snapshots import Snapshot


class FakeStore:
    """Keeps what it is told, as lists that a test may read."""

    def __init__(self) -> None:
        self.kept: list[Build] = []
        self.pointers: dict[tuple[str, str], str] = {}
        self.results: dict[str, dict[str, Result]] = {}
        self.entries: list[Entry] = []
        self.launched: dict[tuple[str, str], Launched] = {}
        self.used: dict[str, Usage] = {}
        self.shots: list[tuple[Snapshot, ContainerSpec]] = []
        self.pushed: dict[str, Copy] = {}
        self.ledger = FakeLedger()
        self.announcements = FakeAnnounced()
        self.checks = FakeChecks()
        self.debts = FakeDebts()
        self.inside: dict[str, tuple[Component, ...]] = {}
        self.written: dict[str, str] = {}
        self.scanned: dict[str, Scanned] = {}

    def builds(self, release: str = "") -> tuple[Build, ...]:
        """List builds, oldest first."""
        found = [one for one in self.kept if release in ("", one.release)]
        return tuple(sorted(found, key=lambda one: (one.created, one.version)))

    def add_build(self, build: Build) -> None:
        """Remember a build."""
        for known in self.kept:
            same_version = (known.release, known.version) == (build.release, build.version)
            if same_version or (build.digest and known.digest == build.digest):
                refuse_reuse(known, build)
                return
        self.kept.append(build)

    def set_status(self, digest: str, status: BuildStatus, reason: str) -> None:
        """Change a build's status."""
        self._known(digest)
        self.kept = [replace(one, status=status, reason=reason) if one.digest == digest else one for one in self.kept]

    def channels(self) -> dict[tuple[str, str], str]:
        """Give what each channel points to."""
        return dict(self.pointers)

    def move_channel(self, release: str, channel: str, expected: str, digest: str) -> None:
        """Compare and swap."""
        found = self.pointers.get((release, channel), "")
        if found != expected:
            raise moved(release, channel, expected, found)
        if digest:
            self._known(digest, release)
            self.pointers[release, channel] = digest
        else:
            self.pointers.pop((release, channel), None)

    def record(self, digest: str, results: tuple[Result, ...], at: datetime) -> None:
        """Keep evidence."""
        self._known(digest)
        self.results[digest] = {one.probe: one for one in results}

    def evidence(self, digest: str) -> tuple[Result, ...]:
        """Give the results of the latest run."""
        return tuple(self.results.get(digest, {}).values())

    def components(self, digest: str) -> tuple[Component, ...]:
        """Give what is inside a build."""
        return self.inside.get(digest, ())

    def keep_components(self, digest: str, components: tuple[Component, ...]) -> None:
        """Remember what is inside a build."""
        self._known(digest)
        self.inside[digest] = components

    def listed(self) -> frozenset[str]:
        """Give the builds whose components are known."""
        return frozenset(self.inside)

    def containing(self, name: str) -> tuple[tuple[str, Component], ...]:
        """Give the builds that have a component of a name."""
        return tuple((digest, one) for digest in sorted(self.inside) for one in self.inside[digest] if one.name == name)

    def scans(self) -> tuple[Scanned, ...]:
        """Give what was found in what no Solvent made."""
        return tuple(self.scanned[subject] for subject in sorted(self.scanned))

    def keep_scan(self, scanned: Scanned) -> None:
        """Remember what was found."""
        self.scanned[scanned.subject] = scanned

    def notes(self, digest: str) -> str:
        """Give the release notes of a build."""
        return self.written.get(digest, "")

    def keep_notes(self, digest: str, text: str) -> None:
        """Remember the release notes of a build."""
        self._known(digest)
        self.written[digest] = text

    def copies(self) -> tuple[Copy, ...]:
        """Give where builds were pushed."""
        return tuple(self.pushed[reference] for reference in sorted(self.pushed))

    def keep_copy(self, copy: Copy) -> None:
        """Remember where a build is."""
        self._known(copy.digest)
        self.pushed[copy.reference] = copy

    def usages(self) -> tuple[Usage, ...]:
        """Give what is remembered of workspaces."""
        return tuple(self.used[name] for name in sorted(self.used))

    def keep_usage(self, usage: Usage) -> None:
        """Remember a usage."""
        self.used[usage.volume] = joined(self.used.get(usage.volume), usage)

    def forget_usage(self, volume: str) -> None:
        """Forget a volume."""
        self.used.pop(volume, None)

    def append(self, entry: Entry, memory: Memory | None = None) -> Entry:
        """Append to the chain, and remember."""
        linked = chained(entry, len(self.entries) + 1, self.entries[-1].digest if self.entries else "")
        self.entries.append(linked)
        if memory is not None:
            self.remember(memory)
        return linked

    def remember(self, memory: Memory) -> None:
        """Remember or forget an environment."""
        match memory:
            case Launched():
                key = (memory.engine, memory.environment.container)
                if memory.returned:
                    self._drop(key, memory.returned)
                wanted = self.launched[key].environment.wanted if key in self.launched else ""
                self.launched[key] = replace(memory, environment=replace(memory.environment, wanted=wanted))
            case Asked():
                key = (memory.engine, memory.container)
                if one := self.launched.get(key):
                    self.launched[key] = replace(one, environment=replace(one.environment, wanted=memory.wanted))
            case Kept():
                self._keep(memory)
            case _:
                self.launched.pop((memory.engine, memory.container), None)
                self._drop((memory.engine, memory.container), 0)

    def _keep(self, memory: Kept) -> None:
        key = (memory.snapshot.engine, memory.snapshot.container)
        mine = [one for one, _ in self.shots if (one.engine, one.container) == key]
        newest = max(mine, key=lambda one: one.number, default=None)
        same = newest is not None and newest.digest == memory.snapshot.digest
        number = (newest.number if newest else 0) + (0 if same else 1)
        self._drop(key, number)
        self.shots.append((replace(memory.snapshot, number=number), memory.spec))

    def _drop(self, key: tuple[str, str], first: int) -> None:
        self.shots = [
            (one, spec) for one, spec in self.shots if (one.engine, one.container) != key or one.number < first
        ]

    def snapshots(self) -> tuple[Snapshot, ...]:
        """Give what environments were."""
        return tuple(sorted((one for one, _ in self.shots), key=lambda one: (one.engine, one.container, one.number)))

    def snapshot_specification(self, snapshot: Snapshot) -> ContainerSpec | None:
        """Give what a snapshot was made from."""
        return dict(self.shots).get(snapshot)

    def environments(self, owner: str = "") -> tuple[Remembered, ...]:
        """Give what was launched."""
        found = [Remembered(one.engine, one.environment) for one in self.launched.values()]
        mine = (one for one in found if owner in ("", one.environment.owner))
        return tuple(sorted(mine, key=lambda one: (one.environment.owner, one.environment.name)))

    def launched_containers(self) -> frozenset[tuple[str, str]]:
        """Give engine and container of what was launched."""
        return frozenset(self.launched)

    def specification(self, engine: str, container: str) -> ContainerSpec | None:
        """Give what a container was made from."""
        one = self.launched.get((engine, container))
        return one.spec if one else None

    def history(self, limit: int = 100, target: str = "") -> tuple[Entry, ...]:
        """Give the newest entries first."""
        return tuple([one for one in reversed(self.entries) if target in ("", one.target)][:limit])

    def verify(self) -> str:
        """Check the chain."""
        return first_broken(self.entries)

    def writable(self) -> None:
        """Be free."""

    def close(self) -> None:
        """Release nothing."""

    def _known(self, digest: str, release: str = "") -> None:
        if not any(one.digest == digest and release in ("", one.release) for one in self.kept):
            raise unknown_build(digest, release)
