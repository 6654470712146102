"""Many launches at once: no two get one port, though nothing listens before a container starts."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from manager.app.steps.containers import free_port, listening

if TYPE_CHECKING:
    import pytest

    from tests.app.conftest import World


def test_threads_of_one_manager_get_different_ports(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """All of them planned the same one."""
    monkeypatch.setattr("manager.world.web.port_free", lambda _port: True)
    manager = world.manager()

    with ThreadPoolExecutor(20) as pool:
        ports = list(pool.map(lambda _: free_port(manager, 20500), range(20)))

    assert sorted(ports) == list(range(20500, 20520))
    manager.close()


def test_a_port_that_another_command_is_about_to_use_is_left_alone(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Until it listens there, or has given up."""
    monkeypatch.setattr("manager.world.web.port_free", lambda port: port != 20501)
    one, other = world.manager(), world.manager()

    assert free_port(one, 20500) == 20500
    assert free_port(other, 20500) == 20502
    listening(one, 20500)
    listening(other, 20502)
    assert free_port(other, 20500) == 20500
    other.close()
    assert free_port(one, 20500) == 20500, "a claim ends with its command"
    one.close()
