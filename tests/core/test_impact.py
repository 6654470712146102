"""Who is hit by a release, a build, a component: remaining and moved, per owner."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from manager.core.catalog import Place
from manager.core.impact import Impact, Once, Stray, Subject, impact, to_json
from manager.core.observed import Build, BuildStatus, Environment
from manager.core.overrides import Override
from manager.core.wanted import wanted
from manager.errors import UsageError
from tests.fakes.world import TODAY, catalog

CATALOG = catalog()
MADE = datetime(2026, 11, 1, tzinfo=UTC)


def build(release: str, version: str = "1") -> Build:
    """Give a build whose digest says what it is."""
    return Build(release, version, f"sha256:{release}-{version}", "s", (), BuildStatus.PROMOTED, MADE, 1)


BUILDS = (build("lab:2"), build("lab:2", "2"), build("lab:4"), build("lab:1"))


def environment(owner: str, name: str, of: str = "lab:2", version: str = "1") -> Environment:
    """Give an environment on a build."""
    digest = f"sha256:{of}-{version}"
    return Environment(name, owner, of, version, digest, f"c-{owner}-{name}", "running", 20000, name, (), (), MADE)


HERE = (
    environment("ana", "a"),
    environment("ana", "b", version="2"),
    environment("ben", "a", "lab:4"),
    environment("eva", "a", "lab:1"),
)


def shares(found: Impact) -> dict[str, tuple[list[str], list[tuple[str, str]]]]:
    """Give what remains and what moved by owner."""
    return {one.owner: ([each.name for each in one.remaining], list(one.moved)) for one in found.shares}


def test_a_release_has_those_who_are_on_it_and_those_who_left() -> None:
    """What was there before, by upgrades and by what owners were told, is not there twice."""
    earlier = [
        Once("ben", "a", "lab:2", "1", "sha256:lab:2-1"),
        Once("ben", "a", "lab:2"),
        Once("ana", "a", "lab:2"),
        Once("ana", "gone", "lab:2"),
        Once("eva", "a", "lab:0"),
    ]

    found = impact(CATALOG, HERE, BUILDS, Subject("lab:2", "lab:2"), TODAY, earlier=earlier)

    assert shares(found) == {"ana": (["a", "b"], [("gone", "")]), "ben": ([], [("a", "lab:4")])}
    assert (found.remaining, found.moved) == (2, 2)
    (hit,) = found.hits
    assert (hit.release.name, hit.successor, hit.environments) == ("lab:2", "lab:4", 2)
    assert [(one.version, number) for one, number in hit.builds] == [("1", 1), ("2", 1)]


def test_one_build_has_its_own() -> None:
    """Another build of the same release is where somebody moved to."""
    earlier = [Once("ana", "b", "lab:2", "1", "sha256:lab:2-1"), Once("ana", "b", "lab:2")]

    found = impact(CATALOG, HERE, BUILDS, Subject("lab:2@1", "lab:2", "1"), TODAY, earlier=earlier)

    assert shares(found) == {"ana": (["a"], [("b", "lab:2")])}


def test_a_release_nobody_uses_is_still_answered() -> None:
    """It stands there with its dates, and nobody beside it."""
    found = impact(CATALOG, HERE, BUILDS, Subject("lab:3", "lab:3"), TODAY)

    assert ([hit.release.name for hit in found.hits], found.shares) == (["lab:3"], ())


def test_a_component_that_releases_stand_on_goes_across_them() -> None:
    """python=3.11 are all releases on it, whatever was built; the one on 3.13 is not hit."""
    found = impact(CATALOG, HERE, BUILDS, Subject("python=3.11", wanted=wanted("python=3.11")), TODAY)

    assert [hit.release.name for hit in found.hits] == ["lab:0", "lab:00", "lab:1", "lab:2", "lab:3"]
    assert shares(found) == {"ana": (["a", "b"], []), "eva": (["a"], [])}


def test_a_component_that_nothing_has_is_told_from_one_that_nobody_uses() -> None:
    """With the versions that there are: a slip of the pen is no answer."""

    def notes(text: str) -> tuple[str, ...]:
        inside = {"sha256:lab:2-1": ("1.26.4",), "sha256:lab:4-1": ("2.4.0",)} if "numpy" in text else {}
        listed = frozenset(one.digest for one in BUILDS)
        return impact(
            CATALOG, HERE, BUILDS, Subject(text, wanted=wanted(text)), TODAY, inside=inside, listed=listed
        ).notes

    assert notes("numpy=3") == ("no release and no build has numpy=3; there are 1.26.4, 2.4.0",)
    assert notes("nmpy") == ("no release and no build has nmpy",)
    assert notes("python=2.7")[0].startswith("no release and no build has python=2.7; there are 3.")
    assert notes("numpy<2") == notes("python=3.11") == notes("python=3.*") == ()


def test_a_package_is_looked_up_in_what_is_inside() -> None:
    """Only builds that have it in such a version; those that nobody has listed are said."""
    inside = {"sha256:lab:2-1": ("1.26.4",), "sha256:lab:2-2": ("2.1.0",), "sha256:lab:4-1": ("1.20.0", "2.0")}
    listed = frozenset(inside)

    found = impact(
        CATALOG, HERE, BUILDS, Subject("numpy<2", wanted=wanted("numpy<2")), TODAY, inside=inside, listed=listed
    )

    assert shares(found) == {"ana": (["a"], []), "ben": (["a"], [])}
    assert [(hit.release.name, [one.version for one, _ in hit.builds]) for hit in found.hits] == [
        ("lab:2", ["1"]),
        ("lab:4", ["1"]),
    ]
    assert found.notes == ("nobody has listed the components of 1 builds, so they are left out",)


def test_extensions_and_strays_are_shown() -> None:
    """Those that hold and touch what is asked about."""
    place = Place("images/overrides/x.toml", 1)
    extension = Override("extend", "lab:2", date(2026, 11, 1), "exam", "eva", place, date(2027, 2, 1))
    over = Override("extend", "lab:2", date(2026, 1, 1), "old", "eva", place, date(2026, 2, 1))
    other = Override("extend", "lab:4", date(2026, 11, 1), "x", "eva", place, date(2029, 2, 1))
    extended = replace(CATALOG, overrides=(extension, over, other))
    stray = Stray("jupyter-eva", "eva", "runs an image of lab:2")

    found = impact(extended, HERE, BUILDS, Subject("lab:2", "lab:2"), TODAY, strays=(stray,))
    shown = to_json(found)

    assert found.extensions == (extension,)
    assert shown["extensions"] == [{"subject": "lab:2", "until": "2027-02-01", "reason": "exam", "by": "eva"}]
    assert shown["unmanaged"] == [{"name": "jupyter-eva", "owner": "eva", "what": "runs an image of lab:2"}]
    assert shown["totals"] == {"owners": 1, "remaining": 2, "moved": 0}


def test_an_environment_of_a_lost_release_is_not_lost() -> None:
    """Its release is not in the catalog any more: it counts, and that is said."""
    found = impact(CATALOG, (environment("ana", "a", "lab:9"),), (), Subject("lab:9", "lab:9"), TODAY)

    assert shares(found) == {"ana": (["a"], [])}
    assert found.notes == ("no longer in the catalog: lab:9",)


@given(
    places=st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from("xyz"), st.sampled_from(["lab:2", "lab:4"]))),
    earlier=st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from("xyz"))),
)
def test_nobody_both_remains_and_has_moved(places: list[tuple[str, str, str]], earlier: list[tuple[str, str]]) -> None:
    """Each environment that was or is on the release is counted exactly once."""
    now = {(owner, name): environment(owner, name, of) for owner, name, of in places}
    was = [Once(owner, name, "lab:2") for owner, name in earlier]

    found = impact(CATALOG, tuple(now.values()), BUILDS, Subject("lab:2", "lab:2"), TODAY, earlier=was)

    on = {key for key, one in now.items() if one.release == "lab:2"}
    assert found.remaining == len(on)
    assert found.moved == len(set(earlier) - on)


@pytest.mark.parametrize(
    ("asked", "yes", "no"),
    [
        ("python=3.9", ("3.9", "3.9.2", "3.9-1"), ("3.90", "3.11")),
        ("numpy<2", ("1.26.4",), ("2.0", "2.0rc1", "not a version")),
        ("numpy", ("1", "anything"), ()),
        ("libc6=2.41", ("2.41-12",), ("2.4",)),
        ("@scope/name=1", ("1.0.0",), ("10.0.0",)),
        ("pandas>=2,<3", ("2.3",), ("3.0",)),
    ],
)
def test_components_are_asked_for_as_people_write_them(asked: str, yes: tuple[str, ...], no: tuple[str, ...]) -> None:
    """A name, how its version begins, or a range."""
    component = wanted(asked)

    assert all(map(component.matches, yes))
    assert not any(map(component.matches, no))


@pytest.mark.parametrize("text", ["", "=3.9", "two words", "numpy<", "numpy<<2"])
def test_what_cannot_be_read_is_refused(text: str) -> None:
    """With how it is written."""
    with pytest.raises(UsageError, match="cannot be read"):
        wanted(text)
