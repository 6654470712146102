"""Filters, orders and widths, as rules."""

from __future__ import annotations

import pytest

from manager.tui.rows import Column, Row, accepts, in_order, widths

COLUMNS = (Column("name"), Column("owner"), Column("stage"), Column("envs", right=True))
ROWS = [
    Row(name, name, (name, owner, stage, envs))
    for name, owner, stage, envs in [
        ("one", "ana", "active", "9"), ("two", "bob", "retired", "10"), ("three", "ana", "retired", ""),
    ]
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", ["one", "two", "three"]),
        ("T", ["one", "two", "three"]),
        ("tw", ["two"]),
        ("stage:retired", ["two", "three"]),
        ("sta:ret @ana", ["three"]),
        ("!ana", ["two"]),
        ("!stage:retired", ["one"]),
        ("http://x", []),
        ("!", []),
    ],
)
def test_a_filter_lets_through(text: str, names: list[str]) -> None:
    """Parts of cells, of one column, of the owner's; what is excluded; a colon that names no column is a word."""
    through = accepts(text, COLUMNS)

    assert [row.name for row in ROWS if through(row)] == names


def test_numbers_are_sorted_by_size_and_nothing_comes_last() -> None:
    """Nine before ten."""
    assert [row.name for row in in_order(ROWS, 3, down=False)] == ["one", "two", "three"]
    assert [row.name for row in in_order(ROWS, None, down=True)] == ["one", "two", "three"]


def test_what_does_not_fit_is_cut_and_the_rest_left_out() -> None:
    """The first column is there however narrow it is."""
    columns = (Column("a"), Column("b"), Column("c", widest=50), Column("d"), Column("e", above=200))
    rows = [Row("x", "x", ("aaaa", "bbbb", "c" * 80, "d", "e"))]

    assert widths(columns, rows, 100) == [4, 4, 50, 1, 0]
    assert widths(columns, rows, 40) == [4, 4, 26, 0, 0]
    assert widths(columns, rows, 20) == [4, 4, 0, 0, 0]
    assert widths(columns, rows, 3)[:2] == [1, 0]
