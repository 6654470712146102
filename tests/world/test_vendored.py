"""Vendors' archives as layers: fixed owners, modes and times, and nothing outside of their target."""

from __future__ import annotations

import io
import tarfile
import zipfile
from typing import TYPE_CHECKING

import pytest

from manager.core.systems import Artifact
from manager.errors import Failed
from manager.world.vendored import repack

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def artifact(name: str, target: str = "/opt/oracle") -> Artifact:
    """Give an artifact by its file's name."""
    return Artifact("client", f"/vendor/{name}", "0" * 64, "Oracle", target)


def member(name: str, kind: bytes = tarfile.REGTYPE, link: str = "", mode: int = 0o640) -> tarfile.TarInfo:
    """Give a member of a tar archive, as an ordinary user's tar writes it."""
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.mode, info.uid, info.mtime = kind, link, mode, 1234, 1_700_000_000
    return info


def tar(path: Path, *members: tarfile.TarInfo) -> Path:
    """Write an archive; files hold their own name."""
    with tarfile.open(path, "w:gz") as archive:
        for one in members:
            content = one.name.encode() if one.isreg() else b""
            one.size = len(content)
            archive.addfile(one, io.BytesIO(content))
    return path


def listed(out: Path) -> dict[str, tuple[str, int, str]]:
    """Give kind, mode and link of every member; all of them are root's and without a time."""
    with tarfile.open(out) as archive:
        found = list(archive)
    assert {(one.uid, one.gid, one.mtime) for one in found} == {(0, 0, 0)}
    kinds = {tarfile.REGTYPE: "file", tarfile.DIRTYPE: "folder", tarfile.SYMTYPE: "link", tarfile.LNKTYPE: "hard link"}
    return {one.name: (kinds[one.type], one.mode, one.linkname) for one in found}


def test_an_archive_is_unpacked_below_its_target(tmp_path: Path) -> None:
    """With every folder on the way, links, and what may be executed; no owner, no time, no special mode."""
    file = tar(
        tmp_path / "client.tar.gz",
        member("client/bin/sqlplus", mode=0o4751),
        member("client/lib.so.19"),
        member("client/lib.so", tarfile.SYMTYPE, "lib.so.19"),
        member("client/copy", tarfile.LNKTYPE, "client/lib.so.19"),
    )

    repack(artifact("client.tar.gz"), file, tmp_path / "out.tar")

    assert listed(tmp_path / "out.tar") == {
        "opt": ("folder", 0o755, ""),
        "opt/oracle": ("folder", 0o755, ""),
        "opt/oracle/client": ("folder", 0o755, ""),
        "opt/oracle/client/bin": ("folder", 0o755, ""),
        "opt/oracle/client/bin/sqlplus": ("file", 0o755, ""),
        "opt/oracle/client/lib.so.19": ("file", 0o644, ""),
        "opt/oracle/client/lib.so": ("link", 0o777, "lib.so.19"),
        "opt/oracle/client/copy": ("hard link", 0o644, "opt/oracle/client/lib.so.19"),
    }


def test_a_zip_archive_is_unpacked_alike(tmp_path: Path) -> None:
    """With the links and modes that Unix programs write into one."""
    with zipfile.ZipFile(tmp_path / "client.zip", "w") as archive:
        for name, mode, content in (("bin/", 0o40755, ""), ("bin/run", 0o100755, "#!"), ("run", 0o120777, "bin/run")):
            info = zipfile.ZipInfo(name)
            info.external_attr, info.create_system = mode << 16, 3
            archive.writestr(info, content)

    repack(artifact("client.zip", "/opt"), tmp_path / "client.zip", tmp_path / "out.tar")

    assert listed(tmp_path / "out.tar") == {
        "opt": ("folder", 0o755, ""),
        "opt/bin": ("folder", 0o755, ""),
        "opt/bin/run": ("file", 0o755, ""),
        "opt/run": ("link", 0o777, "bin/run"),
    }


@pytest.mark.parametrize(("content", "mode"), [(b"[odbc]\n", 0o644), (b"#!/bin/sh\n", 0o755), (b"\x7fELF..", 0o755)])
def test_a_single_file_is_placed_at_its_target(tmp_path: Path, content: bytes, mode: int) -> None:
    """What the machine can run is executable."""
    (tmp_path / "file").write_bytes(content)

    repack(artifact("odbc.ini", "/etc/odbc.ini"), tmp_path / "file", tmp_path / "out.tar")

    assert listed(tmp_path / "out.tar") == {"etc": ("folder", 0o755, ""), "etc/odbc.ini": ("file", mode, "")}


def test_the_same_archive_gives_the_same_bytes(tmp_path: Path) -> None:
    """On any day and machine."""
    file = tar(tmp_path / "client.tar.gz", member("a"), member("b/c"))

    for name in ("one.tar", "two.tar"):
        repack(artifact("client.tar.gz"), file, tmp_path / name)

    assert (tmp_path / "one.tar").read_bytes() == (tmp_path / "two.tar").read_bytes()


@pytest.mark.parametrize(
    ("members", "why"),
    [
        ([member("../etc/passwd")], "leads out of it"),
        ([member("/etc/passwd")], "leads out of it"),
        ([member("copy", tarfile.LNKTYPE, "../../etc/passwd")], "leads out of it"),
        ([member("etc", tarfile.SYMTYPE, "/etc"), member("etc/passwd")], "lies behind a link"),
        ([member("etc", tarfile.SYMTYPE, "/etc"), member("more", tarfile.LNKTYPE, "etc")], "is a link already"),
        ([member("etc", tarfile.SYMTYPE, "/etc"), member("more", tarfile.LNKTYPE, "etc/shadow")], "behind a link"),
        ([member("a", tarfile.SYMTYPE, "/etc/passwd"), member("a")], "is a link already"),
        ([member("sda", tarfile.BLKTYPE)], "is neither file, folder nor link"),
    ],
)
def test_what_would_write_elsewhere_is_refused(tmp_path: Path, members: list[tarfile.TarInfo], why: str) -> None:
    """With the member's name."""
    file = tar(tmp_path / "client.tar.gz", *members)

    with pytest.raises(Failed, match="client cannot be unpacked") as told:
        repack(artifact("client.tar.gz"), file, tmp_path / "out.tar")

    assert why in told.value.why


@pytest.mark.parametrize("spoil", [lambda whole: b"<html>", lambda whole: whole[: len(whole) // 2]])
@pytest.mark.parametrize("name", ["client.tar.gz", "client.zip"])
def test_what_is_no_archive_is_told(tmp_path: Path, name: str, spoil: Callable[[bytes], bytes]) -> None:
    """A page that says that one has to log in, and a file that broke off."""
    file = tar(tmp_path / name, *(member(f"file-{number}") for number in range(200)))
    file.write_bytes(spoil(file.read_bytes()))

    with pytest.raises(Failed, match="client cannot be unpacked"):
        repack(artifact(name), file, tmp_path / "out.tar")


def test_a_broken_archive_is_told(tmp_path: Path) -> None:
    """Whatever its reader raises: content that cannot be unpacked, and a link whose target is no text."""
    with zipfile.ZipFile(tmp_path / "content.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a", bytes(1000))
    raw = bytearray((tmp_path / "content.zip").read_bytes())
    raw[31:37] = b"\xff" * 6
    (tmp_path / "content.zip").write_bytes(raw)
    link = zipfile.ZipInfo("link")
    link.external_attr, link.create_system = 0o120777 << 16, 3
    with zipfile.ZipFile(tmp_path / "link.zip", "w") as archive:
        archive.writestr(link, b"\xff\xfe")

    for name in ("content.zip", "link.zip"):
        with pytest.raises(Failed, match="cannot be unpacked"):
            repack(artifact(name), tmp_path / name, tmp_path / "out.tar")
