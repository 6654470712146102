"""How two builds differ: versions ordered as each ecosystem orders them, and each change with its class."""

from __future__ import annotations

import shutil
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from manager.core.components import Component, Ecosystem
from manager.core.debian_versions import debian_version
from manager.core.package_diff import compare, counted

VERSIONS = st.from_regex(r"(?:[0-2]:)?[0-9][0-9a-c.+~]{0,6}(?:-[0-9a-c+.~]{1,5})?", fullmatch=True)


def levels(ecosystem: Ecosystem, old: str, new: str) -> tuple[str, str]:
    """Give class and direction of one change."""
    (one,) = compare([Component(ecosystem, "x", old)], [Component(ecosystem, "x", new)])
    return one.level, one.direction


@pytest.mark.parametrize(
    ("ecosystem", "old", "new", "expected"),
    [
        ("python", "2.3.3", "3.0.1", ("major", "up")),
        ("python", "2.3.3", "2.4", ("minor", "up")),
        ("python", "2.3", "2.3.1", ("patch", "up")),
        ("python", "2.3.1rc1", "2.3.1", ("patch", "up")),
        ("python", "2.3.1", "2.3.1.post1", ("patch", "up")),
        ("python", "2.3.1", "2.3.1+cpu", ("patch", "up")),
        ("python", "3.0", "2.9", ("major", "down")),
        ("python", "2026.1", "1!1.0", ("other", "up")),
        ("python", "best", "1.0", ("other", "up")),
        ("debian", "2.41-12", "2.41-12+deb13u1", ("patch", "up")),
        ("debian", "2.41-12", "2.41-12~bpo1", ("patch", "down")),
        ("debian", "7:8.14.1-2", "7:8.15.0-1", ("minor", "up")),
        ("debian", "9.1", "1:2.0", ("other", "up")),
        ("debian", "20250101-1", "20260101-1", ("major", "up")),
        ("debian", "1.0-1", "1.00-1", ("patch", "none")),
        ("debian", "a-1", "b-1", ("other", "up")),
        ("r", "1.3.1-2", "1.3.1-10", ("patch", "up")),
        ("r", "0.9-4", "1.0", ("major", "up")),
        ("npm", "4.100.3", "4.101.0-rc.1", ("minor", "up")),
        ("npm", "4.101.0-rc.1", "4.101.0", ("patch", "up")),
        ("vscode", "2026.1.0", "2026.2.0", ("minor", "up")),
        ("os", "12", "13", ("major", "up")),
        ("os", "trixie", "forky", ("other", "none")),
    ],
)
def test_a_change_has_the_class_of_the_first_number_that_moved(
    ecosystem: Ecosystem, old: str, new: str, expected: tuple[str, str]
) -> None:
    """What follows the third number is a patch, and so is a Debian revision; an epoch is neither."""
    assert levels(ecosystem, old, new) == expected


def test_packages_come_and_go_and_the_two_prefixes_are_apart() -> None:
    """The same package may move in one prefix and stay in the other; groups, then the largest change first."""
    before = [
        Component("python", "pip", "25.0", "ide"),
        Component("python", "pip", "25.0", "kernel"),
        Component("python", "attrs", "1.0", "kernel"),
        Component("debian", "curl", "8.14.1-2"),
        Component("npm", "ws", "8.0.0"),
        Component("npm", "ws", "7.0.0"),
    ]
    after = [
        Component("python", "pip", "25.0", "ide", "MIT"),
        Component("python", "pip", "26.0", "kernel"),
        Component("python", "attrs", "1.1", "kernel"),
        Component("r", "DBI", "1.2.3"),
        Component("npm", "ws", "8.0.1"),
        Component("npm", "ws", "7.0.0"),
    ]

    found = compare(before, after)

    assert [f"{one.group}: {one} {one.level}" for one in found] == [
        "python kernel: pip 25.0 -> 26.0 major",
        "python kernel: attrs 1.0 -> 1.1 minor",
        "debian: curl 8.14.1-2 -> - removed",
        "r: DBI - -> 1.2.3 added",
        "npm: ws 7.0.0|8.0.0 -> 7.0.0|8.0.1 patch",
    ]
    assert counted(found) == {"major": 1, "minor": 1, "patch": 1, "added": 1, "removed": 1}


@given(st.lists(st.builds(Component, st.sampled_from(["python", "debian", "npm"]), st.sampled_from("abc"), VERSIONS)))
def test_nothing_changed_is_no_change(components: list[Component]) -> None:
    """In whatever order and however often packages are listed."""
    assert compare(components, [*reversed(components), *components]) == ()


@pytest.mark.skipif(shutil.which("dpkg") is None, reason="dpkg is what it is held against")
@settings(max_examples=150)
@given(VERSIONS, VERSIONS)
def test_debian_versions_are_ordered_as_dpkg_orders_them(one: str, other: str) -> None:
    """Every pair has the order that ``dpkg --compare-versions`` gives it."""
    left, right = debian_version(one), debian_version(other)
    expected = "lt" if left < right else "eq" if left == right else "gt"

    assert subprocess.run(["dpkg", "--compare-versions", one, expected, other], check=False).returncode == 0
