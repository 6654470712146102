"""Hands an image to the engine as its configuration and the layers that it lacks, in the form of ``docker save``."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from manager.errors import Failed, UsageError
from manager.world.engine.context import stream
from manager.world.engine.sending import events, post

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from docker import APIClient

# What an image says about its containers; the rest of an inspection is about the image itself, or empty.
_SETTINGS = (
    "Cmd", "Entrypoint", "Env", "ExposedPorts", "Healthcheck", "Labels", "OnBuild", "Shell", "StopSignal", "User",
    "Volumes", "WorkingDir",
)  # fmt: skip


def settings(found: dict[str, Any]) -> str:
    """Read from an image's inspection what it says about its containers, as a configuration without layers."""
    running = found.get("Config") or {}
    kept = {key: running[key] for key in _SETTINGS if running.get(key)}
    machine = {"architecture": found["Architecture"], "os": found["Os"]}
    return json.dumps({**machine, "config": kept}, sort_keys=True)


def load(
    client: APIClient, configuration: str, archives: Mapping[str, Path], reference: str, say: Callable[[str], None]
) -> str:
    """Make an image of a configuration and its layers; give its config digest, which is that of the configuration.

    ``archives`` are the layers, by digest, that the engine lacks. Raises UsageError where it lacks another one, and
    where it keeps images in a form in which layers cannot be left out. The engine keeps all of it or nothing.
    """
    if _keeps_contents(client):
        raise UsageError(f"could not load {reference}: this engine takes whole images only")
    digest = hashlib.sha256(configuration.encode()).hexdigest()
    names = [f"{layer.removeprefix('sha256:')}.tar" for layer in json.loads(configuration)["rootfs"]["diff_ids"]]
    manifest = [{"Config": f"{digest}.json", "RepoTags": [reference], "Layers": names}]
    context: dict[str, Path | bytes] = {f"{one.removeprefix('sha256:')}.tar": file for one, file in archives.items()}
    context |= {f"{digest}.json": configuration.encode(), "manifest.json": json.dumps(manifest).encode()}
    for event in events(post(client, "/images/load", stream(context, say), {"quiet": "1"})):
        if "error" in event:
            raise _not_loaded(str(event["error"]), reference)
    return f"sha256:{digest}"


def _not_loaded(words: str, reference: str) -> Exception:
    if "no such file or directory" in words:
        return UsageError(f"could not load {reference}: the engine lacks a layer", why=words)
    if "no space left on device" in words.lower():
        return Failed(f"could not load {reference}: the disk is full", why=words, hint="docker system df")
    return Failed(f"could not load {reference}", why=words)


def _keeps_contents(client: APIClient) -> bool:
    """Say whether containerd keeps the images, by their contents and not as layers (an option since engine 24)."""
    return any(value == "io.containerd.snapshotter.v1" for _, value in client.info().get("DriverStatus") or ())
