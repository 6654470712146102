"""What was announced, the same in memory and in a database: revisions stay, and of two who announce one is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest

from manager.core.announcements import Announcement
from manager.core.lifecycle import Schedule, Stage
from manager.errors import Refused

if TYPE_CHECKING:
    from manager.core.ports import Store

DATES = Schedule(
    date(2026, 1, 1),
    date(2027, 1, 1),
    date(2027, 3, 1),
    date(2027, 4, 1),
    date(2027, 7, 1),
    date(2028, 4, 1),
    "python 3.13",
)
FIRST = Announcement(
    "lab:1",
    1,
    date(2026, 1, 2),
    DATES,
    Stage.ACTIVE,
    date(2026, 1, 2),
    (("python 3.13", date(2027, 4, 1)),),
    (("images/overrides/2026-01-01-extend-lab-1.toml", date(2026, 1, 1)),),
)
LATER = replace(
    FIRST, revision=2, day=date(2026, 2, 1), told=date(2026, 2, 1), schedule=replace(DATES, bound_by="policy")
)


def test_the_newest_revision_holds_and_older_ones_stay(store: Store) -> None:
    """Each comes back as it was written; releases do not mix."""
    other = replace(FIRST, release="lab:2")
    for new, expected in ((FIRST, None), (other, None), (LATER, FIRST)):
        store.announcements.announce(new, expected)

    assert store.announcements.current() == {"lab:1": LATER, "lab:2": other}
    assert store.announcements.of("lab:1") == (FIRST, LATER)
    assert store.announcements.of("lab:3") == ()


def test_a_stage_is_announced_without_a_new_revision(store: Store) -> None:
    """The schedule is the same, so its revision is."""
    deprecated = replace(FIRST, stage=Stage.DEPRECATED, told=date(2027, 1, 1))
    store.announcements.announce(FIRST, None)

    store.announcements.announce(deprecated, FIRST)

    assert store.announcements.of("lab:1") == (deprecated,)


@pytest.mark.parametrize("expected", [None, replace(FIRST, told=date(2026, 1, 1)), LATER])
def test_of_two_who_announce_the_second_is_told(store: Store, expected: Announcement | None) -> None:
    """Nothing is written over what somebody else announced meanwhile."""
    store.announcements.announce(FIRST, None)

    with pytest.raises(Refused, match="somebody else announced lab:1 meanwhile") as caught:
        store.announcements.announce(LATER, expected)

    assert "revision 1, active since 2026-01-02" in caught.value.why
    assert store.announcements.current() == {"lab:1": FIRST}
