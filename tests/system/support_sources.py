"""The shipped sources in a realm of a test's own: their file, a base to build them on, and what is left afterwards."""

from __future__ import annotations

import secrets
import subprocess
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from manager.world.bases import host_mirror
from manager.world.compose import Compose

if TYPE_CHECKING:
    from collections.abc import Iterator

    from manager.core.names import Names

FILE = Path(__file__).parents[2] / "compose/sources.yaml"


def docker(*words: str, stdin: str = "", check: bool = True) -> str:
    """Run the engine's client and give what it prints."""
    done = subprocess.run(("docker", *words), input=stdin, capture_output=True, text=True, check=check)
    return done.stdout + ("" if check else done.stderr)


def quiet(line: str) -> None:
    """Say nothing."""


@contextmanager
def trixie() -> Iterator[str]:
    """Give a trixie base: one that is on the engine already, or one made for these tests."""
    there = docker("images", "--filter", "reference=*/base:trixie*", "--format", "{{.Repository}}:{{.Tag}}").split()
    if there:
        yield there[0]
        return
    reference = f"t-{secrets.token_hex(3)}/base:trixie"
    made = subprocess.Popen(
        ("mmdebstrap", "--quiet", "--variant=minbase", "trixie", "-"), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    subprocess.run(("docker", "import", "-", reference), stdin=made.stdout, check=True, capture_output=True)
    assert made.wait() == 0
    yield reference
    docker("rmi", reference)


@contextmanager
def project(base: str, names: Names, *services: str) -> Iterator[Compose]:
    """Give the shipped file with the images of services built; everything of the realm goes at the end."""
    # A base of Solvent's has no package sources: the host's own are handed to the build.
    mirror = host_mirror()
    apt = "\n".join(mirror.lines("trixie")) if mirror else ""
    variables = {"SOLVENT_REALM": names.realm, "SOLVENT_BASE_TRIXIE": base, "SOLVENT_APT_TRIXIE": apt}
    made = Compose(FILE, names.sources, variables)
    for service in services:
        said: list[str] = []
        made.build(service, said.append)
        assert said
    yield made
    for container in docker("ps", "-aq", "--filter", f"label=io.solvent.realm={names.realm}").split():
        docker("rm", "-f", "-v", container)
    docker("network", "rm", names.sources, check=False)
    mine = ("--filter", f"label=io.solvent.realm={names.realm}")
    for tag in docker("images", *mine, "--filter", "dangling=false", "--format", "{{.Repository}}:{{.Tag}}").split():
        docker("rmi", tag)
    # Steps of a build that is made to fail; their labels come from the image that they stand on.
    for left in docker("images", "-q", *mine, "--filter", "dangling=true").split():
        docker("rmi", left)
