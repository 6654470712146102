"""``image build --all`` where nothing has changed, and ``image rollback``: a thousand releases, each with two builds.

The engine is a stand-in, so that only what Solvent does is timed. The builds are what the catalog says, on bases that
are said to be there; the earlier ones are of other ingredients.
"""

from __future__ import annotations

import subprocess
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from manager.core.builds import layer_groups
from manager.core.evidence import Result
from manager.core.gates import buildable
from manager.core.ingredients import base_key, ingredients, spec_hash
from manager.core.observed import Build, BuildStatus
from manager.core.plan import digest_of
from manager.core.systems import declared
from manager.errors import Refused
from manager.world.store import open_store
from tests.fakes.standin import standing_in
from tests.system.support_running import managed
from tests.system.world import World

if TYPE_CHECKING:
    from manager.app.manager import Manager
    from manager.core.catalog import Release

LINE, RELEASES = "4.6-py3.13", 1000
OLD, NEW = "20261101.1", "20261102.1"


def by_turns(turns: int) -> tuple[list[float], list[float], int]:
    """Time both, after one turn that does not count; gives the seconds of each, and how many releases have builds."""
    with tempfile.TemporaryDirectory(prefix="solvent-unchanged-") as place:
        home = Path(place)
        world = World(home / "home", "many")
        catalog = home / "catalog"
        world("init", str(catalog))
        with managed(world, catalog) as manager:
            _like(manager.catalog.release(f"jupyterlab:{LINE}", manager.today), catalog / "images" / "many")
        world("catalog", "trust", str(catalog))
        with managed(world, catalog) as manager:
            names, images = _filled(manager, home / "home" / "state" / "state.db")
        built: list[float] = []
        back: list[float] = []
        with standing_in(home / "engine.sock", [], images=images) as url:
            environ = world.environ | {"DOCKER_HOST": url}

            def timed(*words: str) -> tuple[float, str]:
                began = time.monotonic()
                command = world.command("image", *words, "--catalog", str(catalog), "-q")
                done = subprocess.run(command, env=environ, capture_output=True, text=True, check=True)
                return time.monotonic() - began, done.stdout

            for turn in range(turns + 1):
                took, printed = timed("build", "--all")
                assert len(printed.splitlines()) == len(names), "something has changed"
                moved, _ = timed("rollback", names[0])
                timed("promote", names[0], NEW)
                built += [took] if turn else []
                back += [moved] if turn else []
    return built, back, len(names)


def _like(release: Release, folder: Path) -> None:
    """Write a family of a thousand releases that a release's locks serve as they are."""
    text = 'id = "many"\ntitle = "Many"\nowner = "bench"\nextends = "jupyterlab"\n'
    asked = {"connectors": release.connectors, "packages": release.packages, "sets": release.sets}
    more = "".join(f"{key} = {list(value)}\n" for key, value in asked.items() if value)
    for number in range(RELEASES):
        text += (
            f'\n[[release]]\nline = "{number}"\nide = "{release.ide_requirement}"\npython = "{release.python}"\n'
            f'system = "{declared(release.system)}"\nreleased = {release.schedule.released}\n{more}'
        )
    folder.mkdir()
    (folder / "family.toml").write_text(text)


def _filled(manager: Manager, state: Path) -> tuple[list[str], list[dict[str, Any]]]:
    """Remember two builds of every release that can be built; gives the releases, and the rows of their images."""
    catalog = manager.catalog
    bases = {
        # Systems that add nothing share one.
        system.id: _row(f"base {base_key(system)}", "base", **{"base-key": base_key(system)})
        for system in catalog.systems
    }
    images, names = list({row["Id"]: row for row in bases.values()}.values()), []
    store = open_store(f"sqlite:///{state}")
    for release in catalog.releases:
        try:
            buildable(catalog, release, manager.today)
        except Refused:
            continue
        parts = ingredients(
            catalog.family(release.family), release, layer_groups(catalog, release), bases[release.system]["Id"]
        )
        for number, (version, spec, status) in enumerate(
            ((OLD, "other", BuildStatus.SUPERSEDED), (NEW, spec_hash(parts), BuildStatus.PROMOTED))
        ):
            row = _row(f"{release.name} {version}", "image")
            made = datetime(2026, 11, 1, tzinfo=UTC) + timedelta(days=number)
            store.add_build(Build(release.name, version, row["Id"], spec, parts, status, made, 1))
            store.record(row["Id"], (Result("page", "pass"),), made)
            images.append(row)
        store.move_channel(release.name, "stable", "", images[-1]["Id"])
        names.append(release.name)
    store.close()
    return names, images


def _row(name: str, kind: str, **labels: str) -> dict[str, Any]:
    found = {"realm": "many", "kind": kind, **labels}
    return {
        "Id": f"sha256:{digest_of(name)}",
        "RepoTags": [f"many/{digest_of(name)[:12]}:1"],
        "Labels": {f"io.solvent.{key}": value for key, value in found.items()},
        "Created": 1795300000,
        "Size": 1,
    }
