"""How much volumes and images hold: the engine looks through its files when it is asked (``GET /system/df``)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from manager.errors import Failed

if TYPE_CHECKING:
    from docker import APIClient

# Seconds; many files on a slow disk take minutes, and nobody waits for a size that long.
_PATIENCE = 20


def volume_sizes(client: APIClient) -> tuple[tuple[str, int], ...]:
    """Measure all volumes, in bytes by name; Failed when the engine does not tell within 20 s."""
    return read(_asked(client, "volume"))


def image_sizes(client: APIClient) -> tuple[tuple[str, int], ...]:
    """Measure all images: the bytes that each shares with no other, by digest; Failed as for volumes."""
    return read_images(_asked(client, "image"))


def _asked(client: APIClient, kind: str) -> dict[str, Any]:
    from requests import Timeout

    # docker-py's own df waits as long as for anything; ``type`` spares newer engines what is not asked for.
    path = f"{client.base_url}/v{client.api_version}/system/df"
    try:
        answer = client.get(path, params={"type": kind}, timeout=_PATIENCE)
    except Timeout as error:
        raise Failed(f"the {kind}s could not be measured within {_PATIENCE} s") from error
    if answer.status_code != 200:
        raise Failed(f"the {kind}s could not be measured", why=answer.text.strip()[:300])
    found: dict[str, Any] = answer.json()
    return found


def read(found: dict[str, Any]) -> tuple[tuple[str, int], ...]:
    """Read the answer; -1 stands in it for a size that the engine could not find out."""
    pairs = ((row["Name"], (row.get("UsageData") or {}).get("Size", -1)) for row in found.get("Volumes") or ())
    return tuple(sorted((name, size) for name, size in pairs if size >= 0))


def read_images(found: dict[str, Any]) -> tuple[tuple[str, int], ...]:
    """Read the answer: what an image holds less what it shares; -1 stands for a size that was not found out."""
    rows = found.get("Images") or ()
    known = (row for row in rows if row.get("SharedSize", -1) >= 0 and row.get("Size", -1) >= 0)
    return tuple(sorted((row["Id"], max(0, row["Size"] - row["SharedSize"])) for row in known))
