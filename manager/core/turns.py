"""What changed between the last pass of a place of the matrix and the first failure after it. Pure values."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from manager.core.checks import CONCLUSIVE
from manager.core.lock_changes import moves

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from manager.core.checks import Answer, Checked

_NOT_KEPT = "unknown"


@dataclass(frozen=True, slots=True)
class Change:
    """Something that an answer may depend on and that is otherwise: its kind, its name, how it was and is.

    Of a distribution these are versions, of a build and a server the beginnings of their digests.
    """

    kind: str
    name: str
    before: str
    after: str

    def to_json(self) -> dict[str, str]:
        """Give it for a program."""
        return {"kind": self.kind, "name": self.name, "before": self.before, "after": self.after}


@dataclass(frozen=True, slots=True)
class Turn:
    """The first failure of a place, and its last pass before that; None where it never passed."""

    passed: Checked | None
    failed: Checked
    changes: tuple[Change, ...] = ()

    @property
    def worse(self) -> tuple[tuple[Answer, str], ...]:
        """Give the answers that are why it failed, each with the outcome that the probe had before, "" for none."""
        before = {one.probe: one.outcome for one in self.passed.answers} if self.passed else {}
        failed = (one for one in self.failed.answers if one.outcome == "fail")
        return tuple((one, before.get(one.probe, "")) for one in failed)

    def to_json(self) -> dict[str, Any]:
        """Give one of ``turns`` of ``connector matrix --why``."""
        cell = self.failed.cell
        return {
            "release": cell.release,
            "connector": cell.connector,
            "driver": cell.driver,
            "source": cell.source,
            "passed": _instance(self.passed) if self.passed else None,
            "failed": _instance(self.failed),
            "changes": [one.to_json() for one in self.changes],
            "worse": [
                {"probe": one.probe, "before": before or None, "after": one.outcome, "reason": one.reason}
                for one, before in self.worse
            ],
        }

    def lines(self) -> Iterator[str]:
        """Say it in words."""
        failed = f"{self.failed.at:%Y-%m-%d} ({self.failed.run})"
        if self.passed is None:
            yield f"it never passed; it failed first on {failed}"
        else:
            yield f"it passed last on {self.passed.at:%Y-%m-%d} ({self.passed.run}), and failed first on {failed}"
            yield "in between changed:" if self.changes else "in between changed nothing that is kept"
            for one in self.changes:
                yield f"  {one.kind:<12} {one.name}  {one.before or 'nothing'} -> {one.after or 'nothing'}"
        yield from (f"  {one.outcome:<12} {one.probe}  {one.reason}" for one, _ in self.worse)


def around(history: Iterable[Checked], until: datetime) -> tuple[Checked | None, Checked] | None:
    """Find in the cells of one place the first of the failures that last until an instant, and the last pass before.

    None where the last that could tell by then is no failure.
    """
    passed: Checked | None = None
    failed: Checked | None = None
    for one in sorted(history, key=lambda one: one.at):
        if one.at > until or one.verdict not in CONCLUSIVE:
            continue
        if one.verdict == "verified":
            passed, failed = one, None
        elif failed is None:
            failed = one
    return (passed, failed) if failed else None


def turn(passed: Checked | None, failed: Checked, texts: tuple[str, str], python: str) -> Turn:
    """Compare both; ``texts`` are those of their sets, "" where one is not kept, ``python`` the release's."""
    if passed is None:
        return Turn(None, failed)
    return Turn(passed, failed, tuple(_changes(passed, failed, texts, python)))


def _changes(passed: Checked, failed: Checked, texts: tuple[str, str], python: str) -> Iterator[Change]:
    was, now = passed.cell, failed.cell
    if was.set_hash != now.set_hash and all(texts):
        for one in moves(*texts, python):
            yield Change("distribution", one.distribution, one.before, one.after)
    elif was.set_hash != now.set_hash:
        yield Change("set", _NOT_KEPT, was.set_hash[:12], now.set_hash[:12])
    if was.image != now.image:
        yield Change("build", now.release, _short(was.image), _short(now.image))
    if was.source_digest != now.source_digest:
        yield Change("server", now.source, _short(was.source_digest), _short(now.source_digest))
    # What else a key digests is the probes.
    if passed.key != failed.key and replace(was, tree="") == replace(now, tree=""):
        yield Change("probes", now.connector, passed.key[:12], failed.key[:12])


def _short(digest: str) -> str:
    return digest.removeprefix("sha256:")[:12]


def _instance(one: Checked) -> dict[str, Any]:
    return {"at": one.at.isoformat(timespec="seconds"), "run": one.run, "version": one.cell.version}
