"""What the tests make on the engine is taken away, also by the run that comes after one that was killed."""

from __future__ import annotations

import secrets
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.system.world import docker, held

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.engine

# Holds a realm, makes a volume of it, says so, and waits.
HOLDER = """
import sys, time
from pathlib import Path
from tests.system.world import docker, held
with held(sys.argv[1], Path(sys.argv[2])):
    docker("volume", "create", "--label", f"io.solvent.realm={sys.argv[1]}", sys.argv[1])
    print("made", flush=True)
    time.sleep(120)
"""


def test_a_killed_runs_realm_is_swept_by_the_next_one_and_a_living_ones_is_not(tmp_path: Path) -> None:
    """Whoever is killed cannot sweep; nobody sweeps what another still holds."""
    dead = f"t-{secrets.token_hex(3)}"
    with subprocess.Popen(
        (sys.executable, "-c", HOLDER, dead, tmp_path / "notes"), stdout=subprocess.PIPE, text=True
    ) as holder:  # fmt: skip
        assert holder.stdout is not None
        assert holder.stdout.readline() == "made\n"
        with held(f"{dead}-beside", tmp_path / "notes"):
            assert dead in docker("volume", "ls", "-q")
        holder.kill()
    assert dead in docker("volume", "ls", "-q")

    with held(f"{dead}-after", tmp_path / "notes"):
        assert dead not in docker("volume", "ls", "-q")

    assert not list((tmp_path / "notes").iterdir())
