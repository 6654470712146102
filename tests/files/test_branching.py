"""Locks onto a branch: a commit in a real repository, and nothing that a person has there is touched."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from manager.errors import Failed, Refused
from manager.world.files import branching

if TYPE_CHECKING:
    from pathlib import Path

BRANCH = "solvent/lab-1-0123456789ab"


def git(folder: Path, *words: str) -> str:
    """Run git as a person does; give what it prints."""
    surroundings = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    who = ("-c", "user.name=ana", "-c", "user.email=ana@example.org")
    return subprocess.run(
        ("git", *who, *words), cwd=folder, env=surroundings, text=True, capture_output=True, check=True
    ).stdout


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a catalog below the top of a repository, with everything that a person may have under way there."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "somebody's"))
    root = tmp_path / "repository/catalog"
    (root / "images").mkdir(parents=True)
    git(tmp_path, "init", "-q", "-b", "main", "repository")
    for name in ("solvent.toml", "images/kernel.lock", "other"):
        (root / name).write_text("first\n")
    git(root, "add", ".")
    git(root, "commit", "-q", "-m", "first")
    (root / "other").write_text("under way\n")
    (root / "staged").write_text("staged\n")
    git(root, "add", "staged")
    (root / "new").write_text("untracked\n")
    hook = tmp_path / "repository/.git/hooks/reference-transaction"
    hook.write_text(f"#!/bin/sh\ntouch '{tmp_path}/hooked'\n")
    hook.chmod(0o755)
    return root


def state(root: Path) -> tuple[object, ...]:
    """Give what a person would see to have changed: files, status, index, HEAD, and the branch that they are on."""
    texts = {str(one.relative_to(root)): one.read_bytes() for one in root.rglob("*") if one.is_file()}
    index = (root.parent / ".git/index").read_bytes()
    said = [git(root, *words) for words in (("rev-parse", "HEAD"), ("symbolic-ref", "HEAD"), ("stash", "list"))]
    return texts, index, said


def test_a_branch_has_the_texts_and_nothing_else_moves(root: Path, tmp_path: Path) -> None:
    """Made from what is checked out: what is under way is in nobody's commit, and no hook runs."""
    before = state(root)

    commit = branching.put(
        root,
        BRANCH,
        {root / "images/kernel.lock": "second\n", root / "images/facts.json": "{}\r\n"},
        "Why\n\nBecause\n",
    )

    assert state(root) == before
    assert not (tmp_path / "hooked").exists()
    assert git(root, "rev-parse", BRANCH).strip() == commit
    assert git(root, "rev-parse", f"{BRANCH}^") == git(root, "rev-parse", "main")
    assert git(root, "diff", "--name-status", "main", BRANCH) == (
        "A\tcatalog/images/facts.json\nM\tcatalog/images/kernel.lock\n"
    )
    assert git(root, "show", f"{BRANCH}:./images/kernel.lock") == "second\n"
    assert git(root, "log", "-1", "--format=%an %s %b", BRANCH).split("\n")[0] == "Solvent Why Because"
    # A person can take it in spite of what is under way (control: it is a commit like any other).
    git(root, "merge", "-q", BRANCH)
    assert (root / "images/kernel.lock").read_text() == "second\n"
    assert (root / "other").read_text() == "under way\n"


def test_the_same_once_more_changes_nothing_and_another_text_is_another_commit(root: Path) -> None:
    """A second night finds the branch as it left it; a person's commits on it stay."""
    lock = root / "images/kernel.lock"
    first = branching.put(root, BRANCH, {lock: "second\n"}, "one")

    assert branching.put(root, BRANCH, {lock: "second\n"}, "two") == first
    third = branching.put(root, BRANCH, {lock: "third\n"}, "three")
    assert git(root, "rev-parse", f"{BRANCH}^").strip() == first
    assert git(root, "rev-parse", BRANCH).strip() == third


def test_a_branch_that_somebody_works_on_is_left_alone(root: Path, tmp_path: Path) -> None:
    """Checked out here or in another working tree."""
    branching.put(root, BRANCH, {root / "images/kernel.lock": "second\n"}, "one")
    git(root, "worktree", "add", "-q", str(tmp_path / "beside"), BRANCH)
    before = git(root, "rev-parse", BRANCH)

    with pytest.raises(Refused, match="is checked out"):
        branching.put(root, BRANCH, {root / "images/kernel.lock": "third\n"}, "two")

    assert git(root, "rev-parse", BRANCH) == before


def test_what_is_committed_already_needs_no_branch(root: Path) -> None:
    """It says so, and makes none."""
    with pytest.raises(Refused, match="has it committed already"):
        branching.put(root, BRANCH, {root / "images/kernel.lock": "first\n"}, "one")

    assert git(root, "branch", "--list", BRANCH) == ""


def test_a_catalog_without_a_repository_of_its_own_is_refused(root: Path, tmp_path: Path) -> None:
    """None at all, one that only lies around it, and one without a commit."""
    plain = tmp_path / "plain"
    inside = root / "inside"
    fresh = tmp_path / "fresh"
    for one in (plain, inside, fresh):
        one.mkdir()
        (one / "solvent.toml").touch()
    git(fresh, "init", "-q")
    git(fresh, "add", ".")

    for one, why in ((plain, "no git repository"), (inside, "no git repository"), (fresh, "no commit yet")):
        with pytest.raises(Refused, match=why) as refused:
            branching.repository(one)
        assert 'mode = "none"' in refused.value.hint
    assert branching.repository(root).top == root.parent


def test_without_git_it_says_so(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where it is not installed."""
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(Refused, match="there is no git"):
        branching.repository(root)


def test_what_git_refuses_is_said_in_its_words(root: Path) -> None:
    """A branch below the name of another one; a file that lies elsewhere."""
    git(root, "branch", "solvent")

    with pytest.raises(Failed) as failed:
        branching.put(root, BRANCH, {root / "images/kernel.lock": "second\n"}, "one")
    with pytest.raises(Refused, match="outside"):
        branching.put(root, "solvent-1", {root.parents[2] / "elsewhere": "second\n"}, "one")

    assert "refs/heads/solvent" in failed.value.why
