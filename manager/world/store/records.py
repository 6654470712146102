"""The records: builds, channels, evidence and history, as the Store port has them."""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from manager.core.history import chained, first_broken
from manager.core.observed import Build, BuildStatus, Entry, Result
from manager.core.records import moved, refuse_reuse, unknown_build
from manager.world.store.schema import prepare
from manager.world.store.session import Session

if TYPE_CHECKING:
    import sqlalchemy as sa

    from manager.core.ports import Store

_COLUMNS = {
    "builds": "release version digest spec_hash inputs layers status reason created size",
    "channels": "release channel digest",
    "evidence": "digest run position probe outcome reason seconds at",
    "history": "number at who kind target cause before after outcome digest",
}


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
        self._sa = self._session.sa
        table, column = self._sa.table, self._sa.column
        self._tables = {name: table(name, *(column(one) for one in names.split())) for name, names in _COLUMNS.items()}

    def builds(self, release: str = "") -> tuple[Build, ...]:
        """List builds, oldest first; of one release when it is named."""
        builds = self._tables["builds"]
        query = self._sa.select(builds).order_by(builds.c.created, builds.c.version)
        if release:
            query = query.where(builds.c.release == release)
        with self._session.reading() as connection:
            return tuple(_build(row) for row in connection.execute(query))

    def add_build(self, build: Build) -> None:
        """Remember a build; a version or digest that is known for other bytes raises Refused.

        The same build once more changes nothing, its status included.
        """
        builds = self._tables["builds"]
        same_version = (builds.c.release == build.release) & (builds.c.version == build.version)
        either = same_version | (builds.c.digest == build.digest)
        row = _named(build) | {
            "digest": build.digest or None,
            "inputs": json.dumps(build.inputs),
            "layers": json.dumps(build.layers),
            "status": build.status.value,
            "reason": "",
            "created": _text(build.created),
        }

        def change(connection: sa.Connection) -> None:
            known = connection.execute(self._sa.select(builds).where(either)).first()
            if known is None:
                connection.execute(builds.insert().values(row))
            else:
                refuse_reuse(_build(known), build)

        self._session.write(change)

    def set_status(self, digest: str, status: BuildStatus, reason: str) -> None:
        """Change the status of a build; UsageError when there is none of that digest."""
        builds = self._tables["builds"]
        update = builds.update().where(builds.c.digest == digest).values(status=status.value, reason=reason)
        if self._session.write(lambda connection: connection.execute(update).rowcount) == 0:
            raise unknown_build(digest)

    def channels(self) -> dict[tuple[str, str], str]:
        """Give the digest that each (release, channel) points to."""
        with self._session.reading() as connection:
            rows = connection.execute(self._sa.select(self._tables["channels"]))
            return {(row.release, row.channel): row.digest for row in rows}

    def move_channel(self, release: str, channel: str, expected: str, digest: str) -> None:
        """Point a channel at a digest ("" empties it) if it still points at ``expected`` ("" for none).

        Raises Refused, which says what changed, when it does not; UsageError when no build of this release
        has the digest.
        """
        channels, builds = self._tables["channels"], self._tables["builds"]
        here = (channels.c.release == release) & (channels.c.channel == channel)
        now = self._sa.select(channels.c.digest).where(here).with_for_update()
        known = self._sa.select(builds.c.digest).where(builds.c.release == release, builds.c.digest == digest)

        def change(connection: sa.Connection) -> None:
            found = connection.execute(now).scalar() or ""
            if found != expected:
                raise moved(release, channel, expected, found)
            if digest and connection.execute(known).scalar() is None:
                raise unknown_build(digest, release)
            if not digest:
                connection.execute(channels.delete().where(here))
            elif found:
                connection.execute(channels.update().where(here).values(digest=digest))
            else:
                connection.execute(channels.insert().values(release=release, channel=channel, digest=digest))

        self._session.write(change)

    def record(self, digest: str, results: tuple[Result, ...], at: datetime) -> None:
        """Keep the evidence of a build; UsageError when there is none of that digest."""
        evidence, builds = self._tables["evidence"], self._tables["builds"]
        known = self._sa.select(builds.c.digest).where(builds.c.digest == digest)
        newest = self._sa.select(self._sa.func.max(evidence.c.run)).where(evidence.c.digest == digest)

        def change(connection: sa.Connection) -> None:
            if connection.execute(known).scalar() is None:
                raise unknown_build(digest)
            run = (connection.execute(newest).scalar() or 0) + 1
            rows = [
                _named(result) | {"digest": digest, "run": run, "position": position, "at": _text(at)}
                for position, result in enumerate(results)
            ]
            if rows:
                connection.execute(evidence.insert(), rows)

        self._session.write(change)

    def evidence(self, digest: str) -> tuple[Result, ...]:
        """Give the results of the latest run of a build's probes, in their order; earlier runs stay recorded."""
        evidence = self._tables["evidence"]
        of_build = evidence.c.digest == digest
        newest = self._sa.select(self._sa.func.max(evidence.c.run)).where(of_build).scalar_subquery()
        query = self._sa.select(evidence).where(of_build, evidence.c.run == newest).order_by(evidence.c.position)
        with self._session.reading() as connection:
            rows = connection.execute(query)
            return tuple(Result(row.probe, row.outcome, row.reason, row.seconds) for row in rows)

    def append(self, entry: Entry) -> Entry:
        """Append to the history; gives the entry with its number and digest."""
        history = self._tables["history"]
        last = self._sa.select(history.c.number, history.c.digest).order_by(history.c.number.desc()).limit(1)

        def change(connection: sa.Connection) -> Entry:
            row = connection.execute(last).first()
            linked = chained(entry, row.number + 1 if row else 1, row.digest if row else "")
            connection.execute(history.insert().values(_named(linked) | {"at": _text(linked.at)}))
            return linked

        return self._session.write(change)

    def history(self, limit: int = 100, target: str = "") -> tuple[Entry, ...]:
        """Give the newest entries first."""
        history = self._tables["history"]
        query = self._sa.select(history).order_by(history.c.number.desc()).limit(limit)
        if target:
            query = query.where(history.c.target == target)
        with self._session.reading() as connection:
            return tuple(_entry(row) for row in connection.execute(query))

    def verify(self) -> str:
        """Check the hash chain; give "" or what is wrong with which entry."""
        history = self._tables["history"]
        with self._session.reading() as connection:
            rows = connection.execute(self._sa.select(history).order_by(history.c.number))
            return first_broken(_entry(row) for row in rows)

    def close(self) -> None:
        """Release the database."""
        self._session.close()


def open_store(url: str, *, shared: bool = False, patience: float = 10.0) -> Store:
    """Open the state database; see :class:`Database` for what it makes and raises."""
    return Database(url, shared=shared, patience=patience)


def _named(value: Build | Result | Entry) -> dict[str, object]:
    return {one.name: getattr(value, one.name) for one in fields(value)}


def _text(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat(timespec="microseconds")


def _pairs(text: str) -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for name, value in json.loads(text))


def _build(row: sa.Row[Any]) -> Build:
    return Build(
        row.release,
        row.version,
        row.digest or "",
        row.spec_hash,
        _pairs(row.inputs),
        BuildStatus(row.status),
        datetime.fromisoformat(row.created),
        row.size,
        _pairs(row.layers),
    )


def _entry(row: sa.Row[Any]) -> Entry:
    return Entry(
        at=datetime.fromisoformat(row.at),
        who=row.who,
        kind=row.kind,
        target=row.target,
        cause=row.cause,
        before=row.before,
        after=row.after,
        outcome=row.outcome,
        number=row.number,
        digest=row.digest,
    )
