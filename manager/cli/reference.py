"""The reference of the command line as Markdown, from the commands themselves.

``python -m manager.cli.reference docs/cli.md`` writes it; a test says when that has to be done again.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from manager.cli.pages import CommonOption, Page
from manager.cli.tree import root

if TYPE_CHECKING:
    from collections.abc import Iterator

_TOP = """\
# The command line

Generated from the commands by `python -m manager.cli.reference docs/cli.md`.

Standard output is the result and nothing else; progress, notes and errors go to standard error. Times are ISO 8601
in UTC in JSON, relative in tables. JSON carries `"schema": 1`: keys are kept, new ones may come.

| exit code | meaning |
|---|---|
| 0 | ok |
| 1 | a step was tried and did not work |
| 2 | usage: something is named that does not exist |
| 3 | completed, with findings (`--check`: there would be changes) |
| 4 | the catalog or a configuration file is invalid; every problem is listed |
| 5 | refused: retired, quarantined, needs approval, stale plan, read-only catalog |
| 6 | engine, index or database unreachable |
| 130 | interrupted; the next run continues |

With `-o json` an error is one line on standard error:
`{"error": {"code", "message", "why", "hint", "where"}}`, with `problems` for an invalid catalog.
"""


def commands(group: click.Group = root, path: str = "solvent") -> Iterator[tuple[str, Page, click.Context]]:
    """Give every command with its full name, groups before their commands."""
    context = click.Context(group, info_name=path)
    if isinstance(group, Page):
        yield path, group, context
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        full = f"{path} {name}"
        if isinstance(command, click.Group):
            yield from commands(command, full)
        elif isinstance(command, Page):
            yield full, command, click.Context(command, info_name=full)


def reference() -> str:
    """Give the whole reference."""
    parts = [_TOP, "## Options of many commands\n", _options(_shared())]
    for path, command, context in commands():
        pieces = " ".join(command.collect_usage_pieces(context))
        parts.append(f"## `{path}`\n")
        parts.append("```\n" + "\n".join(command.examples) + "\n```\n")
        parts.append("\n".join(line.strip() for line in (command.help or "").strip().splitlines()) + "\n")
        parts.append(f"Usage: `{path} {pieces}`\n")
        own = [one for one in command.params if isinstance(one, click.Option) and not isinstance(one, CommonOption)]
        if own:
            parts.append(_options(own))
    return "\n".join(parts)


def _shared() -> list[click.Option]:
    """Give each shared option once, in the order of a command that has them all."""
    found: dict[str, click.Option] = {}
    for _, command, _ in commands():
        for one in command.params:
            if isinstance(one, CommonOption):
                found.setdefault(str(one.name), one)
    return list(found.values())


def _options(options: list[click.Option]) -> str:
    lines = ["| option | meaning |", "|---|---|"]
    for one in options:
        words = ", ".join(f"`{word}`" for word in one.opts)
        metavar = f" `{one.metavar}`" if one.metavar else ""
        lines.append(f"| {words}{metavar} | {(one.help or '').replace('|', chr(92) + '|')} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(reference(), encoding="utf-8")
