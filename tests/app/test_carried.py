"""What bundles brought: wheels that nobody is asked for, the base that a system gets, and an index of last resort."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from manager.app import archiving, carried
from manager.core.ingredients import base_key
from manager.core.locks import parse
from manager.errors import Failed, Unreachable
from manager.world.wheels import metadata
from tests.app.conftest import RELEASE, run
from tests.app.fault_commands import unbuilt
from tests.app.test_archiving import Listening, kept, locked, release, shelf
from tests.core.test_bundles import A
from tests.world.test_archive import packed

if TYPE_CHECKING:
    from pathlib import Path

    from manager.core.reach import Reach
    from manager.world.archive import Packed
    from tests.app.conftest import World
    from tests.fakes.wheels import Shelf

__all__ = ["shelf"]


def test_wheels_are_at_hand_where_all_of_them_are_and_are_what_they_were(world: World, shelf: Shelf) -> None:
    """One that is changed or gone, and the index is asked for all."""
    text = locked(shelf)
    pins, one = parse(text), release(world)
    manager = world.manager()
    before = archiving.at_hand(manager, one, pins)
    kept(world, text)

    found = archiving.at_hand(manager, one, pins)

    assert before is None
    assert found is not None
    assert sorted(pin.name for pin in found) == ["alpha", "beta"]
    assert all(len(pin.hashes) == 1 for pin in found)
    assert next(path for pin, path in found.items() if pin.name == "beta").name.startswith("beta-2.0-cp")
    next(iter(found.values())).write_bytes(b"changed")
    assert archiving.at_hand(manager, one, pins) is None


def test_a_wheel_that_the_lock_does_not_allow_is_not_taken_whoever_chose_it(
    world: World, shelf: Shelf, tmp_path: Path
) -> None:
    """A bundle may say anything of a pin; the index is asked then, and its wheel is the choice again."""
    text = locked(shelf)
    pins, one = parse(text), release(world)
    manager = world.manager()
    kept(world, text)
    evil = packed("alpha-1.0-py3-none-any.whl", b"evil")
    (tmp_path / "evil").write_bytes(b"evil")
    store = archiving.archive(manager)
    store.take(tmp_path / "evil", evil)
    alpha = next(pin for pin in pins if pin.name == "alpha")
    store.choose(archiving._key(alpha, one.python), evil)

    assert archiving.at_hand(manager, one, pins) is None
    carried_ones = archiving.chosen_wheels(manager, one, pins, Listening())
    assert evil not in [found for _, found in carried_ones.values()]
    assert archiving.at_hand(manager, one, pins) is not None


def brought(world: World, tmp_path: Path, digest: str = A) -> tuple[Packed, str]:
    """Bring the packages of the release's base, as a bundle does; give one, and the key."""
    manager = world.manager()
    deb = packed("libc6_2.41_amd64.deb", b"deb")
    (tmp_path / "deb").write_bytes(b"deb")
    key = base_key(manager.catalog.system(manager.catalog.release(RELEASE, manager.today).system))
    store = archiving.archive(manager)
    store.take(tmp_path / "deb", deb)
    store.record(f"base-{digest}", (deb,))
    store.want_base(key, digest)
    return deb, key


def test_a_base_is_made_of_what_was_brought_and_of_nothing_that_was_changed(world: World, tmp_path: Path) -> None:
    """No bundle, no base at hand; a changed package is an error, and not another base."""
    manager = world.manager()
    system = manager.catalog.system(manager.catalog.release(RELEASE, manager.today).system)
    assert archiving.base_at_hand(manager, system) is None
    deb, _ = brought(world, tmp_path)
    path = archiving.archive(manager).path(deb)

    assert archiving.base_at_hand(manager, system) == (A, (path,))
    path.write_bytes(b"changed")
    with pytest.raises(Failed, match=r"libc6_2\.41_amd64\.deb of the archive is changed"):
        archiving.base_at_hand(manager, system)


def test_a_base_that_comes_out_otherwise_is_refused_until_a_fresh_one_is_asked_for(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fresh one stays: what was brought is not gone back to."""
    unbuilt(world, monkeypatch)
    monkeypatch.setattr("manager.app.steps.proof.prove", lambda *_words: ())
    _, key = brought(world, tmp_path)
    from manager.world import bases

    real, archives = bases.bootstrap, []

    def bootstrap(*words: Any, **more: Any) -> object:
        archives.append([one.name for one in more.pop("archive", ())])
        return real(*words, **more)

    monkeypatch.setattr("manager.world.bases.bootstrap", bootstrap)
    manager = world.manager()
    with pytest.raises(Failed, match="did not come out as the one that a bundle brought"):
        run(manager, manager.plan_build((RELEASE,), candidate=True))
    run(manager, manager.plan_build((RELEASE,), candidate=True, fresh_base=True))

    assert ["libc6_2.41_amd64.deb"] in archives
    assert archives[-1] == []
    assert archiving.archive(manager).base(key) == ""


def test_an_index_that_answers_is_asked_first_and_alone(world: World) -> None:
    """What it says counts, Failed as well."""
    asked: list[dict[str, str]] = []

    def resolve(places: Any, way: Reach) -> str:
        asked.append(places)
        return "lock"

    assert carried.resolved(world.manager(), {"alpha": "there"}, resolve, lambda _: None) == "lock"
    assert asked == [{"alpha": "there"}]


def test_where_no_index_answers_what_was_brought_does(world: World, shelf: Shelf) -> None:
    """It is said; without anything brought, or where it is not enough, the index is what is missing."""
    manager, said, asked = world.manager(), [], []

    def resolve(places: Any, way: Reach) -> str:
        if not way.mirrors.python:
            raise Unreachable("the index is silent", why="no route")
        asked.append((places, way.mirrors.python))
        return "lock"

    def nothing(places: Any, way: Reach) -> str:
        if way.mirrors.python:
            raise Failed("uv found no way", why="gamma is not there")
        raise Unreachable("the index is silent", why="no route")

    with pytest.raises(Unreachable, match="silent"):
        carried.resolved(manager, {}, resolve, said.append)
    for wheel in shelf.folder.glob("alpha*.whl"):
        carried.house(manager).keep(wheel.name, packed(wheel.name, wheel.read_bytes()).sha256, metadata(wheel))

    assert carried.resolved(manager, {"alpha": "there"}, resolve, said.append) == "lock"
    assert asked[0][0] == {}
    assert asked[0][1].startswith("http://127.0.0.1:")
    assert said == ["the index is silent: resolving from what bundles brought"]
    with pytest.raises(Unreachable) as caught:
        carried.resolved(manager, {}, nothing, said.append)
    assert "no route" in caught.value.why
    assert "gamma is not there" in caught.value.why
