"""The clone of a workspace, as it runs inside a sandbox: from a real git server, into folders in every state."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from manager.probes import clone
from tests.fakes.gitserver import git, repository, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

FILES = {"README.md": "hello\n", "src/one.py": "print(1)\n"}
LOGIN = "ana:s3cret-of-the-server"
PROGRAM = Path(clone.__file__)


class Place:
    """A workspace, the file system in memory, and a server to clone from."""

    def __init__(self, folder: Path, port: int) -> None:
        self.workspace = folder / "workspace"
        self.workspace.mkdir()
        self.memory = folder / "memory"
        self.memory.mkdir()
        self.url = f"http://127.0.0.1:{port}/work.git"

    def asked(self, **more: Any) -> dict[str, Any]:
        """Give the object of standard input."""
        empty = {"ref": "", "user": "", "password": "", "environment": {}, "authorities": "", "hidden": []}
        return {**empty, "workspace": str(self.workspace), "url": self.url, "seconds": 60, **more}

    def clone(self, **more: Any) -> dict[str, Any]:
        """Clone; give how it ended."""
        found: dict[str, Any] = clone.Clone(self.asked(**more), self.memory).run()
        return found

    @property
    def names(self) -> set[str]:
        """Name what lies in the workspace."""
        return {path.name for path in self.workspace.iterdir()}


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """Give an empty workspace beside a public server."""
    repository(tmp_path / "served", FILES)
    with serving(tmp_path / "served") as server:
        yield Place(tmp_path, server.port)


def test_an_empty_workspace_is_filled(place: Place) -> None:
    """With the files, a branch that follows the server's, and no trace of how it was made; pip's place is no change."""
    (place.workspace / ".solvent").mkdir()

    end = place.clone()

    assert (end["outcome"], end["branch"]) == ("cloned", "main")
    assert place.names == {".git", ".solvent", "README.md", "src"}
    (place.workspace / ".solvent" / "installed").touch()
    assert git(place.workspace, "status", "--porcelain") == ""
    assert end["commit"] == git(place.workspace, "rev-parse", "HEAD")
    assert git(place.workspace, "rev-parse", "--abbrev-ref", "main@{upstream}") == "origin/main"


@pytest.mark.parametrize(("ref", "branch"), [("topic", "topic"), ("v1", "")])
def test_a_branch_or_a_tag_is_checked_out(place: Place, ref: str, branch: str) -> None:
    """A branch can be committed to; a tag and a commit are looked at."""
    end = place.clone(ref=ref)

    assert (end["outcome"], end["branch"]) == ("cloned", branch)
    assert ("topic.txt" in place.names) == (ref == "topic")


def test_a_ref_that_is_not_there_leaves_nothing(place: Place) -> None:
    """It is named, and the workspace is as it was."""
    end = place.clone(ref="nowhere")

    assert (end["outcome"], end["reason"]) == ("failed", "the repository has no branch, tag or commit nowhere")
    assert place.names == set()


def test_the_same_clone_is_left_as_it_is(place: Place) -> None:
    """With what a person did in it; another spelling of the address is the same repository."""
    place.clone()
    (place.workspace / "README.md").write_text("mine now\n")

    end = place.clone(url=place.url.removesuffix(".git") + "/", ref="topic")

    assert (end["outcome"], end["branch"]) == ("same", "main")
    assert (place.workspace / "README.md").read_text() == "mine now\n"


def test_other_files_are_left_and_refused(place: Place) -> None:
    """Plain files, and another repository; each is named."""
    (place.workspace / "thesis.txt").write_text("years of work\n")
    plain = place.clone()
    git(place.workspace, "init", "-q")
    git(place.workspace, "remote", "add", "origin", "https://ana:hidden@git.example/other.git")
    other = place.clone()

    assert (plain["outcome"], plain["reason"]) == ("other", "it holds thesis.txt")
    assert (other["outcome"], other["reason"]) == ("other", "it is a git repository of https://git.example/other.git")
    assert place.names == {".git", "thesis.txt"}


@pytest.mark.parametrize("moved", [0, 1, 2])
def test_a_clone_that_was_killed_is_finished(place: Place, moved: int) -> None:
    """While it was made: it is made anew. While it was moved to its place: the rest is moved, .git last."""
    place.clone()
    names = sorted(place.names, key=lambda name: name == ".git")
    whole = place.workspace / ".solvent-cloned"
    whole.mkdir()
    for name in names[moved:]:
        (place.workspace / name).rename(whole / name)
    (place.workspace / ".solvent-clone").mkdir()

    end = place.clone()

    assert end["outcome"] == "same"
    assert place.names - {".solvent-clone"} == {".git", "README.md", "src"}
    assert git(place.workspace, "status", "--porcelain", "--untracked-files=no") == ""


def test_a_clone_that_was_killed_half_made_is_made_anew(place: Place) -> None:
    """What was begun counts for nothing."""
    (place.workspace / ".solvent-clone" / ".git").mkdir(parents=True)

    assert place.clone()["outcome"] == "cloned"
    assert place.names == {".git", "README.md", "src"}


def test_nothing_is_written_over_while_it_is_moved(place: Place) -> None:
    """A file that somebody made meanwhile stays, and is named."""
    place.clone()
    whole = place.workspace / ".solvent-cloned"
    whole.mkdir()
    for name in (".git", "README.md"):
        (place.workspace / name).rename(whole / name)
    (place.workspace / "README.md").write_text("mine\n")

    end = place.clone()

    assert (end["outcome"], end["reason"]) == ("other", "it holds README.md, as the repository does")
    assert (place.workspace / "README.md").read_text() == "mine\n"


def test_git_says_why(place: Place) -> None:
    """A repository that is not there, and a server that is not there; nothing is left."""
    missing = place.clone(url=place.url.replace("work", "nothing"))
    silent = place.clone(url="http://127.0.0.1:9/work.git")

    assert missing["outcome"] == silent["outcome"] == "failed"
    assert "not found" in missing["reason"]
    assert "Connection refused" in silent["reason"] or "Failed to connect" in silent["reason"]
    assert place.names == set()


def test_a_private_server_gets_the_secret_and_nothing_else_does(tmp_path: Path) -> None:
    """Without it, git says so; a wrong one is not repeated; the right one is in no file of the clone."""
    repository(tmp_path / "served", FILES)
    user, _, password = LOGIN.partition(":")
    with serving(tmp_path / "served", login=LOGIN) as server:
        place = Place(tmp_path, server.port)
        without = place.clone()
        wrong = place.clone(user=user, password="wrong-password", hidden=["wrong-password"])
        right = place.clone(user=user, password=password, hidden=[password])

    assert "could not read Username" in without["reason"]
    assert "Authentication failed" in wrong["reason"]
    assert "wrong-password" not in json.dumps(wrong)
    assert right["outcome"] == "cloned"
    assert password not in "".join(
        path.read_text(errors="replace") for path in place.workspace.rglob("*") if path.is_file()
    )
    assert {path.stat().st_mode & 0o777 for path in place.memory.iterdir()} == {0o600}


def test_the_secret_goes_to_no_other_server(tmp_path: Path) -> None:
    """Negative control: a server of another port asks as well, and is told nothing."""
    repository(tmp_path / "served", FILES)
    user, _, password = LOGIN.partition(":")
    with serving(tmp_path / "served", login=LOGIN) as server, serving(tmp_path / "served", login=LOGIN) as other:
        place = Place(tmp_path, server.port)
        one = clone.Clone(place.asked(user=user, password=password, hidden=[password]), place.memory)
        one.url = f"http://127.0.0.1:{other.port}/work.git"
        end = one.run()

    assert end["outcome"] == "failed"
    assert all(not given for _, given in other.asked)


def test_a_repository_brings_no_packages_of_its_own(tmp_path: Path) -> None:
    """What lies in pip's place runs at the start of an environment, so it comes from a person and no repository."""
    repository(tmp_path / "served", {**FILES, ".solvent/python3.13/bin/python3": "#!/bin/sh\n"})
    with serving(tmp_path / "served") as server:
        place = Place(tmp_path, server.port)
        end = place.clone()

    assert end["outcome"] == "failed"
    assert "has a folder .solvent of its own" in end["reason"]
    assert place.names == set()


def test_a_clone_that_takes_too_long_ends(place: Place) -> None:
    """After the seconds that it may take; nothing is left."""
    end = place.clone(seconds=0)

    assert (end["outcome"], end["reason"]) == ("failed", "it takes longer than it may")
    assert place.names == set()


def test_as_a_program_it_speaks_json_lines(place: Place) -> None:
    """The last line is the end; the object comes over standard input, so nothing of it is an argument."""
    program = f"import sys; sys.argv=['-c']\nfrom pathlib import Path\n{PROGRAM.read_text()}".replace(
        'Path("/run/solvent")', f"Path({str(place.memory)!r})"
    ).replace("from __future__ import annotations\n", "")
    done = subprocess.run(
        (sys.executable, "-I", "-c", program), input=json.dumps(place.asked()), capture_output=True, text=True,
        check=True,
    )  # fmt: skip

    *said, end = map(json.loads, done.stdout.splitlines())

    assert end["outcome"] == "cloned"
    assert all(line.keys() == {"say"} for line in said)
