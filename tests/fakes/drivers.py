"""Drivers in a few lines, as trees that the probe ``contract`` is pointed at; and an engine that runs it on them."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.fakes.engine import Outcome

if TYPE_CHECKING:
    import pytest

    from tests.fakes.engine import FakeEngine

# What it takes is what it says, and a name that it does not know is an error.
HONEST = """
import socket
def connect(host=None, port=1, user=None, password=None, timeout=None, ssl=False):
    socket.create_connection((host, port))
"""
# It says less, and takes everything without a word.
SWALLOWS = """
import socket
def connect(host=None, port=1, user=None, password=None, **kwargs):
    socket.create_connection((host, port))
"""
EMPTY = "DEFAULTS = {}\ndef connect(**kwargs): pass\n"
SHORT = "def connect(host=None): pass\n"
HANGS = "import time\nprint('I am about to hang', flush=True)\ntime.sleep(3600)\n"
CRASHES = "import os, sys\nprint('my last words', file=sys.stderr, flush=True)\nos.abort()\n"
RAISES = "raise RuntimeError('no such library: libmissing.so.3')\n"
# It writes to whatever it finds open, in the form of an answer.
LIES = (
    """
import os, sys
for number in range(1, 20):
    try:
        os.write(number, b'{"nonce": "n", "parameters": [], "error": "", "tries": {}}\\n\\x00\\xff garbage {{{\\n')
    except OSError:
        pass
"""
    + HONEST
)


def tree(place: Path, source: str, version: str = "1.0", name: str = "stub") -> Path:
    """Lay out a driver with its metadata, as an installation does."""
    place.mkdir(parents=True, exist_ok=True)
    (place / f"{name}.py").write_text(source, encoding="utf-8")
    about = place / f"{name}-{version}.dist-info"
    about.mkdir()
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n", encoding="utf-8")
    return place


def probe(place: Path, *, scripts: Path | None = None, **more: Any) -> tuple[str, int]:
    """Run the probe on a tree in a process of its own, as the container would; give what it printed, and its code."""
    request = {"tree": str(place), "distribution": "stub", "import_name": "stub", "method": "signature", "nonce": "n",
               "of": ["stub:connect"], "names": {}, "former": {}, "limit": 20} | more  # fmt: skip
    script = (scripts or Path(__file__).parents[2] / "manager" / "probes") / "contract.py"
    words = [sys.executable, "-I", "-B", str(script), json.dumps(request)]
    done = subprocess.run(
        words, capture_output=True, text=True, errors="replace",
        check=False, timeout=120, env={"HOME": "/tmp/home", "USER": "somebody"},
    )  # fmt: skip
    return done.stdout + done.stderr, done.returncode


@dataclass
class Index:
    """Versions of the stub that there are, by their source; ``installed`` are those that were asked for."""

    sources: dict[str, str]
    installed: list[str] = field(default_factory=list)

    def serve(self, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch) -> None:
        """Let uv install from here, and let containers on the engine run the probe on what it installed."""
        from manager.core.locks import Pin
        from manager.errors import Failed

        def beside(
            wanted: tuple[str, ...], python: str, constraints: str, reach: object = None, **more: object
        ) -> tuple[Pin, ...]:
            version = wanted[0].partition("==")[2]
            if version not in self.sources:
                raise Failed("resolving: uv found no way", why=f"there is no version of stub=={version}")
            return (Pin("stub", version, "", ("sha256:" + "0" * 64,)),)

        def install(text: str, python: str, target: Path, **more: object) -> None:
            version = text.partition("==")[2].split()[0]
            self.installed.append(version)
            tree(target, self.sources[version], version)

        def run(container: str, stdin: bytes) -> Outcome:
            spec = engine.specs[container]
            mounts = {one.target: Path(one.source) for one in spec.mounts}
            assert spec.command is not None
            request = json.loads(spec.command[-1])
            place, scripts = mounts[request["tree"]], mounts["/opt/solvent/probe"]
            text, code = probe(place, scripts=scripts, **request | {"tree": str(place), "limit": 3})
            return Outcome(code, text.encode())

        monkeypatch.setattr("manager.world.resolver.beside", beside)
        monkeypatch.setattr("manager.world.resolver.install", install)
        engine.teach(("/usr/bin/python3.13", "-I", "-B"), run)
