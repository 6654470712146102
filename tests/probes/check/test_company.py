"""What the set has beside the driver: a distribution that needs it and does not go with it is found, and named."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.probes.check.support import LITE, asked

CHECK = Path(__file__).parents[3] / "manager/probes/check"


def installed(folder: Path, name: str, requires: tuple[str, ...], files: dict[str, str]) -> None:
    """Put a distribution into a folder as an installer does: its files, and its metadata with what it requires."""
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    metadata = folder / f"{name}-1.0.dist-info"
    metadata.mkdir()
    lines = [f"Name: {name}", "Version: 1.0", *(f"Requires-Dist: {one}" for one in requires)]
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\n" + "\n".join(lines) + "\n")
    (metadata / "RECORD").write_text("".join(f"{path},,\n" for path in files))


def answer(folder: Path, driver: str = LITE) -> dict[str, Any]:
    """Ask what the driver's company says to it, in a folder that stands for ``site-packages``."""
    source = {"engine": "sqlite", "version": "", "embedded": True, "database": ":memory:", "capabilities": []}
    return asked(folder, "pysqlite3", driver, ["company.imports"], source)["company.imports"]


def test_what_requires_the_driver_and_can_be_imported_is_counted(tmp_path: Path) -> None:
    """Packages, modules of one file, and parts of a namespace; what asks for it as an extra alone is no company."""
    folder = tmp_path / "site-packages"
    installed(
        folder, "Package", ("PySQLite3 (>=0.5)",), {"package_one/__init__.py": "", "package_one/inner/__init__.py": ""}
    )
    installed(folder, "single", ("pysqlite3",), {"single_one.py": "import pysqlite3"})
    installed(folder, "part", ("pysqlite3~=1.0",), {"shared/part_one/__init__.py": "import pysqlite3"})
    installed(folder, "extra", ('pysqlite3 ; extra == "lite"',), {"extra_one/__init__.py": "raise ImportError"})
    installed(folder, "stranger", ("pysqlite3-more",), {"stranger_one/__init__.py": "raise ImportError"})

    found = answer(folder)

    assert (found["outcome"], found["measures"]) == ("pass", {"modules": 3})


def test_what_imports_a_module_that_the_driver_has_no_more_is_named(tmp_path: Path) -> None:
    """With its version, what it lacks, and the file that asked for it; the control is the driver that has it."""
    folder = tmp_path / "site-packages"
    files = {
        "useful_one/__init__.py": "import useful_one.deep",
        "useful_one/deep.py": "from pysqlite3 import converter",
    }
    installed(folder, "useful-one", ("pysqlite3",), files)

    broken, whole = answer(folder), answer(folder, LITE + "converter = None\n")

    assert broken["outcome"] == "fail"
    assert "useful-one 1.0 cannot be imported (useful_one): ImportError" in broken["reason"]
    assert "useful_one/deep.py" in broken["reason"]
    assert "converter" in broken["signature"]
    assert whole["outcome"] == "pass"


def test_no_probe_names_a_distribution_that_is_to_be_found() -> None:
    """That fakesnow breaks with a newer driver is for the machine to find."""
    text = (CHECK / "ask/company.py").read_text()

    assert not [word for word in ("snow", "converter", "pandas") if word in text]


def test_the_modules_of_an_installed_distribution_are_its_outermost_ones() -> None:
    """As pytest's own are: two packages, of which one is private, and a module of one file."""
    code = (
        f"import sys; sys.path[:0] = [{str(CHECK)!r}, {str(CHECK / 'ask')!r}]\n"
        "import importlib.metadata, company\n"
        "print(*company.modules(importlib.metadata.distribution('pytest')))"
    )
    done = subprocess.run((sys.executable, "-c", code), capture_output=True, text=True, check=True)

    assert done.stdout.split() == ["_pytest", "py", "pytest"]
