"""The IDE's late imports, with packages of the tests' own in the place of the large one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

HOOK = Path(__file__).parents[2] / "images/jupyterlab/files/opt/solvent/ide/lib/python@PYTHON@/site-packages"
BEGIN = "import solvent_late, sys; solvent_late.LATE['slow'] = ('check',);"


@pytest.fixture
def packages(tmp_path: Path) -> Path:
    """Give a folder with the package ``slow``, which says when it runs, and one that imports it as jsonschema does."""
    slow = tmp_path / "slow"
    slow.mkdir()
    (slow / "__init__.py").write_text("from .parts import *\nfrom slow import parts\nlevel = 3\n")
    (slow / "parts.py").write_text("print('slow runs')\ndef check(term, value):\n    return term == value\n")
    (tmp_path / "formats.py").write_text("from slow import check\n")
    return tmp_path


def _run(packages: Path, code: str, begin: str = BEGIN) -> str:
    """Run code in a Python of its own, with the hook; give what it printed."""
    paths = f"import sys; sys.path[:0] = [{str(packages)!r}, {str(HOOK)!r}]; sys.dont_write_bytecode = True;"
    done = subprocess.run(
        [sys.executable, "-I", "-c", f"{paths}{begin}\n{code}"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_an_import_by_name_does_not_run_the_module(packages: Path) -> None:
    """``from slow import check`` is done, and nothing of it has run."""
    assert _run(packages, "import formats; print('slow.parts' in sys.modules)") == "False\n"


def test_without_the_hook_it_runs_at_once(packages: Path) -> None:
    """The control: a hook that knows no late module leaves the import as it is."""
    assert _run(packages, "import formats", "import solvent_late; solvent_late.LATE.clear();") == "slow runs\n"


def test_the_first_use_runs_it_once_and_answers_as_the_module_does(packages: Path) -> None:
    """What was taken by name gives the module's own answers, and the module is then as it would have been."""
    code = "import formats; print('begins'); print(formats.check(1, 1), formats.check(term=1, value=2))\n"
    more = "import slow; print(slow.level, slow.check.__module__, type(slow.__loader__).__name__, dir(slow)[0])"

    assert _run(packages, code + more) == "begins\nslow runs\nTrue False\n3 slow.parts SourceFileLoader __builtins__\n"


@pytest.mark.parametrize(
    "use", ["import slow; slow.level", "from slow import level", "import slow.parts", "from slow.parts import check"]
)
def test_every_other_way_in_leads_to_the_module(packages: Path, use: str) -> None:
    """Whoever looks into it finds it."""
    assert _run(packages, f"import slow; print('begins'); {use}; print(slow.level)") == "begins\nslow runs\n3\n"


def test_what_is_not_there_is_missed_as_in_any_module(packages: Path) -> None:
    """A wrong name is an AttributeError, and one imported by name an ImportError; hasattr says no."""
    code = "import slow; print(hasattr(slow, 'nothing'))\ntry:\n    from slow import nothing\n"

    assert _run(packages, code + "except ImportError as error: print(error.name)") == "slow runs\nFalse\nslow\n"


def test_a_package_that_is_not_installed_is_not_there(packages: Path) -> None:
    """Jsonschema goes without a format whose package is missing: the import must fail when it is made."""
    code = "solvent_late.LATE['absent'] = ('check',)\ntry:\n    from absent import check\n"

    assert _run(packages, code + "except ModuleNotFoundError as error: print(error.name)") == "absent\n"


def test_a_module_that_fails_says_so_at_each_use(packages: Path) -> None:
    """The error is that of its import, not a missing name, and it is tried again."""
    (packages / "slow/parts.py").write_text("print('slow runs'); 1 / 0")
    code = "from slow import check\nfor _ in range(2):\n    try:\n        check(1, 1)\n"

    assert _run(packages, code + "    except ZeroDivisionError: print('failed')") == "slow runs\nfailed\n" * 2


def test_threads_wait_until_the_module_is_whole(packages: Path) -> None:
    """Eight threads use it at once: it runs once, and every one gets its answer."""
    (packages / "slow/parts.py").write_text("import threading\nprint('slow runs')\nthreading.Event().wait(0.05)\n")
    code = (
        "import slow\nfrom concurrent.futures import ThreadPoolExecutor\n"
        "with ThreadPoolExecutor(8) as pool: print(sum(pool.map(lambda _: slow.level, range(8))))"
    )

    assert _run(packages, code) == "slow runs\n24\n"


def test_what_is_late_is_in_every_release(packages: Path) -> None:
    """Each lock of the IDE has what is late: with another package in its place the entry would do nothing."""
    late = _run(packages, "print(*solvent_late.LATE)", "import solvent_late;").split()
    locks = [path.read_text() for path in HOOK.parents[6].glob("locks/*/ide.lock")]

    assert len(locks) >= 4
    assert not [name for name in late for lock in locks if f"\n{name.replace('_', '-')}==" not in lock]
