"""Makes a build again, from its locks and the archive alone, and holds every layer against the one that is there.

No mirror, index or registry is asked, and no cache: the base is bootstrapped from its archived packages, both trees are
installed from archived wheels and compiled in it, and everything is packed as for a build. Nothing of it is kept.
"""

from __future__ import annotations

import re
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from packaging.utils import parse_wheel_filename
from packaging.version import Version

from manager.app import archiving, contents, layers
from manager.app.steps import npm
from manager.app.steps.trees import base_of, compiled
from manager.core.builds import layer_groups
from manager.core.containers import LABEL
from manager.core.evidence import Result
from manager.core.ingredients import ingredients
from manager.core.locks import Pin
from manager.core.needs import with_needed
from manager.errors import Failed, ManagerError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from manager.app.world import World
    from manager.core.catalog import Release
    from manager.core.evidence import Outcome
    from manager.core.observed import Build, Image
    from manager.world.archive import Packed
    from manager.world.trees.store import Tree, Trees

# Ingredients that only one kind of layer is made from; where they changed since, that layer is not made again.
_OF_FILES = ("file ", "launch", "kernels")
_OF_GROUPS = ("layers", "package sets")
# What compilers write: such a file is no other program because its bytes are others.
_NATIVE = re.compile(r"opt/solvent/ide/\S+(?:\.node|\.so|\.o|\.a|/build/\S+) differs")


@dataclass(frozen=True, slots=True)
class Again:
    """One build that is made again in ``folder``; ``moved`` names the ingredients that the catalog changed since."""

    world: World
    release: Release
    build: Build
    image: Image
    folder: Path
    say: Callable[[str], None] = field(compare=False)
    moved: tuple[str, ...] = ()

    @property
    def ground(self) -> tuple[str, ...]:
        """Give the layers of the base that the build stands on."""
        return self.image.layers[: len(self.image.layers) - len(self.build.layers)]


def remade(
    world: World, release: Release, build: Build, image: Image, folder: Path, say: Callable[[str], None]
) -> tuple[Result, ...]:
    """Make a build again below ``folder`` and compare; a result for its base and for each of its layers.

    What cannot be made again is an ``error`` with the reason, never a pass.
    """
    again = Again(world, release, build, image, folder, say, _moved(world, release, build))
    base, first = _base(again)
    results = [first]
    try:
        store, both = _trees(again, base)
        results += _layers(again, store, both)
    except ManagerError as error:
        results.append(Result("rebuild.layers", "error", error.sentence))
    return tuple(results)


def _moved(world: World, release: Release, build: Build) -> tuple[str, ...]:
    """Name what the catalog says otherwise than when a build was made; of the base its bytes speak for themselves."""
    family = world.catalog.family(release.family)
    then = dict(build.inputs)
    now = dict(ingredients(family, release, layer_groups(world.catalog, release), then.get("base", "")))
    return tuple(sorted(name for name in then.keys() | now.keys() if then.get(name) != now.get(name)))


def _base(again: Again) -> tuple[Image, Result]:
    """Bootstrap the base again; give an image of it to compile in, and how it compares."""
    from manager.app.steps.bases import vendored_files
    from manager.world.bases import bootstrap

    world, began = again.world, time.monotonic()
    system = world.catalog.system(again.release.system)
    there = _standing(again)
    store = archiving.archive(world)
    listed = store.listed("base-" + again.ground[0].removeprefix("sha256:")) if len(again.ground) == 1 else None
    if listed is None:
        how = "it comes from a registry, by digest" if system.base or system.image else "its packages were not archived"
        return there, Result("rebuild.base", "skip" if system.base or system.image else "error", how)
    wrong = _unsound(again, listed)
    if wrong:
        return there, Result("rebuild.base", "error", wrong)
    again.say(f"making the base {system.id} from {len(listed)} archived packages")
    try:
        with vendored_files(world, system, again.say) as vendored:
            base = bootstrap(
                system.suite,
                system.packages,
                again.folder / "base",
                again.say,
                vendored=vendored,
                archive=[store.path(one) for one in listed],
            )
    except ManagerError as error:
        return there, Result("rebuild.base", "error", error.sentence)
    return there, _compared(again, "base", again.ground[0], f"sha256:{base.digest}", base.tarball, began)


def _standing(again: Again) -> Image:
    """Find a base in the engine that has exactly the layers which the build stands on."""
    with suppress(Failed):
        found = base_of(again.world, again.release)
        if found.layers == again.ground:
            return found
    for one in again.world.engine.images(again.world.names.filter("base")):
        image = again.world.engine.image(one.digest)
        if image is not None and image.layers == again.ground:
            return image
    # The build itself stands on it: the same Python compiles the same bytecode.
    return again.image


def _trees(again: Again, base: Image) -> tuple[Trees, dict[str, Tree]]:
    """Make a release's trees again, in a store of their own; raises Failed for one whose packages are not there."""
    from manager.world.resolver import put
    from manager.world.trees.form import normalise
    from manager.world.trees.store import Origin, Trees

    world, release = again.world, again.release
    store = Trees(again.folder / "trees")
    both: dict[str, Tree] = {}
    for kind in release.trees:
        prefix = layers.PREFIXES[kind]
        wanted = again.image.labels.get(f"{LABEL}tree-{kind}", "")
        listed = archiving.archive(world).listed(f"tree-{wanted}")
        if listed is None:
            hint = f"solvent image build --force {release.name}"
            raise Failed(f"the packages of the {kind} tree were not archived", why="it was made before", hint=hint)
        wrong = _unsound(again, listed) or _unlocked(again, kind, listed)
        if wrong:
            raise Failed(f"the {kind} tree cannot be made again", why=wrong)
        with store.staging() as tree:
            files = {_pin(one): archiving.archive(world).path(one) for one in listed}
            put(files, release.python, tree, say=again.say)
            normalise(tree, release.python, prefix)
            if kind == "ide" and release.ide_from == "npm":
                npm.add(world, release, tree, again.say, archiving.npm(world, "only"))
            compiled(world, tree, prefix, release, base.digest, again.say)
            both[kind] = store.seal(tree, Origin(kind))
    return store, both


def _layers(again: Again, store: Trees, both: dict[str, Tree]) -> list[Result]:
    """Pack every layer again and compare it with that of the build, which has the same name."""
    from manager.world.metadata import requirements

    world, release = again.world, again.release
    family = world.catalog.family(release.family)
    spread = with_needed(
        layer_groups(world.catalog, release), world.catalog, release, requirements(both["kernel"].path)
    )
    known = {name: digest for digest, name in again.build.layers}
    results = []
    for part in layers.parts(family, release, store, both, spread):
        began, place = time.monotonic(), again.folder / part.file
        stale = _stale(again, part.name)
        if stale:
            results.append(Result(f"rebuild.{part.name}", "skip", f"the catalog has changed since: {stale}"))
            continue
        again.say(f"packing {part.name}")
        digest = part.pack(place)
        results.append(_compared(again, part.name, known.pop(part.name, ""), digest, place, began))
        place.unlink()
    skipped = {one.probe.removeprefix("rebuild.") for one in results}
    results += [
        Result(f"rebuild.{name}", "fail", "the rebuild has no such layer") for name in known if name not in skipped
    ]
    return results


def _stale(again: Again, part: str) -> str:
    """Name what a layer was made from and is not what the catalog says now; nothing where it can be made again."""
    kinds = _OF_FILES if part == "files" else _OF_GROUPS if part.startswith("kernel ") else ()
    return ", ".join(name for name in again.moved if name.startswith(kinds)) if kinds else ""


def _compared(again: Again, name: str, wanted: str, found: str, place: Path, began: float) -> Result:
    """Say whether a layer is the same; of one that is not, which file differs first."""
    took = round(time.monotonic() - began, 3)
    if wanted == found:
        return Result(f"rebuild.{name}", "pass", f"{found}, the same", took)
    if not wanted:
        return Result(f"rebuild.{name}", "fail", "the build has no such layer", took)
    outcome, why = _difference(again, wanted, place)
    return Result(f"rebuild.{name}", outcome, f"{wanted} was made as {found}; {why}", took)


def _difference(again: Again, wanted: str, place: Path) -> tuple[Outcome, str]:
    from manager.world.layer_files import differences, taken

    again.say("looking for the first file that differs")
    original = again.folder / f"{wanted.removeprefix('sha256:')}.tar"
    try:
        taken(again.world.engine.save(again.image.digest), again.folder, (wanted,))
    except ManagerError as error:
        return "error", error.sentence
    if not original.exists():
        return "fail", "the engine does not give that layer, so no file can be named"
    found = list(differences(original, place))
    original.unlink()
    return judged(found, again.release.ide_from == "npm")


def judged(found: list[str], compiled: bool) -> tuple[Outcome, str]:
    """Judge how files of a layer differ, some of which were ``compiled`` here; give the outcome and the first file."""
    if not found:
        return "fail", "every file is the same; they lie in another order"
    # What may differ hides nothing that may not.
    wrong = next((one for one in found if not (compiled and _NATIVE.match(one))), "")
    if wrong:
        return "fail", wrong
    return "known", f"{found[0]}: a native module, which differs where its compiler or the machine does"


def _unsound(again: Again, listed: tuple[Packed, ...]) -> str:
    """Hold archived packages against their hashes; name the first that is not what it was."""
    again.say(f"reading {len(listed)} archived packages")
    store = archiving.archive(again.world)
    wrong = next(((one, how) for one in listed if (how := store.wrong(one))), None)
    return f"{wrong[0].name} of the archive is {wrong[1]}" if wrong else ""


def _unlocked(again: Again, kind: str, listed: tuple[Packed, ...]) -> str:
    """Hold archived wheels against the lock, where the catalog still has the one that the build was made from."""
    if f"{kind} lock" in again.moved:
        return ""
    wanted = {(one.name, str(Version(one.version))) for one in contents.locked(again.release) if one.prefix == kind}
    there = {(pin.name, pin.version) for pin in map(_pin, listed)}
    other = sorted(wanted ^ there)
    return f"the archive and the lock differ in {other[0][0]} {other[0][1]}" if other else ""


def _pin(packed: Packed) -> Pin:
    name, version, _, _ = parse_wheel_filename(packed.name)
    return Pin(name, str(version), "", (f"sha256:{packed.sha256}",))
