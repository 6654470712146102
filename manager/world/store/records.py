"""The records: builds, channels, evidence and history, as the Store port has them."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import TYPE_CHECKING

from manager.core.history import chained, first_broken
from manager.core.memory import Asked, Kept, Launched, Removed
from manager.core.observed import Copy
from manager.core.records import joined, moved, refuse_reuse, unknown_build
from manager.world.store import snapshots, tables
from manager.world.store.announced import Announced
from manager.world.store.checks import Checks
from manager.world.store.debts import Debts
from manager.world.store.ledger import Books
from manager.world.store.schema import prepare
from manager.world.store.session import Session

if TYPE_CHECKING:
    from datetime import datetime

    from manager.core.components import Component
    from manager.core.containers import ContainerSpec
    from manager.core.evidence import Result
    from manager.core.history import Entry
    from manager.core.memory import Memory, Remembered
    from manager.core.observed import Build, BuildStatus, Usage
    from manager.core.ports import Store
    from manager.core.scans import Scanned
    from manager.core.snapshots import Snapshot
    from manager.world.store.session import Statements

_OF_DIGEST = 'SELECT "release" FROM "builds" WHERE "digest" = :digest'
_NEWEST_RUN = 'SELECT max("run") FROM "evidence" WHERE "digest" = :digest'
_LAST_ENTRY = 'SELECT "number", "digest" FROM "history" ORDER BY "number" DESC LIMIT 1'
_CONTAINER = '"engine" = :engine AND "container" = :container'
_LAUNCHED = 'SELECT "engine", "container" FROM "environments"'
_SPEC = 'SELECT "spec" FROM "environments" WHERE "engine" = :engine AND "container" = :container'
_WANTED = 'SELECT "wanted" FROM "environments" WHERE "engine" = :engine AND "container" = :container'
_HERE = '"release" = :release AND "channel" = :channel'


class Database:
    """The state database behind a URL; implements :class:`manager.core.ports.Store`. Threads may share it."""

    def __init__(self, url: str, *, shared: bool = False, patience: float = 10.0) -> None:
        """Open it, made or migrated where needed.

        A SQLite file gets mode 0600 in a folder of mode 0700; with ``shared``, 0660 in 2770, for a group.
        ``patience`` is how many seconds to wait for other processes. Raises UsageError for a malformed URL;
        Unreachable for a database that does not answer, is locked, corrupt, or newer than this program.
        """
        self._session = Session(url, shared=shared, patience=patience)
        prepare(self._session)
        self.ledger = Books(self._session)
        self.announcements = Announced(self._session)
        self.checks = Checks(self._session)
        self.debts = Debts(self._session)

    def builds(self, release: str = "") -> tuple[Build, ...]:
        """List builds, oldest first; of one release when it is named."""
        where = 'WHERE "release" = :release ' if release else ""
        found = self._session.rows(
            tables.select("builds", f'{where}ORDER BY "created", "version"'),
            **({"release": release} if release else {}),
        )
        return tuple(map(tables.build, found))

    def add_build(self, build: Build) -> None:
        """Remember a build; a version or digest that is known for other bytes raises Refused.

        The same build once more changes nothing, its status included.
        """
        values = _named(build) | {
            "digest": build.digest or None,
            "inputs": json.dumps(build.inputs),
            "layers": json.dumps(build.layers),
            "status": build.status.value,
            "reason": "",
            "created": tables.text(build.created),
        }
        either = 'WHERE "release" = :release AND "version" = :version OR "digest" = :digest'

        def change(do: Statements) -> None:
            known = do.rows(
                tables.select("builds", either),
                release=build.release, version=build.version, digest=values["digest"],
            )  # fmt: skip
            if known:
                refuse_reuse(tables.build(known[0]), build)
            else:
                do.run(tables.insert("builds"), **values)

        self._session.write(change)

    def set_status(self, digest: str, status: BuildStatus, reason: str) -> None:
        """Change the status of a build; UsageError when there is none of that digest."""
        update = tables.update("builds", "status reason", '"digest" = :digest')
        if self._session.write(lambda do: do.run(update, status=status.value, reason=reason, digest=digest)) == 0:
            raise unknown_build(digest)

    def channels(self) -> dict[tuple[str, str], str]:
        """Give the digest that each (release, channel) points to."""
        rows = self._session.rows(tables.select("channels"))
        return {(release, channel): digest for release, channel, digest in rows}

    def move_channel(self, release: str, channel: str, expected: str, digest: str) -> None:
        """Point a channel at a digest ("" empties it) if it still points at ``expected`` ("" for none).

        Raises Refused, which says what changed, when it does not; UsageError when no build of this release
        has the digest.
        """
        here = {"release": release, "channel": channel}

        def change(do: Statements) -> None:
            rows = do.rows(tables.select("channels", f"WHERE {_HERE}"), **here)
            found = rows[0][2] if rows else ""
            if found != expected:
                raise moved(release, channel, expected, found)
            if digest and (release,) not in do.rows(_OF_DIGEST, digest=digest):
                raise unknown_build(digest, release)
            if not found:
                if digest:
                    do.run(tables.insert("channels"), digest=digest, **here)
                return
            # The condition is asked again: a server's transaction takes no lock by reading.
            still = f'{_HERE} AND "digest" = :expected'
            if digest:
                done = do.run(tables.update("channels", "digest", still), digest=digest, expected=expected, **here)
            else:
                done = do.run(tables.delete("channels", still), expected=expected, **here)
            if not done:
                raise moved(release, channel, expected, "another build")

        self._session.write(change)

    def record(self, digest: str, results: tuple[Result, ...], at: datetime) -> None:
        """Keep the evidence of a build; UsageError when there is none of that digest."""

        def change(do: Statements) -> None:
            if not do.rows(_OF_DIGEST, digest=digest):
                raise unknown_build(digest)
            ((newest,),) = do.rows(_NEWEST_RUN, digest=digest)
            more = {"digest": digest, "run": (newest or 0) + 1, "at": tables.text(at)}
            for position, result in enumerate(results):
                do.run(tables.insert("evidence"), **(_named(result) | {"position": position} | more))

        self._session.write(change)

    def evidence(self, digest: str) -> tuple[Result, ...]:
        """Give the results of the latest run of a build's probes, in their order; earlier runs stay recorded."""
        newest = tables.select("evidence", f'WHERE "digest" = :digest AND "run" = ({_NEWEST_RUN}) ORDER BY "position"')
        return tuple(map(tables.result, self._session.rows(newest, digest=digest)))

    def components(self, digest: str) -> tuple[Component, ...]:
        """Give what is inside a build, in the order in which it was kept."""
        found = self._session.rows(
            tables.select("components", 'WHERE "digest" = :digest ORDER BY "position"'), digest=digest
        )
        return tuple(map(tables.component, found))

    def keep_components(self, digest: str, components: tuple[Component, ...]) -> None:
        """Remember what is inside a build, in place of what was known; UsageError when there is none of that digest."""

        def change(do: Statements) -> None:
            if not do.rows(_OF_DIGEST, digest=digest):
                raise unknown_build(digest)
            do.run(tables.delete("components", '"digest" = :digest'), digest=digest)
            for position, one in enumerate(components):
                do.run(tables.insert("components"), **_named(one), digest=digest, position=position)

        self._session.write(change)

    def listed(self) -> frozenset[str]:
        """Give the builds (by digest) whose components are known."""
        return frozenset(row[0] for row in self._session.rows('SELECT DISTINCT "digest" FROM "components"'))

    def containing(self, name: str) -> tuple[tuple[str, Component], ...]:
        """Give every build (by digest) that has a component of a name, with that component."""
        where = 'WHERE "name" = :name ORDER BY "digest", "position"'
        return tuple(
            (row[0], tables.component(row)) for row in self._session.rows(tables.select("components", where), name=name)
        )

    def notes(self, digest: str) -> str:
        """Give the release notes that were written for a build."""
        rows = self._session.rows(tables.select("notes", 'WHERE "digest" = :digest'), digest=digest)
        return rows[0][1] if rows else ""

    def keep_notes(self, digest: str, text: str) -> None:
        """Remember the release notes of a build; UsageError when there is none of that digest."""

        def change(do: Statements) -> None:
            if not do.rows(_OF_DIGEST, digest=digest):
                raise unknown_build(digest)
            do.run(tables.delete("notes", '"digest" = :digest'), digest=digest)
            do.run(tables.insert("notes"), digest=digest, text=text)

        self._session.write(change)

    def copies(self) -> tuple[Copy, ...]:
        """Give where builds were pushed, by reference."""
        return tuple(Copy(*row) for row in self._session.rows(tables.select("copies", 'ORDER BY "reference"')))

    def keep_copy(self, copy: Copy) -> None:
        """Remember where a build is; UsageError when there is none of that digest."""

        def change(do: Statements) -> None:
            if not do.rows(_OF_DIGEST, digest=copy.digest):
                raise unknown_build(copy.digest)
            do.run(tables.delete("copies", '"reference" = :reference'), reference=copy.reference)
            do.run(tables.insert("copies"), **_named(copy))

        self._session.write(change)

    def usages(self) -> tuple[Usage, ...]:
        """Give what is remembered of workspaces, by volume."""
        return tuple(map(tables.usage, self._session.rows(tables.select("usages", 'ORDER BY "volume"'))))

    def keep_usage(self, usage: Usage) -> None:
        """Remember what a usage says; what it leaves open stays as it was for the same volume."""

        def change(do: Statements) -> None:
            known = do.rows(tables.select("usages", 'WHERE "volume" = :volume'), volume=usage.volume)
            now = joined(tables.usage(known[0]) if known else None, usage)
            values = _named(now) | {"measured": tables.text(now.measured), "used": tables.text(now.used)}
            way = tables.update("usages", "made size measured used origin", '"volume" = :volume')
            do.run(way if known else tables.insert("usages"), **values)

        self._session.write(change)

    def forget_usage(self, volume: str) -> None:
        """Forget a volume; an unknown one is fine."""
        self._session.write(lambda do: do.run(tables.delete("usages", '"volume" = :volume'), volume=volume))

    def scans(self) -> tuple[Scanned, ...]:
        """Give what was found in what no Solvent made, by subject."""
        from manager.world.store import scans

        return scans.known(self._session)

    def keep_scan(self, scanned: Scanned) -> None:
        """Remember what was found; an earlier scan of the same subject is replaced."""
        from manager.world.store import scans

        scans.keep(self._session, scanned)

    def append(self, entry: Entry, memory: Memory | None = None) -> Entry:
        """Append to the history, and remember or forget an environment with it; gives number and digest."""

        def change(do: Statements) -> Entry:
            number, digest = next(iter(do.rows(_LAST_ENTRY)), (0, ""))
            linked = chained(entry, number + 1, digest)
            do.run(tables.insert("history"), **(_named(linked) | {"at": tables.text(linked.at)}))
            if memory is not None:
                _remember(do, memory)
            return linked

        return self._session.write(change)

    def history(self, limit: int = 100, target: str = "") -> tuple[Entry, ...]:
        """Give the newest entries first."""
        where, values = ('WHERE "target" = :target ', {"target": target}) if target else ("", {})
        newest = tables.select("history", f'{where}ORDER BY "number" DESC LIMIT :most')
        return tuple(map(tables.entry, self._session.rows(newest, most=limit, **values)))

    def environments(self, owner: str = "") -> tuple[Remembered, ...]:
        """Give the environments that were launched and not removed, by owner and name; of one owner if named."""
        where, values = ('WHERE "owner" = :owner ', {"owner": owner}) if owner else ("", {})
        query = tables.select("environments", f'{where}ORDER BY "owner", "name"', without="spec")
        return tuple(map(tables.remembered, self._session.rows(query, **values)))

    def launched_containers(self) -> frozenset[tuple[str, str]]:
        """Give engine and container of each of them, which is read much faster than what is known of them."""
        return frozenset((engine, container) for engine, container in self._session.rows(_LAUNCHED))

    def specification(self, engine: str, container: str) -> ContainerSpec | None:
        """Give what the container of a remembered environment was made from."""
        rows = self._session.rows(_SPEC, engine=engine, container=container)
        return snapshots.specification(rows, container)

    def snapshots(self) -> tuple[Snapshot, ...]:
        """Give what environments were before their upgrades, by engine, container and number."""
        return snapshots.listed(self._session)

    def snapshot_specification(self, snapshot: Snapshot) -> ContainerSpec | None:
        """Give what the container of a snapshot was made from."""
        return snapshots.specification(snapshots.spec(self._session, snapshot), snapshot.container)

    def verify(self) -> str:
        """Check the hash chain; give "" or what is wrong with which entry."""
        return first_broken(map(tables.entry, self._session.rows(tables.select("history", 'ORDER BY "number"'))))

    def writable(self) -> None:
        """Wait until a write could begin."""
        self._session.writable()

    def close(self) -> None:
        """Release the database."""
        self._session.close()


def _remember(do: Statements, memory: Memory) -> None:
    """Keep one environment as it was launched last, what was asked of it last, what it was, or nothing more."""
    if isinstance(memory, Kept):
        snapshots.keep(do, memory)
        return
    which = {"engine": memory.engine}
    if isinstance(memory, Asked):
        change = tables.update("environments", "wanted", _CONTAINER)
        do.run(change, wanted=memory.wanted, container=memory.container, **which)
        return
    which["container"] = memory.environment.container if isinstance(memory, Launched) else memory.container
    before = do.rows(_WANTED, **which)
    do.run(tables.delete("environments", _CONTAINER), **which)
    if isinstance(memory, Launched):
        kept = {"wanted": before[0][0]} if before else {}
        do.run(tables.insert("environments"), **tables.launched(memory) | kept)
    if isinstance(memory, Removed) or memory.returned:
        snapshots.drop(do, **which, first=0 if isinstance(memory, Removed) else memory.returned)


def open_store(url: str, *, shared: bool = False, patience: float = 10.0) -> Store:
    """Open the state database; see :class:`Database` for what it makes and raises."""
    return Database(url, shared=shared, patience=patience)


def _named(value: Build | Component | Copy | Result | Entry | Usage) -> dict[str, object]:
    return {one.name: getattr(value, one.name) for one in fields(value)}
