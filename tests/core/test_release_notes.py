"""Release notes: what people look for comes first, and a first build has nothing to compare with."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from manager.core.components import Component
from manager.core.observed import Build, BuildStatus
from manager.core.package_diff import compare
from manager.core.release_notes import Promotion, notes

BEFORE = Build(
    "lab:4", "20261120.1", "sha256:aa", "s", (), BuildStatus.PROMOTED, datetime(2026, 11, 20, tzinfo=UTC), 2**30
)
AFTER = replace(BEFORE, version="20261122.1", digest="sha256:bb", created=datetime(2026, 11, 22, tzinfo=UTC))
CHANGES = compare(
    [
        Component("python", "psycopg", "3.3.8", "kernel"),
        Component("python", "pandas", "2.3.3", "kernel"),
        Component("debian", "curl", "8.14.1-2"),
        Component("npm", "ws", "7.0.0"),
        Component("npm", "ws", "8.0.0"),
        Component("os", "debian", "13"),
    ],
    [
        Component("python", "psycopg", "3.3.9", "kernel"),
        Component("python", "pandas", "2.2.0", "kernel"),
        Component("debian", "curl", "8.14.1-2+deb13u1"),
        Component("npm", "ws", "8.0.0"),
        Component("os", "debian", "13"),
    ],
)


def test_drivers_come_before_other_packages_and_the_system_last() -> None:
    """Each group has its table; a version that went back says so."""
    text = notes(Promotion(AFTER, BEFORE, CHANGES, ("kernel lock changed", "base changed"), ("psycopg",)))

    assert text == (
        "# lab:4 20261122.1\n"
        "\n"
        "Built 2026-11-22, 1.0 GB, `sha256:bb`.\n"
        "Replaces 20261120.1 of 2026-11-20, 1.0 GB.\n"
        "Built because: kernel lock changed; base changed.\n"
        "Changes: 1 minor, 3 patch\n"
        "\n"
        "## Drivers of connectors\n"
        "\n"
        "| package | before | now | change |\n"
        "|---|---|---|---|\n"
        "| psycopg | 3.3.8 | 3.3.9 | patch |\n"
        "\n"
        "## Python packages of the kernel\n"
        "\n"
        "| package | before | now | change |\n"
        "|---|---|---|---|\n"
        "| pandas | 2.3.3 | 2.2.0 | minor, back |\n"
        "\n"
        "## npm packages of the IDE\n"
        "\n"
        "| package | before | now | change |\n"
        "|---|---|---|---|\n"
        "| ws | 7.0.0, 8.0.0 | 8.0.0 | patch |\n"
        "\n"
        "## System packages\n"
        "\n"
        "| package | before | now | change |\n"
        "|---|---|---|---|\n"
        "| curl | 8.14.1-2 | 8.14.1-2+deb13u1 | patch |\n"
    )


def test_a_first_build_replaces_none() -> None:
    """It says so, and lists nothing as added."""
    assert notes(Promotion(AFTER, None, ())).endswith("The first build of this release that is promoted.\n")


def test_no_change_and_no_comparison_are_told_apart() -> None:
    """That nothing was read is not that nothing changed."""
    assert "No package changed." in notes(Promotion(AFTER, BEFORE, ()))
    told = notes(Promotion(AFTER, BEFORE, (), unread="the bytes of 20261120.1 are missing"))
    assert "Packages could not be compared: the bytes of 20261120.1 are missing.\n" in told
