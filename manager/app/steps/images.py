"""Makes builds: the image, and the move of a channel once everything is proven."""

from __future__ import annotations

from typing import TYPE_CHECKING

from manager.app import diffs, layers
from manager.app.steps.assembly import Order, assemble, named
from manager.app.steps.trees import base_of, origin, trees
from manager.core.builds import layer_groups, refuse_quarantined
from manager.core.copies import GOOD
from manager.core.evidence import PASSED, passed
from manager.core.image_labels import BASE_NAME, based, described
from manager.core.ingredients import base_key, ingredients, spec_hash
from manager.core.needs import with_needed
from manager.core.observed import Build, BuildStatus
from manager.errors import Failed, Refused

if TYPE_CHECKING:
    from manager.app.apply import Progress
    from manager.app.world import World
    from manager.core.build_actions import MakeImage, MoveChannel
    from manager.core.catalog import Catalog, Release
    from manager.core.observed import Image
    from manager.world.trees.store import Tree, Trees


def make_image(world: World, action: MakeImage, progress: Progress) -> Build:
    """Put base, trees and files together to a candidate; gives the build, remembered in the database.

    What ships of the trees is held against what was sealed while it is packed; layers that the engine has are
    known by their digests. A failure leaves every earlier build as it was.
    """
    from manager.world.metadata import requirements

    catalog = world.catalog
    release = catalog.release(action.release, world.today)
    family = catalog.family(release.family)
    base = base_of(world, release)
    groups = layer_groups(catalog, release)
    parts = ingredients(family, release, groups, base.digest)
    refuse_quarantined(release.name, spec_hash(parts), world.builds(release.name))
    store = trees(world)
    both: dict[str, Tree] = {kind: _sealed(store, catalog, release, kind, base) for kind in release.trees}
    labels = dict(
        world.names.labels(
            "image",
            family=family.id,
            release=release.name,
            version=action.version,
            spec_hash=spec_hash(parts),
            **{f"tree_{kind}": tree.digest for kind, tree in both.items()},
        )
    )
    ground = world.names.base(release.system, base_key(catalog.system(release.system)))
    labels |= described(family, release, action.version) | based(base.digest, ground, base.labels.get(BASE_NAME, ""))
    spread = with_needed(groups, catalog, release, requirements(both["kernel"].path))
    stacked = layers.parts(family, release, store, both, spread)
    reference = world.names.image(release.family, release.line, action.version)
    order = Order(family, release, base, stacked, labels, reference)
    # Archives of hundreds of megabytes: where this command is killed, the next one sweeps them away.
    with store.staging() as folder:
        image = assemble(world, order, folder, progress)
    build = Build(
        release=release.name,
        version=action.version,
        digest=image.digest,
        spec_hash=spec_hash(parts),
        inputs=parts,
        status=BuildStatus.CANDIDATE,
        created=world.clock.now(),
        size=image.size,
        layers=named(image, order),
    )
    world.store.add_build(build)
    return build


def _sealed(store: Trees, catalog: Catalog, release: Release, kind: str, base: Image) -> Tree:
    tree = store.find(origin(catalog, release, kind, base).key)
    if tree is None:
        raise Failed(f"the {kind} tree of {release.name} is gone", hint="run the command again")
    return tree


def move_channel(world: World, action: MoveChannel, progress: Progress) -> str:
    """Point the channel at the proven build, compare-and-swap; gives the digest.

    Raises Refused for a build that was quarantined meanwhile, and for one that never passed every check: not in
    this plan, and not before. The status changes last: where this is killed before that, the next plan promotes again.
    """
    digest = action.digest
    if not digest:
        build = progress.results.get(f"image:{action.release}")
        if not isinstance(build, Build):
            raise Failed(f"{action.release} has no build to promote")
        digest = build.digest
    status = next((one.status for one in world.builds(action.release) if one.digest == digest), None)
    asked = f"prove:{action.release}" in progress.results or passed(world.store.evidence(digest))
    if status not in GOOD and not (status is BuildStatus.CANDIDATE and asked):
        raise Refused(
            f"build {action.version} of {action.release} is {status or 'not known'} and may not be promoted",
            hint=f"its builds and their evidence:  solvent image show {action.release}",
        )
    # Before anything moves: what they cannot be written for has not happened yet.
    diffs.write_notes(world, action, digest)
    world.store.move_channel(action.release, action.channel, action.expected, digest)
    # All of them: whoever was killed between the move and this line left one behind.
    for one in world.store.builds(action.release):
        if one.status is BuildStatus.PROMOTED and one.digest != digest:
            leaving = action.leaving or f"{action.version} was promoted"
            world.store.set_status(one.digest, BuildStatus.SUPERSEDED, leaving)
    family, _, line = action.release.partition(":")
    world.engine.tag(digest, world.names.image(family, line))
    world.store.set_status(digest, BuildStatus.PROMOTED, PASSED)
    return digest
