"""Stage is a function of time: dates from a policy, capped, exact to the day."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from manager.core.lifecycle import (
    Bound,
    Gate,
    Period,
    Policy,
    Schedule,
    Stage,
    launch_gate,
    next_change,
    restart_gate,
    schedule,
    stage_on,
)

DAYS = st.dates(date(1990, 1, 1), date(2090, 12, 31))
PERIODS = st.builds(Period, months=st.integers(0, 60), days=st.integers(0, 800))
POLICIES = st.builds(
    Policy,
    active_for=PERIODS,
    deprecate_before=PERIODS,
    create_block_before=PERIODS,
    restart_block_after=PERIODS,
    remove_after=PERIODS,
    cap_to_upstream=st.booleans(),
)
SCHEDULES = st.lists(DAYS, min_size=6, max_size=6).map(lambda days: Schedule(*sorted(days)))
STAGES = list(Stage)
GATES = list(Gate)


@pytest.mark.parametrize(
    ("start", "period", "end"),
    [
        (date(2026, 8, 31), "P6M", date(2027, 2, 28)),
        (date(2027, 8, 31), "P6M", date(2028, 2, 29)),
        (date(2028, 2, 29), "P1Y", date(2029, 2, 28)),
        (date(2028, 2, 29), "P4Y", date(2032, 2, 29)),
        (date(2026, 12, 31), "P1D", date(2027, 1, 1)),
        (date(2026, 12, 31), "P2M", date(2027, 2, 28)),
        (date(2026, 1, 31), "P1M1D", date(2026, 3, 1)),
        (date(2024, 5, 6), "P21M", date(2026, 2, 6)),
    ],
)
def test_a_period_after_a_day(start: date, period: str, end: date) -> None:
    """Months come first and are clamped to the month's last day, then days are added."""
    assert Period.parse(period).after(start) == end


@pytest.mark.parametrize(
    ("end", "period", "start"),
    [
        (date(2026, 8, 31), "P6M", date(2026, 2, 28)),
        (date(2026, 3, 31), "P1M", date(2026, 2, 28)),
        (date(2028, 3, 1), "P1D", date(2028, 2, 29)),
        (date(2027, 1, 3), "P90D", date(2026, 10, 5)),
    ],
)
def test_a_period_before_a_day(end: date, period: str, start: date) -> None:
    """Going back is clamped the same way."""
    assert Period.parse(period).before(end) == start


@pytest.mark.parametrize("text", ["", "P", "18M", "P18", "PT1H", "P1W", "P-1M", "P1M2Y", "p1m", "P1.5M", " P1M"])
def test_what_is_no_period_is_refused(text: str) -> None:
    """Only calendar periods of ISO 8601 are read."""
    with pytest.raises(ValueError, match="not an ISO 8601 period"):
        Period.parse(text)


@given(period=PERIODS.filter(lambda one: one.months or one.days))
def test_a_period_is_read_as_it_is_written(period: Period) -> None:
    """Writing and reading give the same period."""
    assert Period.parse(str(period)) == period


@given(start=DAYS, months=st.integers(0, 600))
def test_months_keep_the_day_or_take_the_last_of_the_month(start: date, months: int) -> None:
    """The day of the month stays, unless the month lacks it: then it is the month's last day."""
    end = Period(months=months).after(start)

    assert (end.year * 12 + end.month) - (start.year * 12 + start.month) == months
    assert end.day == start.day or (end.day < start.day and (end + timedelta(days=1)).day == 1)


@given(one=DAYS, other=DAYS, period=PERIODS)
def test_periods_keep_the_order_of_days(one: date, other: date, period: Period) -> None:
    """A later start never has an earlier end."""
    earlier, later = sorted([one, other])

    assert period.after(earlier) <= period.after(later)
    assert period.before(earlier) <= period.before(later)


@given(released=DAYS, policy=POLICIES, ends=st.lists(DAYS, max_size=3))
def test_computed_dates_are_in_order(released: date, policy: Policy, ends: list[date]) -> None:
    """Where the policy's own periods are ordered and no component ended before, all six dates are."""
    upstream = tuple(Bound(f"component {number}", max(day, released)) for number, day in enumerate(ends))

    dates = schedule(released, _ordered(policy), upstream, {})

    assert dates.disorder() == ()


def _ordered(policy: Policy) -> Policy:
    """Give each pair of periods the order that a sensible policy has, as of any day."""
    near, far = sorted([policy.create_block_before, policy.deprecate_before], key=_least)
    soon, late = sorted([policy.restart_block_after, policy.remove_after], key=_least)
    # Months and days compare only when both are ordered.
    far = Period(max(near.months, far.months), max(near.days, far.days))
    late = Period(max(soon.months, late.months), max(soon.days, late.days))
    return Policy(policy.active_for, far, near, soon, late, policy.cap_to_upstream)


def _least(period: Period) -> tuple[int, int]:
    return period.months, period.days


@given(released=DAYS, policy=POLICIES, ends=st.lists(DAYS, min_size=1, max_size=4))
def test_the_end_is_the_earliest_of_policy_and_components(released: date, policy: Policy, ends: list[date]) -> None:
    """The binding component is named; without the cap only the policy counts."""
    upstream = tuple(Bound(f"component {number}", day) for number, day in enumerate(ends))
    own = policy.active_for.after(released)

    dates = schedule(released, policy, upstream, {})

    if policy.cap_to_upstream:
        assert dates.end_of_life == min([own, *ends])
        named = {bound.component: bound.ends for bound in upstream} | {"policy": own}
        assert named[dates.bound_by] == dates.end_of_life
    else:
        assert (dates.end_of_life, dates.bound_by) == (own, "policy")


def test_an_unknown_upstream_end_binds_nothing() -> None:
    """Unknown means undecided: the policy alone decides, never "never"."""
    dates = schedule(date(2026, 6, 18), Policy(), (), {})

    assert (dates.end_of_life, dates.bound_by) == (date(2027, 12, 18), "policy")


def test_the_policy_is_named_when_a_component_ends_the_same_day() -> None:
    """Of equal ends the policy's is told."""
    same = Bound("python 3.13", date(2027, 12, 18))

    assert schedule(date(2026, 6, 18), Policy(), (same,), {}).bound_by == "policy"


@given(released=DAYS, end=DAYS, other=DAYS)
def test_a_written_date_beats_a_computed_one(released: date, end: date, other: date) -> None:
    """A written end binds even past an upstream end; other written dates stand as they are."""
    capped = (Bound("python 3.9", date(1990, 1, 1)),)

    dates = schedule(released, Policy(), capped, {"end_of_life": end, "create_block": other})

    assert (dates.end_of_life, dates.bound_by, dates.create_block) == (end, "catalog", other)


@given(dates=SCHEDULES)
def test_every_date_holds_from_its_own_midnight(dates: Schedule) -> None:
    """The day before a date is the last of the stage before; the day itself is the first of the next."""
    for name, stage in (("released", "active"), ("deprecated", "deprecated"), ("end_of_life", "retired")):
        day = getattr(dates, name)

        assert STAGES.index(stage_on(dates, day)) >= STAGES.index(Stage(stage))
        assert STAGES.index(stage_on(dates, day - timedelta(days=1))) < STAGES.index(Stage(stage))


@settings(max_examples=2000)
@example(day=date(2028, 2, 29), hours=14)
@example(day=date(2027, 1, 1), hours=-12)
@example(day=date(2026, 3, 29), hours=5.75)
@given(day=st.dates(date(2026, 1, 1), date(2028, 12, 31)), hours=st.integers(-48, 56).map(lambda count: count / 4))
def test_one_second_decides_in_utc_whatever_the_local_zone(day: date, hours: float) -> None:
    """One second before midnight UTC the release lives, at midnight it is retired, wherever the clock hangs."""
    dates = Schedule(date(2025, 1, 1), date(2025, 6, 1), date(2025, 7, 1), day, date(2029, 1, 1), date(2030, 1, 1))
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    local = timezone(timedelta(hours=hours))

    before = (midnight - timedelta(seconds=1)).astimezone(local)
    after = midnight.astimezone(local)

    assert stage_on(dates, before.astimezone(UTC).date()) is Stage.DEPRECATED
    assert stage_on(dates, after.astimezone(UTC).date()) is Stage.RETIRED


@given(dates=SCHEDULES, one=DAYS, other=DAYS)
def test_stages_and_gates_only_move_forward(dates: Schedule, one: date, other: date) -> None:
    """On a later day a release is never in an earlier stage, and no gate is more open."""
    earlier, later = sorted([one, other])

    assert STAGES.index(stage_on(dates, earlier)) <= STAGES.index(stage_on(dates, later))
    for gate in (launch_gate, restart_gate):
        assert GATES.index(gate(dates, earlier)) <= GATES.index(gate(dates, later))


@given(dates=SCHEDULES, day=DAYS)
def test_gates_agree_with_stages(dates: Schedule, day: date) -> None:
    """Retired releases are never launched; a launch that is open may be restarted too."""
    stage = stage_on(dates, day)

    if stage is Stage.RETIRED:
        assert launch_gate(dates, day) is Gate.SHUT
    if stage in (Stage.PREVIEW, Stage.ACTIVE) and day < dates.create_block:
        assert launch_gate(dates, day) is Gate.OPEN
    assert GATES.index(restart_gate(dates, day)) <= GATES.index(launch_gate(dates, day))


def test_gates_of_a_whole_life() -> None:
    """Launches close at create_block, restarts at restart_block; both warn from deprecation on."""
    dates = schedule(date(2026, 1, 1), Policy(), (), {})
    days = [dates.released, dates.deprecated, dates.create_block, dates.end_of_life, dates.restart_block]

    assert [str(launch_gate(dates, day)) for day in days] == ["open", "warn", "shut", "shut", "shut"]
    assert [str(restart_gate(dates, day)) for day in days] == ["open", "warn", "warn", "warn", "shut"]


@given(dates=SCHEDULES, day=DAYS)
def test_the_next_change_is_the_first_day_of_another_stage(dates: Schedule, day: date) -> None:
    """On the day named the stage is another one, the day before it is still today's; the retired have none."""
    change = next_change(dates, day)

    if change is None:
        assert stage_on(dates, day) is Stage.RETIRED
    else:
        stage, on = change
        assert on > day
        assert stage_on(dates, on - timedelta(days=1)) is stage_on(dates, day)
        # Where dates coincide a stage is left on the day it begins.
        assert STAGES.index(stage_on(dates, on)) >= STAGES.index(stage)


@given(days=st.lists(DAYS, min_size=6, max_size=6))
def test_disorder_is_named_exactly_when_there_is_some(days: list[date]) -> None:
    """Sorted dates are in order; of any others every pair of neighbours that is not is named."""
    dates = Schedule(*days)

    assert (not dates.disorder()) is (days == sorted(days))
    for name, next_name in dates.disorder():
        assert Schedule.ORDER.index(next_name) == Schedule.ORDER.index(name) + 1
        assert getattr(dates, next_name) < getattr(dates, name)
