"""The resolver: uv as a subprocess, on a folder of wheels instead of an index."""

from __future__ import annotations

import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from manager.core.locks import parse, render
from manager.errors import Failed, Unreachable
from manager.world.resolver import default_index, install, lock, version
from tests.fakes.wheels import Shelf

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shelf:
    """Give an empty folder of wheels, which is all that uv sees."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    monkeypatch.setenv("UV_NO_INDEX", "1")
    monkeypatch.setenv("UV_FIND_LINKS", str(folder))
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "cache"))
    return Shelf(folder)


def versions(text: str) -> dict[str, str]:
    """Give what a lock pins, by name."""
    return {pin.name: pin.version for pin in parse(text)}


def test_a_lock_holds_exact_versions_with_hashes_and_no_address(shelf: Shelf) -> None:
    """Requirements and what they need become pins with hashes; where the wheels came from is not said."""
    shelf.add("tool", "1.5", needs=("part>=1",))
    shelf.add("part", "1.2")

    text = lock(("tool==1.*",), "3.13")

    assert versions(text) == {"part": "1.2", "tool": "1.5"}
    assert all(pin.hashes and not pin.marker for pin in parse(text))
    assert str(shelf.folder) not in text
    assert lock(("tool==1.*",), "3.13") == text


def test_constraints_bound_what_is_needed_and_move_pins(shelf: Shelf) -> None:
    """Of what nobody asked for by name too; where nothing is left, uv says why."""
    for one in ("1.0", "1.1", "1.2"):
        shelf.add("part", one)
    shelf.add("tool", "1.0", needs=("part",))
    first = lock(("tool",), "3.13")

    assert versions(lock(("tool",), "3.13", first, constraints=("part!=1.2",))) == {"part": "1.1", "tool": "1.0"}
    assert versions(lock(("tool",), "3.13", first, constraints=("part>=1.1",))) == versions(first)
    with pytest.raises(Failed):
        lock(("tool",), "3.13", first, constraints=("part>1.2",))


def test_pins_stay_unless_they_are_upgraded(shelf: Shelf) -> None:
    """A newer version moves a pin only when it is named, or when there is no previous lock."""
    shelf.add("tool", "1.0", needs=("part",))
    shelf.add("part", "1.0")
    first = lock(("tool",), "3.13")
    shelf.add("tool", "2.0", needs=("part",))
    shelf.add("part", "2.0")

    assert lock(("tool",), "3.13", first) == first
    assert versions(lock(("tool",), "3.13", first, ("part",))) == {"part": "2.0", "tool": "1.0"}
    assert versions(lock(("tool",), "3.13")) == {"part": "2.0", "tool": "2.0"}


def test_each_machine_and_python_gets_wheels_that_fit(shelf: Shelf) -> None:
    """A version without a wheel for a machine is not taken there, and a marker says so; a too new glibc is none."""
    shelf.add("native", "1.0", tag="cp313-cp313-manylinux_2_17_aarch64")
    shelf.add("native", "2.0", tag="cp313-cp313-manylinux_2_28_x86_64")
    shelf.add("native", "3.0", tag="cp313-cp313-manylinux_2_39_x86_64")

    found = {pin.version: pin.marker for pin in parse(lock(("native",), "3.13"))}

    assert found == {"1.0": "platform_machine == 'aarch64'", "2.0": "platform_machine == 'x86_64'"}
    with pytest.raises(Failed) as caught:
        lock(("native",), "3.11")
    assert "cp313" in caught.value.why


def test_no_solution_is_failed_with_uvs_reason(shelf: Shelf) -> None:
    """What cannot be resolved fails and says why, in uv's words."""
    shelf.add("tool", "1.0", needs=("part<1",))
    shelf.add("part", "1.0")

    with pytest.raises(Failed) as caught:
        lock(("tool",), "3.13")

    assert "part<1" in caught.value.why


def test_a_silent_index_is_unreachable_and_its_password_is_not_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An index that does not answer is told apart from a request without solution; no credential is repeated."""
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        monkeypatch.setenv("UV_DEFAULT_INDEX", f"http://me:canary-7@127.0.0.1:{nobody.getsockname()[1]}/simple")
        monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path))
        monkeypatch.setenv("UV_HTTP_RETRIES", "0")

        with pytest.raises(Unreachable) as caught:
            lock(("tool",), "3.13")

    assert "canary-7" not in caught.value.why
    assert "127.0.0.1" in caught.value.why


def test_installed_is_exactly_what_is_pinned(shelf: Shelf, tmp_path: Path) -> None:
    """Pins are installed without looking further, as copies, for a Python that need not be there."""
    shelf.add("tool", "1.0", needs=("part",), tag="cp39-cp39-manylinux_2_28_x86_64")
    shelf.add("tool", "0.9", tag="cp39-cp39-manylinux_2_28_aarch64")
    shelf.add("part", "1.0")
    pins = parse(lock(("tool",), "3.9"))

    install(render(pin for pin in pins if pin.name == "tool"), "3.9", tmp_path / "target", "x86_64")

    installed = tmp_path / "target" / "tool" / "__init__.py"
    assert "1.0" in installed.read_text()
    assert installed.stat().st_nlink == 1
    assert not (tmp_path / "target" / "part").exists()


def test_other_bytes_under_the_same_version_are_refused(
    shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wheel whose hash is not in the lock is not installed."""
    shelf.add("tool", "1.0")
    text = lock(("tool",), "3.13")
    shelf.add("tool", "1.0", files={"tool/more.py": b"evil = True\n"})
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "another cache"))

    with pytest.raises(Failed) as caught:
        install(text, "3.13", tmp_path / "target")

    assert "hash mismatch" in caught.value.why.lower()


def test_a_folder_that_holds_something_is_left_alone(shelf: Shelf, tmp_path: Path) -> None:
    """Installing over something else would mix two trees."""
    (tmp_path / "file").touch()

    with pytest.raises(ValueError, match="not empty"):
        install("", "3.13", tmp_path)


def test_uv_tells_its_version() -> None:
    """The version is a version."""
    assert version().count(".") == 2


def test_two_threads_do_not_look_for_uv_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The steps of a plan run side by side, and what uv finds itself by is not made for that."""
    import uv

    real = uv.find_uv_bin
    both = threading.Barrier(2)
    met: list[str] = []

    def find() -> str:
        try:
            both.wait(timeout=0.2)
            met.append("two at once")
        except threading.BrokenBarrierError:
            both.reset()
        return real()

    monkeypatch.setattr(uv, "find_uv_bin", find)
    with ThreadPoolExecutor(2) as pool:
        versions = list(pool.map(lambda _: version(), range(2)))

    assert met == []
    assert len(set(versions)) == 1


def test_an_index_of_its_own_serves_one_package_and_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is named comes from there although the usual index has a newer one; nothing else does, even if newer."""
    usual, apart = Shelf(tmp_path / "usual"), Shelf(tmp_path / "apart")
    for shelf, torch, part in ((usual, "3.0", "1.0"), (apart, "2.0+cpu", "9.0")):
        shelf.serve("torch", torch, needs=("part",))
        shelf.serve("part", part)
    monkeypatch.setenv("UV_DEFAULT_INDEX", usual.folder.as_uri())
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "cache"))
    indexes = {"torch": apart.folder.as_uri()}

    text = lock(("torch", "part"), "3.13", indexes=indexes)
    install(text, "3.13", tmp_path / "target", indexes=indexes)

    assert versions(text) == {"torch": "2.0+cpu", "part": "1.0"}
    assert apart.folder.as_uri() not in text
    assert "2.0+cpu" in (tmp_path / "target" / "torch" / "__init__.py").read_text()
    assert versions(lock(("torch",), "3.13")) == {"torch": "3.0", "part": "1.0"}


def test_uv_says_which_index_it_asks_by_default() -> None:
    """Read from its help, so no address stands here; a newer uv that words it otherwise is found by this."""
    assert default_index().startswith("https://")
