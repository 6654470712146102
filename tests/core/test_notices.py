"""Which notices are due: each once, the latest missed one only, and none again when the clock goes back."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from manager.core import bodies
from manager.core.adoption import Adopted
from manager.core.catalog import Place
from manager.core.endings import ending, headline, sentences
from manager.core.lifecycle import Policy, Terms
from manager.core.notices import Notice, Told, current, due, reached
from manager.core.observed import Container, Environment
from manager.core.overrides import Override
from tests.fakes.world import TODAY, catalog, release

CATALOG = catalog()
REVISIONS = {one.name: "1" for one in CATALOG.releases}
END = date(2027, 1, 3)  # of lab:2, which has lab:4 as its successor
MADE = datetime(2026, 11, 1, tzinfo=UTC)


def environment(name: str = "work", owner: str = "ana", of: str = "lab:2", state: str = "running") -> Environment:
    """Give an environment."""
    return Environment(name, owner, of, "1", "sha256:aa", f"c-{owner}-{name}", state, 20000, name, (), (), MADE)


def told(notices: tuple[Notice, ...]) -> tuple[Told, ...]:
    """Give what a ledger says once these are written."""
    return tuple(Told(one.release, one.owner, one.revision, one.milestone) for one in notices)


def before(days: int) -> date:
    """Give the day so many days before the end of lab:2."""
    return END - timedelta(days=days)


def test_owners_are_told_of_their_environments() -> None:
    """One notice for each owner of a release that ends soon, with their environments; the others hear nothing."""
    found = due(
        CATALOG,
        [environment("b"), environment("a"), environment(owner="ben"), environment(of="lab:4"), environment(of="x:1")],
        (),
        TODAY,
        REVISIONS,
    )

    assert [(one.release, one.owner, one.milestone, one.environments) for one in found] == [
        ("lab:2", "ana", 60, ("a", "b")),
        ("lab:2", "ben", 60, ("work",)),
    ]
    assert (found[0].ending.ends, found[0].ending.successor, found[0].day) == (END, "lab:4", TODAY)


def test_containers_on_an_adopted_image_are_their_owners_matter() -> None:
    """Nobody manages them, and whom the adoption names is told; containers on other images are nobody's."""
    adopted = replace(release("2"), adopted=Adopted("sha256:aa", "team/lab:1", "ana"))
    lines = tuple(adopted if one.line == "2" else one for one in CATALOG.releases)
    changed = replace(CATALOG, families=(replace(CATALOG.families[0], releases=lines),))
    foreign = [
        Container("1", "jupyter-x", "sha256:aa", "running", {}, MADE),
        Container("2", "b", "", "running", {}, MADE),
    ]

    (found,) = due(changed, [], (), TODAY, REVISIONS, foreign)

    assert (found.owner, found.environments, found.strangers) == ("ana", (), ("jupyter-x",))
    assert "Take over:  solvent adopt environment jupyter-x --as NAME --owner ana" in bodies.text(found)
    assert due(changed, [], told((found,)), TODAY, REVISIONS, foreign) == ()


def test_each_milestone_is_due_on_its_day_and_not_before() -> None:
    """90, 60, 30, 14, 7, 1 and 0 days before the end."""
    known: tuple[Told, ...] = ()
    days = []
    for left in range(100, -5, -1):
        found = due(CATALOG, [environment()], known, before(left), REVISIONS)
        known += told(found)
        days += [(left, one.milestone) for one in found]

    assert days == [(day, day) for day in (90, 60, 30, 14, 7, 1, 0)]


def test_after_a_late_start_only_the_latest_missed_is_due() -> None:
    """Nobody looked for two months: one notice, and the next one on its day."""
    first = due(CATALOG, [environment()], (), before(20), REVISIONS)

    assert [one.milestone for one in first] == [30]
    assert due(CATALOG, [environment()], told(first), before(15), REVISIONS) == ()
    assert [one.milestone for one in due(CATALOG, [environment()], told(first), before(14), REVISIONS)] == [14]
    assert [one.milestone for one in due(CATALOG, [environment()], (), before(-400), REVISIONS)] == [0]


def test_a_clock_that_goes_back_tells_nobody_twice() -> None:
    """Neither what was told, nor an earlier milestone that was never told."""
    known = told(due(CATALOG, [environment()], (), before(10), REVISIONS))

    assert [due(CATALOG, [environment()], known, before(left), REVISIONS) for left in (10, 14, 45, 75, 95)] == [()] * 5


def test_another_schedule_is_told_again() -> None:
    """By the name of the announced schedule; before one is announced nobody is told."""
    known = told(due(CATALOG, [environment()], (), TODAY, REVISIONS))

    assert due(CATALOG, [environment()], known, TODAY, REVISIONS) == ()
    assert len(due(CATALOG, [environment()], known, TODAY, {"lab:2": "2"})) == 1
    assert due(CATALOG, [environment()], (), TODAY, {}) == ()


def test_a_new_owner_is_told_what_the_others_were() -> None:
    """Who launches between two milestones hears the latest one."""
    known = told(due(CATALOG, [environment()], (), before(60), REVISIONS))

    found = due(CATALOG, [environment(), environment(owner="ben")], known, before(45), REVISIONS)

    assert [(one.owner, one.milestone) for one in found] == [("ben", 60)]


def test_a_freeze_is_mentioned() -> None:
    """A notice says until when nothing moves, as long as the freeze lasts."""
    day = date(2026, 11, 20)
    freeze = Override(
        "freeze", "lab", day, "year end", "eva", Place("images/overrides/f.toml", 1), date(2026, 12, 24), day
    )
    frozen = replace(CATALOG, overrides=(freeze,))

    (found,) = due(frozen, [environment()], (), TODAY, REVISIONS)

    assert found.ending.frozen == date(2026, 12, 24)
    assert any("freeze holds every change until 2026-12-24" in line for line in sentences(found.ending, TODAY))
    assert ending(frozen, release("2"), date(2026, 12, 24)).frozen is None


def test_words_follow_the_day() -> None:
    """Before the end a release retires, from that day on it is retired; what is past is said so."""
    found = ending(CATALOG, release("2"), TODAY)

    assert headline(found, before(1)) == "lab:2 retires on 2027-01-03"
    assert headline(found, END) == "lab:2 is retired since 2027-01-03"
    assert sentences(found, TODAY) == (
        "Its successor is lab:4.",
        "New environments of it are refused from 2026-12-04 on.",
        "Environments that run go on; starts are refused from 2027-04-03 on.",
    )
    assert sentences(found, date(2027, 4, 3))[-1] == "Environments that run go on; starts are refused since 2027-04-03."


def test_a_policy_that_stops_is_said_before_it_does() -> None:
    """Nobody is told that what runs goes on where it will not."""
    policy = Policy(on_end_of_life="stop-running")
    strict = replace(release("2"), terms=Terms(date(2025, 4, 3), policy))

    said = sentences(ending(CATALOG, strict, TODAY), TODAY)

    assert "Environments that run are stopped after its end, their files stay" in said[-1]


def test_what_a_catalog_says_cannot_command_a_terminal() -> None:
    """Control characters of a message do not reach whoever reads it."""
    nasty = replace(release("2"), message="Move\x1b]0;owned\x07 now\nplease")
    lines = tuple(nasty if one.line == "2" else one for one in CATALOG.releases)
    spoiled = replace(CATALOG, families=(replace(CATALOG.families[0], releases=lines),))

    assert ending(spoiled, nasty, TODAY).message == "Move ]0;owned now please"


def test_only_the_newest_notice_of_a_release_stands_in_an_inbox() -> None:
    """What was written last counts, whatever its day is."""
    (first,) = due(CATALOG, [environment()], (), before(60), REVISIONS)
    (second,) = due(CATALOG, [environment()], told((first,)), before(30), REVISIONS)
    (other,) = due(CATALOG, [environment(of="lab:1")], (), TODAY, REVISIONS)
    late = replace(second, day=date(2020, 1, 1))

    assert current((first, late, other)) == (other, late)


@given(
    days=st.lists(st.integers(-120, 60), min_size=1, max_size=40),
    revisions=st.lists(st.sampled_from(["1", "2"]), min_size=40, max_size=40),
)
def test_no_walk_of_the_clock_tells_anything_twice(days: list[int], revisions: list[str]) -> None:
    """However days follow each other, each identity is due once, and never after one nearer to the end."""
    known: tuple[Told, ...] = ()
    seen: list[Notice] = []
    for left, named in zip(days, revisions, strict=False):
        found = due(CATALOG, [environment()], known, before(-left), {"lab:2": named})
        known += told(found)
        seen += found

    assert len({one.id for one in seen}) == len(seen)
    for named in ("1", "2"):
        walked = [one.milestone for one in seen if one.revision == named]
        assert walked == sorted(walked, reverse=True)
        nearest = [
            reached(release("2"), before(-left)) for left, of in zip(days, revisions, strict=False) if of == named
        ]
        expected = min((one for one in nearest if one is not None), default=None)
        assert (walked[-1] if walked else None) == expected
