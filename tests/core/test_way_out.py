"""The way out of a quarantine: the version to move to, and each step in its order with its command."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from manager.core.advisories import Advisory, Affected, Event
from manager.core.catalog import Place
from manager.core.driver_decisions import DriverDecision
from manager.core.driver_releases import Pinned, Rules
from manager.core.editions import IndexFile, editions
from manager.core.hurting import Hurt, Weighed
from manager.core.lint import Finding
from manager.core.overrides import Override
from manager.core.way_out import Hit, WayOut, mended, way_out

TODAY = date(2026, 11, 21)
BAD = DriverDecision(
    "quarantine", "pg", TODAY, "it leaks", "ana", Place("connectors/decisions/it.toml", 1),
    dist="driver", version="1.0", advisory="CVE-1",
)  # fmt: skip
PIN = Pinned("lab:4", "3.13", ("pg",), "driver", "1.0")
ADVISORY = Advisory("CVE-1", (Affected("driver", (), ((Event("introduced", "0.9"), Event("fixed", "1.2")),)),))


def index(*versions: str, **more: object) -> list[IndexFile]:
    """Give wheels for every machine, old enough."""
    at = datetime(2026, 10, 1, tzinfo=UTC)
    return [IndexFile(f"driver-{one}-py3-none-any.whl", at, **more) for one in versions]  # type: ignore[arg-type]


def to(
    *files: IndexFile, one: DriverDecision = BAD, advisory: Advisory | None = None, rules: Rules | None = None
) -> str:
    """Give where a pin can go."""
    return gone(*files, one=one, advisory=advisory, rules=rules)[0]


def gone(
    *files: IndexFile, one: DriverDecision = BAD, advisory: Advisory | None = None, rules: Rules | None = None
) -> tuple[str, str]:
    """Give where a pin can go, and what has to be decided first."""
    return mended(one, PIN, editions(files), advisory, rules or Rules((one,)), TODAY)


def test_the_lowest_newer_version_that_is_out_of_it_is_named() -> None:
    """What the quarantine or the advisory is about is none; nor what nobody can have."""
    assert to(*index("1.0", "1.1", "1.2", "2.0")) == "1.1"
    assert to(*index("1.0", "1.1", "1.2", "2.0"), advisory=ADVISORY) == "1.2"
    assert to(*index("1.0", "1.1", "1.2"), one=replace(BAD, version=">=1,<1.2")) == "1.2"
    assert to(*index("1.0", "1.1", yanked=True), *index("1.3")) == "1.3"
    other = replace(BAD, version="1.1", advisory="CVE-2")
    assert to(*index("1.0", "1.1", "1.2"), rules=Rules((BAD, other))) == "1.2"


def test_two_locks_of_a_release_with_two_such_versions_are_one_release() -> None:
    """Both pins are said, both have to move, and no command names the release twice."""
    found = way_out(BAD, [Hit("lab:4", "1.0", "1.2", ("1",)), Hit("lab:4", "0.9", "1.1", ("1",))], {})

    assert [one["pinned"] for one in found.to_json()["releases"]] == ["1.0", "0.9"]
    assert found.version == "1.2"
    assert [one.command for one in found.steps] == [
        "solvent image lock lab:4",
        "solvent image build lab:4 --candidate",
        "solvent image build lab:4",
    ]
    assert way_out(BAD, [Hit("lab:4", "1.0", "1.2"), Hit("lab:4", "0.9")], {}).version == ""


def test_where_nothing_is_newer_it_goes_back() -> None:
    """To the newest one below that has not the danger; a pre-release is none."""
    assert to(*index("0.7", "0.8", "0.9", "1.0", "1.1rc1"), advisory=ADVISORY) == "0.8"
    assert to(*index("1.0")) == ""


def test_what_the_index_was_never_asked_about_is_known_from_advisory_or_decision() -> None:
    """The version that is named as fixed, else the end of the range; nothing where neither says it."""
    assert to(advisory=ADVISORY) == "1.2"
    assert to(one=replace(BAD, version="<1.3"), advisory=ADVISORY) == "1.3"
    assert to(one=replace(BAD, version="<1.5")) == "1.5"
    assert to() == ""
    assert to(one=replace(BAD, version=">=1,<1.1"), advisory=ADVISORY) == "1.2"


def test_what_cools_down_or_is_held_is_decided_first() -> None:
    """Better is one that a lock takes by itself; of what is no driver nothing is held."""
    young = IndexFile("driver-1.1-py3-none-any.whl", datetime(2026, 11, 20, tzinfo=UTC))
    hold = replace(BAD, kind="hold", dist="", version="", advisory="", until=date(2027, 1, 1))

    assert gone(*index("1.0"), young) == (
        "1.1",
        "solvent connector unhold pg --driver driver --version 1.1 --advisory CVE-1 --until 2026-12-05 --reason TEXT",
    )
    assert gone(*index("1.0", "1.2"), young) == ("1.2", "")
    held = Rules((BAD, hold))
    assert gone(*index("1.0", "1.2"), rules=held) == ("1.2", "solvent connector unhold pg --reason TEXT")
    free = mended(BAD, replace(PIN, connectors=()), editions([*index("1.0"), young]), None, held, TODAY)
    assert free == ("1.1", "")
    found = way_out(BAD, [Hit("lab:4", "1.0", "1.2", decides="solvent connector unhold pg --reason TEXT")], {})
    assert [one.kind for one in found.steps] == ["decide", "lock"]


def test_what_hurts_shared_connections_comes_last_and_is_shown_first() -> None:
    """No lock takes it before they are changed; where another version is out of it, that one is named."""
    loss = Finding("sslmode", "removed", "high", "dropped")
    hurts = Weighed((Hurt("house", (loss,)),))
    rules = Rules((BAD,), weigh=lambda _, version: hurts if version == "1.1" else Weighed())
    young = IndexFile("driver-1.2-py3-none-any.whl", datetime(2026, 11, 20, tzinfo=UTC))

    assert gone(*index("1.0", "1.1"), rules=rules) == ("1.1", "solvent connection lint house --to 1.1")
    assert gone(*index("1.0", "1.1", "1.3"), rules=rules) == ("1.3", "")
    assert gone(*index("1.0", "1.1"), young, rules=rules)[0] == "1.2"
    found = way_out(BAD, [Hit("lab:4", "1.0", "1.1", decides="solvent connection lint house --to 1.1")], {})
    assert [one.kind for one in found.steps] == ["decide", "lock"]
    assert found.steps[0].why == "it hurts that connection, and no lock takes it before that is changed"


def written(found: WayOut) -> str:
    """Write the steps down as people see them."""
    return "\n".join(f"{one.kind}: {one.why}\n  {one.command}" for one in found.steps)


def test_the_whole_way_stands_in_its_order() -> None:
    """One plan for all releases; the version is one that all of them can have."""
    hits = [Hit("lab:4", "1.0", "1.2", ("20261101.1",)), Hit("lab:3", "1.0", "1.1", ("20261101.1",))]

    found = way_out(BAD, hits, {}, ("ben", "ana", "ana"), " --catalog own")

    assert (
        written(found)
        == """\
lock: driver 1.0 leaves the locks of lab:3, lab:4: 1.2 is the lowest version without the danger
  solvent image lock lab:3 lab:4 --catalog own
build: builds of the new locks; no channel moves
  solvent image build lab:3 lab:4 --candidate --catalog own
check: each build proves itself, and what passes every check is promoted
  solvent image build lab:3 lab:4 --catalog own
upgrade: 3 environments of ana, ben move: each owner's own, and those that run by name
  solvent env upgrade --affected-by CVE-1 --catalog own"""
    )
    assert found.to_json()["version"] == "1.2"
    assert found.to_json()["releases"][0] == {
        "release": "lab:3", "pinned": "1.0", "to": "1.1", "builds": ["20261101.1"], "built": False,
    }  # fmt: skip


def test_a_frozen_release_is_promoted_by_hand() -> None:
    """After the freeze, by its own command."""
    freeze = Override("freeze", "all", TODAY, "year end", "ana", Place("f.toml", 1), until=date(2027, 1, 7))

    found = way_out(BAD, [Hit("lab:4", "1.0", "1.2", ("1",))], {"lab:4": freeze}, ("ana",))

    assert [one.kind for one in found.steps] == ["lock", "build", "check", "promote", "upgrade"]
    assert found.steps[3].command == "solvent image promote lab:4"
    assert found.steps[3].why == "lab:4 is frozen until 2027-01-07, and its promotion waits"


@pytest.mark.parametrize(
    ("hit", "kinds"),
    [
        (None, []),
        (Hit("lab:4", "1.0", "1.2"), ["lock"]),
        (Hit("lab:4", "", "", ("1",)), ["build", "check"]),
        (Hit("lab:4", "", "", ("1",), built=True), []),
    ],
)
def test_only_what_is_left_to_do_is_said(hit: Hit | None, kinds: list[str]) -> None:
    """Nothing where nobody has it; a lock that moved and a build that is there are behind us."""
    hits = [hit] if hit else []
    assert [one.kind for one in way_out(BAD, hits, {}).steps] == kinds
    assert [one.kind for one in way_out(BAD, hits, {}, ("ana",)).steps] == [*kinds, "upgrade"]


def test_a_step_back_is_said() -> None:
    """Where nothing newer is without the danger."""
    found = way_out(BAD, [Hit("lab:4", "1.0", "0.9"), Hit("lab:3", "1.0", "0.9")], {})
    assert found.steps[0].why.endswith("nothing newer is without the danger, and 0.9 is the newest below")


def test_without_a_known_version_that_is_said() -> None:
    """As soon as one release has none."""
    hits = [Hit("lab:4", "1.0", "1.2"), Hit("lab:3", "1.0")]
    found = way_out(BAD, hits, {})
    assert found.version == ""
    assert found.steps[0].why.endswith("no version without the danger is known")
