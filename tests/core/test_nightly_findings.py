"""What a nightly's findings propose, and how its page says what drivers said."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from manager.core.checks import Guilt
from manager.core.nightly import of_candidate, page
from manager.core.promotable import Promotable
from tests.core.test_promotable import CELL, checked

HELD = {"mysql": ("PyMySQL",), "postgresql": ("psycopg[binary]", "psycopg2-binary")}


@pytest.mark.parametrize(
    ("guilty", "way"),
    [
        ("psycopg2-binary", "solvent connector hold postgresql --driver psycopg2-binary --until 2026-12-21"),
        ("pymysql", "solvent connector hold mysql --driver PyMySQL --until 2026-12-21"),
        ("numpy", f"solvent image show {CELL.release}"),
    ],
    ids=["its own driver", "another connector's", "nobody's driver"],
)
def test_a_hold_is_proposed_where_one_can_be_taken(guilty: str, way: str) -> None:
    """Of a driver, whatever connector it belongs to; of what is no driver the command would refuse it."""
    one = replace(checked(verdict="blocked"), cell=CELL, guilt=Guilt(guilty, "1", "2", 2))

    (found,) = of_candidate(CELL.release, [one], Promotable(("it is blocked",)), (), "2026-12-21", HELD)

    assert found.pay.startswith(way)


def test_what_a_driver_says_is_no_markup() -> None:
    """Neither a heading, a link, an image nor the end of a code span comes through."""
    said = "x\n# y [z](http://a) ![i](b) `c` <script>"
    finding = {"kind": "blocked", "subject": said, "why": said, "command": "solvent `x`\nrm"}
    night: dict[str, Any] = {
        "started": "2026-11-21T00:00:00+00:00", "cells": 1, "unchanged": 0, "seconds": 1.0, "promoted": [],
        "findings": [finding], "proposed": [said], "notes": [said],
    }  # fmt: skip

    text = page(night, ())

    assert [line for line in text.splitlines() if line.startswith("# ")] == ["# Nightly of 2026-11-21T00:00:00+00:00"]
    assert "[z](" not in text
    assert "<script>" not in text
    assert "`solvent 'x' rm`" in text
