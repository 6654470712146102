"""``completion``: the script with which a shell completes Solvent's commands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from manager.cli.options import reads
from manager.cli.pages import Page

if TYPE_CHECKING:
    from manager.cli.session import Session


@click.command(
    cls=Page,
    examples=(
        'eval "$(solvent completion bash)"',
        "solvent completion fish > ~/.config/fish/completions/solvent.fish",
    ),
)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@reads
def completion(session: Session, shell: str) -> None:
    """Print the completion script of a shell; commands and options are completed."""
    from click.shell_completion import ShellComplete, get_completion_class

    from manager.cli.main import COMPLETE
    from manager.cli.tree import root

    kind = get_completion_class(shell)
    if kind is None:
        raise click.UsageError(f"no completion for {shell}")
    # The base's source(): bash's own runs bash to ask for its version, and complains on stderr.
    script = ShellComplete.source(kind(root, {}, "solvent", COMPLETE))
    if session.output.structured:
        session.output.document({"completion": {"shell": shell, "script": script}})
    else:
        session.output.line(script)
