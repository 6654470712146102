"""The wheel in an empty environment: the shipped catalog is inside it, and the command works from any folder."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from manager.world.rootfiles import pack_files

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.slow

REPOSITORY = Path(__file__).parents[2]
SHIPPED = ("solvent.toml", "images", "connectors", "compose")
# A socket that is not there: nothing here needs an engine, and nothing may find one.
NO_ENGINE = "unix:///nonexistent/engine.sock"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel with the development environment's own build backend."""
    folder = tmp_path_factory.mktemp("wheel")
    words = (sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder))
    subprocess.run(words, cwd=REPOSITORY, check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    return built


@dataclass(frozen=True)
class Installed:
    """A wheel in an environment of its own; ``home`` is where its settings and state go."""

    place: Path
    home: Path

    def __call__(self, *words: str, cwd: Path, code: int = 0) -> str:
        """Run ``solvent`` in a folder; give its standard output."""
        kept = {name: text for name, text in os.environ.items() if not name.startswith(("SOLVENT", "DOCKER", "PYTHON"))}
        environment = kept | {"SOLVENT_HOME": str(self.home), "DOCKER_HOST": NO_ENGINE, "NO_COLOR": "1"}
        done = subprocess.run(
            (str(self.place / "bin/solvent"), *words), cwd=cwd, env=environment, capture_output=True, text=True,
            check=False, timeout=60,
        )  # fmt: skip
        assert done.returncode == code, f"solvent {words}: {done.returncode}\n{done.stdout}{done.stderr}"
        assert "bug" not in done.stderr
        return done.stdout if code == 0 else done.stderr

    @property
    def shipped(self) -> Path:
        """Give the catalog inside the installed package."""
        (found,) = self.place.glob("lib/python3.*/site-packages/manager/_shipped")
        return found


@pytest.fixture(scope="module")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel, with what it asks for, where nothing was before."""
    from uv import find_uv_bin

    place = tmp_path_factory.mktemp("environment") / "venv"
    for words in (
        ("venv", "--quiet", "--python", sys.executable, str(place)),
        ("pip", "install", "--quiet", "--python", str(place / "bin/python"), str(wheel)),
    ):
        done = subprocess.run((find_uv_bin(), *words), cwd=place.parent, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    return place


@pytest.fixture
def solvent(environment: Path, tmp_path: Path) -> Installed:
    """Give the installed command with a home that is empty."""
    return Installed(environment, tmp_path / "home")


def test_the_wheel_carries_the_whole_catalog_and_no_more(wheel: Path) -> None:
    """Every file that git keeps of it is inside, byte for byte; nothing of the tests is."""
    listed = subprocess.run(
        ("git", "ls-files", "-z", "--", *SHIPPED), cwd=REPOSITORY, capture_output=True, text=True, check=True
    )
    kept = {name for name in listed.stdout.split("\0") if name}
    with zipfile.ZipFile(wheel) as archive:
        inside = {name.partition("_shipped/")[2] for name in archive.namelist() if "/_shipped/" in name}
        differing = [
            name for name in kept & inside
            if archive.read(f"manager/_shipped/{name}") != (REPOSITORY / name).read_bytes()
        ]  # fmt: skip
        roots = {name.partition("/")[0] for name in archive.namelist()}

    assert kept
    assert kept - inside == set()
    assert not [name for name in inside - kept if name.endswith((".pyc", ".new", "~"))]
    assert differing == []
    assert sorted(root for root in roots if not root.endswith(".dist-info")) == ["manager"]


@pytest.fixture(params=["root", "empty", "foreign", "read-only"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    """Give a folder to call from: ``/``, an empty one, one below a stranger's package, one nobody may write."""
    made = tmp_path / "folder"
    made.mkdir()
    if request.param == "foreign":
        # Python must not take the package from where it is called.
        (made / "manager").mkdir()
        (made / "manager/__init__.py").write_text("raise SystemExit('the wrong package')\n")
    if request.param == "read-only":
        made.chmod(0o555)
    yield Path("/") if request.param == "root" else made
    made.chmod(0o755)


def test_it_works_from_any_folder(solvent: Installed, folder: Path) -> None:
    """Outside of any catalog the shipped one counts: it validates, and what needs no engine answers."""
    told = json.loads(solvent("catalog", "validate", "-o", "json", cwd=folder))["catalog"]

    assert (told["root"], told["shipped"], told["problems"]) == (str(solvent.shipped), True, [])
    assert "postgresql" in solvent("connector", "list", cwd=folder)
    assert json.loads(solvent("config", "show", "-o", "json", cwd=folder))["settings"]
    assert solvent("catalog", "schema", cwd=folder).startswith("{")
    assert "image" in solvent("--help", cwd=folder)


def test_a_stranger_s_catalog_around_the_folder_is_not_run(solvent: Installed, tmp_path: Path) -> None:
    """It may be looked at, all problems at once; whatever would run it is refused until it is trusted."""
    (tmp_path / "solvent.toml").write_text("surprise = 1\n")

    assert "solvent.toml:1  surprise: unknown key" in solvent("catalog", "validate", cwd=tmp_path, code=4)
    assert "solvent catalog trust" in solvent("connector", "list", cwd=tmp_path, code=5)
    assert not (solvent.home / "config/trusted").exists()


def test_the_shipped_catalog_is_read_only_and_init_is_the_way_out(solvent: Installed, tmp_path: Path) -> None:
    """A copy is one's own from the start: valid, trusted, in git, of the same content but for its name."""
    before = {path: path.stat().st_mtime_ns for path in solvent.shipped.rglob("*")}
    assert "solvent init" in solvent("image", "lock", "jupyterlab", cwd=tmp_path, code=5)

    own = Path(solvent("init", "-q", "own", cwd=tmp_path).strip())

    told = json.loads(solvent("catalog", "validate", "-o", "json", cwd=own))["catalog"]
    assert (told["root"], told["name"], told["shipped"]) == (str(tmp_path / "own"), "own", False)
    assert "jupyterlab:4.6-py3.13 ide" in solvent("image", "lock", "jupyterlab", "--dry-run", cwd=own)
    assert {path: path.stat().st_mtime_ns for path in solvent.shipped.rglob("*")} == before


def test_what_is_executable_in_an_image_does_not_depend_on_the_installation(solvent: Installed, tmp_path: Path) -> None:
    """A wheel need not keep modes: a layer packed from it is the repository's, and compose's scripts are read by sh."""
    files = "images/common/files"
    copy = tmp_path / "copy"
    subprocess.run(("cp", "-r", str(solvent.shipped / files), str(copy)), check=True)
    for path in copy.rglob("*"):
        if path.is_file():
            path.chmod(0o600)

    assert pack_files((copy,), tmp_path / "a.tar", "3.13", 1000) == pack_files(
        (REPOSITORY / files,), tmp_path / "b.tar", "3.13", 1000
    )
    assert 'ENTRYPOINT ["sh", ' in (solvent.shipped / "compose/Dockerfile").read_text()
    assert 'test: ["CMD", "sh", ' in (solvent.shipped / "compose/sources.yaml").read_text()


def test_without_an_engine_each_command_says_so(solvent: Installed, tmp_path: Path) -> None:
    """The installed program has everything that it needs to say what is missing."""
    assert "no engine answers" in solvent("env", "list", cwd=tmp_path, code=6)
    assert "unset DOCKER_HOST" in solvent("quickstart", cwd=tmp_path, code=6)
    assert "engine" in solvent("doctor", cwd=tmp_path, code=3)
    assert json.loads(solvent("status", "-o", "json", cwd=tmp_path))["matters"][0]["kind"] == "unreachable"
