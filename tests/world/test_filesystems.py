"""Reading file systems out of tar streams: whiteouts, links, caches, and archives that are none."""

from __future__ import annotations

import gzip
import io
import json
import re
import tarfile

import pytest

from manager.core.traces import Trace
from manager.world import filesystems
from tests.fakes.streams import chunks

DRIVERS = {"psycopg": "postgresql"}
LAB = "opt/venv/lib/python3.11/site-packages/jupyterlab-4.1.5.dist-info/METADATA"
TOLD = Trace("ide", "jupyterlab", "4.1.5", f"/{LAB}")


def metadata(name: str = "jupyterlab", version: str = "4.1.5") -> bytes:
    """Give what a Python package says of itself."""
    return f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n".encode()


def packed(files: dict[str, bytes], **links: str) -> bytes:
    """Give files as a tar; ``links`` are hard links by the words ``first``, ``second`` ... with "name -> target"."""
    whole = io.BytesIO()
    with tarfile.open(fileobj=whole, mode="w") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
        for link in links.values():
            name, _, target = link.partition(" -> ")
            member = tarfile.TarInfo(name)
            member.type, member.linkname = tarfile.LNKTYPE, target
            tar.addfile(member)
    return whole.getvalue()


def saved(*layers: bytes, names: list[str] | None = None) -> bytes:
    """Give an image as an engine saves it, newest layout: blobs in any order, the manifest last."""
    blobs = {f"blobs/sha256/{number}": layer for number, layer in enumerate(layers)}
    manifest = json.dumps([{"Config": "blobs/sha256/c", "RepoTags": None, "Layers": names or sorted(blobs)}]).encode()
    mixed = dict(reversed(blobs.items()))
    return packed({**mixed, "blobs/sha256/c": b'{"config": {}}', "manifest.json": manifest})


def test_what_is_installed_is_found_wherever_it_lies() -> None:
    """A whole file system is read, folders and names with a leading dot included."""
    whole = packed({f"./{LAB}": metadata(), "home/ana/notes.txt": b"nothing"})

    assert filesystems.tree(chunks(whole), DRIVERS).traces == (TOLD,)


def test_a_part_is_read_where_it_lies() -> None:
    """An archive of one path is told with the folder that it came from."""
    found = filesystems.tree(chunks(packed({"METADATA": metadata()})), DRIVERS, f"/{LAB.rpartition('/')[0]}")

    assert found.traces == (TOLD,)


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_layers_lie_on_each_other_in_the_order_of_the_manifest(pack: type[bytes]) -> None:
    """A file that a later layer replaces, hides, or hides with its folder, is not there."""
    below = packed({LAB: metadata(), "srv/psycopg-3.dist-info/METADATA": metadata("psycopg", "3.1.18")})
    newer = packed({LAB: metadata(version="4.2.0")})
    hidden = packed({"opt/.wh.venv": b"", "srv/psycopg-3.dist-info/.wh.METADATA": b""})
    emptied = packed({"opt/venv/.wh..wh..opq": b""})

    def versions(*layers: bytes) -> list[str]:
        found = filesystems.image(chunks(saved(*map(pack, layers))), DRIVERS)
        assert found.unread == ()
        return [str(one) for one in found.traces]

    assert versions(below) == ["jupyterlab 4.1.5", "psycopg 3.1.18"]
    assert versions(below, newer) == ["psycopg 3.1.18", "jupyterlab 4.2.0"]
    assert versions(below, hidden) == []
    assert versions(below, emptied, newer) == ["psycopg 3.1.18", "jupyterlab 4.2.0"]


def test_the_older_layout_names_equal_layers_by_links() -> None:
    """Docker before 25 saves a folder for each layer; a layer that came before is a link."""
    whole = io.BytesIO()
    layer = packed({LAB: metadata()})
    manifest = json.dumps([{"Layers": ["a/layer.tar", "b/layer.tar"]}]).encode()
    with tarfile.open(fileobj=whole, mode="w") as tar:
        for name, content in {"a/layer.tar": layer, "a/json": b"{}", "manifest.json": manifest}.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
        link = tarfile.TarInfo("b/layer.tar")
        link.type, link.linkname = tarfile.SYMTYPE, "../a/layer.tar"
        tar.addfile(link)

    assert filesystems.image(chunks(whole.getvalue()), DRIVERS).traces == (TOLD,)


def test_what_conda_keeps_is_not_installed_and_its_links_are() -> None:
    """A package in conda's cache counts where it is linked into a prefix, and there alone."""
    kept = "opt/conda/pkgs/jupyterlab-4.1.5/site-packages/jupyterlab-4.1.5.dist-info/METADATA"
    whole = packed({kept: metadata()}, first=f"{LAB} -> {kept}")

    assert filesystems.tree(chunks(whole), DRIVERS).traces == (TOLD,)


@pytest.mark.parametrize(
    ("whole", "why"),
    [
        (b"no archive at all" * 100, "cannot be read"),
        (saved(packed({}))[:1500], "cannot be read|names no layers"),
        (packed({"blobs/sha256/0": packed({})}), "names no layers"),
        (packed({"manifest.json": b"[]"}), "names no layers"),
        (saved(packed({}), names=["blobs/sha256/9"]), "a layer is missing"),
        (saved(b"\x28\xb5\x2f\xfd" + b"0" * 600), "zstd"),
        (saved(b"\x01" * 2000), "not all of it could be read"),
    ],
)
def test_an_image_that_cannot_be_read_says_why(whole: bytes, why: str) -> None:
    """Nothing is raised: what was found stays, and the rest is told."""
    found = filesystems.image(chunks(whole), DRIVERS)

    assert found.traces == ()
    assert found.unread
    assert re.search(why, found.unread[0].why)


def test_a_damaged_file_is_told_and_the_rest_is_read() -> None:
    """One file with other bytes than its name promises costs nothing but itself."""
    whole = packed({"v/pyvenv.cfg": b"home = /usr/bin\n", "srv/x.jar": b"PK", LAB: metadata()})

    found = filesystems.tree(chunks(whole), DRIVERS)

    assert found.traces == (TOLD,)
    assert [one.path for one in found.unread] == ["/v/pyvenv.cfg", "/srv/x.jar"]
