"""The layers of an image: which path is in which, in which order, and what is known of each before it is packed."""

from __future__ import annotations

import tarfile
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from manager.app.layers import MARKER, Part, dockerfile, parts
from manager.errors import CatalogError
from tests.fakes.world import catalog, release

if TYPE_CHECKING:
    from collections.abc import Mapping

GROUPS = {"sqlalchemy": "dialects", "psycopg2": "older", "psycopg": "postgresql"}
OWNERS = {
    "lib/psycopg/__init__.py": ("psycopg",),
    "lib/sqlalchemy/__init__.py": ("sqlalchemy",),
    "lib/ipykernel/__init__.py": ("ipykernel",),
    "lib/shared/__init__.py": ("psycopg", "sqlalchemy"),
}


@dataclass
class FakeTrees:
    """A store of trees that packs the names of the paths that were chosen, and knows what it packed."""

    packed: dict[tuple[str, tuple[str, ...]], str] = field(default_factory=dict)

    def manifest(self, tree: Any) -> dict[str, bytes]:
        """Give a line a path."""
        return {path: path.encode() for path in [*OWNERS, "bin/python"]}

    def archived(self, prefix: str, chosen: Mapping[str, bytes]) -> str:
        """Say what was packed."""
        return self.packed.get((prefix, tuple(chosen)), "")

    def pack(self, tree: Any, prefix: str, chosen: Mapping[str, bytes], out: Path) -> str:
        """Note what would be packed, and leave a file."""
        out.write_bytes(b"tar")
        return self.packed.setdefault((prefix, tuple(chosen)), f"digest {len(self.packed)}")


@dataclass
class Tree:
    """A tree by its path alone."""

    path: Path


@pytest.fixture
def family(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Give a family on disk."""
    monkeypatch.setattr("manager.world.trees.content.claims", lambda _tree, _paths: OWNERS)
    folder = tmp_path / "images" / "lab"
    (folder / "files" / "etc").mkdir(parents=True)
    (folder / "files" / "etc" / "passwd").write_text("root:x:0:0::/:/bin/sh\n")
    (folder / "Dockerfile").write_text(f"ARG BASE\nFROM $BASE\nADD ide.tar /\n{MARKER}\nADD files.tar /\n")
    return replace(catalog("4").families[0], folder=str(folder))


def made(family: Any, groups: dict[str, str], store: FakeTrees | None = None) -> tuple[Part, ...]:
    """Give the layers of release lab:4."""
    both: Any = {"ide": Tree(Path("ide")), "kernel": Tree(Path("kernel"))}
    return parts(family, release("4"), store or FakeTrees(), both, groups)  # type: ignore[arg-type]


def test_layers_from_the_bottom_up(family: Any) -> None:
    """The runtime lies below what moves more often, groups in the order given, and the family's files on top."""
    layers = made(family, GROUPS)

    assert [one.name for one in layers] == ["ide", "kernel runtime", "kernel dialects", "kernel postgresql", "files"]
    text = dockerfile(family, tuple(one.file for one in layers))
    lines = [line for line in text.splitlines() if line.startswith("ADD")]
    assert lines == [f"ADD {one.file} /" for one in layers]
    assert MARKER not in text


def test_every_path_of_the_kernel_is_in_exactly_one_layer(family: Any, tmp_path: Path) -> None:
    """What no distribution owns belongs to the runtime, what several own to the first of them."""
    store = FakeTrees()
    for one in made(family, GROUPS, store):
        one.pack(tmp_path / one.file)

    chosen = [paths for prefix, paths in store.packed if prefix == "/opt/solvent/kernel"]
    assert chosen == [
        ("lib/ipykernel/__init__.py", "bin/python"),
        ("lib/sqlalchemy/__init__.py",),
        ("lib/psycopg/__init__.py", "lib/shared/__init__.py"),
    ]
    assert next(iter(store.packed))[0] == "/opt/solvent/ide"


def test_what_was_packed_once_is_known_without_packing(family: Any, tmp_path: Path) -> None:
    """The digest of a layer that did not change is read, not made; the files are few and always packed."""
    store = FakeTrees()
    assert {one.digest for one in made(family, GROUPS, store)} == {""}

    packed = [one.pack(tmp_path / one.file) for one in made(family, GROUPS, store)]
    again = [one.digest for one in made(family, GROUPS, store)]

    assert again == [*packed[:-1], ""]


def test_a_group_without_anything_in_the_tree_is_no_layer(family: Any) -> None:
    """Empty layers are not shipped."""
    assert [one.name for one in made(family, {"oracledb": "oracle"})] == ["ide", "kernel runtime", "files"]


def test_the_family_s_files_are_packed(family: Any, tmp_path: Path) -> None:
    """As root's, with the folders that the volumes are mounted on."""
    made(family, GROUPS)[-1].pack(tmp_path / "files.tar")

    with tarfile.open(tmp_path / "files.tar") as tar:
        owners = {member.name.strip("./"): member.uid for member in tar.getmembers()}
    assert owners["etc/passwd"] == 0
    assert owners["home/solvent"] == owners["workspace"] == 1000


def test_a_dockerfile_without_the_line_is_a_catalog_error(family: Any) -> None:
    """It is named with its file."""
    (Path(family.folder) / "Dockerfile").write_text("FROM scratch\n")

    with pytest.raises(CatalogError) as caught:
        dockerfile(family, ("ide.tar",))

    assert caught.value.problems[0].file == "images/lab/Dockerfile"
