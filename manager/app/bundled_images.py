"""Images travel with a bundle as their configuration and their layers, each once, known by their digests."""

from __future__ import annotations

import json
import tempfile
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from manager.app import contents
from manager.app.grounds import ground
from manager.core.builds import refuse_quarantined
from manager.core.bundles import Carried
from manager.core.containers import LABEL
from manager.core.ingredients import BROWSER, base_key, spec_hash
from manager.core.observed import Build, BuildStatus
from manager.errors import Failed, ManagerError, Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from manager.app.cargo import Cargo
    from manager.app.world import World
    from manager.core.bundles import Bundle, Kind
    from manager.core.catalog import Release
    from manager.core.observed import Image
    from manager.world.bundle_file import BundleFile

_USABLE = (BuildStatus.PROMOTED, BuildStatus.SUPERSEDED, BuildStatus.CANDIDATE)


def build_of(world: World, release: Release) -> Build | None:
    """Find the build of a release that is carried: the channel's, else the newest that may be used, else None."""
    pointed = world.store.channels().get((release.name, "stable"))
    fit = [one for one in world.builds(release.name) if one.status in _USABLE and world.engine.image(one.digest)]
    return next((one for one in fit if one.digest == pointed), fit[-1] if fit else None)


def ground_of(world: World, system: str, releases: Iterable[Release]) -> Image | None:
    """Find the base of a system that is carried: the one that a carried build stands on, else the one that is here.

    None where there is none; raises Refused where a release that stands on it was not built here.
    """
    for release in releases:
        build = build_of(world, release) if release.system == system else None
        base = dict(build.inputs).get("base", "") if build else ""
        if base and (image := world.engine.image(base)) is not None:
            return image
    try:
        return ground(world, system)
    except Failed as error:
        if system == BROWSER:
            return None
        named = next((release.name for release in releases if release.system == system), "FAMILY:RELEASE")
        hint = f"build a release that stands on it first:  solvent image build {named}"
        raise Refused(f"the base {system} is not here, so it cannot be carried", why=error.message, hint=hint) from None


def gather(
    world: World,
    releases: tuple[Release, ...],
    systems: Iterable[str],
    bases: Mapping[str, str],
    folder: Path,
    cargo: Cargo,
    *,
    whole: bool,
) -> tuple[Carried, ...]:
    """Take in the images of builds and of bases; without ``whole`` only bases that packages cannot be made of.

    ``bases`` are those whose packages are carried, by key. Layers are written to ``folder``.
    """
    wanted: dict[str, Carried] = {}
    for name in systems:
        key = base_key(world.catalog.system(name))
        image = ground_of(world, name, releases)
        if image is None:
            cargo.notes.append(f"the base {name} is not here: what is built there cannot be proven without it")
        elif whole or key not in bases:
            # Systems that are made of the same share one.
            # One that an older build stands on may have been made of other packages than the system has now.
            own = image.labels.get(LABEL + "base-key", key)
            wanted.setdefault(image.digest, Carried("base", image.digest, name, "", own, image.layers))
    for release in releases if whole else ():
        build = build_of(world, release)
        image = world.engine.image(build.digest) if build else None
        if build is None or image is None:
            cargo.notes.append(f"{release.name} has no build here: it is carried as packages alone")
            continue
        made = {
            "spec_hash": build.spec_hash,
            "inputs": [list(one) for one in build.inputs],
            "layers": [list(one) for one in build.layers],
            "created": build.created.isoformat(),
            "size": build.size,
        }
        wanted[image.digest] = Carried("build", image.digest, release.name, build.version, "", image.layers, made)
    taken: set[str] = set()
    for one in wanted.values():
        _take(world, one, taken, folder, cargo)
    return tuple(wanted.values())


def _take(world: World, image: Carried, taken: set[str], folder: Path, cargo: Cargo) -> None:
    from manager.world.layer_files import taken as read

    lacking = {image.digest, *image.layers} - taken
    cargo.say(f"reading {len(lacking) - 1} layers of {image}")
    read(_said(world.engine.save(image.digest), image, cargo), folder, lacking)
    for digest in lacking:
        file = folder / f"{digest.removeprefix('sha256:')}.tar"
        if not file.is_file():
            raise Failed(
                f"the engine does not give {image} as it is: {digest} is missing",
                why="it keeps images in another form (containerd's)",
                hint="carry packages alone:  --no-images",
            )
        kind: Kind = "image" if digest == image.digest else "layer"
        cargo.add(kind, digest, file.read_bytes() if kind == "image" else file, digest.removeprefix("sha256:"))
    taken |= lacking


def _said(chunks: Iterator[bytes], image: Carried, cargo: Cargo) -> Iterator[bytes]:
    done = said = 0
    for chunk in chunks:
        yield chunk
        done += len(chunk)
        if done - said > 100 * 1024**2:
            said = done
            cargo.say(f"reading {image}: {done // 1024**2} MB")


def lacking(world: World, bundle: Bundle) -> tuple[tuple[Carried, ...], tuple[str, ...]]:
    """Give the images of a bundle that are not here, and why others are left out."""
    if bundle.images and bundle.realm != world.names.realm:
        return (), (
            f"its images are of the realm {bundle.realm}, and this one is {world.names.realm}: they are left out "
            "(builds are made here instead)",
        )
    notes, found = [], []
    known = {build.digest: build for build in world.builds()}
    versions = {(build.release, build.version): build.digest for build in known.values()}
    for one in bundle.images:
        there = world.engine.image(one.digest) is not None
        if one.role == "build" and (status := known[one.digest].status if one.digest in known else None):
            if status not in _USABLE:
                notes.append(f"{one} is {status} here: it is left out")
                continue
        elif one.role == "build" and versions.get((one.name, one.version), one.digest) != one.digest:
            notes.append(f"{one} is another build here: it is left out")
            continue
        if not there or (one.role == "build" and one.digest not in known):
            found.append(one)
    return tuple(found), tuple(notes)


def bring(world: World, file: BundleFile, image: Carried, say: Callable[[str], None]) -> str:
    """Load an image, and remember a build as a candidate: whether it works here is for the checks to say.

    Its labels say what it is: Refused where that is not what the list says, and for the ingredients of a quarantined
    build. What is inside is read before anybody could start it; Failed where that cannot be, and it is gone again.
    """
    made = image.made
    inputs, claimed = _pairs(made.get("inputs", ())), str(made.get("spec_hash", ""))
    _check(world, file, image, spec_hash(inputs))
    if image.role == "build":
        refuse_quarantined(image.name, claimed, world.builds(image.name))
    fresh = world.engine.image(image.digest) is None
    if fresh:
        _load(world, file, image, say)
    if image.role == "base" or any(one.digest == image.digest for one in world.store.builds(image.name)):
        return image.digest
    build = Build(
        release=image.name,
        version=image.version,
        digest=image.digest,
        spec_hash=claimed,
        inputs=inputs,
        status=BuildStatus.CANDIDATE,
        created=datetime.fromisoformat(made["created"]),
        size=int(made["size"]),
        layers=_pairs(made["layers"]),
    )
    say(f"reading what is inside {image}")
    try:
        found = contents.asked(world, image.digest)
    except ManagerError:
        if fresh:
            with suppress(ManagerError):
                world.engine.remove_image(image.digest)
        raise
    world.store.add_build(build)
    world.store.keep_components(image.digest, found)
    return image.digest


def _check(world: World, file: BundleFile, image: Carried, hashed: str) -> None:
    """Raise Refused for an image whose own labels do not say what the list says of it."""
    try:
        labels = dict(json.loads(file.whole(image.digest.removeprefix("sha256:")))["config"].get("Labels") or {})
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise Failed(f"the configuration of {image} cannot be read", why=str(error)[:120]) from None
    wanted = {"realm": world.names.realm}
    if image.role == "base":
        wanted |= {"kind": "base", "base-key": image.key}
    else:
        wanted |= {"kind": "image", "release": image.name, "version": image.version}
        wanted |= {"spec-hash": str(image.made["spec_hash"])}
    other = [key for key, value in wanted.items() if labels.get(LABEL + key) != value]
    if image.role == "build" and hashed != image.made["spec_hash"]:
        other.append("ingredients")
    if other:
        raise Refused(
            f"{image} is not what the bundle says of it: nothing was kept of it",
            why=f"other than its list says: {', '.join(other)}",
            hint="carry packages alone:  solvent bundle create --no-images",
        )


def _load(world: World, file: BundleFile, image: Carried, say: Callable[[str], None]) -> None:
    family, _, line = image.name.partition(":")
    names = world.names
    reference = names.base(image.name, image.key) if image.role == "base" else names.image(family, line, image.version)
    with tempfile.TemporaryDirectory(dir=_scratch(world), prefix=".unfinished-") as name:
        archives: dict[str, Path] = {}
        for layer in dict.fromkeys(image.layers):
            say(f"unpacking {image}: layer {len(archives) + 1} of {len(set(image.layers))}")
            archives[layer] = Path(name, layer.removeprefix("sha256:"))
            file.copy(layer.removeprefix("sha256:"), archives[layer])
        configuration = file.whole(image.digest.removeprefix("sha256:")).decode()
        found = world.engine.load(configuration, archives, reference, say)
    if found.digest != image.digest:
        with suppress(ManagerError):
            world.engine.remove_image(found.digest)
        raise Failed(f"{image} did not arrive as it was", why=f"it is {found.digest}, and was {image.digest}")


def _scratch(world: World) -> Path:
    world.settings.cache_dir.mkdir(parents=True, exist_ok=True)
    return world.settings.cache_dir


def _pairs(found: Any) -> tuple[tuple[str, str], ...]:
    return tuple((str(name), str(value)) for name, value in found)
