"""What is known of a lock's pins: written, read, of which pins, and when their files came."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from manager.core.editions import IndexFile, editions
from manager.core.lock_facts import LockFacts, PinFacts, kept, read, render, uploaded
from manager.core.locks import Pin

CAME = datetime(2026, 11, 12, 9, 1, 35, tzinfo=UTC)
NATIVE = {"aarch64": {"libpq": "18"}, "x86_64": {"libpq": "18", "openssl": "3.5.9"}}
FACTS = LockFacts({"tool==1": PinFacts(CAME, NATIVE), "part==2": PinFacts()}, {"unixodbc": "2.3.12-2"})


def test_what_is_written_is_read_back() -> None:
    """The same text for the same facts, whatever their order."""
    text = render(FACTS)

    assert read(text) == FACTS
    assert render(LockFacts(dict(reversed(FACTS.pins.items())), FACTS.system)) == text
    assert '"uploaded": null' in text
    assert '"uploaded": "2026-11-12T09:01:35Z"' in text


@pytest.mark.parametrize(
    "text",
    ["", "[]", '{"schema": 2, "pins": {}, "system_packages": {}}', '{"schema": 1, "pins": {"a==1": 3}}',
     '{"schema": 1, "pins": {"a==1": {"uploaded": "soon"}}, "system_packages": {}}',
     '{"schema": 1, "pins": {"a==1": {"native": {"riscv": {}}}}, "system_packages": {}}'],
)  # fmt: skip
def test_another_form_is_refused(text: str) -> None:
    """It says that it is one."""
    with pytest.raises(ValueError):  # noqa: PT011 - what the text says differs
        read(text)


def test_facts_of_another_version_are_found_by_nobody() -> None:
    """They are dropped when a lock is written."""
    pins = (Pin("tool", "1"), Pin("part", "3"), Pin("new", "1"))

    assert list(kept(FACTS, pins).pins) == ["tool==1"]
    assert FACTS.of("part", "3") == PinFacts()
    assert FACTS.of("new", "1") == PinFacts()


def _file(name: str, day: int | None) -> IndexFile:
    return IndexFile(name, datetime(2026, 11, day, tzinfo=UTC) if day else None)


def test_the_youngest_file_that_would_be_installed_counts() -> None:
    """Not that of another Python or system; unknown as soon as one of them is."""
    wheels = (
        _file("tool-1-cp313-cp313-manylinux_2_28_x86_64.whl", 3),
        _file("tool-1-cp313-cp313-manylinux_2_28_aarch64.whl", 5),
        _file("tool-1-cp314-cp314-manylinux_2_28_aarch64.whl", 9),
        _file("tool-1.tar.gz", 1),
    )

    assert uploaded(editions(wheels), "1", "3.13") == datetime(2026, 11, 5, tzinfo=UTC)
    silent = (wheels[0], _file(wheels[1].name, None))
    assert uploaded(editions(silent), "1", "3.13") is None
    assert uploaded(editions(wheels), "2", "3.13") is None
