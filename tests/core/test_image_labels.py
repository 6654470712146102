"""The labels by which others know an image."""

from __future__ import annotations

from datetime import date

from manager.core.image_labels import based, described
from tests.fakes.world import World


def test_an_image_is_described_by_its_release() -> None:
    """Title, version, owner and the release's name; nothing of the moment, so the same build has the same labels."""
    catalog = World().catalog
    release = catalog.release("lab:4", date(2026, 11, 21))

    found = described(catalog.family("lab"), release, "20261122.1")

    assert found["org.opencontainers.image.ref.name"] == "lab:4"
    assert found["org.opencontainers.image.version"] == "20261122.1"
    assert found["org.opencontainers.image.vendor"] == catalog.family("lab").owner
    assert found["org.opencontainers.image.title"].startswith(catalog.family("lab").title)
    assert "org.opencontainers.image.created" not in found


def test_a_base_from_a_registry_keeps_its_name() -> None:
    """A bootstrapped one has the name that it has here."""
    assert based("sha256:a", "solvent/base:trixie") == {
        "org.opencontainers.image.base.digest": "sha256:a",
        "org.opencontainers.image.base.name": "solvent/base:trixie",
    }
    assert based("sha256:a", "solvent/base:own", "r.example/base@sha256:b")["org.opencontainers.image.base.name"] == (
        "r.example/base@sha256:b"
    )
