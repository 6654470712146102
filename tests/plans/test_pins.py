"""A pinned build: it beats the channel, not a quarantine; it keeps bytes, not support (LIFECYCLE, rule 9)."""

from __future__ import annotations

from datetime import date

import pytest

from manager.core.observed import BuildStatus
from manager.errors import Refused, UsageError
from tests.fakes.world import World, catalog
from tests.plans.test_channels import candidate, line

FIVE = tuple(f"2026110{number}.1" for number in range(1, 6))


@pytest.fixture
def lined() -> World:
    """Give a world with bases and three promoted builds."""
    made = World(catalog=catalog("4"))
    made.bases()
    return line(made, *FIVE[:3])


def test_a_pin_beats_the_channel(lined: World) -> None:
    """The build that was named is launched, and the container says so; a rollback or a promotion does not move it."""
    plan = lined.launch(name="work", build=FIVE[0])

    assert plan.notes == ("build 20261101.1 is pinned: its bytes stay as long as the environment does",)
    lined.apply(plan)
    one = lined.environment("work")
    assert (one.version, one.pin, one.digest) == (FIVE[0], FIVE[0], lined.store.kept[0].digest)
    lined.apply(lined.rollback())
    assert lined.environment("work").digest == one.digest


def test_without_a_pin_the_channel_gives_the_build(lined: World) -> None:
    """The negative control."""
    lined.apply(lined.launch(name="work"))

    assert (lined.environment("work").version, lined.environment("work").pin) == (FIVE[2], "")


def test_a_pin_keeps_bytes(lined: World) -> None:
    """Past every later promotion, stopped, and past the day of removal."""
    lined.apply(lined.launch(name="work", build=FIVE[0]))
    line(lined, *FIVE[3:])
    lined.apply(lined.stop("work"))
    lined.today = date(2040, 1, 1)

    lined.apply(lined.prune())

    here = [one.version for one in lined.store.kept if lined.observe().present(one.digest)]
    assert here == [FIVE[0]]


def test_a_pin_does_not_beat_a_quarantine(lined: World) -> None:
    """Neither a launch nor a start."""
    lined.apply(lined.launch(name="work", build=FIVE[0]))
    lined.apply(lined.stop("work"))
    lined.apply(lined.quarantine(FIVE[0]))

    with pytest.raises(Refused, match="is quarantined"):
        lined.launch(name="other", build=FIVE[0])
    with pytest.raises(Refused, match="is quarantined"):
        lined.start("work")


def test_a_pin_keeps_no_support(lined: World) -> None:
    """Its release retires on the same day as for everybody; a start is refused from the same day on."""
    lined.apply(lined.launch(name="work", build=FIVE[0]))
    lined.apply(lined.stop("work"))
    dates = lined.catalog.releases[0].schedule
    lined.today = dates.create_block
    with pytest.raises(Refused, match="new environments are refused"):
        lined.launch(name="other", build=FIVE[0])

    lined.today = dates.restart_block

    with pytest.raises(Refused, match="restarts are refused"):
        lined.start("work")


@pytest.mark.parametrize(
    ("status", "says"),
    [
        (BuildStatus.TOMBSTONED, "is tombstoned"),
        (BuildStatus.FAILED, "has failed"),
        (BuildStatus.CANDIDATE, "is a cand"),
    ],
)
def test_what_is_not_good_is_not_pinned(lined: World, status: BuildStatus, says: str) -> None:
    """With what to do."""
    lined.store.set_status(lined.store.kept[0].digest, status, "")

    with pytest.raises(Refused, match=says) as caught:
        lined.launch(build=FIVE[0])
    assert caught.value.hint


def test_a_candidate_is_pinned_when_it_is_asked_for_as_one(lined: World) -> None:
    """As without a pin."""
    candidate(lined, "20261110.1")

    assert lined.launch(build="20261110.1", candidate=True).notes[0].startswith("build 20261110.1 is pinned")


def test_missing_bytes_of_a_pin_are_pulled_and_never_replaced(lined: World) -> None:
    """No other build is the one that was named."""
    lined.apply(lined.push("lab:4"))
    for number in (0, 2):
        lined.engine.remove_image(lined.store.kept[number].digest)

    with pytest.raises(Refused, match="are missing here, and no registry has them"):
        lined.launch(build=FIVE[0])
    assert "pull build" in [step.kind for step in lined.launch(build=FIVE[2]).steps]


def test_an_unknown_version(lined: World) -> None:
    """It is named, with what there is."""
    with pytest.raises(UsageError, match="lab:4 has no build '1'"):
        lined.launch(build="1")
