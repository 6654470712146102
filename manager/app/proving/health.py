"""The health check of an image: there is one, and it does not say that all is well where no IDE runs."""

from __future__ import annotations

import json
import secrets
from typing import TYPE_CHECKING

from manager.app.sandbox import ended
from manager.core.containers import ContainerSpec
from manager.core.evidence import Result
from manager.errors import Failed

if TYPE_CHECKING:
    from manager.app.leftovers import Labels
    from manager.app.world import World

_SECONDS = 120


def command(world: World, digest: str) -> tuple[str, ...]:
    """Give the health check that an engine runs in containers of an image; nothing where it has none."""
    said = json.loads(world.engine.settings(digest)).get("config") or {}
    kind, *words = (said.get("Healthcheck") or {}).get("Test") or ("NONE",)
    if kind == "CMD-SHELL":
        return (*(said.get("Shell") or ("/bin/sh", "-c")), *words)
    return tuple(words) if kind == "CMD" else ()


def told(world: World, digest: str, labels: Labels) -> Result:
    """Run the health check in a container of its own, in which no IDE was started: it has to say so."""
    words = command(world, digest)
    if not words:
        return Result("image.health", "fail", "the image has no health check")
    spec = ContainerSpec(
        name=f"{world.names.realm}-health-{secrets.token_hex(4)}",
        image=digest,
        labels=labels,
        entrypoint=words[:1],
        command=words[1:],
        memory=256 * 1024**2,
        pids=64,
    )
    try:
        code, _ = ended(world, spec, None, _SECONDS)
    except Failed as error:
        return Result("image.health", "error", error.message)
    well = code == 0
    return Result(
        "image.health", "fail" if well else "pass", "it says that all is well where no IDE runs" if well else ""
    )
