"""What an image says and weighs before it is started."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from manager.core.evidence import Result
from manager.core.secrecy import exposed, shown, told_by

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
    """Look for secrets in what everybody reads who can pull the image: variables, labels, history, and what it runs."""
    running = json.loads(world.engine.settings(digest)).get("config") or {}
    image = world.engine.image(digest)
    variables = [(name, value) for name, _, value in (one.partition("=") for one in running.get("Env") or ())]
    found = exposed(variables, (image.labels if image else {}).items(), world.engine.history(digest))
    runs = {name: running.get(name) or () for name in ("Entrypoint", "Cmd", "OnBuild")}
    runs["Healthcheck"] = (running.get("Healthcheck") or {}).get("Test") or ()
    commands = ((name, " ".join(words)) for name, words in runs.items())
    found += tuple(f"its {name}: {shown(text, longest=80)}" for name, text in commands if told_by(text))
    return Result("image.secrets", "fail" if found else "pass", "; ".join(found[:5]))
