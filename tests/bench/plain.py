"""A plain table of Textual's own with ten thousand rows: what the terminal UI is held against."""

from __future__ import annotations

from textual.app import App, ComposeResult
from textual.widgets import DataTable, Static

_ROWS = 10_000


class Plain(App[None]):
    """A title and a table."""

    def compose(self) -> ComposeResult:
        """Lay it out."""
        yield Static("plain table")
        yield DataTable(cursor_type="row")

    def on_mount(self) -> None:
        """Fill it."""
        table = self.query_one(DataTable)
        table.add_columns("NAME", "OWNER", "RELEASE", "STAGE", "STATE", "BUILD", "WORKSPACE", "CREATED")
        table.add_rows(
            (f"env-{n % 20}", f"person-{n // 20}", f"many-{n % 20}:{n % 50}-py3.13", "deprecated", "running",
             "20261121.1", f"env-{n % 20}", "1 d ago")
            for n in range(_ROWS)
        )  # fmt: skip
        table.focus()


if __name__ == "__main__":
    Plain().run()
