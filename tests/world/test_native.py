"""Which native libraries a wheel brings, read out of its bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from manager.errors import Failed
from manager.world.native import libraries
from tests.fakes.wheels import Shelf

if TYPE_CHECKING:
    from pathlib import Path

SSL = b"\x7fELF\0OpenSSL 3.5.9 29 Sep 2026\0OpenSSL 1.1.1 or later is needed\0"
KRB5 = b"\0KRB5_BRAND: krb5-1.22.2-final 1.22.2 20260129\0"


def test_what_is_certain_is_said(tmp_path: Path) -> None:
    """By the name of the file, or by what the library says of itself; of other files nothing."""
    wheel = Shelf(tmp_path).add(
        "tool",
        "1.0",
        files={
            "tool.libs/libpq-e9b5c9ac.so.5.18": b"\0PostgreSQL 9.1\0",
            "tool.libs/libcrypto-3a0647ea.so.3": SSL,
            "tool.libs/libkrb5-f18b4d11.so.3.3": KRB5,
            "tool.libs/libkrb5support-93fbab13.so.0.1": b"\0KRB5_BRAND: krb5-9.9-final 9.9\0",
            "tool/libmsodbcsql-18.5.so.1.1": b"",
            "tool/notes.txt": b"OpenSSL 1.0.2 22 Jan 2015",
        },
    )

    assert libraries(wheel) == {"krb5": "1.22.2", "libpq": "18", "msodbcsql": "18.5", "openssl": "3.5.9"}


def test_what_is_not_certain_is_left_out(tmp_path: Path) -> None:
    """Two versions of one library, or a library that says nothing."""
    files = {"tool.libs/libcrypto-1.so.3": SSL, "tool.libs/libcrypto-2.so.3": SSL.replace(b"3.5.9", b"3.0.1")}

    assert libraries(Shelf(tmp_path).add("tool", "1.0", files=files)) == {}
    assert libraries(Shelf(tmp_path).add("tool", "2.0", files={"tool.libs/libcrypto-1.so.3": b"\0"})) == {}


def test_what_is_no_wheel_is_an_error(tmp_path: Path) -> None:
    """Named by its file."""
    path = tmp_path / "tool-1.0-py3-none-any.whl"
    path.write_bytes(b"half")

    with pytest.raises(Failed, match="tool-1"):
        libraries(path)
