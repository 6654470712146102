"""The only writer of stdout: the result of a command as a table, as JSON (schema 1), or as bare names."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any, Generic, Literal, NamedTuple, TypeVar

from manager.errors import Failed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

T = TypeVar("T")
Form = Literal["table", "wide", "json", "ndjson", "name"]
SCHEMA = 1


class StdoutClosed(Exception):
    """Whoever read standard output went away; no error of the command."""


class Column(NamedTuple, Generic[T]):
    """A column of a table: its heading, and the text of a row's cell (empty: shown as ``-``)."""

    title: str
    cell: Callable[[T], str]


class Section(NamedTuple):
    """A table below the facts of one thing; ``rows`` are cells."""

    title: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


class Output:
    """Standard output in the form that was asked for."""

    def __init__(self, form: Form = "table", *, quiet: bool = False) -> None:
        self.form: Form = "name" if quiet else form

    @property
    def structured(self) -> bool:
        """Say whether a program reads it."""
        return self.form in ("json", "ndjson")

    def rows(
        self,
        key: str,
        found: Sequence[T],
        columns: Sequence[Column[T]],
        *,
        name: Callable[[T], str],
        to_json: Callable[[T], dict[str, Any]],
        wide: Sequence[Column[T]] = (),
        more: Mapping[str, Any] | None = None,
    ) -> None:
        """Show a list; ``key`` holds it in JSON, ``more`` lies beside it; ``wide`` columns come with ``-o wide``."""
        if self.form == "json":
            self.document({key: [to_json(row) for row in found], **(more or {})})
        elif self.form == "ndjson":
            self.lines(_one_line({"schema": SCHEMA, **to_json(row)}) for row in found)
        elif self.form == "name":
            self.lines(map(name, found))
        elif found:
            shown = [*columns, *(wide if self.form == "wide" else ())]
            self._table([one.title for one in shown], [[one.cell(row) for one in shown] for row in found])

    def one(
        self,
        key: str,
        found: dict[str, Any],
        facts: Iterable[tuple[str, str]],
        *,
        name: str,
        sections: Iterable[Section] = (),
    ) -> None:
        """Show one thing: its facts a line each, then tables that belong to it."""
        if self.structured:
            self.document({key: found})
        elif self.form == "name":
            if name:
                self.line(name)
        else:
            pairs = list(facts)
            width = max(len(label) for label, _ in pairs)
            for label, text in pairs:
                self.line(f"{label:<{width}}  {_flat(text)}".rstrip())
            for section in sections:
                if section.rows:
                    self.line(f"\n{section.title}")
                    self._table(section.headings, section.rows)

    def file(self, found: dict[str, Any], name: str, text: str, *, written: bool) -> None:
        """Show a file of a catalog: by its name once it is written or where only names are shown, else its text.

        ``found`` is the document that says the same to a program.
        """
        if self.structured:
            self.document(found)
        elif written or self.form == "name":
            self.line(name)
        else:
            self.raw(text.encode())

    def document(self, found: dict[str, Any]) -> None:
        """Show JSON with its schema: indented, or on one line for ``ndjson``."""
        import json

        whole = {"schema": SCHEMA, **found}
        self.line(_one_line(whole) if self.form == "ndjson" else json.dumps(whole, indent=2, ensure_ascii=False))

    def line(self, text: str) -> None:
        """Write one line."""
        self.raw((text + "\n").encode("utf-8", "backslashreplace"))

    def lines(self, lines: Iterable[str]) -> None:
        """Write lines at one go: each write goes out at once, and a list may have thousands."""
        if whole := "\n".join(lines):
            self.line(whole)

    def raw(self, chunk: bytes) -> None:
        """Write bytes as they are, at once; raises StdoutClosed when nobody reads any more, Failed on a full disk."""
        # Python's word for a descriptor that was closed from the start.
        if sys.stdout is None:
            raise StdoutClosed
        try:
            sys.stdout.flush()
            sys.stdout.buffer.write(chunk)
            sys.stdout.buffer.flush()
        except OSError as error:
            # What is still buffered would raise again when the interpreter ends (see Python's signal docs).
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            if isinstance(error, BrokenPipeError):
                raise StdoutClosed from None
            raise Failed("standard output cannot be written", why=error.strerror or "") from None

    def _table(self, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        cells = [[_flat(cell) or "-" for cell in row] for row in rows]
        lines = [[heading.upper() for heading in headings], *cells]
        widths = [max(len(line[column]) for line in lines) for column in range(len(headings))]
        self.lines(
            "  ".join(f"{cell:<{width}}" for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
        )


def _one_line(found: dict[str, Any]) -> str:
    import json

    return json.dumps(found, ensure_ascii=False)


def _flat(text: str) -> str:
    """Keep a cell on one line and its control characters out of the terminal."""
    return "".join(char if char.isprintable() else " " for char in text).strip()
