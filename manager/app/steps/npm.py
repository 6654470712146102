"""IDEs that come from npm: fetched here without running anything, compiled in a container without a network.

The IDE's prefix has Node.js as a distribution of its Python lock, and beside it the packages of the npm lock.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from manager.app import layers, leftovers
from manager.app.grounds import ground
from manager.app.mirrors import reach
from manager.app.sandbox import ended
from manager.core import npm
from manager.core.containers import ContainerSpec, Mount, Tmpfs
from manager.core.systems import compiler
from manager.errors import CatalogError, Failed, Problem

if TYPE_CHECKING:
    from collections.abc import Callable

    from manager.app.apply import Progress
    from manager.app.world import World
    from manager.core.catalog import Family, Release
    from manager.world.npm import Cache

# What a family's folder has for it: a script that the compiler's container runs beside ``node_modules``.
SCRIPT = "npm/build"
# Twenty native modules take one minute here on two cores that nobody else uses.
_COMPILE_SECONDS = 1800
_LINKS = {"npm": "npm/bin/npm-cli.js", "npx": "npm/bin/npx-cli.js"}


def node(world: World, release: Release, text: str, say: Callable[[str], None]) -> Path:
    """Give the Node.js that a release's IDE lock pins, installed once into the cache: for making locks."""
    from manager.app import archiving
    from manager.core.locks import parse, pins_for
    from manager.core.plan import digest_of
    from manager.world.resolver import install, put

    place = world.settings.cache_dir / "node" / digest_of([text, release.python])
    if not place.exists():
        place.parent.mkdir(parents=True, exist_ok=True)
        made = place.with_name(f".{place.name}.{os.getpid()}")
        try:
            files = archiving.at_hand(world, release, pins_for(parse(text), release.python, "x86_64"))
            if files is not None:
                put(files, release.python, made, say=say)
            else:
                install(text, release.python, made, say=say, reach=reach(world, "python"))
            made.rename(place)
        finally:
            shutil.rmtree(made, ignore_errors=True)
    return place / npm.RUNTIME


def lock(world: World, release: Release, ide: str, previous: str, upgrade: tuple[str, ...], progress: Progress) -> str:
    """Resolve a release's IDE; ``ide`` is the text of its IDE lock, which pins the npm that does it."""
    from manager.world import npm as program

    runs = node(world, release, ide, progress.say)
    return program.lock(runs, release.ide_requirement, previous, upgrade, progress.say, reach(world, "npm"))


def add(world: World, release: Release, tree: Path, say: Callable[[str], None], cache: Cache) -> None:
    """Put a release's npm packages into a tree that has its Node.js, compiled, with links to the programs.

    npm keeps the archives in ``cache``, or takes them from there alone.
    """
    from manager.world import npm as program
    from manager.world.trees.form import site_packages

    pinned = release.lock("npm")
    if pinned is None:
        raise Failed(f"{release.name} has no npm lock", hint=f"resolve it:  solvent image lock {release.name}")
    runtime = site_packages(tree, release.python) / npm.RUNTIME
    for name in ("node", *_LINKS):
        path = runtime / ("bin/node" if name == "node" else f"lib/node_modules/{_LINKS[name]}")
        path.chmod(0o755)
        _link(tree / "bin" / name, path)
    folder = tree / Path(npm.MODULES).parent
    text = Path(pinned.path).read_text(encoding="utf-8")
    program.fetch(runtime, text, release.ide_requirement, folder, say, reach(world, "npm"), cache)
    for name in ("package.json", "package-lock.json"):
        (folder / name).unlink()
    _compile(world, release, tree, runtime.relative_to(tree), say)
    for hidden in tree.rglob("node_modules/.package-lock.json"):
        hidden.unlink()
    # The IDE's own commands, not those of what it is made of.
    own = f"../{npm.wanted(release.ide_requirement)[0]}/"
    for path in (tree / npm.MODULES / ".bin").iterdir():
        if os.readlink(path).startswith(own):  # noqa: PTH115 - Path.readlink would drop what it begins with
            _link(tree / "bin" / path.name, path)


def _link(link: Path, target: Path) -> None:
    link.unlink(missing_ok=True)
    link.symlink_to(os.path.relpath(target, link.parent))


def _script(family: Family) -> str:
    found = (file for one in reversed(family.folders) if (file := Path(one, SCRIPT)).is_file())
    nearest = next(found, None)
    if nearest is None:
        problem = Problem(f"images/{family.id}/{SCRIPT}", 0, "", "is missing")
        raise CatalogError(f"the IDE of {family.id} cannot be compiled", (problem,))
    return nearest.read_text(encoding="utf-8")


def _compile(world: World, release: Release, tree: Path, runtime: Path, say: Callable[[str], None]) -> None:
    """Run the family's script on the tree, mounted where it will lie, without a network."""
    say("compiling native modules")
    prefix = layers.PREFIXES["ide"]
    with leftovers.passing(world) as labels:
        spec = ContainerSpec(
            name=f"{world.names.realm}-npm-{os.getpid()}-{tree.parent.name}",
            image=ground(world, compiler(release.system)).digest,
            labels=labels,
            entrypoint=("/bin/sh",),
            command=("-ec", _script(world.catalog.family(release.family))),
            environment=(
                ("HOME", "/tmp"),  # noqa: S108 - the container's own
                ("IDE", f"{prefix}/{npm.MODULES}/{npm.wanted(release.ide_requirement)[0]}"),
                ("LC_ALL", "C.UTF-8"),
                ("PATH", f"{prefix}/bin:/usr/local/bin:/usr/bin:/bin"),
                ("SOURCE_DATE_EPOCH", "0"),
                # The headers that native modules are compiled against come with Node.js itself.
                ("npm_config_nodedir", f"{prefix}/{runtime}"),
                ("npm_config_update_notifier", "false"),
                # node-gyp is Python: what it leaves is dated, and the tree's own bytecode is made afterwards.
                ("PYTHONDONTWRITEBYTECODE", "1"),
            ),
            user=f"{os.getuid()}:{os.getgid()}",
            mounts=(Mount(str(tree), prefix, kind="bind"),),
            tmpfs=(Tmpfs("/tmp", "rw,exec,nosuid,nodev,size=2g,mode=1777"),),  # noqa: S108 - the container's own
            memory=4 * 1024**3,
        )
        code, log = ended(world, spec, None, _COMPILE_SECONDS, tail=30)
    if code != 0:
        raise Failed(f"the native modules of {release.name} were not compiled", why=log)
