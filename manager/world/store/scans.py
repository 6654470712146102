"""What was found in what no Solvent made: rows of ``scans``, and their values."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

from manager.core.scans import Scan, Scanned, Unread
from manager.core.traces import Trace
from manager.world.store import tables

if TYPE_CHECKING:
    from manager.world.store.session import Session, Statements


def known(session: Session) -> tuple[Scanned, ...]:
    """Give every scan, by subject."""
    return tuple(map(_scanned, session.rows(tables.select("scans", 'ORDER BY "subject"'))))


def keep(session: Session, scanned: Scanned) -> None:
    """Remember a scan in the place of an earlier one of its subject."""
    values = {"subject": scanned.subject, "rules": scanned.rules, "at": tables.text(scanned.at)}

    def change(do: Statements) -> None:
        do.run(tables.delete("scans", '"subject" = :subject'), subject=scanned.subject)
        do.run(tables.insert("scans"), **values, found=_written(scanned.scan))

    session.write(change)


def _scanned(row: tuple[Any, ...]) -> Scanned:
    subject, rules, at, found = row
    traces, unread = (json.loads(found)[name] for name in ("traces", "unread"))
    scan = Scan(tuple(Trace(*one) for one in traces), tuple(Unread(*one) for one in unread))
    return Scanned(subject, rules, datetime.fromisoformat(at), scan)


def _written(scan: Scan) -> str:
    """Write a scan as JSON: a list for each trace and each place that was not read."""
    whole = {
        "traces": [[one.kind, one.name, one.version, one.path, one.connector] for one in scan.traces],
        "unread": [[one.path, one.why] for one in scan.unread],
    }
    return json.dumps(whole, separators=(",", ":"))
