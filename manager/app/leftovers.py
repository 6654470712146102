"""What is there only as long as the command that made it, and what a killed command left of that.

Each such thing carries a claim's name; the claim ends with its process, however that ends. A thing whose claim nobody
has is left over, and the next command that makes such things takes it away.
"""

from __future__ import annotations

import platform
import re
import secrets
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from manager.core.containers import LABEL
from manager.core.plan import digest_of
from manager.errors import ManagerError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from manager.app.world import World

Labels = tuple[tuple[str, str], ...]
_FRAME = "frame"
_PASSING = "passing-"


@contextmanager
def passing(world: World) -> Iterator[Labels]:
    """Give labels for what shall not outlive this command; before that, take away what killed ones left."""
    with _claimed(world) as claim:
        yield world.names.labels("sandbox", owner=world.settings.owner, claims=_folder(world), claim=claim)


@contextmanager
def frame(world: World) -> Iterator[str]:
    """Give the reference of a frame, likewise; its labels would be those of every image that is made from it."""
    with _claimed(world) as claim:
        yield f"{world.names.realm}/{_FRAME}:{_folder(world)}-{claim}"


@contextmanager
def _claimed(world: World) -> Iterator[str]:
    sweep(world)
    claim = f"{_PASSING}{secrets.token_hex(8)}"
    while not world.claims.take(claim):
        # Another command's sweep asked about it a moment after it appeared.
        claim = f"{_PASSING}{secrets.token_hex(8)}"
    try:
        yield claim
    finally:
        world.claims.release(claim)


def sweep(world: World) -> None:
    """Remove what no command has a claim on any more; what the engine refuses stays for the next time."""
    engine, folder, free = world.engine, _folder(world), world.claims.free
    mine = world.names.filter("sandbox") | {LABEL + "claims": folder, LABEL + "claim": ""}
    removals = (
        (engine.containers, engine.remove),
        (engine.volumes, engine.remove_volume),
        (engine.networks, engine.remove_network),
    )
    for listed, remove in removals:
        for one in listed(mine):
            if free(one.labels[LABEL + "claim"]):
                with suppress(ManagerError):
                    remove(one.name)
    ours = re.compile(f"{re.escape(world.names.realm)}/{_FRAME}:{folder}-(.+)")
    for image in engine.images(world.names.filter("frame")):
        found = next(filter(None, map(ours.fullmatch, image.references)), None)
        if found and free(found[1]):
            with suppress(ManagerError):
                engine.remove_image(image.digest)
    for claim in world.claims.folder.glob(f"{_PASSING}*"):
        # The file goes with the question.
        free(claim.name)


def _folder(world: World) -> str:
    """Tell folders of claims apart: only who sees a claim may say that nobody has it."""
    return digest_of([platform.node(), str(world.claims.folder)])[:16]
