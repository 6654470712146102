"""Carrying files from one stream into another: whose they become, where they lie, and what is left behind."""

from __future__ import annotations

import io
import tarfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from manager.errors import Failed
from manager.world.carrying import END, Cargo, carried, empty
from tests.fakes.streams import chunks

UID = 1000


def member(
    name: str, kind: bytes = tarfile.REGTYPE, mode: int = 0o644, uid: int = 1234, link: str = ""
) -> tarfile.TarInfo:
    """Give a member of a tar."""
    made = tarfile.TarInfo(name)
    made.type, made.mode, made.uid, made.gid, made.linkname = kind, mode, uid, uid, link
    return made


def packed(*members: tuple[tarfile.TarInfo, bytes]) -> bytes:
    """Give a tar."""
    whole = io.BytesIO()
    with tarfile.open(fileobj=whole, mode="w") as tar:
        for one, content in members:
            one.size = len(content)
            tar.addfile(one, io.BytesIO(content))
    return whole.getvalue()


def arrived(whole: bytes, folder: str = "", cargo: Cargo | None = None) -> dict[str, tarfile.TarInfo]:
    """Give what comes out, by name."""
    out = b"".join(carried(chunks(whole), folder, UID, cargo or Cargo())) + END
    with tarfile.open(fileobj=io.BytesIO(out)) as tar:
        return {one.name: one for one in tar}


def test_files_belong_to_whoever_works_there_and_lie_where_they_should() -> None:
    """The outermost folder is taken off; names, contents, times and links stay; owners and rights are mended."""
    first = member("work/deep/a.txt", mode=0o4000)
    first.mtime = 1_700_000_000
    whole = packed(
        (member("work", tarfile.DIRTYPE, 0o000), b""),
        (member("work/deep", tarfile.DIRTYPE, 0o500), b""),
        (first, b"hello"),
        (member("work/same", tarfile.LNKTYPE, link="work/deep/a.txt"), b""),
        (member("work/away", tarfile.SYMTYPE, link="/etc/passwd"), b""),
        (member("work/" + "n" * 120 + "ü", uid=7), b"x" * 5000),
    )
    cargo = Cargo()

    found = arrived(whole, "old/home", cargo)

    assert {(one.uid, one.gid) for one in found.values()} == {(UID, UID)}
    assert list(found)[:2] == ["old", "old/home"]
    assert (found["old/home/deep/a.txt"].mode, found["old/home/deep"].mode) == (0o600, 0o700)
    assert found["old/home/deep/a.txt"].mtime == 1_700_000_000
    assert found["old/home/same"].linkname == "old/home/deep/a.txt"
    assert found["old/home/away"].linkname == "/etc/passwd"
    assert found["old/home/" + "n" * 120 + "ü"].size == 5000
    assert (cargo.files, cargo.size, cargo.owners, cargo.left) == (2, 5005, {1234, 7}, [])


def test_what_is_no_file_of_a_person_is_left_and_named() -> None:
    """Devices and pipes stay behind; a name that leads out of the folder goes nowhere."""
    whole = packed(
        (member("work/null", tarfile.CHRTYPE), b""),
        (member("work/pipe", tarfile.FIFOTYPE), b""),
        (member("work/../../etc/shadow"), b"root::"),
        (member("work/kept"), b"x"),
    )
    cargo = Cargo()

    found = arrived(whole, cargo=cargo)

    assert "kept" in found
    assert not [name for name in found if ".." in name or name.startswith("/")]
    assert cargo.left == ["null is no file", "pipe is no file"]


def test_a_stream_that_breaks_off_is_no_end() -> None:
    """Half a file is not taken for a whole one."""
    whole = packed((member("work/a"), b"x" * 100_000))

    with pytest.raises(Failed, match="could not be read to their end"):
        arrived(whole[:50_000])


@pytest.mark.parametrize(
    ("names", "answer"),
    [([], True), (["work"], True), (["work/lost+found"], True), (["work/a"], False), (["work/.hidden"], False)],
)
def test_an_empty_folder_is_told_from_one_with_files(names: list[str], answer: bool) -> None:
    """The folder itself is no file in it."""
    whole = packed(*((member(name, tarfile.DIRTYPE), b"") for name in names))

    assert empty(chunks(whole)) is answer


@given(st.lists(st.tuples(st.text(st.characters(codec="utf-8", exclude_characters="\0/"), min_size=1, max_size=30),
                          st.binary(max_size=1500)), max_size=6, unique_by=lambda one: one[0]))  # fmt: skip
def test_whatever_people_call_their_files_arrives(files: list[tuple[str, bytes]]) -> None:
    """Any name that a file system takes, any content."""
    kept = [(name, content) for name, content in files if name not in (".", "..")]
    whole = packed(*((member(f"work/{name}"), content) for name, content in kept))

    out = b"".join(carried(chunks(whole), "", UID, Cargo())) + END

    with tarfile.open(fileobj=io.BytesIO(out)) as tar:
        assert {one.name: tar.extractfile(one).read() for one in tar} == dict(kept)  # type: ignore[union-attr]
