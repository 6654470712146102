"""An engine in memory whose containers have a /run/solvent: what is handed over lies in a folder, and shells run.

The entry point's part (a tar on standard input at each start) is played here; what a shell does inside a
container is done by this machine's own, on the folder instead of the tmpfs.
"""

from __future__ import annotations

import io
import shutil
import subprocess
import tarfile
from typing import TYPE_CHECKING

from manager.core.delivery import PLACE
from manager.core.ports import ExecResult
from tests.fakes.engine import FakeEngine

if TYPE_CHECKING:
    from pathlib import Path


class RuntimeEngine(FakeEngine):
    """A FakeEngine that keeps what it hands over; ``folder(container)`` is that container's /run/solvent."""

    def __init__(self, root: Path) -> None:
        super().__init__()
        self._root = root
        # How much of its standard input a shell gets; None for all.
        self.cut: int | None = None

    def folder(self, container: str) -> Path:
        """Give the folder that stands for a container's /run/solvent."""
        return self._root / container

    def start(self, container: str, stdin: bytes | None = None) -> None:
        """Start, and unpack what comes; a sandbox gets a question instead."""
        super().start(container, stdin)
        if not stdin or not tarfile.is_tarfile(io.BytesIO(stdin)):
            return
        place = self.folder(container)
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
        with tarfile.open(fileobj=io.BytesIO(stdin)) as tar:
            # As it is: modes are part of what is looked at.
            # Debian 12's Python 3.11.2 knows no filters yet, and takes no argument of that name.
            tar.extraction_filter = getattr(tarfile, "tar_filter", None)
            tar.extractall(place)

    def exec(
        self,
        container: str,
        command: tuple[str, ...],
        *,
        user: str = "",
        stdin: bytes | None = None,
        timeout: float = 60,
    ) -> ExecResult:
        """Run shells on the folder; the rest is as it was taught."""
        told = super().exec(container, command, user=user, stdin=stdin, timeout=timeout)
        if command[0] != "/bin/sh":
            return told
        words = [word.replace(PLACE, str(self.folder(container))) for word in command]
        done = subprocess.run(words, input=(stdin or b"")[: self.cut], capture_output=True, timeout=30, check=False)
        return ExecResult(done.returncode, done.stdout, done.stderr)

    def handed(self, container: str) -> dict[str, str]:
        """Give what lies there, by path below connections/."""
        place = self.folder(container) / "connections"
        return {str(one.relative_to(place)): one.read_text() for one in place.rglob("*") if one.is_file()}
