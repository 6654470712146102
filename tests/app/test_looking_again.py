"""Those who read every few seconds parse the catalog when one of its files has changed, and not else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from manager.errors import CatalogError
from manager.world import files

if TYPE_CHECKING:
    from pathlib import Path

    from tests.app.conftest import World


@pytest.fixture
def catalog(world: World, tmp_path: Path) -> Path:
    """Give a catalog of one's own, trusted."""
    place = tmp_path / "catalog"
    files.copy_shipped(files.shipped_root(), place, git=False)
    files.trust(place, world.manager().settings.config_dir / "trusted")
    return place


def test_a_catalog_is_parsed_again_when_a_file_has_changed(world: World, catalog: Path) -> None:
    """Changed, added, taken away; what was announced is asked for each time."""
    manager = world.manager(catalog=catalog)
    manager.look_again()
    first = manager.declared
    manager.look_again()
    assert manager.declared is first

    decision = catalog / "connectors" / "postgresql" / "connector.toml"
    decision.write_text(decision.read_text().replace('title = "PostgreSQL"', 'title = "Another"'))
    manager.look_again()
    second = manager.declared
    assert second is not first
    assert manager.catalog.connector("postgresql").title == "Another"

    (catalog / "connectors" / "notes.md").write_text("x")
    manager.look_again()
    assert manager.declared is not second


def test_a_catalog_that_became_invalid_is_said_to_be_until_it_is_mended(world: World, catalog: Path) -> None:
    """Each time that it is asked for, and the one before is not used in silence."""
    manager = world.manager(catalog=catalog)
    file = catalog / "connectors" / "postgresql" / "connector.toml"
    text = file.read_text()
    manager.look_again()
    assert manager.catalog

    file.write_text(text + "\nnonsense = 1\n")
    for _ in range(2):
        manager.look_again()
        with pytest.raises(CatalogError):
            _ = manager.catalog

    file.write_text(text)
    manager.look_again()
    assert manager.catalog.connector("postgresql")
