"""Lines of keys and tables in a TOML text, for errors and for the places of releases.

tomllib keeps no positions, so tree-sitter reads the text once more; it is imported only when a line is needed
that a scan for headers cannot give.
"""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Node

    from manager.world.files.documents import Keys

_TABLES = {"table", "table_array_element"}
_KEYS = {"bare_key", "quoted_key", "dotted_key"}


def array_lines(text: bytes, name: str, count: int) -> tuple[int, ...]:
    """Give the lines of the ``count`` headers ``[[name]]``.

    A scan is enough when it finds exactly as many as there are elements; anything else (a header inside a
    multi-line string, an inline array) is left to the parser.
    """
    header = re.compile(rb"[ \t]*\[\[[ \t]*" + re.escape(name.encode()) + rb"[ \t]*\]\]")
    found = tuple(number for number, line in enumerate(text.split(b"\n"), 1) if header.match(line))
    if len(found) == count:
        return found
    known = lines(text)
    return tuple(nearest(known, (name, index)) for index in range(count))


def nearest(known: dict[Keys, int], keys: Keys) -> int:
    """Give the line of a key or, where it is not there, of the innermost thing around it that is."""
    while keys and keys not in known:
        keys = keys[:-1]
    return known.get(keys, 1)


def lines(text: bytes) -> dict[Keys, int]:
    """Give the line of every key, table and array element of a TOML text that tomllib accepts."""
    import tree_sitter
    import tree_sitter_toml

    parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_toml.language()))
    found: dict[Keys, int] = {}
    counts: dict[Keys, int] = {}
    for node in parser.parse(text).root_node.named_children:
        if node.type == "pair":
            _pair(node, (), found)
        elif node.type in _TABLES:
            keys = _resolve(_names(node.named_children[0]), counts, node.type == "table_array_element")
            for depth in range(1, len(keys) + 1):
                _note(found, keys[:depth], node)
            for child in node.named_children[1:]:
                if child.type == "pair":
                    _pair(child, keys, found)
    return found


def _resolve(names: tuple[str, ...], counts: dict[Keys, int], appends: bool) -> Keys:
    """Turn a header's names into keys: a name of an array of tables means its newest element."""
    keys: Keys = ()
    for position, name in enumerate(names):
        keys = (*keys, name)
        if appends and position == len(names) - 1:
            counts[keys] = counts.get(keys, 0) + 1
        if keys in counts:
            keys = (*keys, counts[keys] - 1)
    return keys


def _pair(node: Node, prefix: Keys, found: dict[Keys, int]) -> None:
    parts = [child for child in node.named_children if child.type != "comment"]
    if len(parts) != 2:  # tree-sitter reads something else here than tomllib does: no line, no failure
        return
    key, value = parts
    keys = prefix
    for name in _names(key):
        keys = (*keys, name)
        _note(found, keys, node)
    _value(value, keys, found)


def _value(node: Node, keys: Keys, found: dict[Keys, int]) -> None:
    children = [child for child in node.named_children if child.type != "comment"]
    if node.type == "inline_table":
        for child in children:
            _pair(child, keys, found)
    elif node.type == "array":
        for index, child in enumerate(children):
            _note(found, (*keys, index), child)
            _value(child, (*keys, index), found)


def _note(found: dict[Keys, int], keys: Keys, node: Node) -> None:
    found.setdefault(keys, node.start_point.row + 1)


def _names(node: Node) -> tuple[str, ...]:
    if node.type == "dotted_key":
        return tuple(name for child in node.named_children if child.type in _KEYS for name in _names(child))
    text = (node.text or b"").decode()
    # tomllib knows the escapes of quoted keys.
    return (text,) if node.type == "bare_key" else tuple(tomllib.loads(f"{text} = 0"))


def spelled(keys: Keys) -> str:
    """Write keys as a person would: ``release[2].python``."""
    text = ""
    for key in keys:
        text += f"[{key}]" if isinstance(key, int) else f".{key}"
    return text.removeprefix(".")
