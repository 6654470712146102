"""Types and defaults of parameters in one spelling, so that only what a driver changed is a change.

``Optional[X]`` and ``X | None`` are the same type, and so is ``X`` with a default of None; a default that says where
and as whom the driver ran says nothing about the driver.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

# What stands for a part of a default that another machine, person or process has otherwise.
VARIES = "<varies>"
# Longer than any annotation or default that people write; what is longer is no value to compare.
_LONGEST = 2000
_BARE = {"List", "Dict", "Tuple", "Set", "FrozenSet", "Type"}
# These say that anything goes, which is what no annotation says.
_ANYTHING = {"Any", "object"}
_WRAPPERS = {"Annotated", "ClassVar", "Final", "InitVar", "Required", "NotRequired", "Unpack"}
# A number of at most this many digits may stand in a default by chance.
_SHORT = 3

# Words of SQL that are written in two ways.
_SHORT_WORDS = {"asc": "ascending", "desc": "descending"}
# Settings of embedded databases that are as large as the machine.
_OF_THE_MACHINE = re.compile(r"(?:max_)?memory(?:_limit)?|(?:external_|worker_)?threads|max_temp_directory_size")


def normal_type(text: str, default: str | None = None) -> str:
    """Give a type in one spelling, "" for none; ``default`` is the parameter's, in Python's words.

    What is no expression of Python stays as it is, without addresses.
    """
    cleaned = re.sub(r"<(?:class|enum) '([^']*)'>", r"\1", text.strip())
    try:
        found = _rendered(_parsed(cleaned))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        found = re.sub(r"\s+", " ", _without_addresses(cleaned))[:_LONGEST]
    if _ANYTHING & set(_alternatives(found)):
        return ""
    # PEP 484 let a default of None say that None is a value, too.
    return _union([found, "None"]) if found and default == "None" else found


def _parsed(text: str) -> ast.expr:
    if len(text) > _LONGEST:
        raise ValueError("no type is that long")
    return ast.parse(text, mode="eval").body


def _rendered(node: ast.expr) -> str:
    match node:
        case ast.Constant(value=str() as text):
            found = _rendered(_parsed(text))
        case ast.Constant(value=value):
            found = "..." if value is Ellipsis else repr(value)
        case ast.Name(id=name) | ast.Attribute(attr=name):
            found = {"Text": "str", "NoneType": "None"}.get(name, name.lower() if name in _BARE else name)
        case ast.BinOp(op=ast.BitOr()):
            found = _union([_rendered(node.left), _rendered(node.right)])
        case ast.Subscript():
            found = _subscripted(_rendered(node.value), node.slice)
        case ast.UnaryOp(operand=inner):
            # How a type variable shows its variance.
            found = _rendered(inner)
        case ast.List():
            found = "[" + ", ".join(map(_rendered, node.elts)) + "]"
        case ast.Call(args=[inner, *_]):
            # ForwardRef('X')
            found = _rendered(inner)
        case _:
            found = ast.unparse(node)
    return found


def _subscripted(base: str, inner: ast.expr) -> str:
    parts = list(inner.elts) if isinstance(inner, ast.Tuple) else [inner]
    if base == "Literal":
        return f"Literal[{', '.join(sorted(map(ast.unparse, parts)))}]"
    if base in _WRAPPERS:
        return _rendered(parts[0])
    words = list(map(_rendered, parts))
    if base == "Optional":
        return _union([*words, "None"])
    return _union(words) if base == "Union" else f"{base}[{', '.join(words)}]"


def _union(words: Iterable[str]) -> str:
    """Join alternatives in one order, None last; what stands inside brackets is not taken apart."""
    parts: set[str] = set()
    for word in words:
        parts.update(_alternatives(word))
    return " | ".join(sorted(parts, key=lambda one: (one == "None", one)))


def _alternatives(word: str) -> list[str]:
    found, depth, start = [], 0, 0
    for place, letter in enumerate(word):
        depth += (letter in "[(") - (letter in "])")
        if not depth and word.startswith(" | ", place):
            found.append(word[start:place])
            start = place + 3
    return [*found, word[start:]]


def same_type(one: str, other: str) -> bool:
    """Say whether two types in one spelling take the same values, as far as both say it.

    Whether None is one of them is what the default says, and a generic type without arguments leaves these open.
    """
    first, second = ({part for part in _alternatives(text) if part != "None"} for text in (one, other))
    if not first or not second or first == second:
        return True
    bare = {part.partition("[")[0] for part in first}, {part.partition("[")[0] for part in second}
    open_ends = {part for part in first ^ second if "[" in part}
    return bare[0] == bare[1] and len({part.partition("[")[0] for part in open_ends}) == len(open_ends)


def normal_default(text: str | None, around: Mapping[str, str], version: str = "") -> str | None:
    """Give a default in Python's words, in one spelling; None where the parameter has none.

    ``around`` are values of this machine by what they are (``host``, ``user``, ``home``, ``python``, ``tree``, ...),
    which become placeholders, as does the driver's own ``version``.
    """
    if text is None:
        return None
    try:
        found = _literal(ast.literal_eval(text)) if len(text) <= _LONGEST else text[:_LONGEST]
    except (ValueError, SyntaxError, TypeError, RecursionError, MemoryError):
        found = _object(text[:_LONGEST])
    return _placed(found, around, version)


def setting(name: str, text: str | None) -> str | None:
    """Give the value of an embedded database's setting in one spelling: it writes numbers, sizes and words as text.

    What follows from the processors and the memory of the machine says nothing about the driver.
    """
    if _OF_THE_MACHINE.fullmatch(name):
        return VARIES
    word = (text or "").strip("'").lower()
    if word in ("null", "none", ""):
        return text if text is None else "None"
    if size := re.fullmatch(r"(\d+(?:\.\d+)?) ?([kmgt]i?)?b(?:ytes?)?", word):
        power = " kmgt".index(size[2][0]) if size[2] else 0
        return str(round(float(size[1]) * (1024 if "i" in (size[2] or "") else 1000) ** power))
    word = re.sub(r"^python/3\.\d+$", "python", word)
    word = _SHORT_WORDS.get(word, word)
    return {"true": "True", "false": "False"}.get(word, word if word.isdecimal() else repr(word))


def _literal(value: object) -> str:
    """Write a literal; sets in order, as Python orders them by a hash that differs from run to run."""
    if isinstance(value, set):
        return "{" + ", ".join(sorted(map(_literal, value))) + "}" if value else "set()"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_literal(key)}: {_literal(one)}" for key, one in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        inner = ", ".join(map(_literal, value))
        return f"[{inner}]" if isinstance(value, list) else f"({inner}{',' * (len(value) == 1)})"
    return repr(value)


def _object(text: str) -> str:
    """Write what is no literal: a class by its name, a member of an enumeration without its value."""
    text = _without_addresses(text)
    text = re.sub(r"<(?:class|enum) '(?:[\w.<>]*\.)?(\w+)'>", r"\1", text)
    return re.sub(r"<(\w+(?:\.\w+)+): [^<>]*>", r"\1", text)


def _without_addresses(text: str) -> str:
    return re.sub(r" at 0x[0-9a-fA-F]+|(?<= )0x[0-9a-fA-F]{6,}(?=>)", "", text)


def _placed(text: str, around: Mapping[str, str], version: str) -> str:
    # The longest first: a home may begin a path of the tree. Only in texts: a number is a number.
    if not ("'" in text or '"' in text or "/" in text):
        return text
    for what, value in sorted(around.items(), key=lambda item: -len(item[1])):
        if value and value not in ("/", "root") and (len(value) > _SHORT or not value.isdecimal()):
            text = re.sub(rf"(?<![\w.-]){re.escape(value)}(?![\w.-])", f"<{what}>", text)
    if version and "." in version:
        text = re.sub(rf"(?<![\w.]){re.escape(version)}(?![\w.])", "<version>", text)
    return text
