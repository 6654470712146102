"""The table ``[git]`` of the settings: what becomes of a lock of the catalog that was promoted or rolled back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from manager.core.catalog import did_you_mean
from manager.core.lines import line_of
from manager.errors import Problem

if TYPE_CHECKING:
    from pathlib import Path

# Into the working tree, or onto a branch of its own, as a commit.
NONE, BRANCH = "none", "branch"
MODES = (NONE, BRANCH)


def mode(text: str) -> str:
    """Give a mode back; raises ValueError for anything else."""
    if text not in MODES:
        raise ValueError(f"{text!r} is neither {' nor '.join(MODES)}")
    return text


def read(file: Path, text: str, table: object, before: object) -> tuple[object, list[Problem]]:
    """Give the mode that a file's table says, or the one of ``before``, and what is wrong with it."""
    if not isinstance(table, dict):
        return before, [Problem(str(file), line_of(text, "git"), "git", "must be a table")]
    problems = [
        Problem(str(file), line_of(text, key, "git"), f"git.{key}", "unknown key", did_you_mean(key, ["mode"]))
        for key in table.keys() - {"mode"}
    ]
    found = table.get("mode", before)
    if found not in MODES:
        why = f"must be {' or '.join(MODES)}"
        problems.append(Problem(str(file), line_of(text, "mode", "git"), "git.mode", why))
    return found, problems
