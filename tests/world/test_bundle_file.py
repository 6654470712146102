"""The file of a bundle: the same contents are the same bytes, and what is not whole is told by its entry."""

from __future__ import annotations

import hashlib
import io
import tarfile
from typing import TYPE_CHECKING

import pytest

from manager.errors import Failed, UsageError
from manager.world.bundle_file import opened, write

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def digest(content: bytes) -> str:
    """Give a content's SHA-256."""
    return hashlib.sha256(content).hexdigest()


CONTENTS = (b"one", b"two" * 1000, b"")
BLOBS = {digest(one): len(one) for one in CONTENTS}


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """Give a bundle of three contents, one of them a file."""
    (tmp_path / "file").write_bytes(CONTENTS[1])
    contents: dict[str, Path | bytes] = {digest(one): one for one in CONTENTS}
    contents[digest(CONTENTS[1])] = tmp_path / "file"
    place = tmp_path / "x.bundle"
    write(place, "{}", "signed", contents, lambda _: None)
    return place


def verified(place: Path, blobs: dict[str, int] | None = None) -> list[str]:
    """Check a bundle to its end; give the lines."""
    with opened(place) as found:
        return list(found.verify(BLOBS if blobs is None else blobs))


def test_what_was_written_is_read_back(bundle: Path, tmp_path: Path) -> None:
    """List, signature and contents; a second one of the same contents has the same bytes."""
    again = tmp_path / "again.bundle"
    write(again, "{}", "signed", {digest(one): one for one in CONTENTS}, lambda _: None)
    with opened(bundle) as found:
        found.copy(digest(CONTENTS[1]), tmp_path / "copy")

        assert (found.listed, found.signature) == (b"{}", b"signed")
        assert found.whole(digest(b"one")) == b"one"
    assert (tmp_path / "copy").read_bytes() == CONTENTS[1]
    assert verified(bundle) == ["checking 3 files of x.bundle"]
    assert again.read_bytes() == bundle.read_bytes()
    assert not list(tmp_path.glob(".*"))


def test_a_flipped_byte_names_its_entry(bundle: Path) -> None:
    """Its hash is another one then."""
    content = bytearray(bundle.read_bytes())
    content[content.index(b"twotwo") + 3] ^= 1
    bundle.write_bytes(content)

    with pytest.raises(Failed) as caught:
        verified(bundle)

    assert f"blobs/sha256/{digest(CONTENTS[1])}: its SHA-256 is another one" in caught.value.why


@pytest.mark.parametrize("left", [0, 100, 600, 2000, 4000])
def test_a_cut_file_is_no_bundle(bundle: Path, left: int) -> None:
    """Wherever it ends."""
    bundle.write_bytes(bundle.read_bytes()[:left])

    with pytest.raises(Failed, match=r"is no whole bundle|is not what its list says"):
        verified(bundle)


def test_a_missing_content_and_one_that_nobody_named_are_errors(bundle: Path) -> None:
    """The list and the archive have to say the same."""
    with pytest.raises(Failed) as missing:
        verified(bundle, BLOBS | {"0" * 64: 1})
    with pytest.raises(Failed) as more:
        verified(bundle, {digest(b"one"): 3})
    with pytest.raises(Failed) as other:
        verified(bundle, BLOBS | {digest(b"one"): 4})

    assert "it is missing" in missing.value.why
    assert "the list does not name it" in more.value.why
    assert "another size" in other.value.why


def _named(name: str) -> Callable[[tarfile.TarFile], None]:
    def add(archive: tarfile.TarFile) -> None:
        archive.addfile(tarfile.TarInfo(name), io.BytesIO())

    return add


def _link(archive: tarfile.TarFile) -> None:
    link = tarfile.TarInfo(f"blobs/sha256/{'0' * 64}")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
    archive.addfile(link)


@pytest.mark.parametrize(
    "add",
    [
        _named("../escaped"),
        _named("blobs/sha256/../../escaped"),
        _named("/etc/escaped"),
        _named("blobs/sha256/short"),
        _named("bundle.json"),
        _link,
    ],
)
def test_an_entry_that_no_bundle_has_is_refused_before_anything_is_read(
    bundle: Path, tmp_path: Path, add: Callable[[tarfile.TarFile], None]
) -> None:
    """Paths that lead out, links, and the same name twice."""
    with tarfile.open(bundle, "a") as archive:
        add(archive)

    with pytest.raises(Failed, match="is no whole bundle"):
        verified(bundle)

    assert not (tmp_path / "escaped").exists()


def test_what_is_no_bundle_is_told_so(tmp_path: Path) -> None:
    """No file, a folder, another file, an archive of something else."""
    (tmp_path / "text").write_text("hello")
    with tarfile.open(tmp_path / "other.tar", "w") as archive:
        _named(f"blobs/sha256/{'0' * 64}")(archive)

    for name, kind in (("none", UsageError), (".", UsageError), ("text", Failed), ("other.tar", Failed)):
        with pytest.raises(kind):
            verified(tmp_path / name, {})


def test_a_file_that_changes_while_it_is_written_leaves_no_bundle(tmp_path: Path) -> None:
    """What was there before stays."""
    (tmp_path / "x.bundle").write_text("before")
    (tmp_path / "file").write_bytes(b"other")

    with pytest.raises(Failed, match="was changed while"):
        write(tmp_path / "x.bundle", "{}", "", {digest(b"one"): tmp_path / "file"}, lambda _: None)

    assert (tmp_path / "x.bundle").read_text() == "before"
    assert sorted(one.name for one in tmp_path.iterdir()) == ["file", "x.bundle"]


def test_headers_without_end_are_no_bundle(tmp_path: Path) -> None:
    """Each header says that another one follows, deeper than Python goes."""
    header = tarfile.TarInfo("x")
    header.type, header.size = tarfile.GNUTYPE_LONGNAME, 2
    block = header.tobuf(tarfile.GNU_FORMAT) + b"x".ljust(tarfile.BLOCKSIZE, b"\0")
    place = tmp_path / "x.bundle"
    place.write_bytes(block * 5000)

    with pytest.raises(Failed, match="no whole bundle"), opened(place):
        pass
