"""uv's reason on one line."""

from __future__ import annotations

from manager.app.locking import sentence


def test_a_reason_is_put_on_one_line() -> None:
    """Without the tree that uv draws, and without its hints."""
    drawn = "  \u00d7 No solution found:\n  \u2570\u2500\u25b6 Because a==1 needs b>=9,\n      it cannot be.\n"
    reason = f"{drawn}\n      hint: wheels are required"

    assert sentence(reason) == "No solution found: Because a==1 needs b>=9, it cannot be."


def test_of_a_long_one_the_conclusion_is_said() -> None:
    """The last step names what was asked for."""
    steps = "Because a needs b, no.\n" * 100 + "And because you require a, your requirements are unsatisfiable."

    assert sentence(steps) == "And because you require a, your requirements are unsatisfiable."
    assert len(sentence("word " * 1000)) <= 600
