"""``tui``: the terminal UI."""

from __future__ import annotations

import gc
import sys
from typing import TYPE_CHECKING

import click

from manager.cli.options import reads
from manager.cli.pages import Page
from manager.errors import UsageError

if TYPE_CHECKING:
    from manager.cli.session import Session


@click.command(cls=Page, examples=("solvent tui", "solvent tui --read-only --as-of 2027-05-01"))
@click.option("--read-only", is_flag=True, help="Look at everything, change nothing.")
@reads
def tui(session: Session, read_only: bool) -> None:
    """Open the terminal UI: what needs you, images, connectors, environments, checks.

    Every change is shown as a plan before it is carried out; `?` lists the keys.
    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError("the terminal UI needs a terminal", hint="solvent status")
    from manager.tui.app import Solvent

    Solvent(session.opened, read_only=read_only, as_of=session.options.as_of).run()
    # What is left is freed by the process's end; looking for circles in it would take a third of a second.
    gc.freeze()
