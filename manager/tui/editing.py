"""Opens what the catalog says of a thing where it stands, in the editor that a person has."""

from __future__ import annotations

import os
import shlex
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from manager.errors import CatalogError, Failed, Refused
from manager.tui.messages import Judged, Located

if TYPE_CHECKING:
    from manager.app.manager import Manager
    from manager.core.catalog import Place

# How editors are told a line, by the name of their program; one that is not known gets the file alone.
_PLUS = ("vi", "vim", "nvim", "nano", "pico", "emacs", "emacsclient", "micro", "kak", "joe", "jed", "mg", "ne", "vis")
_COLON = ("hx", "helix", "subl", "zed")
_GOTO = ("code", "codium", "cursor")


def located(manager: Manager, thing: object) -> Located:
    """Find where a row's thing is declared; raises Refused where it is in no file that a person changes.

    Of a catalog that cannot be read it is a problem's place, the row's own first: nothing helps before that is mended.
    """
    from manager.app.catalogs import editable

    one = getattr(thing, "release", None) or getattr(thing, "connector", None)
    place: Place | None = getattr(one, "place", None)
    own = place.file if place else ""
    try:
        catalog = manager.catalog
    except CatalogError as error:
        # What is wrong in one file may be found in another one as well.
        ordered = sorted(error.problems, key=lambda problem: problem.file != own)
        first = next((problem for problem in ordered if (manager.place / problem.file).is_file()), None)
        if first is None:
            raise
        return Located(manager.place / first.file, max(first.line, 1))
    if place is None or not place.file:
        raise Refused("it stands in no file of the catalog")
    editable(catalog)
    return Located(Path(catalog.root) / place.file, place.line)


def command(editor: str, path: Path, line: int) -> tuple[str, ...]:
    """Give the words that open a file at a line in an editor, which may have options of its own."""
    try:
        words = shlex.split(editor) or ["vi"]
    except ValueError as error:
        raise Failed(f"EDITOR cannot be read: {error}", hint="set EDITOR to an editor") from None
    name = Path(words[0]).name
    if name in _PLUS:
        return (*words, f"+{line}", str(path))
    if name in _GOTO:
        # They come back at once unless they are told to wait.
        wait = [] if {"-w", "--wait"} & set(words) else ["--wait"]
        return (*words, *wait, "--goto", f"{path}:{line}")
    return (*words, f"{path}:{line}" if name in _COLON else str(path))


def edited(path: Path, line: int) -> None:
    """Run the editor until it ends; raises Failed where there is none."""
    words = command(os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi", path, line)
    try:
        subprocess.run(words, check=False)
    except OSError as error:
        raise Failed(f"{words[0]} cannot be started: {error.strerror}", hint="set EDITOR to an editor") from None


def judged(manager: Manager) -> Judged:
    """Read the catalog again; raises CatalogError."""
    return Judged(f"{manager.catalog.root} is valid")
