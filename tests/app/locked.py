"""A small catalog with three connectors, an index on loopback for its packages, and a Manager of both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from manager.app.connector_locks import ConnectorLocks, KernelLock
from manager.core.locks import parse
from manager.world import files
from tests.app.conftest import run
from tests.fakes.wheels import Shelf

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from manager.app.manager import Manager
    from tests.fakes.indexes import Index

RELEASE = "lab:1-py3.13"
_SOLVENT = """\
schema = 1
name = "small"

[systems.trixie]
suite = "trixie"
python = "3.13"
packages = ["python3"]
"""
_UPSTREAM = """\
[[fact]]
component = "debian trixie"
ends = 2030-06-30
source = "Debian LTS wiki"
as_of = 2026-11-21
"""
_FAMILY = """\
id = "lab"
title = "Lab"
owner = "platform"
languages = ["python"]
size_budget = "1 GB"

[launch]
port = 8888
ready = "/api"
page = "/lab"
selector = "#main"

[[release]]
line = "1-py3.13"
ide = "lab==1.*"
python = "3.13"
system = "trixie"
released = 2026-06-18
connectors = ["alpha", "beta", "gamma"]
packages = ["base"]
"""
_CONNECTOR = """\
id = "{name}"
title = "{name}"
kind = "relational database"
tier = "community"
owners = ["platform"]
url_template = "{{scheme}}://{{host}}"

[[driver]]
dist = "{name}-driver"
import = "{name}_driver"
main = true

[driver.contract]
method = "curated"
sentinels = ["host"]
floor = 1

[[parameter]]
name = "host"
"""


@dataclass
class Locked:
    """The catalog's folder, and what the index has."""

    opened: Callable[[Path], Manager]
    root: Path
    index: Index
    shelf: Shelf

    def add(
        self, name: str, version: str, *, needs: tuple[str, ...] = (), day: str = "2026-01-01", tag: str = ""
    ) -> None:
        """Have a version of a distribution on the index."""
        more = {"tag": tag} if tag else {}
        self.index.wheel(self.shelf.add(name.replace("-", "_"), version, needs=needs, **more), day)

    def ask_for(self, connector: str, dist: str) -> None:
        """Have a connector ask for another distribution besides."""
        path = self.root / f"connectors/{connector}/connector.toml"
        table = f'[[driver]]\ndist = "{dist}"\nimport = "{dist.replace("-", "_")}"\nrole = "dialect"\n\n[[parameter]]'
        path.write_text(path.read_text().replace("[[parameter]]", table, 1))

    def manager(self) -> Manager:
        """Open the catalog, as each command does."""
        manager = self.opened(self.root)
        files.trust(self.root, manager.settings.config_dir / "trusted")
        return manager

    def looked(self, *upgrade: str) -> tuple[Manager, ConnectorLocks]:
        """Resolve the lock and write nothing."""
        manager = self.manager()
        *_, found = manager.connector_locks((), upgrade)
        assert isinstance(found, ConnectorLocks)
        return manager, found

    def lock(self, *upgrade: str) -> KernelLock:
        """Resolve the lock and write it; give what moved."""
        manager, found = self.looked(*upgrade)
        run(manager, found.plan, recheck=True)
        (one,) = found.locks
        return one

    @property
    def path(self) -> Path:
        """The lock's file."""
        return self.root / "images/lab/locks/1-py3.13/kernel.lock"

    @property
    def pins(self) -> dict[str, str]:
        """What the lock pins, by name."""
        return {pin.name: pin.version for pin in parse(self.path.read_text())}


def prepared(opened: Callable[[Path], Manager], place: Path, index: Index) -> Locked:
    """Give the catalog with an index that has one version of everything, and the first lock."""
    root = place / "small"
    texts = {"solvent.toml": _SOLVENT, "images/lab/family.toml": _FAMILY, "images/upstream.toml": _UPSTREAM}
    texts |= {f"connectors/{name}/connector.toml": _CONNECTOR.format(name=name) for name in ("alpha", "beta", "gamma")}
    for name, text in texts.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    (place / "wheels").mkdir()
    made = Locked(opened, root, index, Shelf(place / "wheels"))
    for name in ("ipykernel", "pip", "base", "shared"):
        made.add(name, "1.0")
    for name in ("alpha", "beta", "gamma"):
        made.add(f"{name}-driver", "1.0", needs=("shared",))
    made.lock()
    return made
