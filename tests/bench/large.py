"""A large state for the terminal UI: a thousand releases, five hundred connectors, ten thousand environments.

Catalog and database are real files; the engine is a stand-in behind a socket file, see :mod:`tests.fakes.standin`.
"""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from manager.core.names import Names
from tests.bench.releases import families, peopled
from tests.fakes.standin import standing_in
from tests.system.world import World

if TYPE_CHECKING:
    from collections.abc import Iterator

CONNECTORS = 500
_CONNECTOR = """\
id = "many-{0}"
title = "Many {0}"
kind = "database"
tier = "supported"
owners = ["bench"]
licence = "MIT"
url_template = "{{scheme}}:///{{database}}"

[[driver]]
dist = "many-driver-{0}"
import = "many_driver_{0}"
main = true
licence = "MIT"

[driver.contract]
method = "curated"
sentinels = ["database"]
floor = 1

[[parameter]]
name = "database"
description = "Its name."
"""


class Large(NamedTuple):
    """How the command is called in this state: its words before all others, and its variables."""

    world: World
    catalog: Path
    environ: dict[str, str]

    def command(self, *words: str) -> list[str]:
        """Give the words of a command."""
        return self.world.command(*words, "--catalog", str(self.catalog))


@contextmanager
def large() -> Iterator[Large]:
    """Make the state, and serve the engine's stand-in while it is used."""
    with tempfile.TemporaryDirectory(prefix="solvent-large-") as place:
        home, names = Path(place), Names("many")
        world, catalog = World(home / "home", names.realm), home / "catalog"
        world("init", str(catalog))
        releases = list(families(catalog / "images"))
        connectors = catalog / "connectors"
        for number in range(CONNECTORS - len(list(connectors.glob("*/connector.toml")))):
            folder = connectors / f"many-{number}"
            folder.mkdir()
            (folder / "connector.toml").write_text(_CONNECTOR.format(number))
        world("catalog", "trust", str(catalog))
        found = peopled(world, names, releases)
        with standing_in(home / "engine.sock", found) as url:
            environ = world.environ | {"DOCKER_HOST": url}
            environ.pop("NO_COLOR")
            yield Large(world, catalog, environ)
