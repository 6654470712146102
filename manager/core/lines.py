"""Where a key stands in a plain TOML file, and whether a file is one that a parser should be given at all."""

from __future__ import annotations

import re

# No file of settings, connections or a catalog comes near; larger ones only keep a parser busy.
LARGEST = 1024**2
# A key of many parts: tomllib takes seconds for one of some thousands, and what it makes is too deep for anything.
# Looked for where a word begins: from within one, a long text in one word would be searched for hours.
_MANY_PARTS = re.compile(r"""(?<![\w"'-])(?:[\w"'-]++[ \t]*+\.[ \t]*+){40}""")
# A number that Python does not write (beyond 4300 digits), or not read, in any base; TOML's have 64 bits.
_SHORT = 80  # What is looked for stands on one line, of 40 letters and as many dots at least.
_LONG_NUMBER = re.compile(r"(?<!\w)(?:0[xob])?[0-9A-Fa-f_]{1000}")


def unfit(text: str) -> str:
    """Say why a text should not be parsed as TOML, or nothing.

    It is huge, has a key of very many parts, or a number of very many digits.
    """
    if len(text) > LARGEST:
        return f"larger than {LARGEST // 1024} KiB"
    long = "\n".join(line for line in text.split("\n") if len(line) >= _SHORT)
    if _LONG_NUMBER.search(long):
        return "a number is too long"
    return "nested too deeply" if _MANY_PARTS.search(long) else ""


def line_of(text: str, key: str, table: str = "") -> int:
    """Find the line, from 1, that sets a key in a table ("" for the top); 0 when it is not written plainly."""
    current = ""
    for number, line in enumerate(text.splitlines(), 1):
        header = re.match(r"\s*\[([^\[\]]+)\]", line)
        if header:
            current = header[1].strip()
            if table == "" and current == key:
                return number
        elif current == table and re.match(rf"""\s*(["']?){re.escape(key)}\1\s*=""", line):
            return number
    return 0
