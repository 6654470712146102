"""Amounts as people write and read them: sizes (``512m``, ``1.5 GB``), periods, and how many there are."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

# So many digits are bytes beyond every machine; more would be beyond a float as well.
_AMOUNT = re.compile(r"(\d{1,20}(?:\.\d{1,20})?)\s*([kmgt]?)i?b?", re.IGNORECASE)
# Powers of 1024, as Docker reads its --memory.
_POWERS = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4}


def parse_size(text: str) -> int:
    """Give bytes; raises ValueError for anything but a number with k, m, g or t."""
    match = _AMOUNT.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"not a size such as 512m or 2g: {text!r}")
    return int(float(match[1]) * 1024 ** _POWERS[match[2].lower()])


def show_size(size: int) -> str:
    """Give a size in the largest unit that leaves at least 1, with one digit after the point below 10."""
    value, unit = float(size), "B"
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if value < 1024 or unit == "TB":
            break
        value /= 1024
    return f"{value:.1f} {unit}" if value < 10 and unit != "B" else f"{value:.0f} {unit}"


def show_period(seconds: float) -> str:
    """Give a length of time in its two largest units: ``3 min 20 s``, ``2 d``."""
    if seconds < 60:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    minutes, rest = divmod(int(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    return f"{hours // 24} d"


def many(count: int, what: str, whats: str = "") -> str:
    """Give a number of things: ``1 container``, ``2 containers``; ``whats`` is another plural than that with an s."""
    return f"{count} {what if count == 1 else whats or f'{what}s'}"


def few(names: Sequence[str], most: int) -> str:
    """Name the first of many things and count the others: ``a, b and 3 more``."""
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")
