"""The plan sheet: what will change and why, before it changes; single steps may be left out of it."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from manager.core.parts import has_parts, left_out, parted
from manager.core.plan import Plan
from manager.tui.deed import Deed
from manager.tui.over import Over

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.app import ComposeResult

    from manager.errors import ManagerError
    from manager.tui.errand import Errand


def command(line: Iterable[str]) -> str:
    """Give words as a command that a shell takes."""
    return shlex.join(("solvent", *line))


def trouble(error: ManagerError) -> str:
    """Give an error with what a person can do about it."""
    parts = [error.message, f"why:  {error.why}" if error.why else "", f"where: {error.where}" if error.where else ""]
    return "\n".join([*filter(None, parts), *([f"hint: {error.hint}"] if error.hint else [])])


class PlanSheet(Over, ModalScreen[bool]):
    """What will change and why, before it changes; a destructive step has its target typed.

    With ``parts`` single steps may be left out: ``without`` are the ids of those that a person did, or had left out of
    the same plan before.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "back", show=False),
        Binding("y", "copy", "copy", show=False),
        Binding("enter", "go", "carry out", show=False),
        Binding("space", "part", "leave out", show=False),
        Binding("j", "step(1)", "down", show=False),
        Binding("k", "step(-1)", "up", show=False),
    ]

    def __init__(
        self, errand: Errand, *, forbidden: str = "", note: str = "", parts: bool = False, without: Iterable[str] = ()
    ) -> None:
        super().__init__()
        self.errand = errand
        self.plan: Plan | Deed | None = None
        self.refused = False
        self._forbidden, self._note, self._parts, self._without = forbidden, note, parts, set(without)

    @property
    def without(self) -> tuple[str, ...]:
        """Give the ids of the steps that were left out, in the order of the plan."""
        steps = self.plan.steps if isinstance(self.plan, Plan) else ()
        return tuple(step.id for step in steps if step.id in self._without)

    @property
    def line(self) -> tuple[str, ...]:
        """Give the words of the command that does the same."""
        return (*self.errand.line, *(word for one in self.without for word in ("--without", one)))

    def compose(self) -> ComposeResult:
        """Lay it out: what it is, the steps, what is asked."""
        with Vertical(id="sheet"):
            yield Static(Text(f"{self.errand.title}"), id="sheet-title")
            if self._note:
                yield Static(Text(self._note), id="sheet-note")
            with VerticalScroll(id="sheet-steps"):
                yield Static("planning ...", id="sheet-text", markup=False)
            yield OptionList(id="sheet-parts")
            yield Input(id="sheet-answer")
            yield Static(Text(f"y  {command(self.errand.line)}"), id="sheet-line")

    def on_mount(self) -> None:
        """Nothing is asked before there is a plan."""
        self.query_one("#sheet-answer").display = False
        self.query_one("#sheet-parts").display = False
        self.query_one("#sheet-steps").focus()

    def say(self, line: str) -> None:
        """Show how far the planning is."""
        if self.plan is None:
            self.query_one("#sheet-text", Static).update(f"planning ...\n{line}")

    def show(self, plan: Plan | Deed) -> None:
        """Show the plan, and ask for what it needs."""
        self.plan = plan
        self._parts = self._parts and isinstance(plan, Plan) and has_parts(plan)
        self.query_one("#sheet-text", Static).update(plan.text())
        if not plan or self._forbidden:
            why = self._forbidden or "there is nothing to do"
            self.query_one("#sheet-title", Static).update(f"{self.errand.title}: {why}")
            return
        self.query_one("#sheet-answer").display = True
        if self._parts and isinstance(plan, Plan):
            notes = [f"  note: {note}" for note in plan.notes]
            self.query_one("#sheet-text", Static).update("\n".join([plan.head, *notes]))
            listed = self.query_one("#sheet-parts", OptionList)
            listed.display = True
            listed.add_options([Option(Text(step.id)) for step in plan.steps])
            listed.highlighted = 0
            self._show_parts()
        self._ask()
        # A letter that is typed into a field is no key, so one is gone to only where a name has to be typed.
        if self._wanted():
            self.query_one("#sheet-answer").focus()
        else:
            self._steps.focus()

    @property
    def _steps(self) -> OptionList | VerticalScroll:
        return self.query_one("#sheet-parts", OptionList) if self._parts else self.query_one(VerticalScroll)

    def _show_parts(self) -> None:
        assert isinstance(self.plan, Plan)
        out, listed = left_out(self.plan, self.without), self.query_one("#sheet-parts", OptionList)
        for index, step in enumerate(self.plan.steps):
            what, why = step.lines(index + 1)
            gone = step.id in out
            text = Text(f"{what}  LEFT OUT\n      {out[step.id]}" if gone else f"{what}\n{why}")
            listed.replace_option_prompt_at_index(index, text)
        self.query_one("#sheet-line", Static).update(Text(f"y  {command(self.line)}"))

    def _ask(self) -> None:
        field, wanted = self.query_one("#sheet-answer", Input), self._wanted()
        ask = f"this cannot be undone; type {wanted} to go on" if wanted else "enter carries it out"
        if not self._staying:
            ask = "every step is left out"
        way = "; on a step (tab), space leaves it out" if wanted else "; space leaves a step out"
        field.placeholder = f"{ask}{way}" if self._parts else ask

    @property
    def _staying(self) -> bool:
        """Say whether there is something to carry out."""
        if isinstance(self.plan, Plan):
            return bool(parted(self.plan, self.without))
        return bool(self.plan)

    def refuse(self, error: ManagerError) -> None:
        """Show why there is no plan, or why it was not carried out."""
        self.plan, self.refused = None, True
        self.query_one("#sheet-text", Static).update(trouble(error))
        self.query_one("#sheet-answer").display = False
        self.query_one("#sheet-parts").display = False
        self.query_one("#sheet-steps").focus()

    def _wanted(self) -> str:
        if isinstance(self.plan, Deed):
            return self.plan.named
        destructive = parted(self.plan, self.without).destructive if self.plan else ()
        return " ".join(dict.fromkeys(step.target for step in destructive))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Carry it out where what is asked was typed."""
        event.stop()
        if self._staying and not self._forbidden and event.value.strip() == self._wanted():
            self.dismiss(True)
        else:
            event.input.value = ""
            self.app.bell()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Carry it out: enter means the plan, on whatever step one is."""
        event.stop()
        self.action_go()

    def action_go(self) -> None:
        """Carry it out where nothing has to be typed."""
        if self._staying and not self._forbidden and not self._wanted():
            self.dismiss(True)
        else:
            self.app.bell()

    def action_part(self) -> None:
        """Leave the step out that one is on, or take it in again."""
        at = self.query_one("#sheet-parts", OptionList).highlighted
        if not self._parts or at is None or not isinstance(self.plan, Plan) or self._forbidden:
            return
        self._without ^= {self.plan.steps[at].id}
        self._show_parts()
        self._ask()

    def action_step(self, by: int) -> None:
        """Go to the next step, or to the one before."""
        steps = self._steps
        if isinstance(steps, OptionList):
            steps.action_cursor_down() if by > 0 else steps.action_cursor_up()
        else:
            steps.scroll_relative(y=by, animate=False)

    def action_leave(self) -> None:
        """Change nothing."""
        self.dismiss(False)

    def action_copy(self) -> None:
        """Copy the command that makes the same plan."""
        self.app.copy_to_clipboard(command(self.line))
        self.app.notify(f"copied: {command(self.line)}", markup=False)
