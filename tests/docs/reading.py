"""Reads Markdown pages: their blocks, the commands in them with what they printed, and the shape of such output."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from manager.cli.tree import root

if TYPE_CHECKING:
    from collections.abc import Iterator

REPOSITORY = Path(__file__).parents[2]
PAGES = tuple(
    page
    for pattern in ("*.md", "docs/*.md", "docs/decisions/*.md", "compose/*.md")
    for page in sorted(REPOSITORY.glob(pattern))
)
_BLOCK = re.compile(r"^```(?P<language>\w*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"(?<!`)\[[^\]]*\]\((?P<target>[^)\s]+)\)")
# Two or more columns in capitals, two spaces or more between them.
_HEADINGS = re.compile(r"[A-Z]+(?: [A-Z]+)*(?: {2,}[A-Z]+(?: [A-Z]+)*)+")
_FACT = re.compile(r"([a-z]+(?: [a-z]+)?) {2,}\S")
_STEP = re.compile(r"([! ]) ?(\d+)\. (\w+ \w+)")


@dataclass(frozen=True)
class Typed:
    """A command as a page shows it, and what the page says that it prints."""

    line: str
    output: str

    @property
    def words(self) -> tuple[str, ...]:
        """Give the words after ``solvent``."""
        return tuple(shlex.split(self.line)[1:])


def blocks(text: str, language: str) -> Iterator[str]:
    """Give the fenced blocks of one language."""
    for found in _BLOCK.finditer(text):
        if found["language"] == language:
            yield found["text"]


def section(text: str, title: str) -> str:
    """Give a page's section of the second level."""
    _, _, rest = text.partition(f"\n## {title}\n")
    assert rest, f"no section {title}"
    return rest.partition("\n## ")[0]


def typed(text: str) -> Iterator[Typed]:
    """Give the commands of Solvent in the console blocks of a text, with what is shown below each."""
    for block in blocks(text, "console"):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            line, _, output = part.partition("\n")
            if line.split()[0] == "solvent":
                yield Typed(line, output)


def shape(output: str) -> tuple[str, ...]:
    """Give what must be the same in every run: column headings, names of facts, plan steps, errors."""
    found = []
    for line in output.splitlines():
        if _HEADINGS.fullmatch(line.strip()):
            found.append(" | ".join(re.split(r" {2,}", line.strip())))
        elif line.startswith(("error: ", "plan: ")):
            found.append(line.partition(" (as of")[0])
        elif match := _STEP.match(line):
            found.append(" ".join(match.groups()).strip())
        elif match := _FACT.match(line):
            found.append(match[1])
    return tuple(found)


def parse(words: tuple[str, ...], command: click.Command = root) -> None:
    """Parse words as the command line does, without running anything; raises what it would raise."""
    context = click.Context(command, info_name="solvent")
    with context:
        if isinstance(command, click.Group) and words:
            name, inner, rest = command.resolve_command(context, list(words))
            assert inner is not None, name
            parse(tuple(rest), inner)
        elif not isinstance(command, click.Group):
            command.make_context("solvent", list(words))


def broken_links(page: Path, text: str) -> tuple[str, ...]:
    """Give the links of a page that lead to no file of the repository; addresses are not asked."""
    targets = [found["target"] for found in _LINK.finditer(text)]
    local = [target.partition("#")[0] for target in targets if "://" not in target and not target.startswith("#")]
    return tuple(target for target in local if not (page.parent / target).exists())
