"""Contracts of released drivers on a real engine: asked in a container, compared, kept."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.system.world import World

pytestmark = [pytest.mark.engine, pytest.mark.slow]


def test_two_released_versions_are_compared_and_not_asked_again(ready_world: World) -> None:
    """PyMySQL 1.1 has two parameters that 1.0 has not, and nothing else differs; what was asked is kept."""
    words = ("connector", "params", "mysql", "--from", "1.0.2", "--to", "1.1.1", "-o", "json")

    first = ready_world(*words)
    again = ready_world(*words)

    found = json.loads(first.stdout)
    assert json.loads(again.stdout) == found
    assert "asking PyMySQL 1.1.1" in first.stderr
    assert "asking" not in again.stderr
    assert found["counts"] == {"added": 2, "removed": 0, "changed": 0}
    assert {one["name"] for one in found["changes"]} == {"collation", "ssl_key_password"}


def test_what_the_module_says_of_itself_is_not_believed(ready_world: World) -> None:
    """PyMySQL imitates another driver's version; the contract's is that of its metadata."""
    found = ready_world.json("connector", "params", "mysql", "--version", "1.1.1")

    assert (found["version"], found["driver"]) == ("1.1.1", "PyMySQL")
    assert found["parameters"]["charset"]["effective_default"] == "'utf8mb4'"
    assert found["parameters"]["password"]["secret"] is True
    # A keyword that it does not know is an error, which was seen and not assumed.
    assert found["unheard_of"] == "rejected"


def test_a_version_that_never_was_is_a_usage_error(ready_world: World) -> None:
    """The index is asked for those near it."""
    done = ready_world("connector", "params", "mysql", "--version", "1.0.99", code=2)

    assert "PyMySQL has no version 1.0.99" in done.stderr
    assert "near it are" in done.stderr
