"""What a command has in hand: the Manager, the two streams, and the way a plan is shown, approved and applied."""

from __future__ import annotations

from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from manager.cli import signals
from manager.cli.masking import secrets_in
from manager.cli.output import Output
from manager.cli.terminal import Terminal
from manager.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date
    from pathlib import Path
    from types import TracebackType

    from manager.app.events import PlanDone
    from manager.app.manager import Manager
    from manager.cli.options import Options
    from manager.cli.progress import Mode
    from manager.core.plan import Plan

    Opener = Callable[[Path | None, date | None], Manager]
    # Keys of JSON and lines of text.
    Besides = Callable[[], tuple[dict[str, Any], list[str]]]


# What is said beside a plan and should not be read past.
_WARNINGS = (
    "deprecated", "retire", "budget", "not encrypted", "has no module", "has no R package", "no good build",
)  # fmt: skip


def _warns(note: str) -> bool:
    """Say whether a plan's note is a warning."""
    return any(words in note for words in _WARNINGS)


@contextmanager
def closed(stream: Iterator[object]) -> Iterator[None]:
    """Close a stream at the end, however that comes, if it is one that can be closed."""
    try:
        yield
    finally:
        close = getattr(stream, "close", None)
        if close is not None:
            close()


class Call(NamedTuple):
    """How the program was called: its words, and what makes the Manager (None: the settings of this machine)."""

    words: tuple[str, ...]
    opener: Opener | None


class Session:
    """One command under way."""

    def __init__(self, options: Options, call: Call) -> None:
        self.options = options
        self.secrets = secrets_in(call.words)
        self.output = Output(options.form, quiet=options.quiet)
        self.terminal = Terminal(color=options.color, secrets=self.secrets, asks=not options.no_input)
        self._opener = call.opener

    def __enter__(self) -> Session:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if "manager" in self.__dict__:
            # A command that only shows a plan ends by click's Exit.
            for doubt in self.manager.doubts if kind is None or issubclass(kind, click.exceptions.Exit) else ():
                self.terminal.warn(doubt)
            self.manager.close()

    @cached_property
    def manager(self) -> Manager:
        """The Manager, made when a command first needs it."""
        return self.opened(self.options.as_of)

    def opened(self, as_of: date | None) -> Manager:
        """Give a Manager of its own as of a day, or of today, which the caller closes."""
        if self._opener is not None:
            return self._opener(self.options.catalog, as_of)
        from manager.app.manager import Manager

        return Manager.open(catalog=self.options.catalog, as_of=as_of)

    def part(self, plan: Plan) -> Plan:
        """Give the part of a plan that ``--without`` leaves; for a command that is declared with ``parts``."""
        return self.manager.part(plan, self.options.without)

    def carry_out(
        self, plan: Plan, *, past_failures: bool = False, silent: bool = False, besides: Besides | None = None
    ) -> PlanDone | None:
        """Show a plan and end the command (``--dry-run``, ``--check``), or get it approved and apply it.

        Gives None for an empty plan. Raises Refused when a destructive step is not approved, and when the plan
        would be another one by the time it is; and whatever a step ended with, unless what failed shall only be named.
        With ``silent`` an empty plan is not spoken of. ``besides`` is what is shown with a plan that is only looked at.
        """
        self._only_shown(plan, besides)
        for note in plan.notes:
            self.terminal.warn(note) if _warns(note) else self.terminal.note(note)
        if not plan:
            if not silent:
                self.terminal.note(f"{plan.subject}: nothing to do")
            return None
        # While a person was asked, the world went on.
        asked = self._approved(plan)
        events = self.manager.apply(plan, recheck=asked)
        if past_failures:
            from manager.app.carrying_on import carried_on

            events = carried_on(events)
        done: PlanDone = self.follow(events)  # type: ignore[assignment]
        return done

    def follow(self, stream: Iterator[object]) -> object:
        """Show a stream of events and lines as progress; give its last item.

        The stream is closed on an interrupt, so that running steps clean up, before the command ends.
        """
        from manager.cli.progress import Progress

        last: object = None
        with (
            signals.raising(self.terminal.stopping),
            Progress(self.terminal, self._mode()) as progress,
            closed(stream),
        ):
            for last in stream:
                progress.show(last)
        return last

    def _mode(self) -> Mode:
        wanted = self.options.progress
        if wanted == "auto":
            return "live" if self.terminal.live else "plain"
        return wanted

    def _only_shown(self, plan: Plan, besides: Besides | None = None) -> None:
        if self.options.purpose == "apply":
            return
        more, lines = besides() if besides else ({}, [])
        if self.output.structured:
            self.output.document({key: value for key, value in plan.to_json().items() if key != "schema"} | more)
        elif self.options.quiet or self.options.form == "name":
            self.output.lines(step.id for step in plan.steps)
        else:
            self.output.line(plan.text())
            self.output.lines(lines)
        click.get_current_context().exit(3 if self.options.purpose == "check" and plan else 0)

    def _approved(self, plan: Plan) -> bool:
        """Get destructive steps approved; give whether a person had to be asked."""
        if not plan.destructive or self.options.approve_destructive:
            return False
        self.terminal.line(plan.text())
        targets = tuple(dict.fromkeys(step.target for step in plan.destructive))
        way = "look at the plan with --dry-run, then say  --approve-destructive"
        if not self.terminal.interactive:
            what = ", ".join(f"{step.kind} {step.target}" for step in plan.destructive)
            raise Refused(f"{plan.subject} needs approval", why=f"it is destructive: {what}", hint=way)
        for target in targets:
            if self.terminal.ask(f"this cannot be undone; type {target} to go on:") != target:
                raise Refused("not approved; nothing was changed", hint=way)
        return True

    def confirmed(self, question: str) -> bool:
        """Ask yes or no about what is not destructive; yes where nobody can be asked or ``-y`` was given."""
        if self.options.yes or self.options.approve_destructive or not self.terminal.interactive:
            return True
        return self.terminal.ask(f"{question} [y/N]").lower() in ("y", "yes")
