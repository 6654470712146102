"""Makes trees: from one whose lock differs a little where there is one, else from nothing, to the same bytes."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import TYPE_CHECKING

from manager.app import archiving, layers, leftovers
from manager.app.grounds import ground
from manager.app.mirrors import reach
from manager.app.sandbox import ended, script
from manager.app.steps import npm
from manager.app.steps.npm import SCRIPT
from manager.core.containers import LABEL, ContainerSpec, Mount, Tmpfs
from manager.core.ingredients import BUILDER, base_key
from manager.core.locks import parse, pins_for, render
from manager.core.plan import digest_of
from manager.core.sets import indexes
from manager.core.systems import compiler
from manager.errors import Failed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from manager.app.apply import Progress
    from manager.app.world import World
    from manager.core.build_actions import MakeTree
    from manager.core.catalog import Catalog, Release, TreeKind
    from manager.core.locks import Pin
    from manager.core.observed import Image
    from manager.world.trees.store import Origin, Tree, Trees

# A label of bootstrapped bases: what their Python consists of.
BASE_PYTHON = LABEL + "base-python"
# Raised when the same lock gives other bytes than before.
_FORM = "3"
# Compilation of the largest tree takes half a minute here on two busy cores.
_COMPILE_SECONDS = 900


def trees(world: World) -> Trees:
    """Give the store of finished trees."""
    from manager.world.trees.store import Trees

    return Trees(world.settings.cache_dir / "trees")


def origin(catalog: Catalog, release: Release, kind: str, base: Image) -> Origin:
    """Say what a tree is made from; the base counts, because its Python compiles the bytecode.

    Of the base the packages of its Python, so that bases with the same Python share trees; where these are not known
    its layers, not its digest: that has the moment of its import and the realm in it as well. What an IDE
    from npm is compiled in counts by what it is made from, so that a newer compiler alone does not compile it again.
    """
    from manager.world.trees.store import Origin

    lock = next(one for one in release.locks if one.kind == kind)
    python = base.labels.get(BASE_PYTHON, "")
    shared = [BUILDER, _FORM, kind, release.python, *([python] if python else base.layers)]
    pins = pins_for(parse(Path(lock.path).read_text(encoding="utf-8")), release.python, "x86_64")
    npm = release.lock("npm") if kind == "ide" else None
    if npm is not None:
        script = dict(catalog.family(release.family).files).get(SCRIPT, "")
        shared += [npm.digest, script, base_key(catalog.system(compiler(release.system)))]
    # Nothing is grown from a tree that has more than distributions of Python.
    return Origin(digest_of([*shared, lock.digest]), "" if npm else digest_of(shared), render(pins))


def base_of(world: World, release: Release) -> Image:
    """Find the base that a release stands on; raises Failed when it is gone."""
    return ground(world, release.system)


def make_tree(world: World, action: MakeTree, progress: Progress) -> Tree:
    """Install a lock in one form, let the release's own Python compile it, and seal it; gives the tree.

    What did not move since another tree is copied from there; the bytes are those of a tree made from nothing. The
    wheels are kept meanwhile, see :mod:`manager.app.archiving`.
    """
    return tree_of(world, world.catalog.release(action.release, world.today), action.lock, progress)


def tree_of(world: World, release: Release, kind: TreeKind, progress: Progress) -> Tree:
    """Give the tree of one lock of a release as the release says it, which may be another lock than the catalog's."""
    base = base_of(world, release)
    store = trees(world)
    wanted = origin(world.catalog, release, kind, base)
    found = store.find(wanted.key)
    if found is not None:
        progress.say("made before from the same lock")
        if archiving.has(world, found.digest):
            return found
    with archiving.wheels(world, release, wanted.lock, progress) as kept:
        tree = found or _made(world, release, kind, wanted, progress)
        kept(tree.digest)
    return tree


def _made(world: World, release: Release, kind: str, wanted: Origin, progress: Progress) -> Tree:
    """Make a tree that is not there yet, from one whose lock differs a little or from nothing."""
    from manager.world.trees.growing import Unfit

    base, store = base_of(world, release), trees(world)
    pins = parse(wanted.lock)
    try:
        relative = _nearest(store, wanted, pins)
        if relative is not None:
            return _grown(world, release, kind, relative, progress)
    except Unfit as reason:
        progress.say(f"from nothing, as {reason}")
    except OSError as error:
        raise _unwritten(error) from error
    with store.staging() as tree:
        try:
            _installed(world, release, kind, pins, tree, progress)
            if kind == "ide" and release.ide_from == "npm":
                npm.add(world, release, tree, progress.say, archiving.npm(world, "also"))
            compiled(world, tree, layers.PREFIXES[kind], release, base.digest, progress.say)
            progress.say("sealing")
            return store.seal(tree, wanted)
        except OSError as error:
            raise _unwritten(error) from error


def _nearest(store: Trees, wanted: Origin, pins: Iterable[Pin]) -> tuple[Tree, frozenset[str]] | None:
    """Find the tree that shares most distributions with the wanted one, and give their names."""
    if not wanted.kin:
        return None
    mine = set(pins)
    best: tuple[Tree, frozenset[str]] | None = None
    for tree, lock in store.relatives(wanted.kin):
        same = frozenset(pin.name for pin in mine.intersection(parse(lock)))
        if same and (best is None or len(same) > len(best[1])):
            best = tree, same
    return best


def _grown(
    world: World, release: Release, kind: str, relative: tuple[Tree, frozenset[str]], progress: Progress
) -> Tree:
    """Install what moved, copy the rest with its bytecode; raises Unfit where the result might not be the same."""
    store, base = trees(world), base_of(world, release)
    wanted = origin(world.catalog, release, kind, base)
    tree, same = relative
    moved = tuple(pin for pin in parse(wanted.lock) if pin.name not in same)
    with store.staging() as staged:
        _installed(world, release, kind, moved, staged, progress)
        progress.say(f"copying {len(same)} distributions that did not move")
        known = store.adopt(tree, same, staged, release.python)
        if moved:
            compiled(world, staged, layers.PREFIXES[kind], release, base.digest, progress.say)
        progress.say("sealing")
        return store.seal(staged, wanted, known)


def _installed(
    world: World, release: Release, kind: str, pins: tuple[Pin, ...], tree: Path, progress: Progress
) -> None:
    from manager.world.resolver import install, put
    from manager.world.trees.form import normalise

    if pins and (files := archiving.at_hand(world, release, pins)) is not None:
        put(files, release.python, tree, say=progress.say)
    elif pins:
        progress.say(f"installing {len(pins)} distributions")
        places = indexes(world.catalog.sets_of(release))
        install(render(pins), release.python, tree, say=progress.say, indexes=places, reach=reach(world, "python"))
    normalise(tree, release.python, layers.PREFIXES[kind])


def compiled(world: World, tree: Path, prefix: str, release: Release, base: str, say: Callable[[str], None]) -> None:
    """Let the base's Python compile what has no bytecode yet; raises Failed where it cannot."""
    say("compiling")
    compile_in(world, tree, prefix, f"{prefix}/lib", release.python, base)


def compile_in(world: World, folder: Path, place: str, within: str, python: str, image: str) -> None:
    """Let the Python of an image's system compile what has no bytecode yet in a folder, which lies at ``place`` then.

    ``within`` is looked through, see :mod:`manager.probes.bytecode`. Raises Failed where it cannot.
    """
    with leftovers.passing(world) as labels:
        spec = ContainerSpec(
            name=f"{world.names.realm}-compile-{secrets.token_hex(4)}",
            image=image,
            labels=labels,
            entrypoint=(f"/usr/bin/python{python}",),
            command=("-c", script("bytecode"), within),
            # Hash randomisation would reorder sets in the bytecode of older Pythons.
            environment=(("PYTHONHASHSEED", "0"), ("PYTHONNOUSERSITE", "1")),
            user=f"{os.getuid()}:{os.getgid()}",
            mounts=(Mount(str(folder), place, kind="bind"),),
            tmpfs=(Tmpfs("/tmp", "rw,mode=1777"),),  # noqa: S108 - the container's own
        )
        code, log = ended(world, spec, None, _COMPILE_SECONDS, tail=10)
    if code != 0:
        raise Failed(f"bytecode of {within} was not compiled", why=log)


def _unwritten(error: OSError) -> Failed:
    return Failed("a tree could not be written", why=str(error), hint="see whether the disk is full:  solvent doctor")
