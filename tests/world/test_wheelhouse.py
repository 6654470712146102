"""The index of what an archive has: a resolver gets the same lock from it as from the index that had the wheels."""

from __future__ import annotations

import hashlib
import sys
import urllib.error
import urllib.request
import zipfile
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from manager.core.mirrors import Mirrors
from manager.core.reach import Reach
from manager.errors import Failed
from manager.world import resolver, wheels
from manager.world.wheelhouse import Wheelhouse
from tests.fakes.wheels import Shelf

if TYPE_CHECKING:
    from pathlib import Path

PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shelf:
    """Give wheels of two distributions, one of which needs the other, and a newer version of that."""
    (tmp_path / "wheels").mkdir()
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "cache"))
    shelf = Shelf(tmp_path / "wheels")
    shelf.add("alpha", "1.0", needs=("beta>=1",))
    shelf.add("beta", "1.0")
    return shelf


def carried(shelf: Shelf, folder: Path) -> Wheelhouse:
    """Give the index of what the shelf's wheels say; the wheels themselves stay where they are."""
    house = Wheelhouse(folder)
    for wheel in shelf.folder.glob("*.whl"):
        house.keep(wheel.name, hashlib.sha256(wheel.read_bytes()).hexdigest(), wheels.metadata(wheel))
    return house


def test_a_lock_is_the_same_text_and_needs_no_wheel(
    shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A version that came out meanwhile is not known there; a proxy of the host is not asked for the loopback."""
    with monkeypatch.context() as there:
        there.setenv("UV_NO_INDEX", "1")
        there.setenv("UV_FIND_LINKS", str(shelf.folder))
        text = resolver.lock(("alpha",), PYTHON)
        house = carried(shelf, tmp_path / "archive")
        shelf.add("beta", "2.0")
        control = resolver.lock(("alpha",), PYTHON)
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")

    with house.served() as address:
        again = resolver.lock(("alpha",), PYTHON, text, reach=Reach(Mirrors(python=address)))
        fresh = resolver.lock(("alpha",), PYTHON, reach=Reach(Mirrors(python=address)))

    assert again == text == fresh
    assert "beta==2.0" in control


def test_what_was_not_carried_is_no_solution(shelf: Shelf, tmp_path: Path) -> None:
    """The resolver says what is missing."""
    with carried(shelf, tmp_path / "archive").served() as address, pytest.raises(Failed, match="uv found no way"):
        resolver.lock(("gamma",), PYTHON, reach=Reach(Mirrors(python=address)))


@pytest.mark.parametrize(
    "path",
    ["simple/gamma/", "files/x/y", "files/../../secret/y", "%2e%2e/secret", "files/" + "0" * 64 + "/..", ""],
)
def test_nothing_but_what_was_carried_is_answered(shelf: Shelf, tmp_path: Path, path: str) -> None:
    """No path leads out of the archive."""
    (tmp_path / "secret").write_text("secret")

    with carried(shelf, tmp_path / "archive").served() as address, pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(f"{address.removesuffix('simple')}{path}").read()


def test_what_a_wheel_says_is_read_out_of_it(shelf: Shelf, tmp_path: Path) -> None:
    """A file that is no wheel, or has no description, is an error."""
    (tmp_path / "text").write_text("hello")
    with zipfile.ZipFile(tmp_path / "empty.whl", "w") as archive:
        archive.writestr("x", "y")
    wheel = next(shelf.folder.glob("alpha*"))

    assert b"Name: alpha" in wheels.metadata(wheel)
    for name in ("text", "empty.whl", "none"):
        with pytest.raises(Failed, match="no wheel"):
            wheels.metadata(tmp_path / name)


def test_two_may_keep_the_same_at_once(tmp_path: Path) -> None:
    """Each writes beside it, under a name of its own."""
    house, wheel = Wheelhouse(tmp_path), "alpha-1.0-py3-none-any.whl"
    with ThreadPoolExecutor(8) as pool:
        jobs = [pool.submit(house.keep, wheel, "a" * 64, b"x" * 100_000) for _ in range(64)]
        for job in jobs:
            job.result()

    assert house.has(wheel, "a" * 64)
    assert [one.name for one in (tmp_path / "metadata" / ("a" * 64)).iterdir()] == [
        "alpha-1.0-py3-none-any.whl.metadata"
    ]
