"""The archive while builds are made: it has what a tree was made from, and gives the same tree again."""

from __future__ import annotations

import hashlib
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from manager.app import archiving
from manager.core.locks import Pin, parse, render
from manager.world.archive import Packed
from manager.world.bases import Base, DebPackage
from manager.world.resolver import install, put
from manager.world.trees.form import normalise
from manager.world.trees.store import Origin, Trees
from tests.app.conftest import RELEASE
from tests.fakes.wheels import Shelf

if TYPE_CHECKING:
    from pathlib import Path

    from manager.core.catalog import Release
    from tests.app.conftest import World

PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
SPECIFIC = f"cp{sys.version_info.major}{sys.version_info.minor}"


class Listening:
    """Progress whose lines a test reads."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def say(self, line: str) -> None:
        """Keep a line."""
        self.lines.append(line)


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shelf:
    """Give an index of two distributions; one has a wheel for this Python and one for all."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    monkeypatch.setenv("UV_NO_INDEX", "1")
    monkeypatch.setenv("UV_FIND_LINKS", str(folder))
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "cache"))
    shelf = Shelf(folder)
    shelf.add("alpha", "1.0", scripts=("alpha-run",))
    shelf.add("beta", "2.0", files={"beta/which.py": b"pure\n"})
    shelf.add("beta", "2.0", files={"beta/which.py": b"native\n"}, tag=f"{SPECIFIC}-{SPECIFIC}-manylinux_2_17_x86_64")
    return shelf


def locked(shelf: Shelf) -> str:
    """Pin everything on the shelf, with the hashes of all its files."""
    hashes: dict[tuple[str, str], list[str]] = {}
    for wheel in shelf.folder.glob("*.whl"):
        name, version = wheel.name.split("-")[:2]
        hashes.setdefault((name, version), []).append(f"sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}")
    return render(Pin(*key, "", tuple(sorted(values))) for key, values in hashes.items())


def release(world: World) -> Release:
    """Give a release that runs on this Python."""
    manager = world.manager()
    return replace(manager.catalog.release(RELEASE, manager.today), python=PYTHON, sets=())


def kept(world: World, text: str, tree: str = "00") -> Listening:
    """Archive a lock while a tree is made."""
    said = Listening()
    with archiving.wheels(world.manager(), release(world), text, said) as made:  # type: ignore[arg-type]
        made(tree)
    return said


def sealed(folder: Path, how: str, world: World, text: str) -> str:
    """Make a tree of a lock from the index or from the archive; give its digest."""
    trees = Trees(folder)
    with trees.staging() as staged:
        if how == "index":
            install(text, PYTHON, staged)
        else:
            store = archiving.archive(world.manager())
            listed = store.listed("tree-00") or ()
            by_hash = {f"sha256:{one.sha256}": store.path(one) for one in listed}
            files = {
                replace(pin, hashes=(value,)): path
                for pin in parse(text)
                for value, path in by_hash.items()
                if value in pin.hashes
            }
            put(files, PYTHON, staged)
        normalise(staged, PYTHON, "/opt/solvent/kernel")
        return trees.seal(staged, Origin("key")).digest


def test_a_tree_from_the_archive_has_the_bytes_of_the_one_from_the_index(
    world: World, shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the wheels that an installation takes, and when the index is gone."""
    text = locked(shelf)
    from_index = sealed(tmp_path / "one", "index", world, text)

    assert not [line for line in kept(world, text).lines if "not archived" in line]
    for wheel in shelf.folder.iterdir():
        wheel.unlink()
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "fresh"))

    assert sealed(tmp_path / "two", "archive", world, text) == from_index
    names = [one.name for one in archiving.archive(world.manager()).listed("tree-00") or ()]
    assert names == ["alpha-1.0-py3-none-any.whl", f"beta-2.0-{SPECIFIC}-{SPECIFIC}-manylinux_2_17_x86_64.whl"]


def test_what_is_archived_is_not_asked_for_again(world: World, shelf: Shelf) -> None:
    """A lock of the same pins needs no index, whatever tree it belongs to."""
    text = locked(shelf)
    kept(world, text)
    for wheel in shelf.folder.iterdir():
        wheel.unlink()

    said = kept(world, text, "01")

    assert said.lines == []
    assert archiving.has(world.manager(), "01")


def test_an_index_that_lost_a_wheel_is_said_and_stops_nothing(world: World, shelf: Shelf) -> None:
    """The tree is made all the same; nothing claims that it can be made again."""
    text = locked(shelf)
    for wheel in shelf.folder.glob("alpha*"):
        wheel.unlink()

    said = kept(world, text)

    assert [line for line in said.lines if line.startswith("not archived: ")]
    assert not archiving.has(world.manager(), "00")


def test_a_package_that_goes_missing_is_seen(world: World, shelf: Shelf) -> None:
    """The next build keeps it again."""
    text = locked(shelf)
    kept(world, text)
    store = archiving.archive(world.manager())
    store.path((store.listed("tree-00") or ())[0]).unlink()

    assert not archiving.has(world.manager(), "00")
    kept(world, text)
    assert archiving.has(world.manager(), "00")


def test_the_packages_of_a_base_are_linked(world: World, tmp_path: Path) -> None:
    """They lie in the archive under their hash and beside the base as before."""
    debs = tmp_path / "base" / "debs"
    debs.mkdir(parents=True)
    (debs / "vim_2%3a9.1-1_amd64.deb").write_bytes(b"vim")
    digest = hashlib.sha256(b"vim").hexdigest()
    base = Base(tmp_path / "base" / "base.tar", (DebPackage("vim", "2:9.1-1", "amd64", digest),), "ab" * 32, "")

    archiving.keep_base(world.manager(), base, Listening())  # type: ignore[arg-type]

    store = archiving.archive(world.manager())
    one = Packed("vim_2%3a9.1-1_amd64.deb", digest)
    assert store.listed("base-" + "ab" * 32) == (one,)
    assert store.path(one).samefile(debs / one.name)
