"""Looks at a workspace from inside releases, in sandboxes without a network that cannot write to it."""

from __future__ import annotations

import json
import secrets
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from manager.app import leftovers
from manager.app.layers import PREFIXES
from manager.app.sandbox import objects, plain, printed, script
from manager.core.containers import ContainerSpec, Mount
from manager.core.environments import runtime_tmpfs
from manager.core.imports import Look, Package, Use
from manager.errors import Failed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from manager.app.world import World
    from manager.core.catalog import Launch

# A workspace of a few thousand files is read in a second or two.
_FILES, _BYTES, _SECONDS = 5000, 200 * 1024**2, 20
_LONGEST = 200


def look(world: World, image: str, launch: Launch, volume: str, *, read: bool, names: Iterable[str] = ()) -> Look:
    """Ask the kernel's Python of an image what it can import, and with ``read`` what a workspace imports.

    Nothing of the workspace runs but what a start of that Python runs there. Raises Failed where it gives no answer.
    """
    asked = {
        "workspace": launch.workspace, "look": read, "names": sorted(names), "files": _FILES, "bytes": _BYTES,
        "seconds": _SECONDS,
    }  # fmt: skip
    with leftovers.passing(world) as labels:
        spec = ContainerSpec(
            name=f"{world.names.realm}-sandbox-{secrets.token_hex(4)}",
            image=image,
            labels=labels,
            entrypoint=(f"{PREFIXES['kernel']}/bin/python", "-I", "-c", script("imports")),
            mounts=(Mount(volume, launch.workspace, read_only=True),),
            tmpfs=runtime_tmpfs(launch.uid),
            memory=1024**3,
            pids=256,
            stdin=True,
        )
        text = printed(world, spec, json.dumps(asked).encode(), _SECONDS + 40)
    return _read(text)


def _read(text: str) -> Look:
    """Read the probe's line; what runs beside a person's own packages may print anything else besides."""
    for said in objects(text):
        with suppress(ValueError, KeyError, TypeError):
            if said.get("outcome") == "seen":
                return _seen(said)
    raise Failed("the sandbox gave no answer", why=_plain(text.strip()[-_LONGEST:]))


def _seen(said: dict[str, Any]) -> Look:
    return Look(
        tuple(Use(_plain(one["name"]), _plains(one["files"]), _plains(one["by"])) for one in said["uses"]),
        frozenset(_plains(said["there"])),
        _plain(said["overlay"]),
        tuple(
            Package(_plain(one["name"]), _plain(one["version"]), bool(one["asked"]), bool(one["direct"]))
            for one in said["packages"]
        ),
        _plains(said["r"]),
        int(said["read"]),
        tuple((_plain(file), _plain(why)) for file, why in said["skipped"]),
        int(said["left"]),
        int(said["others"]),
        _plain(said["cut"]),
    )


def _plains(found: Iterable[object]) -> tuple[str, ...]:
    return tuple(map(_plain, found))


def _plain(value: object) -> str:
    """Give a text that a terminal can show, of some length: names of files may hold anything."""
    return plain(value)[:_LONGEST]
