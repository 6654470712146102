"""Growing a tree: what is copied and what is made anew give, byte for byte, the tree made from nothing."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import manager.probes
from manager.core.locks import Pin, parse, render
from manager.world.resolver import install
from manager.world.trees.form import normalise
from manager.world.trees.growing import Spoilt, Unfit
from manager.world.trees.store import Origin, Tree, Trees
from tests.fakes.wheels import Shelf

PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
PREFIX = "/opt/solvent/kernel"
SITE = f"lib/python{PYTHON}/site-packages"
BYTECODE = Path(manager.probes.__file__).with_name("bytecode.py")
# Names that a compiler interns: what was compiled before must not change what comes after.
SOURCE = b"import os\nX = {'a': 1, 'long name of a constant': (1, 2.5, 'shared_word')}\nshared_word = X\n"


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    """Give wheels of four distributions in two versions each, with scripts and data; two share an empty file."""
    shelf = Shelf(tmp_path_factory.mktemp("wheels"))
    for name in ("alpha", "beta", "gamma", "delta"):
        for version in ("1.0", "2.0"):
            module = SOURCE + f"def {name}(shared_word):\n    return {version!r}, shared_word\n".encode()
            shelf.add(
                name,
                version,
                scripts=(f"{name}-run",) if version == "1.0" else (f"{name}-run", f"{name}-more"),
                data={f"etc/{name}.conf": version.encode()},
                files={
                    f"{name}/deep/er.py": module,
                    f"{name}/broken.py": b"this is (\n",
                    **({"shared/__init__.py": b""} if name in ("gamma", "delta") else {}),
                },
            )
    return shelf


@pytest.fixture
def index(shelf: Shelf, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Shelf:
    """Let uv see the wheels and nothing else."""
    monkeypatch.setenv("UV_NO_INDEX", "1")
    monkeypatch.setenv("UV_FIND_LINKS", str(shelf.folder))
    monkeypatch.setenv("UV_CACHE_DIR", str(shelf.folder.parent / "uv-cache"))
    return shelf


def pins(shelf: Shelf, versions: dict[str, str]) -> tuple[Pin, ...]:
    """Pin distributions as a lock does."""
    found = []
    for name, version in sorted(versions.items()):
        wheel = (shelf.folder / f"{name}-{version}-py3-none-any.whl").read_bytes()
        found.append(Pin(name, version, "", (f"sha256:{hashlib.sha256(wheel).hexdigest()}",)))
    return tuple(found)


def installed(wanted: tuple[Pin, ...], folder: Path) -> None:
    """Install and bring into form, without bytecode."""
    if wanted:
        install(render(wanted), PYTHON, folder)
    normalise(folder, PYTHON, PREFIX)


def compiled(folder: Path) -> None:
    """Compile what has no bytecode, in a place of the same name each time: bytecode holds the path of its source."""
    place = folder / "lib"
    relative = subprocess.run(
        [sys.executable, str(BYTECODE), "lib"], cwd=place.parent, check=True, capture_output=True,
        env={"PYTHONHASHSEED": "0"},
    )  # fmt: skip
    assert b"broken.py" in relative.stdout or not list(folder.rglob("broken.py"))


def made(trees: Trees, wanted: tuple[Pin, ...]) -> Tree:
    """Make a tree from nothing."""
    with trees.staging() as folder:
        installed(wanted, folder)
        compiled(folder)
        return trees.seal(folder, Origin("aa", "bb", render(wanted)))


def grown(trees: Trees, tree: Tree, lock: str, wanted: tuple[Pin, ...]) -> Tree:
    """Make a tree from another one."""
    same = set(wanted) & set(parse(lock))
    with trees.staging() as folder:
        installed(tuple(pin for pin in wanted if pin not in same), folder)
        known = trees.adopt(tree, {pin.name for pin in same}, folder, PYTHON)
        compiled(folder)
        return trees.seal(folder, Origin("cc", "bb", render(wanted)), known)


versions = st.dictionaries(st.sampled_from(["alpha", "beta", "gamma", "delta"]), st.sampled_from(["1.0", "2.0"]))


@given(before=versions.filter(bool), after=versions.filter(bool))
@settings(
    max_examples=8,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    database=None,
)
def test_a_grown_tree_is_the_tree_made_from_nothing(
    index: Shelf, tmp_path_factory: pytest.TempPathFactory, before: dict[str, str], after: dict[str, str]
) -> None:
    """Whatever moved, came or went: the same digest, unless the tree says that it cannot be grown from."""
    old, new = pins(index, before), pins(index, after)
    trees = Trees(tmp_path_factory.mktemp("grown"))
    made(trees, old)
    ((tree, lock),) = trees.relatives("bb")

    try:
        one = grown(trees, tree, lock, new)
    except Unfit as reason:
        # A file that several bring is in the way of one that moved.
        assert "shared/__init__" in str(reason)  # noqa: PT017 - only some examples end here
        assert before.keys() | after.keys() >= {"gamma", "delta"}
        return

    assert one.digest == made(Trees(tmp_path_factory.mktemp("nothing")), new).digest


def test_a_sealed_tree_is_copied_never_linked(index: Shelf, tmp_path: Path) -> None:
    """The tree that another one grew from stays as it was, and shares no file with it."""
    trees = Trees(tmp_path)
    old = pins(index, {"alpha": "1.0", "beta": "1.0"})
    first = made(trees, old)

    second = grown(trees, first, render(old), pins(index, {"beta": "1.0"}))

    assert second.path != first.path
    files = [path for path in first.path.rglob("*") if path.is_file() and not path.is_symlink()]
    assert {path.stat().st_nlink for path in files} == {1}
    assert trees.pack(first, PREFIX, trees.manifest(first), tmp_path / "whole.tar")


def test_bytecode_depends_on_its_distribution_alone(index: Shelf, tmp_path: Path) -> None:
    """Compiled in company or alone, a distribution gives the same bytes; another source gives others."""

    def bytecode(folder: Path, versions: dict[str, str]) -> dict[str, bytes]:
        folder.mkdir()
        installed(pins(index, versions), folder)
        compiled(folder)
        return {path.name: path.read_bytes() for path in (folder / SITE / "beta").rglob("*.pyc")}

    alone = bytecode(tmp_path / "alone", {"beta": "1.0"})

    assert len(alone) == 2
    assert bytecode(tmp_path / "company", {"alpha": "2.0", "beta": "1.0", "gamma": "1.0"}) == alone
    assert bytecode(tmp_path / "other", {"beta": "2.0"}) != alone


def test_bytecode_that_cannot_be_written_is_no_success(tmp_path: Path) -> None:
    """A full disk, or a process that was killed, is not taken for a file of another Python."""
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib/a.py").write_text("x = 1\n")
    (tmp_path / "lib/__pycache__").write_text("in the way")

    done = subprocess.run([sys.executable, str(BYTECODE), "lib"], cwd=tmp_path, capture_output=True, check=False)

    assert done.returncode == 2


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda tree: (tree / SITE / "alpha/__init__.py").write_bytes(b"evil"), "changed"),
        (lambda tree: (tree / "etc/alpha.conf").unlink(), "No such file"),
        (lambda tree: (tree.parent / "manifest").write_bytes(b""), "manifest"),
    ],
)
def test_nothing_is_grown_from_a_tree_that_was_changed(
    index: Shelf, tmp_path: Path, spoil: object, reason: str
) -> None:
    """What was changed on disk does not get into a new tree; the old one is thrown away."""
    trees = Trees(tmp_path)
    old = pins(index, {"alpha": "1.0"})
    tree = made(trees, old)
    spoil(tree.path)  # type: ignore[operator]

    with pytest.raises(Spoilt, match=reason):
        grown(trees, tree, render(old), old)

    assert trees.relatives("bb") == ()
    assert trees.find("cc") is None


def test_a_file_of_nobody_is_no_ground_to_grow_on(index: Shelf, tmp_path: Path) -> None:
    """What no RECORD lists might belong to what moved."""
    trees = Trees(tmp_path)
    old = pins(index, {"alpha": "1.0"})
    with trees.staging() as folder:
        installed(old, folder)
        (folder / "etc/stray").write_text("x")
        tree = trees.seal(folder, Origin("aa", "bb", render(old)))

    with pytest.raises(Unfit, match="etc/stray belongs to no distribution"):
        grown(trees, tree, render(old), old)

    assert trees.find("aa") == tree
