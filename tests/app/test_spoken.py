"""What says how far it is, heard line by line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from manager.app.spoken import spoken
from manager.errors import Failed, Interrupted

if TYPE_CHECKING:
    from collections.abc import Callable, Generator


def test_lines_come_first_and_then_what_was_made() -> None:
    """In the order in which they were said."""

    def work(say: Callable[[str], None]) -> int:
        say("one")
        say("two")
        return 3

    assert list(spoken(work)) == ["one", "two", 3]


def test_what_is_raised_comes_after_the_lines() -> None:
    """Whoever listens hears how far it was."""

    def work(say: Callable[[str], None]) -> int:
        say("one")
        raise Failed("broken")

    heard = spoken(work)
    assert next(heard) == "one"
    with pytest.raises(Failed, match="broken"):
        next(heard)


def test_where_nobody_listens_any_more_it_ends_with_the_next_line() -> None:
    """Whoever stops listening waits for no more than that."""
    ended: list[str] = []

    def work(say: Callable[[str], None]) -> None:
        try:
            while True:
                say("on and on")
        except Interrupted as error:
            ended.append(error.message)
            raise

    heard: Generator[str | None, None, None] = spoken(work)  # type: ignore[assignment]
    assert next(heard) == "on and on"
    heard.close()

    assert ended == ["stopped"]
