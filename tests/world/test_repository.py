"""A repository made of archived packages: apt reads from it what it read from the mirror."""

from __future__ import annotations

import hashlib
import re
import subprocess
from typing import TYPE_CHECKING

import pytest

from manager.core.mirrors import Mirrors
from manager.core.reach import Reach
from manager.errors import Failed
from manager.world.bases import bootstrap, making
from manager.world.bases.repository import repository

if TYPE_CHECKING:
    from pathlib import Path


def deb(folder: Path, name: str, version: str) -> Path:
    """Make an empty package under the name that apt gives its archive."""
    root = folder / name
    (root / "DEBIAN").mkdir(parents=True)
    control = f"Package: {name}\nVersion: {version}\nArchitecture: all\nMaintainer: x\nPriority: required\n"
    (root / "DEBIAN" / "control").write_text(f"{control}Description: a package\n of two lines\n")
    file = folder / f"{name}_{version.replace(':', '%3a')}_all.deb"
    subprocess.run(["dpkg-deb", "--build", "--root-owner-group", str(root), str(file)], check=True, capture_output=True)
    return file


def test_an_index_names_every_file_with_its_hash(tmp_path: Path) -> None:
    """Sorted by name, with the packages' own fields; the Release file has the hash of the index."""
    files = [deb(tmp_path, "vim", "2:9.1-1"), deb(tmp_path, "curl", "8.14-2")]

    line = repository(files, "trixie", tmp_path / "archive")

    assert line == f"deb [trusted=yes] copy:{tmp_path / 'archive'} trixie main"
    index = (tmp_path / "archive/dists/trixie/main/binary-amd64/Packages").read_text()
    assert re.findall(r"^Package: (.*)$", index, re.MULTILINE) == ["curl", "vim"]
    assert index.count("Priority: required") == 2
    for file in files:
        assert f"SHA256: {hashlib.sha256(file.read_bytes()).hexdigest()}" in index
        assert (tmp_path / "archive/pool" / file.name).read_bytes() == file.read_bytes()
    release = (tmp_path / "archive/dists/trixie/Release").read_text()
    assert "Codename: trixie\n" in release
    assert f" {hashlib.sha256(index.encode()).hexdigest()} {len(index)} main/binary-amd64/Packages" in release


def test_what_is_no_package_is_named(tmp_path: Path) -> None:
    """An archive that holds something else is not handed to apt."""
    (tmp_path / "x_1_all.deb").write_bytes(b"no package")

    with pytest.raises(Failed, match=r"x_1_all\.deb is no Debian package"):
        repository([tmp_path / "x_1_all.deb"], "trixie", tmp_path / "archive")


def test_a_base_from_an_archive_asks_no_mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the one that is set nor the host's own: a security update that lies there changes nothing."""
    asked: list[tuple[str, ...]] = []

    def stopped(*words: object) -> None:
        asked.append(words[4])  # type: ignore[arg-type]
        raise Failed("looked at")

    monkeypatch.setattr(making, "_mmdebstrap", stopped)
    monkeypatch.setattr("shutil.which", lambda name: name)
    host = tmp_path / "apt"
    host.mkdir()
    (host / "sources.list").write_text("deb http://deb.example/debian trixie main\n")
    way = Reach(Mirrors(apt="https://apt.example/debian", apt_security="https://apt.example/debian-security"))

    for archive in ((), (deb(tmp_path, "vim", "1"),)):
        with pytest.raises(Failed, match="looked at"):
            bootstrap("trixie", ("vim",), tmp_path / "base", lambda _: None, host, way, archive=archive)

    mirrored, archived = asked
    assert all("apt.example" in line for line in mirrored)
    assert len(archived) == 1
    assert archived[0].startswith("deb [trusted=yes] copy:/")
