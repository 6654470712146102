"""Looks for secrets in every place where a container platform is known to leave them."""

from __future__ import annotations

import base64
import os
import sqlite3
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.system.world import World

# Reads folders as root, wherever the engine keeps them: as one tar stream, not compressed.
_READ = 'cd "$0" && exec tar -c -f - --ignore-failed-read .'


def found(world: World, secrets: Mapping[str, str], since: float, more: Mapping[str, bytes]) -> set[tuple[str, str]]:
    """Give (place, which secret) for each place of a realm and a home that holds one of the secrets.

    A secret counts as it is, quoted for a URL, and in base64. ``since`` is a time stamp: files that are older
    cannot hold a secret that was made later. ``more`` are other texts by name, such as what commands printed.
    """
    wanted = {which: forms(secret) for which, secret in secrets.items()}
    places = [*_engine(world, since), *home_places(world.home, since), *more.items()]
    assert len(places) > 20, "places were not read"
    return {
        (place, which)
        for place, content in places
        for which, forms in wanted.items()
        if any(form in content for form in forms)
    }


def forms(secret: str) -> tuple[bytes, ...]:
    """Give what a secret looks like: as it is, quoted for a URL, and within base64."""
    raw = secret.encode()
    # What surrounds a text shifts its base64 by up to two characters; its middle stays.
    middles = [base64.b64encode(bytes(shift) + raw)[4:-4] for shift in range(3)]
    return (raw, quote(secret, safe="").encode(), *middles)


def _run(*words: str) -> bytes:
    """Run a command; give both of its streams. A command that fails would look like a place without secrets."""
    done = subprocess.run(words, capture_output=True, check=False)
    assert done.returncode == 0, (words, done.stderr)
    return done.stdout + done.stderr


def _engine(world: World, since: float) -> Iterator[tuple[str, bytes]]:
    mine = ("--filter", f"label=io.solvent.realm={world.realm}")
    containers = _run("docker", "ps", "--all", "--quiet", "--no-trunc", *mine).decode().split()
    images = sorted(set(_run("docker", "images", "--all", "--quiet", "--no-trunc", *mine).decode().split()))
    volumes = _run("docker", "volume", "ls", "--quiet", *mine).decode().split()
    networks = _run("docker", "network", "ls", "--quiet", *mine).decode().split()
    for kind, names in (("container", containers), ("image", images), ("volume", volumes), ("network", networks)):
        yield f"inspect of {kind}s", _run("docker", kind, "inspect", *names)
    for image in images:
        yield f"history of image {image}", _run("docker", "history", "--no-trunc", "--format", "{{json .}}", image)
    yield "events", _run("docker", "events", "--since", str(int(since)), "--until", "0s", "--format", "{{json .}}")
    root = _run("docker", "info", "--format", "{{.DockerRootDir}}").decode().strip()
    for container in containers:
        yield from _container(container, images[0], root)
    for volume in volumes:
        yield f"volume {volume}", _folder(images[0], volume)


def _container(container: str, image: str, root: str) -> Iterator[tuple[str, bytes]]:
    name, state, layer = (
        _run("docker", "inspect", "-f", "{{.Name}} {{.State.Status}} {{.GraphDriver.Data.UpperDir}}", container)
        .decode()
        .split()
    )
    yield f"log of {name}", _run("docker", "logs", container)
    yield f"the engine's files of {name}", _folder(image, f"{root}/containers/{container}")
    yield f"layer of {name}", _folder(image, layer)
    if state == "running":
        yield f"arguments of {name}", _run("docker", "top", container, "-eo", "pid,args")
        script = "cat /proc/[0-9]*/environ /proc/[0-9]*/cmdline 2>/dev/null; true"
        yield f"processes of {name}", _run("docker", "exec", container, "sh", "-c", script)


def _folder(image: str, source: str) -> bytes:
    """Read a volume, or a folder of the engine's machine, through a container that sees nothing else."""
    words = ("--rm", "--network=none", "--user=0", "--entrypoint=sh", "--volume", f"{source}:/look:ro")
    return _run("docker", "run", *words, image, "-c", _READ, "/look")


def home_places(home: Path, since: float) -> Iterator[tuple[str, bytes]]:
    """Give every file of a home that changed since, and the rows of its database."""
    kept = home / "state" / "secrets"
    for parent, folders, names in os.walk(home):
        folders[:] = [name for name in folders if Path(parent, name) != kept]
        for path in (Path(parent, name) for name in names):
            if path.is_file() and path.stat().st_ctime >= since:
                yield f"file {path.relative_to(home)}", path.read_bytes()
    database = home / "state" / "state.db"
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as opened:
        yield "rows of the database", "\n".join(opened.iterdump()).encode()
    for path in database.parent.glob("state.db*"):
        yield f"file state/{path.name}", path.read_bytes()
