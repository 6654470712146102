"""What lies over the lists for a while: help and the palette."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.table import Table
from rich.text import Text
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from manager.tui.actions import MOVES
from manager.tui.over import Over

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.app import ComposeResult

    from manager.tui.action import Action


class Help(Over, ModalScreen[None]):
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
                for group in self._groups():
                    table = Table.grid(padding=(0, 2))
                    table.add_column(justify="right", no_wrap=True)
                    table.add_column()
                    for key, text in group:
                        table.add_row(Text(key), Text(text))
                    yield Static(table, classes="group")

    def _groups(self) -> Iterable[Iterable[tuple[str, str]]]:
        yield [(one.key, one.help) for one in self._actions if one.kinds]
        yield [(one.key, one.help) for one in self._actions if not one.kinds]
        yield MOVES


class Palette(Over, ModalScreen[str]):
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
