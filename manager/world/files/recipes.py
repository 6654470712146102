"""Files that say how a team makes its environment today, read from disk; nothing of them is run.

YAML, TOML and JSON become :class:`~manager.core.recipes.nodes.Node`, each value with its line.
"""

from __future__ import annotations

import hashlib
import json
import re
import stat
import tomllib
from typing import TYPE_CHECKING, Any

from manager.core.lines import LARGEST, unfit
from manager.core.recipes.kinds import kind_of
from manager.core.recipes.nodes import Node
from manager.core.recipes.notes import Neighbour
from manager.core.recipes.translation import Recipe
from manager.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    import yaml

    from manager.world.files.documents import Keys

# Files that are only known by their hash: an installer of a vendor may have some gigabytes.
_LARGEST_NEIGHBOUR = 8 * 1024**3
_DEEPEST = 40
_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


def read(path: Path) -> Recipe:
    """Read a recipe; raises UsageError for what cannot be read, is none, or is not well-formed."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise UsageError(f"{path} is no file", hint="name the file itself, for example  --from Dockerfile")
        if path.stat().st_size > LARGEST:
            raise UsageError(f"{path} is no recipe: it is larger than {LARGEST // 1024} KiB")
        text = _decoded(path.read_bytes())
    except (OSError, ValueError) as error:
        # ValueError: a name with a zero byte
        raise UsageError(f"{path} cannot be read", why=getattr(error, "strerror", "") or str(error)) from error
    if text is None:
        raise UsageError(f"{path.name} is no text", hint="save it as UTF-8")
    kind = kind_of(path.name, text)
    readers = {"environment.yml": _yaml, "pyproject.toml": _toml, "renv.lock": _json}
    return Recipe(path.name, kind, text, readers[kind](path.name, text) if kind in readers else Node(1))


def neighbours(folder: Path) -> Callable[[str], Neighbour | None]:
    """Give what reads files below a folder, and nothing outside of it."""

    def beside(path: str) -> Neighbour | None:
        try:
            root, real = folder.resolve(), (folder / path).resolve()
            if not real.is_relative_to(root) or not stat.S_ISREG(real.stat().st_mode):
                return None
            size = real.stat().st_size
            if size > _LARGEST_NEIGHBOUR:
                return None
            with real.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            return Neighbour(digest, _decoded(real.read_bytes()) if size <= LARGEST else None)
        # RuntimeError: links in a circle
        except (OSError, ValueError, RuntimeError):
            return None

    return beside


def _decoded(raw: bytes) -> str | None:
    """Give a text as pip would read it: UTF-8, or what its byte order mark says; None for what is no text."""
    encoding = next((name for mark, name in _BOMS if raw.startswith(mark)), "utf-8")
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else text


def _yaml(name: str, text: str) -> Node:
    import yaml

    class Loader(yaml.SafeLoader):
        """Composes nodes; an alias is refused: what it repeats could repeat without end."""

        def compose_node(self, parent: Any, index: Any) -> Any:
            if self.check_event(yaml.AliasEvent):
                mark = self.get_event().start_mark  # type: ignore[no-untyped-call]
                raise yaml.composer.ComposerError(None, None, "aliases are not understood", mark)
            return super().compose_node(parent, index)

    try:
        return _of_yaml(yaml.compose(text, Loader))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        why = str(getattr(error, "problem", "") or "it holds a character that YAML does not allow")
        raise UsageError(f"{name} is not YAML", why=why, where=f"{name}:{mark.line + 1}" if mark else name) from None
    except RecursionError:
        raise UsageError(f"{name} is not YAML", why="nested too deeply", where=name) from None


def _of_yaml(node: yaml.Node | None) -> Node:
    import yaml

    if node is None:
        return Node(1)
    line = node.start_mark.line + 1
    if isinstance(node, yaml.SequenceNode):
        return Node(line, "list", items=tuple(map(_of_yaml, node.value)))
    if isinstance(node, yaml.MappingNode):
        pairs = tuple(
            (str(key.value) if isinstance(key, yaml.ScalarNode) else "?", _of_yaml(value)) for key, value in node.value
        )
        return Node(line, "table", pairs=pairs)
    empty = node.tag == "tag:yaml.org,2002:null"
    return Node(line) if empty else Node(line, "text", str(node.value))


def _toml(name: str, text: str) -> Node:
    from manager.world.files.positions import lines

    if why := unfit(text):
        raise UsageError(f"{name} is not TOML", why=why, where=name)
    try:
        data = tomllib.loads(text)
        return _of_data(data, lines(text.encode()), ())
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{name} is not TOML", why=str(error), where=name) from None
    except RecursionError:
        raise UsageError(f"{name} is not TOML", why="nested too deeply", where=name) from None


def _json(name: str, text: str) -> Node:
    try:
        data = json.loads(text)
    except ValueError as error:
        where = f"{name}:{error.lineno}" if isinstance(error, json.JSONDecodeError) else name
        why = error.msg if isinstance(error, json.JSONDecodeError) else "a number is too long"
        raise UsageError(f"{name} is not JSON", why=why, where=where) from None
    except RecursionError:
        raise UsageError(f"{name} is not JSON", why="nested too deeply", where=name) from None
    # renv writes each key on a line of its own; the packages' are told apart by their names.
    known: dict[Keys, int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if match := re.match(r'\s*"((?:[^"\\]|\\.)*)"\s*:\s*\{', line):
            known.setdefault(("Packages", match[1]), number)
            known.setdefault((match[1],), number)
    return _of_data(data, known, ())


def _of_data(value: object, known: Mapping[Keys, int], keys: Keys) -> Node:
    """Make a node of what tomllib or json give; a value without a line of its own has that of what is around it."""
    line = next((known[keys[:end]] for end in range(len(keys), 0, -1) if keys[:end] in known), 1)
    if len(keys) > _DEEPEST:
        raise RecursionError
    if isinstance(value, dict):
        pairs = tuple((str(key), _of_data(inner, known, (*keys, key))) for key, inner in value.items())
        return Node(line, "table", pairs=pairs)
    if isinstance(value, list):
        items = tuple(_of_data(inner, known, (*keys, index)) for index, inner in enumerate(value))
        return Node(line, "list", items=items)
    if value is None:
        return Node(line)
    return Node(line, "text", str(value).lower() if isinstance(value, bool) else str(value))
