"""A shell inside a container, joined to this process's terminal by Docker's own command."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

from manager.errors import Failed, Refused

if TYPE_CHECKING:
    from manager.core.observed import Container


def join(container: Container, command: tuple[str, ...], engine: str | None) -> int:
    """Run a command there; give its exit code. ``engine`` is a URL, None for what the surroundings say."""
    if container.state != "running":
        raise Refused(f"container {container.name} is not running", hint=f"docker logs {container.name}")
    docker = shutil.which("docker")
    if docker is None:
        raise Failed(
            "a shell needs the command docker, and it is not on PATH",
            hint="install the package docker.io or docker-cli:  solvent doctor",
        )
    terminal = "-it" if sys.stdin.isatty() and sys.stdout.isatty() else "-i"
    where = ["-H", engine] if engine else []
    words = [docker, *where, "exec", terminal, container.id, *command]
    return subprocess.run(words, check=False, env={**os.environ, "DOCKER_CLI_HINTS": "false"}).returncode
