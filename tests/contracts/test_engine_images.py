"""What every engine does with images: the same suite on the fake and on Docker."""

from __future__ import annotations

import hashlib
import tarfile
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from manager.core import stack
from manager.errors import Failed, Refused, Unreachable, UsageError
from tests.fakes.engine import Outcome

if TYPE_CHECKING:
    from pathlib import Path

    from tests.contracts.conftest import World


def dockerfile(*lines: str) -> bytes:
    """Give a Dockerfile from the test image."""
    return "\n".join(["ARG BASE", "FROM ${BASE}", *lines, ""]).encode()


def test_a_root_file_system_becomes_an_image(world: World, rootfs: Path) -> None:
    """An import gives the digest under which the image is found, and labels survive whatever is in them."""
    labels = {**world.labels, "io.solvent.cause": 'a "quote", $HOME and a \\'}

    digest = world.engine.import_image(rootfs, f"{world.realm}/imported:1", labels)

    image = world.engine.image(f"{world.realm}/imported:1")
    assert (image.digest, image.labels, len(image.layers)) == (digest, labels, 1)
    assert image.references == (f"{world.realm}/imported:1",)
    assert [(one.digest, one.layers) for one in world.engine.images(labels)] == [(digest, ())]


def test_a_build_adds_a_layer_for_each_addition(world: World, tmp_path: Path) -> None:
    """The same context gives the same image from the cache; a changed file changes its own layer only."""
    (tmp_path / "b").write_bytes(b"b")
    context = {"Dockerfile": dockerfile("ADD a /srv/a", "ADD b /srv/b"), "a": b"a", "b": tmp_path / "b"}
    said: list[str] = []
    again: list[str] = []
    base = world.engine.image(world.image).layers

    def build(lines: list[str]) -> object:
        arguments = {"BASE": world.image}
        return world.engine.build(context, arguments, world.labels, f"{world.realm}/built:1", lines.append)

    first = build(said)
    second = build(again)
    context["b"] = b"other"
    third = build([])

    assert first.layers[: len(base)] == base
    assert len(first.layers) == len(base) + 2
    assert first.labels.items() >= world.labels.items()
    assert any("ADD a /srv/a" in line for line in said)
    assert " ---> Using cache" not in said[2:]
    assert " ---> Using cache" in again
    assert (second.digest, second.layers) == (first.digest, first.layers)
    assert third.layers[:-1] == first.layers[:-1]
    assert third.layers[-1] != first.layers[-1]


def test_an_image_that_is_not_there_has_no_history(world: World) -> None:
    """One that is there says what it was made by, as far as it was made by commands."""
    assert isinstance(world.engine.history(world.image), tuple)
    with pytest.raises(UsageError):
        world.engine.history(f"{world.realm}/nothing:1")


def archive(folder: Path, name: str) -> tuple[str, Path]:
    """Pack a file of that name; give digest and place of the archive."""
    place = folder / f"{name}.tar"
    with tarfile.open(place, "w") as tar:
        tar.addfile(tarfile.TarInfo(f"srv/{name}"))
    return "sha256:" + hashlib.sha256(place.read_bytes()).hexdigest(), place


def configuration(world: World, *layers: str) -> str:
    """Give an image of the test image's layers and these."""
    base = world.engine.image(world.image).layers
    named = tuple(stack.Layer(layer, "a layer") for layer in layers)
    settings = world.engine.settings(world.image)
    return stack.image(settings, base, named, world.labels, datetime(2026, 11, 22, tzinfo=UTC))


def test_an_image_is_loaded_without_the_layers_that_are_there(world: World, tmp_path: Path) -> None:
    """Digests are known before: a layer's is that of its archive, the image's that of its configuration."""
    one, two = archive(tmp_path, "one"), archive(tmp_path, "two")
    reference = f"{world.realm}/loaded:1"
    first = world.engine.load(configuration(world, one[0]), dict([one]), reference, str)

    text = configuration(world, one[0], two[0])
    second = world.engine.load(text, dict([two]), reference, str)

    base = world.engine.image(world.image).layers
    assert first.layers == (*base, one[0])
    assert second.layers == (*base, one[0], two[0])
    assert second.digest == "sha256:" + hashlib.sha256(text.encode()).hexdigest()
    assert second.labels.items() >= world.labels.items()
    assert world.engine.image(reference).digest == second.digest


def test_a_load_without_a_layer_that_is_not_there_leaves_nothing(world: World, tmp_path: Path) -> None:
    """The caller sends more then; a layer on other layers is another one."""
    one, two = archive(tmp_path, "one"), archive(tmp_path, "two")
    world.engine.load(configuration(world, one[0]), dict([one]), f"{world.realm}/loaded:1", str)
    before = world.engine.images(world.labels)

    with pytest.raises(UsageError, match="the engine lacks a layer"):
        world.engine.load(configuration(world, two[0], one[0]), dict([two]), f"{world.realm}/loaded:2", str)

    assert world.engine.images(world.labels) == before
    assert world.engine.image(f"{world.realm}/loaded:2") is None


def test_a_failed_build_leaves_nothing_behind(world: World) -> None:
    """The last lines are in the error; no image, no container; the reference points where it did."""
    reference = f"{world.realm}/built:1"
    world.command("echo trouble; exit 9", Outcome(9, stdout=b"trouble\n"))
    good = world.engine.build({"Dockerfile": dockerfile()}, {"BASE": world.image}, world.labels, reference, str)
    bad = dockerfile("LABEL io.solvent.kind=half", "ADD a /a", "RUN echo trouble; exit 9")

    with pytest.raises(Failed, match="the build of") as failure:
        world.engine.build({"Dockerfile": bad, "a": b"a"}, {"BASE": world.image}, world.labels, reference, str)

    assert "trouble" in failure.value.why
    assert "returned a non-zero code: 9" in failure.value.why
    assert world.engine.image(reference).digest == good.digest
    assert world.engine.images({"io.solvent.kind": "half"}) == ()
    assert world.engine.containers({"io.solvent.kind": "half"}) == ()


def test_a_context_that_cannot_be_read_is_the_callers_mistake(world: World, tmp_path: Path) -> None:
    """A file that is not there is named before anything is built."""
    context = {"Dockerfile": dockerfile("ADD a /a"), "a": tmp_path / "absent"}

    with pytest.raises(UsageError, match="a in the build's context is no file"):
        world.engine.build(context, {"BASE": world.image}, world.labels, f"{world.realm}/built:1", str)

    assert world.engine.images(world.labels) == ()


def test_a_reference_goes_before_the_image(world: World) -> None:
    """Two references to one digest are safe from each other; by digest all of them go; absent is fine."""
    one, two, three = (f"{world.realm}/built:{number}" for number in (1, 2, 3))
    digest = world.engine.build({"Dockerfile": dockerfile()}, {"BASE": world.image}, world.labels, one, str).digest
    world.engine.tag(digest, two)
    world.engine.tag(digest, three)

    world.engine.remove_image(one)
    assert world.engine.image(two).references == (two, three)
    world.engine.remove_image(digest)
    world.engine.remove_image(digest)
    world.engine.remove_image(two)

    assert world.engine.images(world.labels) == ()
    with pytest.raises(UsageError):
        world.engine.tag(digest, two)


def test_an_image_is_kept_while_a_container_is_made_from_it(world: World) -> None:
    """A stopped environment has to start again: its image is neither removed by digest nor by its last name."""
    reference = f"{world.realm}/built:1"
    built = world.engine.build({"Dockerfile": dockerfile()}, {"BASE": world.image}, world.labels, reference, str)
    world.engine.create(world.spec("one", image=built.digest))

    for name in (built.digest, reference):
        with pytest.raises(Refused, match="could not remove image"):
            world.engine.remove_image(name)

    assert world.engine.image(reference).digest == built.digest


def test_a_registry_that_does_not_answer_is_unreachable(world: World) -> None:
    """Nothing listens on port 1: the pull fails as unreachable, with the next step."""
    with pytest.raises(Unreachable, match="no registry answers") as failure:
        world.engine.pull("127.0.0.1:1/none/none:1", str)

    assert "solvent doctor" in failure.value.hint
