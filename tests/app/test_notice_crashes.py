"""Whatever kills the sending, at whatever moment, and however often: no notice is lost, and no inbox has one twice."""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from manager.app import sending
from manager.app.steps import notices
from manager.core import actions as do
from manager.core.notices import due
from manager.core.observed import Environment
from manager.core.sinks import Sinks, Webhook
from manager.core.telling import telling
from manager.errors import Failed, Unreachable
from manager.world.claims import Claims
from manager.world.store import open_store
from tests.fakes.ledger import FakeLedger
from tests.fakes.world import catalog

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from manager.core.ledgers import Ledger
    from manager.core.notices import Notice

CATALOG = catalog()
REVISIONS = {one.name: "1" for one in CATALOG.releases}
MADE = datetime(2026, 11, 1, tzinfo=UTC)
ENVIRONMENTS = tuple(
    Environment(name, owner, of, "1", "sha256:aa", f"c-{owner}-{name}", "stopped", 20000, name, (), (), MADE)
    for owner, name, of in (("ana", "a", "lab:2"), ("ana", "b", "lab:1"), ("ben", "a", "lab:2"), ("eva", "a", "lab:4"))
)
SINKS = Sinks(webhooks=(Webhook("one", "http://one"), Webhook("two", "http://two")))
FIRST = date(2026, 9, 20)


class Killed(BaseException):
    """The process ends here."""


@dataclass
class Trouble:
    """Kills at the moments that are drawn, and has sinks fail when it is their turn."""

    moments: list[str] = field(default_factory=list)

    def meet(self) -> str:
        """Give what happens now."""
        return self.moments.pop(0) if self.moments else "well"

    def around(self, change: Callable[[], Any]) -> Any:
        """Do something, and be killed before or after it, or not at all."""
        moment = self.meet()
        if moment == "before":
            raise Killed
        found = change()
        if moment == "after":
            raise Killed
        return found


class Fragile:
    """A ledger each of whose changes may be the last thing that a process does."""

    def __init__(self, ledger: Ledger, trouble: Trouble) -> None:
        self._ledger, self._trouble = ledger, trouble

    def __getattr__(self, name: str) -> Any:
        return getattr(self._ledger, name)

    def write(self, *words: Any) -> Any:
        """Write, perhaps."""
        return self._trouble.around(lambda: self._ledger.write(*words))

    def note(self, *words: Any) -> Any:
        """Note, perhaps."""
        return self._trouble.around(lambda: self._ledger.note(*words))


@dataclass
class Machine:
    """One database and the sinks outside of it; each run is a process of its own."""

    ledger: Ledger
    folder: Path
    came: Counter[tuple[str, str]] = field(default_factory=Counter)

    def run(self, today: date, trouble: Trouble) -> bool:
        """Plan and carry out a day's steps; False when that was killed."""
        claims = Claims(self.folder)
        world = SimpleNamespace(
            settings=SimpleNamespace(notices=SINKS),
            store=SimpleNamespace(ledger=Fragile(self.ledger, trouble)),
            clock=SimpleNamespace(now=lambda: MADE),
            claims=claims,
        )
        steps = telling(
            CATALOG, ENVIRONMENTS, self.ledger.told(today), self.ledger.waiting(), {}, SINKS.of("ana"), today, REVISIONS
        )
        try:
            with self._sinks(trouble):
                for step in steps:
                    self._carry_out(world, step.do)
        except Killed:
            return False
        finally:
            claims.close()
        return True

    def _carry_out(self, world: Any, action: do.Action) -> None:
        said: Any = SimpleNamespace(say=lambda _: None)
        if isinstance(action, do.SendNotices):
            notices.send(world, action, said)
        elif isinstance(action, do.ResendNotices):
            notices.send_again(world, action, said)

    @contextmanager
    def _sinks(self, trouble: Trouble) -> Iterator[None]:
        @contextmanager
        def opened(_: object, sink: str) -> Iterator[Callable[[Notice], None]]:
            if trouble.meet() == "silent":
                raise Unreachable("nobody answers")

            def send(notice: Notice) -> None:
                moment = trouble.meet()
                if moment == "before":
                    raise Killed
                if moment == "silent":
                    raise Unreachable("it answers 503")
                if moment == "refused":
                    raise Failed("it answers 400")
                self.came[sink, notice.id] += 1
                if moment == "after":
                    raise Killed

            yield send

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sending, "_opened", opened)
            yield


MOMENTS = st.lists(st.sampled_from(["well"] * 4 + ["before", "after", "silent", "refused"]), max_size=12)


def _told(ledger: Ledger) -> list[Notice]:
    return [one for owner in ("ana", "ben", "eva") for one in ledger.notices(owner)]


def _walk(machine: Machine, days: list[tuple[int, list[str]]]) -> None:
    """Go through days of trouble, then through a quiet one; and look at what came of it."""
    expected: dict[str, Notice] = {}
    for offset, moments in days:
        today = FIRST + timedelta(days=offset)
        # What is due by now is told now or, where a process was killed before it was written, by a later one.
        expected |= {one.id: one for one in due(CATALOG, ENVIRONMENTS, machine.ledger.told(today), today, REVISIONS)}
        written = {one.id for one in _told(machine.ledger)}
        machine.run(today, Trouble(list(moments)))
        now = [one.id for one in _told(machine.ledger)]
        assert len(set(now)) == len(now), "an inbox has a notice twice"
        assert written <= set(now), "a notice is lost"
    last = FIRST + timedelta(days=max(offset for offset, _ in days))
    for _ in range(2):
        assert machine.run(last, Trouble())

    told = _told(machine.ledger)
    assert machine.ledger.waiting() == ()
    assert due(CATALOG, ENVIRONMENTS, machine.ledger.told(last), last, REVISIONS) == ()
    assert {one.id for one in told} <= expected.keys() | {one.id for one in told if one.day == last}
    wanted = {(sink, one.id) for one in told for sink in SINKS.of(one.owner)}
    assert machine.came.keys() == wanted, "a sink was not told, or told what nobody wrote"


@settings(max_examples=500)
@given(days=st.lists(st.tuples(st.integers(0, 130), MOMENTS), min_size=1, max_size=8))
def test_nothing_is_lost_and_nothing_is_shown_twice(
    days: list[tuple[int, list[str]]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Random kills before and after each write and each sending, silent sinks, refusals, and a clock that jumps."""
    _walk(Machine(FakeLedger(), tmp_path_factory.getbasetemp() / "claims"), days)


@settings(max_examples=10)
@given(days=st.lists(st.tuples(st.integers(0, 130), MOMENTS), min_size=1, max_size=4))
def test_the_same_with_a_real_database(
    days: list[tuple[int, list[str]]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """What the ledger in memory promises, a file keeps."""
    place = tmp_path_factory.mktemp("crashes")
    store = open_store(f"sqlite:///{place / 'state.db'}")
    _walk(Machine(store.ledger, place / "claims"), days)
    store.close()


def test_a_kill_between_sending_and_noting_sends_the_same_again(tmp_path: Path) -> None:
    """The sink gets it a second time under the same identity, and the inbox still has it once."""
    machine = Machine(FakeLedger(), tmp_path)
    day = date(2026, 11, 21)

    assert not machine.run(day, Trouble(["well", "well", "well", "before"]))
    while machine.ledger.waiting() or due(CATALOG, ENVIRONMENTS, machine.ledger.told(day), day, REVISIONS):
        machine.run(day, Trouble())

    assert max(machine.came.values()) == 2
    assert len({one for _, one in machine.came}) == len(_told(machine.ledger)) == 3
