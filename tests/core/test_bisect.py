"""The guilty distribution is named in five runs, and nothing else is ever named."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from manager.core.bisect import MOST, Bisection, hopeless, suspects
from manager.core.checks import Cell, Guilt

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def sets(count: int) -> tuple[dict[str, str], dict[str, str]]:
    """Give two sets in which so many distributions differ, and two do not."""
    names = [f"d{number:02}" for number in range(count)]
    same = {"same-a": "1", "same-b": "2"}
    return dict.fromkeys(names, "1") | same, dict.fromkeys(names, "2") | same


def asked(count: int, answer: Callable[[frozenset[str]], bool | str | None], **more: object) -> tuple[Guilt, int]:
    """Answer every mix; give the guilt and how many were answered, those that were impossible aside."""
    one = Bisection(*sets(count), **more)  # type: ignore[arg-type]
    runs = 0
    while (mix := one.next()) is not None:
        said = answer(mix)
        if isinstance(said, str):
            one.impossible()
        else:
            runs += 1
            one.told(said)
        assert runs <= MOST
    return one.guilt(), runs


COUNTED = st.integers(1, 32).flatmap(lambda count: st.tuples(st.just(count), st.integers(0, count - 1)))


@given(COUNTED, st.lists(st.integers(0, 31), unique=True, max_size=6))
def test_one_that_is_guilty_is_named_in_five_runs(counted: tuple[int, int], first: Sequence[int]) -> None:
    """Of up to 32; without any doubt of up to 16, for the others there is no run to try it alone."""
    count, guilty = counted
    name = f"d{guilty:02}"

    found, runs = asked(count, lambda mix: name not in mix, suspects=[f"d{one:02}" for one in first])

    assert (found.distribution, found.before, found.after, found.runs) == (name, "1", "2", runs)
    assert not found.undetermined or count > 16
    assert found.among == ((name,) if found.undetermined else ())


@given(COUNTED, st.data())
def test_two_that_are_guilty_together_are_never_blamed_singly(counted: tuple[int, int], data: st.DataObject) -> None:
    """None is named alone, but with a doubt where no run was left to try it."""
    count, guilty = counted
    other = data.draw(st.integers(0, count - 1).filter(lambda one: count == 1 or one != guilty))
    pair = {f"d{guilty:02}", f"d{other:02}"}

    found, _ = asked(count, lambda mix: not pair <= mix)

    if count > 1:
        assert found.undetermined
        assert found.distribution in ("", *pair)
        assert not found.distribution or count > 16
        assert pair & {*found.among}


@given(COUNTED, st.randoms(use_true_random=False), st.sampled_from([None, "impossible"]))
def test_mixes_that_tell_nothing_lead_to_no_wrong_name(
    counted: tuple[int, int], chance: object, nothing: object
) -> None:
    """Whichever they are: the name is right, or the right one is among those that are left."""
    count, guilty = counted
    name = f"d{guilty:02}"
    told: dict[frozenset[str], object] = {}

    def answer(mix: frozenset[str]) -> bool | str | None:
        return told.setdefault(mix, nothing if chance.random() < 0.5 else name not in mix)  # type: ignore[attr-defined]

    found, _ = asked(count, answer)

    assert found.distribution in ("", name)
    assert found.distribution or name in found.among
    assert found.distribution or found.undetermined


@given(st.integers(1, 40), st.sampled_from([None, "impossible"]))
def test_where_nothing_can_be_told_all_are_left(count: int, nothing: str | None) -> None:
    """It ends, and nobody is named without a doubt."""
    found, _ = asked(count, lambda mix: nothing)

    assert found.undetermined
    assert len(found.among) == count


@given(st.integers(1, 16))
def test_something_else_that_breaks_everything_is_seen(count: int) -> None:
    """The set that worked is tried again before the first in the order is blamed for what none of them did."""
    found, _ = asked(count, lambda mix: False)

    assert found == Guilt(runs=found.runs, undetermined="the set that worked fails as well now: something else changed")


def test_no_run_is_left_for_the_control_of_many() -> None:
    """Then the name comes with the doubt (control: of 16 it is seen)."""
    found, _ = asked(32, lambda mix: False)

    assert found.distribution == "d00"
    assert found.undetermined == "it was not seen that the set before it still works"


@pytest.mark.parametrize("count", [33, 64, 200])
def test_more_than_five_runs_can_tell_leave_the_smallest_group(count: int) -> None:
    """Which has the guilty one, and is named as a group."""
    found, runs = asked(count, lambda mix: "d20" not in mix)

    assert runs == MOST
    assert "d20" in found.among or found.distribution == "d20"
    assert len(found.among) <= -(-count // 2**MOST)
    assert found.undetermined
    assert found.distribution == "" or len(found.among) == 1


def test_who_belongs_to_a_pair_is_found_with_the_runs_that_are_left() -> None:
    """Both are told, with their versions."""
    found, runs = asked(4, lambda mix: not {"d01", "d03"} <= mix)

    assert found == Guilt(
        runs=runs, undetermined="d03 1 -> 2 works alone, and breaks together with d01 1 -> 2", among=("d01", "d03")
    )


def test_a_pair_that_only_installs_together_is_told_as_two() -> None:
    """No mix has one of them alone."""
    found, _ = asked(6, lambda mix: "x" if len({"d02", "d03"} & mix) == 1 else "d02" not in mix)

    assert found.distribution == ""
    assert found.among == ("d02", "d03")
    assert found.undetermined == (
        "d02 1 -> 2 or d03 1 -> 2, alone or with others: mixes that tell them apart could not be had"
    )


def test_a_suspect_is_tried_first() -> None:
    """One of eight that the traceback names is proven with two runs: with it alone, and without any."""
    mixes = []

    def answer(mix: frozenset[str]) -> bool:
        mixes.append(mix)
        return "d06" not in mix

    found, _ = asked(8, answer, suspects=["unknown", "d06"])

    assert found == Guilt("d06", "1", "2", 2)
    assert mixes == [{"d06"}, set()]


def test_an_answer_after_the_end_changes_nothing() -> None:
    """Nobody asked."""
    one = Bisection({"a": "1"}, {"a": "2"})
    for works in (True, False, None):
        one.told(works)

    assert one.next() is None
    assert (one.guilt().distribution, one.guilt().undetermined) == ("a", "")


def test_what_is_new_or_gone_counts_as_changed() -> None:
    """A distribution that came in may be the guilty one."""
    one = Bisection({"a": "1", "old": "1"}, {"a": "1", "new": "2", "old": "1"})
    assert one.next() == frozenset()
    one.told(True)

    assert one.guilt() == Guilt("new", "", "2", 1)


def test_a_move_that_needs_something_new_and_drops_the_old_is_told_from_what_moves_beside_it() -> None:
    """A driver that asks for one distribution more and for others no more: mixes without the new one are refused."""
    same = {"aaa": "1", "other": "1"}
    before = {**same, "driver": "4", "gone-a": "1", "gone-b": "1", "gone-c": "1"}
    after = {**dict.fromkeys(same, "2"), "driver": "5", "needed": "1"}
    one = Bisection(before, after, suspects=["driver"])
    runs = 0
    while (mix := one.next()) is not None:
        if "driver" in mix and "needed" not in mix:
            one.impossible()
        else:
            runs += 1
            one.told("driver" not in mix)

    assert one.guilt() == Guilt(
        "driver", "4", "5", runs, "it was not tried alone: others may belong to it", ("driver",)
    )
    assert runs <= MOST


def test_equal_sets_have_nobody_to_blame() -> None:
    """Nothing is asked."""
    one = Bisection({"a": "1"}, {"a": "1"})

    assert one.next() is None
    assert one.guilt() == Guilt(undetermined="no distribution differs between the two sets")


def test_an_unfinished_search_names_nobody() -> None:
    """Whoever stops in the middle is told so."""
    one = Bisection(*sets(4))
    one.told(False)

    assert one.guilt().distribution == ""
    assert one.guilt().undetermined == "the search has not ended"


CELL = Cell("lab:1", "mysql", "PyMySQL", "1.1.2", "mariadb-11.8", "real", "s1", "t1", "i1", "d1")


def test_a_server_that_changed_too_leaves_blame_open() -> None:
    """So does a set that did not change; a new image does not, for the mixes run in it."""
    other = replace(CELL, set_hash="s2", image="i2")

    assert hopeless(CELL, other) is None
    assert hopeless(CELL, replace(other, source_digest="d2")) == Guilt(undetermined="the server changed too")
    assert hopeless(CELL, replace(CELL, image="i2")) == Guilt(
        undetermined="the set is the one that worked: something else changed"
    )


def test_who_raised_is_suspected_first() -> None:
    """The last that a traceback names, others that it names, then drivers; what did not change is nobody's."""
    said = "sqlalchemy/engine/default.py:do_execute psycopg_pool/x.py sqlalchemy-bigquery/base.py psycopg/errors.py"
    names = ["numpy", "psycopg", "psycopg-pool", "sqlalchemy-bigquery", "SQLAlchemy", "pg8000", "errors2"]

    assert suspects(names, said, ["psycopg", "pg8000", "oracledb"]) == (
        "psycopg", "sqlalchemy-bigquery", "psycopg-pool", "SQLAlchemy", "pg8000",
    )  # fmt: skip
    assert suspects(names, "") == ()
