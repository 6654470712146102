"""What an engine and an image say of themselves: the material that the checks judge."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from tests.system.world import docker


@dataclass(frozen=True)
class Seen:
    """A container's and its image's inspection (Docker's JSON), and what only a look inside shows.

    ``setuid`` are the image's files that have a setuid or setgid bit, ``programs`` the command lines of the running
    container's processes, ``history`` the instructions of the image, ``unsigned`` what is in the image's apt
    configuration that switches signatures off, ``packages`` the names of its Debian packages, ``security`` what the
    engine offers (``name=seccomp,...``).
    """

    container: dict[str, Any]
    image: dict[str, Any]
    history: tuple[str, ...] = ()
    setuid: tuple[str, ...] = ()
    programs: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()
    unsigned: tuple[str, ...] = ()
    security: tuple[str, ...] = ()

    @property
    def host(self) -> dict[str, Any]:
        """Give what the container asks of its host."""
        found: dict[str, Any] = self.container["HostConfig"]
        return found


_INSIDE = r"""
find / -xdev -type f -perm /6000 -printf 'setuid %p\n' 2>/dev/null
dpkg-query -W -f 'package ${Package}\n' 2>/dev/null
grep -rhisE 'trusted=yes|AllowUnauthenticated|AllowInsecureRepositories' /etc/apt | sed 's/^/unsigned /'
for one in /proc/[0-9]*; do printf 'program '; tr '\0' ' ' < $one/cmdline; echo; done
exit 0
"""


def look(container: str) -> Seen:
    """Look at a running container and its image; everything is read and nothing changed."""
    found = json.loads(docker("inspect", container))[0]
    lines = docker("exec", "--user=0", container, "/bin/sh", "-c", _INSIDE).splitlines()

    def inside(kind: str) -> tuple[str, ...]:
        return tuple(line.partition(" ")[2].strip() for line in lines if line.startswith(f"{kind} "))

    programs = tuple(one for one in inside("program") if one and "dpkg-query" not in one)
    return Seen(
        found, *_image(found["Image"]), inside("setuid"), programs, inside("package"), inside("unsigned"), _engine()
    )


def look_at_created(container: str) -> Seen:
    """Look at a container that does not run: what it was asked to be, without a look inside."""
    found = json.loads(docker("inspect", container))[0]
    return Seen(found, *_image(found["Image"]), security=_engine())


def _image(digest: str) -> tuple[dict[str, Any], tuple[str, ...]]:
    history = docker("history", "--no-trunc", "--format", "{{.CreatedBy}}", digest).splitlines()
    return json.loads(docker("image", "inspect", digest))[0], tuple(history)


def _engine() -> tuple[str, ...]:
    return tuple(json.loads(docker("info", "--format", "{{json .SecurityOptions}}")))
