"""Puts files of a catalog onto a branch of its git repository, as a commit, beside everything that a person has there.

Only objects and the one reference are written: no index, no working tree and no other branch is touched, and nothing
that the repository's settings name is run.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from manager.errors import Failed, Refused
from manager.world.files.tracked import tracked

if TYPE_CHECKING:
    from collections.abc import Mapping

_SECONDS = 60
# Of what no hook and no daemon is to be told.
_QUIET = ("-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c", "commit.gpgsign=false")
_HINT = 'let it be written into the working tree:  [git] mode = "none" in config.toml'


@dataclass(frozen=True, slots=True)
class Repository:
    """A git repository that holds a catalog: its folder, and the commit that is checked out."""

    top: Path
    head: str

    def run(self, *words: str, text: str | None = None, index: Path | None = None) -> str:
        """Give what git prints; raises Failed with what it says."""
        ended = _run(self.top, *words, text=text, more={"GIT_INDEX_FILE": str(index)} if index else {})
        if ended.returncode != 0:
            raise Failed("git could not write the branch", why=ended.stderr.strip(), hint=_HINT, where=str(self.top))
        return ended.stdout.strip()


def repository(root: Path) -> Repository:
    """Find the repository that a catalog belongs to; raises Refused where there is none with a commit.

    One that only lies around the catalog, which git does not track there, is not its own.
    """
    try:
        found = _run(root, "rev-parse", "--show-toplevel")
    except FileNotFoundError:
        raise Refused("there is no git here", hint=f"install git, or {_HINT}", where=str(root)) from None
    if found.returncode != 0 or tracked(root, "solvent.toml") is None:
        why = found.stderr.strip() if found.returncode != 0 else "git does not track its solvent.toml"
        raise Refused(
            f"the catalog at {root} is no git repository, so there is no branch of it",
            why=why,
            hint=f"make it one:  git init   and commit it, or {_HINT}",
            where=str(root),
        )
    head = _run(root, "rev-parse", "--verify", "--quiet", "HEAD^{commit}")
    if head.returncode != 0:
        raise Refused(f"the catalog at {root} has no commit yet", hint=f"commit it first, or {_HINT}", where=str(root))
    return Repository(Path(found.stdout.rstrip("\n")), head.stdout.strip())


def put(root: Path, branch: str, texts: Mapping[Path, str], message: str) -> str:
    """Commit files with their texts onto a branch, made from what is checked out unless it is there; gives the commit.

    A branch that says the same already stays as it is. Raises Refused without a repository and for a branch that is
    checked out somewhere, Failed with what git says.
    """
    where = repository(root)
    reference = f"refs/heads/{branch}"
    if f"branch {reference}" in where.run("worktree", "list", "--porcelain").splitlines():
        raise Refused(
            f"the branch {branch} is checked out: writing it would change what is worked on there",
            hint="check out another one, then run the command again",
            where=str(root),
        )
    before = where.run("for-each-ref", "--format=%(objectname)", reference)
    base = before or where.head
    with tempfile.TemporaryDirectory() as folder:
        index = Path(folder) / "index"
        where.run("read-tree", base, index=index)
        for path, text in texts.items():
            name = _name(where, path)
            blob = where.run("hash-object", "-w", "--stdin", "--no-filters", text=text)
            where.run("update-index", "--add", "--cacheinfo", f"100644,{blob},{name}", index=index)
        tree = where.run("write-tree", index=index)
    if tree == where.run("rev-parse", f"{base}^{{tree}}"):
        if not before:
            raise Refused(
                "what is checked out has it committed already: there is nothing to put onto a branch",
                hint="the working tree says otherwise:  git status",
                where=str(root),
            )
        return before
    commit = where.run(*_identity(where), "commit-tree", tree, "-p", base, "-F", "-", text=message)
    # Only if nobody else has moved it; "" for one that is not there yet.
    where.run("update-ref", "-m", "solvent", reference, commit, before)
    return commit


def _name(where: Repository, path: Path) -> str:
    try:
        return path.resolve().relative_to(where.top.resolve()).as_posix()
    except ValueError:
        raise Refused(f"{path} lies outside of the catalog's git repository", hint=_HINT, where=str(path)) from None


def _identity(where: Repository) -> tuple[str, ...]:
    """Give a neutral name where git's settings have none."""
    missing = [key for key in ("user.name", "user.email") if _run(where.top, "config", "--get", key).returncode]
    neutral = {"user.name": "Solvent", "user.email": "solvent@localhost"}
    return tuple(word for key in missing for word in ("-c", f"{key}={neutral[key]}"))


def _run(
    folder: Path, *words: str, text: str | None = None, more: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    # A repository named by the surroundings (a hook, a rebase) is not the one that is meant.
    surroundings = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    surroundings |= {"GIT_OPTIONAL_LOCKS": "0", **(more or {})}
    try:
        return subprocess.run(
            ("git", *_QUIET, *words), cwd=folder, env=surroundings, input=text if text is not None else "",
            capture_output=True, text=True, check=False, timeout=_SECONDS,
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise Failed("git did not answer", why=f"git {words[0]} took {error.timeout:g} s", where=str(folder)) from None
