"""What is asked before a plan is made: a line for each field."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from manager.tui.known import Known, told
from manager.tui.over import Over

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from textual.app import ComposeResult

    from manager.tui.action import Field, Written


class Form(Over, ModalScreen[dict[str, str]]):
    """Fields of an action; gives what was written into each, by its option, or nothing where one goes back."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "back", show=False),
        Binding("down", "app.focus_next", "down", show=False),
        Binding("up", "app.focus_previous", "up", show=False),
    ]

    def __init__(self, title: str, fields: tuple[Field, ...], said: Written | None = None, about: str = "") -> None:
        super().__init__()
        self._title, self._fields, self._said, self._about = title, fields, said or {}, about

    def compose(self) -> ComposeResult:
        """Lay it out."""
        with Vertical(id="sheet"):
            yield Static(Text(self._title), id="sheet-title")
            if self._about:
                yield Static(Text(self._about), classes="label")
            for index, one in enumerate(self._fields):
                yield Static(Text(f"{one.label}{' *' if one.needed else ''}"), classes="label")
                written = self._said.get(one.option, "")
                yield Input(
                    written, one.option, id=f"field-{index}", classes="field", password=one.secret,
                    select_on_focus=False,
                )  # fmt: skip
            yield Static(id="form-known", markup=False)
            yield Static(Text("enter shows the plan, esc goes back"), id="sheet-line")

    def on_mount(self) -> None:
        """Begin with the first."""
        self.query_one("#form-known").display = False
        self.query_one("#field-0").focus()

    def offer(self, known: Mapping[str, Sequence[str]]) -> None:
        """Offer what is known to fit, by option."""
        for index, one in enumerate(self._fields):
            if one.option in known:
                self.query_one(f"#field-{index}", Input).suggester = Known(known[one.option])
        self._tell()

    def _tell(self) -> None:
        """Say what fits into the field that one is in."""
        field, line = self.focused, self.query_one("#form-known", Static)
        known = field.suggester.known if isinstance(field, Input) and isinstance(field.suggester, Known) else ()
        text = told(known, field.value) if isinstance(field, Input) else ""
        line.display = bool(text)
        line.update(text)

    def on_descendant_focus(self) -> None:
        """Say what fits here."""
        self._tell()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Say what still fits."""
        event.stop()
        self._tell()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Go on where all that is needed is there, else to the first that is not."""
        event.stop()
        for index, one in enumerate(self._fields):
            field = self.query_one(f"#field-{index}", Input)
            if one.needed and not field.value.strip():
                field.focus()
                self.app.bell()
                return
        found = {one.option: self.query_one(f"#field-{index}", Input).value for index, one in enumerate(self._fields)}
        # A blank may be a part of a password.
        hidden = {one.option for one in self._fields if one.secret}
        self.dismiss({option: text if option in hidden else text.strip() for option, text in found.items()})

    def action_leave(self) -> None:
        """Change nothing."""
        self.dismiss(None)
