"""What stands between a pinned driver and each newer version: one state each, with its reason."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from manager.core.catalog import Place
from manager.core.cooling import age
from manager.core.driver_decisions import DriverDecision, file_of
from manager.core.driver_proposals import cooling, lost, proposals
from manager.core.driver_releases import Pinned, Rules, Standing, candidate, standings, there
from manager.core.editions import IndexFile, behind, edition, editions, newest
from manager.core.index_answers import files_of, firsts
from manager.core.libyears import YEAR, libyears
from manager.core.lifecycle import Period

TODAY = date(2026, 11, 21)
OLD = datetime(2026, 10, 1, 12, tzinfo=UTC)
PIN = Pinned("lab:4", "3.13", ("pg",), "driver", "1.0")


def file(name: str, at: datetime | None = OLD, **more: object) -> IndexFile:
    """Give a file of an index."""
    return IndexFile(name, at, **more)  # type: ignore[arg-type]


def pure(version: str, at: datetime | None = OLD, **more: object) -> IndexFile:
    """Give a wheel for every machine."""
    return file(f"driver-{version}-py3-none-any.whl", at, **more)


def judged(
    *files: IndexFile, rules: Rules | None = None, pinned: Pinned = PIN, day: date = TODAY
) -> tuple[Standing, ...]:
    """Judge what is newer than the pin."""
    return standings(editions(files), pinned, rules or Rules(), day)


def decision(kind: str, **more: object) -> DriverDecision:
    """Give a decision about the connector."""
    day = more.pop("day", date(2026, 11, 1))
    place = Place(file_of(kind, "pg", day), 1)  # type: ignore[arg-type]
    return DriverDecision(kind, "pg", day, "because", "ana", place, **more)  # type: ignore[arg-type]


def test_what_is_old_and_fits_is_a_candidate_and_nothing_older_is_looked_at() -> None:
    """The newest comes first; the pin itself and what is below it are not judged."""
    found = judged(pure("0.9"), pure("1.0"), pure("1.1"), pure("1.10"))

    assert [(one.version, one.state) for one in found] == [("1.10", "candidate"), ("1.1", "candidate")]
    assert candidate(found) == found[0]
    assert found[0].released == date(2026, 10, 1)
    assert not judged(pure("1.0"))
    assert not judged(pure("2.0"), pinned=replace(PIN, version="no version"))


@pytest.mark.parametrize(
    ("files", "why"),
    [
        ((pure("2.0", yanked=True, why="it eats rows"),), "yanked: it eats rows"),
        ((pure("2.0", yanked=True),), "yanked, without a reason"),
        ((pure("2.0rc1"),), "a pre-release"),
        ((pure("2.0.dev1"),), "a pre-release"),
        ((pure("2.0", requires_python=">=3.14"),), "dropped Python 3.13: needs >=3.14"),
        ((pure("2.0", requires_python="<3.13"),), "dropped Python 3.13: needs <3.13"),
        ((file("driver-2.0.tar.gz"),), "no wheel for CPython 3.13 on x86_64 and aarch64 (glibc)"),
        (
            (file("driver-2.0-cp313-cp313-manylinux_2_28_x86_64.whl"),),
            "no wheel for CPython 3.13 on aarch64 (glibc)",
        ),
        (
            (
                file("driver-2.0-cp313-cp313-musllinux_1_2_x86_64.whl"),
                file("driver-2.0-cp313-cp313-manylinux_2_17_aarch64.whl"),
            ),
            "no wheel for CPython 3.13 on x86_64 (glibc)",
        ),
        (
            (
                file("driver-2.0-cp312-cp312-manylinux_2_17_x86_64.whl"),
                file("driver-2.0-cp312-cp312-manylinux_2_17_aarch64.whl"),
            ),
            "no wheel for CPython 3.13 on x86_64 and aarch64 (glibc)",
        ),
    ],
)
def test_what_cannot_be_had_is_rejected_with_the_reason(files: tuple[IndexFile, ...], why: str) -> None:
    """Taken back, for another Python, for another machine, or not meant for everybody."""
    (one,) = judged(*files)

    assert (one.state, one.why) == ("rejected", why)


@pytest.mark.parametrize(
    "files",
    [
        (pure("2.0", requires_python=">=3.9,!=3.13.0"),),
        (pure("2.0", requires_python="nonsense"),),
        (pure("2.0"), file("driver-2.0.tar.gz", yanked=True, why="broken")),
        (
            file("driver-2.0-cp313-cp313-manylinux_2_17_x86_64.manylinux2014_x86_64.whl"),
            file("driver-2.0-cp39-abi3-manylinux_2_28_aarch64.whl"),
        ),
    ],
)
def test_what_can_be_had_is_not_rejected(files: tuple[IndexFile, ...]) -> None:
    """The negative control of each rule: some patch release, some file, some wheel for each machine is enough."""
    assert [one.state for one in judged(*files)] == ["candidate"]


def test_a_driver_for_one_machine_needs_no_wheel_for_others() -> None:
    """Where the catalog says so; without its own wheel it is rejected, and the other machine is not named."""
    pinned = replace(PIN, machines=("x86_64",))
    wheel = "driver-2.0-cp313-cp313-manylinux_2_28_{}.whl".format

    (fit,) = judged(file(wheel("x86_64")), pinned=pinned)
    (unfit,) = judged(file(wheel("aarch64")), pinned=pinned)

    assert (fit.state, fit.why[:9]) == ("candidate", "its files")
    assert unfit.why == "no wheel for CPython 3.13 on x86_64 (glibc)"


def test_a_release_that_asks_for_less_keeps_what_is_above_back() -> None:
    """By its own requirement, and only that."""
    pinned = replace(PIN, asked=SpecifierSet("<2"))

    found = judged(pure("2.0"), pure("1.5"), pinned=pinned)

    assert [(one.version, one.state) for one in found] == [("2.0", "rejected"), ("1.5", "candidate")]
    assert found[0].why == "lab:4 asks for driver<2"


def test_a_version_cools_for_the_days_of_the_policy() -> None:
    """On the day named it is a candidate; the youngest file that would be installed counts."""
    late = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)
    wheel = "driver-2.0-cp313-cp313-manylinux_2_17_{}.whl".format

    (one,) = judged(file(wheel("x86_64"), OLD), file(wheel("aarch64"), late))

    assert (one.state, one.until) == ("cooling", date(2026, 11, 27))
    assert one.why == "cooling until 2026-11-27: its files came on 2026-11-20, and P7D have to pass"
    assert judged(pure("2.0", late), day=date(2026, 11, 26))[0].state == "cooling"
    assert judged(pure("2.0", late), day=date(2026, 11, 27))[0].state == "candidate"
    assert judged(pure("2.0", late), rules=Rules(cool_down=Period(days=0)))[0].state == "candidate"
    # A source archive that came later is not what is installed.
    assert judged(pure("2.0"), file("driver-2.0.tar.gz", late))[0].state == "candidate"


def test_an_unknown_age_is_seen_and_not_waited_for() -> None:
    """One file without a time is enough; what has no file has no age."""
    (one,) = judged(pure("2.0", None))

    assert (one.state, one.released) == ("candidate", None)
    assert "age is unknown" in one.why
    assert age([]).cooled is None
    assert not age([pure("2.0"), pure("2.0", None)]).cools(TODAY)


def test_an_exception_lets_one_version_past_the_cool_down_until_its_day() -> None:
    """Of that distribution, that version and that connector; it says who, and for which advisory."""
    young = pure("2.0", datetime(2026, 11, 20, tzinfo=UTC))
    one = decision(
        "exception", dist="Driver", version="2.0.0", advisory="GHSA-1", until=date(2026, 11, 24), day=date(2026, 11, 20)
    )

    (found,) = judged(young, rules=Rules((one,)))

    assert found.state == "candidate"
    assert found.why == "ana excepts it from the cool-down until 2026-11-24 for GHSA-1: because"
    for other in (
        replace(one, version="2.1"), replace(one, dist="other"), replace(one, subject="mysql"),
        replace(one, until=TODAY), replace(one, day=date(2026, 11, 22)), replace(one, version="?"),
    ):  # fmt: skip
        assert judged(young, rules=Rules((other,)))[0].state == "cooling"


def test_a_hold_keeps_everything_newer_back_with_its_words() -> None:
    """What cannot be had at all says that first."""
    one = decision("hold", until=date(2026, 12, 1))

    found = judged(pure("2.0"), pure("3.0", yanked=True), rules=Rules((one,)))

    assert [each.state for each in found] == ["rejected", "held"]
    assert found[1].why == "held by ana since 2026-11-01 until 2026-12-01: because"
    assert found[1].until == date(2026, 12, 1)
    assert judged(pure("2.0"), rules=Rules((one,)), day=date(2026, 12, 1))[0].state == "candidate"


def test_a_hold_for_a_version_ends_once_the_index_has_it() -> None:
    """A pre-release, and one that was taken back, do not count."""
    known = {"other": editions([file("other-1.9-py3-none-any.whl"), file("other-2.0rc1-py3-none-any.whl")])}
    rules = Rules((decision("hold", until_version="other>=2"),), there=lambda text: there(known["other"], text))

    assert judged(pure("2.0"), rules=rules)[0].why.startswith("held by ana since 2026-11-01 until there is other>=2")
    known["other"] = editions([file("other-2.0-py3-none-any.whl", yanked=True)])
    assert judged(pure("2.0"), rules=rules)[0].state == "held"
    known["other"] = editions([file("other-2.1-py3-none-any.whl")])
    assert judged(pure("2.0"), rules=rules)[0].state == "candidate"


def test_one_proposal_is_for_all_releases_that_can_take_the_same() -> None:
    """With the command for all of them; what cools is a line, what is held or rejected neither."""
    five = replace(PIN, release="lab:5", version="1.1", connectors=("pg", "redshift"))
    three = replace(PIN, release="lab:3", python="3.9")
    files = editions(
        [pure("1.2", requires_python=">=3.10"), pure("1.1"), pure("1.3", datetime(2026, 11, 19, tzinfo=UTC))]
    )
    found = {one: standings(files, one, Rules(), TODAY) for one in (PIN, five, three)}

    first, second = proposals(found, " --catalog own")

    assert (first.kind, first.subject, first.version, first.releases) == ("driver", "driver", "1.1", ("lab:3",))
    assert second.releases == ("lab:4", "lab:5")
    assert second.connectors == ("pg", "redshift")
    assert second.pay == "solvent image lock lab:4 lab:5 --upgrade driver --catalog own"
    assert second.why.startswith("driver 1.2 came out on 2026-10-01, lab:4, lab:5 have 1.0 and 1.1; its files")
    assert cooling(found) == ("driver 1.3 cools down until 2026-11-26, for 3 releases",)
    assert proposals({PIN: judged(pure("2.0"), rules=Rules((decision("hold", until=date(2027, 1, 1)),)))}) == ()


def test_pins_that_were_taken_back_or_vanished_are_said() -> None:
    """Once for all releases; what the index has, and what was never asked about, is not."""
    pins = (PIN, replace(PIN, release="lab:5"), replace(PIN, release="lab:3", version="0.9"))

    assert lost({"driver": editions([pure("1.0", yanked=True, why="it eats rows")])}, pins) == (
        "driver 0.9, which 1 release pins, is not on the index any more",
        "driver 1.0, which 2 releases pin, was yanked: it eats rows",
    )
    assert lost({"driver": editions([pure("1.0"), pure("0.9")])}, pins) == ()
    assert lost({}, pins) == ()


def test_libyears_are_years_between_two_versions() -> None:
    """Of an older line that got a fix later there are none; what is not known is not counted."""
    assert libyears(date(2024, 1, 1), date(2026, 1, 1)) == pytest.approx(731 / YEAR, abs=0.005)
    assert libyears(date(2026, 1, 1), date(2025, 1, 1)) == 0
    assert libyears(None, TODAY) is libyears(TODAY, None) is None


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(0, 5000), st.integers(0, 5000))
def test_libyears_grow_with_the_days(day: date, one: int, other: int) -> None:
    """Never below zero, and never less for a later day."""
    less, more = sorted((one, other))
    first, second = libyears(day, day + timedelta(days=less)), libyears(day, day + timedelta(days=more))

    assert first is not None
    assert second is not None
    assert 0 <= first <= second


@given(
    st.lists(
        st.tuples(
            st.sampled_from(
                ["stub-1.0-py3-none-any.whl", "stub-1.0.tar.gz", "stub-2.0.tar.gz", "stub-2.0.zip", "?.txt"]
            ),
            st.none() | st.integers(1, 28),
            st.booleans(),
        )
    ),
    st.sampled_from(["Z", "+02:00"]),
)
def test_what_a_list_reads_of_an_answer_says_the_same_of_each_version(
    rows: list[tuple[str, int | None, bool]], zone: str
) -> None:
    """When it came, whether it was taken back, and which is the newest, of a few files; half an answer is none."""
    files = [
        {"filename": name, "yanked": yanked, **({"upload-time": f"2026-10-{day:02}T01:00:00{zone}"} if day else {})}
        for name, day, yanked in rows
    ]

    few, every = editions(firsts(json.dumps({"files": files}))), editions(files_of({"files": files}))

    assert [(one.version, one.released, one.yanked, one.stable) for one in few] == [
        (one.version, one.released, one.yanked, one.stable) for one in every
    ]
    assert firsts("") == firsts("[]") == firsts('{"files": [') == ()


@given(st.permutations([pure("1.0"), pure("1.1"), pure("1.2rc1"), pure("2.0", yanked=True), file("no name")]))
def test_editions_do_not_depend_on_the_order_of_files(files: list[IndexFile]) -> None:
    """The newest first; the newest stable one is neither a pre-release nor taken back."""
    found = editions(files)

    assert [str(one.version) for one in found] == ["2.0", "1.2rc1", "1.1", "1.0"]
    assert newest(found) == edition(found, "1.1")
    assert behind(found, "1.0") == 1
    assert behind(found, "?") is edition(found, "?") is None
    assert found[0].yanked
    assert found[2].version == Version("1.1")


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["0.9", "1.0", "1.1", "2.0", "2.1rc1", "3.0"]),
            st.integers(0, 30),
            st.booleans(),
            st.sampled_from(["", ">=3.9", ">=3.14"]),
        ),
        max_size=12,
    ),
    st.integers(0, 30),
)
def test_a_candidate_breaks_no_rule(rows: list[tuple[str, int, bool, str]], cool: int) -> None:
    """Whatever an index says: it is newer than the pin, for everybody, for this Python, and old enough."""
    files = [
        pure(
            version, datetime(2026, 11, 21, tzinfo=UTC) - timedelta(days=days), yanked=yanked, requires_python=requires
        )
        for version, days, yanked, requires in {row[0]: row for row in rows}.values()
    ]
    known = editions(files)

    for one in standings(known, PIN, Rules(cool_down=Period(days=cool)), TODAY):
        mine = edition(known, one.version)
        assert mine is not None
        assert mine.version > Version("1.0")
        assert one.why
        if one.state == "candidate":
            (kept,) = mine.files
            assert mine.stable
            assert kept.requires_python != ">=3.14"
            assert kept.at is not None
            assert (TODAY - kept.at.date()).days >= cool


@pytest.mark.parametrize(
    ("name", "version"),
    [
        ("driver-1.2-py3-none-any.whl", "1.2"),
        ("driver-1.2-1-cp313-cp313-linux_x86_64.whl", "1.2"),
        ("my-driver-1.2.tar.gz", "1.2"),
        ("driver-1.2.zip", "1.2"),
        ("driver-1.2-py3-none.whl", ""),
        ("driver-x-py3-none-any.whl", ""),
        ("driver-1.2.exe", ""),
        ("driver-1.2-py3.9.egg", ""),
        ("driver.tar.gz", ""),
    ],
)
def test_a_files_name_says_its_version(name: str, version: str) -> None:
    """As packaging reads it; what has another form is no file of a version."""
    assert [str(one.version) for one in editions([file(name)])] == ([version] if version else [])
