"""Makes builds: base, trees, image, and the move of a channel once everything is proven."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from manager.app import layers
from manager.app.mirrors import reach
from manager.core.builds import GOOD, layer_groups, refuse_quarantined
from manager.core.containers import LABEL, ContainerSpec, Mount, Tmpfs
from manager.core.ingredients import BUILDER, base_key, ingredients, spec_hash
from manager.core.needs import with_needed
from manager.core.observed import Build, BuildStatus
from manager.core.plan import digest_of
from manager.core.sets import indexes
from manager.errors import Failed, Refused, Unreachable, UsageError

if TYPE_CHECKING:
    from manager.app.apply import Progress
    from manager.app.world import World
    from manager.core.actions import MakeBase, MakeImage, MakeTree, MoveChannel
    from manager.core.catalog import Release, System
    from manager.core.observed import Image
    from manager.world.trees import Tree, Trees

# Serial compilation of the largest tree takes a minute here on two busy cores.
_COMPILE_SECONDS = 900


def make_base(world: World, action: MakeBase, progress: Progress) -> str:
    """Bring a base into the engine, from a registry where one answers, else by bootstrap; gives its digest.

    ``[base] origin`` in the catalog decides: ``auto`` takes the registry's only when the system names an image.
    Raises Refused where only a registry may give it and none is named, Unreachable where that does not answer,
    Failed when it has no such image.
    """
    system = world.catalog.system(action.system)
    reference = world.names.base(system.id, action.key)
    labels = dict(world.names.labels("base", system=system.id, base_key=action.key))
    origin = world.catalog.base_origin
    if system.image and origin != "bootstrap":
        try:
            return _pulled(world, system, reference, labels, progress)
        except Unreachable as error:
            if origin == "registry":
                raise
            progress.say(f"{error.message}: bootstrapping instead")
        except UsageError as error:
            hint = f'see  image  of the system {system.id} in solvent.toml, or write  origin = "bootstrap"  there'
            raise Failed(error.message, why=error.why, hint=hint) from error
    if origin == "registry":
        raise Refused(
            f"system {system.id} names no image, and the catalog takes bases from a registry only",
            hint='give it  image = "registry/name@sha256:..."  in solvent.toml',
        )
    return _bootstrap(world, system, reference, labels, progress)


def _pulled(world: World, system: System, reference: str, labels: dict[str, str], progress: Progress) -> str:
    """Pull a base by its digest and make it ours: the same layers with labels of this realm."""
    way = reach(world, "registry")
    source = way.mirrors.image(system.image)
    pulled = world.engine.pull(source, progress.say, way.login("registry"))
    found = world.engine.image(source)
    # It may have been made by another Solvent. A label cannot be taken away, but said to be empty.
    foreign = {name: "" for name in (found.labels if found else {}) if name.startswith(LABEL)}
    own = {LABEL + "base-image": system.image, "org.opencontainers.image.base.name": system.image}
    built = world.engine.build(
        {"Dockerfile": f"FROM {source}\n".encode()}, {}, foreign | labels | own, reference, progress.say
    )
    progress.say(f"pulled {pulled.removeprefix('sha256:')[:12]}")
    return built.digest


def _bootstrap(world: World, system: System, reference: str, labels: dict[str, str], progress: Progress) -> str:
    from manager.world.bases import bootstrap

    folder = world.settings.cache_dir / "bases" / base_key(system)[:16]
    folder.mkdir(parents=True, exist_ok=True)
    base = bootstrap(system.suite, system.packages, folder, progress.say, reach=reach(world, "apt"))
    progress.say("importing into the engine")
    return world.engine.import_image(base.tarball, reference, labels | {LABEL + "base-digest": base.digest})


def trees(world: World) -> Trees:
    """Give the store of finished trees."""
    from manager.world.trees import Trees

    return Trees(world.settings.cache_dir / "trees")


def tree_key(release: Release, kind: str, base: Image) -> str:
    """Digest what a tree is made from; the base counts, because its Python compiles the bytecode.

    Of the base its layers, not its digest: that has the moment of its import and the realm in it as well.
    """
    lock = next(one for one in release.locks if one.kind == kind)
    return digest_of([BUILDER, kind, lock.digest, release.python, *base.layers])


def make_tree(world: World, action: MakeTree, progress: Progress) -> Tree:
    """Install a lock, normalise it, let the release's own Python compile it, and seal it; gives the tree."""
    from manager.world.resolver import install
    from manager.world.trees import normalise

    release = world.catalog.release(action.release, world.today)
    base = _base(world, release)
    key = tree_key(release, action.lock, base)
    store = trees(world)
    found = store.find(key)
    if found is not None:
        progress.say("made before from the same lock")
        return found
    lock = next(one for one in release.locks if one.kind == action.lock)
    prefix = layers.PREFIXES[action.lock]
    with store.staging() as tree:
        progress.say("installing")
        text = Path(lock.path).read_text(encoding="utf-8")
        places = indexes(world.catalog.sets_of(release))
        install(text, release.python, tree, say=progress.say, indexes=places, reach=reach(world, "python"))
        progress.say("normalising")
        normalise(tree, release.python, prefix)
        progress.say("compiling")
        _compile(world, tree, prefix, release, base.digest, progress)
        progress.say("sealing")
        return store.seal(tree, key)


def _compile(world: World, tree: Path, prefix: str, release: Release, base: str, progress: Progress) -> None:
    """Compile bytecode once, with unchecked hashes, serially: parallel compilation is not reproducible."""
    name = f"{world.names.realm}-compile-{os.getpid()}-{tree.parent.name}"
    spec = ContainerSpec(
        name=name,
        image=base,
        labels=world.names.labels("sandbox"),
        entrypoint=(f"/usr/bin/python{release.python}",),
        command=(
            *("-m", "compileall", "-q", "-j", "1"),
            *("--invalidation-mode", "unchecked-hash", f"{prefix}/lib"),
        ),
        # Hash randomisation would reorder sets in the bytecode of older Pythons.
        environment=(("PYTHONHASHSEED", "0"), ("PYTHONNOUSERSITE", "1"), ("SOURCE_DATE_EPOCH", "0")),
        user=f"{os.getuid()}:{os.getgid()}",
        mounts=(Mount(str(tree), prefix, kind="bind"),),
        tmpfs=(Tmpfs("/tmp", "rw,mode=1777"),),  # noqa: S108 - the container's own
    )
    world.engine.create(spec)
    try:
        world.engine.start(name)
        world.engine.wait(name, _COMPILE_SECONDS)
        # compileall ends with 1 for files that are not meant for this Python (templates, tests of syntax);
        # what must work is imported by the checks of the image.
        container = world.engine.container(name)
        if container is None or container.exit_code not in (0, 1):
            log = b"".join(world.engine.logs(name, tail=10)).decode(errors="replace")
            raise Failed(f"bytecode of {release.name} was not compiled", why=log)
    finally:
        world.engine.remove(name)
    progress.say("compiled")


def _base(world: World, release: Release) -> Image:
    system = world.catalog.system(release.system)
    key = base_key(system)
    reference = world.names.base(system.id, key)
    image = world.engine.image(reference)
    if image is None:
        # Plans find a base by its label, whatever else points to it; then only its name was taken away.
        for one in world.engine.images(world.names.filter("base") | {LABEL + "base-key": key}):
            world.engine.tag(one.digest, reference)
        image = world.engine.image(reference)
    if image is None:
        raise Failed(f"the base {system.id} is gone from the engine", hint="run the command again")
    return image


def make_image(world: World, action: MakeImage, progress: Progress) -> Build:
    """Put base, trees and files together to a candidate; gives the build, remembered in the database.

    The trees' digests are checked again before they ship. A failure leaves every earlier build as it was.
    """
    from manager.world.metadata import requirements

    catalog = world.catalog
    release = catalog.release(action.release, world.today)
    family = catalog.family(release.family)
    base = _base(world, release)
    groups = layer_groups(catalog, release)
    parts = ingredients(family, release, groups, base.digest)
    refuse_quarantined(release.name, spec_hash(parts), world.store.builds(release.name))
    store = trees(world)
    both = {kind: _whole(store, release, kind, base, progress) for kind in layers.PREFIXES}
    folder = Path(tempfile.mkdtemp(prefix="context-", dir=world.settings.cache_dir))
    try:
        progress.say("packing layers")
        spread = with_needed(groups, catalog, release, requirements(both["kernel"].path))
        names, context = layers.context(folder, family, release, store, both, spread)
        labels = dict(
            world.names.labels(
                "image",
                family=family.id,
                release=release.name,
                version=action.version,
                spec_hash=spec_hash(parts),
                **{f"tree_{kind}": tree.digest for kind, tree in both.items()},
            )
        ) | {
            "org.opencontainers.image.title": f"{family.title} {release.ide_version}",
            "org.opencontainers.image.version": action.version,
            "org.opencontainers.image.base.digest": base.digest,
        }
        reference = world.names.image(release.family, release.line, action.version)
        arguments = {"BASE": world.names.base(release.system, base_key(catalog.system(release.system)))}
        image = world.engine.build(context, arguments | {"PYTHON": release.python}, labels, reference, progress.say)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    build = Build(
        release=release.name,
        version=action.version,
        digest=image.digest,
        spec_hash=spec_hash(parts),
        inputs=parts,
        status=BuildStatus.CANDIDATE,
        created=world.clock.now(),
        size=image.size,
        layers=tuple(zip(image.layers[-len(names) :], names, strict=True)),
    )
    world.store.add_build(build)
    return build


def _whole(store: Trees, release: Release, kind: str, base: Image, progress: Progress) -> Tree:
    """Find a release's tree and read it again; raises Failed when it is gone, and when a byte of it was changed."""
    tree = store.find(tree_key(release, kind, base))
    if tree is None:
        raise Failed(f"the {kind} tree of {release.name} is gone", hint="run the command again")
    progress.say(f"checking the {kind} tree")
    broken = store.verify(tree)
    if broken:
        store.discard(tree)
        raise Failed(
            f"the {kind} tree of {release.name} was not what was sealed",
            why=broken,
            hint="it was thrown away; run the command again to make it anew",
        )
    return tree


def move_channel(world: World, action: MoveChannel, progress: Progress) -> str:
    """Point the channel at the proven build, compare-and-swap; gives the digest.

    Raises Refused for a build that was quarantined meanwhile, and for one that never passed every check: not in
    this plan, and not before. The reference that follows the channel moves last.
    """
    digest = action.digest
    if not digest:
        build = progress.results.get(f"image:{action.release}")
        if not isinstance(build, Build):
            raise Failed(f"{action.release} has no build to promote")
        digest = build.digest
    builds = world.store.builds(action.release)
    status = next((one.status for one in builds if one.digest == digest), None)
    proven = status is BuildStatus.CANDIDATE and f"prove:{action.release}" in progress.results
    if not proven and status not in GOOD:
        raise Refused(
            f"build {action.version} of {action.release} is {status or 'not known'} and may not be promoted",
            hint=f"its builds and their evidence:  solvent image show {action.release}",
        )
    world.store.move_channel(action.release, action.channel, action.expected, digest)
    # All of them: whoever was killed between the move and this line left one behind.
    for one in builds:
        if one.status is BuildStatus.PROMOTED and one.digest != digest:
            world.store.set_status(one.digest, BuildStatus.SUPERSEDED, f"{action.version} was promoted")
    world.store.set_status(digest, BuildStatus.PROMOTED, "every required check passed")
    family, _, line = action.release.partition(":")
    world.engine.tag(digest, world.names.image(family, line))
    return digest
