"""``connector lock`` on a real index: what moves, what does not, and which connector is suspended."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from manager.core.environments import LaunchRequest
from manager.errors import Refused
from tests.app.locked import RELEASE, Locked, prepared
from tests.fakes.indexes import serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.app.conftest import World


@pytest.fixture
def locked(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Locked]:
    """Give a small catalog with its first lock, and the index that it came from."""
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "cache"))
    with serving() as index:
        monkeypatch.setenv("UV_DEFAULT_INDEX", f"{index.address}/simple")
        yield prepared(lambda root: world.manager(catalog=root), tmp_path, index)


def moved(one: object) -> list[tuple[str, str, str, str]]:
    """Give what moved and why."""
    return [(each.distribution, each.before, each.after, each.cause) for each in one.moves]  # type: ignore[attr-defined]


def test_nothing_moves_of_itself(locked: Locked) -> None:
    """Newer versions on the index change no lock; the plan is empty."""
    before = locked.path.read_text()
    locked.add("alpha-driver", "2.0", needs=("shared",))
    locked.add("shared", "2.0")

    _, found = locked.looked()

    assert not found.plan
    assert moved(found.locks[0]) == []
    assert locked.path.read_text() == before


def test_an_upgrade_moves_what_it_must_and_says_why(locked: Locked) -> None:
    """The driver that is named, what it needs in a newer version, and what that drags along; all else stays."""
    locked.add("shared", "2.0")
    locked.add("helper", "1.0", needs=("base>=2",))
    locked.add("base", "2.0")
    locked.add("beta-driver", "2.0", needs=("shared",))
    locked.add("alpha-driver", "2.0", needs=("shared>=2", "helper"))

    one = locked.lock("alpha")

    assert moved(one) == [
        ("alpha-driver", "1.0", "2.0", "named"),
        ("base", "1.0", "2.0", "dependency"),
        ("helper", "", "1.0", "dependency"),
        ("shared", "1.0", "2.0", "dependency"),
    ]
    assert [each.why for each in one.moves][1:3] == ["helper needs it", "alpha-driver needs it"]
    assert locked.pins["beta-driver"] == "1.0"


def test_a_machine_of_its_own_is_named(locked: Locked) -> None:
    """Of something new each machine gets what has a wheel for it; an upgrade parts no machines."""
    locked.ask_for("alpha", "alpha-native")
    locked.add("alpha-native", "1.0", tag="cp313-cp313-manylinux_2_17_aarch64")
    locked.add("alpha-native", "2.0", tag="cp313-cp313-manylinux_2_17_x86_64")
    locked.add("alpha-driver", "2.0", needs=("shared",), tag="cp313-cp313-manylinux_2_17_x86_64")

    found = locked.looked("alpha")[1].locks[0].moves

    assert [(one.distribution, one.after, one.where, one.cause) for one in found] == [
        ("alpha-native", "1.0", "aarch64", "named"),
        ("alpha-native", "2.0", "x86_64", "named"),
    ]


def test_an_upgrade_takes_no_version_that_cools_down(locked: Locked) -> None:
    """It takes the one before, and says so; the control: by its day alone the newest would be taken."""
    locked.add("alpha-driver", "2.0", needs=("shared",), day="2026-09-01")
    locked.add("alpha-driver", "3.0", needs=("shared",), day="2026-11-20")

    one = locked.looked("alpha")[1].locks[0]

    assert moved(one) == [("alpha-driver", "1.0", "2.0", "named")]
    assert one.notes[0].startswith("alpha-driver 3.0 is not taken: cooling until 2026-11-27")
    locked.add("alpha-driver", "3.1", needs=("shared",), day="2026-11-01")
    assert moved(locked.looked("alpha")[1].locks[0]) == [("alpha-driver", "1.0", "3.1", "named")]


def test_what_an_upgrade_drags_along_must_have_cooled_down_too(locked: Locked) -> None:
    """A driver that another one's newer version needs counts as one that moves."""
    locked.add("beta-driver", "2.0", needs=("shared",), day="2026-09-01")
    locked.add("beta-driver", "3.0", needs=("shared",), day="2026-11-20")
    locked.add("alpha-driver", "2.0", needs=("beta-driver>=2",))

    assert moved(locked.looked("alpha")[1].locks[0])[:2] == [
        ("alpha-driver", "1.0", "2.0", "named"),
        ("beta-driver", "1.0", "2.0", "dependency"),
    ]


def test_a_held_driver_is_refused(locked: Locked) -> None:
    """As by image lock; another connector moves."""
    decision = locked.root / "connectors/decisions/2026-11-20-hold-alpha.toml"
    decision.parent.mkdir()
    decision.write_text(
        'kind = "hold"\nsubject = "alpha"\nday = 2026-11-20\nuntil = 2027-01-01\nreason = "the year"\nby = "ana"\n'
    )

    with pytest.raises(Refused, match=r"alpha-driver is held at 1\.0"):
        locked.looked("alpha")

    assert not locked.looked("beta")[1].plan


def test_the_connector_that_has_no_solution_is_suspended_and_no_other(locked: Locked) -> None:
    """The reason is uv's; the others move, and a launch with the one is refused with who decided what."""
    locked.add("alpha-driver", "2.0", needs=("shared",))
    locked.ask_for("beta", "beta-next")
    locked.add("beta-next", "1.0", needs=("shared>=9",))

    one = locked.lock("alpha")

    assert [(each.connector, each.release) for each in one.suspends] == [("beta", RELEASE)]
    assert "beta-next" in one.suspends[0].reason
    assert "unsatisfiable" in one.suspends[0].reason
    assert ("alpha-driver", "1.0", "2.0", "named") in moved(one)
    assert ("beta-driver", "1.0", "", "gone") in moved(one)
    manager = locked.manager()
    release = manager.catalog.release(RELEASE, manager.today)
    assert (release.connectors, release.suspended) == (("alpha", "gamma"), ("beta",))
    (decision,) = manager.catalog.driver_decisions
    assert (decision.kind, decision.subject, decision.release, decision.by) == (
        "suspend", "beta", RELEASE, manager.settings.owner,
    )  # fmt: skip
    assert "beta-next" in decision.reason
    assert not locked.looked()[1].plan
    states = {view.connector.id: view.state for view in manager.connectors()}
    assert states == {"alpha": "active", "beta": "suspended", "gamma": "active"}


def test_of_two_that_exclude_each_other_the_new_one_goes(locked: Locked) -> None:
    """What was locked before stays, whatever the order of the names."""
    locked.add("shared", "2.0")
    locked.ask_for("alpha", "alpha-next")
    locked.add("alpha-next", "1.0", needs=("shared>=2", "gamma-driver>=2"))
    locked.add("gamma-driver", "2.0", needs=("shared<2",))

    one = locked.lock()

    assert [each.connector for each in one.suspends] == ["alpha"]
    assert locked.pins["gamma-driver"] == "1.0"


def test_two_that_are_each_in_the_way_are_both_suspended(locked: Locked) -> None:
    """Each with its own reason; the third stays."""
    locked.ask_for("alpha", "alpha-next")
    locked.add("alpha-next", "1.0", needs=("shared>=8",))
    locked.ask_for("gamma", "gamma-next")
    locked.add("gamma-next", "1.0", needs=("shared>=9",))

    one = locked.lock()

    assert [each.connector for each in one.suspends] == ["alpha", "gamma"]
    assert ["alpha-next" in each.reason for each in one.suspends] == [True, False]
    assert ["gamma-next" in each.reason for each in one.suspends] == [False, True]
    assert {name for name in locked.pins if name.endswith("-driver")} == {"beta-driver"}
    manager = locked.manager()
    assert manager.catalog.release(RELEASE, manager.today).connectors == ("beta",)


def test_a_set_that_has_no_solution_without_connectors_suspends_nobody(locked: Locked) -> None:
    """It is an error with the reason, and nothing is written."""
    family = locked.root / "images/lab/family.toml"
    family.write_text(family.read_text().replace('packages = ["base"]', 'packages = ["base>=7"]'))
    before = locked.path.read_text()

    _, found = locked.looked()

    (one,) = found.locks
    assert one.error is not None
    assert "base>=7" in one.error.why
    assert (one.suspends, found.plan.steps) == ((), ())
    assert locked.path.read_text() == before


def test_a_launch_with_a_connection_of_a_suspended_connector_is_refused(locked: Locked) -> None:
    """With who decided it and why; without the connection, or once it is lifted, nothing is said of it."""
    decision = locked.root / "connectors/decisions/2026-11-20-suspend-beta.toml"
    decision.parent.mkdir()
    text = 'kind = "suspend"\nsubject = "beta"\nday = 2026-11-20\nreason = "it hurts"\nby = "ana"\n'
    decision.write_text(text)
    shared = locked.root / "connectors/connections.toml"
    lines = ("[[connection]]", 'name = "house"', 'owner = "ana"', 'connector = "beta"', "needs = []")
    shared.write_text("\n".join((*lines, 'parameters = { host = "h" }\n')))
    with pytest.raises(Refused) as caught:
        locked.manager().plan_launch(LaunchRequest(RELEASE, name="work", connections=("house",)))

    assert caught.value.message == f"beta is suspended in {RELEASE}, so connection house cannot be used there"
    assert caught.value.why == "suspended by ana since 2026-11-20: it hurts"
    matter = next(one for one in locked.manager().status() if one.kind == "suspended")
    assert (matter.subject, "it hurts" in matter.text) == ("beta", True)
    (state,) = (view.state for view in locked.manager().connectors() if view.connector.id == "beta")
    assert state == "suspended"
    lifted = text.replace('"suspend"', '"unsuspend"').replace("20\n", "21\n", 1)
    decision.with_name("2026-11-21-unsuspend-beta.toml").write_text(lifted)
    with pytest.raises(Refused, match="has no") as other:
        locked.manager().plan_launch(LaunchRequest(RELEASE, name="work", connections=("house",)))
    assert "suspended" not in other.value.message


def test_out_of_one_release_is_not_out_of_all(locked: Locked) -> None:
    """It stays active where another release has it; each release has its own reason."""
    family = locked.root / "images/lab/family.toml"
    text = family.read_text()
    family.write_text(text + "\n" + text[text.index("[[release]]") :].replace("1-py3.13", "2-py3.13"))
    folder = locked.root / "connectors/decisions"
    folder.mkdir()
    said = (
        'kind = "suspend"\nsubject = "beta"\nday = 2026-11-20\nrelease = "lab:{}-py3.13"\nreason = "{}"\nby = "ana"\n'
    )
    (folder / "2026-11-20-suspend-beta.toml").write_text(said.format(1, "it hurts"))

    manager = locked.manager()
    (view,) = (one for one in manager.connectors() if one.connector.id == "beta")
    assert (view.state, view.suspended) == ("active", (RELEASE,))

    (folder / "2026-11-20-suspend-beta-2.toml").write_text(said.format(2, "it is slow"))
    manager = locked.manager()
    (view,) = (one for one in manager.connectors() if one.connector.id == "beta")
    assert view.state == "suspended"
    (matter,) = (one for one in manager.status() if one.kind == "suspended")
    assert "it hurts" in matter.text
    assert "it is slow" in matter.text
