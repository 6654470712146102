"""The look from inside a release: what code imports, what is there, and a person's own packages."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.app.upgrading import NOTHING
from tests.fakes.wheels import Shelf

PROBE = Path(__file__).parents[2] / "manager/probes/imports.py"


def look(workspace: Path, *names: str, **more: object) -> Any:
    """Run the probe on a workspace, as a sandbox does."""
    asked = {"workspace": str(workspace), "look": True, "names": names, "files": 100, "bytes": 10**6, "seconds": 20}
    done = subprocess.run(
        (sys.executable, "-I", str(PROBE)), input=json.dumps(asked | more), text=True, capture_output=True, check=True
    )
    assert done.stderr == ""
    return json.loads(done.stdout)


def uses(workspace: Path, **more: object) -> dict[str, list[str]]:
    """Give the modules that are used, with their files."""
    return {one["name"]: one["files"] for one in look(workspace, **more)["uses"]}


def notebook(*cells: str | list[str], **metadata: object) -> str:
    """Give the text of a notebook of code cells."""
    made = [{"cell_type": "code", "source": cell} for cell in cells]
    return json.dumps(
        {"nbformat": 4, "metadata": metadata, "cells": [*made, {"cell_type": "markdown", "source": "import x"}]}
    )


def test_the_line_has_what_its_reader_reads(tmp_path: Path) -> None:
    """Every key, also of an empty workspace."""
    assert look(tmp_path).keys() == NOTHING.keys()
    assert look(tmp_path, "json", "nowhere")["there"] == ["json"]


def test_top_level_modules_are_found_wherever_they_are_imported(tmp_path: Path) -> None:
    """Within functions too; not what can be done without, what only types need, or the own package's."""
    (tmp_path / "a.py").write_text(
        "import os.path, numpy as np\nfrom pandas.io import x\nfrom . import own\n"
        "def f():\n    import yaml\n"
        "try:\n    import ujson\nexcept ImportError:\n    import spare\n"
        "try:\n    import needed\nfinally:\n    pass\n"
        "if typing.TYPE_CHECKING:\n    import types_only\nelse:\n    import real\n"
    )

    assert set(uses(tmp_path)) == {"os", "numpy", "pandas", "yaml", "needed", "real"}


def test_what_brings_a_module_is_named(tmp_path: Path) -> None:
    """By distribution and version, as its own files say."""
    (tmp_path / "a.py").write_text("import yaml")

    (one,) = look(tmp_path)["uses"]

    assert one["by"][0].startswith("PyYAML ")


def test_notebooks_are_read_with_their_magics(tmp_path: Path) -> None:
    """A magic, a shell's line and a question are no Python; a cell in another language is none; a timed one is."""
    (tmp_path / "n.ipynb").write_text(
        notebook(
            ["%matplotlib inline\n", "!ls\n", "import polars as pl\n", "files = !ls\n", "pl?\n"],
            "%%bash\nimport nothing",
            "%%time\nimport timed",
            "x = (7\n     % 2)\nimport modulo",
        )
    )

    assert set(uses(tmp_path)) == {"polars", "timed", "modulo"}
    assert look(tmp_path)["skipped"] == []


def test_modules_of_the_workspace_itself_are_no_imports(tmp_path: Path) -> None:
    """Beside the file, in a folder above it, or below src."""
    for file in ("deep/er/a.py", "beside.py", "package/__init__.py", "src/laid/__init__.py"):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text("import beside, package, laid, real" if file.endswith("a.py") else "")

    assert uses(tmp_path) == {"real": ["deep/er/a.py"]}


@pytest.mark.parametrize("place", [".hidden", "__pycache__", "node_modules", "site-packages", "an-environment"])
def test_what_is_not_the_persons_code_is_left_out(tmp_path: Path, place: str) -> None:
    """Hidden folders, caches, and virtual environments, which have a pyvenv.cfg."""
    (tmp_path / place).mkdir()
    (tmp_path / place / "a.py").write_text("import real")
    if place == "an-environment":
        (tmp_path / place / "pyvenv.cfg").touch()

    assert look(tmp_path)["read"] == 0


def test_what_cannot_be_read_is_said_and_the_rest_is_read(tmp_path: Path) -> None:
    """A cell that does not parse costs that cell, a file that is no notebook the file; other languages are counted."""
    (tmp_path / "a.ipynb").write_text(notebook("import real", "import broken ("))
    (tmp_path / "b.ipynb").write_text("{")
    (tmp_path / "c.py").write_text("print 'old'")
    (tmp_path / "d.py").write_bytes(b"x = '\xff\xfe'")
    (tmp_path / "e.ipynb").write_text(notebook("using Plots", kernelspec={"language": "julia"}))
    (tmp_path / "f.ipynb").write_text("[]")
    (tmp_path / "g.py").write_text("(" * 100_000)
    (tmp_path / "h.py").symlink_to("/etc/hostname")

    found = look(tmp_path)

    assert [one["name"] for one in found["uses"]] == ["real"]
    assert [file for file, _ in found["skipped"]] == ["a.ipynb", "b.ipynb", "c.py", "d.py", "f.ipynb", "g.py"]
    assert found["others"] == 1


def test_packages_of_r_are_found_in_notebooks_and_scripts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Attached, or named with colons; not in a comment. Those of the person's own are listed with their versions."""
    (tmp_path / "a.R").write_text("library(dplyr)\nrequire('DBI') # library(no)\nx <- stats::sd(1)\n")
    (tmp_path / "b.ipynb").write_text(notebook("suppressMessages(library(ggplot2))", kernelspec={"language": "R"}))
    own = tmp_path / "own/R/4.5/dplyr"
    own.mkdir(parents=True)
    (own / "DESCRIPTION").write_text("Package: dplyr\nVersion: 1.1.4\n")
    monkeypatch.setenv("SOLVENT_OVERLAY", str(tmp_path / "own"))

    found = look(tmp_path, "R:nowhere")

    assert {one["name"] for one in found["uses"]} == {"R:dplyr", "R:DBI", "R:stats", "R:ggplot2"}
    assert "R:dplyr" in found["there"]
    assert "R:nowhere" not in found["there"]
    assert found["r"] == ["dplyr 1.1.4"]


@pytest.mark.parametrize("bound", [{"files": 2}, {"bytes": 50}, {"seconds": 0}])
def test_a_look_is_bounded(tmp_path: Path, bound: dict[str, int]) -> None:
    """In files, bytes and seconds; what was left is said."""
    for number in range(5):
        (tmp_path / f"{number}.py").write_text(f"import one_{number}  # some words more")

    found = look(tmp_path, **bound)

    assert found["read"] < 5
    assert found["cut"] or found["skipped"]


def test_own_packages_are_told_from_what_they_need(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By pip's mark; from an address by theirs; without any mark those that no other one needs."""
    monkeypatch.syspath_prepend(str(PROBE.parent))
    import imports

    shelf, site = Shelf(tmp_path), tmp_path / ".solvent/lab/lib"
    site.mkdir(parents=True)
    for name, needs in (("asked", ("helper>=1",)), ("helper", ()), ("direct", ())):
        wheel = shelf.add(name, "1.0", needs=needs)
        subprocess.run((sys.executable, "-m", "zipfile", "-e", str(wheel), str(site)), check=True)
    monkeypatch.syspath_prepend(str(site))

    folder, unmarked = imports.overlay(str(tmp_path))
    (site / "asked-1.0.dist-info/REQUESTED").touch()
    (site / "direct-1.0.dist-info/direct_url.json").write_text("{}")
    _, marked = imports.overlay(str(tmp_path))

    assert folder == str(site)
    assert [(one["name"], one["asked"]) for one in unmarked] == [("asked", True), ("direct", True), ("helper", False)]
    assert [(one["name"], one["asked"], one["direct"]) for one in marked] == [
        ("asked", True, False), ("direct", False, True), ("helper", False, False),
    ]  # fmt: skip
