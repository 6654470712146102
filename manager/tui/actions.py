"""Every action, declared once: footer, palette, help, key map and documentation read it here.

An action that changes something is a plan and the command that makes the same plan; the command is what ``y`` copies.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from manager.app.manager import Manager
    from manager.core.environments import LaunchRequest
    from manager.core.plan import Plan
    from manager.tui.rows import Row

    Rows = tuple[Row, ...]
    Line = Callable[[Rows], tuple[str, ...]]
    Making = Callable[[Manager, Rows], Plan | Iterator[object]]
    Carrying = Callable[[Manager, object], Iterator[object]]

# What an action is about: nothing, the row under the cursor, or all that are marked.
Per = Literal["none", "one", "marked"]


@dataclass(frozen=True, slots=True)
class Action:
    """Something that a person can do.

    ``id`` is also the name of the app's method where ``plan`` is None; ``kinds`` are the lists where it is there, none
    for everywhere; ``line`` gives the words after ``solvent``; ``changes`` is whether ``--read-only`` forbids it.
    ``carry`` carries out what ``plan`` gave, where that is more than a plan. ``fits`` says of a row whether there is
    something to do.
    """

    id: str
    keys: str
    label: str
    help: str
    kinds: tuple[str, ...] = ()
    per: Per = "none"
    line: Line | None = None
    plan: Making | None = None
    carry: Carrying | None = None
    changes: bool = False
    fits: Callable[[Row], bool] | None = None
    footer: bool = False

    @property
    def key(self) -> str:
        """Give the first of its keys as a person reads it."""
        first = self.keys.partition(",")[0]
        return _SAID.get(first, first)

    @property
    def said(self) -> str:
        """Give all of its keys as a person reads them."""
        return " ".join(_SAID.get(key, key) for key in self.keys.split(","))

    def on(self, kind: str) -> bool:
        """Say whether a list has it."""
        return not self.kinds or kind in self.kinds

    def chosen(self, rows: Rows) -> Rows:
        """Give the rows that it is about, of those that are marked or under the cursor."""
        return () if self.per == "none" else rows if self.per == "marked" else rows[:1]

    def ready(self, rows: Rows) -> bool:
        """Say whether it can be done with these rows."""
        if self.per == "none":
            return True
        about = self.chosen(rows)
        return bool(about) and all(self.fits is None or self.fits(row) for row in about)


_SAID = {
    "slash": "/", "question_mark": "?", "colon": ":", "space": "space", "left_square_bracket": "[",
    "right_square_bracket": "]", "escape": "esc", "less_than_sign": "<", "greater_than_sign": ">", "comma": ",",
    "full_stop": ".",
}  # fmt: skip


def _words(*before: str) -> Line:
    return lambda rows: (*before, *(row.name for row in rows))


def _managed(row: Row) -> bool:
    return hasattr(row.thing, "environment")


def _runs(row: Row) -> bool:
    return _managed(row) and row.thing.environment.state not in ("exited", "stopped", "gone")  # type: ignore[attr-defined]


def _rests(row: Row) -> bool:
    return _managed(row) and not _runs(row)


def _upgrade(manager: Manager, rows: Rows) -> Plan:
    from manager.app.upgrades import Asked

    return manager.plan_upgrade(Asked(tuple(row.name for row in rows))).plan


def _check(manager: Manager, rows: Rows) -> Iterator[object]:
    from manager.app.checking.wanted import CheckRequest

    return manager.plan_check(CheckRequest(connectors=tuple(row.name for row in rows)))


ENV, IMAGE, CONNECTOR, RUN, MATTER = ("environment",), ("release",), ("connector",), ("run",), ("matter",)

ACTIONS = (
    # Environments.
    Action("launch", "L", "launch", "Launch an environment of the release.", IMAGE, "one", _words("env", "launch"),
        lambda manager, rows: manager.plan_launch(_launch(rows[0].name)), changes=True, footer=True),
    Action("start", "S", "start", "Start it on the digest that it has.", ENV, "one", _words("env", "start"),
        lambda manager, rows: manager.plan_start(rows[0].name), changes=True, fits=_rests),
    Action("stop", "x", "stop", "Stop it; its files stay.", ENV, "one", _words("env", "stop"),
        lambda manager, rows: manager.plan_stop(rows[0].name), changes=True, fits=_runs, footer=True),
    Action("upgrade", "u", "upgrade", "Put it on the newer build or release that it is owed.", ENV, "marked",
        _words("env", "upgrade"), _upgrade, changes=True, fits=_managed, footer=True),
    Action("remove", "D", "remove", "Remove the container; its workspace stays.", ENV, "one", _words("env", "remove"),
        lambda manager, rows: manager.plan_remove(rows[0].name), changes=True, fits=_managed),
    Action("remove-files", "X", "remove all", "Remove the container, and its workspace with all files.", ENV, "one",
        lambda rows: ("env", "remove", rows[0].name, "--delete-workspace"),
        lambda manager, rows: manager.plan_remove(rows[0].name, delete_workspace=True), changes=True, fits=_managed),
    # Images.
    Action("build", "b", "build", "Build what the release needs.", IMAGE, "marked", _words("image", "build"),
        lambda manager, rows: manager.plan_build(tuple(row.name for row in rows)), changes=True, footer=True),
    Action("lock", "K", "lock", "Resolve its locks again.", IMAGE, "marked", _words("image", "lock"),
        lambda manager, rows: manager.plan_lock(tuple(row.name for row in rows)), changes=True),
    Action("promote", "P", "promote", "Promote its newest candidate build.", IMAGE, "one", _words("image", "promote"),
        lambda manager, rows: manager.shelf.plan_promote(rows[0].name), changes=True),
    Action("rollback", "R", "roll back", "Return to the build before.", IMAGE, "one", _words("image", "rollback"),
        lambda manager, rows: manager.shelf.plan_rollback(rows[0].name), changes=True),
    Action("lifecycle", "p", "plan", "See what dates and owed work come to, and do it.", ("matter", "release"), "none",
        lambda _rows: ("lifecycle", "apply"), lambda manager, _rows: manager.calendar.plan(), changes=True,
        footer=True),
    # Connectors.
    Action("promote-set", "P", "promote", "Ship the set that passed its checks.", CONNECTOR, "one",
        _words("connector", "promote"), lambda manager, rows: manager.plan_set_promotion(rows[0].name), changes=True,
        footer=True),
    Action("check", "c", "check", "Check its drivers against real servers, in the releases that have it.", CONNECTOR,
        "marked", lambda rows: ("check", "run", *(word for row in rows for word in ("--connector", row.name))),
        _check, lambda manager, made: manager.run_checks(made), changes=True, footer=True),  # type: ignore[arg-type]
    Action("other", "m", "matrix", "The compatibility matrix, and back to the list.", ("connector", "matrix"),
        footer=True),
    # What is done at once.
    Action("logs", "l", "logs", "Follow what it writes.", ENV, "one", _words("env", "logs", "-f"), fits=_managed,
        footer=True),
    Action("shell", "s", "shell", "A shell inside; the screen comes back with its end.", ENV, "one",
        _words("env", "shell"), changes=True, fits=_runs, footer=True),
    Action("open", "w", "open", "Open it in the browser, and copy its URL.", ENV, "one", _words("env", "open"),
        fits=_runs, footer=True),
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
    Action("copy", "y", "copy", "Copy the row's name, or an open plan's command."),
    Action("refresh_now", "r", "refresh", "Read everything again."),
    Action("activity", "o", "activity", "What is under way, and what was.", footer=True),
    Action("theme", "T", "theme", "The next theme."),
    Action("palette", "colon,ctrl+p", "palette", "Every action by name.", footer=True),
    Action("help", "question_mark", "help", "What can be done here.", footer=True),
    Action("quit", "q", "quit", "Leave.", footer=True),
)  # fmt: skip


def _launch(release: str) -> LaunchRequest:
    from manager.core.environments import LaunchRequest

    return LaunchRequest(release)
