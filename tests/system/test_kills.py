"""Real processes that die by SIGKILL at a boundary: the next command goes on, and the engine holds nothing of theirs.

A sample; ``python -m tests.system.faults`` tries every boundary, and tests/app/test_fault_table.py does in memory.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.system.faults import fault, unlabelled
from tests.system.world import docker

if TYPE_CHECKING:
    from tests.system.world import World

pytestmark = [pytest.mark.engine, pytest.mark.slow]


@pytest.mark.parametrize(
    ("command", "kill"),
    [
        ("launch", "after engine.create 1"),
        ("start", "after engine.start 1"),
        ("remove", "after engine.remove 1"),
        ("build", "after engine.create_volume 1"),
    ],
)
def test_the_next_command_goes_on_from_a_kill(ready_world: World, command: str, kill: str) -> None:
    """As it would have ended without; nothing is left over, and nothing is without a label."""
    assert fault(ready_world, command, kill).wrong == ""


def test_what_has_no_label_is_found(ready_world: World) -> None:
    """The negative control: a volume with the realm's name that nobody could ever take away by its label."""
    name = f"{ready_world.realm}-stray"
    docker("volume", "create", name)
    try:
        assert any(name in one for one in unlabelled(ready_world.realm))
    finally:
        docker("volume", "rm", name)
    assert list(unlabelled(ready_world.realm)) == []
