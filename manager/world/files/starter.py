"""A catalog of one's own, from the shipped one: what ``solvent init DIR`` makes."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from typing import TYPE_CHECKING

from manager import whole_files
from manager.errors import Failed, Refused
from manager.world.files import upstream
from manager.world.files.loading import load

if TYPE_CHECKING:
    from pathlib import Path


def copy_shipped(shipped_root: Path, target: Path, git: bool) -> str:
    """Copy the shipped catalog to ``target``, named after its folder, with a record of it, and check the copy.

    With ``git`` and where git is installed it becomes a repository with one commit, whose id is given ("" for
    none). All of it is there in the end, or nothing. Raises Refused when ``target`` is something already
    (an empty folder is fine), Failed when it cannot be written.
    """
    target = target.expanduser().resolve()
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise Refused(f"{target} is there already and not empty", hint="name a folder that does not exist yet")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        made = whole_files.beside(target)
        made.mkdir()
    except OSError as error:
        raise Failed(f"cannot write {target}", why=str(error.strerror)) from error
    try:
        _copy(shipped_root, made)
        _rename(made / "solvent.toml", target.name)
        upstream.record(made, upstream.said(shipped_root))
        load(made, shipped=False)
        commit = _commit(made) if git and shutil.which("git") else ""
        made.replace(target)
    except OSError as error:
        raise Failed(f"cannot write {target}", why=str(error.strerror)) from error
    finally:
        shutil.rmtree(made, ignore_errors=True)
    return commit


def _copy(source: Path, made: Path) -> None:
    shutil.copyfile(source / "solvent.toml", made / "solvent.toml")
    for part in upstream.PARTS:
        if (source / part).is_dir():
            shutil.copytree(source / part, made / part, ignore=shutil.ignore_patterns("__pycache__", "*.pyc"))


def _rename(file: Path, folder: str) -> None:
    import tomlkit

    text = tomlkit.parse(file.read_text())
    text["name"] = re.sub(r"[^a-z0-9._-]+", "-", folder.lower()).strip("-._") or "catalog"
    file.write_text(tomlkit.dumps(text))


def _commit(root: Path) -> str:
    """Make the first commit; a person without a name in git's configuration gets a neutral one."""
    # A repository named by the surroundings (a hook, a rebase) is not the one to make.
    surroundings = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}

    def run(*words: str) -> str:
        ended = subprocess.run(["git", *words], cwd=root, env=surroundings, capture_output=True, text=True, check=False)
        if ended.returncode != 0:
            raise Failed(
                "git could not make the first commit",
                why=ended.stderr.strip(),
                hint="nothing was written; mend what git says, then run  solvent init  again",
            )
        return ended.stdout.strip()

    def configured(name: str) -> bool:
        words = ["git", "config", "--get", name]
        return not subprocess.run(words, cwd=root, env=surroundings, capture_output=True, check=False).returncode

    run("init", "--quiet", "--initial-branch=main")
    run("add", "--all", "--force", ".")
    fallback: tuple[str, ...] = () if configured("user.name") else ("-c", "user.name=Solvent")
    if not configured("user.email"):
        fallback += ("-c", "user.email=solvent@localhost")
    run(*fallback, "-c", "commit.gpgsign=false", "commit", "--quiet", "--no-verify", "-m", "Copy the shipped catalog")
    return run("rev-parse", "HEAD")
