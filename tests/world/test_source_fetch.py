"""What an image of a server takes from the package index: the file of the pinned hash, and no other."""

from __future__ import annotations

import hashlib
import http.server
import os
import subprocess
import sys
import threading
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

FETCH = Path(__file__).parents[2] / "compose/common/fetch"
CONTENT = b"a release of something" * 1000
RIGHT = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def index(tmp_path: Path) -> Iterator[str]:
    """Give the address of an index with one project: its release, and another file that lies about its hash."""
    page = tmp_path / "index/simple/some-tool"
    page.mkdir(parents=True)
    (tmp_path / "index/files").mkdir()
    for name in ("some_tool-1.0.tar.gz", "some_tool-1.1.tar.gz"):
        (tmp_path / "index/files" / name).write_bytes(CONTENT)
    (page / "index.html").write_text(
        f'<a href="../../files/some_tool-1.0.tar.gz#sha256={RIGHT}">some_tool-1.0.tar.gz</a>\n'
        f'<a href="../../files/some_tool-1.1.tar.gz#sha256={"0" * 64}">some_tool-1.1.tar.gz</a>\n'
    )
    handler = partial(http.server.SimpleHTTPRequestHandler, directory=str(tmp_path / "index"))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/simple"
        server.shutdown()


def fetched(tmp_path: Path, pins: str, index: str) -> tuple[list[str], str]:
    """Fetch what pins name; give the files that are there, and what was said."""
    (tmp_path / "requirements.txt").write_text(pins)
    (tmp_path / "got").mkdir()
    done = subprocess.run(
        (sys.executable, "-I", str(FETCH), str(tmp_path / "requirements.txt"), str(tmp_path / "got")),
        env={"PATH": os.environ["PATH"], "INDEX": index, "no_proxy": "*"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    found = sorted(one.name for one in (tmp_path / "got").iterdir())
    assert (done.returncode == 0) is bool(found), done.stderr
    return found, done.stderr.strip()


def test_the_pinned_file_is_brought_by_its_hash(tmp_path: Path, index: str) -> None:
    """The name is normalised as PEP 503 says; a comment is none of the pins."""
    pins = f"# what it takes\nSome.Tool==1.0 --hash=sha256:{RIGHT}\n"

    assert fetched(tmp_path, pins, index) == (["some_tool-1.0.tar.gz"], "")
    assert (tmp_path / "got/some_tool-1.0.tar.gz").read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("pins", "said"),
    [
        (f"some-tool==1.1 --hash=sha256:{'0' * 64}\n", f"some_tool-1.1.tar.gz has sha256 {RIGHT}"),
        (f"some-tool==1.2 --hash=sha256:{'1' * 64}\n", "the index has no file of some-tool"),
        (f"other-tool==1 --hash=sha256:{RIGHT}\n", "other-tool cannot be had from the package index"),
        ("some-tool==1.0\n", "not NAME==VERSION --hash=sha256:HASH: some-tool==1.0"),
    ],
)
def test_another_file_is_not_kept(tmp_path: Path, index: str, pins: str, said: str) -> None:
    """What lies about its hash, what is not there, and what is not pinned."""
    found, words = fetched(tmp_path, pins, index)

    assert found == []
    assert said in words


def test_without_an_index_it_says_so(tmp_path: Path) -> None:
    """One that wants a login is not told to a build."""
    assert "INDEX" in fetched(tmp_path, f"some-tool==1.0 --hash=sha256:{RIGHT}\n", "")[1]
