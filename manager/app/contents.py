"""Reads what is really inside a build, out of a container of it, and holds it against the locks and the labels."""

from __future__ import annotations

import secrets
import time
from pathlib import Path
from typing import TYPE_CHECKING

from manager.app import archiving, leftovers
from manager.app.proving.container import SYSTEM_PYTHON
from manager.app.sandbox import objects, plain, printed, script
from manager.core import npm
from manager.core.components import ECOSYSTEMS, PREFIXES, Component, drift
from manager.core.containers import LABEL, ContainerSpec
from manager.core.evidence import Result
from manager.core.image_labels import BASE_DIGEST, described
from manager.core.locks import parse, pins_for
from manager.errors import Failed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from manager.app.world import World
    from manager.core.catalog import Release
    from manager.core.observed import Build

# Thousands of small files, read for the first time on a busy machine.
_SECONDS = 120
# What no name, version or licence is longer than.
_LONGEST = 200
_LONGEST_LICENCE = 4000
_TEXTS = ("ecosystem", "name", "version", "prefix", "licence")


def read(world: World, container: str) -> tuple[Component, ...]:
    """Ask a running container of a build what is inside; raises Failed where the answer is not a whole list."""
    answer = world.engine.exec(container, (*SYSTEM_PYTHON, script("contents")), timeout=_SECONDS)
    return _components(answer.stdout.decode(errors="replace"), answer.stderr.decode(errors="replace"))


def of(world: World, build: Build) -> tuple[Component, ...]:
    """Give what is inside a build: as it was read when it was proven, else read now and kept.

    Raises Failed where its bytes are not in the engine, or where the answer is not a whole list.
    """
    known = world.store.components(build.digest)
    if known:
        return known
    if world.engine.image(build.digest) is None:
        raise Failed(
            f"what is inside {build.release} {build.version} was never read, and its bytes are missing",
            why=f"no image of the engine has the digest {build.digest}",
            hint=f"bring them back:  solvent image build {build.release}",
        )
    found = asked(world, build.digest)
    world.store.keep_components(build.digest, found)
    return found


def prove(world: World, digest: str, release: Release, container: str) -> tuple[Result, ...]:
    """Read what is inside a build, keep it, and say whether it is what the locks and the catalog say.

    ``container`` is a running one of the build. Never raises for what the container says.
    """
    began = time.monotonic()
    try:
        found = read(world, container)
    except Failed as error:
        return (Result("contents.read", "error", error.sentence),)
    world.store.keep_components(digest, found)
    build = next((one for one in world.store.builds(release.name) if one.digest == digest), None)
    fresh = described(world.catalog.family(release.family), release, build.version) if build else {}
    wrong = drift(found, (*locked(release), *based(world, digest)))
    labels = strayed(world, digest, release, fresh)
    took = round(time.monotonic() - began, 3)
    return (
        Result("contents.read", "pass", f"{len(found)} components", took),
        Result("contents.lock", "fail" if wrong else "pass", "; ".join(wrong[:5]) + _more(wrong)),
        Result("contents.labels", "fail" if labels else "pass", "; ".join(labels)),
    )


def locked(release: Release) -> tuple[Component, ...]:
    """Give what a release's locks say of the prefixes for the machine that builds are made for."""
    found = []
    for lock in release.locks:
        text = Path(lock.path).read_text(encoding="utf-8")
        if lock.kind == "npm":
            # What an archive brings lock files for is pinned with it, and what is optional may not fit this machine.
            found += [Component("npm", one.name, one.version) for one in npm.parse(text) if one.everywhere]
            continue
        for pin in pins_for(parse(text), release.python, "x86_64"):
            found.append(Component("python", pin.name, pin.version, lock.kind))
    return tuple(found)


def based(world: World, digest: str) -> tuple[Component, ...]:
    """Give the packages of Debian that an image's base was made from; none where that was never noted."""
    from manager.world.bases.archived import named

    image = world.engine.image(digest)
    base = image.layers[0].removeprefix("sha256:") if image and image.layers else ""
    found = archiving.archive(world).listed(f"base-{base}") or ()
    return tuple(Component("debian", name, version) for name, version, _ in (named(one.name) for one in found))


def strayed(world: World, digest: str, release: Release, said: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """Say which labels of the image are not those of the build that the database knows by its digest.

    ``said`` are further ones that it has to have, as a fresh build has those that describe its release.
    """
    image = world.engine.image(digest)
    build = next((one for one in world.store.builds(release.name) if one.digest == digest), None)
    if image is None or build is None:
        return ("the image is gone",)
    wanted = {
        f"{LABEL}release": release.name,
        f"{LABEL}version": build.version,
        f"{LABEL}spec-hash": build.spec_hash,
        BASE_DIGEST: dict(build.inputs).get("base", ""),
    } | dict(said or {})
    wrong = {name: image.labels.get(name, "missing") for name in wanted if image.labels.get(name) != wanted[name]}
    return tuple(f"the label {name} is {said}, not {wanted[name]}" for name, said in wrong.items())


def asked(world: World, digest: str) -> tuple[Component, ...]:
    """Read what is inside an image in a container of its own: hardened as a sandbox is, without a network, removed.

    Raises Failed where the answer is not a whole list.
    """
    name = f"{world.names.realm}-contents-{secrets.token_hex(4)}"
    with leftovers.passing(world) as labels:
        spec = ContainerSpec(
            name=name,
            image=digest,
            labels=labels,
            # Not the image's own entry point, which waits for credentials.
            entrypoint=SYSTEM_PYTHON[:1],
            command=(*SYSTEM_PYTHON[1:], script("contents")),
            memory=1024**3,
            pids=64,
            stdin=True,
        )
        return _components(printed(world, spec, b"", _SECONDS), "")


def _components(said: str, complaint: str) -> tuple[Component, ...]:
    """Read the probe's lines; what else a container prints, or what is no component, is left out."""
    found, complete = [], -1
    for one in objects(said):
        if isinstance(one.get("complete"), int):
            complete = one["complete"]
        elif all(isinstance(one.get(key), str) for key in _TEXTS):
            found.append({key: plain(one[key]).strip() for key in _TEXTS})
    if complete != len(found) or not found:
        why = complaint.strip()[-300:] or f"{len(found)} components came, and the list should have {complete}"
        raise Failed("what is inside the image could not be read", why=why)
    return tuple(
        Component(kind, one["name"][:_LONGEST], one["version"][:_LONGEST], prefix, one["licence"][:_LONGEST_LICENCE])
        for one in found
        for kind in ECOSYSTEMS
        for prefix in PREFIXES
        if (kind, prefix) == (one["ecosystem"], one["prefix"])
    )


def _more(wrong: tuple[str, ...]) -> str:
    return f"; and {len(wrong) - 5} more" if len(wrong) > 5 else ""
