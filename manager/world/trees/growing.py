"""Grows a tree from a sealed one: distributions whose pins did not move are copied, bytecode included.

A copy, never a link: a sealed tree is not written again, and nothing that is written may reach it.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from manager.world.trees.content import claims, mode_of, written
from manager.world.trees.form import BESIDE, site_packages

if TYPE_CHECKING:
    from collections.abc import Mapping, Set
    from pathlib import Path


class Unfit(Exception):
    """A sealed tree cannot be grown from, and why."""


class Spoilt(Unfit):
    """A sealed tree is not what was sealed."""


def adopt(sealed: Path, lines: Mapping[str, bytes], names: Set[str], folder: Path, python: str) -> dict[str, bytes]:
    """Copy the files of the named distributions into a tree that has the others already; give their lines.

    ``lines`` is the manifest of the tree ``sealed``, and each file is held against it. Raises Unfit where the result
    might differ from a tree made from nothing, and Spoilt for a file that is not what was sealed.
    """
    owners = claims(sealed, lines)
    site = site_packages(sealed, python)
    if strange := next((name for name in BESIDE if (site / name).exists()), ""):
        raise Unfit(f"a package is named {strange}")
    taken: dict[str, bytes] = {}
    made: set[str] = set()
    for path, line in lines.items():
        if path not in owners:
            # Interpreter links and pyvenv.cfg, which every tree has from its own making.
            if not os.path.lexists(folder / path):
                raise Unfit(f"{path} belongs to no distribution")
        elif not names.isdisjoint(owners[path]):
            # Bytecode depends on the distribution that its source is compiled with.
            if not names >= set(owners[path]):
                raise Unfit(f"two distributions bring {path}")
            parent = os.path.dirname(path)  # noqa: PTH120 - ten thousand files: a Path each would take as long again
            if parent not in made:
                (folder / parent).mkdir(parents=True, exist_ok=True)
                made.add(parent)
            _copy(f"{sealed}/{path}", f"{folder}/{path}", line, path)
            taken[path] = line
    return taken


def _copy(source: str, target: str, line: bytes, path: str) -> None:
    kind, mode = line[:1].decode(), mode_of(line)
    try:
        if kind == "l":
            content = os.fsencode(os.readlink(source))  # noqa: PTH115 - as above
        else:
            with open(source, "rb", buffering=0) as file:  # noqa: PTH123
                content = file.read()
    except OSError as error:
        raise Spoilt(f"{path}: {error.strerror}") from None
    if written(kind, mode, content, path) != line:
        raise Spoilt(f"changed: {path}")
    try:
        if kind == "l":
            os.symlink(content, target)  # noqa: PTH211
            return
        with os.fdopen(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, mode), "wb") as out:
            out.write(content)
            os.fchmod(out.fileno(), mode)  # whatever the umask was
    except FileExistsError:
        raise Unfit(f"two distributions bring {path}") from None
