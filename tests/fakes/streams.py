"""Streams of bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


def chunks(whole: bytes, size: int = 700) -> Iterator[bytes]:
    """Give bytes in pieces that end anywhere."""
    return (whole[at : at + size] for at in range(0, len(whole), size))
