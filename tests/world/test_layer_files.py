"""Layers out of an engine's archive, and the first file in which two of them differ."""

from __future__ import annotations

import hashlib
import io
import tarfile
from typing import TYPE_CHECKING

import pytest

from manager.errors import Failed
from manager.world.layer_files import differences, taken

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def layer(path: Path, **files: bytes) -> Path:
    """Write a layer of files, each below etc."""
    with tarfile.open(path, "w") as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(f"etc/{name}")
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return path


def saved(*layers: Path) -> Iterator[bytes]:
    """Give an archive as an engine does, in chunks of odd sizes."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for number, one in enumerate(layers):
            archive.add(one, f"{number}/layer.tar")
    whole = out.getvalue()
    return (whole[start : start + 777] for start in range(0, len(whole), 777))


def test_layers_are_known_by_their_bytes_and_written_where_they_are_asked_for(tmp_path: Path) -> None:
    """Nothing else is left in the folder."""
    first, second = layer(tmp_path / "1.tar", a=b"1"), layer(tmp_path / "2.tar", a=b"2" * 5000)
    hexes = [hashlib.sha256(one.read_bytes()).hexdigest() for one in (first, second)]
    folder = tmp_path / "out"
    folder.mkdir()

    found = taken(saved(first, second), folder, [f"sha256:{hexes[1]}"])

    assert found == {f"sha256:{one}" for one in hexes}
    assert [one.name for one in folder.iterdir()] == [f"{hexes[1]}.tar"]
    assert (folder / f"{hexes[1]}.tar").read_bytes() == second.read_bytes()


def test_an_archive_that_breaks_off_is_told(tmp_path: Path) -> None:
    """An engine that finds a layer spoilt ends in the middle."""
    whole = b"".join(saved(layer(tmp_path / "1.tar", a=b"1" * 90000)))

    with pytest.raises(Failed, match="does not give the layers"):
        taken(iter([whole[:20000]]), tmp_path)


def test_files_that_differ_are_named(tmp_path: Path) -> None:
    """By path; with what differs, or in which of the two it is."""
    one = layer(tmp_path / "1.tar", a=b"1", b=b"1", c=b"1")

    assert [*differences(one, layer(tmp_path / "same.tar", c=b"1", b=b"1", a=b"1"))] == []
    both = [*differences(one, layer(tmp_path / "2.tar", a=b"1", b=b"2", c=b"2"))]
    assert both == ["etc/b differs: content", "etc/c differs: content"]
    longer = [*differences(one, layer(tmp_path / "3.tar", a=b"1", b=b"1", c=b"12"))]
    assert longer == ["etc/c differs: size 1 and 2, content"]
    assert [*differences(one, layer(tmp_path / "4.tar", a=b"1", c=b"1"))] == ["etc/b is only in the build"]
    assert [*differences(layer(tmp_path / "5.tar", a=b"1", b=b"1"), one)] == ["etc/c is only in the rebuild"]


def test_modes_owners_links_and_times_count(tmp_path: Path) -> None:
    """What a file is matters as much as what is in it."""
    infos = []
    for mode, uid, mtime in ((0o644, 0, 0), (0o755, 1000, 7)):
        info = tarfile.TarInfo("etc/a")
        info.mode, info.uid, info.mtime = mode, uid, mtime
        infos.append(info)
    paths = []
    for number, info in enumerate(infos):
        paths.append(tmp_path / f"{number}.tar")
        with tarfile.open(paths[-1], "w") as archive:
            archive.addfile(info)

    how = "mode rw-r--r-- and rwxr-xr-x, owner 0:0 and 1000:0, time 0 and 7"
    assert [*differences(*paths)] == [f"etc/a differs: {how}"]
