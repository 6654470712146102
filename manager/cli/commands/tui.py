"""``tui``: the terminal UI."""

from __future__ import annotations

import gc
import os
import sys
import threading
from typing import TYPE_CHECKING

import click

from manager.cli.options import reads
from manager.cli.pages import Page
from manager.errors import Failed, UsageError

if TYPE_CHECKING:
    from manager.cli.session import Session

# How long what is under way has at the end, in seconds.
_GONE = 0.5
_PROGRAM = "import sys; from manager.cli.main import run; sys.exit(run())"


@click.command(
    cls=Page,
    examples=("solvent tui --read-only --as-of 2027-05-01", "solvent tui --serve --port 8080"),
)
@click.option("--read-only", is_flag=True, help="Look at everything, change nothing.")
@click.option("--serve", is_flag=True, help="In a browser: print an address of 127.0.0.1 with a token.")
@click.option("--port", type=click.IntRange(1, 65535), help="The port for --serve; any free one unless given.")
@reads
def tui(session: Session, read_only: bool, serve: bool, port: int | None) -> None:
    """Open the terminal UI: what needs you, images, connectors, environments, checks.

    Every change is shown as a plan before it is carried out; `?` lists the keys.
    """
    if serve:
        _serve(session, read_only=read_only, port=port)
        return
    if port is not None:
        raise UsageError("a port is for --serve", hint=f"solvent tui --serve --port {port}")
    # In a browser, textual-serve is the terminal.
    if not (sys.stdin.isatty() and sys.stdout.isatty()) and "TEXTUAL_DRIVER" not in os.environ:
        raise UsageError("the terminal UI needs a terminal", hint="solvent status")
    # What a key changes is drawn at the next beat: at Textual's sixty a second it would wait for up to 17 ms.
    os.environ.setdefault("TEXTUAL_FPS", "120")
    from manager.tui.app import Solvent

    options = session.options
    besides = ("--catalog", str(options.catalog)) if options.catalog is not None else ()
    app = Solvent(session.opened, read_only=read_only, as_of=options.as_of, besides=besides)
    app.run()
    code = app.return_code or 0
    # Whoever waits for an engine that does not answer is left waiting: its thread would be waited for at the end.
    after = threading.Timer(_GONE, os._exit, (code,))
    after.daemon = True
    after.start()
    # What is left is freed by the process's end; looking for circles in it would take a third of a second.
    gc.freeze()
    if app.fault is not None:
        raise app.fault
    if code:
        click.get_current_context().exit(code)


def _serve(session: Session, *, read_only: bool, port: int | None) -> None:
    """Serve until somebody interrupts it; each page is this command anew, with the same options."""
    try:
        from manager.tui.serving import Served, free_port
    except ImportError:
        raise UsageError(
            "--serve needs textual-serve, which is not installed", hint="install it:  uv pip install 'solvent[browser]'"
        ) from None
    words = [sys.executable, "-c", _PROGRAM, "tui", *["--read-only"] * read_only]
    if session.options.catalog is not None:
        words += ["--catalog", str(session.options.catalog)]
    if session.options.as_of is not None:
        words += ["--as-of", session.options.as_of.isoformat()]

    def told(url: str) -> None:
        session.output.line(url)
        session.terminal.note("whoever has this address is you; ctrl+c ends it, and every session with it")

    wanted = port or free_port()
    try:
        Served(words, wanted, told).serve()
    except OSError as error:
        raise Failed(
            f"port {wanted} cannot be listened on: {error.strerror}", hint="take another one:  solvent tui --serve"
        ) from error
