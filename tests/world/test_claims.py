"""Claims: one at a time, given up by hand or with the process."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

from manager.world.claims import Claims

if TYPE_CHECKING:
    from pathlib import Path


def test_a_name_is_claimed_by_one_at_a_time(tmp_path: Path) -> None:
    """Another name is free, one's own may be claimed again, and a released one is free for the next."""
    mine, other = Claims(tmp_path), Claims(tmp_path)

    assert mine.take("work")
    assert mine.take("work")
    assert not other.take("work")
    assert other.take("play")

    mine.release("work")
    assert other.take("work")
    assert not mine.take("work")


def test_nothing_is_left_when_all_is_given_up(tmp_path: Path) -> None:
    """Giving up what is not held is fine."""
    claims = Claims(tmp_path / "claims")
    claims.take("work")
    claims.take("play")

    claims.release("never")
    claims.close()

    assert list((tmp_path / "claims").iterdir()) == []


def test_a_claim_ends_with_its_process(tmp_path: Path) -> None:
    """Even one that was killed leaves no claim behind, only its file."""
    code = (
        "import sys, pathlib; from manager.world.claims import Claims;"
        "c = Claims(pathlib.Path(sys.argv[1])); print(c.take('work'), flush=True); sys.stdin.read()"
    )
    holder = subprocess.Popen(
        (sys.executable, "-c", code, str(tmp_path)), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "True\n"
        assert not Claims(tmp_path).take("work")
        holder.kill()

    assert Claims(tmp_path).take("work")
