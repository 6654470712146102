"""Bridges: found by their exact name, and made so that containers on them do not reach each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from manager.errors import Refused

if TYPE_CHECKING:
    from docker import APIClient

_ALONE = {"com.docker.network.bridge.enable_icc": "false"}


def find(client: APIClient, name: str) -> dict[str, Any] | None:
    """Find a network by its exact name."""
    # The filter takes parts of names as well.
    found: list[dict[str, Any]] = client.networks(names=[name])
    return next((one for one in found if one["Name"] == name), None)


def create(client: APIClient, name: str, labels: dict[str, str], *, internal: bool) -> None:
    """Create a bridge; one that is there is fine where it is as ``internal`` as this one, else Refused."""
    from docker.errors import APIError

    found = find(client, name)
    if found is None:
        options = None if internal else _ALONE
        try:
            client.create_network(name, "bridge", options, None, True, internal, labels)
        except APIError as error:
            # Another command was first.
            if error.status_code != 409:
                raise
    elif bool(found.get("Internal")) != internal:
        raise Refused(f"network {name} exists and is {'not ' if internal else ''}internal")
