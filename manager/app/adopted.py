"""Gives an image that was made elsewhere dates, an owner and a successor: in the catalog, and in the history."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from manager.app import catalogs, scanning, tags
from manager.app.release_views import adopted_json
from manager.core import adopted as core
from manager.core.adoption import ADOPTED, Adopted, Unmanaged, unmanaged
from manager.core.catalog import did_you_mean
from manager.core.history import Entry
from manager.core.mirrors import registry_host
from manager.core.observed import readable
from manager.errors import ManagerError, Unreachable, UsageError

if TYPE_CHECKING:
    from manager.app.world import World
    from manager.core.adopted import AdoptedImage, AdoptionRequest
    from manager.core.observed import Build, Observed


@dataclass(frozen=True, slots=True)
class Draft:
    """An adopted image, the text of the file that holds it, and where that lies."""

    image: AdoptedImage
    path: Path
    text: str

    def to_json(self) -> dict[str, Any]:
        """Give ``adopted`` of ``adopt image``."""
        one = self.image
        return adopted_json(Adopted(one.digest, one.reference, one.owner)) | {
            "release": one.release,
            "released": one.released.isoformat(),
            "end_of_life": one.end_of_life.isoformat(),
            "because": one.because or None,
            "successor": one.successor or None,
            "message": one.message or None,
            "python": one.python or None,
            "file": str(self.path),
        }


def draft(world: World, reference: str, asked: AdoptionRequest) -> Draft:
    """Decide the entry of an image and give the text of its file; nothing is written.

    Raises UsageError for a reference that neither the engine nor a registry has, Refused for the shipped catalog and
    as :func:`manager.core.adopted.entry`, CatalogError for a text that the catalog's own check would not pass.
    """
    from manager.world import files

    one = _entry(world, reference, asked)
    text = files.adopted_text(Path(world.catalog.root), world.catalog.content, one)
    return Draft(one, Path(world.catalog.root, ADOPTED), text)


def made(world: World, reference: str, asked: AdoptionRequest) -> Draft:
    """Decide the entry of an image, write it into the catalog, and note it in the history.

    Raises as :func:`draft`, Refused also on a day that is only looked at.
    """
    from manager.world import files

    catalogs.present(world)
    one = _entry(world, reference, asked)
    world.store.writable()
    text = files.adopt(Path(world.catalog.root), world.catalog.content, one)
    world.store.append(
        Entry(
            at=world.clock.now(),
            who=world.settings.owner,
            kind="adopt image",
            target=one.release,
            cause=f"{one.reference} was made elsewhere; {one.owner} answers for it",
            after=f"{one.digest}, until {one.end_of_life}",
        )
    )
    path = Path(world.catalog.root, ADOPTED)
    world.reread()
    return Draft(one, path, text)


def _entry(world: World, reference: str, asked: AdoptionRequest) -> AdoptedImage:
    catalog = world.catalog
    catalogs.editable(catalog)
    image, build = _found(world, reference)
    return core.entry(catalog, image, asked, build, world.settings.owner, world.today)


def _found(world: World, reference: str) -> tuple[Unmanaged, Build | None]:
    """Find an image on the engine or, by its tag, in a registry; with the build that it is, if it is one."""
    observed = world.observe()
    readable(observed)
    there = world.engine.image(reference)
    if there is not None:
        build = observed.build(there.digest)
        one = scanning.of_image(there)
        return (one, build) if build else (scanning.read(world, observed, one), None)
    if not registry_host(reference) or ":" not in reference.rpartition("/")[2]:
        raise _unknown(world, observed, reference)
    try:
        tag = tags.found(world, reference)
    except Unreachable as error:
        why = f"the engine has it not, and of the registry: {error.message}"
        raise Unreachable(f"there is no image {reference}", why=why, hint=error.hint) from error
    except ManagerError:
        tag = None
    if tag is None:
        raise _unknown(world, observed, reference)
    return tag, observed.build(tag.digest)


def _unknown(world: World, observed: Observed, reference: str) -> UsageError:
    container = next((one for one in unmanaged(observed) if one.name == reference), None)
    if container is not None:
        hint = f"name its image:  solvent adopt image {container.image} --as FAMILY:RELEASE"
        return UsageError(f"{reference} is a container, of image {container.image}", hint=hint)
    known = sorted({name for one in world.engine.images({}) for name in one.references})
    return UsageError(f"there is no image {reference!r}", hint=did_you_mean(reference, known) or "docker images")
