"""The harness is installed once for a Python, whole or not at all, and readable for the sandbox's user."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from manager.app import harness
from manager.core.locks import parse, pins_for
from manager.errors import Unreachable

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """What the harness asks of the world: where caches are, and no mirror."""
    monkeypatch.setattr(harness, "reach", lambda world, kind: None)
    return SimpleNamespace(settings=SimpleNamespace(cache_dir=tmp_path))


def installing(monkeypatch: pytest.MonkeyPatch, install: Callable[..., None]) -> None:
    """Let somebody else install."""
    monkeypatch.setattr("manager.world.resolver.install", install)


def test_it_is_installed_once(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once for each Python, without programs, with modes that do not depend on a umask."""
    asked = []

    def install(text: str, python: str, folder: Path, reach: object) -> None:
        asked.append(python)
        (folder / "bin").mkdir(parents=True)
        (folder / "pytest.py").write_text("")
        (folder / "pytest.py").chmod(0o600)

    installing(monkeypatch, install)

    first, second, other = (harness.tree(world, python) for python in ("3.13", "3.13", "3.11"))

    assert first == second != other
    assert asked == ["3.13", "3.11"]
    assert [one.name for one in first.iterdir()] == ["pytest.py"]
    assert (first / "pytest.py").stat().st_mode & 0o777 == 0o644
    assert first.stat().st_mode & 0o777 == 0o755


def test_what_cannot_be_installed_leaves_nothing(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next call tries again."""

    def install(text: str, python: str, folder: Path, reach: object) -> None:
        folder.mkdir()
        (folder / "half.py").write_text("")
        raise Unreachable("the package index does not answer")

    installing(monkeypatch, install)

    with pytest.raises(Unreachable):
        harness.tree(world, "3.13")

    assert list((world.settings.cache_dir / "checks").iterdir()) == []


@pytest.mark.parametrize("python", ["3.9", "3.11", "3.13", "3.14"])
def test_every_python_has_its_pytest(python: str) -> None:
    """The pins have hashes, and a version for each Python that a release may have."""
    names = {pin.name for pin in pins_for(parse(harness.pins()), python, "x86_64")}

    assert {"pytest", "pluggy", "iniconfig", "packaging"} <= names
