"""Puts an image together from a base and layers: only what the engine lacks is packed and sent.

The engine reads the family's Dockerfile once, without its archives (the frame); it says how a container runs. The
layers themselves are handed over as they are. Where that is not possible (a last stage that makes layers of its own,
an engine that takes only whole images), the engine's builder makes the whole.
"""

from __future__ import annotations

import io
import secrets
import tarfile
from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING

from manager import whole_files
from manager.app import leftovers
from manager.app.layers import FILES, dockerfile
from manager.core import stack
from manager.core.plan import digest_of
from manager.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from manager.app.apply import Progress
    from manager.app.layers import Part
    from manager.app.world import World
    from manager.core.catalog import Family, Release
    from manager.core.observed import Image


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be put together: a release's parts on its base, with labels, under a reference."""

    family: Family
    release: Release
    base: Image
    parts: tuple[Part, ...]
    labels: dict[str, str]
    reference: str


def assemble(world: World, order: Order, folder: Path, progress: Progress) -> Image:
    """Make the image; archives are packed into ``folder``. A failure leaves every earlier image as it was."""
    text = dockerfile(order.family, tuple(part.file for part in order.parts))
    archives: dict[str, tuple[str, Path]] = {}
    settings = _settings(world, order, text, progress)
    if settings:
        there = _there(world, order)
        try:
            return _loaded(world, order, settings, there, archives, folder, progress)
        except UsageError as lacking:
            progress.say(f"{lacking.message}: sending every layer")
        try:
            return _loaded(world, order, settings, 0, archives, folder, progress)
        except UsageError as whole:
            progress.say(f"{whole.message}: building it there")
    _packed(order, 0, archives, folder, progress)
    context: dict[str, Path | bytes] = {file: archive for file, (_, archive) in archives.items()}
    context["Dockerfile"] = text.encode()
    return world.engine.build(context, _arguments(order), order.labels, order.reference, progress.say)


def named(image: Image, order: Order) -> tuple[tuple[str, str], ...]:
    """Give each layer on the base with its part's name; with ``Dockerfile`` where that made layers of its own."""
    own = image.layers[len(order.base.layers) :]
    names = [part.name for part in order.parts] if len(own) == len(order.parts) else ["Dockerfile"] * len(own)
    return tuple(zip(own, names, strict=True))


def _loaded(
    world: World,
    order: Order,
    settings: str,
    there: int,
    archives: dict[str, tuple[str, Path]],
    folder: Path,
    progress: Progress,
) -> Image:
    """Hand over the layers from number ``there`` on; those below it are in the engine."""
    _packed(order, there, archives, folder, progress)
    digests = [archives[part.file][0] if part.file in archives else part.digest for part in order.parts]
    layers = tuple(stack.Layer(digest, part.name) for digest, part in zip(digests, order.parts, strict=True))
    configuration = stack.image(settings, order.base.layers, layers, order.labels, world.clock.now())
    progress.say(f"sending {', '.join(part.name for part in order.parts[there:])}")
    return world.engine.load(configuration, dict(archives.values()), order.reference, progress.say)


def _packed(order: Order, there: int, archives: dict[str, tuple[str, Path]], folder: Path, progress: Progress) -> None:
    """Pack the parts from number ``there`` on that are not packed yet: ``archives`` gets digest and place by file."""
    for part in order.parts[there:]:
        if part.file not in archives:
            progress.say(f"packing {part.name}")
            archives[part.file] = (part.pack(folder / part.file), folder / part.file)


def _there(world: World, order: Order) -> int:
    """Count the parts, from the bottom up, that an image of the engine has on this base; read from the newest."""
    wanted = [part.digest for part in takewhile(lambda part: part.digest, order.parts)]
    best = 0
    for build in reversed(world.store.builds(order.release.name)):
        if stack.shared(wanted, (digest for digest, _ in build.layers)) > best:
            image = world.engine.image(build.digest)
            if image is not None:
                below = (*order.base.layers, *wanted)
                best = max(best, stack.shared(below, image.layers) - len(order.base.layers))
    return best


def _arguments(order: Order) -> dict[str, str]:
    release = order.release
    return {"BASE": order.base.digest, "PYTHON": release.python, "RELEASE": f"{release.family}-{release.line}"}


def _settings(world: World, order: Order, text: str, progress: Progress) -> str:
    """Give what the Dockerfile says about containers, as the engine reads it; nothing where it makes layers as well.

    What was read once for the same Dockerfile, release, user's folders and base is kept in the cache.
    """
    frame = stack.frame(text, (part.file for part in order.parts), FILES)
    if not frame:
        return ""
    launch = order.family.launch
    key = digest_of([frame, order.release.name, order.release.python, order.base.digest, launch.home, launch.workspace])
    place = world.settings.cache_dir / "frames" / key
    try:
        return place.read_text(encoding="utf-8")
    except FileNotFoundError:
        progress.say("reading the Dockerfile")
    context: dict[str, Path | bytes] = {"Dockerfile": frame.encode(), FILES: _folders(launch.home, launch.workspace)}
    labels = dict(world.names.labels("frame"))
    with leftovers.frame(world) as reference:
        made = world.engine.build(context, _arguments(order), labels, reference, progress.say)
        try:
            # One layer more are the folders; a further one would be made by the frame itself (a WORKDIR elsewhere).
            settings = world.engine.settings(made.digest) if len(made.layers) == len(order.base.layers) + 1 else ""
        finally:
            world.engine.remove_image(made.digest)
    if settings:
        place.parent.mkdir(parents=True, exist_ok=True)
        whole_files.write(place, settings)
    return settings


def _folders(*places: str) -> bytes:
    """Pack empty folders, so that a WORKDIR among them makes no layer.

    One has a name of its own: two that read the same Dockerfile at once have to get two images, as each removes its.
    """
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for place in (*places, f"tmp/frame-{secrets.token_hex(8)}"):
            folder = tarfile.TarInfo(place.strip("/"))
            folder.type, folder.mode = tarfile.DIRTYPE, 0o755
            archive.addfile(folder)
    return packed.getvalue()
