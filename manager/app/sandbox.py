"""Runs a stand-alone probe script inside a container of a build, and reads its results as JSON lines."""

from __future__ import annotations

import json
import secrets
from importlib.resources import files
from typing import TYPE_CHECKING

from manager.app.handover import archive
from manager.core.containers import ContainerSpec
from manager.core.environments import runtime_tmpfs
from manager.core.observed import Result
from manager.errors import Failed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from manager.app.manager import Manager
    from manager.core.catalog import Launch
    from manager.core.connections import File

_OUTCOMES = ("pass", "fail", "error", "skip", "unsupported", "not_run", "known")


def script(name: str) -> str:
    """Give the text of a probe script; it travels as an argument, so that a distant engine can run it too."""
    return files("manager.probes").joinpath(f"{name}.py").read_text(encoding="utf-8")


def ask(
    manager: Manager,
    image: str,
    launch: Launch,
    probe: str,
    arguments: tuple[str, ...],
    *,
    delivered: Iterable[File] = (),
    networks: tuple[str, ...] = ("none",),
    python: str = "/opt/solvent/kernel/bin/python",
    timeout: float = 60,
) -> tuple[Result, ...]:
    """Run one probe in a fresh container, hardened like an environment, and take the container away again.

    Secrets reach it as they reach an environment. A sandbox that cannot run gives one result ``error``.
    """
    name = f"{manager.names.realm}-sandbox-{secrets.token_hex(4)}"
    spec = ContainerSpec(
        name=name,
        image=image,
        labels=manager.names.labels("sandbox", owner=manager.settings.owner),
        command=(python, "-I", "-c", script(probe), *arguments),
        tmpfs=runtime_tmpfs(launch.uid),
        networks=networks,
        memory=1024**3,
        pids=256,
        stdin=True,
    )
    try:
        manager.engine.create(spec)
        manager.engine.start(name, archive(secrets.token_urlsafe(32), delivered, launch.uid))
        manager.engine.wait(name, timeout)
        lines = b"".join(manager.engine.logs(name)).decode(errors="replace")
    except Failed as error:
        return (Result(probe, "error", error.message),)
    finally:
        manager.engine.remove(name)
    return read_results(lines) or (Result(probe, "error", f"no answer; it printed: {lines.strip()[-300:]}"),)


def read_results(text: str) -> tuple[Result, ...]:
    """Read results from JSON lines; other lines, such as a driver's warnings, are left out."""
    results = []
    for line in text.splitlines():
        try:
            one = json.loads(line)
        except ValueError:
            continue
        if isinstance(one, dict) and one.get("outcome") in _OUTCOMES and "id" in one:
            seconds = float(one.get("seconds") or 0)
            results.append(Result(str(one["id"]), one["outcome"], str(one.get("reason") or ""), seconds))
    return tuple(results)
