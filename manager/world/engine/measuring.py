"""How much the volumes hold: the engine walks through their files when it is asked (``GET /system/df``)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from manager.errors import Failed

if TYPE_CHECKING:
    from docker import APIClient

# Seconds; many files on a slow disk take minutes, and nobody waits for a size that long.
_PATIENCE = 20


def volume_sizes(client: APIClient) -> tuple[tuple[str, int], ...]:
    """Measure all volumes, in bytes by name; Failed when the engine does not tell within 20 s."""
    from requests import Timeout

    # docker-py's own df waits as long as for anything; ``type`` spares newer engines the images.
    path = f"{client.base_url}/v{client.api_version}/system/df"
    try:
        answer = client.get(path, params={"type": "volume"}, timeout=_PATIENCE)
    except Timeout as error:
        raise Failed(f"the volumes could not be measured within {_PATIENCE} s") from error
    if answer.status_code != 200:
        raise Failed("the volumes could not be measured", why=answer.text.strip()[:300])
    return read(answer.json())


def read(found: dict[str, Any]) -> tuple[tuple[str, int], ...]:
    """Read the answer; -1 stands in it for a size that the engine could not find out."""
    pairs = ((row["Name"], (row.get("UsageData") or {}).get("Size", -1)) for row in found.get("Volumes") or ())
    return tuple(sorted((name, size) for name, size in pairs if size >= 0))
