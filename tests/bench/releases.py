"""``lifecycle plan`` and ``lifecycle impact`` with a thousand releases and ten thousand environments."""

from __future__ import annotations

import subprocess
import tempfile
import time
from datetime import date, timedelta
from getpass import getuser
from pathlib import Path
from typing import TYPE_CHECKING, Any

from manager.core.names import Names
from tests.bench.many import EACH, OWNERS, fill
from tests.fakes.standin import rows, standing_in
from tests.system.world import World

if TYPE_CHECKING:
    from collections.abc import Iterator

FAMILIES, LINES = 20, 50
_DAY = date(2025, 3, 1)


def by_turns(turns: int) -> dict[str, list[float]]:
    """Time the commands by turns, after one turn that does not count; gives the seconds of each."""
    with tempfile.TemporaryDirectory(prefix="solvent-releases-") as place:
        home, names = Path(place), Names("many")
        world = World(home / "home", names.realm)
        catalog = home / "catalog"
        world("init", str(catalog))
        releases = list(families(catalog / "images"))
        world("catalog", "trust", str(catalog))
        found = peopled(world, names, releases)
        family, line = releases[0]
        commands = {
            "plan": ("lifecycle", "plan"),
            "impact": ("lifecycle", "impact", f"{family}:{line}"),
            "component": ("lifecycle", "impact", "--component", "python=3.11"),
        }
        took: dict[str, list[float]] = {name: [] for name in commands}
        with standing_in(home / "engine.sock", found) as url:
            for turn in range(turns + 1):
                for name, words in commands.items():
                    began = time.monotonic()
                    command = world.command(*words, "--catalog", str(catalog), "-q")
                    environ = world.environ | {"DOCKER_HOST": url}
                    done = subprocess.run(command, env=environ, stdout=subprocess.PIPE, check=True)
                    seconds = time.monotonic() - began
                    assert done.stdout.strip(), f"{name} has nothing to say"
                    if turn:
                        took[name].append(seconds)
    return took


def peopled(world: World, names: Names, releases: list[tuple[str, str]]) -> list[dict[str, Any]]:
    """Put everybody's environments into the database, spread over releases; give them as the engine lists them."""
    owners = [getuser(), *(f"person-{number}" for number in range(1, OWNERS))]
    found = rows(names, owners, EACH)
    for number, row in enumerate(found):
        family, line = releases[number % len(releases)]
        row["Labels"] |= {"io.solvent.family": family, "io.solvent.release": f"{family}:{line}"}
    fill(world.home / "state" / "state.db", found)
    return found


def families(images: Path) -> Iterator[tuple[str, str]]:
    """Write families of releases whose days lie all over two years; gives family and line of each release."""
    for number in range(FAMILIES):
        family = f"many-{number}"
        text = f'id = "{family}"\ntitle = "Many {number}"\nowner = "bench"\nextends = "jupyterlab"\n'
        for line in range(LINES):
            released = _DAY + timedelta(days=(number * LINES + line) * 613 // (FAMILIES * LINES))
            python, system = ("3.11", "bookworm") if line % 2 else ("3.13", "trixie")
            text += (
                f'\n[[release]]\nline = "{line}-py{python}"\nide = "jupyterlab==4.6.*"\npython = "{python}"\n'
                f'system = "{system}"\nreleased = {released}\n'
            )
            yield family, f"{line}-py{python}"
        (images / family).mkdir()
        (images / family / "family.toml").write_text(text)
