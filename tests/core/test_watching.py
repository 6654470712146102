"""What is proposed of what came out upstream."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from manager.core.components import Component
from manager.core.following import drawn, wanted
from manager.core.watching import Published, base_candidate, line_of, newer_ides, next_line, pending, watched
from manager.errors import Refused, UsageError
from tests.fakes.world import TODAY, catalog, release

LAB = ("python", "lab")


def published(*versions: str) -> dict[tuple[str, str], tuple[Published, ...]]:
    """Give what an index has; each came out a day after the one before."""
    return {LAB: tuple(Published(version, date(2026, 11, day)) for day, version in enumerate(versions, 1))}


def having(*lines: tuple[str, str, str]) -> object:
    """Give a catalog whose releases have these lines, requirements and locked versions."""
    base = catalog()
    releases = tuple(
        replace(release("4"), line=line, ide_requirement=requirement, ide_version=version)
        for line, requirement, version in lines
    )
    return replace(base, families=(replace(base.families[0], releases=releases),))


def test_a_newer_line_is_proposed_with_its_first_day_and_its_predecessor() -> None:
    """Only the newest of several; pre-releases do not count; what to type scaffolds it."""
    here = having(("4.5-py3.13", "lab==4.5.*", "4.5.1"), ("4.6-py3.13", "lab==4.6.*", "4.6.0"))

    found = newer_ides(here, published("4.6.0", "4.7.0", "4.8.0rc1", "4.8.0", "4.8.1", "4.9.0b1"), TODAY)  # type: ignore[arg-type]

    (one,) = (each for each in found if each.kind == "release")
    assert (one.subject, one.version, one.day) == ("lab:4.8-py3.13", "4.8.1", date(2026, 11, 4))
    assert one.pay == "solvent image new lab:4.8-py3.13 --from-release lab:4.6-py3.13"
    assert "1 lines lie between" in one.why


def test_a_newer_version_within_a_line_is_a_lock() -> None:
    """For each release whose lock has an older one; an exact requirement is the catalog's own decision."""
    here = having(("4.6-py3.13", "lab==4.6.*", "4.6.0"), ("4.5-x", "lab==4.5.1", "4.5.1"), ("4.4-x", "lab==4.4.*", ""))

    found = newer_ides(here, published("4.4.9", "4.5.2", "4.6.0", "4.6.10", "4.6.9"), TODAY)  # type: ignore[arg-type]

    assert [(one.kind, one.subject, one.version, one.pay) for one in found] == [
        ("version", "lab:4.6-py3.13", "4.6.10", "solvent image lock lab:4.6-py3.13 --upgrade lab")
    ]


@pytest.mark.parametrize("said", [(), ("4.6.0",), ("nonsense",), ("5.0a1",)])
def test_nothing_newer_proposes_nothing(said: tuple[str, ...]) -> None:
    """The negative control; neither does what nobody asked."""
    here = having(("4.6-py3.13", "lab==4.6.*", "4.6.0"))

    assert newer_ides(here, published(*said), TODAY) == ()  # type: ignore[arg-type]
    assert newer_ides(here, {}, TODAY) == ()  # type: ignore[arg-type]


def test_retired_families_are_left_alone() -> None:
    """Nobody launches from them."""
    base = catalog("0")
    releases = (replace(base.families[0].releases[0], ide_requirement="lab==4.2.*", ide_version="4.2.0"),)
    here = replace(base, families=(replace(base.families[0], releases=releases),))

    assert newer_ides(here, published("4.9.0"), TODAY) == ()


def test_updates_of_a_base_are_told_by_what_is_inside() -> None:
    """Debian's order of versions; security fixes come first; other ecosystems have other ways."""
    inside = (
        Component("debian", "git", "1:2.9-1"), Component("debian", "libc6", "2.41-12"), Component("debian", "own", "9"),
        Component("debian", "openssl", "3.5.1-1"), Component("python", "git", "1", "kernel"),
    )  # fmt: skip
    security = {"openssl": "3.5.1-1+deb13u1"}
    found = pending(inside, {"git": "1:2.10-1", "libc6": "2.41-12", "openssl": "3.5.1-1"}, security)

    assert found == (("git", "1:2.9-1", "1:2.10-1"), ("openssl", "3.5.1-1", "3.5.1-1+deb13u1"))
    one = base_candidate("trixie", ("lab:4",), found, security)
    assert one.why == (
        "2 packages of lab:4 have updates, 1 of them security fixes: openssl 3.5.1-1 -> 3.5.1-1+deb13u1, "
        "git 1:2.9-1 -> 1:2.10-1"
    )
    assert one.pay == "solvent image build --fresh-base lab:4"


@pytest.mark.parametrize(
    ("requirement", "numbers"),
    [("lab==4.6.*", (4, 6)), ("lab==4.6.2", (4, 6)), ("lab==4.*", (4,)), ("lab>=4", ()), ("lab", ())],
)
def test_the_line_of_an_ide_is_read_from_its_requirement(requirement: str, numbers: tuple[int, ...]) -> None:
    """One exact version stands for its line; a release that names none is not watched."""
    one = replace(release("4"), line="x", ide_requirement=requirement)

    assert line_of(one) == numbers
    family = replace(catalog().families[0], releases=(one,))
    assert bool(watched(family)) == bool(numbers)


def test_lines_are_named_like_their_predecessors() -> None:
    """The numbers change, the rest stays; without them in the name the Python stands behind."""
    model = replace(release("4"), ide_requirement="lab==4.6.*")

    assert next_line(replace(model, line="4.6-py3.13-slim"), (4, 7)) == "4.7-py3.13-slim"
    assert next_line(replace(model, line="autumn"), (4, 7)) == "4.7-py3.13"


def test_what_follows_is_like_what_it_follows() -> None:
    """Its IDE's line and its day are its own; the old one names it unless its successor can be launched."""
    here = having(("4.6-py3.13", "lab==4.6.*", "4.6.0"))
    asked = wanted(here, "lab:4.7-py3.13", "lab:4.6-py3.13", "")  # type: ignore[arg-type]

    one = drawn(here, asked, date(2026, 11, 2), TODAY)  # type: ignore[arg-type]

    assert (one.name, one.ide, one.python, one.system) == ("lab:4.7-py3.13", "lab==4.7.*", "3.13", "trixie")
    assert (one.released, one.succeeds, one.file) == (date(2026, 11, 2), True, "images/lab/family.toml")


@pytest.mark.parametrize(
    ("name", "after", "python", "error", "says"),
    [
        ("lab:4.7", "lab:9", "", UsageError, "no release 'lab:9'"),
        ("other:4.7", "lab:4.6-py3.13", "", UsageError, "does not follow"),
        ("lab:new", "lab:4.6-py3.13", "", UsageError, "does not follow"),
        ("lab:4.6-py3.13", "lab:4.6-py3.13", "", Refused, "is there already"),
        ("lab:4.7", "lab:4.6-py3.13", "3.99", UsageError, "no system of this catalog has Python 3.99"),
    ],
)
def test_names_that_do_not_fit_are_told(name: str, after: str, python: str, error: type, says: str) -> None:
    """With what would fit."""
    here = having(("4.6-py3.13", "lab==4.6.*", "4.6.0"))

    with pytest.raises(error, match=says) as caught:
        drawn(here, wanted(here, name, after, python), TODAY, TODAY)  # type: ignore[arg-type]
    assert caught.value.hint
