"""The ledger of notices, the same in memory and in a database: nothing is lost, nothing is written twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from manager.core.endings import Ending
from manager.core.night_notices import NightNotice
from manager.core.nightly import NightlyFinding
from manager.core.notices import Delivery, Notice, Told

if TYPE_CHECKING:
    from manager.core.ports import Store

AT = datetime(2026, 11, 21, 12, tzinfo=UTC)
ENDING = Ending(
    "lab:2", date(2027, 1, 3), date(2026, 12, 4), date(2027, 4, 3), "lab:4", "Müde? Ja.", date(2026, 12, 24)
)
NOTICE = Notice(ENDING, "ana", 60, "r1", AT.date(), ("work", "other"), ("jupyter-ana",))
LATER = replace(NOTICE, milestone=30, ending=replace(ENDING, successor="", frozen=None), environments=(), strangers=())


def test_a_notice_is_written_once(store: Store) -> None:
    """The second writing of the same identity changes nothing, its sinks included."""
    assert store.ledger.write(NOTICE, ("file", "mail"))
    assert not store.ledger.write(replace(NOTICE, day=date(2026, 11, 30), environments=()), ("webhook:team",))

    assert store.ledger.notices("ana") == (NOTICE,)
    assert store.ledger.notice(NOTICE.id) == NOTICE
    assert store.ledger.notices("ben") == ()
    assert [one.sink for one in store.ledger.waiting()] == ["file", "mail"]


def test_what_a_nightly_found_stands_beside_and_is_no_ending(store: Store) -> None:
    """It is found by its id and its owner, and waits for its sinks like any other."""
    finding = NightlyFinding("blocked", "x in lab:2", "Müde? Ja.", "solvent", "lab:2", ("mysql", "odbc"), "p.one")
    night = NightNotice("ana", AT.date(), (finding, replace(finding, mark="p.two")), ("work",))
    store.ledger.write(NOTICE, ())

    assert store.ledger.write(night, ("file",))
    assert not store.ledger.write(replace(night, day=date(2026, 11, 30)), ("mail",))

    assert (store.ledger.nights("ana"), store.ledger.nights(), store.ledger.nights("ben")) == ((night,), (night,), ())
    assert (store.ledger.notice(night.id), store.ledger.notice(NOTICE.id)) == (night, NOTICE)
    assert store.ledger.waiting() == (Delivery(night.id, "file"),)
    assert (store.ledger.notices(), store.ledger.notices("ana")) == ((NOTICE,), (NOTICE,))
    assert store.ledger.told(AT.date()) == (Told("lab:2", "ana", "r1", 60),)


def test_what_was_told_is_the_milestone_nearest_to_the_end(store: Store) -> None:
    """Per owner and schedule; notices stand in the order of writing, whatever their days are."""
    other = replace(LATER, milestone=14, revision="r2", day=date(2026, 1, 1))
    for one in (NOTICE, LATER, other):
        store.ledger.write(one, ())

    today = max(one.day for one in (NOTICE, LATER, other))
    assert store.ledger.told(today) == (Told("lab:2", "ana", "r1", 30), Told("lab:2", "ana", "r2", 14))
    # What was told on a day that has not come was told while the clock was wrong.
    assert store.ledger.told(date(2026, 1, 1)) == (Told("lab:2", "ana", "r2", 14),)
    assert store.ledger.notices("ana") == (NOTICE, LATER, other)
    assert store.ledger.waiting() == ()


def test_a_delivery_waits_until_it_got_there(store: Store) -> None:
    """Each attempt counts, is begun once, and leaves its error; once delivered it stays so."""
    store.ledger.write(NOTICE, ("file", "webhook:team"))

    assert store.ledger.begin(NOTICE.id, "webhook:team", 0)
    # Somebody else has begun it: whoever read of no attempt leaves it.
    assert not store.ledger.begin(NOTICE.id, "webhook:team", 0)
    store.ledger.note(NOTICE.id, "webhook:team", AT, "it answers 503")
    assert store.ledger.begin(NOTICE.id, "webhook:team", 1)
    store.ledger.note(NOTICE.id, "webhook:team", AT, "it answers 500")
    store.ledger.note(NOTICE.id, "file", AT)
    store.ledger.note(NOTICE.id, "file", AT, "too late to fail")
    store.ledger.note(NOTICE.id, "unknown", AT)

    assert store.ledger.waiting() == (Delivery(NOTICE.id, "webhook:team", 2, "it answers 500"),)
    store.ledger.note(NOTICE.id, "webhook:team", AT)
    assert store.ledger.waiting() == ()
    assert not store.ledger.begin(NOTICE.id, "webhook:team", 2)


def test_what_an_environment_shows_is_remembered_by_engine(store: Store) -> None:
    """The newest digest counts; nothing shown is nothing kept."""
    for engine, container, digest in (("e1", "a", "d1"), ("e1", "a", "d2"), ("e2", "a", "d3"), ("e1", "b", "d4")):
        store.ledger.keep_message(engine, container, digest)
    store.ledger.keep_message("e1", "b", "")

    assert store.ledger.messages("e1") == {"a": "d2"}
    assert store.ledger.messages("e2") == {"a": "d3"}
