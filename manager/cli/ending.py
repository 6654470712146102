"""Runs the command tree once; whatever ends it becomes an exit code and, where needed, an error on stderr."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from manager.cli import failures, signals
from manager.cli.masking import secrets_in
from manager.cli.output import StdoutClosed
from manager.cli.session import Call
from manager.cli.terminal import Terminal
from manager.cli.tree import root
from manager.core.secrets import masked
from manager.errors import Bug, ManagerError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from manager.cli.session import Opener


def ended(arguments: Sequence[str], opener: Opener | None) -> int:
    """Run a command line; give its exit code. Nothing is raised."""
    # An error may come before the options are parsed, so how it is shown is read from the bare words.
    secrets = secrets_in(arguments)
    terminal = Terminal(color=_word(arguments, "--color") or "auto", secrets=secrets)
    form = "json" if (_word(arguments, "-o") or _word(arguments, "--output")) in ("json", "ndjson") else "text"
    call = Call(tuple(arguments), opener)
    error: ManagerError
    try:
        with signals.raising(), root.make_context("solvent", list(arguments), obj=call) as context:
            root.invoke(context)
        return 0
    except click.exceptions.Exit as end:
        return end.exit_code
    except StdoutClosed:
        return 0
    except click.exceptions.NoArgsIsHelpError as page:
        terminal.line(page.format_message())
        return page.exit_code
    except click.ClickException as wrong:
        error = failures.from_click(wrong)
    except Bug as unexpected:
        error = failures.bug(unexpected.__cause__ or unexpected, lambda text: masked(text, secrets))
    except ManagerError as known:
        error = known
    except (KeyboardInterrupt, click.Abort):
        error = failures.interrupted()
    except Exception as unexpected:
        error = failures.bug(unexpected, lambda text: masked(text, secrets))
    terminal.line(failures.as_json(error) if form == "json" else failures.as_text(error, terminal.paint))
    return error.code


def _word(arguments: Sequence[str], option: str) -> str:
    """Find the value of an option in unparsed words; the last one counts, as it does for click."""
    found = ""
    for index, word in enumerate(arguments):
        if word == "--":
            break
        if word == option and index + 1 < len(arguments):
            found = arguments[index + 1]
        elif word.startswith("--") and word.startswith(f"{option}="):
            found = word.partition("=")[2]
        elif len(option) == 2 and word.startswith(option) and len(word) > 2:
            found = word[2:].removeprefix("=")
    return found
