"""Authorities that Docker trusts for one registry, besides the system's: files of a folder named by its host.

Docker reads every ``.crt`` there anew for each connection (its page "Verify repository client with certificates").
"""

from __future__ import annotations

from pathlib import Path

from manager import whole_files
from manager.errors import Failed

CERTIFICATES = Path("/etc/docker/certs.d")
# A name of its own: an administrator's ca.crt beside it stays as it is.
_FILE = "solvent.crt"


def has(host: str, bundle: str, folder: Path = CERTIFICATES) -> bool:
    """Say whether a bundle (PEM) was put there for a host."""
    try:
        return (folder / host / _FILE).read_text(encoding="utf-8") == bundle
    except OSError:
        return False


def trust(host: str, bundle: str, folder: Path = CERTIFICATES) -> Path:
    """Put a bundle there, whole or not at all; gives its place. Raises Failed."""
    place = folder / host / _FILE
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        # The engine runs as root, and administrators look at it; there is nothing secret in it.
        whole_files.write(place, bundle, mode=0o644)
    except OSError as error:
        raise Failed(f"{place} could not be written", why=error.strerror or str(error)) from error
    return place
