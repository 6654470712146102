"""What every engine does with archives: file systems are read without running anything, and a volume is filled."""

from __future__ import annotations

import io
import json
import tarfile
from typing import TYPE_CHECKING

import pytest

from manager.core.containers import Mount
from manager.errors import Failed, UsageError
from tests.contracts.conftest import GREETING
from tests.fakes.engine import FakeEngine

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tests.contracts.conftest import World


def opened(chunks: Iterable[bytes]) -> tarfile.TarFile:
    """Give a stream as an archive."""
    return tarfile.open(fileobj=io.BytesIO(b"".join(chunks)))


def files(chunks: Iterable[bytes]) -> dict[str, bytes]:
    """Give the regular files of a stream by their names."""
    with opened(chunks) as tar:
        return {one.name: tar.extractfile(one).read() for one in tar if one.isreg()}  # type: ignore[union-attr]


def one_file(name: str, content: bytes, uid: int) -> Iterator[bytes]:
    """Give a stream of one file, in two chunks."""
    whole = io.BytesIO()
    with tarfile.open(fileobj=whole, mode="w") as tar:
        member = tarfile.TarInfo(name)
        member.size, member.uid, member.gid, member.mode = len(content), uid, uid, 0o640
        tar.addfile(member, io.BytesIO(content))
    yield whole.getvalue()[:100]
    yield whole.getvalue()[100:]


@pytest.fixture
def world(world: World) -> World:
    """The fake knows the greeting, as the real image has it."""
    if isinstance(world.engine, FakeEngine):
        world.engine.trees[world.image] = {"/srv/greeting": GREETING}
    return world


def test_files_of_a_container_are_read_that_never_ran(world: World) -> None:
    """The whole and a single path come as archives; a path that is not there is named; nothing has changed by it."""
    made = world.engine.create(world.spec("one"))

    whole = files(world.engine.archive(made))
    single = files(world.engine.archive(made, "/srv/greeting"))

    assert whole["srv/greeting"] == single["greeting"] == GREETING
    with pytest.raises(UsageError, match="/srv/nothing"):
        world.engine.archive(made, "/srv/nothing")
    assert world.engine.changes(made) == ()
    assert world.engine.container(made).state == "created"  # type: ignore[union-attr]


def test_an_image_is_read_layer_by_layer(world: World) -> None:
    """A saved image names its layers, and each of them is a tar."""
    saved = files(world.engine.save(world.image))

    (manifest,) = json.loads(saved["manifest.json"])
    (layer,) = manifest["Layers"]
    assert files([saved[layer]])["srv/greeting"] == GREETING


def test_a_volume_is_filled_and_read_without_running_anything(world: World) -> None:
    """Owners and modes are those of the archive; what comes back lies below the folder's name."""
    volume = world.name("files")
    world.engine.create_volume(volume, world.labels)
    made = world.engine.create(world.spec("one", mounts=(Mount(volume, "/workspace"),)))

    world.engine.copy_in(made, "/workspace", one_file("a.txt", b"hello", 1234))

    if isinstance(world.engine, FakeEngine):
        assert world.engine.owners[volume, "a.txt"] == (1234, 1234, 0o640)
    else:
        with opened(world.engine.archive(made, "/workspace")) as tar:
            member = tar.getmember("workspace/a.txt")
            assert (member.uid, member.gid, member.mode & 0o777) == (1234, 1234, 0o640)
    assert files(world.engine.archive(made, "/workspace"))["workspace/a.txt"] == b"hello"


def test_a_stream_that_breaks_is_told_as_what_it_is(world: World) -> None:
    """What could not be read is the cause, and not the engine."""
    volume = world.name("files")
    world.engine.create_volume(volume, world.labels)
    made = world.engine.create(world.spec("one", mounts=(Mount(volume, "/workspace"),)))

    def broken() -> Iterator[bytes]:
        yield b"\0" * 512
        raise Failed("the disk is full")

    with pytest.raises(Failed, match="the disk is full"):
        world.engine.copy_in(made, "/workspace", broken())
