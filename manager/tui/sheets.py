"""What lies over the lists for a while: the plan sheet, help, the palette, and the question before leaving."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from manager.tui.actions import MOVES
from manager.tui.deed import Deed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.app import ComposeResult

    from manager.core.plan import Plan
    from manager.errors import ManagerError
    from manager.tui.action import Action
    from manager.tui.errand import Errand


def command(line: Iterable[str]) -> str:
    """Give words as a command that a shell takes."""
    return shlex.join(("solvent", *line))


def trouble(error: ManagerError) -> str:
    """Give an error with what a person can do about it."""
    parts = [error.message, f"why:  {error.why}" if error.why else "", f"where: {error.where}" if error.where else ""]
    return "\n".join([*filter(None, parts), *([f"hint: {error.hint}"] if error.hint else [])])


class PlanSheet(ModalScreen[bool]):
    """What will change and why, before it changes; a destructive step has its target typed."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "back", show=False),
        Binding("y", "copy", "copy", show=False),
        Binding("enter", "go", "carry out", show=False),
    ]

    def __init__(self, errand: Errand, *, forbidden: str = "", note: str = "") -> None:
        super().__init__()
        self.errand = errand
        self.plan: Plan | Deed | None = None
        self._forbidden = forbidden
        self._note = note
        self.refused = False

    def compose(self) -> ComposeResult:
        """Lay it out: what it is, the steps, what is asked."""
        with Vertical(id="sheet"):
            yield Static(Text(f"{self.errand.title}"), id="sheet-title")
            if self._note:
                yield Static(Text(self._note), id="sheet-note")
            with VerticalScroll(id="sheet-steps"):
                yield Static("planning ...", id="sheet-text", markup=False)
            yield Input(id="sheet-answer")
            yield Static(Text(f"y  {command(self.errand.line)}"), id="sheet-line")

    def on_mount(self) -> None:
        """Nothing is asked before there is a plan."""
        self.query_one("#sheet-answer").display = False
        self.query_one("#sheet-steps").focus()

    def say(self, line: str) -> None:
        """Show how far the planning is."""
        if self.plan is None:
            self.query_one("#sheet-text", Static).update(f"planning ...\n{line}")

    def show(self, plan: Plan | Deed) -> None:
        """Show the plan, and ask for what it needs."""
        self.plan = plan
        self.query_one("#sheet-text", Static).update(plan.text())
        field = self.query_one("#sheet-answer", Input)
        wanted = self._wanted()
        if not plan or self._forbidden:
            why = self._forbidden or "there is nothing to do"
            self.query_one("#sheet-title", Static).update(f"{self.errand.title}: {why}")
            return
        field.placeholder = f"this cannot be undone; type {wanted} to go on" if wanted else "enter carries it out"
        field.display = True
        # A letter that is typed into a field is no key, so one is gone to only where a name has to be typed.
        (field if wanted else self.query_one("#sheet-steps")).focus()

    def refuse(self, error: ManagerError) -> None:
        """Show why there is no plan, or why it was not carried out."""
        self.plan, self.refused = None, True
        self.query_one("#sheet-text", Static).update(trouble(error))
        self.query_one("#sheet-answer").display = False
        self.query_one("#sheet-steps").focus()

    def _wanted(self) -> str:
        if isinstance(self.plan, Deed):
            return self.plan.named
        destructive = self.plan.destructive if self.plan else ()
        return " ".join(dict.fromkeys(step.target for step in destructive))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Carry it out where what is asked was typed."""
        event.stop()
        if self.plan and not self._forbidden and event.value.strip() == self._wanted():
            self.dismiss(True)
        else:
            event.input.value = ""
            self.app.bell()

    def action_go(self) -> None:
        """Carry it out where nothing has to be typed."""
        if self.plan and not self._forbidden and not self._wanted():
            self.dismiss(True)
        else:
            self.app.bell()

    def action_leave(self) -> None:
        """Change nothing."""
        self.dismiss(False)

    def action_copy(self) -> None:
        """Copy the command that makes the same plan."""
        self.app.copy_to_clipboard(command(self.errand.line))
        self.app.notify(f"copied: {command(self.errand.line)}", markup=False)


class Help(ModalScreen[None]):
    """What can be done where one is, made from the actions."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,question_mark,q", "dismiss", "back", show=False)]

    def __init__(self, title: str, actions: Iterable[Action]) -> None:
        super().__init__()
        self._title, self._actions = title, tuple(actions)

    def compose(self) -> ComposeResult:
        """Lay it out."""
        with Vertical(id="sheet"):
            yield Static(Text(self._title), id="sheet-title")
            with VerticalScroll(id="sheet-steps"):
                yield Static(Text("\n".join(self._lines())))

    def _lines(self) -> Iterable[str]:
        groups = (
            [(one.key, one.help) for one in self._actions if one.kinds],
            [(one.key, one.help) for one in self._actions if not one.kinds],
            MOVES,
        )
        wide = max(len(key) for group in groups for key, _ in group)
        for group in groups:
            yield from (f"{key:>{wide}}  {text}" for key, text in group)
            yield ""


class Palette(ModalScreen[str]):
    """Every action by name, narrowed down as one types."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "back", show=False),
        Binding("down", "move(1)", "down", show=False, priority=True),
        Binding("up", "move(-1)", "up", show=False, priority=True),
    ]

    def __init__(self, actions: Iterable[tuple[str, str, str]]) -> None:
        super().__init__()
        self._actions = tuple(actions)

    def compose(self) -> ComposeResult:
        """Lay it out."""
        with Vertical(id="sheet"):
            yield Input(placeholder="what to do", id="palette-words")
            yield OptionList(id="palette-list")

    def on_mount(self) -> None:
        """Show all."""
        self._narrow("")
        self.query_one(Input).focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Show what has all words."""
        self._narrow(event.value)

    def _narrow(self, text: str) -> None:
        words = text.lower().split()
        found = [one for one in self._actions if all(word in f"{one[1]} {one[2]}".lower() for word in words)]
        listed = self.query_one(OptionList)
        listed.clear_options()
        listed.add_options(Option(Text(f"{label:<12} {said}"), id=name) for name, label, said in found)
        if found:
            listed.highlighted = 0

    def action_move(self, by: int) -> None:
        """Go up or down while one types."""
        listed = self.query_one(OptionList)
        if listed.option_count:
            listed.highlighted = ((listed.highlighted or 0) + by) % listed.option_count

    def on_input_submitted(self) -> None:
        """Do what is highlighted."""
        listed = self.query_one(OptionList)
        if listed.highlighted is not None and listed.option_count:
            self.dismiss(listed.get_option_at_index(listed.highlighted).id)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Do what was clicked."""
        self.dismiss(event.option_id)

    def action_leave(self) -> None:
        """Do nothing."""
        self.dismiss(None)
