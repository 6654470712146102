"""Brings operating-system bases into the engine: pulled, bootstrapped, or made on an image of one's own."""

from __future__ import annotations

import base64
import shutil
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from manager.app import archiving
from manager.app.catalogs import ARTIFACTS
from manager.app.mirrors import needs_login, reach
from manager.app.steps.trees import BASE_PYTHON, trees
from manager.core import stages
from manager.core.apt import Mirror, keyring_name
from manager.core.containers import LABEL
from manager.core.ingredients import base_key
from manager.core.plan import digest_of
from manager.errors import Failed, Refused, Unreachable, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from manager.app.apply import Progress
    from manager.app.world import World
    from manager.core.build_actions import MakeBase
    from manager.core.reach import Reach
    from manager.core.systems import System
    from manager.world.bases import Base, Vendored

Labels = dict[str, str]


def make_base(world: World, action: MakeBase, progress: Progress) -> str:
    """Bring a base into the engine; gives its digest.

    A system with a ``base`` is made on that. Otherwise ``[base] origin`` in the catalog decides between bootstrap and
    registry: ``auto`` takes the registry's only when the system names an image. Raises Refused where only a registry
    may give it and none is named, Unreachable where that does not answer, Failed when it has no such image.
    """
    system = world.catalog.system(action.system)
    reference = world.names.base(system.id, action.key)
    labels = dict(world.names.labels("base", system=system.id, base_key=action.key))
    if system.base:
        return _staged(world, system, reference, labels, progress)
    origin = world.catalog.base_origin
    if system.image and origin != "bootstrap":
        try:
            return _taken(world, system, reference, labels, progress)
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
    return _bootstrapped(world, system, reference, labels, progress, anew=action.anew)


def _taken(world: World, system: System, reference: str, labels: Labels, progress: Progress) -> str:
    """Take a base that is complete as it is: the same layers with labels of this realm."""
    source = _pulled(world, system.image, progress)
    named = _own(world, source, system.image) | labels
    return world.engine.build({"Dockerfile": f"FROM {source}\n".encode()}, {}, named, reference, progress.say).digest


def _pulled(world: World, image: str, progress: Progress) -> str:
    """Pull an image by its digest, where the engine has not got it; give the reference that it is known by here."""
    way = reach(world, "registry")
    source = way.mirrors.image(image)
    if world.engine.image(source) is None:
        pulled = world.engine.pull(source, progress.say, way.login("registry"))
        progress.say(f"pulled {pulled.removeprefix('sha256:')[:12]}")
    return source


def _own(world: World, source: str, image: str) -> Labels:
    """Give the labels that make a pulled image ours.

    It may have been made by another Solvent. A label cannot be taken away, but said to be empty.
    """
    found = world.engine.image(source)
    foreign = {name: "" for name in (found.labels if found else {}) if name.startswith(LABEL)}
    return foreign | {LABEL + "base-image": image, "org.opencontainers.image.base.name": image}


def _bootstrapped(
    world: World, system: System, reference: str, labels: Labels, progress: Progress, *, anew: bool
) -> str:
    from manager.world.bases import bootstrap, load

    folder = world.settings.cache_dir / "bases" / base_key(system)[:16]
    folder.mkdir(parents=True, exist_ok=True)
    if anew:
        # What a bundle brought is not gone back to later.
        archiving.archive(world).want_base(base_key(system), "")
    brought = archiving.base_at_hand(world, system)
    with vendored_files(world, system, progress.say) as vendored:
        way = reach(world, "apt")
        digest, debs = brought or ("", ())
        before = load(folder)
        # One of its own that lies there would be taken for it.
        anew = anew or bool(digest and before and before.digest != digest)
        base = bootstrap(
            system.suite, system.packages, folder, progress.say, reach=way, vendored=vendored, archive=debs, anew=anew
        )
    if digest and base.digest != digest:
        raise Failed(
            f"the base {system.id} did not come out as the one that a bundle brought the packages of",
            why=f"it is {base.digest[:12]} and was {digest[:12]}",
            hint="bring the image itself, in a bundle with images; or take another base:  --fresh-base",
        )
    archiving.keep_base(world, base, progress)
    progress.say("importing into the engine")
    own = {LABEL + "base-digest": base.digest, BASE_PYTHON: _python(base, system.python)}
    return world.engine.import_image(base.tarball, reference, labels | own)


def _python(base: Base, line: str) -> str:
    """Digest the packages of a base's Python, interpreter and standard library."""
    names = {f"python{line}", f"python{line}-minimal", f"libpython{line}-minimal", f"libpython{line}-stdlib"}
    found = [(one.name, one.version, one.sha256) for one in base.packages if one.name in names]
    return digest_of(found) if found else ""


def _staged(world: World, system: System, reference: str, labels: Labels, progress: Progress) -> str:
    """Install the system's packages in a stage on the base of one's own; a failure leaves nothing behind."""
    with vendored_files(world, system, progress.say) as vendored:
        way = reach(world, "apt")
        arguments = _arguments(world, system, way) if system.packages or vendored.packages else {}
        try:
            source = _pulled(world, system.base, progress)
        except UsageError as error:
            hint = f"see  base  of the system {system.id} in solvent.toml"
            raise Failed(error.message, why=error.why, hint=hint) from error
        packages, archives = ({one.name: one for one in files} for files in (vendored.packages, vendored.archives))
        text = stages.stage(system, source, tuple(packages), tuple(archives), keyring_name(way.keyring))
        context: dict[str, Path | bytes] = {"Dockerfile": text.encode(), **packages, **archives}
        named = _own(world, source, system.base) | labels
        try:
            return world.engine.build(context, arguments, named, reference, progress.say).digest
        except Failed as error:
            raise _translated(system, error, way) from error


def _arguments(world: World, system: System, way: Reach) -> dict[str, str]:
    """Give the arguments of a stage that installs something.

    Raises Refused where packages' mirror or proxy want a login, which would stay in the history.
    """
    from manager.world.bases import host_mirror

    if needs_login(world):
        raise Refused(
            f"packages cannot be added to the base of system {system.id}: the mirror or the proxy wants a login",
            why="the base's own installer asks for them, and the login would stay in the image's history",
            hint="name a mirror without a login in your own [mirror], or a base that has the packages (packages = [])",
        )
    found = dict(way.proxy()) | {stages.AUTHORITIES: way.authorities}
    if system.installer == "apt" and system.suite:
        named, host = way.mirrors, host_mirror()
        if named.apt:
            key = f"{stages.HAND}/{keyring_name(way.keyring)}" if way.keyring else ""
            mirror = Mirror(named.apt, named.apt_security, key, named.frozen)
            found[stages.SOURCES] = "\n".join(mirror.lines(system.suite))
            found[stages.KEY] = base64.b64encode(way.keyring).decode()
        elif host is not None:
            found[stages.FALLBACK] = "\n".join(replace(host, frozen=named.frozen).lines(system.suite))
    return {name: value for name, value in found.items() if value}


def _translated(system: System, error: Failed, way: Reach) -> Failed:
    why = way.masked(error.why)
    # As a line of its own: the command that would say it is in the log as well.
    if stages.NO_PYTHON in why.splitlines():
        return Failed(
            f"the base of system {system.id} has no /usr/bin/python{system.python} that runs",
            why=f"it is {system.base} with {', '.join(system.packages) or 'no packages'}",
            hint="add the package that brings it, or take a base that has it",
        )
    hint = f"{system.installer} says why; see  packages  and  base  of the system in solvent.toml"
    return Failed(f"the base of system {system.id} could not be made on {system.base}", why=why, hint=hint)


@contextmanager
def vendored_files(world: World, system: System, say: Callable[[str], None]) -> Iterator[Vendored]:
    """Give a system's artifacts as files to bring in, for as long as they are used.

    All of them are had and held against their hashes before anything is made. Raises as :func:`obtained` does.
    """
    from manager.world.bases import Vendored

    if not system.artifacts:
        yield Vendored()
        return
    from manager.world.artifacts import obtained
    from manager.world.vendored import repack

    way = reach(world)
    cache = world.settings.cache_dir / ARTIFACTS
    files = {one: obtained(one, cache, say, way) for one in system.artifacts}
    with trees(world).staging() as folder:
        packages, archives = [], []
        for artifact, file in files.items():
            if artifact.kind in ("deb", "rpm"):
                packages.append(Path(shutil.copyfile(file, folder / f"{artifact.name}.{artifact.kind}")))
            else:
                archives.append(folder / f"{artifact.name}.tar")
                say(f"unpacking {artifact.name}")
                repack(artifact, file, archives[-1])
        key = digest_of([(one.name, one.sha256, one.target) for one in system.artifacts])
        yield Vendored(tuple(packages), tuple(archives), key)
