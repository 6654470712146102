"""What SQLAlchemy's dialect suite is told of a connector: what its dialect can do, and which tests are to fail."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from datetime import date


@dataclass(frozen=True, slots=True)
class Expected:
    """Tests that fail for a reason, until a day (inclusive); ``*`` in ``test`` stands for anything.

    Empty ``drivers`` or ``sources`` stand for all of the connector, empty ``systems`` for all that releases stand on.
    """

    test: str
    reason: str
    until: date
    drivers: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    systems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Suite:
    """Requirements of the suite that hold (``opened``) or do not (``closed``), other than by its defaults.

    Empty ``drivers`` stand for all of the connector. ``keys`` is what keys that number themselves are given, where the
    dialect brings nothing for them.
    """

    opened: tuple[str, ...] = ()
    closed: tuple[str, ...] = ()
    expected: tuple[Expected, ...] = ()
    drivers: tuple[str, ...] = ()
    keys: Literal["", "sequences"] = ""


def told(suite: Suite, driver: str, source: str, today: date, system: str = "") -> dict[str, Any]:
    """Give what the probe ``suite.dialect`` is asked with; what has expired goes along, and counts as a failure.

    ``system`` is that of the release, such as ``trixie``.
    """
    fitting = [
        one
        for one in suite.expected
        if (not one.drivers or driver in one.drivers)
        and (not one.sources or source in one.sources)
        and (not one.systems or system in one.systems)
    ]
    return {
        "requirements": dict.fromkeys(suite.opened, True) | dict.fromkeys(suite.closed, False),
        "expected": [{"test": one.test, "reason": one.reason, "until": one.until.isoformat()} for one in fitting],
        "keys": suite.keys,
        "today": today.isoformat(),
    }
