"""What an image says and weighs before it is started."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from manager.core.evidence import Result
from manager.core.secrecy import exposed

if TYPE_CHECKING:
    from manager.app.world import World
    from manager.core.catalog import Family


def size(world: World, digest: str, family: Family) -> Result:
    """Hold the image's size against the family's budget, to the byte."""
    image = world.engine.image(digest)
    if image is None:
        return Result("image.size", "error", "the image is gone")
    if image.size > family.size_budget:
        return Result("image.size", "fail", f"{image.size} bytes, the budget is {family.size_budget}")
    return Result("image.size", "pass", f"{image.size} of {family.size_budget} bytes")


def described(world: World, digest: str) -> Result:
    """Look for secrets in what everybody reads who can pull the image: its variables, its labels and its history."""
    running = json.loads(world.engine.settings(digest)).get("config") or {}
    image = world.engine.image(digest)
    variables = [(name, value) for name, _, value in (one.partition("=") for one in running.get("Env") or ())]
    found = exposed(variables, (image.labels if image else {}).items(), world.engine.history(digest))
    return Result("image.secrets", "fail" if found else "pass", "; ".join(found[:5]))
