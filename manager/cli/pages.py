"""Help pages: two examples first, then what it is, then its own options, then those that every command has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Sequence


class CommonOption(click.Option):
    """An option that many commands share; help lists it after the command's own."""


class Page(click.Command):
    """A command whose help opens with two examples."""

    def __init__(self, *args: Any, examples: Sequence[str] = (), **more: Any) -> None:
        super().__init__(*args, **more)
        self.examples = tuple(examples)

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the page."""
        formatter.write("Examples:\n")
        for example in self.examples:
            formatter.write(f"  {example}\n")
        formatter.write("\n")
        super().format_help(ctx, formatter)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the command's own options, then the common ones."""
        named = [one for one in self.get_params(ctx) if isinstance(one, click.Option)]
        own = [one for one in named if not isinstance(one, CommonOption)]
        common = [one for one in named if isinstance(one, CommonOption)]
        for title, options in (("Options", own), ("Common options", common)):
            records = [record for one in options if (record := one.get_help_record(ctx))]
            if records:
                with formatter.section(title):
                    formatter.write_dl(records)


class PageGroup(Page, click.Group):
    """A group whose help opens with two examples; an unknown command gets a "did you mean"."""

    command_class = Page

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that a word names; raises UsageError."""
        known = self.list_commands(ctx)
        if args[0] not in known and not args[0].startswith("-") and not ctx.resilient_parsing:
            from manager.cli.failures import unknown_command

            raise unknown_command(args[0], known, ctx.command_path)
        return super().resolve_command(ctx, args)

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Give the commands in the order of their declaration."""
        return list(self.commands)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands, then the options."""
        self.format_commands(ctx, formatter)
        Page.format_options(self, ctx, formatter)
