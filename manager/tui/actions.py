"""Every action, declared once: footer, palette, help, key map and documentation read it here.

An action that changes something is a plan and the command that makes the same plan; the command is what ``y`` copies.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from manager.tui import known
from manager.tui.action import Action, Field
from manager.tui.data import DATA
from manager.tui.decisions import DECISIONS
from manager.tui.images import BUILDS
from manager.tui.modes import MODES
from manager.tui.rows import words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from manager.app.manager import Manager
    from manager.core.plan import Plan
    from manager.tui.action import Rows, Written
    from manager.tui.rows import Row


def _managed(row: Row) -> bool:
    """Say whether it is an environment of this person."""
    return hasattr(row.thing, "environment")


def _unmanaged(row: Row) -> bool:
    from manager.core.adoption import Unmanaged

    return isinstance(row.thing, Unmanaged)


def _runs(row: Row) -> bool:
    return _managed(row) and row.thing.environment.state not in ("exited", "stopped", "gone")  # type: ignore[attr-defined]


def _rests(row: Row) -> bool:
    return _managed(row) and not _runs(row)


def _upgrade(manager: Manager, rows: Rows, _said: Written) -> Plan:
    from manager.app.upgrades import Asked

    return manager.plan_upgrade(Asked(tuple(row.name for row in rows))).plan


def _check(manager: Manager, rows: Rows, _said: Written) -> Iterator[object]:
    from manager.app.checking.wanted import CheckRequest

    return manager.plan_check(CheckRequest(connectors=tuple(row.name for row in rows)))


def _launch(manager: Manager, rows: Rows, said: Written) -> Plan:
    """Plan an environment of the row's release, or of the one that was written."""
    from manager.core.amounts import parse_size
    from manager.core.environments import LaunchRequest
    from manager.errors import UsageError

    try:
        memory = parse_size(said["--memory"]) if said.get("--memory") else 0
        cpus = float(said.get("--cpus") or 0)
    except ValueError as error:
        raise UsageError(str(error), hint="a size is written as 512m or 2g, processors as 1.5") from None
    connections = tuple(said.get("--connection", "").split())
    names = (said.get("--name", ""), said.get("--workspace", ""))
    release = rows[0].name if rows else said[_RELEASE.option]
    return manager.plan_launch(LaunchRequest(release, *names, connections, memory=memory, cpus=cpus))


def _stage_and_end(row: Row) -> str:
    """Say what a person who launches a release has to know of it."""
    view: Any = row.thing
    if not hasattr(view, "release"):
        return ""
    dates, stage = view.release.schedule, view.release.stage(view.day).value
    return f"{stage}, retired from {dates.end_of_life} on ({dates.bound_by}); its successor: {view.successor or 'none'}"


def _quarantine(manager: Manager, rows: Rows, said: Written) -> Plan:
    from manager.core.quarantining import Judgement

    return manager.shelf.plan_quarantine(rows[0].name, Judgement(said["--reason"], manager.settings.owner))


def _of_line(row: Row) -> tuple[str, tuple[str, ...]]:
    """Give driver and sources of a line of the matrix; one that was never asked has no source."""
    _, driver, source = row.key.split(" ")
    return driver, (source,) if source != "-" else ()


def _line_words(rows: Rows) -> tuple[str, ...]:
    driver, sources = _of_line(rows[0])
    named = [word for source in sources for word in ("--source", source)]
    return ("check", "run", "--connector", rows[0].name, "--driver", driver, *named)


def _check_line(manager: Manager, rows: Rows, _said: Written) -> Iterator[object]:
    from manager.app.checking.wanted import CheckRequest

    driver, sources = _of_line(rows[0])
    return manager.plan_check(CheckRequest(connectors=(rows[0].name,), drivers=(driver,), sources=sources))


def _check_changed(manager: Manager, _rows: Rows, _said: Written) -> Iterator[object]:
    from manager.app.checking.wanted import CheckRequest

    return manager.plan_check(CheckRequest(changed=True))


def _adopt(manager: Manager, rows: Rows, said: Written) -> Plan:
    from manager.core.taking import TakeoverRequest

    release, workspace = said.get("--release", ""), said.get("--workspace", "")
    request = TakeoverRequest(said["--as"], release=release, workspace=workspace)
    return manager.adoption.plan_environment(rows[0].name, request)


_RELEASE = Field("FAMILY:RELEASE", "release, or a family for its newest", needed=True, known=known.releases)
_LAUNCHED = (
    Field("--name", "name, else the family's"),
    Field("--workspace", "workspace, else the name", known=known.workspaces),
    Field("--connection", "connections, with blanks between", many=True, known=known.connections),
    Field("--memory", "memory, such as 2g"),
    Field("--cpus", "processors, such as 1.5"),
)
ENV, IMAGE, CONNECTOR = ("environment",), ("release",), ("connector",)
# What settles a row of these is in its last cell.
OWED = ("matter", "debt")

# What every list knows besides: keys, and what they do.
MOVES = (
    (f"1-{len(MODES)}", f"{', '.join(one.title for one in MODES)}."),
    ("j k, arrows", "The next row, the one before."),
    ("g G, home, end", "The first row, the last one."),
    ("page down, page up", "A screen on, a screen back; also ctrl+f and ctrl+b."),
)
ACTIONS = (
    # Environments.
    Action("launch", "L", "launch", "Launch an environment of the release.", IMAGE, "one", words("env", "launch"),
        _launch, changes=True, footer=True, about=_stage_and_end, fields=_LAUNCHED),
    Action("launch-any", "L", "launch", "Launch an environment.", ENV, "none", lambda _rows: ("env", "launch"), _launch,
        changes=True, footer=True, fields=(_RELEASE, *_LAUNCHED)),
    Action("start", "S", "start", "Start it on the digest that it has.", ENV, "one", words("env", "start"),
        lambda manager, rows, _said: manager.plan_start(rows[0].name), changes=True, fits=_rests),
    Action("stop", "x", "stop", "Stop it; its files stay.", ENV, "one", words("env", "stop"),
        lambda manager, rows, _said: manager.plan_stop(rows[0].name), changes=True, fits=_runs, footer=True),
    Action("upgrade", "u", "upgrade", "Put it on the newer build or release that it is owed.", ENV, "marked",
        words("env", "upgrade"), _upgrade, changes=True, parts=True, fits=_managed, footer=True),
    Action("remove", "D", "remove", "Remove the container; its workspace stays.", ENV, "one", words("env", "remove"),
        lambda manager, rows, _said: manager.plan_remove(rows[0].name), changes=True, fits=_managed),
    Action("remove-files", "X", "remove all", "Remove the container, and its workspace with all files.", ENV, "one",
        lambda rows: ("env", "remove", rows[0].name, "--delete-workspace"),
        lambda manager, rows, _said: manager.plan_remove(rows[0].name, delete_workspace=True), changes=True,
        fits=_managed),
    # Images.
    Action("build", "b", "build", "Build what the release needs.", IMAGE, "marked", words("image", "build"),
        lambda manager, rows, _said: manager.plan_build(tuple(row.name for row in rows)), changes=True, parts=True,
        footer=True),
    Action("lock", "K", "lock", "Resolve its locks again.", IMAGE, "marked", words("image", "lock"),
        lambda manager, rows, _said: manager.plan_lock(tuple(row.name for row in rows)), changes=True, parts=True),
    Action("promote", "P", "promote", "Promote its newest candidate build.", IMAGE, "one", words("image", "promote"),
        lambda manager, rows, _said: manager.shelf.plan_promote(rows[0].name), changes=True),
    Action("rollback", "R", "roll back", "Return to the build before.", IMAGE, "one", words("image", "rollback"),
        lambda manager, rows, _said: manager.shelf.plan_rollback(rows[0].name), changes=True),
    Action("quarantine", "Q", "quarantine", "Forbid the build that it gives now, for everybody.", IMAGE, "one",
        words("image", "quarantine"), _quarantine, changes=True, fields=(Field("--reason", "why", needed=True),)),
    Action("lifecycle", "p", "plan", "See what dates and owed work come to, and do it.", (*OWED, "release"), "none",
        lambda _rows: ("lifecycle", "apply"), lambda manager, _rows, _said: manager.calendar.plan(), changes=True,
        parts=True, footer=True),
    *BUILDS,
    # Connectors.
    Action("promote-set", "P", "promote", "Ship the set that passed its checks.", CONNECTOR, "one",
        words("connector", "promote"), lambda manager, rows, _said: manager.plan_set_promotion(rows[0].name),
        changes=True, footer=True),
    Action("rollback-set", "R", "roll back", "Return to the verified set of before.", CONNECTOR, "one",
        words("connector", "rollback"),
        lambda manager, rows, said: manager.plan_set_rollback(rows[0].name, said["--release"]), changes=True,
        fields=(
            Field("--release", "in which release, such as jupyterlab:4.6-py3.13", needed=True, known=known.releases),
        )),
    Action("check", "c", "check", "Check its drivers against real servers, in the releases that have it.", CONNECTOR,
        "marked", lambda rows: ("check", "run", *(word for row in rows for word in ("--connector", row.name))),
        _check, lambda manager, made: manager.run_checks(made), changes=True, footer=True),  # type: ignore[arg-type]
    Action("check-line", "c", "check", "Ask what the line says in every release that has it.", ("matrix",), "one",
        _line_words, _check_line, lambda manager, made: manager.run_checks(made),  # type: ignore[arg-type]
        changes=True, footer=True),
    Action("check-changed", "c", "check", "Ask all that has changed since it was last told.", ("run",), "none",
        lambda _rows: ("check", "run", "--changed"), _check_changed,
        lambda manager, made: manager.run_checks(made), changes=True, footer=True),  # type: ignore[arg-type]
    *DECISIONS,
    *DATA,
    Action("other", "m", "more", "The next list of the mode: debt; matrix, connections, sources; workspaces.",
        tuple(kind.id for mode in MODES if len(mode.kinds) > 1 for kind in mode.kinds), footer=True),
    Action("adopt", "a", "adopt", "Continue a container that nobody manages, with its files.", ENV, "one",
        words("adopt", "environment"), _adopt, changes=True, fits=_unmanaged, fields=(
            Field("--as", "name of the environment", needed=True),
            Field("--release", "its release  [default: by the IDE that is found]", known=known.releases),
            Field("--workspace", "workspace to fill  [default: the name]"))),
    Action("prune", "", "prune", "Remove builds, bases and parts of the cache that nothing refers to.", IMAGE, "none",
        lambda _rows: ("image", "prune"), lambda manager, _rows, _said: manager.shelf.plan_prune(), changes=True,
        parts=True),
    Action("dates", "t", "dates", "Its dates, and why they are so.", IMAGE, "one", words("lifecycle", "why")),
    Action("edit", "e", "edit", "Open its file at its line in $EDITOR, or an invalid catalog where it is wrong.",
        (*IMAGE, *CONNECTOR, *OWED), changes=True),
    # What is done at once.
    Action("logs", "l", "logs", "Follow what it writes.", ENV, "one", words("env", "logs", "-f"), fits=_managed,
        footer=True),
    Action("shell", "s", "shell", "A shell inside; the screen comes back with its end.", ENV, "one",
        words("env", "shell"), changes=True, fits=_runs, footer=True),
    Action("open", "w", "open", "Open it in the browser, and copy its URL.", ENV, "one", words("env", "open"),
        changes=True, fits=_runs, footer=True),
    # Everywhere.
    Action("enter", "enter", "in", "Show the row."),
    Action("back", "escape", "back", "Back to the list; never quits."),
    Action("filter", "slash", "filter", "Filter as you type: words, !word, stage:retired, @owner.", footer=True),
    Action("needy", "f", "needs", "Only what needs attention."),
    Action("sort", "less_than_sign,comma", "sort", "Sort by the next column."),
    Action("turn", "greater_than_sign,full_stop", "turn", "Turn the order round."),
    Action("mark", "space", "mark", "Mark the row."),
    Action("tab(-1)", "left_square_bracket", "tab", "The detail's tab before."),
    Action("tab(1)", "right_square_bracket", "tab", "The detail's next tab."),
    Action("copy", "y", "copy", "Copy the row's name, the command that settles what is owed, or an open plan's."),
    Action("scrub(-7)", "left_curly_bracket", "week back", "Look at everything a week earlier; nothing changes."),
    Action("scrub(7)", "right_curly_bracket", "week on", "Look at everything a week later, and who is hit by then."),
    Action("day", "d", "day", "Look at everything as of a day."),
    Action("today", "0", "today", "Back to today."),
    Action("refresh_now", "r", "refresh", "Read everything again."),
    Action("activity", "o", "activity", "What is under way, and what was.", footer=True),
    Action("work", "O", "all activity", "All of that on a screen of its own, where / searches."),
    Action("cancel", "ctrl+k", "cancel", "Stop what was begun last and still runs; what was done of it stays."),
    Action("theme", "T", "theme", "The next theme."),
    Action("palette", "colon,ctrl+p", "palette", "Every action by name.", footer=True),
    Action("help", "question_mark", "help", "What can be done here.", footer=True),
    Action("quit", "q", "quit", "Leave.", footer=True),
)  # fmt: skip
