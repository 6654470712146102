"""Builds, environments and people that a package hits."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from manager.core.affected import affected, is_wanted
from manager.core.components import Component
from manager.core.observed import Build, BuildStatus, Environment
from manager.core.wanted import wanted

AT = datetime(2026, 11, 21, tzinfo=UTC)


def build(name: str) -> Build:
    """Give a build with that digest."""
    return Build("lab:4", name, f"sha256:{name}", "", (), BuildStatus.PROMOTED, AT, 1)


def environment(owner: str, name: str, of: str) -> Environment:
    """Give an environment on a build."""
    return Environment(name, owner, "lab:4", of, f"sha256:{of}", name, "running", 1, "", (), (), AT)


@pytest.mark.parametrize(
    ("text", "one", "answer"),
    [
        ("libssl3<3.0.17", Component("debian", "libssl3", "3.0.16-1~deb12u2"), True),
        ("libssl3<3.0.17", Component("debian", "libssl3", "3.0.17-1~deb12u2"), False),
        ("libssl3>=3.0.17", Component("debian", "libssl3", "1:1.0"), True),
        ("libssl3==3.*", Component("debian", "libssl3", "3.0-1"), None),
        ("libssl3~=3.0", Component("debian", "libssl3", "3.0-1"), None),
        ("libssl3", Component("debian", "libssl3", "3.0-1"), True),
        ("numpy<2", Component("python", "numpy", "1.26.4"), True),
        ("numpy<2", Component("python", "numpy", "2.0.0"), False),
        ("left-pad<2", Component("npm", "left-pad", "not/a/version"), None),
        ("left-pad", Component("npm", "right-pad", "1"), False),
        ("DBI<1.3", Component("r", "DBI", "1.2.3"), True),
    ],
)
def test_a_component_is_compared_by_its_own_ecosystem(text: str, one: Component, answer: bool | None) -> None:
    """As dpkg orders Debian's versions; what nobody can compare is neither yes nor no."""
    assert is_wanted(wanted(text), one) is answer


def test_builds_are_joined_with_environments_and_their_people() -> None:
    """What cannot be compared counts; what nobody has read is noted, and what is not affected is left out."""
    bad, odd, good = Component("python", "x", "1"), Component("python", "x", "?"), Component("python", "x", "2")
    inside = {"sha256:a": {bad}, "sha256:b": {odd}, "sha256:c": {good}}
    people = [environment("bo", "two", "a"), environment("ana", "one", "a"), environment("ana", "x", "c"),
              environment("cy", "lost", "gone")]  # fmt: skip

    found = affected(
        "x<2", lambda one: is_wanted(wanted("x<2"), one), inside, map(build, "abcd"), people, frozenset(inside)
    )

    assert [(one.build.version, len(one.environments)) for one in found.builds] == [("a", 2), ("b", 0)]
    assert found.builds[1].unclear == (odd,)
    assert found.people == (("ana", ("one",)), ("bo", ("two",)))
    assert [one["name"] for one in found.to_json()["environments"]] == ["one", "two"]
    assert found.notes[0].startswith("nobody has read what is inside 1 build")
    assert found.notes[1].startswith("1 environment on builds that the database does not know")
    assert affected("x", lambda _: False, inside, map(build, "abc"), [], frozenset(inside)).notes == ()
