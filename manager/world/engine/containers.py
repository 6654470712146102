"""The life of a container: created where everything it needs is there, started, waited for, removed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from manager.errors import Failed, Refused, UsageError
from manager.world.engine import hardening, streams
from manager.world.engine.translate import or_none

if TYPE_CHECKING:
    from docker import APIClient

    from manager.core.containers import ContainerSpec

_BUILT_IN = ("bridge", "none")
# Before the name of a container whose network is shared (Docker's own spelling of a network mode).
BESIDE = "container:"


def create(client: APIClient, spec: ContainerSpec) -> str:
    """Create a hardened container on all its networks, or none; give its id."""
    _check_exist(client, spec)
    made = str(client.create_container_from_config(hardening.config(spec), spec.name)["Id"])  # type: ignore[no-untyped-call]
    try:
        for network in spec.networks[1:]:
            client.connect_container_to_network(made, network)
    except BaseException:
        client.remove_container(made, v=True, force=True)
        raise
    return made


def start(client: APIClient, container: str, stdin: bytes | None) -> None:
    """Start a container, on networks that were removed and made again since as well."""
    from docker.errors import NotFound

    try:
        _start(client, container, stdin)
    except NotFound:
        if not _joined_anew(client, container):
            raise
        _start(client, container, stdin)


def wait(client: APIClient, container: str, timeout: float) -> int:
    """Wait for the end; give the exit code. Failed after ``timeout`` seconds."""
    from requests import RequestException

    try:
        # The stubs say int; requests takes fractions of seconds.
        return int(client.wait(container, timeout=timeout)["StatusCode"])  # type: ignore[arg-type]
    except RequestException as error:
        if "timed out" not in str(error).lower():
            raise
        raise Failed(f"container {container} did not end within {timeout:g} s") from error


def remove(client: APIClient, container: str) -> None:
    """Remove a container and wait where another command is removing it; absent ones are fine."""
    from docker.errors import APIError

    try:
        or_none(client.remove_container, container, v=True, force=True)
    except APIError as error:
        if "already in progress" not in str(error):
            raise
        or_none(client.wait, container, condition="removed")


def _check_exist(client: APIClient, spec: ContainerSpec) -> None:
    for mount in spec.mounts:
        if mount.kind == "volume" and or_none(client.inspect_volume, mount.source) is None:
            raise UsageError(f"there is no volume {mount.source}")
    if "host" in spec.networks:
        raise Refused(f"container {spec.name} may not share the host's network")
    beside = [network.partition(":")[2] for network in spec.networks if network.startswith(BESIDE)]
    for container in beside:
        if or_none(client.inspect_container, container) is None:
            raise UsageError(f"there is no container {container}")
    ours = [one for one in spec.networks if one not in _BUILT_IN and not one.startswith(BESIDE)]
    there = {network["Name"] for network in client.networks(names=ours)} if ours else set()
    for network in ours:
        if network not in there:
            raise UsageError(f"there is no network {network}")


def _start(client: APIClient, container: str, stdin: bytes | None) -> None:
    if stdin is None:
        client.start(container)
    else:
        streams.start_with_input(client, container, stdin)


def _joined_anew(client: APIClient, container: str) -> bool:
    """Join networks again whose name has another id by now; Docker knows a container's networks by id. Say if any."""
    found = or_none(client.inspect_container, container) or {}
    joined: dict[str, dict[str, Any]] = found.get("NetworkSettings", {}).get("Networks") or {}
    there = {one["Name"]: one["Id"] for one in client.networks(names=list(joined))} if joined else {}
    lost = [name for name, one in joined.items() if name in there and one.get("NetworkID") not in ("", there[name])]
    for name in lost:
        client.disconnect_container_from_network(container, name, force=True)
        client.connect_container_to_network(container, name)
    return bool(lost)
