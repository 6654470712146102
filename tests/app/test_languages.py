"""A family's languages are asked of a container: its kernels, its sessions, and the cells of its own tests."""

from __future__ import annotations

import json
from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from manager.app.proving import languages
from manager.app.proving.cells import cells
from manager.app.proving.container import Subject
from manager.core.kernels import Kernel
from manager.core.ports import ExecResult
from tests.fakes.world import catalog

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from manager.core.catalog import Family, Release

R = Kernel("ir", "r", expects="[1] 2")
SAS = Kernel("sas", "sas", needs="a SAS server")
SHELL = Kernel("terminal", "python", "print(1+1)", command=("/opt/python", "-c"))
# What the probe of the kernels prints for a cell.
Answer = dict[str, Any]


def said(printed: str = "", *shown: str, error: str = "") -> Answer:
    """Give the answer of a cell."""
    return {"printed": printed, "shown": shown, "error": error, "seconds": 0.1}


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


class Box:
    """An engine of one container: a Jupyter server that runs kernels' cells, and programs."""

    def __init__(self, cell: Callable[[str, str], Answer | None], program: ExecResult) -> None:
        self.cell, self.program = cell, program
        self.cells: list[tuple[str, str]] = []
        self.commands: list[tuple[str, ...]] = []

    def exec(self, container: str, command: tuple[str, ...], *, timeout: float, user: str = "") -> ExecResult:
        """Run the probe of the kernels, or a program."""
        if command[0] != "/opt/solvent/ide/bin/python":
            self.commands.append((container, *command))
            return self.program
        lines = []
        for number, kernel in enumerate(json.loads(command[-1])["kernels"]):
            for text in kernel["cells"]:
                self.cells.append((kernel["name"], text))
                answer = self.cell(kernel["name"], text)
                lines += [json.dumps({"number": number, **answer})] if answer else []
        return ExecResult(0, "\n".join(["a library's warning", *lines]).encode(), b"no kernel today")


def asked(
    family: Family,
    answer: Callable[[str, str], Answer | None],
    program: ExecResult = ExecResult(0, b"", b""),  # noqa: B008 - it is frozen
) -> tuple[dict[str, str], Box]:
    """Ask with a Jupyter server that answers so; gives outcome and reason by probe."""
    box = Box(answer, program)
    world: Any = SimpleNamespace(engine=box, catalog=catalog("4"))
    subject = Subject("box", "sha256:1", family, "credential", ())
    found = languages.spoken(world, subject, release(family))
    return {one.probe: f"{one.outcome} {one.reason}".strip() for one in found}, box


def test_tests_are_inherited_and_a_release_has_its_own(family: Family) -> None:
    """A file of the same name stands for the other family's; those of another release are not asked."""
    found = {one.name: (one.language, one.text) for one in cells(family, release(family))}

    assert found == {
        "daily": ("python", "own"),
        "databases": ("r", "r"),
        "more": ("python", "below"),
        "version": ("r", "four"),
    }


def test_each_kernel_runs_its_cell_and_its_tests(family: Family) -> None:
    """In the kernel that is named, with what the cell has to give; a test has to end without an error."""
    found, box = asked(family, lambda _kernel, _text: said("", "[1] 2"))

    assert found == {"language.ir": "pass", "test.databases": "pass", "test.version": "pass"}
    assert box.cells == [("ir", "1+1"), ("ir", "r"), ("ir", "four")]


@pytest.mark.parametrize(("line", "told"), [("4.5", "pass"), ("4.2", "fail cat(R.version$major")])
def test_the_line_that_a_release_names_is_the_one_that_runs(family: Family, line: str, told: str) -> None:
    """Read in the kernel itself."""
    with_r = replace(family, releases=(replace(release(family), r="4.5"),))

    found, _ = asked(with_r, lambda _kernel, text: said(line) if "version" in text else said("", "[1] 2"))

    assert found["line.r"].startswith(told)


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (said("", "[1] 3"), "fail 1+1 gave [1] 3, not [1] 2"),
        (said(error="simpleError: no such library"), "fail simpleError: no such library"),
        (None, "fail no kernel today"),
    ],
)
def test_a_language_that_does_not_work_is_no_pass(family: Family, answer: Answer | None, told: str) -> None:
    """The control: another result, an error in the cell, and a kernel that does not start."""
    found, _ = asked(family, lambda _kernel, _text: answer)

    assert found["language.ir"].startswith(told)


def test_what_comes_after_a_kernel_died_is_no_pass(family: Family) -> None:
    """What was not answered has not passed, whatever the answers before it were."""
    with_r = replace(family, releases=(replace(release(family), r="4.5"),))

    found, _ = asked(with_r, lambda _kernel, text: said("", "[1] 2") if text == "1+1" else None)

    assert (found["language.ir"], found["line.r"]) == ("pass", "fail there was no answer")


def _python(family: Family) -> Family:
    return replace(family, kernels=(Kernel("python3", "python"),), releases=(replace(release(family), locks=()),))


def test_python_is_asked_where_its_cells_run(family: Family) -> None:
    """The process of the kernel says what it is and imports the drivers; what it says are results of their own."""
    python = _python(family)
    line = json.dumps({"id": "kernel.imports-psycopg", "outcome": "fail", "reason": "no libpq", "seconds": 0})

    def answer(_: str, text: str) -> Answer:
        return said(line) if "QUESTION" in text else said("3.13", "2")

    found, box = asked(python, answer)

    assert found["kernel.imports-psycopg"] == "fail no libpq"
    assert found["language.python3"] == "pass"
    assert any("'psycopg'" in text for _, text in box.cells)


def test_a_python_that_says_nothing_of_itself_is_no_pass(family: Family) -> None:
    """No answer is an error."""
    python = _python(family)

    found, _ = asked(python, lambda _kernel, _text: said("3.13", "2"))

    assert found["kernel"].startswith("error")


def test_what_needs_a_server_is_not_run(family: Family) -> None:
    """Nothing is run, and nothing is claimed."""
    found, box = asked(replace(family, kernels=(SAS,)), lambda _kernel, _text: said("", "2"))

    assert found == {"language.sas": "not_run sas needs a SAS server"}
    assert box.cells == []


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (ExecResult(0, b"2\n", b""), "pass"),
        (ExecResult(0, b"3\n", b""), "fail print(1+1) gave 3, not 2"),
        (ExecResult(1, b"", b"no Python"), "fail it ended with 1: no Python"),
    ],
)
def test_an_ide_without_kernels_has_a_session(family: Family, answer: ExecResult, told: str) -> None:
    """A command in the container, whose last argument is the cell."""
    found, box = asked(replace(family, kernels=(SHELL,)), lambda _kernel, _text: None, answer)

    assert found["language.terminal"] == told
    assert box.commands[0] == ("box", "/opt/python", "-c", "print(1+1)")
    assert box.cells == []


def test_a_kernel_where_no_server_runs_kernels_is_an_error(family: Family) -> None:
    """An IDE that is met with a password has sessions alone; nothing is run, and nothing is claimed."""
    found, box = asked(
        replace(family, launch=replace(family.launch, auth="password")), lambda _kernel, _text: said("", "[1] 2")
    )

    assert found["language.ir"] == "error this IDE has no kernels: give it a command"
    assert box.cells == []
