"""Holds a build against what is known of it: its bytes, labels, layers and trees, and the archive behind it."""

from __future__ import annotations

import hashlib
import time
from typing import TYPE_CHECKING

from manager.app import archiving, contents
from manager.app.content_views import Side, VerifyView
from manager.app.diffs import built
from manager.app.spoken import spoken
from manager.app.steps.trees import trees
from manager.core.containers import LABEL
from manager.core.evidence import Result
from manager.errors import ManagerError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from manager.app.world import World
    from manager.core.catalog import Release
    from manager.core.observed import Build, Image


def verified(world: World, reference: str, *, rebuild: bool) -> Iterator[str | VerifyView]:
    """Verify a build, named ``FAMILY[:RELEASE][@VERSION]``: lines of progress, then what was found.

    With ``rebuild`` it is made again from the archive and compared layer by layer as well. Raises Refused for a
    release without a build; what is wrong with a build is a result.
    """
    release, build = built(world, reference)

    def work(say: Callable[[str], None]) -> VerifyView:
        began = time.monotonic()
        results = tuple(_results(world, release, build, say, rebuild=rebuild))
        return VerifyView(Side(release.name, build.version, build.digest), results, time.monotonic() - began)

    yield from spoken(work)


def _results(
    world: World, release: Release, build: Build, say: Callable[[str], None], *, rebuild: bool
) -> Iterator[Result]:
    image = world.engine.image(build.digest)
    if image is None:
        why = f"the engine has no image of that digest; bring it back:  solvent image build {release.name}"
        yield Result("verify.bytes", "fail", why)
        return
    labels = contents.strayed(world, build.digest, release)
    yield Result("verify.labels", "fail" if labels else "pass", "; ".join(labels))
    # Hundreds of megabytes: where this command is killed, the next one sweeps them away.
    with trees(world).staging() as folder:
        yield _layers(world, build, image, folder, say)
        yield from _trees(world, release, image, say)
        yield from _archive(world, release, image, say)
        if rebuild:
            from manager.app.rebuilding import remade

            yield from remade(world, release, build, image, folder, say)


def _layers(world: World, build: Build, image: Image, folder: Path, say: Callable[[str], None]) -> Result:
    """Read the layers out of the engine and hold their bytes against their digests, and those against the record."""
    from manager.world.layer_files import taken

    began = time.monotonic()
    say(f"reading {len(image.layers)} layers out of the engine")
    noted = tuple(digest for digest, _ in build.layers)
    if noted != image.layers[len(image.layers) - len(noted) :]:
        return Result("verify.layers", "fail", "the image has other layers than the build that was recorded")
    try:
        found = taken(world.engine.save(build.digest), folder)
    except ManagerError as error:
        return Result("verify.layers", "fail", error.sentence)
    took = round(time.monotonic() - began, 3)
    wrong = [one for one in image.layers if one not in found]
    if len(wrong) == len(image.layers):
        return Result("verify.layers", "skip", "the engine gives them in another form than it counts them by", took)
    if wrong:
        names = dict(build.layers)
        said = ", ".join(f"{names.get(one, 'base')} ({one})" for one in wrong)
        return Result("verify.layers", "fail", f"the bytes are not those of the digest: {said}", took)
    return Result("verify.layers", "pass", f"{len(image.layers)} layers have the bytes of their digests", took)


def _trees(world: World, release: Release, image: Image, say: Callable[[str], None]) -> Iterator[Result]:
    """Hold every file of the trees that are still in the cache against the manifest that was sealed."""
    from manager.world.trees.content import manifest

    store = trees(world)
    for kind in release.trees:
        began = time.monotonic()
        tree = store.get(image.labels.get(f"{LABEL}tree-{kind}", ""))
        if tree is None:
            yield Result(f"verify.tree-{kind}", "skip", "it is not in the cache any more")
            continue
        say(f"reading the {kind} tree")
        same = hashlib.sha256(manifest(tree.path, {})).hexdigest() == tree.digest
        why = f"{tree.digest}" if same else f"the files of {tree.path} are not those that were sealed"
        took = round(time.monotonic() - began, 3)
        yield Result(f"verify.tree-{kind}", "pass" if same else "fail", why, took)


def _archive(world: World, release: Release, image: Image, say: Callable[[str], None]) -> Iterator[Result]:
    """Hold every archived package that a build was made from against its hash."""
    store = archiving.archive(world)
    lists = {"base": f"base-{image.layers[0].removeprefix('sha256:')}" if image.layers else ""}
    lists |= {kind: f"tree-{image.labels.get(f'{LABEL}tree-{kind}', '')}" for kind in release.trees}
    for what, name in lists.items():
        began = time.monotonic()
        listed = store.listed(name)
        if listed is None:
            yield Result(f"verify.archive-{what}", "skip", "its packages are not in the archive")
            continue
        say(f"reading {len(listed)} archived packages of {what}")
        wrong = [f"{one.name} is {how}" for one in listed if (how := store.wrong(one))]
        took = round(time.monotonic() - began, 3)
        why = "; ".join(wrong[:5]) or f"{len(listed)} packages have their hashes"
        yield Result(f"verify.archive-{what}", "fail" if wrong else "pass", why, took)
