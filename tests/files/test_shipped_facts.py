"""What the shipped catalog knows of its kernel locks: when every pin came, and which libpq the drivers bring."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from manager.core.lock_facts import NAME, key, read, render
from manager.core.locks import parse
from manager.world import files

if TYPE_CHECKING:
    from pathlib import Path

ROOT = files.shipped_root()
FILES = sorted(ROOT.glob(f"images/*/locks/*/{NAME}"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.parent.name)
def test_every_pin_is_known(path: Path) -> None:
    """Each has its time, none is of another version, and the text is the one that is written."""
    pins = parse(path.with_name("kernel.lock").read_text(encoding="utf-8"))
    facts = read(path.read_text(encoding="utf-8"))

    assert [pin for pin in pins if facts.of(pin.name, pin.version).uploaded is None] == []
    assert set(facts.pins) <= {key(pin) for pin in pins}
    assert render(facts) == path.read_text(encoding="utf-8")
    (driver,) = (pin for pin in pins if pin.name == "psycopg-binary")
    assert {found["libpq"] for found in facts.of(driver.name, driver.version).native.values()} == {"18"}


def test_there_are_such_files() -> None:
    """The negative control: without any, the test above would pass on nothing."""
    assert len(FILES) >= 8
