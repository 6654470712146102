"""Where a key stands in a plain TOML file; for the small files of settings and connections."""

from __future__ import annotations

import re


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
