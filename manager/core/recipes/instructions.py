"""A Dockerfile as its instructions: continued lines, comments, heredocs and the escape directive.

https://docs.docker.com/reference/dockerfile/ is the grammar. Whatever is no instruction becomes one with its own
first word as keyword, so nothing is lost and nothing fails.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_DIRECTIVE = re.compile(r"#\s*(?P<name>[A-Za-z]+)\s*=\s*(?P<value>\S+)\s*")
_HEREDOC = re.compile(r"(?<!<)<<-?(?P<quote>[\"']?)(?P<name>[A-Za-z_][A-Za-z0-9_.]*)(?P=quote)")
_FLAG = re.compile(r"--(?P<name>[a-z-]+)(?:=(?P<value>\S+))?\s+")
_WITH_HEREDOC = ("RUN", "COPY", "ADD")


@dataclass(frozen=True, slots=True)
class Heredoc:
    """A text inside an instruction; ``line`` is its first."""

    name: str
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Instruction:
    """An instruction; ``text`` is what follows keyword and flags, with a newline for each that was continued.

    ``starts`` are the line of each line of ``text``, which are not consecutive where comments stood between.
    """

    keyword: str
    line: int
    text: str
    starts: tuple[int, ...]
    flags: tuple[tuple[str, str], ...] = ()
    heredocs: tuple[Heredoc, ...] = ()

    def flag(self, name: str) -> str:
        """Give a flag's value; nothing where it is not there."""
        return dict(self.flags).get(name, "")

    def line_at(self, offset: int) -> int:
        """Give the line of an offset of ``text``."""
        return self.starts[min(self.text.count("\n", 0, offset), len(self.starts) - 1)]


def instructions(text: str) -> tuple[Instruction, ...]:
    """Give the instructions of a Dockerfile."""
    lines = text.splitlines()
    escape = _escape(lines)
    found: list[Instruction] = []
    at = 0
    while at < len(lines):
        if _is_nothing(lines[at]):
            at += 1
            continue
        parts: list[tuple[int, str]] = []
        goes_on = True
        while goes_on and at < len(lines):
            # Comments and, though deprecated, empty lines may stand inside a continued instruction.
            if not (parts and _is_nothing(lines[at])):
                bare = lines[at].rstrip()
                goes_on = bare.endswith(escape)
                parts.append((at + 1, bare[:-1] if goes_on else bare))
            at += 1
        one = _instruction(parts)
        if one.keyword in _WITH_HEREDOC:
            heredocs, at = _heredocs(one.text, lines, at)
            one = Instruction(one.keyword, one.line, one.text, one.starts, one.flags, heredocs)
        found.append(one)
    return tuple(found)


def _is_nothing(line: str) -> bool:
    return not line.strip() or line.lstrip().startswith("#")


def _escape(lines: list[str]) -> str:
    """Read the parser's directives, which stand before everything else."""
    for line in lines:
        match = _DIRECTIVE.fullmatch(line.strip())
        if match is None:
            break
        if match["name"].lower() == "escape" and match["value"] in ("\\", "`"):
            return match["value"]
    return "\\"


def _instruction(parts: list[tuple[int, str]]) -> Instruction:
    first = parts[0][1].lstrip()
    word = re.match(r"\S*", first)
    keyword = (word[0] if word else "").upper()
    text = "\n".join([first[len(keyword) :], *(part for _, part in parts[1:])])
    starts = tuple(line for line, _ in parts)
    flags: list[tuple[str, str]] = []
    while True:
        rest = text.lstrip()
        match = _FLAG.match(rest)
        cut = len(text) - len(rest) + (match.end() if match else 0)
        # The lines of what is cut off at the front go with it.
        starts = starts[min(text.count("\n", 0, cut), len(starts) - 1) :]
        text = text[cut:]
        if match is None:
            return Instruction(keyword, parts[0][0], text.rstrip(), starts, tuple(flags))
        flags.append((match["name"], match["value"] or ""))


def _heredocs(text: str, lines: list[str], at: int) -> tuple[tuple[Heredoc, ...], int]:
    """Read the bodies that an instruction announces; one without its end goes to the end of the file."""
    found: list[Heredoc] = []
    for match in _HEREDOC.finditer(text):
        body: list[str] = []
        begun = at + 1
        while at < len(lines) and lines[at].strip("\t\r ") != match["name"]:
            body.append(lines[at])
            at += 1
        at += 1
        found.append(Heredoc(match["name"], begun, "\n".join(body)))
    return tuple(found), min(at, len(lines))
