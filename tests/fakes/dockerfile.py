"""A Dockerfile as the fake engine understands it: which layers it gives, and what is said meanwhile."""

from __future__ import annotations

import hashlib
from string import Template
from typing import TYPE_CHECKING

from manager.errors import Failed, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from manager.core.observed import Image
    from manager.core.ports import ExecResult

_LAYERS = ("ADD", "COPY", "RUN")


def build_layers(
    context: dict[str, Path | bytes],
    arguments: dict[str, str],
    image: Callable[[str], Image | None],
    run: Callable[[str], ExecResult],
    cache: set[str],
    say: Callable[[str], None],
) -> tuple[tuple[str, ...], int, set[str]]:
    """Give the layers of the last stage, the size in bytes, and the keys to remember in the cache.

    Raises Failed as an engine does in the middle of its work, UsageError for a context that cannot be read.
    """
    contents = {name: _bytes(name, content) for name, content in context.items()}
    if "Dockerfile" not in contents:
        raise Failed("Cannot locate specified Dockerfile: Dockerfile")
    lines = [line.strip() for line in contents["Dockerfile"].decode().splitlines()]
    steps = [line for line in lines if line and not line.startswith("#")]
    stages: dict[str, tuple[tuple[str, ...], int]] = {}
    layers: tuple[str, ...] = ()
    size, key, stage = 0, "", ""
    seen: set[str] = set()
    for number, step in enumerate(steps, 1):
        word, _, rest = Template(step).safe_substitute(arguments).partition(" ")
        say(f"Step {number}/{len(steps)} : {step}")
        if word == "FROM":
            layers, size = _base(rest.split()[0], stages, image)
            key, stage = repr(layers), " ".join(rest.split()[2:])
        else:
            key = _digest(key, step, [contents.get(one) for one in rest.split()])
            if key in cache:
                say(" ---> Using cache")
            elif word == "RUN":
                _run(rest, run, say)
        seen.add(key)
        if word in _LAYERS:
            layers = (*layers, _digest("layer", step, [contents.get(one) for one in rest.split()]))
            size += sum(len(contents.get(one, b"")) for one in rest.split())
        stages[stage] = (layers, size)
    return layers, size, seen


def _base(
    reference: str, stages: dict[str, tuple[tuple[str, ...], int]], image: Callable[[str], Image | None]
) -> tuple[tuple[str, ...], int]:
    if reference in stages:
        return stages[reference]
    found = image(reference)
    if found is None:
        raise Failed(f"pull access denied for {reference}")
    return found.layers, found.size


def _run(command: str, run: Callable[[str], ExecResult], say: Callable[[str], None]) -> None:
    result = run(command)
    for line in (result.stdout + result.stderr).decode().splitlines():
        say(line)
    if result.code:
        raise Failed(f"The command '/bin/sh -c {command}' returned a non-zero code: {result.code}")


def _bytes(name: str, content: Path | bytes) -> bytes:
    if isinstance(content, bytes):
        return content
    if not content.is_file():
        raise UsageError(f"{name} in the build's context is no file")
    return content.read_bytes()


def _digest(*what: object) -> str:
    return "sha256:" + hashlib.sha256(repr(what).encode()).hexdigest()
