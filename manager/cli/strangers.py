"""Shows what no Solvent made: as rows of a scan, and below a list of environments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from manager.app.times import ago
from manager.cli.output import Column

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from manager.app.events import PlanDone
    from manager.cli.session import Session
    from manager.core.adoption import Unmanaged
    from manager.core.containers import Mount
    from manager.core.scans import Unread
    from manager.core.takeover import Took

# Until somebody has looked inside.
_UNKNOWN = "?"


def show(session: Session, found: Sequence[Unmanaged]) -> None:
    """Show what a scan found."""
    from manager.app.adoption_views import unmanaged_json

    columns = [
        Column[Any]("kind", lambda one: one.kind),
        *_columns(),
        Column[Any]("languages", lambda one: _listed(one.scan.languages) if one.scan else _UNKNOWN),
        Column[Any]("drivers", lambda one: _listed(one.scan.drivers, 3) if one.scan else _UNKNOWN),
        Column[Any]("mounts", lambda one: _listed(map(_mount, one.mounts))),
    ]
    wide = [
        Column[Any]("image", lambda one: one.image if one.kind == "container" else ""),
        Column[Any]("digest", lambda one: one.digest),
        Column[Any]("networks", lambda one: _listed(one.networks)),
        Column[Any]("created", lambda one: ago(one.created)),
        Column[Any]("not read", lambda one: _listed(f"{each.path}: {each.why}" for each in unread(one))),
    ]
    session.output.rows("unmanaged", found, columns, wide=wide, name=lambda one: one.name, to_json=unmanaged_json)


def below(session: Session, found: Sequence[Unmanaged]) -> None:
    """Show containers below a table of environments."""
    if not found:
        return
    from manager.app.adoption_views import unmanaged_json

    session.output.line("\nunmanaged")
    columns = [*_columns(), Column[Any]("created", lambda one: ago(one.created))]
    session.output.rows("unmanaged", found, columns, name=lambda one: one.name, to_json=unmanaged_json)


def results(done: PlanDone | None) -> tuple[Took, ...]:
    """Give what takeovers of a plan came to."""
    from manager.core.takeover import Took

    return tuple(one for one in done.results.values() if isinstance(one, Took)) if done else ()


def told(session: Session, done: PlanDone | None) -> None:
    """Say what was copied, whose it was, and what was left."""
    from manager.core.amounts import many, show_size

    for one in results(done):
        if one.note:
            session.terminal.note(one.note)
            continue
        whose = f"; they belonged to user {', '.join(map(str, one.owners))}" if one.owners else ""
        copied = f"{many(one.files, 'file')} of {one.container} copied, {show_size(one.size)}"
        session.terminal.note(copied + whose)
        for left in one.left:
            session.terminal.note(f"not copied: {left}")


def took_json(one: Took) -> dict[str, Any]:
    """Give one of ``took``."""
    return {
        "container": one.container,
        "files": one.files,
        "bytes": one.size,
        "owners": list(one.owners),
        "left": list(one.left),
        "note": one.note or None,
    }


def unread(one: Unmanaged) -> tuple[Unread, ...]:
    """Give the places of something that were not read."""
    return one.scan.unread if one.scan else ()


def _columns() -> list[Column[Any]]:
    return [
        Column[Any]("name", lambda one: one.name),
        Column[Any]("owner?", lambda one: one.hint.owner),
        Column[Any]("state", lambda one: one.state),
        Column[Any]("ide", lambda one: _listed(one.scan.ides) if one.scan else _UNKNOWN),
        Column[Any]("published", lambda one: _listed(map(str, one.published))),
    ]


def _mount(mount: Mount) -> str:
    # A volume without a name has one of 64 digits.
    source = mount.source[:12] if mount.kind == "volume" and len(mount.source) == 64 else mount.source
    return f"{source}:{mount.target}" + (":ro" if mount.read_only else "")


def _listed(words: Iterable[str], most: int = 0) -> str:
    """Join words; of more than ``most``, the rest are counted."""
    found = list(words)
    rest = len(found) - most if most else 0
    return ", ".join([*found[:most], f"{rest} more"]) if rest > 0 else ", ".join(found)
