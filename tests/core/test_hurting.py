"""Which saved connections a version of a driver hurts, and what that makes of it as a candidate."""

from __future__ import annotations

from datetime import UTC, date, datetime

from packaging.version import Version

from manager.core.connections import Connection
from manager.core.contracts import ParameterFact
from manager.core.driver_proposals import blocked, proposals
from manager.core.driver_releases import Pinned, Rules, candidate, standings
from manager.core.editions import Edition, IndexFile
from manager.core.hurting import Hurt, Weighed, hurt
from manager.core.lint import Finding
from tests.core.test_contracts import CONNECTOR, made

TODAY = date(2026, 11, 21)
PINNED = Pinned("jupyterlab:4.6-py3.13", "3.13", ("stub",), "stub", "1.0")
HOST = ParameterFact("host")
FINDING = Finding("region", "disposition", "high", "stub 3.0 ignores it")


def edition(version: str, month: int = 6) -> Edition:
    """Give a version with a wheel for everything, from the 20th of a month."""
    at = datetime(2026, month, 20, tzinfo=UTC)
    return Edition(Version(version), (IndexFile(f"stub-{version}-py3-none-any.whl", at),))


def weigh(pinned: Pinned, version: str) -> Weighed:
    """Say that 3.0 hurts, and that nobody has read 2.5."""
    if version == "3.0":
        return Weighed((Hurt("warehouse", (FINDING,)),))
    return Weighed(unread="solvent connector params stub --version 2.5") if version == "2.5" else Weighed()


def test_what_a_version_brings_hurts_and_what_was_so_before_does_not() -> None:
    """Nor does what is of less than high severity; of a connection that says nothing of it nobody speaks."""
    said = Connection("warehouse", "stub", (("host", "a"), ("region", "us")))
    plain = Connection("plain", "stub", (("host", "a"),))
    older = made(HOST, ParameterFact("region"), version="1.0")
    newer, newest = (made(HOST, version=version, unheard_of="ignored") for version in ("2.0", "3.0"))

    (one,) = hurt(CONNECTOR, (said, plain), newer, older)

    assert (one.connection, [each.parameter for each in one.findings]) == ("warehouse", ["region"])
    assert hurt(CONNECTOR, (said, plain), older, newer) == ()
    assert hurt(CONNECTOR, (said,), newest, newer) == ()
    assert hurt(CONNECTOR, (said,), newer, None)[0].connection == "warehouse"


def test_a_candidate_that_hurts_is_blocked_with_the_list() -> None:
    """The next one that hurts nobody is proposed in its place; without connections it is the newest."""
    known = (edition("2.0"), edition("2.5"), edition("3.0"))

    found = standings(known, PINNED, Rules(weigh=weigh), TODAY)

    assert [(one.version, one.state) for one in found] == [
        ("3.0", "blocked"),
        ("2.5", "candidate"),
        ("2.0", "candidate"),
    ]
    assert "it hurts saved connections: warehouse (region); region: stub 3.0 ignores it" in found[0].why
    assert found[0].to_json()["connections"] == [{"name": "warehouse", "findings": [FINDING.to_json()]}]
    assert "not known yet:  solvent connector params stub --version 2.5" in found[1].why
    (proposed,) = proposals({PINNED: found})
    assert proposed.version == "2.5"
    assert blocked({PINNED: found}) == (
        "stub 3.0 is blocked: it hurts saved connections: warehouse (region); region: stub 3.0 ignores it",
    )
    free = candidate(standings(known, PINNED, Rules(), TODAY))
    assert free is not None
    assert (free.version, blocked({PINNED: standings(known, PINNED, Rules(), TODAY)})) == ("3.0", ())


def test_a_parameter_that_was_ignored_and_is_refused_now_hurts() -> None:
    """A connection that worked does so no more; what both versions refuse keeps nobody from moving."""
    said = Connection("warehouse", "stub", (("host", "a"), ("region", "us")))
    ignores = made(HOST, version="2.0", unheard_of="ignored")
    refuses, still = (made(HOST, version=version, unheard_of="rejected") for version in ("3.0", "3.1"))

    assert [one.connection for one in hurt(CONNECTOR, (said,), refuses, ignores)] == ["warehouse"]
    assert hurt(CONNECTOR, (said,), still, refuses) == ()


def test_what_cools_down_goes_on_cooling_and_says_what_it_will_do() -> None:
    """A version that nobody can take yet blocks nothing."""
    (one,) = standings((edition("3.0", 11),), PINNED, Rules(weigh=weigh), TODAY)

    assert (one.state, "cooling until" in one.why, "warehouse (region)" in one.why) == ("cooling", True, True)
