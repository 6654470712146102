"""The schedules that hold: announced dates stay, decisions count, and what is announced once is announced."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from manager.core.announcing import announcing, situation
from manager.core.schedules import effective
from tests.core import calendars

if TYPE_CHECKING:
    from datetime import date

    from manager.core.announcements import Announcement
    from manager.core.catalog import Catalog

MANY = settings(max_examples=1000, deadline=None)
SOME = settings(max_examples=300, deadline=None)


@MANY
@given(calendars.calendars(), st.lists(calendars.days, min_size=1, max_size=4))
def test_a_plan_converges_and_gives_the_dates_that_hold(found: Catalog, looks: list[date]) -> None:
    """Once announced, nothing is to be announced, on that day or any later one until a day of the schedule comes."""
    known: dict[str, Announcement] = {}
    for today in sorted(looks):
        now = situation(found, known, (), today)
        known = calendars.announced(now)

        assert list(announcing(situation(found, known, (), today))) == []
        held = effective(found, known, today)
        for one in held.releases:
            assert one.schedule.dates() == known[one.name].schedule.dates()
            assert one.stage(today) is known[one.name].stage
            assert one.schedule.disorder() == ()


@SOME
@given(st.data())
def test_no_announced_date_moves_earlier_but_for_upstream_and_with_its_notice(data: st.DataObject) -> None:
    """Whatever is edited in the catalog: an earlier date follows from an upstream end, and comes after the notice."""
    found = calendars.catalog((calendars.release("lab:1", data.draw(calendars.terms())),))
    known: dict[str, Announcement] = {}
    for today in sorted(data.draw(st.lists(calendars.days, min_size=2, max_size=5))):
        upstream = data.draw(st.none() | calendars.terms().map(lambda one: one.bounds))
        found = calendars.edited(found, "lab:1", upstream, data.draw(st.none() | calendars.policies()))
        before = known.get("lab:1")
        known = calendars.announced(situation(found, known, (), today))
        if before is None:
            continue
        after, terms = known["lab:1"].schedule, found.releases[0].terms
        assert terms is not None
        # What was counted once counts on, even if the fact is gone.
        ends = [*(one.ends for one in terms.bounds if one.ends), *(day for _, day in before.upstream)]
        for name, day in after.dates():
            was = getattr(before.schedule, name)
            if day < was and name not in ("released", "deprecated"):
                assert day >= min(was, terms.policy.minimum_notice.after(today))
                assert terms.policy.cap_to_upstream
                counted = dict(before.upstream)
                assert any(
                    one.ends and (one.component not in counted or one.ends < counted[one.component])
                    for one in terms.bounds
                ), "upstream moved: an edit of the catalog alone is held"
                assert min(ends) < before.schedule.end_of_life
            if day < was and name == "deprecated":
                assert day >= today


@SOME
@given(st.data())
def test_an_upstream_end_that_moves_later_is_not_taken(data: st.DataObject) -> None:
    """It is proposed; the dates stay, now and after the next announcement, until somebody acknowledges it."""
    found = calendars.catalog((calendars.release("lab:1", data.draw(calendars.terms())),))
    day = data.draw(calendars.days)
    known = calendars.announced(situation(found, {}, (), day))
    later = tuple(
        replace(one, ends=one.ends and one.ends + timedelta(days=data.draw(st.integers(1, 500))))
        for one in found.releases[0].terms.bounds  # type: ignore[union-attr]
    )
    moved = calendars.edited(found, "lab:1", later, None)
    again = calendars.announced(situation(moved, known, (), day + timedelta(days=data.draw(st.integers(0, 500)))))

    assert again["lab:1"].schedule.dates() == known["lab:1"].schedule.dates()
