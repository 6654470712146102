"""``solvent image new``: from what a team has today to a release that the catalog's own check passes."""

from __future__ import annotations

import shutil
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from manager.world import files

if TYPE_CHECKING:
    from tests.cli.conftest import World

RECIPES = Path(__file__).parents[1] / "recipes"
ALL = ("Dockerfile", "requirements.txt", "environment.yml", "renv.lock", "project.toml", "poetry.toml")
# Each stands somewhere in the recipes, and is to stand nowhere else.
SECRETS = ("hunter2secret", "ghp_abcdefghij", "s3cr3t-value", "pw12345", "tk-1234567890", "abc12345", "sekrit99")


@pytest.fixture
def own(trusted: Path, tmp_path: Path) -> Path:
    """Give a trusted catalog of one's own, and the recipes in a folder below the present one."""
    shutil.copytree(RECIPES, tmp_path / "bank")
    return trusted


def new(solvent: World, own: Path, recipe: str, *more: str, name: str = "risk:2026.11") -> Any:
    """Run the command and give its document."""
    ran = solvent("image", "new", name, "--from", f"bank/{recipe}", "--catalog", str(own), "-o", "json", *more)
    assert ran.code == 0, ran.err
    return ran.json["scaffold"]


def taken(found: Any, key: str) -> dict[str, str]:
    """Give what went under a key, and the place that it came from."""
    said = (one for one in found["taken"] if one["key"] == key)
    return {one["name"] or one["value"]: f"{one['file']}:{one['line']}" for one in said}


def left(found: Any, whose: str = "you") -> dict[str, str]:
    """Give what was left, and why."""
    return {one["text"]: one["why"] for one in found["left"] if one["whose"] == whose}


def tree(root: Path) -> dict[str, bytes]:
    """Give every file of a catalog."""
    return {str(one.relative_to(root)): one.read_bytes() for one in root.rglob("*") if one.is_file()}


@pytest.mark.parametrize("recipe", ALL)
def test_what_is_made_of_each_recipe_passes_the_catalogs_check(solvent: World, own: Path, recipe: str) -> None:
    """The new family has the release; every requirement has a comment with its file and line."""
    found = new(solvent, own, recipe)

    assert solvent("catalog", "validate", str(own)).code == 0
    release = files.load(own, shipped=False).family("risk").releases[0]
    assert release.name == "risk:2026.11"
    assert set(release.packages) == set(taken(found, "packages"))
    lines = (own / "images/risk/family.toml").read_text().splitlines()
    for requirement, place in taken(found, "packages").items():
        quoted = requirement.replace('"', '\\"')
        assert any(f'"{quoted}", # {place}' in line for line in lines), requirement


@pytest.mark.parametrize("recipe", ALL)
def test_no_secret_of_a_recipe_is_repeated(solvent: World, own: Path, recipe: str) -> None:
    """Neither on stdout, on stderr, in JSON nor in the catalog; and the recipes hold the secrets indeed."""
    where = ("image", "new", "risk:2026.11", "--from", f"bank/{recipe}", "--catalog", str(own))
    shown = solvent(*where, "--dry-run")
    document = solvent(*where, "-o", "json")
    said = shown.out + shown.err + document.out + document.err + (own / "images/risk/family.toml").read_text()

    assert all(any(secret in one.read_text() for one in RECIPES.iterdir()) for secret in SECRETS)
    assert not [secret for secret in SECRETS if secret in said]


def test_a_dockerfile_is_taken_instruction_by_instruction(solvent: World, own: Path) -> None:
    """apt, pip with a file, conda, R, variables, a copied file and what its first image holds; the rest is named."""
    found = new(solvent, own, "Dockerfile")

    assert taken(found, "system_packages") == {
        "libaio1": "Dockerfile:15",
        "unixodbc-dev": "Dockerfile:16",
        "graphviz": "Dockerfile:17",
        "r-cran-ggplot2": "Dockerfile:27",
        "r-cran-data.table": "Dockerfile:30",
    }
    assert taken(found, "packages") == {
        "scikit-learn~=1.5": "base.txt:1",
        "pandas==2.2.2": "requirements.txt:6",
        "requests[socks]>=2.31": "requirements.txt:10",
        "polars<2,>=1": "Dockerfile:26",
        "xgboost==2.0.3": "Dockerfile:26",
        "numpy==1.26.*": "Dockerfile:27",
        "torch": "Dockerfile:27",
        "rich": "Dockerfile:29",
        "tabulate": "Dockerfile:33",
    }
    assert taken(found, "environment").keys() == {"RISK_DESK", "MODEL_HOME", "LEGACY"}
    assert taken(found, "sets") == {"data-science": "Dockerfile:7"}
    assert taken(found, "artifact") == {"odbcinst.ini": "Dockerfile:21"}
    assert {
        "Python",
        "stage builder, to line 5",
        "ARG PIP_TOKEN",
        "curl -fsSL https://packages.example/install.sh | bash",
        "COPY certs/ /usr/local/share/ca-certificates/",
        "COPY /tool /usr/local/bin/tool",
        "--index-url https://********@pypi.bank.example/simple",
        "jupyterlab-git",
        "channel conda-forge",
        'if [ -n "$DEV" ]; then pip install ipdb; fi',
        "xgboost",
        "DB_PASSWORD",
    } <= left(found).keys()
    assert {"USER root", "EXPOSE 8888", "apt-get update", "DEBIAN_FRONTEND"} <= left(found, "solvent").keys()
    assert all(one["instead"] for one in found["left"] if one["whose"] == "you")


def test_a_conda_environment_becomes_requirements_of_the_index(solvent: World, own: Path) -> None:
    """Its Python chooses the system; names and versions are translated, and said to be assumed."""
    found = new(solvent, own, "environment.yml")

    assert (found["python"], found["system"], found["ide"]) == ("3.11", "bookworm", "jupyterlab==4.5.*")
    assert taken(found, "packages") == {
        "pandas<3,>=2.1": "environment.yml:8",
        "numpy==1.26.4": "environment.yml:9",
        "scipy==1.11.*": "environment.yml:10",
        "torch==2.3.*": "environment.yml:11",
        "psycopg2-binary": "environment.yml:12",
        "scikit-learn~=1.5": "base.txt:1",
        "mlflow==2.14.*": "environment.yml:23",
    }
    assert "PyPI's torch stands for conda's pytorch" in [one["assumed"] for one in found["taken"]]
    assert {"cudatoolkit=11.8", "libgdal", "xarray=2024.1|2024.2", "SNOWFLAKE_PASSWORD"} <= left(found).keys()


def test_packages_of_r_become_debians_where_they_are_known(solvent: World, own: Path) -> None:
    """Known ones by name, with a word about the version; the others are left."""
    found = new(solvent, own, "renv.lock")

    assert taken(found, "system_packages") == {"r-base-core": "renv.lock:2", "r-cran-r6": "renv.lock:17"}
    assert found["python"] == "3.11"
    assert {"janitor 2.2.0", "ownlib 0.1.0", "R 4.3.2"} <= left(found).keys()


def test_groups_of_a_project_are_taken_when_they_are_asked_for(solvent: World, own: Path) -> None:
    """Without it each is left as one; groups include others, and one that includes itself comes to an end."""
    assert taken(new(solvent, own, "project.toml", "--dry-run"), "packages").keys() == {
        "pandas>=2",
        'pyarrow>=15; python_version >= "3.9"',
    }

    found = new(solvent, own, "project.toml", "--group", "ml", "--group", "dev")

    assert {"xgboost", "lightgbm", "pytest", "ruff"} <= taken(found, "packages").keys()
    ran = solvent("image", "new", "b:1", "--from", "bank/project.toml", "--catalog", str(own), "--group", "mll")
    assert (ran.code, "there are: dev, ml, test" in ran.err) == (2, True)


def test_poetrys_versions_become_bounds(solvent: World, own: Path) -> None:
    """Caret and tilde by Poetry's rules."""
    found = new(solvent, own, "poetry.toml")

    assert taken(found, "packages").keys() == {
        "pandas<3,>=2.1",
        "requests[socks]<2.32,>=2.31",
        "httpx",
        "rich<14,>=13",
        "anyio<0.4,>=0.3.1",
    }


def test_dry_run_shows_the_text_that_would_be_written(solvent: World, own: Path) -> None:
    """The same text is written afterwards; until then nothing is."""
    words = ("image", "new", "risk:2026.11", "--from", "bank/Dockerfile", "--catalog", str(own))
    before = tree(own)
    shown = solvent(*words, "--dry-run")
    assert tree(own) == before

    written = solvent(*words)

    file = own / "images/risk/family.toml"
    assert written.out == f"{file}\n"
    assert shown.raw == file.read_bytes()
    assert file.stat().st_mode & 0o777 == file.parent.stat().st_mode & 0o666
    assert tree(own).keys() - before.keys() == {"images/risk/family.toml"}
    assert f"solvent image lock risk:2026.11 --catalog {own}" in written.err
    assert f"cp bank/odbcinst.ini {own}/vendor/risk/odbcinst.ini" in written.err
    again = ("image", "new", "risk:2026.12", "--from", "bank/Dockerfile", "--catalog", str(own))
    assert solvent(*again, "--as-of", "2020-01-01").code == 5
    assert solvent(*again, "--dry-run", "-o", "name").out == f"{file}\n"


def test_a_kill_while_writing_leaves_a_catalog_without_the_family(
    solvent: World, own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is cleaned up and the last step does not happen; the next run makes it."""
    rename = Path.rename

    def killed(path: Path, target: Path) -> Path:
        if path.is_dir():
            raise OSError(5, "killed")
        return rename(path, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", killed)
        patch.setattr("manager.world.files.writing.shutil.rmtree", lambda *_words, **_more: None)
        assert solvent("image", "new", "risk:1", "--from", "bank/Dockerfile", "--catalog", str(own)).code == 1

    assert "risk" not in [one.id for one in files.load(own, shipped=False).families]
    new(solvent, own, "Dockerfile")
    assert files.load(own, shipped=False).family("risk").releases


def test_an_existing_family_gets_one_more_release_and_keeps_its_comments(solvent: World, own: Path) -> None:
    """What belongs to the family as a whole is left, as it would change every release."""
    file = own / "images/jupyterlab/family.toml"
    before = file.read_text()

    found = new(solvent, own, "Dockerfile", name="jupyterlab:risk")

    assert found["form"] == "release"
    assert file.read_text().startswith(before)
    release = files.load(own, shipped=False).family("jupyterlab").releases[-1]
    assert (release.line, release.sets) == ("risk", ("data-science",))
    assert "tabulate" in release.packages
    assert "would change every release of jupyterlab" in left(found)["RISK_DESK=emea"]
    assert not [one for one in found["taken"] if one["key"] in ("environment", "system_packages", "artifact")]


def test_a_family_that_takes_its_releases_from_another_gets_none_of_its_own(solvent: World, own: Path) -> None:
    """One [[release]] would take the place of all that it has."""
    (own / "images/desk").mkdir()
    text = 'id = "desk"\ntitle = "Desk"\nowner = "me"\nextends = "shipped:jupyterlab"\n'
    (own / "images/desk/family.toml").write_text(text)

    ran = solvent("image", "new", "desk:1", "--from", "bank/requirements.txt", "--catalog", str(own))

    assert (ran.code, "takes its releases from the family that it extends" in ran.err) == (5, True)
    assert (own / "images/desk/family.toml").read_text() == text


@pytest.mark.parametrize(
    ("name", "code", "said"),
    [
        ("jupyterlab:4.6-py3.13", 5, "is there already"),
        ("taken:1", 5, "is there already, and holds no family of this name"),
        ("risk", 2, "names no release"),
        ("../risk:1", 2, "names no release"),
        ("Risk:1", 2, "names no release"),
        ("risk:a/b", 2, "names no release"),
    ],
)
def test_names_that_cannot_be_given_are_refused(solvent: World, own: Path, name: str, code: int, said: str) -> None:
    """A release that is there, a folder that is in the way, and what is no name; nothing is written."""
    (own / "images/taken").mkdir()
    before = tree(own)

    ran = solvent("image", "new", name, "--from", "bank/requirements.txt", "--catalog", str(own))

    assert (ran.code, said in ran.err) == (code, True), ran.err
    assert tree(own) == before


def test_the_shipped_catalog_is_not_written_to(solvent: World, own: Path) -> None:
    """Exit 5, with the way to one's own; also for a dry run."""
    shipped = str(files.shipped_root())
    ran = solvent("image", "new", "risk:1", "--from", "bank/Dockerfile", "--catalog", shipped, "--dry-run")

    assert (ran.code, "solvent init DIR" in ran.err) == (5, True)


def test_what_is_no_recipe_lists_what_is_understood(solvent: World, own: Path, tmp_path: Path) -> None:
    """Also a file that is not there, a folder, and bytes."""
    (tmp_path / "bank/setup.cfg").write_text("[metadata]\nname = x\n")
    (tmp_path / "bank/requirements-gpu.txt").write_bytes(b"\x00\xff\xfe\x80")
    for recipe, said in (
        ("bank/setup.cfg", "understood are Dockerfile, requirements.txt, environment.yml (conda), renv.lock"),
        ("bank/requirements-gpu.txt", "is no text"),
        ("bank/none.txt", "cannot be read"),
        ("bank", "is no file"),
    ):
        ran = solvent("image", "new", "risk:1", "--from", recipe, "--catalog", str(own))
        assert (ran.code, said in ran.err) == (2, True), ran.err


def test_a_python_that_no_system_has_is_said_and_the_nearest_offered(solvent: World, own: Path, tmp_path: Path) -> None:
    """3.12 is neither; --python decides, and one that is not there is refused."""
    (tmp_path / "bank/Dockerfile.a").write_text("FROM python:3.12-slim\nRUN pip install rich\n")

    found = new(solvent, own, "Dockerfile.a", "--dry-run")

    assert found["python"] == "3.13"
    assert left(found)["Python ==3.12.*"].endswith("3.13 is the nearest of 3.14, 3.13, 3.11")
    assert new(solvent, own, "Dockerfile.a", "--dry-run", "--python", "3.11")["system"] == "bookworm"
    words = ("image", "new", "r:1", "--from", "bank/Dockerfile.a", "--catalog", str(own), "--python", "3.9")
    # Its system is there, but its Python has ended.
    assert (solvent(*words).code, "there are: 3.14, 3.13, 3.11" in solvent(*words).err) == (2, True)


def test_a_new_family_extends_the_one_that_is_named(solvent: World, own: Path) -> None:
    """It has that one's sets, as it has releases of its own; an unknown one is a usage error."""
    found = new(solvent, own, "requirements.txt", "--extends", "jupyterlab-data")

    data = tomllib.loads(found["text"])
    assert (data["extends"], data["release"][0]["sets"]) == ("jupyterlab-data", ["data-science", "ml", "debt-tools"])
    for extends in ("jupyterlb", "shipped:jupyterlb"):
        words = ("image", "new", "x:1", "--from", "bank/requirements.txt", "--catalog", str(own), "--extends", extends)
        assert solvent(*words).code == 2
