"""What a nightly says on stderr: a note of what it did, a warning of what it could not."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from manager.app.checking.nightly import Nightly
from manager.app.manager import Manager

if TYPE_CHECKING:
    from tests.cli.conftest import World


@pytest.mark.parametrize(("written", "said"), [(1, "note: 1 notice written"), (2, "note: 2 notices written"), (0, "")])
def test_notices_that_were_written_are_a_note(
    solvent: World, monkeypatch: pytest.MonkeyPatch, written: int, said: str
) -> None:
    """And none where none was; one that did not get through is a warning (control)."""
    waits = "1 notice waits for file: it is full"
    done = Nightly(datetime(2026, 11, 22, tzinfo=UTC), 1.0, (), (), notes=(waits,), written=written)
    monkeypatch.setattr(Manager, "nightly", lambda *_words: iter([done]))

    ran = solvent("nightly", "--progress", "none")
    asked = solvent("nightly", "-o", "json")

    assert [line for line in ran.err.splitlines() if "written" in line] == ([said] if said else [])
    assert f"warning: {waits}" in ran.err.splitlines()
    assert (asked.json["notices"], asked.json["notes"]) == (written, [waits])
