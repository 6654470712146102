"""Which texts a parser of TOML is given."""

from __future__ import annotations

import pytest

from manager.core.lines import LARGEST, unfit


@pytest.mark.parametrize("letter", ["g", '"', "-", "g.", "g ", "\t"])
def test_the_largest_text_is_judged_at_once(letter: str) -> None:
    """Also one of a single word, which took hours when it was searched from each of its letters on."""
    assert unfit((letter * LARGEST)[:LARGEST]) == ("nested too deeply" if letter == "g." else "")


@pytest.mark.parametrize("number", ["9" * 5000, "0x" + "f" * 5000, "0b" + "1" * 5000])
def test_a_number_that_python_does_not_write_is_told(number: str) -> None:
    """In any base; a long word that is no number is fine."""
    assert unfit(f"x = -{number}") == "a number is too long"
    assert unfit('x = "' + "word" * 5000 + '"') == ""
