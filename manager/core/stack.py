"""An image as a stack of layers whose digests are known before an engine sees them.

A layer's digest is that of its tar archive (OCI image specification: ``diff_ids``), so the same archives are the same
layers on every engine, whichever of them had to be sent.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

# Instructions that say how a container runs, and make no layer.
_SAYING = (
    "ARG", "CMD", "ENTRYPOINT", "ENV", "EXPOSE", "HEALTHCHECK", "LABEL", "SHELL", "STOPSIGNAL", "USER", "VOLUME",
    "WORKDIR",
)  # fmt: skip
_INSTRUCTION = re.compile(r"\s*(?P<word>[A-Za-z]+)\s+(?P<rest>.*)", re.DOTALL)
_CONTINUED = re.compile(r"\\[ \t]*$")
_BASE = re.compile(r"\$(?:BASE|\{BASE\})")


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer: the digest of its archive (``sha256:...``), and what it holds, in words for people."""

    digest: str
    name: str


def frame(dockerfile: str, archives: Iterable[str], folders: str) -> str:
    """Give the Dockerfile that says how a container runs and adds nothing but ``folders``, an archive of ours.

    Empty where the last stage does more than add ``archives`` to ``${BASE}`` and say how a container runs: what it
    makes is then known to a builder alone.
    """
    if re.match(r"\s*#\s*escape\s*=", dockerfile, re.IGNORECASE):
        return ""
    kept: list[str] = []
    stages = 0
    ours = {f"ADD {name} /" for name in archives}
    for text in _instructions(dockerfile):
        found = _INSTRUCTION.fullmatch(text)
        word = found["word"].upper() if found else ""
        if found and word == "FROM":
            stages += 1
            if not _BASE.fullmatch(found["rest"].strip()):
                return ""
            kept += [text, f"ADD {folders} /"]
        elif text.strip() in ours:
            continue
        elif word in _SAYING:
            kept.append(text)
        else:
            return ""
    return "\n".join(kept) + "\n" if stages == 1 else ""


def image(settings: str, base: tuple[str, ...], layers: tuple[Layer, ...], labels: dict[str, str], at: datetime) -> str:
    """Give an image's configuration as JSON: the settings of a frame, a base's layers, and layers on top of them.

    ``settings`` is an image's configuration (JSON) as :meth:`manager.core.ports.Engine.settings` gives it; ``labels``
    come on top of its own.
    """
    document = json.loads(settings)
    running = document["config"]
    running["Labels"] = (running.get("Labels") or {}) | labels
    created = at.isoformat()
    made = [*("base" for _ in base), *(layer.name for layer in layers)]
    document |= {
        "created": created,
        "rootfs": {"type": "layers", "diff_ids": [*base, *(layer.digest for layer in layers)]},
        "history": [{"created": created, "created_by": f"solvent: {name}"} for name in made],
    }
    return json.dumps(document, sort_keys=True, separators=(",", ":"))


def shared(wanted: Iterable[str], there: Iterable[str]) -> int:
    """Count the layers, from the bottom up, that two stacks have in common: an engine keeps these once."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(wanted, there, strict=False)))


def _instructions(dockerfile: str) -> Iterable[str]:
    """Give each instruction with its continued lines, without comments and empty lines."""
    lines: list[str] = []
    for line in dockerfile.splitlines():
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        lines.append(line)
        if not _CONTINUED.search(line):
            yield "\n".join(lines)
            lines = []
    if lines:
        yield "\n".join(lines)
