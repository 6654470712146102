"""What is under way and what was: the drawer, and the record of each errand that it shows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rich.text import Text
from textual.containers import VerticalScroll
from textual.widgets import Static

from manager.app.events import PlanDone, Said, StepDone, StepFailed, StepSkipped, StepStarted, Tick

if TYPE_CHECKING:
    from manager.app.events import Event
    from manager.core.plan import Step
    from manager.errors import ManagerError
    from manager.tui.errand import Errand

_KEPT = 500


@dataclass
class Record:
    """What an errand has come to: lines of what is over, and the latest line of each step that runs."""

    errand: Errand
    lines: list[str] = field(default_factory=list)
    running: dict[str, str] = field(default_factory=dict)
    state: str = "running"

    def take(self, event: Event) -> None:
        """Take in an event."""
        match event:
            case StepStarted(step):
                self.running[step.id] = _named(step)
            case Said(step, line):
                self.running[step.id] = f"{_named(step)}  {line}"
            case StepDone(step, seconds):
                self._over(step, f"✔ {_named(step)}  {seconds:.1f} s")
            case StepFailed(step, seconds, error):
                self._over(step, f"✖ {_named(step)}  {error.sentence}")
            case StepSkipped(step, reason):
                self._over(step, f"- {_named(step)}  {reason}")
            case PlanDone(seconds):
                self.lines.append(f"done in {seconds:.1f} s")
            case Tick():
                pass

    def note(self, line: str) -> None:
        """Take in a line."""
        self.lines = [*self.lines, line][-_KEPT:]

    def end(self, error: ManagerError | None) -> None:
        """Take in how it ended."""
        self.running.clear()
        self.state = "failed" if error else "done"
        if error:
            self.lines += filter(None, [f"✖ {error.sentence}", f"  hint: {error.hint}" if error.hint else ""])

    def _over(self, step: Step, line: str) -> None:
        self.running.pop(step.id, None)
        self.note(line)

    def text(self) -> str:
        """Give it as lines."""
        mark = {"running": "◐", "done": "✔", "failed": "✖"}[self.state]
        rest = [f"    {line}" for line in (*self.lines, *(f"◐ {line}" for line in self.running.values()))]
        return "\n".join([f"{mark} {self.errand.title}  {self.state}", *rest])


def _named(step: Step) -> str:
    return f"{step.kind} {step.target}"


class Drawer(VerticalScroll):
    """The activity drawer, which outlives changes of the list."""

    def compose(self):  # type: ignore[no-untyped-def]
        """Lay it out."""
        yield Static(id="activity-text")

    def show(self, records: list[Record]) -> None:
        """Show records, the newest at the end, where one is looking."""
        text = "\n".join(one.text() for one in records) or "nothing was done yet"
        self.query_one("#activity-text", Static).update(Text(text))
        self.scroll_end(animate=False)
