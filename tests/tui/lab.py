"""A world with one of each thing that something can be done with, and what people write into the forms."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from manager.app import catalogs
from manager.app.own_sources import Allowed
from manager.app.saving import Given
from manager.core.components import Component
from manager.core.containers import ContainerSpec, Mount
from manager.core.plan import Plan
from manager.tui.actions import ACTIONS
from manager.tui.deed import Deed
from manager.tui.modes import LISTS
from manager.tui.rows import Row
from tests.app.conftest import REPOSITORY, TODAY, small_world

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    import pytest

    from manager.app.manager import Manager
    from manager.tui.action import Action

RELEASE = "jupyterlab:4.6-py3.13"
REASON = {"--reason": "exams"}
# What is written into the fields of those that have some.
SAID = {
    "launch": {"--name": "other", "--memory": "2g", "--cpus": "1.5"},
    "launch-any": {"FAMILY:RELEASE": RELEASE, "--name": "other"},
    "quarantine": REASON,
    "rollback-set": {"--release": RELEASE},
    "extend": {"--until": "2028-06-30", **REASON},
    "freeze": {"--from": "2026-12-18", "--until": "2027-01-07", **REASON},
    "retire": {"--until": "2027-06-30", **REASON},
    "redirect": {"--to": "jupyterlab:4.5-py3.11", **REASON},
    "acknowledge": {"--until": "2031-06-30", **REASON},
    "unquarantine": REASON,
    "hold": {"--until": "2027-01-31", **REASON},
    "unhold": REASON,
    "suspend": {"--release": RELEASE, **REASON},
    "unsuspend": {"--release": RELEASE, **REASON},
    "quarantine-driver": {"--version": "3.3.9", "--advisory": "GHSA-1234-5678-9abc", **REASON},
    "unquarantine-driver": REASON,
    "save": {"NAME": "sales", "--connector": "postgresql", "--url": "postgresql://ana@db/sales",
             "--secret": "password=env:PASSWORD"},
    "add-source": {"NAME": "ours", "--connection": "lab", "--able": "schema-only may_kill", "--schema": "checks"},
    "compare": {"--from": "3.2.13", "--to": "3.3.9"},
    "push": {"--to": "127.0.0.1:1/solvent"},
    "pull": {"REFERENCE": f"127.0.0.1:1/solvent/jupyterlab@sha256:{'a' * 64}"},
    "diff": {"AFTER": "jupyterlab:4.5-py3.11"},
    "adopt": {"--as": "taken", "--release": RELEASE},
}  # fmt: skip
# What has to be there before.
BEFORE = {"unhold": "hold", "unsuspend": "suspend"}
NAMES = {
    "release": RELEASE, "connector": "postgresql", "environment": "work", "connection": "lab", "matrix": "postgresql",
    "source": "postgresql-17", "workspace": "work",
}  # fmt: skip
OTHERS = {"try-source": "mine", "forget-source": "mine", "adopt": "stray"}

# What cannot be done in that world, and is refused in the same words.
REFUSED = {"pull", "rollback", "promote-set", "rollback-set", "remove-workspace"}


class Lab:
    """A world with a catalog of one's own, and one of each thing that something can be done with."""

    def __init__(self, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        place.mkdir()
        self.world = small_world(place, monkeypatch)
        self.root = place / "ours"
        self.root.mkdir()
        shutil.copy(REPOSITORY / "solvent.toml", self.root)
        for part in ("images", "connectors", "compose"):
            shutil.copytree(REPOSITORY / part, self.root / part)
        catalogs.trust(self.root, self.world.manager().settings)
        inside = (Component("python", "pandas", "3.0.1", "kernel", "BSD-3-Clause"), Component("debian", "git", "2"))
        self.world.store.keep_components(self.world.store.kept[0].digest, inside)
        self.world.launch("work")
        manager = self.manager()
        manager.add_connection("lab", "postgresql", parameters={"host": "db", "database": "lab", "user": "ana"},
                               secrets={"password": "env:PASSWORD"})  # fmt: skip
        manager.add_source("mine", "", Given(), Allowed(("read-only",), connection="lab"))
        self.world.engine.create_volume("files", {})
        mounts = (Mount("files", "/home/ana"),)
        self.world.engine.create(ContainerSpec("stray", self.world.store.kept[0].digest, (), mounts=mounts))

    def manager(self, *_words: object, day: date = TODAY) -> Manager:
        """Open a Manager, as each command does."""
        return self.world.manager(day, self.root)

    def prepare(self, action: Action) -> None:
        """Do what has to be done before, so that there is something to do."""
        if action.id == "start":
            list(self.manager().apply(self.manager().plan_stop("work")))
        if action.id in BEFORE:
            first = next(one for one in ACTIONS if one.id == BEFORE[action.id])
            before = self.made(first, self.row(first))
            assert isinstance(before, Deed)
            assert list(before.do())

    def row(self, action: Action, where: str = "") -> Row:
        """Find the row of a list that an action is tried on; any will do for one that is about none."""
        if action.per == "none":
            return Row("", "", ())
        kind = LISTS[where] if where else next(one for one in LISTS.values() if action.on(one.id) and one.id in NAMES)
        name = OTHERS.get(action.id, NAMES[kind.id])
        return next(row for row in kind.rows(self.manager()) if row.name == name)

    def made(self, action: Action, row: Row) -> Plan | Deed:
        """Make what an action comes to."""
        assert action.plan
        made = action.plan(self.manager(), action.chosen((row,)), SAID.get(action.id, {}))
        if not isinstance(made, Plan | Deed):
            *_, last = made
            return getattr(last, "plan", last)
        return made

    def kept(self) -> object:
        """Say what connections and sources there are."""
        manager = self.manager()
        return [*manager.connections()], [one.to_json() for one in manager.sources()]
