"""Locks without what is quarantined, on a real index: pins move, whatever form a range has; and what cannot is said."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from manager.app.locking import resolved
from manager.core.catalog import Place
from manager.core.driver_decisions import DriverDecision
from manager.errors import Unsolved
from manager.world import resolver
from tests.app.conftest import run
from tests.app.locked import RELEASE, Locked
from tests.app.test_connector_locks import locked
from tests.fakes.clock import TODAY

if TYPE_CHECKING:
    from tests.app.conftest import World

__all__ = ["locked"]


def forbid(there: Locked, version: str, dist: str = "") -> DriverDecision:
    """Quarantine versions of alpha's driver, or of another distribution."""
    manager = there.manager()
    one = DriverDecision(
        "quarantine", "alpha", TODAY, "it leaks", "", Place("", 0), dist=dist, version=version, advisory="CVE-2026-1"
    )
    alarm = manager.emergency.plan_quarantine(one)
    run(manager, alarm.plan)
    return alarm.decision


@pytest.mark.parametrize(
    ("version", "goes"),
    [
        ("1.0", "1.2"),
        ("<1.1", "1.2"),
        (">=1.0", "0.9"),
        (">=1.0,<1.1", "1.2"),
        (">=1.0,<1.2", "1.2"),
        ("!=1.1", "1.1"),
        # The negative controls: what the lock has is not meant.
        ("<1.0", "1.0"),
        (">=1.1,<1.2", "1.0"),
    ],
)
def test_a_quarantined_pin_moves_and_none_is_taken(locked: Locked, version: str, goes: str) -> None:
    """To the newest that is not in the range; nothing else moves."""
    for one in ("0.9", "1.1", "1.2"):
        locked.add("alpha-driver", one, needs=("shared",))
    before = locked.pins
    forbid(locked, version)

    locked.lock()

    assert locked.pins == before | {"alpha-driver": goes}


def test_a_package_that_nobody_names_moves_too(locked: Locked) -> None:
    """And what is newer and quarantined is not taken by an upgrade."""
    locked.add("shared", "2.0")
    locked.add("shared", "3.0")
    forbid(locked, "!=2.0", "shared")

    locked.lock()

    assert locked.pins["shared"] == "2.0"


def test_a_range_with_two_ends_is_kept_out_at_once(locked: Locked, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many versions are in it: the first try shows that it matters, the second keeps all of it out."""
    for number in range(1, 26):
        locked.add("shared", f"1.{number}")
    locked.add("shared", "0.9")
    forbid(locked, ">=1,<9", "shared")
    tries: list[tuple[str, ...]] = []
    lock = resolver.lock
    monkeypatch.setattr(resolver, "lock", lambda *words: tries.append(words[7]) or lock(*words))
    manager = locked.manager()

    found = resolved(manager, manager.catalog.release(RELEASE, TODAY), "kernel", locked.path, (), lambda _: None)

    assert "shared==0.9" in found.text
    assert len(tries) == 2
    assert {f"shared!=1.{number}" for number in range(26)} <= set(tries[1])
    assert "shared!=0.9" not in tries[1]


@pytest.mark.parametrize("version", ["1.0", ">=1,<9"])
def test_a_lock_with_a_forbidden_version_is_never_given(
    locked: Locked, monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    """Even where the resolver gives it all the same; without a quarantine that answer is taken."""
    before = locked.path.read_text()
    monkeypatch.setattr(resolver, "lock", lambda *_words: before)

    def tried() -> str:
        manager = locked.manager()
        release = manager.catalog.release(RELEASE, TODAY)
        return resolved(manager, release, "kernel", locked.path, (), lambda _: None).text

    assert tried() == before
    forbid(locked, version, "shared")
    with pytest.raises(Unsolved, match="finds no set without what may not be taken"):
        tried()


def test_where_nothing_is_left_the_quarantine_is_named(locked: Locked) -> None:
    """The lock stays as it is."""
    before = locked.path.read_text()
    forbid(locked, "<2", "shared")

    manager = locked.manager()
    release = manager.catalog.release(RELEASE, TODAY)

    with pytest.raises(Unsolved) as unsolved:
        resolved(manager, release, "kernel", locked.path, (), lambda _: None)
    assert "shared <2 is quarantined for CVE-2026-1" in unsolved.value.why
    assert unsolved.value.hint.startswith(
        "the way out of CVE-2026-1:  solvent connector quarantine alpha --driver shared --version '<2'"
    )
    assert locked.path.read_text() == before


def test_a_quarantine_that_a_reason_does_not_name_is_not_said(locked: Locked) -> None:
    """And what has no solution for another reason keeps its own hint."""
    forbid(locked, "0.1", "beta-driver")
    family = locked.root / "images/lab/family.toml"
    family.write_text(family.read_text().replace('packages = ["base"]', 'packages = ["base>=3"]'))
    manager = locked.manager()
    release = manager.catalog.release(RELEASE, TODAY)

    with pytest.raises(Unsolved) as unsolved:
        resolved(manager, release, "kernel", locked.path, (), lambda _: None)
    assert "beta-driver" not in unsolved.value.why + unsolved.value.hint
    assert "base>=3" in unsolved.value.why


@pytest.mark.parametrize("form", ["cooling", "held", "nothing newer", "shared"])
def test_no_connector_is_suspended_for_a_quarantine(locked: Locked, form: str) -> None:
    """Its pin has no way yet, and that is an error with what to type; nothing is written."""
    if form in ("cooling", "held"):
        locked.add("alpha-driver", "1.1", needs=("shared",), day="2026-11-20" if form == "cooling" else "2026-02-01")
    if form == "held":
        decision = locked.root / "connectors/decisions/2026-11-20-hold-alpha.toml"
        decision.parent.mkdir()
        decision.write_text(
            'kind = "hold"\nsubject = "alpha"\nday = 2026-11-20\nuntil = 2027-01-01\nreason = "the year"\nby = "ana"\n'
        )
    forbid(locked, "1.0", "shared" if form == "shared" else "")

    _, found = locked.looked()

    (one,) = found.locks
    assert (one.suspends, one.moves, found.plan.steps) == ((), (), ())
    assert one.error is not None
    assert "no connector is suspended for it" in one.error.message
    assert "is quarantined for CVE-2026-1" in one.error.why
    assert "the way out of CVE-2026-1:  solvent connector quarantine alpha" in one.error.hint
    said = one.to_json()["error"]
    assert (said["code"], said["hint"], said["where"]) == (1, one.error.hint, one.error.where)
    assert ("solvent connector explain alpha" in one.error.hint) is (form in ("cooling", "held"))


def test_what_packages_exclude_is_suspended_beside_a_quarantine(locked: Locked) -> None:
    """The negative control: the one in the way goes by the resolver's reason, and the quarantined pin moves."""
    locked.add("alpha-driver", "1.1", needs=("shared",))
    forbid(locked, "1.0")
    locked.ask_for("beta", "beta-next")
    locked.add("beta-next", "1.0", needs=("shared>=9",))

    one = locked.lock()

    assert [each.connector for each in one.suspends] == ["beta"]
    assert "beta-next" in one.suspends[0].reason
    assert locked.pins["alpha-driver"] == "1.1"


def test_a_fix_that_still_cools_down_is_excepted_first(locked: Locked) -> None:
    """By the first step of the way out; with it the lock takes the version."""
    locked.add("alpha-driver", "1.1", needs=("shared",), day="2026-11-20")
    manager = locked.manager()
    list(manager.refresh())
    one = forbid(locked, "<1.1")

    way = locked.manager().emergency.aftermath(one).way_out

    assert [step.kind for step in way.steps] == ["decide", "lock"]
    assert way.steps[0].command.startswith(
        "solvent connector unhold alpha --driver alpha-driver --version 1.1 --advisory CVE-2026-1 --until 2026-12-05"
    )
    assert (way.hits[0].release, way.hits[0].pinned, way.hits[0].to) == (RELEASE, "1.0", "1.1")
    said = DriverDecision(
        "exception", "alpha", TODAY, "it mends it", "", Place("", 0), dist="alpha-driver", version="1.1",
        advisory="CVE-2026-1", until=TODAY.replace(month=12, day=5),
    )  # fmt: skip
    locked.manager().decide_driver(said)
    locked.lock()
    assert locked.pins["alpha-driver"] == "1.1"


def test_both_locks_of_a_release_are_in_the_way_out(locked: Locked) -> None:
    """The IDE and the kernel may have two versions, of which each goes its own way; the negative control has one."""
    locked.add("alpha-driver", "1.1", needs=("shared",))
    list(locked.manager().refresh())
    ide = locked.path.with_name("ide.lock")
    ide.write_text(locked.path.read_text().replace("alpha-driver==1.0", "alpha-driver==0.9"))

    def releases(version: str) -> list[tuple[str, str]]:
        way = locked.manager().emergency.aftermath(forbid(locked, version)).way_out
        assert [each.command.partition(" --")[0] for each in way.steps] == [f"solvent image lock {RELEASE}"]
        return [(each.pinned, each.to) for each in way.hits]

    assert releases("1.0") == [("1.0", "1.1")]
    assert sorted(releases("<1.1")) == [("0.9", "1.1"), ("1.0", "1.1")]


def test_without_a_quarantine_nobody_looks_into_builds(
    world: World, locked: Locked, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A launch pays nothing for it; the negative control is the same with a quarantine."""
    asked: list[str] = []
    monkeypatch.setattr(world.store, "containing", lambda name: asked.append(name) or ())

    manager = locked.manager()
    manager.observe()
    manager.builds()
    assert not asked
    forbid(locked, "1.0")
    asked.clear()
    locked.manager().builds()
    assert asked == ["alpha-driver"]
