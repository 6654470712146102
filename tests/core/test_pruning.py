"""What a prune takes away with a build is taken away after it, and not where the build stays after all."""

from __future__ import annotations

from dataclasses import replace

from manager.core.containers import LABEL
from manager.core.observed import BuildStatus
from manager.core.parts import parted
from manager.core.pruning import FOLDER_KEY, Cached
from tests.fakes.world import World

TREE, KEY = "7" * 64, "b" * 64


def _world() -> tuple[World, list[str]]:
    """Give two failed builds that share a tree and a base that no system is made like, and the ids of their steps."""
    world = World()
    base = world.engine.add_image("solvent/base:old", {**dict(world.names.labels("base")), LABEL + "base-key": KEY})
    digests = []
    for version in ("20261101.1", "20261101.2"):
        build = world.build("lab:4", version, BuildStatus.FAILED)
        inputs = tuple({**dict(build.inputs), "base": base}.items())
        world.store.kept[-1] = replace(build, inputs=inputs)
        labels = {"tree-kernel": TREE, "base-key": KEY, "base-digest": "d" * 64}
        image = world.engine.image(build.digest)
        assert image is not None
        world.engine.have(build.digest, {**image.labels, **{LABEL + key: one for key, one in labels.items()}}, ())
        digests.append(build.digest)
    world.cached = (Cached("tree", TREE, 10), Cached("base", KEY[:FOLDER_KEY], 10))
    return world, [f"prune:{one}" for one in digests]


def test_what_several_builds_share_goes_after_all_of_them() -> None:
    """Their base, what the cache has of both, and the packages that only they were made from."""
    world, prunes = _world()

    needs = {step.kind: set(step.needs) for step in world.prune().steps if step.kind != "prune build"}

    assert needs.pop("remove cached base") > set(prunes)
    assert needs == {kind: set(prunes) for kind in ("remove base", "remove cached tree", "forget packages")}


def test_a_build_that_is_left_out_keeps_what_it_stands_on() -> None:
    """It needs all of it to be made again, and its packages to be judged."""
    world, prunes = _world()

    part = parted(world.prune(), prunes[:1])

    assert [step.id for step in part.steps] == prunes[1:]
