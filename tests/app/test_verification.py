"""Verifying a build: everything that can be wrong with one is seen, and what cannot be told is no pass."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from manager.app import archiving, rebuilding
from manager.app.content_views import VerifyView
from manager.app.rebuilding import Again, judged
from manager.core.builds import layer_groups
from manager.core.evidence import Result
from manager.core.ingredients import ingredients
from manager.errors import Refused
from manager.world.archive import Packed
from manager.world.trees.store import Origin, Trees
from tests.app.conftest import RELEASE
from tests.fakes.engine import packed

if TYPE_CHECKING:
    from pathlib import Path

    from manager.core.observed import Build, Image
    from tests.app.conftest import World

FILES = {"etc/a": b"1", "etc/b": b"1"}


def sealed(world: World, kind: str) -> str:
    """Put a tree into the cache; give its digest."""
    trees = Trees(world.home / "cache" / "trees")
    with trees.staging() as staged:
        (staged / "lib").mkdir()
        (staged / "lib" / kind).write_text(kind)
        return trees.seal(staged, Origin(kind)).digest


def archived(world: World, what: str, name: str, content: bytes) -> Path:
    """Put a package into the archive, and a list that names it; give where it lies."""
    store = archiving.archive(world.manager())
    one = Packed(name, hashlib.sha256(content).hexdigest())
    world.home.mkdir(exist_ok=True)
    (world.home / name).write_bytes(content)
    store.take(world.home / name, one)
    store.record(what, [one])
    return store.path(one)


@pytest.fixture
def whole(world: World) -> Build:
    """Give a build of one layer with everything that it needs to pass: labels, trees, archive."""
    layer = f"sha256:{hashlib.sha256(packed(FILES)).hexdigest()}"
    build = world.build()
    manager = world.manager()
    release = manager.catalog.release(RELEASE, manager.today)
    parts = ingredients(manager.catalog.family(release.family), release, layer_groups(manager.catalog, release), "base")
    labels = {
        "io.solvent.realm": "solvent",
        "io.solvent.kind": "image",
        "io.solvent.release": RELEASE,
        "io.solvent.version": build.version,
        "io.solvent.spec-hash": build.spec_hash,
        "org.opencontainers.image.base.digest": "base",
    }
    labels |= {f"io.solvent.tree-{kind}": sealed(world, kind) for kind in ("ide", "kernel")}
    world.engine.have(build.digest, labels, (layer,))
    world.engine.trees[build.digest] = FILES
    archived(world, f"base-{layer.removeprefix('sha256:')}", "vim_1_amd64.deb", b"vim")
    for kind in ("ide", "kernel"):
        archived(world, f"tree-{labels[f'io.solvent.tree-{kind}']}", f"{kind}-1-py3-none-any.whl", kind.encode())
    found = replace(build, inputs=parts, layers=((layer, "ide"),))
    world.store.kept = [found]
    return found


def verified(world: World) -> dict[str, Result]:
    """Verify the release's build; give the results by check."""
    *_, last = world.manager().verify(RELEASE)
    assert isinstance(last, VerifyView)
    return {one.probe.removeprefix("verify."): one for one in last.results}


def test_a_build_that_is_as_it_was_passes_everything(world: World, whole: Build) -> None:
    """Each part is looked at, and each passes."""
    found = verified(world)

    assert {name: one.reason for name, one in found.items() if one.outcome != "pass"} == {}
    assert found.keys() == {
        "labels", "layers", "tree-ide", "tree-kernel", "archive-base", "archive-ide", "archive-kernel",
    }  # fmt: skip


def test_an_ide_of_a_vendor_has_one_tree(world: World, whole: Build) -> None:
    """Its package brings the IDE, so there is no tree of it to look at, and none to make again."""
    manager = world.manager()
    families = tuple(
        replace(one, releases=tuple(replace(each, ide_from="vendor") for each in one.releases))
        for one in manager.declared.families
    )
    manager.__dict__["declared"] = replace(manager.declared, families=families)
    *_, last = manager.verify(RELEASE)
    assert isinstance(last, VerifyView)
    checks = {one.probe for one in last.results}

    assert {"verify.tree-kernel", "verify.archive-kernel"} <= checks
    assert not {"verify.tree-ide", "verify.archive-ide"} & checks


def test_a_build_whose_bytes_are_gone_says_how_to_bring_them_back(world: World, whole: Build) -> None:
    """Nothing else can be told of it."""
    world.engine.remove_image(whole.digest)

    found = verified(world)

    assert list(found) == ["bytes"]
    assert (found["bytes"].outcome, f"solvent image build {RELEASE}" in found["bytes"].reason) == ("fail", True)


def test_another_byte_in_the_engine_is_seen(world: World, whole: Build) -> None:
    """The layer whose bytes changed is named; a file of an engine that counts layers otherwise is no failure."""
    ide = whole.layers[0][0]
    world.engine.have(whole.digest, dict(world.engine.image(whole.digest).labels), ("sha256:other", ide))  # type: ignore[union-attr]

    assert verified(world)["layers"].reason == "the bytes are not those of the digest: base (sha256:other)"

    world.engine.trees[whole.digest] = {"etc/a": b"2"}
    assert verified(world)["layers"].outcome == "skip"


def test_a_label_that_drifted_is_named(world: World, whole: Build) -> None:
    """With what it should say."""
    there = world.engine.image(whole.digest)
    assert there
    world.engine.have(whole.digest, {**there.labels, "io.solvent.version": "1"}, there.layers)

    found = verified(world)["labels"]

    assert found == Result("verify.labels", "fail", f"the label io.solvent.version is 1, not {whole.version}")


def test_a_tree_that_was_written_to_is_seen(world: World, whole: Build) -> None:
    """One that is no longer in the cache is no failure: it can be made again."""
    labels = world.engine.image(whole.digest).labels  # type: ignore[union-attr]
    trees = world.home / "cache" / "trees"
    (trees / labels["io.solvent.tree-ide"] / "tree" / "lib" / "ide").write_text("other")
    tree = Trees(trees).get(labels["io.solvent.tree-kernel"])
    assert tree
    Trees(trees).discard(tree)

    found = verified(world)

    assert (found["tree-ide"].outcome, found["tree-kernel"].outcome) == ("fail", "skip")


def test_a_changed_and_a_missing_package_of_the_archive_are_named(world: World, whole: Build) -> None:
    """By the name of the file."""
    store = archiving.archive(world.manager())
    changed, missing = (
        store.path(one)
        for name in ("vim_1_amd64.deb", "ide-1-py3-none-any.whl")
        for what in store.lists()
        for one in store.listed(what) or ()
        if one.name == name
    )
    changed.write_bytes(b"other")
    missing.unlink()

    found = verified(world)

    assert found["archive-base"].reason == "vim_1_amd64.deb is changed"
    assert found["archive-ide"].reason == "ide-1-py3-none-any.whl is missing"
    assert found["archive-kernel"].outcome == "pass"


def again(world: World, build: Build, folder: Path, *moved: str) -> Again:
    """Give a rebuild of a build that is under way."""
    manager = world.manager()
    release = manager.catalog.release(RELEASE, manager.today)
    image = world.engine.image(build.digest)
    assert image
    return Again(manager, release, build, image, folder, lambda _: None, moved)


def test_a_layer_that_comes_out_otherwise_names_the_first_file(world: World, whole: Build, tmp_path: Path) -> None:
    """The one in the engine is read for it; one that comes out the same is a pass."""
    layer = whole.layers[0][0]
    (tmp_path / "ide.tar").write_bytes(packed({**FILES, "etc/b": b"2"}))

    same = rebuilding._compared(again(world, whole, tmp_path), "ide", layer, layer, tmp_path / "ide.tar", 0)
    other = rebuilding._compared(again(world, whole, tmp_path), "ide", layer, "sha256:x", tmp_path / "ide.tar", 0)

    assert same.outcome == "pass"
    assert (other.outcome, other.reason) == ("fail", f"{layer} was made as sha256:x; etc/b differs: content")
    assert [one.name for one in tmp_path.glob("*.tar")] == ["ide.tar"]


def test_a_native_module_may_differ_and_hides_no_other_file() -> None:
    """Its compiler writes other bytes; what else is in the layer has no such reason, wherever it stands in it."""
    module = "opt/solvent/ide/lib/node_modules/argon2/build/Release/argon2.node differs: content"
    script = "opt/solvent/ide/lib/node_modules/zlib/index.js differs: size 1 and 2, content"

    assert judged([module], compiled=True)[0] == "known"
    assert judged([module, script], compiled=True) == ("fail", script)
    assert judged([module.replace("differs: content", "is only in the build")], compiled=True)[0] == "fail"
    assert judged([module], compiled=False) == ("fail", module)
    assert judged([], compiled=True)[0] == "fail"


def test_what_the_catalog_changed_since_is_not_made_again(world: World, whole: Build, tmp_path: Path) -> None:
    """Only the layers that it shapes: files, or the way in which the kernel is split."""
    files = again(world, whole, tmp_path, "file files/etc/jupyter/x.py", "ide lock")
    split = again(world, whole, tmp_path, "layers", "package sets")

    assert rebuilding._stale(files, "files") == "file files/etc/jupyter/x.py"
    assert rebuilding._stale(files, "ide") == ""
    assert rebuilding._stale(split, "kernel runtime") == "layers, package sets"
    assert rebuilding._stale(split, "files") == ""


def test_an_archive_that_is_not_the_lock_is_told(world: World, whole: Build, tmp_path: Path) -> None:
    """Unless the catalog has another lock since: then the list that was noted is all there is."""
    listed = (Packed("ide-1-py3-none-any.whl", "0" * 64),)

    assert "the archive and the lock differ in " in rebuilding._unlocked(again(world, whole, tmp_path), "ide", listed)
    assert rebuilding._unlocked(again(world, whole, tmp_path, "ide lock"), "ide", listed) == ""


def test_a_build_of_before_there_was_an_archive_is_no_pass(world: World, whole: Build, tmp_path: Path) -> None:
    """It is said which packages are lacking, and what to do."""
    archiving.archive(world.manager()).forget(archiving.archive(world.manager()).lists())
    world.engine.add_image("solvent/base:trixie", {})
    one = again(world, whole, tmp_path)

    results = rebuilding.remade(one.world, one.release, whole, one.image, tmp_path, lambda _: None)

    assert [result.outcome for result in results] == ["error", "error"]
    assert "were not archived" in results[1].reason


def test_a_release_without_a_build_is_refused(world: World) -> None:
    """There is nothing to verify."""
    with pytest.raises(Refused, match="has no build yet"):
        list(world.manager().verify("jupyterlab:4.5-py3.11"))


def test_an_image_is_what_it_stands_on(world: World, whole: Build, tmp_path: Path) -> None:
    """Where no base of these layers is in the engine any more, the build itself has the Python to compile with."""
    found: Image = rebuilding._standing(again(world, whole, tmp_path))

    assert found.digest == whole.digest
