"""Locks and images of a family that extends a shipped one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from manager.app import layers
from manager.app.steps import locks
from manager.core.build_actions import WriteLock
from manager.errors import Refused
from tests.app.conftest import RELEASE, run
from tests.fakes.progress import Quiet

if TYPE_CHECKING:
    from manager.app.manager import Manager
    from tests.app.conftest import World

RISK = 'id = "risk"\ntitle = "Risk"\nowner = "risk"\nextends = "shipped:jupyterlab"\n'
LINE = RELEASE.partition(":")[2]


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """Give a catalog of one's own with a family that extends the shipped one and adds a package."""
    from manager.world import files

    root = tmp_path / "own"
    files.copy_shipped(files.shipped_root(), root, git=False)
    (root / "images/risk").mkdir()
    (root / "images/risk/family.toml").write_text(RISK + 'packages = ["quantlib"]\n')
    return root


def opened(world: World, own: Path) -> Manager:
    """Open the catalog."""
    from manager.world import files

    manager = world.manager(catalog=own)
    files.trust(own, manager.settings.config_dir / "trusted")
    return manager


def test_a_first_lock_begins_with_the_shipped_pins(world: World, own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is new is added to what was proven together; the lock lies beside the family, the IDE's is not copied."""
    begun: dict[str, str] = {}

    def resolved(wanted: tuple[str, ...], python: str, previous: str, *_: object, **_more: object) -> str:
        begun["quantlib" if "quantlib" in wanted else "ide"] = previous
        return previous + ("quantlib==1 --hash=sha256:" + "0" * 64 + "\n" if "quantlib" in wanted else "")

    monkeypatch.setattr("manager.world.resolver.lock", resolved)
    manager = opened(world, own)

    run(manager, manager.plan_lock((f"risk:{LINE}",)))

    shipped = Path(world.manager().catalog.family("jupyterlab").folder, "locks", LINE)
    assert begun == {"ide": (shipped / "ide.lock").read_text(), "quantlib": (shipped / "kernel.lock").read_text()}
    assert [path.relative_to(own).as_posix() for path in (own / "images/risk").rglob("*.lock")] == [
        f"images/risk/locks/{LINE}/kernel.lock"
    ]
    found = opened(world, own).catalog.family("risk").releases[0]
    assert [one.kind for one in found.locks] == ["ide", "kernel"]


def test_a_lock_of_the_same_pins_is_written_all_the_same(
    world: World, own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A package that came along anyway, asked for by name now: the shipped lock was not resolved from that."""
    monkeypatch.setattr("manager.world.resolver.lock", lambda wanted, python, previous, *_, **_more: previous)
    manager = opened(world, own)
    path = own / f"images/risk/locks/{LINE}/kernel.lock"

    locks.write(manager, WriteLock(f"risk:{LINE}", "kernel", str(path), ()), Quiet())  # type: ignore[arg-type]

    assert path.is_file()


def test_of_two_who_lock_at_once_the_second_is_told(world: World, own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The lock that somebody else wrote meanwhile stays; the negative control is the plan that has seen it."""
    mine, theirs = (f"{name}==1 --hash=sha256:{'0' * 64}\n" for name in ("mine", "theirs"))
    monkeypatch.setattr("manager.world.resolver.lock", lambda *_, **_more: mine)
    plan = opened(world, own).plan_lock((f"risk:{LINE}",))
    path = own / f"images/risk/locks/{LINE}/kernel.lock"
    path.parent.mkdir(parents=True)
    path.write_text(theirs)

    manager = opened(world, own)
    (late,) = (step.do for step in plan.steps if step.id.endswith(":kernel"))
    with pytest.raises(Refused, match="was written by somebody else"):
        locks.write(manager, late, Quiet())  # type: ignore[arg-type]
    assert path.read_text() == theirs

    (seen,) = (step.do for step in manager.plan_lock((f"risk:{LINE}",)).steps if step.id.endswith(":kernel"))
    locks.write(manager, seen, Quiet())  # type: ignore[arg-type]
    assert path.read_text() == mine


def test_a_build_without_a_lock_of_its_own_says_which_command_makes_it(world: World, own: Path) -> None:
    """As for any release whose lock is missing."""
    with pytest.raises(Refused, match=f"risk:{LINE}") as told:
        opened(world, own).plan_build((f"risk:{LINE}",))

    assert "solvent image lock" in told.value.hint


def test_the_nearest_dockerfile_is_taken(world: World, own: Path) -> None:
    """The shipped one, until the family has one of its own."""
    family = opened(world, own).catalog.family("risk")

    shipped = layers.dockerfile(family, ("kernel-runtime.tar",))
    (own / "images/risk/Dockerfile").write_text(f"FROM own\n{layers.MARKER}\n")

    assert "ADD kernel-runtime.tar /" in shipped
    assert layers.dockerfile(family, ("kernel-runtime.tar",)) == "FROM own\nADD kernel-runtime.tar /\n"
