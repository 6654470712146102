"""Starts a release from its predecessor, with the day on which its IDE came out as its first."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from manager.app import catalogs, watch
from manager.core import following as core
from manager.core.watching import ide_of
from manager.errors import Unreachable

if TYPE_CHECKING:
    from datetime import date

    from manager.app.world import World
    from manager.core.following import Following


@dataclass(frozen=True, slots=True)
class Follow:
    """What a person asks for: ``family:line``, the release that it follows, a Python, and a first day if known."""

    name: str
    after: str
    python: str = ""
    released: date | None = None


@dataclass(frozen=True, slots=True)
class Drawn:
    """The release, the text of its file, and what comes next."""

    following: Following
    path: Path
    text: str
    next: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Give ``scaffold`` of ``image new --from-release``."""
        one = self.following
        return {
            "release": one.name,
            "form": "release",
            "file": str(self.path),
            "from_release": one.model.name,
            "python": one.python,
            "system": one.system,
            "ide": one.ide,
            "released": one.released.isoformat(),
            "successor_of": one.model.name if one.succeeds else None,
            "text": self.text,
            "next": list(self.next),
        }


def draft(world: World, asked: Follow) -> Drawn:
    """Draw the release and give the text of its file; nothing is written.

    Raises UsageError for names that do not fit, Refused for the shipped catalog and for what is there already,
    Unreachable when the index is to say the first day and does not answer, CatalogError for what would be wrong.
    """
    from manager.world.files import following

    one = _drawn(world, asked)
    return _finished(world, one, following.text_of(Path(world.catalog.root), world.catalog.content, one))


def made(world: World, asked: Follow) -> Drawn:
    """Draw the release and write it; raises as :func:`draft`, Refused also on a day that is only looked at."""
    from manager.world.files import following

    catalogs.present(world)
    one = _drawn(world, asked)
    done = _finished(world, one, following.write(Path(world.catalog.root), world.catalog.content, one))
    world.reread()
    return done


def _drawn(world: World, asked: Follow) -> Following:
    catalog = world.catalog
    catalogs.editable(catalog)
    wanted = core.wanted(catalog, asked.name, asked.after, asked.python)
    released = asked.released
    if released is None:
        try:
            released = watch.day_of(world, ide_of(wanted.model), wanted.numbers).day
        except Unreachable as error:
            hint = "\n".join(filter(None, (error.hint, "or say when the IDE came out:  --released DATE")))
            raise Unreachable(error.message, why=error.why, hint=hint) from error
    return core.drawn(catalog, wanted, released, world.today)


def _finished(world: World, one: Following, text: str) -> Drawn:
    root = Path(world.catalog.root)
    where = catalogs.option(world)
    steps = (f"solvent image lock {one.name}{where}", f"solvent image build {one.name}{where}")
    return Drawn(one, root / one.file, text, steps)
