"""A night on which nothing real runs: a home of its own with a stub of ``solvent``, and what is there to run it."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

DEPLOY = Path(__file__).parents[2] / "compose" / "deploy"
# A stand-in that says what it was called with, waits while a file is there, and ends as the test says.
STUB = """#!/bin/sh
echo "$@" >>"$SOLVENT_HOME/calls"
while [ -e "$SOLVENT_HOME/wait" ]; do sleep 0.05; done
echo "said on stdout"
echo "said on stderr" >&2
exit "$(cat "$SOLVENT_HOME/code")"
"""


class Night:
    """A home with a stub of ``solvent`` in front of everything on PATH."""

    def __init__(self, home: Path) -> None:
        self.home = home
        stub = home / "bin" / "solvent"
        stub.parent.mkdir(parents=True)
        stub.write_text(STUB, encoding="ascii")
        stub.chmod(0o755)
        self.ends_with(0)

    def ends_with(self, code: int) -> None:
        """Have the next nightly end with an exit code."""
        (self.home / "code").write_text(str(code), encoding="ascii")

    def begin(self, *words: str) -> subprocess.Popen[str]:
        """Start a command as cron or a container would: a bare environment, and this home."""
        path = f"{self.home}/bin:{os.defpath}"
        environment = {"HOME": str(self.home), "SOLVENT_HOME": str(self.home), "PATH": path, "TZ": "UTC"}
        return subprocess.Popen(
            words, cwd="/", env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )

    def run(self, *words: str) -> tuple[int, str]:
        """Run a command to its end; give its exit code and what it wrote."""
        process = self.begin(*words)
        text, _ = process.communicate(timeout=30)
        return process.returncode, text

    @property
    def calls(self) -> list[str]:
        """Give the arguments of each call of the stub."""
        place = self.home / "calls"
        return place.read_text(encoding="ascii").splitlines() if place.exists() else []

    def under_way(self) -> None:
        """Wait until the stub was called."""
        until = time.monotonic() + 20
        while not self.calls:
            assert time.monotonic() < until
            time.sleep(0.02)
