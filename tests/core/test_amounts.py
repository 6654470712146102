"""Sizes and periods as people write and read them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from manager.core.amounts import few, many, parse_size, show_period, show_size


@pytest.mark.parametrize(
    ("text", "size"),
    [("0", 0), ("512", 512), ("512m", 512 * 1024**2), ("2g", 2 * 1024**3), ("1.5 GB", 1536 * 1024**2),
     ("1KiB", 1024), (" 3 t ", 3 * 1024**4)],
)  # fmt: skip
def test_sizes_are_read_as_docker_reads_them(text: str, size: int) -> None:
    """Powers of 1024, in either case, with or without B."""
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "g", "-1g", "1,5g", "2x", "1e9", "0x10", "½g", "9" * 400 + "g"])
def test_what_is_no_size(text: str) -> None:
    """It is repeated in the message, so that a person sees what was read."""
    with pytest.raises(ValueError, match="not a size such as 512m or 2g"):
        parse_size(text)


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0 B"), (9, "9 B"), (1023, "1023 B"), (1024, "1.0 kB"), (1536, "1.5 kB"), (20 * 1024**2, "20 MB"),
     (5 * 1024**5, "5120 TB")],
)  # fmt: skip
def test_sizes_are_shown_in_the_largest_unit(size: int, text: str) -> None:
    """One digit after the point below ten."""
    assert show_size(size) == text


@given(size=st.integers(0, 10**15))
def test_what_is_shown_can_be_read_again(size: int) -> None:
    """To within what the digits say: five parts in a hundred."""
    assert abs(parse_size(show_size(size)) - size) <= max(1, size * 0.05)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0.0 s"), (1.25, "1.2 s"), (59.4, "59 s"), (60, "1 min"), (200, "3 min 20 s"), (3600, "1 h"),
     (47 * 3600 + 60, "47 h 1 min"), (200000, "2 d")],
)  # fmt: skip
def test_periods(seconds: float, text: str) -> None:
    """The two largest units."""
    assert show_period(seconds) == text


def test_one_thing_is_no_plural() -> None:
    """Everything else is, none as well."""
    assert [many(count, "owner") for count in (0, 1, 2)] == ["0 owners", "1 owner", "2 owners"]


def test_of_many_the_first_are_named() -> None:
    """And the others counted; as many as may be named are all of them."""
    assert [few(list("abc"), most) for most in (1, 2, 3)] == ["a and 2 more", "a, b and 1 more", "a, b, c"]
