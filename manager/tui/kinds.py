"""What can be listed: the columns of each kind, and its rows as the Manager gives them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from manager.app.times import ago, away
from manager.tui.rows import Column, Listing, Row

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from manager.app.manager import Manager
    from manager.app.release_views import ReleaseView
    from manager.app.views import ConnectorView, EnvironmentView, Matter
    from manager.core.adoption import Unmanaged
    from manager.core.checks import Run

Tabs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of thing: its id, the title of its list, its columns, how it is listed and shown, and the empty state.

    ``shape`` gives the columns of some rows, where these are not always the same.
    """

    id: str
    title: str
    columns: tuple[Column, ...]
    rows: Callable[[Manager], list[Row]]
    tabs: Callable[[Manager, Row], Tabs]
    empty: str
    shape: Callable[[Sequence[Row]], tuple[Column, ...]] | None = None


_STAGES = {"preview": "dim", "active": "good", "deprecated": "warn", "retired": "bad"}
_STATES = {"running": "good", "unhealthy": "bad", "gone": "bad", "starting": "warn", "unmanaged": "dim"}
_VERDICTS = {"verified": "good", "blocked": "bad", "inconclusive": "warn"}
_DAYS_NEAR = 30


def moods_of(*pairs: tuple[int, str]) -> tuple[tuple[int, str], ...]:
    """Give the moods of cells by their index, without those that have none."""
    return tuple(pair for pair in pairs if pair[1])


# -- what needs somebody


def _matters(manager: Manager) -> list[Row]:
    return [_matter(index, one) for index, one in enumerate(manager.status())]


_WORST = ("unreachable", "database", "lost", "gone", "ended", "quarantine", "regression", "blocked", "rollback")
# What a nightly found, as an administrator reads it; the rest has its own word.
_NIGHTLY = {"promote": "waits", "unsure": "not sure"}
_GLYPHS = {"promoted": "↑", "waits": "↑", "not sure": "?", "unmanaged": "?"}


def _matter(index: int, one: Matter) -> Row:
    kind = _NIGHTLY.get(one.finding, one.finding or one.kind)
    mood = "bad" if kind in _WORST else "good" if kind == "promoted" else "warn"
    glyph = _GLYPHS.get(kind, "✖" if mood == "bad" else "!")
    cells = (f"{glyph} {kind}", one.subject, one.text, one.pay)
    needy = kind != "promoted"
    return Row(f"{one.kind} {one.subject} {index}", one.subject, cells, moods=((0, mood),), needy=needy, thing=one)


def _of_matter(_manager: Manager, row: Row) -> Tabs:
    one: Any = row.thing
    return (("matter", f"{one.text}\n\npay it:\n  {one.pay}"),)


# -- environments


@dataclass(frozen=True, slots=True)
class Theirs:
    """Another person's environment: seen, and left alone; a command knows only one's own by their names."""

    view: EnvironmentView


def _environments(manager: Manager) -> list[Row]:
    found, unmanaged, notes = manager.adoption.listing()
    mine = manager.settings.owner
    listing = Listing([*(_environment(one, mine) for one in found), *map(_unmanaged, unmanaged)])
    listing.notes = notes
    return listing


def _environment(view: EnvironmentView, mine: str) -> Row:
    one, stage = view.environment, view.stage.value if view.stage else ""
    cells = (
        one.name, one.owner, one.release, stage, one.state, one.version, one.workspace, ago(one.created),
        ", ".join(one.connections), str(view.owed) if view.owed else "",
    )  # fmt: skip
    moods = moods_of((3, _STAGES.get(stage, "")), (4, _STATES.get(one.state, "")))
    needy = bool(view.owed) or stage == "retired" or one.state in ("gone", "unhealthy")
    theirs = one.owner != mine
    return Row(
        f"{one.owner}/{one.name}", one.name, cells, mood="dim" if theirs else "", moods=moods, needy=needy,
        thing=Theirs(view) if theirs else view,
    )  # fmt: skip


def _unmanaged(one: Unmanaged) -> Row:
    cells = (one.name, "", one.image or one.digest[:19], "", "unmanaged", "", "", ago(one.created), "", "")
    return Row(f"{one.kind}/{one.id}", one.name, cells, mood="dim", needy=True, thing=one)


def _of_environment(manager: Manager, row: Row) -> Tabs:
    thing: Any = row.thing
    if not isinstance(thing, Theirs) and not hasattr(thing, "environment"):
        return (
            ("container", f"{row.name}\n\nNobody manages it. What is in it says:\n  solvent adopt scan {row.name}"),
        )
    # Asked for by its name it would be this person's, who may have one that is called the same.
    view = thing.view if isinstance(thing, Theirs) else manager.environment(row.name, url=False)
    one = {key: value for key, value in view.to_json().items() if key != "url"}
    return (("environment", fields_of(one)),)


# -- releases


def _releases(manager: Manager) -> list[Row]:
    return [_release(one) for one in manager.releases(everything=True)]


def _release(view: ReleaseView) -> Row:
    one = view.to_json()
    build, change = one["build"] or {}, one["next_change"]
    day = "" if change is None else away(view.day.fromisoformat(change["on"]), view.day)
    cells = (
        one["release"], one["stage"], one["python"], one["ide_version"] or "", build.get("version", ""),
        build.get("status", ""), str(one["environments"]), f"{change['stage']} {day}" if change else "",
        one["successor"] or "", one["os"],
    )  # fmt: skip
    near = change is not None and (view.day.fromisoformat(change["on"]) - view.day).days <= _DAYS_NEAR
    hurts = one["stage"] in ("retired", "deprecated") and one["environments"] > 0
    missing = not build and one["stage"] == "active"
    moods = moods_of((1, _STAGES.get(one["stage"], "")), (5, "bad" if build.get("status") == "quarantined" else ""))
    return Row(one["release"], one["release"], cells, moods=moods, needy=near or hurts or missing, thing=view)


def _of_release(manager: Manager, row: Row) -> Tabs:
    shown = manager.release(row.name)
    why = manager.calendar.why(row.name)
    return (("release", fields_of(shown.to_json())), ("dates", fields_of(why.to_json())))


# -- connectors


def _connectors(manager: Manager) -> list[Row]:
    return [_connector(one) for one in manager.connectors()]


def _connector(view: ConnectorView) -> Row:
    one = view.to_json()
    years, hold = one["libyears"], view.hold
    behind = bool(one["newest"]) and one["newest"] != one["version"]
    cells = (
        one["id"], one["title"], one["tier"], one["state"], one["driver"], one["version"] or "", one["newest"] or "",
        "" if years is None else f"{years:.2f}", f"{hold.ends} ({hold.by})" if hold else "", ", ".join(one["sources"]),
    )  # fmt: skip
    moods = moods_of((3, "bad" if one["state"] == "suspended" else ""), (6, "warn" if behind else ""))
    return Row(one["id"], one["id"], cells, moods=moods, needy=behind or bool(hold), thing=view)


def _of_connector(manager: Manager, row: Row) -> Tabs:
    view, why = manager.connector(row.name), manager.explain(row.name)
    return (("connector", fields_of(view.to_json())), ("pins", fields_of(why.to_json())))


# -- runs of checks


def _runs(manager: Manager) -> list[Row]:
    return [_run(one) for one in manager.check_runs(200)]


def _run(one: Run) -> Row:
    took = f"{(one.ended - one.started).total_seconds():.0f} s" if one.ended else "not ended"
    cells = (one.id, ago(one.started), one.by, one.verdict, str(len(one.cells)), took, one.subject)
    moods = moods_of((3, _VERDICTS.get(one.verdict, "")))
    return Row(one.id, one.id, cells, moods=moods, needy=one.verdict == "blocked", thing=one)


def _of_run(manager: Manager, row: Row) -> Tabs:
    run = manager.check_run(row.name)
    cells = [
        f"{one.verdict:<13} {one.cell.driver} {one.cell.version}  {one.cell.release}  {one.cell.source}  {one.reason}"
        for one in run.cells
    ]
    odd = [
        f"{answer.outcome:<12} {one.cell.driver}  {one.cell.source}  {answer.probe}  {answer.reason}"
        for one in run.cells
        for answer in one.answers
        if answer.outcome not in ("pass", "unsupported")
    ]
    return (("cells", "\n".join(cells) or "no cells"), ("not passed", "\n".join(odd) or "every probe passed"))


# -- how a thing is shown


def fields_of(document: Any, depth: int = 0) -> str:
    """Give a document of ``-o json`` as lines that a person reads."""
    return "\n".join(_lines(document, depth))


def _lines(document: Any, depth: int) -> Iterator[str]:
    pad = "  " * depth
    if isinstance(document, dict):
        wide = max((len(str(name)) for name in document), default=0)
        for name, value in document.items():
            if value in (None, "", [], {}):
                continue
            if isinstance(value, dict) or (isinstance(value, list) and any(isinstance(one, dict) for one in value)):
                yield f"{pad}{name}"
                yield from _lines(value, depth + 1)
            else:
                text = ", ".join(map(str, value)) if isinstance(value, list) else value
                yield f"{pad}{name:<{wide}}  {text if isinstance(text, str) else json.dumps(text)}"
    elif isinstance(document, list):
        for one in document:
            yield from _lines(one, depth)
            if isinstance(one, dict):
                yield ""
    else:
        yield f"{pad}{document}"


KINDS = (
    Kind(
        "matter", "Needs you", (Column("kind"), Column("subject", above=60), Column("what", widest=200),
        Column("pay it", above=140, widest=90)), _matters, _of_matter, "Nothing needs you.",
    ),
    Kind(
        "release", "Images", (Column("release"), Column("stage"), Column("python", above=70), Column("ide", above=90),
        Column("build"), Column("status"), Column("envs", right=True), Column("next"), Column("successor", above=110),
        Column("os", above=130)), _releases, _of_release, "The catalog has no release:  solvent image new",
    ),
    Kind(
        "connector", "Connectors", (Column("connector"), Column("title", above=100), Column("tier", above=90),
        Column("state"), Column("driver"), Column("version"), Column("newest"),
        Column("libyears", right=True, above=70), Column("hold", above=70), Column("sources", above=130)),
        _connectors, _of_connector, "The catalog has no connector.",
    ),
    Kind(
        "environment", "Environments", (Column("name"), Column("owner"), Column("release"), Column("stage", above=70),
        Column("state"), Column("build", above=110), Column("workspace", above=120), Column("created", above=90),
        Column("connections", above=130), Column("upgrade to", above=100)), _environments, _of_environment,
        "No environments. L launches one.",
    ),
    Kind(
        "run", "Runs", (Column("run"), Column("started"), Column("by", above=70), Column("verdict"),
        Column("cells", right=True), Column("took", right=True), Column("subject", above=90)), _runs, _of_run,
        "Nothing was checked yet. c checks.",
    ),
)  # fmt: skip
BY_ID = {kind.id: kind for kind in KINDS}
