"""One check of the benchmark, and what may come of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.hardening.seen import Seen

# "met": as the benchmark words it. "otherwise": not as it is worded, and the reason says what stands in its place.
# "elsewhere": it is a matter of people or of the host, which no container and no image shows.
Standing = Literal["met", "otherwise", "elsewhere"]


@dataclass(frozen=True, slots=True)
class Check:
    """A check by its number (CIS Docker Benchmark 1.3.1), what it wants, and how that is met or why not.

    ``judge`` gives what is wrong, or nothing; it is None for what is settled elsewhere.
    """

    number: str
    words: str
    standing: Standing
    how: str
    judge: Callable[[Seen], str] | None = None


def row(check: Check) -> str:
    """Give the check as a row of the page."""
    return f"| {check.number} | {check.words} | {check.standing} | {check.how} |"


def wrong(checks: tuple[Check, ...], seen: Seen) -> dict[str, str]:
    """Judge; give what is wrong by number."""
    judged = ((check.number, check.judge(seen)) for check in checks if check.judge)
    return {number: said for number, said in judged if said}
