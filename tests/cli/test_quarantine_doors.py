"""Every door to a build, with a quarantined version inside and without one: a table."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from manager.core.components import Component
from manager.core.observed import BuildStatus
from tests.cli.conftest import RELEASE
from tests.cli.test_connector_quarantine import ID, PINNED, hit, older, own

if TYPE_CHECKING:
    from tests.cli.conftest import World

__all__ = ["hit", "own"]
OTHER = "jupyterlab:4.5-py3.11"
DOORS = {
    "launch": ("env", "launch", RELEASE, "--name", "other"),
    "build": ("env", "launch", RELEASE, "--name", "other", "--build", "20261119.1"),
    "candidate": ("env", "launch", RELEASE, "--name", "other", "--candidate"),
    "start": ("env", "start", "work"),
    "upgrade": ("env", "upgrade", "work", "--to", OTHER),
    "rollback": ("image", "rollback", RELEASE, "--to", "20261119.1"),
    "promote": ("image", "promote", RELEASE, "20261119.1"),
}


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(("version", "code"), [(PINNED, 5), ("98.0", 0)])
def test_no_door_lets_a_quarantined_version_through(
    hit: World, own: tuple[str, str], door: str, version: str, code: int
) -> None:
    """Refused with the advisory; the negative control is a quarantine of a version that nothing has."""
    older(hit, PINNED)
    there = hit.build(OTHER)
    hit.store.keep_components(there.digest, (Component("python", "psycopg", PINNED, "kernel"),))
    if door in ("candidate", "promote"):
        kept = hit.store.kept
        kept[:] = [replace(one, status=BuildStatus.CANDIDATE) if one.version == "20261119.1" else one for one in kept]
    if door == "start":
        hit("env", "stop", "work", *own)
    what = ("--version", version, "--advisory", ID, "--reason", "it leaks")
    assert hit("connector", "quarantine", "postgresql", *what, *own).code == 0

    ran = hit(*DOORS[door], "--dry-run", *own)

    assert (ran.code, ID in ran.err) == (code, code == 5), ran.err
