"""Sends builds to a registry and brings their bytes back, each known by its digest."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from manager.app import registries
from manager.core.builds import layer_groups, refuse_quarantined
from manager.core.containers import LABEL
from manager.core.copies import GOOD
from manager.core.ingredients import ingredients, spec_hash
from manager.core.observed import Build, BuildStatus, Copy
from manager.errors import Failed, Refused

if TYPE_CHECKING:
    from manager.app.apply import Progress
    from manager.app.world import World
    from manager.core.build_actions import AdoptBuild, PullBuild, PushBuild, TrustRegistry


def trust(action: TrustRegistry, progress: Progress) -> None:
    """Have the engine trust the bundle's authorities for one registry."""
    from manager.world import authorities, trusted

    place = trusted.trust(action.host, authorities.bundle(action.bundle))
    progress.say(f"the engine trusts {action.bundle} for {action.host}: {place}")


def push(world: World, action: PushBuild, progress: Progress) -> Copy:
    """Send a build and remember where it is; layers that the registry has are not sent again.

    Raises Refused for a build that was quarantined meanwhile.
    """
    status = next((one.status for one in world.builds(action.release) if one.digest == action.digest), None)
    if status not in GOOD:
        raise Refused(f"build {action.version} of {action.release} is {status or 'not known'}: it is not pushed")
    engine = world.engine
    engine.tag(action.digest, action.reference)
    try:
        manifest = engine.push(action.reference, progress.say, registries.login(world, action.reference))
        image = engine.image(action.digest)
    finally:
        _untag(world, action.digest, action.reference)
    base = image.labels.get(LABEL + "base-key", "") if image else ""
    copy = Copy(action.digest, action.reference, manifest, base)
    world.store.keep_copy(copy)
    return copy


def pull(world: World, action: PullBuild, progress: Progress) -> str:
    """Bring a build's bytes by its manifest's digest; gives the build's digest.

    Raises Failed where the manifest turns out to be of another image, or of one of another realm: that is removed.
    """
    engine, exact = world.engine, action.copy.exact
    found = engine.pull(exact, progress.say, registries.login(world, exact))
    image = engine.image(found)
    realm = image.labels.get(LABEL + "realm", "") if image else ""
    if found != action.digest or realm != world.names.realm:
        engine.remove_image(exact)
        if found != action.digest:
            raise Failed(
                f"{exact} is not build {action.version} of {action.release}: nothing was kept of it",
                why=f"its digest is {found}, and what passed every check was {action.digest}",
                hint="push it again from the machine that has it:  solvent image push " + action.release,
            )
        raise Failed(
            f"{exact} was built in the realm {realm or 'of nobody'}, and this one is {world.names.realm}",
            hint="machines that share builds have the same setting  realm  (solvent config show)",
        )
    family, _, line = action.release.partition(":")
    engine.tag(found, world.names.image(family, line, action.version))
    if world.store.channels().get((action.release, "stable")) == found:
        engine.tag(found, world.names.image(family, line))
    _untag(world, found, exact)
    return found


def adopt(world: World, action: AdoptBuild, progress: Progress) -> Build:
    """Bring an image and remember it as a candidate; gives the build.

    Its labels say what it was made from: Refused unless that is what this catalog says, and nothing is kept of it.
    Whether it works is for the checks to say.
    """
    catalog, engine, exact = world.catalog, world.engine, action.copy.exact
    release = catalog.release(action.release, world.today)
    digest = engine.pull(exact, progress.say, registries.login(world, exact))
    image = engine.image(digest)
    if image is None:
        raise Failed(f"{exact} is gone again", hint="run the command again")
    base = image.labels.get("org.opencontainers.image.base.digest", "")
    parts = ingredients(catalog.family(release.family), release, layer_groups(catalog, release), base)
    wanted = {"realm": world.names.realm, "kind": "image", "release": release.name, "version": action.version}
    wanted |= {"base-key": action.copy.base, "spec-hash": spec_hash(parts)}
    other = [key for key, value in wanted.items() if image.labels.get(LABEL + key) != value]
    if other or not digest.removeprefix("sha256:").startswith(action.copy.digest):
        engine.remove_image(exact)
        raise Refused(
            f"{exact} is not what this catalog says of {release.name}: nothing was kept of it",
            why=f"other than here: {', '.join(other) or 'digest'}",
            hint="use the catalog and the realm that it was built with, or build it here:\n"
            f"solvent image build {release.name}",
        )
    refuse_quarantined(release.name, spec_hash(parts), world.builds(release.name))
    now = world.clock.now()
    build = Build(release.name, action.version, digest, spec_hash(parts), parts, BuildStatus.CANDIDATE, now, image.size)
    world.store.add_build(build)
    world.store.keep_copy(replace(action.copy, digest=digest))
    engine.tag(digest, world.names.image(release.family, release.line, action.version))
    _untag(world, digest, exact)
    return build


def _untag(world: World, digest: str, reference: str) -> None:
    """Take a registry's name off an image that has another one: it is known here by the names of the realm."""
    image = world.engine.image(digest)
    if image is not None and set(image.references) - {reference}:
        world.engine.remove_image(reference)
