"""The command tree: the top level as a table, so that help and completion import no command."""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from manager import __version__
from manager.cli.options import everywhere
from manager.cli.pages import PageGroup

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


class Entry(NamedTuple):
    """Where a command lives (a module of ``manager.cli.commands`` and a name in it), and its line of help."""

    module: str
    attribute: str
    help: str


COMMANDS = {
    "quickstart": Entry("quickstart", "quickstart", "From nothing to a notebook that queries a database."),
    "status": Entry("overview", "status", "Show what needs you."),
    "doctor": Entry("overview", "doctor", "Look at engine, database, disk and trust; say how to mend."),
    "init": Entry("catalog", "init", "Start a catalog of your own from the shipped one."),
    "catalog": Entry("catalog", "catalog", "The files that say what should exist: validate, diff."),
    "image": Entry("image", "image", "Releases and their builds: list, new, lock, build, push."),
    "lifecycle": Entry("lifecycle", "lifecycle", "When releases come and go, and why: list, plan, apply."),
    "refresh": Entry("refresh", "refresh", "Look upstream: newer IDEs and drivers, updates of bases."),
    "affected": Entry("affected", "affected", "Who is hit by a package or an advisory."),
    "connector": Entry("connector", "connector", "Curated ways to kinds of data sources: list, explain, hold."),
    "connection": Entry("connection", "connection", "Saved parameters for a data source, secrets by reference."),
    "source": Entry("source", "source", "Data-source servers that checks run against: start, stop."),
    "check": Entry("check", "check", "Check drivers against real servers, in the images that people use."),
    "nightly": Entry("nightly", "nightly", "Ask upstream, check what changed, propose: what a timer calls."),
    "env": Entry("env", "env", "IDE containers of yours: launch, open, stop, remove."),
    "workspace": Entry("workspace", "workspace", "Your files, which outlive environments."),
    "debt": Entry("debt", "debt", "What is owed, since when, and to whom it matters."),
    "adopt": Entry("adopt", "adopt", "Containers and images that nobody manages: scan, take over."),
    "bundle": Entry("bundle", "bundle", "Packages and images for a machine without a network."),
    "tui": Entry("tui", "tui", "The terminal UI: everything at a glance, every change as a plan."),
    "config": Entry("config", "config", "Settings, and where they come from."),
    "completion": Entry("completion", "completion", "Print the completion script of a shell."),
}


class LazyGroup(PageGroup):
    """A group that imports a command when it is called for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Give the commands in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import one command."""
        entry = COMMANDS.get(cmd_name)
        if entry is None:
            return None
        module = importlib.import_module(f"manager.cli.commands.{entry.module}")
        command: click.Command = getattr(module, entry.attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the table."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.help) for name, entry in COMMANDS.items()])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Complete a command's name from the table."""
        from click.shell_completion import CompletionItem

        found = [CompletionItem(name, help=COMMANDS[name].help) for name in COMMANDS if name.startswith(incomplete)]
        return [*found, *click.Command.shell_complete(self, ctx, incomplete)]


@click.group(
    "solvent",
    cls=LazyGroup,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    examples=("solvent quickstart", "solvent env launch jupyterlab"),
)
@everywhere
@click.version_option(__version__, message="solvent %(version)s")
@click.pass_context
def root(ctx: click.Context, /, **shared: Any) -> None:
    """Manage the notebook images of a data-science platform and the data-source drivers inside them.

    The catalog says what should exist, the world says what does. A plan is the difference; applying it says why at
    each step. Without a command: on a terminal `solvent tui`, else `solvent status`.
    """
    if ctx.invoked_subcommand is None:
        ctx.invoke(_bare(**shared))


def _bare(*, form: str | None, quiet: bool, no_input: bool, **_shared: object) -> click.Command:
    """Give what is run without a command: the terminal UI where somebody sits at a terminal and wants no document."""
    if form is None and not (quiet or no_input) and sys.stdin.isatty() and sys.stdout.isatty():
        from manager.cli.commands.tui import tui

        return tui
    from manager.cli.commands.overview import status

    return status
