"""Quarantined versions: which decisions stand, what they forbid in locks and builds, and what they leave alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from manager.core.catalog import Place
from manager.core.components import Component
from manager.core.driver_decisions import DriverDecision, Forbidden, file_of
from manager.core.forbidding import barred, forbidden, forbidding, forbids, inside, is_asked, marked, standing
from manager.core.observed import Build, BuildStatus
from manager.core.wanted import wanted
from tests.fakes.world import catalog

DAY, TODAY = date(2026, 11, 20), date(2026, 11, 21)
BAD = "sha256:bad"


def made(kind: str = "quarantine", number: int = 1, **more: str) -> DriverDecision:
    """Give a decision of postgresql about psycopg 3.3.9."""
    place = Place(file_of(kind, "postgresql", DAY, number), 1)  # type: ignore[arg-type]
    said = {"dist": "psycopg", "version": "3.3.9", "advisory": "CVE-1"} | more
    return DriverDecision(kind, "postgresql", DAY, "it leaks", "ana", place, **said)  # type: ignore[arg-type]


def build(digest: str = BAD, status: BuildStatus = BuildStatus.PROMOTED) -> Build:
    """Give a build that was made from a lock."""
    inputs = (("kernel lock", "kernel-4"), ("base", "sha256:base"))
    return Build("lab:4", "20261101.1", digest, "spec", inputs, status, datetime(2026, 11, 1, tzinfo=UTC), 1)


@pytest.mark.parametrize(
    ("asked", "version", "meant"),
    [
        ("3.3.9", "3.3.9", True),
        ("3.3.9", "3.3.9.0", True),
        ("3.3.9", "3.3.10", False),
        ("3.3.9", "3.3.9.post1", False),
        ("<3.3.10", "3.3.9", True),
        ("<3.3.10", "3.3.10", False),
        (">=3.3,<3.3.10", "3.2.13", False),
        (">=3.3,<3.3.10", "3.3.1rc1", True),
        ("==3.3.*", "3.3.9", True),
        ("<3.3.10", "of the house", True),
        ("<0.1", "3.3.9", False),
        # The pre-releases of a bound come before it, its post-releases after it, and a local version is the same one.
        ("<3.3.10", "3.3.10rc1", True),
        ("<3.3.10", "3.3.10.dev1", True),
        ("<3.3.10", "3.3.10+local", False),
        ("<3.3.10", "1!3.3.9", False),
        ("<3.3.10rc2", "3.3.10rc1", True),
        ("<3.3.10rc1", "3.3.10rc1", False),
        (">3.3.9", "3.3.9.post1", True),
        (">3.3.9", "3.3.9+local", False),
        (">3.3.9", "3.3.10rc1", True),
        ("3.3.9", "3.3.9+local", True),
        ("===3.3.9", "3.3.9+local", False),
        (">=3.3,<3.3.10", "3.3.10rc1", True),
    ],
)
def test_a_version_is_forbidden_as_pep_440_says(asked: str, version: str, *, meant: bool) -> None:
    """One that cannot be compared is forbidden rather than not; a range that has nothing forbids nothing."""
    assert forbids(made(version=asked), "psycopg", version) is meant


def test_names_are_compared_as_the_index_does() -> None:
    """And another distribution is not meant."""
    one = made(dist="Psycopg_Binary")
    assert forbids(one, "psycopg-binary", "3.3.9")
    assert not forbids(one, "psycopg", "3.3.9")


def test_what_was_lifted_forbids_nothing_and_what_came_later_counts() -> None:
    """Of one day the order is that of their making; a decision of a later day does not hold yet."""
    one, other = made(), made(version="<3.2", number=2)
    lifted = made("unquarantine", 3, version="3.3.9", advisory="")
    assert standing([other, one], TODAY) == (one, other)
    assert standing([lifted, other, one], TODAY) == (other,)
    assert standing([lifted, other, one, made("unquarantine", 4, version="", advisory="")], TODAY) == ()
    assert standing([one, lifted, made(number=5)], TODAY) == (made(number=5),)
    assert standing([one], date(2026, 11, 19)) == ()
    assert standing([one, made("unquarantine", 2, dist="sqlalchemy", version="")], TODAY) == (one,)


def test_a_lock_is_told_what_of_it_is_forbidden() -> None:
    """Each hit names the decision; the sentence has the advisory and the file, and says how it is lifted."""
    pins = [("psycopg", "3.3.9"), ("sqlalchemy", "2.0.54")]
    hit = Forbidden("psycopg", "3.3.9", made())

    assert forbidden([made()], pins) == (hit,)
    assert forbidden([made(version="<0.1")], pins) == ()
    assert forbidding([made(version="<0.1"), made()], "psycopg", "3.3.9") == made()
    file = "connectors/decisions/2026-11-20-quarantine-postgresql.toml"
    assert str(hit) == f"psycopg 3.3.9 is quarantined for CVE-1: it leaks ({file}:1)"
    assert replace(hit, by=made(version="<3.3.10")).lift == (
        "solvent connector unquarantine postgresql --driver psycopg --version '<3.3.10' --reason TEXT"
    )


def test_builds_are_judged_by_what_was_read_inside_them() -> None:
    """The IDE's packages as well as the kernel's, and those of Python alone."""
    there = {
        "psycopg": [
            (BAD, Component("python", "psycopg", "3.3.9", "kernel")),
            ("sha256:ide", Component("python", "psycopg", "3.3.9", "ide")),
            ("sha256:good", Component("python", "psycopg", "3.3.10", "kernel")),
            ("sha256:npm", Component("npm", "psycopg", "3.3.9")),
        ]
    }
    found = inside([made()], lambda name: there.get(name, []))
    assert set(found) == {BAD, "sha256:ide"}
    assert found[BAD] == (Forbidden("psycopg", "3.3.9", made()),)


def test_a_build_with_a_forbidden_version_is_quarantined() -> None:
    """Its reason names the decision; others stay as they are, and so does what is over already."""
    hits = {BAD: (Forbidden("psycopg", "3.3.9", made()),)}
    listed = frozenset((BAD, "sha256:good"))
    failed = build(status=BuildStatus.FAILED)

    bad, good, over = barred([build(), build("sha256:good"), failed], [made()], hits, listed, {})
    assert (bad.status, bad.forbidden, bad.reason) == (BuildStatus.QUARANTINED, hits[BAD], str(hits[BAD][0]))
    assert good == build("sha256:good")
    assert over == failed


def test_where_nobody_looked_inside_the_lock_counts_that_it_was_made_from() -> None:
    """But what was read inside is surer: a build without the version is free whatever a lock says."""
    locks = {"kernel-4": (Forbidden("psycopg", "3.3.9", made()),)}

    assert barred([build()], [made()], {}, frozenset(), locks)[0].forbidden == locks["kernel-4"]
    assert barred([build()], [made()], {}, frozenset((BAD,)), locks) == (build(),)
    assert barred([build()], [made()], {}, frozenset(), {"kernel-4": ()}) == (build(),)


def test_where_the_lock_has_moved_as_well_everything_may_be_inside() -> None:
    """Until somebody reads it; what no lock of Python packages went into is not judged by any."""
    (one,) = barred([build()], [made()], {}, frozenset(), {"kernel-5": ()})

    assert (one.status, one.forbidden) == (BuildStatus.QUARANTINED, (Forbidden("psycopg", "", made()),))
    assert one.reason.startswith("nobody has read what is inside, and its lock has moved since: psycopg 3.3.9 is")
    assert one.forbidden[0].named == "psycopg 3.3.9 perhaps (CVE-1)"
    assert barred([build()], [made()], {}, frozenset((BAD,)), {"kernel-5": ()}) == (build(),)
    adopted = replace(build(), inputs=(("base", "sha256:base"),))
    assert barred([adopted], [made()], {}, frozenset(), {}) == (adopted,)


def test_the_reason_of_a_quarantine_of_its_own_stays() -> None:
    """And what is forbidden inside stands beside it."""
    hits = {BAD: (Forbidden("psycopg", "3.3.9", made()),)}
    own = replace(build(status=BuildStatus.QUARANTINED), reason="wrong results")
    assert barred([own], [made()], hits, frozenset((BAD,)), {})[0] == replace(own, forbidden=hits[BAD])


def test_locks_of_a_catalog_are_marked_and_read_only_where_a_quarantine_stands() -> None:
    """Without a quarantine no lock is looked into."""
    read: list[str] = []

    def pins(lock: object) -> list[tuple[str, str]]:
        read.append(lock.path)  # type: ignore[attr-defined]
        return [("psycopg", "3.3.9" if "/4/kernel" in lock.path else "3.3.10")]  # type: ignore[attr-defined]

    plain = catalog("4", "3")
    assert marked(plain, pins, TODAY) is plain
    assert not read
    found = marked(replace(plain, driver_decisions=(made(),)), pins, TODAY)
    hits = {lock.path: lock.forbidden for release in found.releases for lock in release.locks if lock.forbidden}
    assert hits == {"/catalog/4/kernel.lock": (Forbidden("psycopg", "3.3.9", made()),)}
    assert len(read) == 4


@pytest.mark.parametrize(
    ("banned", "asked", "meant"),
    [
        ("3.3.9", "psycopg==3.3.9", True),
        ("3.3.9", "Psycopg", True),
        ("3.3.9", "psycopg=3.3", True),
        ("3.3.9", "psycopg=3.2", False),
        ("3.3.9", "psycopg<4", True),
        ("3.3.9", "psycopg<3.3.9", False),
        ("3.3.9", "psycopg!=3.3.9", False),
        ("3.3.9", "psycopg==3.3.*", True),
        ("3.3.9", "psycopg-binary==3.3.9", False),
        ("<3.5", "psycopg>3", True),
        ("<3.5", "psycopg==1", True),
        ("<3.5", "psycopg>=3.5", False),
        (">3", "psycopg<4", True),
        (">=3.3,<3.3.10", "psycopg==3.3.10", False),
    ],
)
def test_a_package_that_is_asked_about_is_what_a_quarantine_forbids(banned: str, asked: str, meant: bool) -> None:
    """Where both ranges can be met by one version; another package never is."""
    assert is_asked(made(version=banned), wanted(asked)) is meant
