"""The container that a build is proven in: as an environment would run it, with no network but its own loopback."""

from __future__ import annotations

import json
import secrets
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from manager.app.handover import archive
from manager.app.sandbox import script
from manager.core.containers import ContainerSpec, Mount
from manager.core.environments import runtime_tmpfs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from manager.app.leftovers import Labels
    from manager.app.world import World
    from manager.core.catalog import Family
    from manager.core.ports import ExecResult

SYSTEM_PYTHON = ("/usr/bin/python3", "-I", "-c")
# Reads a probe and its question from the arguments: they stand in no file of the container.
_ASK = (
    "import io, sys; sys.stdin = io.StringIO(sys.argv[2]); "
    "exec(compile(sys.argv[1], 'probe', 'exec'), {'__name__': '__main__'})"
)


@dataclass(frozen=True, slots=True)
class Subject:
    """A build in its container: what is proven, and the credential that the container was given."""

    container: str
    digest: str
    family: Family
    credential: str
    labels: Labels

    @property
    def address(self) -> str:
        """Give where the IDE is met by what shares the container's network."""
        return f"http://127.0.0.1:{self.family.launch.port}"


@contextmanager
def running(world: World, digest: str, family: Family, labels: Labels) -> Iterator[Subject]:
    """Run a build as an environment would run it, with volumes of its own; everything is removed afterwards."""
    name = f"{world.names.realm}-check-{secrets.token_hex(4)}"
    launch = family.launch
    volumes = [
        Mount(f"{name}-{target.strip('/').replace('/', '-')}", target) for target in (launch.home, launch.workspace)
    ]
    spec = ContainerSpec(
        name=name,
        image=digest,
        labels=labels,
        environment=launch.environment,
        mounts=tuple(volumes),
        tmpfs=runtime_tmpfs(launch.uid),
        networks=("none",),
        memory=2 * 1024**3,
        cpus=2.0,
        stdin=True,
    )
    credential = secrets.token_urlsafe(32)
    try:
        for volume in volumes:
            world.engine.create_volume(volume.source, dict(labels))
        world.engine.create(spec)
        world.engine.start(name, archive(credential, (), launch.uid))
        yield Subject(name, digest, family, credential, labels)
    finally:
        world.engine.remove(name)
        for volume in volumes:
            world.engine.remove_volume(volume.source)


def asked(
    world: World,
    subject: Subject,
    probe: str,
    question: dict[str, Any],
    timeout: float,
    python: tuple[str, ...] = SYSTEM_PYTHON,
    user: str = "",
) -> ExecResult:
    """Run a probe script inside the container, as its user or another, with its question."""
    words = (*python, _ASK, script(probe), json.dumps(question))
    return world.engine.exec(subject.container, words, user=user, timeout=timeout)
