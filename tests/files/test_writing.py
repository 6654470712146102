"""Files of a catalog are written one after the other, whatever folders they lie in."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from manager.errors import Refused
from manager.world.files import extending, writing
from manager.world.files.documents import read
from manager.world.files.writing import Edit

if TYPE_CHECKING:
    from conftest import Small

DECISION = "images/overrides/2026-11-22-quarantine-lab-1.toml"
SAID = 'kind = "quarantine"\nsubject = "lab:1-py3.11"\nday = 2026-11-22\nreason = "it leaks"\nby = "ana"\n'


def test_of_two_who_write_in_different_folders_at_once_one_is_told(small: Small) -> None:
    """The second waits for the first, and then reads a catalog that is another one."""
    small.write("images/overrides/2026-11-21-quarantine-lab-1.toml", SAID.replace("-22", "-21"))
    content = extending.with_shipped(read(small.root)).content
    said: list[str] = []

    def second() -> None:
        try:
            writing.write(small.root, content, Edit("override", DECISION, lambda _: SAID, "no"))
        except Refused as error:
            said.append(error.message)

    other = threading.Thread(target=second)

    def change(text: str | None) -> str:
        other.start()
        # Time for the second one to come through, if nothing holds it.
        other.join(0.5)
        return f"{text}\n# by the first\n"

    writing.write(small.root, content, Edit("family", "images/lab/family.toml", change, "no"))
    other.join()

    assert said == ["the catalog has changed since it was read"]
    assert (small.root / "images/lab/family.toml").read_text().endswith("# by the first\n")
    assert not (small.root / DECISION).exists()


def test_nothing_is_written_through_a_link_out_of_the_catalog(
    small: Small, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """What was written there would not be read again; the catalog stays as it was."""
    outside = tmp_path_factory.mktemp("elsewhere")
    (small.root / "images" / "overrides").symlink_to(outside)
    content = extending.with_shipped(read(small.root)).content

    with pytest.raises(Refused, match="leads out of the catalog"):
        writing.write(small.root, content, Edit("override", DECISION, lambda _: SAID, "no"))

    assert list(outside.iterdir()) == []
