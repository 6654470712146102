"""Recipes as they lie on disk: encodings, forms, lines, and whatever else a file may hold."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from manager.core.recipes.translation import translate
from manager.errors import ManagerError, UsageError
from manager.world import files

if TYPE_CHECKING:
    from pathlib import Path

NAMES = ["environment.yml", "pyproject.toml", "renv.lock"]
KEYS = st.sampled_from(
    ["dependencies", "pip", "channels", "variables", "R", "Python", "Packages", "Version", "project", "tool", "poetry",
     "group", "dependency-groups", "dev", "include-group", "requires-python", "optional-dependencies", "python"]
)  # fmt: skip
PLAIN = st.sampled_from([None, True, 7, "", "a", "a>=1", "^1", "git+x", "é\n", "python=3.11"])
VALUES = st.recursive(
    PLAIN,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=20,
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_file_is_read_as_pip_reads_it(tmp_path: Path, encoding: str) -> None:
    """PowerShell writes UTF-16 when pip freeze is sent to a file."""
    (tmp_path / "requirements.txt").write_bytes("rich==1\n".encode(encoding))

    assert files.recipe(tmp_path / "requirements.txt").text == "rich==1\n"


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("environment.yml", "dependencies: [a\n", "is not YAML"),
        ("environment.yml", "dependencies: &a [1]\nname: *a\n", "aliases are not understood"),
        ("environment.yml", "[" * 5000, "is not YAML"),
        ("environment.yml", "- a\n", "is no environment.yml"),
        ("pyproject.toml", "a = \n", "is not TOML"),
        ("pyproject.toml", "a = " + "[" * 5000, "is not TOML"),
        ("renv.lock", "{", "is not JSON"),
        ("renv.lock", "[" * 100000, "is not JSON"),
    ],
)
def test_what_is_not_well_formed_is_said(tmp_path: Path, name: str, text: str, said: str) -> None:
    """With the file's name; nothing deep or endless breaks the reader."""
    (tmp_path / name).write_text(text)

    with pytest.raises(UsageError) as caught:
        translate(files.recipe(tmp_path / name), files.neighbours(tmp_path))

    assert said in f"{caught.value} {caught.value.why}"


def test_only_files_below_the_recipe_are_read_beside_it(tmp_path: Path) -> None:
    """Not one above it, not by an absolute path, and not through a link."""
    (tmp_path / "inside").mkdir()
    (tmp_path / "secret.txt").write_text("x")
    (tmp_path / "inside/here.txt").write_text("y")
    (tmp_path / "inside/link.txt").symlink_to(tmp_path / "secret.txt")
    (tmp_path / "inside/loop.txt").symlink_to("loop.txt")
    beside = files.neighbours(tmp_path / "inside")

    found = beside("here.txt")

    assert found is not None
    assert found.text == "y"
    for path in ("../secret.txt", str(tmp_path / "secret.txt"), "link.txt", "loop.txt", ".", "none.txt", "a\0b"):
        assert beside(path) is None


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=VALUES, name=st.sampled_from(NAMES))
def test_any_document_gives_a_report_or_an_error_of_ours(tmp_path: Path, value: object, name: str) -> None:
    """JSON is YAML too; TOML is written from it where it can be."""
    import tomlkit

    try:
        text = tomlkit.dumps(value) if name == "pyproject.toml" else json.dumps(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, AttributeError):
        text = json.dumps(value)
    (tmp_path / name).write_text(text, encoding="utf-8")

    _read(tmp_path / name)


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(raw=st.binary(max_size=80), name=st.sampled_from([*NAMES, "Dockerfile", "requirements.txt", "other"]))
def test_any_bytes_give_a_report_or_an_error_of_ours(tmp_path: Path, raw: bytes, name: str) -> None:
    """Whatever the name says."""
    (tmp_path / name).write_bytes(raw)

    _read(tmp_path / name)


def _read(path: Path) -> None:
    try:
        found = translate(files.recipe(path), files.neighbours(path.parent))
    except ManagerError:
        return
    assert all(one.place.line >= 1 for one in (*found.taken, *found.left))
