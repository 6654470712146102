"""A shell script as simple commands, as far as they can be told without running it.

What decides, repeats, pipes or computes is given as a whole: what it does is not known from its text.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

# Gives the value of a variable; None for one that is not known.
Known = Callable[[str], "str | None"]

_TOKEN = re.compile(
    r"""(?P<space>(?:[ \t\r]|\\\n)+)|(?P<comment>(?<![^\s;&|()])\#[^\n]*)|(?P<redirect>\d*(?:>>|<<|>|<)(?:&\d)?)"""
    r"""|(?P<end>&&|;(?!;)|\n)|(?P<odd>\|\||;;|[|&()])"""
    r"""|(?P<word>(?:\\[\s\S]|'[^']*'|"(?:\\[\s\S]|[^"\\])*"|[^\s;|&()<>'"\\])+)|(?P<stray>[\s\S])"""
)
_VARIABLE = re.compile(r"\$(?:\{(?P<braced>[A-Za-z_]\w*)(?P<rest>[^}]*)\}|(?P<bare>[A-Za-z_]\w*))")
_PART = re.compile(
    r"""'(?P<single>[^']*)'|"(?P<double>(?:\\[\s\S]|[^"\\])*)"|\\(?P<escaped>[\s\S])|(?P<variable>\$(?:\{[^}]*\}|\w*))"""
    r"""|(?P<plain>[^'"\\$]+)"""
)
_OPENS = {"if", "for", "while", "until", "case", "select", "{", "function"}
_CLOSES = {"fi", "done", "esac", "}"}
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=.*", re.DOTALL)
_BEFORE = ("sudo", "time", "exec", "env", "command", "-E", "-H")


@dataclass(frozen=True, slots=True)
class Word:
    """A word without its quotes; ``known`` says whether every variable in it was."""

    text: str
    offset: int
    known: bool = True


@dataclass(frozen=True, slots=True)
class Command:
    """A command; ``words`` are empty for one that is no simple command. ``text`` is as it was written."""

    text: str
    offset: int
    words: tuple[Word, ...]

    @property
    def name(self) -> str:
        """Give the program's own name."""
        return self.words[0].text.rpartition("/")[2] if self.words else ""


def commands(script: str, known: Known) -> Iterator[Command]:
    """Give the commands of a script in their order."""
    depth, begun, odd = 0, 0, False
    words: list[Word] = []
    raw = ""
    skipping = False
    tokens = [
        *((match.lastgroup, match[0], match.start()) for match in _TOKEN.finditer(script)),
        ("end", "", len(script)),
    ]
    for kind, text, offset in tokens:
        if kind == "end":
            # Inside of what decides or repeats, an end is none.
            if depth > 0 and text:
                continue
            if raw := script[begun:offset].strip():
                lead = len(script[begun:offset]) - len(script[begun:offset].lstrip())
                yield Command(raw, begun + lead, () if odd or depth > 0 else _bare(words))
            words, odd, skipping, begun = [], False, False, offset + len(text)
        elif kind == "redirect":
            skipping = True
        elif kind in ("odd", "stray"):
            odd = True
        elif kind == "word":
            if skipping:
                # pip install pandas>=2 without quotes writes a file, and is meant otherwise.
                odd, skipping = odd or text.startswith("="), False
                continue
            opens = text in _OPENS and not words
            depth += opens
            odd = odd or opens
            # Closing words follow an end that was none, so they cannot be told by their position.
            depth -= depth > 0 and text in _CLOSES
            words.append(_word(text, offset, known))


def _bare(words: list[Word]) -> tuple[Word, ...]:
    """Leave out what stands before a command and changes nothing about what it installs."""
    while words and (_ASSIGNMENT.fullmatch(words[0].text) or words[0].text in _BEFORE):
        words = words[1:]
    return tuple(words)


def _word(raw: str, offset: int, known: Known) -> Word:
    """Take the quotes away, with variables' values in their places where the shell would put them."""
    parts: list[str] = []
    sound = "`" not in raw and "$(" not in raw
    for match in _PART.finditer(raw):
        if match.lastgroup == "variable":
            text, found = substituted(match["variable"], known)
            parts.append(text)
            sound = sound and found
        elif match.lastgroup == "double":
            text, found = substituted(match["double"], known)
            parts.append(re.sub(r'\\([$"\\`])', r"\1", text))
            sound = sound and found
        else:
            parts.append(match[match.lastgroup or 0])
    return Word("".join(parts), offset, sound)


def substituted(text: str, known: Known) -> tuple[str, bool]:
    """Put variables' values in their places; says whether all of them were known.

    ``${NAME:-value}`` and ``${NAME:+value}`` are understood, as in a Dockerfile.
    """
    sound = True

    def value(match: re.Match[str]) -> str:
        nonlocal sound
        found, rest = known(match["braced"] or match["bare"]), match["rest"] or ""
        if rest.startswith(":-"):
            return found or rest[2:]
        if rest.startswith(":+"):
            return rest[2:] if found else ""
        if found is None or rest:
            sound = False
            return match[0]
        return found

    return _VARIABLE.sub(value, text), sound
