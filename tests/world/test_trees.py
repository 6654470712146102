"""Trees: the same lock gives the same bytes anywhere, and a byte that changed is named."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from manager.core.locks import Pin, render
from manager.errors import Failed
from manager.world.resolver import install
from manager.world.trees.content import claims
from manager.world.trees.form import normalise
from manager.world.trees.store import Origin, Tree, Trees
from tests.fakes.wheels import Shelf

PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
PREFIX = "/opt/solvent/kernel"
SITE = f"lib/python{PYTHON}/site-packages"
KERNEL = "share/jupyter/kernels/python3/kernel.json"


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shelf:
    """Give an index with two distributions that have everything a tree has to care for."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    monkeypatch.setenv("UV_NO_INDEX", "1")
    monkeypatch.setenv("UV_FIND_LINKS", str(folder))
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "cache"))
    shelf = Shelf(folder)
    shelf.add(
        "alpha",
        "1.0",
        scripts=("alpha-run",),
        data={KERNEL: json.dumps({"argv": ["python", "-m", "alpha"]}).encode(), "etc/alpha.conf": b"a = 1\n"},
    )
    shelf.add("beta", "2.0", files={"beta/deep/er.py": b"X = 1\n"}, data={"share/beta/größe.txt": b"2\n"})
    return shelf


def lock_text(shelf: Shelf) -> str:
    """Pin everything on the shelf."""
    pins = []
    for wheel in shelf.folder.glob("*.whl"):
        name, version = wheel.name.split("-")[:2]
        pins.append(Pin(name, version, "", (f"sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}",)))
    return render(pins)


def made(shelf: Shelf, store: Path, key: str = "aa") -> tuple[Trees, Tree]:
    """Install, normalise and seal everything on the shelf."""
    trees = Trees(store)
    with trees.staging() as folder:
        install(lock_text(shelf), PYTHON, folder)
        normalise(folder, PYTHON, PREFIX)
        return trees, trees.seal(folder, Origin(key))


def test_folder_umask_time_and_interpreter_leave_no_trace(shelf: Shelf, tmp_path: Path) -> None:
    """Two installations in different places, under other masks and in other processes, give one digest."""
    _, first = made(shelf, tmp_path / "one")
    before = os.umask(0o077)
    try:
        _, second = made(shelf, tmp_path / ("a long way and a space " * 6))
    finally:
        os.umask(before)

    assert second.digest == first.digest
    shelf.add("beta", "2.0", files={"beta/deep/er.py": b"X = 2\n"})
    assert made(shelf, tmp_path / "other bytes")[1].digest != first.digest


def test_scripts_and_kernelspecs_name_the_trees_own_interpreter(shelf: Shelf, tmp_path: Path) -> None:
    """What starts Python starts the prefix's, wherever the tree was installed and by whom."""
    _, tree = made(shelf, tmp_path / "store")

    assert (tree.path / "bin/alpha-run").read_text().startswith(f"#!{PREFIX}/bin/python\n")
    assert json.loads((tree.path / KERNEL).read_text())["argv"] == [f"{PREFIX}/bin/python", "-m", "alpha"]
    assert (tree.path / "bin/python").readlink() == Path(f"/usr/bin/python{PYTHON}")
    assert (tree.path / f"bin/python{PYTHON}").readlink() == Path("python")
    content = b"".join(one.read_bytes() for one in tree.path.rglob("*") if one.is_file() and not one.is_symlink())
    assert b"alpha" in content
    assert str(tmp_path).encode() not in content
    assert str(Path(sys.executable).parent).encode() not in content


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (b"#!/somewhere/bin/python3.9\nx\n", b"#!/opt/solvent/kernel/bin/python\nx\n"),
        (b"#!/usr/bin/env python3\nx\n", b"#!/opt/solvent/kernel/bin/python\nx\n"),
        (
            b"#!/bin/sh\n'''exec' \"/a b/python\" \"$0\" \"$@\"\n' '''\nx\n",
            b"#!/opt/solvent/kernel/bin/python\nx\n",
        ),
        (b"#!/bin/sh\necho python\n", b"#!/bin/sh\necho python\n"),
        (b"#!/usr/bin/env node\nx\n", b"#!/usr/bin/env node\nx\n"),
        (b"\x7fELF python", b"\x7fELF python"),
    ],
)
def test_every_form_of_first_line_is_known(tmp_path: Path, written: bytes, expected: bytes) -> None:
    """Python scripts are pointed to the prefix, in each form that installers write; others stay."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/tool").write_bytes(written)

    normalise(tmp_path, PYTHON, PREFIX)

    assert (tmp_path / "bin/tool").read_bytes() == expected


def test_a_script_named_after_the_installing_python_is_dropped(tmp_path: Path) -> None:
    """The same lock gives the same tree, whichever Python Solvent itself runs on; pip and pip3 stay."""
    (tmp_path / "bin").mkdir()
    for name in ("pip", "pip3", "pip3.11"):
        (tmp_path / "bin" / name).write_bytes(b"#!/usr/bin/python3.11\n")

    normalise(tmp_path, PYTHON, PREFIX)

    assert {path.name for path in (tmp_path / "bin").glob("pip*")} == {"pip", "pip3"}


def test_it_is_a_prefix_that_python_accepts(shelf: Shelf, tmp_path: Path) -> None:
    """An interpreter that is started through the tree finds its packages, and nobody else's."""
    _, tree = made(shelf, tmp_path / "store")
    (tree.path / "bin/python").unlink()
    base = Path(sys.executable).resolve()
    (tree.path / "bin/python").symlink_to(base)
    (tree.path / "pyvenv.cfg").write_text(f"home = {base.parent}\ninclude-system-site-packages = false\n")

    code = "import alpha, sys, importlib.metadata as m; print(sys.prefix, sorted(d.name for d in m.distributions()))"
    found = subprocess.run(
        [tree.path / "bin/python", "-I", "-B", "-c", code], capture_output=True, text=True, check=True
    ).stdout

    assert found == f"{tree.path} ['alpha', 'beta']\n"


def test_records_say_where_the_files_are(shelf: Shelf, tmp_path: Path) -> None:
    """Each line of a RECORD names a file that is there, with its hash and size; what varies is not in it."""
    _, tree = made(shelf, tmp_path / "store")
    site = tree.path / SITE

    with (site / "alpha-1.0.dist-info/RECORD").open() as record:
        rows = {row[0]: row[2] for row in csv.reader(record)}

    assert {"../../../bin/alpha-run", "../../../etc/alpha.conf", f"../../../{KERNEL}"} < rows.keys()
    assert all((site / path).is_file() for path in rows)
    assert all(int(size) == (site / path).stat().st_size for path, size in rows.items() if size)
    assert not [path for path in rows if path.endswith(("REQUESTED", "direct_url.json"))]


def test_every_file_has_an_owner_but_the_links(shelf: Shelf, tmp_path: Path) -> None:
    """Files, wherever they lie, and their bytecode belong to their distribution."""
    trees = Trees(tmp_path / "store")
    with trees.staging() as folder:
        install(lock_text(shelf), PYTHON, folder)
        normalise(folder, PYTHON, PREFIX)
        cache = folder / SITE / "beta/deep/__pycache__"
        cache.mkdir()
        (cache / "er.cpython-311.pyc").touch()
        tree = trees.seal(folder, Origin("aa"))

    found = claims(tree.path, trees.manifest(tree))

    assert found[f"{SITE}/beta/deep/__pycache__/er.cpython-311.pyc"] == ("beta",)
    assert found["share/beta/größe.txt"] == ("beta",)
    assert found["bin/alpha-run"] == found[KERNEL] == ("alpha",)
    everything = {one.relative_to(tree.path).as_posix() for one in tree.path.rglob("*") if not one.is_dir()}
    assert everything - found.keys() == {"pyvenv.cfg", "bin/python", "bin/python3", f"bin/python{PYTHON}"}


def test_two_distributions_must_not_fight_over_a_file(shelf: Shelf, tmp_path: Path) -> None:
    """One name with different bytes is refused, as who wins is chance; equal bytes are fine."""
    shelf.add("gamma", "1.0", files={"tests/__init__.py": b""})
    shelf.add("delta", "1.0", files={"tests/__init__.py": b""})
    assert made(shelf, tmp_path / "equal")
    shelf.add("delta", "1.0", files={"tests/__init__.py": b"other"})

    with pytest.raises(Failed, match=r"delta-1\.0 and gamma-1\.0 both bring tests/__init__\.py"):
        made(shelf, tmp_path / "store")
    assert list((tmp_path / "store/staging").iterdir()) == []


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda tree: (tree / SITE / "alpha/__init__.py").write_bytes(b"evil"), f"changed: {SITE}/alpha/__init__.py"),
        (lambda tree: (tree / "etc/alpha.conf").unlink(), "missing: etc/alpha.conf"),
        (lambda tree: (tree.parent / "manifest").write_bytes(b""), "its manifest was changed"),
        (lambda tree: (tree.parent / "manifest").unlink(), "its manifest was changed"),
        (
            lambda tree: ((tree / "bin/python").unlink(), (tree / "bin/python").symlink_to("/tmp/python")),
            "changed: bin/python",
        ),
    ],
)
def test_what_changed_after_sealing_is_named_and_does_not_ship(
    shelf: Shelf, tmp_path: Path, change: object, reason: str
) -> None:
    """Each file is held against what was sealed while it is packed; a tree that was changed is thrown away."""
    trees, tree = made(shelf, tmp_path / "store")
    change(tree.path)  # type: ignore[operator]

    with pytest.raises(Failed, match="a tree was not what was sealed") as caught:
        trees.pack(tree, PREFIX, trees.manifest(tree), tmp_path / "out.tar")

    assert caught.value.why == reason
    assert trees.find("aa") is None
    assert not (tmp_path / "out.tar").exists()


@pytest.mark.parametrize("path", [f"{SITE}/sitecustomize.py", "bin/alpha-run"])
def test_what_was_added_or_made_executable_does_not_ship(shelf: Shelf, tmp_path: Path, path: str) -> None:
    """An archive holds what was sealed, with the modes that were sealed."""
    trees, tree = made(shelf, tmp_path / "store")
    first = trees.pack(tree, PREFIX, trees.manifest(tree), tmp_path / "1.tar")

    (tree.path / path).touch()
    (tree.path / path).chmod(0o600)

    assert trees.pack(tree, PREFIX, trees.manifest(tree), tmp_path / "2.tar") == first


def test_an_archive_is_known_by_what_goes_into_it(shelf: Shelf, tmp_path: Path) -> None:
    """What was packed once is not packed again to learn its digest; another prefix or file is another archive."""
    trees, tree = made(shelf, tmp_path / "store")
    lines = trees.manifest(tree)
    fewer = {path: line for path, line in lines.items() if path != "etc/alpha.conf"}
    assert trees.archived(PREFIX, lines) == ""

    packed = trees.pack(tree, PREFIX, lines, tmp_path / "1.tar")

    assert trees.archived(PREFIX, lines) == packed
    assert trees.archived("/elsewhere", lines) == trees.archived(PREFIX, fewer) == ""


def test_a_tree_is_found_by_its_key_until_it_is_discarded(shelf: Shelf, tmp_path: Path) -> None:
    """A key gives the tree that was sealed for it; the same bytes are stored once."""
    trees, tree = made(shelf, tmp_path / "store", "aa")
    _, again = made(shelf, tmp_path / "store", "bb")

    assert trees.find("aa") == trees.find("bb") == again == tree
    assert trees.find("cc") is None
    assert list((tmp_path / "store/staging").iterdir()) == []

    trees.discard(tree)

    assert trees.find("aa") is None
    assert made(shelf, tmp_path / "store", "aa")[1] == tree


def test_what_a_killed_process_left_is_swept_and_a_living_ones_is_not(tmp_path: Path) -> None:
    """Staging folders that nobody holds go away with the next staging; held ones stay."""
    trees = Trees(tmp_path)
    code = (
        "import os, pathlib; from manager.world.trees.store import Trees\n"
        f"with Trees(pathlib.Path({str(tmp_path)!r})).staging() as folder:\n"
        "    (folder / 'half').touch(); os._exit(9)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 9
    assert len(list((tmp_path / "staging").glob("*/tree/half"))) == 1

    with trees.staging() as mine, Trees(tmp_path).staging() as other:
        assert mine.is_dir()
        assert other.is_dir()
        assert not list((tmp_path / "staging").glob("*/tree/half"))


def test_an_archive_is_the_same_bytes_each_time_and_splits_by_owner(shelf: Shelf, tmp_path: Path) -> None:
    """Archives hold what was chosen below the prefix, with the folders it needs, and nothing of the day or the user."""
    trees, tree = made(shelf, tmp_path / "store")
    lines = trees.manifest(tree)
    owner = claims(tree.path, lines)
    ours = {path: line for path, line in lines.items() if owner.get(path) == ("beta",)}
    rest = {path: line for path, line in lines.items() if path not in ours}

    first = trees.pack(tree, PREFIX, ours, tmp_path / "1.tar")
    for one in tree.path.rglob("*"):
        os.utime(one, (1, 1), follow_symlinks=False)
    second = trees.pack(tree, PREFIX, ours, tmp_path / "2.tar")
    trees.pack(tree, PREFIX, rest, tmp_path / "rest.tar")

    assert (tmp_path / "1.tar").read_bytes() == (tmp_path / "2.tar").read_bytes()
    assert first == second == hashlib.sha256((tmp_path / "1.tar").read_bytes()).hexdigest()
    with tarfile.open(tmp_path / "1.tar") as archive:
        members = archive.getmembers()
    names = [member.name for member in members]
    assert names[:3] == ["opt", "opt/solvent", "opt/solvent/kernel"]
    assert f"{PREFIX[1:]}/share/beta/größe.txt" in names
    assert f"{PREFIX[1:]}/bin" not in names
    assert {(one.uid, one.gid, one.uname, one.mtime) for one in members} == {(0, 0, "", 0)}
    assert {one.mode for one in members} == {0o755, 0o644}
    with tarfile.open(tmp_path / "rest.tar") as archive:
        files = {one.name for one in archive.getmembers() if not one.isdir()}
        assert archive.getmember(f"{PREFIX[1:]}/bin/python").linkname == f"/usr/bin/python{PYTHON}"
    assert len(files) + sum(not one.isdir() for one in members) == len(
        [one for one in tree.path.rglob("*") if one.is_symlink() or one.is_file()]
    )
