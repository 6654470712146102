"""Where a Docker engine is asked, and how it is asked for what carries labels: for the SDK and for a mere glance."""

from __future__ import annotations

import os

_DEFAULT = "unix:///var/run/docker.sock"


def address(url: str | None) -> str:
    """Give an engine's address: the one given, DOCKER_HOST, or the machine's own engine."""
    return url or os.environ.get("DOCKER_HOST") or _DEFAULT


def label_filter(labels: dict[str, str]) -> list[str]:
    """Write labels as the engine's filter takes them; an empty value stands for any."""
    return [f"{key}={value}" if value else key for key, value in sorted(labels.items())]
