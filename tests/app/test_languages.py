"""A family's languages are asked of a container: its kernels, its sessions, and the cells of its own tests."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from manager.app.steps import languages
from manager.app.steps.languages import Place
from manager.core.kernels import Kernel
from manager.core.ports import ExecResult
from manager.errors import Failed
from manager.world.jupyter import CellResult, Display
from tests.fakes.world import catalog

if TYPE_CHECKING:
    from pathlib import Path

    from manager.core.catalog import Family, Release

R = Kernel("ir", "r", expects="[1] 2")
SAS = Kernel("sas", "sas", needs="a SAS server")
SHELL = Kernel("terminal", "python", "print(1+1)", command=("/opt/python", "-c"))
PLACE = Place("box", "http://127.0.0.1:20000", "credential")


@pytest.fixture
def family(tmp_path: Path) -> Family:
    """Give a family that extends another; both have tests."""
    texts = {
        "below/tests/daily.py": "below",
        "below/tests/more.py": "below",
        "own/tests/daily.py": "own",
        "own/tests/databases.R": "r",
        "own/tests/4/version.r": "four",
        "own/tests/3/version.r": "three",
        "own/tests/README.md": "no cell",
    }
    for name, text in texts.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    (found,) = catalog("4").families
    return replace(found, folder=str(tmp_path / "own"), below=(str(tmp_path / "below"),), kernels=(R,))


def release(family: Family) -> Release:
    """Give its release."""
    return family.releases[0]


def asked(family: Family, monkeypatch: pytest.MonkeyPatch, answer: Any, engine: Any = None) -> dict[str, str]:
    """Ask with a Jupyter server that gives this answer; gives outcome and reason by probe."""

    def run(address: str, credential: str, text: str, timeout: float, kernel: str) -> CellResult:
        if isinstance(answer, Exception):
            raise answer
        return answer(kernel, text) if callable(answer) else answer

    monkeypatch.setattr("manager.world.jupyter.run_cell", run)
    found = languages.ask(SimpleNamespace(engine=engine), family, release(family), PLACE)
    return {one.probe: f"{one.outcome} {one.reason}".strip() for one in found}


def test_tests_are_inherited_and_a_release_has_its_own(family: Family) -> None:
    """A file of the same name stands for the other family's; those of another release are not asked."""
    found = {one.name: (one.language, one.text) for one in languages.cells(family, release(family))}

    assert found == {
        "daily": ("python", "own"),
        "databases": ("r", "r"),
        "more": ("python", "below"),
        "version": ("r", "four"),
    }


def test_each_kernel_runs_its_cell_and_its_tests(family: Family, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the kernel that is named, with what the cell has to give; a test has to end without an error."""
    seen: list[tuple[str, str]] = []

    def run(kernel: str, text: str) -> CellResult:
        seen.append((kernel, text))
        return CellResult("ok", "", (Display("[1] 2"),))

    found = asked(family, monkeypatch, run)

    assert found == {"language.ir": "pass", "test.databases": "pass", "test.version": "pass"}
    assert seen == [("ir", "1+1"), ("ir", "r"), ("ir", "four")]


@pytest.mark.parametrize(("said", "told"), [("4.5", "pass"), ("4.2", "fail cat(R.version$major")])
def test_the_line_that_a_release_names_is_the_one_that_runs(
    family: Family, monkeypatch: pytest.MonkeyPatch, said: str, told: str
) -> None:
    """Read in the kernel itself."""
    found = replace(family, releases=(replace(release(family), r="4.5"),))

    assert asked(found, monkeypatch, CellResult("ok", said))["line.r"].startswith(told)


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (CellResult("ok", "", (Display("[1] 3"),)), "fail 1+1 gave [1] 3, not [1] 2"),
        (CellResult("error", "", (), "simpleError: no such library"), "fail simpleError: no such library"),
        (Failed("the server did not start a kernel 'ir'", why="no R"), "error the server did not start a kernel"),
    ],
)
def test_a_language_that_does_not_work_is_no_pass(
    family: Family, monkeypatch: pytest.MonkeyPatch, answer: Any, told: str
) -> None:
    """The control: another result, an error in the cell, and a kernel that does not start."""
    assert asked(family, monkeypatch, answer)["language.ir"].startswith(told)


def test_what_needs_a_server_is_not_run(family: Family, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is run, and nothing is claimed."""
    found = asked(replace(family, kernels=(SAS,)), monkeypatch, AssertionError("it was run"))

    assert found == {"language.sas": "not_run sas needs a SAS server"}


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (ExecResult(0, b"2\n", b""), "pass"),
        (ExecResult(0, b"3\n", b""), "fail print(1+1) gave 3, not 2"),
        (ExecResult(1, b"", b"no Python"), "fail it ended with 1: no Python"),
    ],
)
def test_an_ide_without_kernels_has_a_session(
    family: Family, monkeypatch: pytest.MonkeyPatch, answer: ExecResult, told: str
) -> None:
    """A command in the container, whose last argument is the cell."""
    seen: list[tuple[str, tuple[str, ...]]] = []

    def execute(container: str, command: tuple[str, ...], *, timeout: float) -> ExecResult:
        seen.append((container, command))
        return answer

    engine = SimpleNamespace(exec=execute)
    found = asked(replace(family, kernels=(SHELL,)), monkeypatch, AssertionError("no Jupyter here"), engine)

    assert found["language.terminal"] == told
    assert seen[0] == ("box", ("/opt/python", "-c", "print(1+1)"))
