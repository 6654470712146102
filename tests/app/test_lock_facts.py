"""What is known of a lock is written beside it, and of no other one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from manager.core.lock_facts import read, render
from manager.errors import CatalogError
from tests.app.conftest import run
from tests.app.locked import RELEASE, Locked, prepared
from tests.fakes.indexes import serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.app.conftest import World

SSL = b"\x7fELF\0OpenSSL 3.5.9 29 Sep 2026\0"


@pytest.fixture
def locked(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Locked]:
    """Give a small catalog with its first lock, and the index that it came from."""
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "cache"))
    with serving() as index:
        monkeypatch.setenv("UV_DEFAULT_INDEX", f"{index.address}/simple")
        yield prepared(lambda root: world.manager(catalog=root), tmp_path, index)


def facts(locked: Locked) -> Any:
    """Give what stands beside the lock."""
    return json.loads(locked.path.with_name("kernel.facts.json").read_text())


def test_a_lock_comes_with_when_its_files_came(locked: Locked) -> None:
    """Each pin has its time; one that the index does not say is null."""
    assert {one["uploaded"] for one in facts(locked)["pins"].values()} == {"2026-01-01T10:00:00Z"}
    assert set(facts(locked)["pins"]) == {f"{name}=={version}" for name, version in locked.pins.items()}
    locked.add("alpha-driver", "2.0", needs=("shared",), day="")

    locked.lock("alpha")

    assert facts(locked)["pins"]["alpha-driver==2.0"] == {"uploaded": None}
    assert "alpha-driver==1.0" not in facts(locked)["pins"]


def test_the_libraries_of_a_drivers_wheel_stand_there(locked: Locked) -> None:
    """For each machine, and connector show gives them."""
    for machine in ("x86_64", "aarch64"):
        tag = f"cp313-cp313-manylinux_2_28_{machine}"
        files = {"libs/libcrypto-1.so.3": SSL} if machine == "x86_64" else {}
        wheel = locked.shelf.add("alpha_driver", "2.0", needs=("shared",), tag=tag, files=files)
        locked.index.wheel(wheel, "2026-02-02")

    locked.lock("alpha")

    assert facts(locked)["pins"]["alpha-driver==2.0"]["native"] == {"x86_64": {"openssl": "3.5.9"}}
    (one,) = locked.manager().connector("alpha").locked
    assert (one.dist, one.version, one.native) == ("alpha-driver", "2.0", "openssl 3.5.9")


def test_facts_of_another_version_are_nobodys_and_those_that_cannot_be_read_a_problem(locked: Locked) -> None:
    """A lock that was moved by hand stays a good one; image lock leaves no facts of other versions behind."""
    path = locked.path.with_name("kernel.facts.json")
    good = path.read_text()
    path.write_text(good.replace("alpha-driver==1.0", "alpha-driver==0.9"))
    (one,) = locked.manager().connector("alpha").locked
    assert (one.version, one.to_json()["uploaded"]) == ("1.0", None)
    path.write_text(good[:-20])
    with pytest.raises(CatalogError) as caught:
        _ = locked.manager().catalog
    assert [one.file for one in caught.value.problems] == ["images/lab/locks/1-py3.13/kernel.facts.json"]
    some = read(good)
    path.write_text(render(type(some)({"pip==1.0": some.pins["pip==1.0"]}, {})))
    assert locked.manager().catalog.release(RELEASE, locked.manager().today).connectors
    locked.add("alpha-driver", "2.0", needs=("shared",))
    locked.add("lab", "1.0")

    manager = locked.manager()
    run(manager, manager.plan_lock((RELEASE,), ("alpha-driver",)))

    assert locked.pins["alpha-driver"] == "2.0"
    assert facts(locked)["pins"]["alpha-driver==2.0"]["uploaded"] == "2026-01-01T10:00:00Z"
    assert locked.manager().catalog


def test_without_an_index_for_times_the_lock_is_written_and_says_so(
    locked: Locked, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What could not be asked is left out, and learnt the next time."""
    from manager.world.upstream import Told, Upstream

    locked.add("alpha-driver", "2.0", needs=("shared",))
    with monkeypatch.context() as patch:
        patch.setattr(Upstream, "distributions", lambda _self, names: {name: Told() for name in names})
        one = locked.lock("alpha")

    assert locked.pins["alpha-driver"] == "2.0"
    assert "alpha-driver==2.0" not in facts(locked)["pins"]
    assert any("said nothing of 1 package" in note for note in one.notes)
    manager = locked.manager()
    *_, found = manager.connector_locks(facts=True)
    run(manager, found.plan, recheck=True)  # type: ignore[union-attr]
    assert "alpha-driver==2.0" in facts(locked)["pins"]
