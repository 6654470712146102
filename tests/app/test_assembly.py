"""Putting an image together: only what the engine lacks is packed and sent, and every way gives the same layers."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from manager.app.layers import MARKER, Part
from manager.app.steps.assembly import Order, assemble, named
from manager.core.observed import Build, BuildStatus
from manager.errors import Failed, UsageError
from tests.app.conftest import RELEASE, World

if TYPE_CHECKING:
    from pathlib import Path

    from manager.app.manager import Manager
    from manager.core.observed import Image

DOCKERFILE = f"ARG BASE\nFROM ${{BASE}}\nADD ide.tar /\n{MARKER}\nADD files.tar /\nUSER 1000\n"


@dataclass
class Bench:
    """A family on disk, parts whose content can be changed, and what was packed of them."""

    manager: Manager
    engine: Any
    folder: Path
    content: dict[str, str] = field(default_factory=lambda: {"ide": "1", "kernel runtime": "1", "kernel pg": "1"})
    known: dict[tuple[str, str], str] = field(default_factory=dict)
    packed: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    made: int = 0

    def say(self, line: str) -> None:
        """Note a line of progress."""
        self.said.append(line)

    def part(self, name: str) -> Part:
        """Give a layer; the files' digest is never known before."""

        def pack(out: Path) -> str:
            self.packed.append(name)
            out.write_text(f"{name} {self.content.get(name)}")
            digest = "sha256:" + hashlib.sha256(out.read_bytes()).hexdigest()
            self.known[name, self.content.get(name, "")] = "" if name == "files" else digest
            return digest

        return Part(name, f"{name.replace(' ', '-')}.tar", self.known.get((name, self.content.get(name, "")), ""), pack)

    def assemble(self, dockerfile: str = DOCKERFILE) -> Image:
        """Make an image and remember it as a build."""
        self.packed.clear()
        self.made += 1
        (self.folder / "Dockerfile").write_text(dockerfile)
        release = self.manager.catalog.release(RELEASE, self.manager.today)
        family = replace(self.manager.catalog.family(release.family), folder=str(self.folder))
        base = self.engine.image("solvent/base:1")
        parts = tuple(self.part(name) for name in (*self.content, "files"))
        place = self.folder / str(self.made)
        place.mkdir()
        order = Order(
            family,
            release,
            base,
            parts,
            {"io.solvent.kind": "image", "io.solvent.version": str(self.made)},
            f"solvent/lab:{self.made}",
        )
        image = assemble(self.manager, order, place, self)  # type: ignore[arg-type]
        layers = named(image, order)
        at = datetime(2026, 11, 21, 13, self.made, tzinfo=UTC)
        self.manager.store.add_build(
            Build(RELEASE, f"a{self.made}", image.digest, "s", (), BuildStatus.CANDIDATE, at, 1, layers)
        )
        return image

    @property
    def sent(self) -> list[int]:
        """Give how many archives each load was given."""
        return [len(words[1]) for method, words in self.engine.calls if method == "load"]


@pytest.fixture
def bench(world: World, tmp_path: Path) -> Bench:
    """Give a world with a base, and nothing made yet."""
    world.engine.add_image("solvent/base:1", {"io.solvent.kind": "base"})
    folder = tmp_path / "family"
    folder.mkdir()
    return Bench(world.manager(), world.engine, folder)


def test_only_what_moved_and_what_lies_on_it_is_packed_and_sent(bench: Bench) -> None:
    """The layers below are the engine's own; the image is made of the same digests all the same."""
    first = bench.assemble()
    assert bench.packed == ["ide", "kernel runtime", "kernel pg", "files"]

    bench.content["kernel pg"] = "2"
    second = bench.assemble()

    assert bench.packed == ["kernel pg", "files"]
    assert bench.sent == [4, 2]
    assert [old == new for old, new in zip(first.layers, second.layers, strict=True)] == [True] * 3 + [False, True]


def test_what_moved_back_is_found_in_an_older_image(bench: Bench) -> None:
    """Any build of the release that the engine still has may lend its layers."""
    first = bench.assemble()
    bench.content["ide"] = "2"
    bench.assemble()

    bench.content["ide"] = "1"

    assert bench.assemble().layers == first.layers
    assert bench.packed == ["files"]


def test_layers_that_are_gone_from_the_engine_are_sent_again(bench: Bench) -> None:
    """Somebody removed the image between the look and the load: everything is sent, to the same digests."""
    first = bench.assemble()
    bench.engine.fail("load", UsageError("the engine lacks a layer"))

    second = bench.assemble()

    assert second.layers == first.layers
    assert bench.sent == [4, 1, 4]
    assert sorted(bench.packed) == ["files", "ide", "kernel pg", "kernel runtime"]


def test_an_engine_that_takes_whole_images_builds_them(bench: Bench) -> None:
    """Its builder gets the Dockerfile with every archive."""
    bench.engine.fail("load", UsageError("this engine takes whole images only"), times=None)

    image = bench.assemble()

    assert bench.engine.image("solvent/lab:1").digest == image.digest
    assert any("building it there" in line for line in bench.said)
    contexts = [words[0] for method, words in bench.engine.calls if method == "build"]
    assert contexts[-1].keys() == {"Dockerfile", "ide.tar", "kernel-runtime.tar", "kernel-pg.tar", "files.tar"}


def test_a_dockerfile_that_makes_layers_is_built(bench: Bench) -> None:
    """Nothing is handed over then, and the layer of its own is there."""
    image = bench.assemble(DOCKERFILE + "RUN true\n")

    assert bench.sent == []
    assert len(image.layers) == 1 + 5
    (build,) = (one for one in bench.manager.store.builds(RELEASE) if one.digest == image.digest)
    assert [name for _, name in build.layers] == ["Dockerfile"] * 5


def test_the_frame_is_read_once_and_stays_nowhere(bench: Bench) -> None:
    """The engine reads a Dockerfile for what it says about containers, and keeps no image of that."""
    bench.assemble()
    bench.assemble()

    assert [method for method, _ in bench.engine.calls].count("build") == 1
    assert {one.labels.get("io.solvent.kind") for one in bench.engine.images({})} & {"frame"} == set()
    bench.assemble(DOCKERFILE + "WORKDIR /workspace\n")
    assert [method for method, _ in bench.engine.calls].count("build") == 2


def test_a_load_that_fails_is_no_reason_to_try_another_way(bench: Bench) -> None:
    """A full disk is said, and what was there before stays."""
    first = bench.assemble()
    bench.engine.fail("load", Failed("the disk is full"))

    with pytest.raises(Failed, match="the disk is full"):
        bench.assemble()

    assert bench.engine.image("solvent/lab:1").digest == first.digest
    assert bench.engine.image("solvent/lab:2") is None
