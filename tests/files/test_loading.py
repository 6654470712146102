"""Loading: what the files become, where releases are declared, and when files have to be judged again."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date
from typing import TYPE_CHECKING

import pytest

from manager.core.catalog import Fact, Launch, Place
from manager.core.lifecycle import Policy, Stage
from manager.errors import CatalogError
from manager.world import files

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Small

LAB = "images/lab/family.toml"


def test_the_shipped_releases_stand_where_their_dates_put_them() -> None:
    """On 2026-11-21 there are releases of every stage; the next Python is a preview, one is retired with its Python."""
    catalog = files.load(files.shipped_root(), shipped=True)
    day = date(2026, 11, 21)

    stages = {release.name: release.stage(day) for release in catalog.releases if "lab" in release.family}

    assert stages == {
        "jupyterlab:4.6-py3.14": Stage.PREVIEW,
        "jupyterlab:4.6-py3.13": Stage.ACTIVE,
        "jupyterlab:4.5-py3.11": Stage.ACTIVE,
        "jupyterlab:4.4-py3.11": Stage.DEPRECATED,
        "jupyterlab:4.2-py3.9": Stage.RETIRED,
        "jupyterlab-data:4.6-py3.13": Stage.ACTIVE,
        "jupyterlab-r:4.6-r4.5": Stage.ACTIVE,
        "jupyterlab-r:4.5-r4.2": Stage.ACTIVE,
        "jupyterlab-sas:4.6-py3.13": Stage.ACTIVE,
    }
    assert catalog.release("notebook", day).name == "notebook:7.5-py3.13"
    retired = catalog.release("jupyterlab:4.2-py3.9", day)
    assert (retired.schedule.end_of_life, retired.schedule.bound_by) == (date(2025, 10, 31), "python 3.9")
    assert catalog.successor(retired, day) == catalog.release("jupyterlab", day)


def test_the_shipped_places_are_the_lines_of_their_headers() -> None:
    """A refusal can name the line on which the release is declared."""
    root = files.shipped_root()
    catalog = files.load(root, shipped=True)

    for release in catalog.releases:
        lines = (root / release.place.file).read_text().splitlines()
        assert lines[release.place.line - 1] == "[[release]]"
        assert lines[release.place.line] == f'line = "{release.line}"'


def test_the_shipped_locks_say_the_version_of_the_ide() -> None:
    """A release has every lock that it needs; its IDE's version comes from one, and is of the line that it names."""
    catalog = files.load(files.shipped_root(), shipped=True)

    for release in catalog.releases:
        assert all(map(release.lock, release.lock_kinds)), release.name
        # A vendor may count months with two digits.
        line = release.line.partition("-")[0].replace(".0", ".")
        assert release.ide_version.startswith(line + ".")


def test_a_small_catalog_becomes_values(small: Small) -> None:
    """What is not written has the core's defaults; numbers of parameters become text."""
    catalog = files.load(small.root, shipped=False)

    family = catalog.family("lab")
    assert family.launch == Launch(8888, "/api", "/lab", "#main", environment=(("LANG", "C.UTF-8"),))
    assert (family.size_budget, family.folder) == (1024**3, str(small.root / "images/lab"))
    connector = catalog.connector("postgresql")
    assert connector.main_driver.import_name == "psycopg"
    assert [(one.name, one.driver_name, one.default, one.secret) for one in connector.parameters] == [
        ("host", "host", "", False),
        ("port", "port", "5432", False),
        ("user", "user", "", False),
        ("password", "password", "", True),
    ]
    assert catalog.source("postgresql-17").parameters == (("host", "postgresql-17"), ("port", "5432"))
    assert catalog.facts[0] == Fact("python 3.11", date(2027, 10, 31), "PEP 664", date(2026, 11, 21))
    assert (catalog.name, catalog.shipped, catalog.base_origin, catalog.git_mode) == ("small", False, "auto", "none")


def test_dates_follow_from_the_policy_and_written_ones_beat_them(small: Small) -> None:
    """The policy's periods count from the day of release; a written end binds as ``catalog``."""
    newer, older = files.load(small.root, shipped=False).releases

    assert (newer.schedule.end_of_life, newer.schedule.bound_by) == (date(2028, 3, 18), "policy")
    assert newer.schedule.remove_after == Policy().remove_after.after(date(2028, 3, 18))
    assert (older.schedule.end_of_life, older.schedule.bound_by) == (date(2027, 3, 1), "catalog")
    assert older.schedule.deprecated == date(2026, 12, 1)


def test_the_end_of_the_ide_line_binds_as_well(small: Small) -> None:
    """A fact about the line that the requirement names caps the release."""
    small.edit(LAB, "lab==2.*", "Lab==2.1.*")
    small.edit("images/upstream.toml", '"debian trixie"', '"lab 2.1"')
    small.edit("images/upstream.toml", "ends = 2030-06-30", "ends = 2027-06-30")

    release = files.load(small.root, shipped=False).releases[0]

    assert (release.schedule.end_of_life, release.schedule.bound_by) == (date(2027, 6, 30), "lab 2.1")


@pytest.mark.parametrize(
    "decoy",
    [
        'message = """\n[[release]]\n"""\n',
        "message = '''\n  [[ release ]]\n'''\n",
    ],
)
def test_a_header_inside_a_string_is_no_place(small: Small, decoy: str) -> None:
    """Where the scan for headers is fooled, the parser decides."""
    small.edit(LAB, 'packages = ["ipykernel"]\n\n', f'packages = ["ipykernel"]\n{decoy}\n')
    text = (small.root / LAB).read_text().splitlines()

    newer, older = files.load(small.root, shipped=False).releases

    assert newer.place == Place(LAB, text.index('line = "2-py3.13"'))
    assert older.place == Place(LAB, text.index('line = "1-py3.11"'))


def test_locks_and_other_files_are_found(small: Small) -> None:
    """Locks belong to releases; what else shapes an image is listed by path; tests and notes shape none."""
    inside = "images/lab/"
    small.write(inside + "locks/2-py3.13/ide.lock", "jupyter-core==5 \\\nLab==2.7.1 \\\n    --hash=sha256:0\n")
    small.write(inside + "Dockerfile", "FROM base\n")
    small.write(inside + "files/etc/x", "x\n")
    for beside in ("tests/test_x.py", "README.md", "files/__pycache__/x.pyc", ".hidden"):
        small.write(inside + beside, "y\n")

    catalog = files.load(small.root, shipped=False)

    release = catalog.releases[0]
    lock = release.lock("ide")
    assert lock is not None
    assert lock.path == str(small.root / inside / "locks/2-py3.13/ide.lock")
    assert (release.ide_version, release.lock("kernel"), catalog.releases[1].locks) == ("2.7.1", None, ())
    assert [name for name, _ in catalog.families[0].files] == ["Dockerfile", "files/etc/x"]


@pytest.mark.parametrize(
    ("file", "changes"),
    [
        ("solvent.toml", True),
        ("connectors/postgresql/connector.toml", True),
        ("images/lab/locks/2-py3.13/ide.lock", True),
        ("images/lab/Dockerfile", True),
        ("images/lab/tests/test_x.py", False),
        ("elsewhere.txt", False),
    ],
)
def test_content_digests_all_that_is_read_and_nothing_else(small: Small, file: str, changes: bool) -> None:
    """A change of any file that counts changes the content; of others it does not."""
    small.write("images/lab/Dockerfile", "FROM base\n")
    small.write("images/lab/locks/2-py3.13/ide.lock", "lab==2.0\n")
    before = files.load(small.root, shipped=False).content

    path = small.root / file
    small.write(file, (path.read_text() if path.exists() else "") + "# a word\n")

    assert (files.load(small.root, shipped=False).content != before) is changes


SHOW = """
import sys
from pathlib import Path
from manager.world import files
catalog = files.load(Path(sys.argv[1]), shipped=False, record=Path(sys.argv[2]))
heavy = [name for name in ("pydantic", "tomlkit", "tree_sitter", "packaging") if name in sys.modules]
print(hash(catalog) and len(catalog.releases), *heavy)
"""


def _show(root: Path, record: Path) -> list[str]:
    """Load in a fresh interpreter; give the number of releases and the heavy modules that were imported."""
    words = [sys.executable, "-c", SHOW, str(root), str(record)]
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout.split()


def test_files_that_were_judged_before_load_without_the_heavy_imports(small: Small, tmp_path: Path) -> None:
    """The second load of the same content imports neither pydantic nor a parser with positions."""
    record = tmp_path / "cache" / "judged"

    first, second = _show(small.root, record), _show(small.root, record)

    assert first == ["2", "pydantic", "packaging"]
    assert second == ["2"]
    assert record.stat().st_mode & 0o777 == 0o600


def test_changed_files_are_judged_again(small: Small, tmp_path: Path) -> None:
    """The record is of contents, not of places: a mistake made afterwards is found."""
    record = tmp_path / "judged"
    files.load(small.root, shipped=False, record=record)
    small.edit(LAB, "port = 8888", "port = 0")

    with pytest.raises(CatalogError):
        files.load(small.root, shipped=False, record=record)
    with pytest.raises(CatalogError):
        files.load(small.root, shipped=False, record=record)


def test_a_record_that_cannot_be_used_only_costs_time(small: Small, tmp_path: Path) -> None:
    """A damaged record, or one that cannot be written, is no error."""
    damaged = tmp_path / "judged"
    damaged.write_bytes(b"\xff\xfe")

    for record in (damaged, tmp_path / "judged" / "below-a-file"):
        assert files.load(small.root, shipped=False, record=record).name == "small"


def test_the_schema_names_every_file_and_refuses_unknown_keys() -> None:
    """One JSON document; each kind of file has its model; nothing undeclared is allowed."""
    schema = files.schema()

    assert json.loads(json.dumps(schema)) == schema
    assert sorted(schema["properties"]) == [
        "adopted.toml", "connections.toml", "connector.toml", "decisions/*.toml", "family.toml", "overrides/*.toml",
        "sets.toml", "solvent.toml", "suite.toml", "upstream.toml",
    ]  # fmt: skip
    shapes = [one for entry in schema["properties"].values() for one in entry.get("anyOf", [entry])]
    assert len(shapes) == len(schema["properties"]) + 1, "a family's file has two shapes"
    for reference in shapes:
        model = schema["$defs"][reference["$ref"].removeprefix("#/$defs/")]
        assert model["additionalProperties"] is False
    assert "import" in schema["$defs"]["DriverTable"]["required"]


def test_the_schema_gives_the_defaults_that_the_core_applies() -> None:
    """Defaults are written twice, for readers of the schema and in the core; they agree."""
    definitions = files.schema()["$defs"]

    policy = {name: one["default"] for name, one in definitions["PolicyTable"]["properties"].items()}
    launch = {
        name: one["default"] for name, one in definitions["LaunchTable"]["properties"].items() if "default" in one
    }

    assert policy == {name: _plain(getattr(Policy(), name)) for name in policy}
    core = Launch(1, "/", "/", "x")
    assert launch == {name: _plain(getattr(core, name)) for name in launch} | {"environment": {}}


def _plain(value: object) -> object:
    if isinstance(value, tuple):
        return list(value)
    return value if isinstance(value, bool | int) else str(value)
