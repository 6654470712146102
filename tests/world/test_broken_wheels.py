"""Wheels that cannot be read are said to be none, by whoever reads them."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

import pytest

from manager.errors import Failed
from manager.world.native import libraries
from manager.world.wheels import metadata

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SSL = b"\0OpenSSL 3.5.9 29 Sep 2026\0" * 100
LOCAL, CENTRAL = b"PK\x03\x04", b"PK\x01\x02"


def wheel(place: Path, packed: int) -> Path:
    """Make a wheel with a library, packed in some way."""
    with zipfile.ZipFile(place, "w", packed) as archive:
        archive.writestr("tool.libs/libcrypto-1.so.3", SSL)
        archive.writestr("tool-1.0.dist-info/METADATA", b"Metadata-Version: 2.1\nName: tool\n" * 20)
    return place


def flagged(bit: int) -> Callable[[bytes], bytes]:
    """Set a flag of every entry, in both of its headers."""

    def spoil(whole: bytes) -> bytes:
        found = bytearray(whole)
        for header, offset in ((LOCAL, 6), (CENTRAL, 8)):
            at = found.find(header)
            while at >= 0:
                value = int.from_bytes(found[at + offset : at + offset + 2], "little") | bit
                found[at + offset : at + offset + 2] = value.to_bytes(2, "little")
                at = found.find(header, at + 1)
        return bytes(found)

    return spoil


def damaged(whole: bytes) -> bytes:
    """Overwrite the content of every entry, behind its name."""
    found = bytearray(whole)
    at = found.find(LOCAL)
    while at >= 0:
        start = at + 30 + int.from_bytes(found[at + 26 : at + 28], "little")
        found[start : start + 20] = b"\xff" * 20
        at = found.find(LOCAL, at + 1)
    return bytes(found)


def no_text(whole: bytes) -> bytes:
    """Give every entry a name that claims to be UTF-8, and is not."""
    return flagged(0x800)(whole).replace(b"tool", b"\xfftoo")


SPOILT = {
    "damaged, deflated": (zipfile.ZIP_DEFLATED, damaged),
    "damaged, bzip2": (zipfile.ZIP_BZIP2, damaged),
    "damaged, LZMA": (zipfile.ZIP_LZMA, damaged),
    "damaged, stored": (zipfile.ZIP_STORED, damaged),
    "encrypted": (zipfile.ZIP_DEFLATED, flagged(1)),
    "no text": (zipfile.ZIP_DEFLATED, no_text),
    "cut": (zipfile.ZIP_DEFLATED, lambda whole: whole[: len(whole) // 2]),
}


@pytest.mark.parametrize("read", [metadata, libraries], ids=["metadata", "libraries"])
@pytest.mark.parametrize(("packed", "spoil"), SPOILT.values(), ids=SPOILT.keys())
def test_a_wheel_that_is_broken_is_none(
    tmp_path: Path, read: Callable[[Path], object], packed: int, spoil: Callable[[bytes], bytes]
) -> None:
    """However it is broken; the control is the same wheel before."""
    place = wheel(tmp_path / "tool-1.0-py3-none-any.whl", packed)
    assert read(place)
    place.write_bytes(spoil(place.read_bytes()))

    with pytest.raises(Failed, match="wheel"):
        read(place)
