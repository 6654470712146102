"""The rules of the calendar, one by one, on releases whose dates can be counted by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest

from manager.core.announcing import announcing, remarks, situation, stopping, turning_back
from manager.core.catalog import Catalog, Place
from manager.core.gates import admit, readmit
from manager.core.lifecycle import Bound, Period, Policy, Schedule, Stage, Terms
from manager.core.limits import circles
from manager.core.observed import Build, BuildStatus, EngineInfo, Environment, Observed
from manager.core.overrides import Kind, Override, frozen
from manager.core.quarantine import barred
from manager.core.schedules import effective
from manager.core.successors import level, level_along
from manager.errors import Refused
from tests.core import calendars

if TYPE_CHECKING:
    from manager.core.announcements import Announcement

NAME = "lab:1"
# Released on 2026-01-01 for 12 months: deprecated 2026-10-03, no new ones from 2026-12-02, no restarts from 2027-04-01.
POLICY = Policy(active_for=Period(months=12))
TERMS = Terms(date(2026, 1, 1), POLICY, (Bound("python 3.13", date(2029, 10, 31), "PEP 719", date(2026, 1, 1)),))
END = date(2027, 1, 1)


def decision(kind: Kind, day: str, *, name: str = "", **more: object) -> Override:
    """Make a decision about the release."""
    made = date.fromisoformat(day)
    place = Place(f"images/overrides/{day}-{kind}-{name or 'one'}.toml", 1)
    days = {key: date.fromisoformat(str(value)) for key, value in more.items() if key in ("until", "since")}
    rest = {key: value for key, value in more.items() if key not in days}
    return Override(kind, str(rest.pop("subject", NAME)), made, "because", "ana", place, **days, **rest)  # type: ignore[arg-type]


def catalog(*decisions: Override, terms: Terms = TERMS) -> Catalog:
    """Make a catalog of the release, and of one that may follow it."""
    later = replace(TERMS, released=date(2026, 6, 1))
    releases = (calendars.release(NAME, terms), calendars.release("lab:2", later))
    return calendars.catalog(releases, decisions)


def dates(found: Catalog, known: dict[str, Announcement], day: str) -> Schedule:
    """Give the schedule of the release that holds on a day."""
    return effective(found, known, date.fromisoformat(day)).families[0].releases[0].schedule


def announced(found: Catalog, day: str, known: dict[str, Announcement] | None = None) -> dict[str, Announcement]:
    """Give what is announced once a day's plan was carried out."""
    return calendars.announced(situation(found, known or {}, (), date.fromisoformat(day)))


def notes(found: Catalog, known: dict[str, Announcement], day: str) -> str:
    """Give the remarks of a day's plan as one text."""
    return "\n".join(remarks(situation(found, known, (), date.fromisoformat(day))))


# -- rule 2: an announced date never moves earlier silently ----------------------------------------------


@pytest.mark.parametrize(
    "edited",
    [
        replace(TERMS, policy=replace(POLICY, active_for=Period(months=11))),
        replace(TERMS, fixed=(("end_of_life", date(2026, 12, 1)),)),
        replace(TERMS, policy=replace(POLICY, restart_block_after=Period(days=30))),
    ],
)
def test_an_edit_that_makes_a_date_earlier_is_caught_and_does_not_count(edited: Terms) -> None:
    """Policy or fixed date: what was announced holds, and the plan says what the catalog says instead."""
    known = announced(catalog(), "2026-02-01")
    before = dates(catalog(), known, "2026-02-01")

    after = dates(catalog(terms=edited), known, "2026-02-01")

    assert after.dates() == before.dates()
    assert list(announcing(situation(catalog(terms=edited), known, (), date(2026, 2, 1)))) == []
    assert "was announced and holds. To retire it early:  solvent lifecycle retire lab:1" in notes(
        catalog(terms=edited), known, "2026-02-01"
    )
    # The negative control: without the memory the edit counts.
    assert dates(catalog(terms=edited), {}, "2026-02-01").dates() != before.dates()


UNCAPPED = replace(TERMS, policy=replace(POLICY, active_for=Period(months=30), cap_to_upstream=False))
EARLY = (Bound("python 3.13", date(2027, 10, 31), "PEP 719", date(2026, 1, 1)),)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (UNCAPPED, replace(UNCAPPED, policy=replace(UNCAPPED.policy, cap_to_upstream=True))),
        (replace(TERMS, fixed=(("end_of_life", date(2028, 6, 1)),)), TERMS),
    ],
)
def test_an_edit_that_lets_an_upstream_end_bind_is_caught_as_well(before: Terms, after: Terms) -> None:
    """Upstream did not move: it is the catalog that says something else now, and what was announced holds."""
    before, after = (replace(one, bounds=EARLY) for one in (before, after))
    known = announced(catalog(terms=before), "2026-02-01")

    assert announced(catalog(terms=after), "2026-03-01", known) == known
    assert "was announced and holds. To retire it early" in notes(catalog(terms=after), known, "2026-03-01")
    # The negative control: an upstream end that moves is taken, whatever the catalog said before.
    moved = replace(after, bounds=(replace(EARLY[0], ends=date(2026, 10, 31)),))
    assert announced(catalog(terms=moved), "2026-03-01", known)[NAME].schedule.end_of_life == date(2026, 10, 31)


def test_of_two_edits_both_are_said() -> None:
    """One that makes a date earlier hides no upstream end that moved later."""
    known = announced(catalog(terms=with_python(date(2026, 8, 1))), "2026-02-01")
    terms = replace(TERMS, policy=replace(POLICY, deprecate_before=Period(months=11)))

    said = notes(catalog(terms=terms), known, "2026-02-02")

    assert "the catalog says deprecated = 2026-02-01 of lab:1; 2026-05-03 was announced and holds" in said
    assert "solvent lifecycle acknowledge lab:1 --until 2027-01-01" in said


def test_a_deleted_extension_is_caught_as_well() -> None:
    """Decisions are only added: what one gave stays, and the plan says so."""
    extended = catalog(decision("extend", "2026-11-01", until="2027-03-01"))
    known = announced(extended, "2026-11-02")

    assert dates(catalog(), known, "2026-11-03").end_of_life == date(2027, 3, 1)
    assert "the catalog says end_of_life = 2027-01-01 of lab:1" in notes(catalog(), known, "2026-11-03")


def test_an_early_end_needs_a_decision_and_gives_its_notice() -> None:
    """With one it counts from its day on, and new environments are refused after the notice at the earliest."""
    early = catalog(decision("early-retire", "2026-02-01", until="2026-03-20"))
    known = announced(catalog(), "2026-01-15")

    found = dates(early, known, "2026-02-01")

    assert (found.end_of_life, found.bound_by) == (date(2026, 3, 20), "early retirement")
    assert (found.deprecated, found.create_block) == (date(2026, 2, 1), date(2026, 3, 3))
    assert found.remove_after == dates(catalog(), known, "2026-02-01").remove_after
    assert dates(early, known, "2026-01-31").end_of_life == END, "before its day it does not count"


def test_a_decision_that_is_dated_back_gives_its_notice_all_the_same() -> None:
    """What was announced after its day did not know it: the notice counts from that announcement on."""
    known = announced(catalog(), "2026-02-01")
    backdated = catalog(decision("early-retire", "2026-01-02", until="2026-02-03"))

    found = announced(backdated, "2026-02-02", known)

    assert found[NAME].schedule.end_of_life == date(2026, 3, 3)
    assert list(announcing(situation(backdated, found, (), date(2026, 2, 20)))) == []


def test_security_needs_no_notice() -> None:
    """Then the end is the day that is named, and new environments are refused at once."""
    urgent = catalog(decision("early-retire", "2026-02-01", until="2026-02-03", security=True))
    known = announced(catalog(), "2026-01-15")

    found = dates(urgent, known, "2026-02-01")

    assert (found.end_of_life, found.create_block) == (date(2026, 2, 3), date(2026, 2, 1))


# -- rule 3: upstream ------------------------------------------------------------------------------------


def with_python(ends: date | None) -> Terms:
    """Give the terms with another end of Python."""
    return replace(TERMS, bounds=(replace(TERMS.bounds[0], ends=ends),))


def test_an_upstream_end_that_comes_earlier_is_announced_with_the_notice() -> None:
    """Until it is, what was announced holds; afterwards the end is a month away, and flagged from upstream's on."""
    known = announced(catalog(), "2026-02-01")
    moved = catalog(terms=with_python(date(2026, 5, 10)))

    assert dates(moved, known, "2026-05-01").end_of_life == END
    after = announced(moved, "2026-05-01", known)
    found = dates(moved, after, "2026-05-02")

    assert (found.end_of_life, found.bound_by) == (date(2026, 5, 31), "python 3.13")
    assert (found.deprecated, found.create_block) == (date(2026, 5, 1), date(2026, 5, 31))
    assert found.unsupported_from == date(2026, 5, 10)
    assert "goes on without upstream support from 2026-05-10 to 2026-05-31" in notes(moved, after, "2026-05-02")


def test_an_upstream_end_with_time_enough_is_taken_as_it_is() -> None:
    """The notice is shorter than the time that is left."""
    known = announced(catalog(), "2026-02-01")
    moved = catalog(terms=with_python(date(2026, 8, 1)))

    found = dates(moved, announced(moved, "2026-02-02", known), "2026-02-02")

    assert (found.end_of_life, found.unsupported_from) == (date(2026, 8, 1), None)


@pytest.mark.parametrize("later", [date(2030, 1, 1), None])
def test_a_later_upstream_end_is_proposed_and_not_taken(later: date | None) -> None:
    """It is taken up to the day that somebody acknowledges; an end that is not known any more is not never."""
    bound = with_python(date(2026, 8, 1))
    known = announced(catalog(terms=bound), "2026-02-01")
    moved = catalog(terms=with_python(later))

    assert dates(moved, known, "2026-02-02").end_of_life == date(2026, 8, 1)
    assert "solvent lifecycle acknowledge lab:1 --until 2027-01-01" in notes(moved, known, "2026-02-02")

    taken = catalog(decision("acknowledge", "2026-02-02", until="2026-10-01"), terms=with_python(later))
    assert dates(taken, known, "2026-02-02").end_of_life == (date(2026, 10, 1) if later else date(2026, 8, 1))


# -- rule 4: a clock that goes back ----------------------------------------------------------------------


def test_a_stage_does_not_go_back_with_the_clock() -> None:
    """The plan of an earlier day announces nothing; taking it back is a step of its own, and destructive."""
    known = announced(catalog(), "2026-10-03")
    assert known[NAME].stage is Stage.DEPRECATED

    back = situation(catalog(), known, (), date(2026, 9, 1))
    assert list(announcing(back)) == []
    wrong = situation(catalog(), known, (), date(2026, 10, 3), clock=date(2026, 9, 1))
    assert any("that day counts as today" in note for note in remarks(wrong))
    steps = {step.target: step for step in turning_back(wrong)}
    assert (steps[NAME].before, steps[NAME].after, steps[NAME].destructive) == ("deprecated", "active", True)


# -- rule 6: extensions ----------------------------------------------------------------------------------


def test_an_extension_moves_the_end_and_what_is_refused_and_ends_by_itself() -> None:
    """Deprecation and removal stay; on its last day the release is retired without anybody doing anything."""
    found = dates(catalog(decision("extend", "2026-12-01", until="2027-03-01")), {}, "2026-12-01")

    assert (found.end_of_life, found.bound_by) == (date(2027, 3, 1), "extension")
    assert (found.deprecated, found.create_block) == (date(2026, 10, 3), date(2027, 1, 30))
    assert (found.restart_block, found.remove_after) == (date(2027, 5, 30), date(2028, 1, 1))
    one = replace(catalog().families[0].releases[0], schedule=found)
    assert (one.stage(date(2027, 2, 28)), one.stage(date(2027, 3, 1))) == (Stage.DEPRECATED, Stage.RETIRED)


def test_of_several_extensions_the_latest_end_wins() -> None:
    """Whatever the order of their decisions."""
    longer = decision("extend", "2026-11-01", until="2027-04-01", name="a")
    shorter = decision("extend", "2026-12-01", until="2027-02-01", name="b")

    assert dates(catalog(longer, shorter), {}, "2026-12-02").end_of_life == date(2027, 4, 1)
    assert dates(catalog(shorter, longer), {}, "2026-12-02").end_of_life == date(2027, 4, 1)


def test_no_extension_reaches_past_the_removal() -> None:
    """Bytes that are gone cannot be started; a file that says otherwise counts up to that day."""
    terms = replace(TERMS, fixed=(("restart_block", date(2027, 1, 20)), ("remove_after", date(2027, 2, 1))))

    found = dates(catalog(decision("extend", "2026-12-01", until="2027-04-01"), terms=terms), {}, "2026-12-02")

    assert (found.end_of_life, found.restart_block, found.remove_after) == (date(2027, 2, 1),) * 3


@pytest.mark.parametrize("security", [False, True])
@pytest.mark.parametrize("day", ["2026-10-05", "2026-10-06"])
@pytest.mark.parametrize("told", [False, True])
def test_of_an_extension_and_an_early_end_the_later_decision_counts(security: bool, day: str, told: bool) -> None:
    """Both ways round, on one day and on the next, whether the first was announced or not."""
    longer, shorter = "2027-03-01", "2026-11-20"
    number = "lab-1-2" if day == "2026-10-05" else "lab-1"
    pairs = {
        shorter: (
            decision("extend", "2026-10-05", until=longer, name="lab-1"),
            decision("early-retire", day, until=shorter, name=number, security=security),
        ),
        longer: (
            decision("early-retire", "2026-10-05", until=shorter, name="lab-1", security=security),
            decision("extend", day, until=longer, name=number),
        ),
    }
    for end, (first, second) in pairs.items():
        known = announced(catalog(first), "2026-10-05") if told else {}
        assert dates(catalog(second, first), known, day).end_of_life == date.fromisoformat(end)
        after = announced(catalog(first, second), day, known)
        assert dates(catalog(first, second), after, "2026-10-20").end_of_life == date.fromisoformat(end)


def test_a_refusal_names_the_decision_that_binds() -> None:
    """Its file, person and reason: the date does not stand in the family's file."""
    urgent = decision("early-retire", "2026-02-01", until="2026-02-03", security=True)
    found = effective(catalog(urgent), {}, date(2026, 2, 4))

    with pytest.raises(Refused) as caught:
        admit(found, found.families[0].releases[0], date(2026, 2, 4))

    place = "images/overrides/2026-02-01-early-retire-one.toml:1"
    assert caught.value.why == f"{place}  end_of_life = 2026-02-03 (early retirement by ana: because)"
    assert caught.value.where == place


# -- rule 7: freezes -------------------------------------------------------------------------------------


def test_what_falls_into_a_freeze_happens_at_its_end_in_order() -> None:
    """Two dates of one release wait; the others stay where they are."""
    freeze = decision("freeze", "2026-09-01", subject="all", since="2026-10-01", until="2026-12-10")
    found = dates(catalog(freeze), {}, "2026-10-05")

    assert (found.deprecated, found.create_block, found.end_of_life) == (date(2026, 12, 10), date(2026, 12, 10), END)
    held = effective(catalog(freeze), {}, date(2026, 10, 5))
    assert held.families[0].releases[0].stage(date(2026, 12, 9)) is Stage.ACTIVE
    assert held.families[0].releases[0].stage(date(2026, 12, 10)) is Stage.DEPRECATED


@pytest.mark.parametrize(
    ("subject", "day", "holds"),
    [
        ("all", "2026-12-20", True),
        ("lab", "2026-12-20", True),
        ("lab:1", "2026-12-20", True),
        ("lab:2", "2026-12-20", False),
        ("all", "2026-12-17", False),
        ("all", "2027-01-07", False),
    ],
)
def test_promotions_ask_whether_a_release_is_frozen(subject: str, day: str, holds: bool) -> None:
    """A freeze holds from its first day on and before its last, for all, a family or one release."""
    freeze = decision("freeze", "2026-12-01", subject=subject, since="2026-12-18", until="2027-01-07")

    assert (frozen((freeze,), NAME, date.fromisoformat(day)) is not None) is holds


def test_a_freeze_does_not_undo_what_happened() -> None:
    """One that begins in the past holds from the day of its decision on."""
    freeze = decision("freeze", "2026-10-10", subject="all", since="2026-10-01", until="2026-12-10")

    assert dates(catalog(freeze), {}, "2026-10-11").deprecated == date(2026, 10, 3)


def test_security_does_not_wait_for_a_freeze() -> None:
    """Neither an early end for security nor a quarantine."""
    freeze = decision("freeze", "2026-02-01", subject="all", since="2026-02-01", until="2026-06-01")
    urgent = decision("early-retire", "2026-02-02", until="2026-02-10", security=True)
    stop = decision("quarantine", "2026-02-02")

    assert dates(catalog(freeze, urgent), {}, "2026-02-03").end_of_life == date(2026, 2, 10)
    with pytest.raises(Refused, match="lab:1 is quarantined: because"):
        admit(catalog(freeze, stop), catalog().families[0].releases[0], date(2026, 2, 3))


# -- rule 8: what runs is not stopped --------------------------------------------------------------------


def running(release: str, state: str = "running") -> Environment:
    """Make an environment of a release."""
    return Environment("work", "ana", release, "1", "sha256:1", "c1", state, 20000, "work", (), (), calendars.NOON)


def stops(terms: Terms, day: str, known: dict[str, Announcement]) -> list[str]:
    """Give what the plan of a day stops."""
    now = situation(catalog(terms=terms), known, (running(NAME), running("lab:2")), date.fromisoformat(day))
    assert all(step.destructive for step in stopping(now))
    return [step.cause for step in stopping(now)]


def test_nothing_that_runs_is_stopped_by_default() -> None:
    """Ten years after its end a release's environment still runs."""
    known = announced(catalog(), "2027-01-01")

    assert stops(TERMS, "2037-01-01", known) == []


def test_a_policy_may_stop_what_runs_a_day_after_it_was_announced() -> None:
    """Not before the end was announced, and not on the day after: 24 hours have to lie between."""
    terms = replace(TERMS, policy=replace(POLICY, on_end_of_life="stop-running"))
    late = announced(catalog(terms=terms), "2027-01-05")

    assert stops(terms, "2027-01-05", announced(catalog(terms=terms), "2026-12-31")) == []
    assert stops(terms, "2027-01-06", late) == []
    assert stops(terms, "2027-01-07", late) == [
        "lab:1 is retired since 2027-01-01, and its policy says on_end_of_life = stop-running"
    ]


# -- rule 10: successors ---------------------------------------------------------------------------------


def test_a_chain_leads_to_the_last_that_may_be_launched_and_its_largest_step_counts() -> None:
    """A Python that changes somewhere on the way raises the level, even where both ends have the same."""
    ends = {"1": "3.11", "2": "3.13", "3": "3.11"}
    found = tuple(
        replace(
            calendars.release(f"lab:{line}", replace(TERMS, released=date(2026, 1, 1))),
            python=python, successor=f"lab:{int(line) + 1}",
        )
        for line, python in ends.items()
    )  # fmt: skip
    made = calendars.catalog(found)
    last = made.successor(found[0], date(2026, 2, 1))

    assert last is not None
    assert last.name == "lab:3"
    assert level_along(made, found[0], last).value == "major"
    assert level(found[0], last).value == "minor", "the negative control: the ends alone do not show it"


def test_a_redirect_gives_another_successor_and_a_quarantined_one_is_none() -> None:
    """Who follows is asked of the same catalog everywhere."""
    away = decision("redirect", "2026-07-01", to="lab:2", message="take two")
    found = effective(catalog(away), {}, date(2026, 7, 2))
    one = found.families[0].releases[0]
    assert (one.successor, one.message) == ("lab:2", "take two")
    assert found.successor(one, date(2026, 7, 2)) == found.families[0].releases[1]

    stopped = catalog(away, decision("quarantine", "2026-07-01", subject="lab:2"))
    assert effective(stopped, {}, date(2026, 7, 2)).successor(one, date(2026, 7, 2)) is None


@pytest.mark.parametrize("names", [("lab-1", "lab-1-2"), ("lab-1-9", "lab-1-10")])
def test_of_two_decisions_of_one_day_the_one_made_later_counts(names: tuple[str, str]) -> None:
    """A redirect that is corrected on its day goes where the correction says; its file has a number at the end."""
    first, second = (
        decision("redirect", "2026-07-01", to=to, name=name) for name, to in zip(names, ("lab:2", "lab:3"), strict=True)
    )

    for both in ((first, second), (second, first)):
        found = effective(catalog(*both), {}, date(2026, 7, 2))
        assert found.families[0].releases[0].successor == "lab:3"
    # The negative control: neither one is ignored.
    assert effective(catalog(first), {}, date(2026, 7, 2)).families[0].releases[0].successor == "lab:2"


BASE = {"lab:1": "lab:2", "lab:2": "", "lab:3": ""}


def away(day: str, subject: str, to: str, until: str = "", name: str = "") -> Override:
    """Make a redirect."""
    days = {"until": until} if until else {}
    return decision("redirect", day, subject=subject, to=to, name=name or f"{subject}-{to}".replace(":", "-"), **days)


@pytest.mark.parametrize(
    ("made", "named"),
    [
        # What leads elsewhere runs out, and the catalog's own successor closes the circle.
        ([("2026-01-01", "lab:1", "lab:3", "2026-02-01"), ("2026-01-02", "lab:2", "lab:1")], "lab:2 lab:1"),
        # It ran out before the other way was decided.
        ([("2026-01-01", "lab:2", "lab:1", "2026-02-01"), ("2026-01-01", "lab:1", "lab:3", "2026-03-01")], ""),
        ([("2026-01-01", "lab:3", "lab:1", "2026-02-01"), ("2026-03-01", "lab:2", "lab:3")], ""),
        # On a day in the middle both hold.
        ([("2026-01-01", "lab:3", "lab:1", "2026-03-02"), ("2026-03-01", "lab:2", "lab:3")], "lab:2 lab:3 lab:1"),
        # The later one of a circle is named, whatever the order of their subjects.
        ([("2026-01-02", "lab:2", "lab:3"), ("2026-01-01", "lab:3", "lab:2")], "lab:2 lab:3"),
        ([("2026-01-01", "lab:2", "lab:3"), ("2026-01-02", "lab:3", "lab:2")], "lab:3 lab:2"),
        ([("2026-01-01", "lab:2", "lab:3"), ("2026-01-02", "lab:3", "")], ""),
    ],
)  # fmt: skip
def test_a_circle_of_successors_is_found_on_every_day(made: list[tuple[str, ...]], named: str) -> None:
    """Redirects begin and run out: what counts is whether they go in a circle on a day, and the last one is named."""
    found = [" ".join(names) for _, names in circles(BASE, [away(*one) for one in made])]

    assert found == ([named] if named else [])


# -- quarantine, through every door ----------------------------------------------------------------------


def test_a_quarantined_release_is_neither_launched_nor_started() -> None:
    """Until the day that the decision names, if it names one."""
    stop = decision("quarantine", "2026-02-02", until="2026-03-01")
    found = catalog(stop)
    one = found.families[0].releases[0]

    for ask in (lambda day: admit(found, one, day), lambda day: readmit(found, one, "work", day)):
        with pytest.raises(Refused, match="is quarantined until 2026-03-01: because") as caught:
            ask(date(2026, 2, 2))
        assert "images/overrides/2026-02-02-quarantine-one.toml:1, decided by ana" in caught.value.why
        ask(date(2026, 3, 1))
        ask(date(2026, 2, 1))


def test_builds_of_a_quarantine_in_the_catalog_are_quarantined() -> None:
    """By digest or by release, whatever the database says; failed ones stay what they are."""
    made = [
        Build(name, str(number), f"sha256:{number}", "", (), status, calendars.NOON, 1)
        for number, (name, status) in enumerate(
            [(NAME, BuildStatus.PROMOTED), ("lab:2", BuildStatus.SUPERSEDED), ("lab:2", BuildStatus.PROMOTED),
             (NAME, BuildStatus.FAILED)]
        )
    ]  # fmt: skip
    observed = Observed(EngineInfo("docker", "1", "1", "linux", "amd64"), "read", builds=tuple(made))
    decided = (
        decision("quarantine", "2026-02-02"),
        decision("quarantine", "2026-02-02", subject="sha256:1", name="two"),
    )

    after = barred(observed, decided, date(2026, 2, 2))

    assert [one.status.value for one in after.builds] == ["quarantined", "quarantined", "promoted", "failed"]
    assert after.builds[0].reason == "because (images/overrides/2026-02-02-quarantine-one.toml:1)"
    assert barred(observed, decided, date(2026, 2, 1)) == observed


def test_a_release_that_vanished_is_told() -> None:
    """An entry stays in the catalog, so that what runs of it is known by name."""
    known = announced(catalog(), "2026-02-01")

    gone = calendars.catalog(catalog().families[0].releases[1:])

    assert "lab:1 was announced and is no longer in the catalog" in notes(gone, known, "2026-02-02")
