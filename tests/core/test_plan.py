"""Plans as values: order, text, JSON, fingerprints, and what changed between two."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from manager.core.actions import RemoveContainer
from manager.core.plan import Plan, Step, changed, digest_of, fingerprint, in_order

DAY = date(2026, 11, 21)


def step(name: str, *needs: str, destructive: bool = False) -> Step:
    """Make a step."""
    return Step(name, "remove", name, "a test", RemoveContainer(name), destructive=destructive, needs=needs)


@given(st.lists(st.sets(st.integers(0, 9), max_size=4), min_size=10, max_size=10), st.randoms())
def test_any_graph_is_put_in_order(links: list[set[int]], dice: object) -> None:
    """Each comes after what it needs; nothing is lost."""
    steps = [step(str(number), *(str(one) for one in links[number] if one < number)) for number in range(10)]
    dice.shuffle(steps)  # type: ignore[attr-defined]

    ordered = in_order(steps)

    assert sorted(ordered, key=lambda one: one.id) == sorted(steps, key=lambda one: one.id)
    for place, one in enumerate(ordered):
        assert {before.id for before in ordered[:place]} >= set(one.needs)


def test_independent_steps_keep_their_order() -> None:
    """What a person reads first was planned first."""
    assert [one.id for one in in_order([step("b"), step("a"), step("c", "b")])] == ["b", "a", "c"]


@pytest.mark.parametrize("steps", [[step("a", "b"), step("b", "a")], [step("a", "gone")], [step("a", "a")]])
def test_a_circle_or_a_missing_need_is_an_error(steps: list[Step]) -> None:
    """A plan that could never end is not made."""
    with pytest.raises(ValueError, match="steps wait for each other: a"):
        in_order(steps)


def test_json_has_the_keys_of_schema_1() -> None:
    """Those of schema 1 of every ``--dry-run``."""
    plan = Plan("x", DAY, (step("a", destructive=True),), ("a note",), "f")

    assert plan.to_json() == {
        "schema": 1,
        "as_of": "2026-11-21",
        "fingerprint": "f",
        "steps": [
            {"id": "a", "kind": "remove", "target": "a", "cause": "a test", "before": "", "after": "",
             "destructive": True, "needs": []},
        ],
        "notes": ["a note"],
    }  # fmt: skip


def test_a_plan_is_true_when_something_would_change() -> None:
    """Notes alone change nothing; destructive steps are named."""
    assert not Plan("x", DAY, notes=("a note",))
    assert Plan("x", DAY, (step("a"), step("b", destructive=True))).destructive == (step("b", destructive=True),)


def test_fingerprints_tell_apart_what_was_read() -> None:
    """The same values give the same one; order and places count."""
    assert fingerprint(1, "a") == fingerprint(1, "a")
    assert len({fingerprint(1, "a"), fingerprint("a", 1), fingerprint("1", "a"), fingerprint(1), fingerprint()}) == 5
    assert digest_of({"a": 1, "b": 2}) == digest_of({"b": 2, "a": 1}) != digest_of({"a": 2, "b": 1})


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ((step("a"), step("b")), (step("b"), step("c")), "no longer: remove a; now: remove c"),
        ((step("a"),), (), "no longer: remove a; now: nothing to do"),
        ((), (step("a"),), "now: remove a"),
        ((step("a"),), (step("a"),), "the steps are the same, what they stand on is not"),
    ],
)
def test_what_changed(before: tuple[Step, ...], after: tuple[Step, ...], words: str) -> None:
    """In words for the person who looked at the first."""
    assert changed(Plan("x", DAY, before), Plan("x", DAY, after)) == words
