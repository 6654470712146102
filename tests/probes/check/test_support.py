"""The made-up drivers are such that a probe can pass with them, or their failures would say nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.probes.check.support import of_echo, of_lite

if TYPE_CHECKING:
    from pathlib import Path


def test_an_unchanged_driver_answers(tmp_path: Path) -> None:
    """Both connect and answer ``select 1``."""
    of_each = (of_lite(tmp_path, "", ["connect.select"]), of_echo(tmp_path, "", ["connect.select"]))

    assert [lines["connect.select"]["outcome"] for lines in of_each] == ["pass", "pass"]


def test_a_changed_driver_is_found(tmp_path: Path) -> None:
    """What a test adds is what is asked."""
    deaf = "\nclass Cursor(sqlite3.Cursor):\n    def fetchone(self):\n        return (2,)\n"

    lines = of_lite(tmp_path, deaf, ["connect.select"])
    silent = of_echo(tmp_path, "SAID = {'select 1': (2,)}", ["connect.select"])

    assert (lines["connect.select"]["outcome"], silent["connect.select"]["outcome"]) == ("fail", "fail")
