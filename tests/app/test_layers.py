"""The build context: a Dockerfile with one ADD a layer, and one tar for each."""

from __future__ import annotations

import tarfile
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from manager.app.layers import MARKER, context
from manager.errors import CatalogError
from tests.fakes.world import catalog, release

if TYPE_CHECKING:
    from collections.abc import Callable

GROUPS = {"psycopg": "postgresql", "sqlalchemy": "dialects"}
OWNERS = {
    "lib/psycopg/__init__.py": "psycopg",
    "lib/sqlalchemy/__init__.py": "sqlalchemy",
    "lib/ipykernel/__init__.py": "ipykernel",
}


@dataclass
class FakeTrees:
    """A store of trees that packs the names of the paths that a filter takes."""

    packed: dict[str, tuple[str, list[str]]] = field(default_factory=dict)

    def pack(self, tree: Any, prefix: str, target: Path, wanted: Callable[[str], bool] = lambda _: True) -> None:
        """Note what would be packed, and leave a file."""
        self.packed[target.name] = (prefix, [path for path in [*OWNERS, "bin/python"] if wanted(path)])
        target.write_bytes(b"tar")


@dataclass
class Tree:
    """A tree by its path alone."""

    path: Path


@pytest.fixture
def family(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Give a family on disk."""
    monkeypatch.setattr("manager.world.trees.owners", lambda _: OWNERS)
    folder = tmp_path / "images" / "lab"
    (folder / "files" / "etc").mkdir(parents=True)
    (folder / "files" / "etc" / "passwd").write_text("root:x:0:0::/:/bin/sh\n")
    (folder / "Dockerfile").write_text(f"ARG BASE\nFROM $BASE\nADD ide.tar /\n{MARKER}\nADD files.tar /\n")
    return replace(catalog("4").families[0], folder=str(folder))


def made(tmp_path: Path, family: Any, groups: dict[str, str]) -> tuple[tuple[str, ...], dict[str, Any], FakeTrees]:
    """Make the context of release lab:4."""
    store = FakeTrees()
    both = {"ide": Tree(tmp_path), "kernel": Tree(tmp_path)}
    folder = tmp_path / "context"
    folder.mkdir(exist_ok=True)
    names, files = context(folder, family, release("4"), store, both, groups)  # type: ignore[arg-type]
    return names, files, store


def test_layers_from_the_bottom_up(tmp_path: Path, family: Any) -> None:
    """The runtime lies below what moves more often, and the family's files on top."""
    names, files, _ = made(tmp_path, family, GROUPS)

    assert names == ("ide", "kernel runtime", "kernel dialects", "kernel postgresql", "files")
    lines = [line for line in files["Dockerfile"].decode().splitlines() if line.startswith("ADD")]
    assert lines == [
        "ADD ide.tar /",
        "ADD kernel-runtime.tar /",
        "ADD kernel-dialects.tar /",
        "ADD kernel-postgresql.tar /",
        "ADD files.tar /",
    ]
    assert {line.split()[1] for line in lines} == files.keys() - {"Dockerfile"}
    assert MARKER not in files["Dockerfile"].decode()


def test_every_path_of_the_kernel_is_in_exactly_one_layer(tmp_path: Path, family: Any) -> None:
    """What no distribution owns belongs to the runtime."""
    _, _, store = made(tmp_path, family, GROUPS)

    kernel = {name: paths for name, (prefix, paths) in store.packed.items() if prefix == "/opt/solvent/kernel"}
    assert kernel == {
        "kernel-runtime.tar": ["lib/ipykernel/__init__.py", "bin/python"],
        "kernel-dialects.tar": ["lib/sqlalchemy/__init__.py"],
        "kernel-postgresql.tar": ["lib/psycopg/__init__.py"],
    }
    assert store.packed["ide.tar"][0] == "/opt/solvent/ide"


def test_a_group_without_anything_in_the_tree_is_no_layer(tmp_path: Path, family: Any) -> None:
    """Empty layers are not shipped."""
    names, _, _ = made(tmp_path, family, {"oracledb": "oracle"})

    assert names == ("ide", "kernel runtime", "files")


def test_the_family_s_files_are_packed(tmp_path: Path, family: Any) -> None:
    """As root's, with the folders that the volumes are mounted on."""
    _, files, _ = made(tmp_path, family, GROUPS)

    with tarfile.open(files["files.tar"]) as tar:
        owners = {member.name.strip("./"): member.uid for member in tar.getmembers()}
    assert owners["etc/passwd"] == 0
    assert owners["home/solvent"] == owners["workspace"] == 1000


def test_a_dockerfile_without_the_line_is_a_catalog_error(tmp_path: Path, family: Any) -> None:
    """It is named with its file."""
    (Path(family.folder) / "Dockerfile").write_text("FROM scratch\n")

    with pytest.raises(CatalogError) as caught:
        made(tmp_path, family, GROUPS)

    assert caught.value.problems[0].file == "images/lab/Dockerfile"
