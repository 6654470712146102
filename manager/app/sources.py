"""The shipped data sources: what runs, and plans to start and stop them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from manager.app.views import SourceView
from manager.core import planner
from manager.core.actions import StartSource, StopSource
from manager.core.builds import base_step
from manager.core.ingredients import base_key
from manager.core.plan import Plan, Step, fingerprint, in_order

if TYPE_CHECKING:
    from manager.app.manager import Manager
    from manager.world.bases import host_mirror
    from manager.world.compose import Compose

    mirror = host_mirror()


def compose(manager: Manager) -> Compose:
    """Give compose on the catalog's file of sources, in this realm."""
    from manager.world.bases import host_mirror
    from manager.world.compose import Compose

    mirror = host_mirror()
    environment = {"SOLVENT_REALM": manager.names.realm}
    for source in manager.catalog.sources:
        system = manager.catalog.system(source.suite)
        environment[f"SOLVENT_BASE_{system.id.upper()}"] = manager.names.base(system.id, base_key(system))
        if mirror is not None:
            environment[f"SOLVENT_APT_{system.id.upper()}"] = "\n".join(mirror.lines(system.suite))
    if manager.settings.engine_url:
        environment["DOCKER_HOST"] = manager.settings.engine_url
    file = Path(manager.catalog.root) / "compose" / "sources.yaml"
    return Compose(file, manager.names.sources, environment)


def folder(manager: Manager) -> Path:
    """Give the folder that holds the passwords of running sources: ``NAME/password``, 0600."""
    return manager.settings.state_dir / "sources"


def listed(manager: Manager) -> tuple[SourceView, ...]:
    """List the shipped sources by name with what compose says of each."""
    running = {one.name: one for one in manager.compose.running()}
    views = []
    for source in sorted(manager.catalog.sources, key=lambda one: one.name):
        found = running.get(source.name)
        state = "stopped"
        if found is not None and found.state == "running":
            state = "running" if found.health in ("healthy", "none") else found.health
        views.append(SourceView(source.name, source.connector, source.engine, source.version, source.kind, state))
    return tuple(views)


def plan_start(manager: Manager, names: tuple[str, ...]) -> Plan:
    """Plan to start sources; one that runs healthily needs nothing. Raises UsageError for an unknown one."""
    catalog = manager.catalog
    observed = manager.observe()
    planner.readable(observed)
    states = {view.name: view.state for view in listed(manager)}
    steps: dict[str, Step] = {}
    for name in names:
        source = catalog.source(name)
        if states[name] == "running":
            continue
        bases = base_step(catalog, observed, source.suite, f"{name} stands on it")
        for step in bases:
            steps.setdefault(step.id, step)
        steps[f"source:{name}"] = Step(
            id=f"source:{name}",
            kind="start source",
            target=name,
            cause=f"it is {states[name]}",
            do=StartSource(name),
            before=states[name],
            after="running",
            needs=tuple(step.id for step in bases),
        )
    return Plan(
        subject="start " + ", ".join(names),
        as_of=manager.today,
        steps=in_order(steps.values()),
        fingerprint=fingerprint(names, sorted(states.items())),
    )


def plan_stop(manager: Manager, names: tuple[str, ...]) -> Plan:
    """Plan to stop sources, all running ones when none is named; raises UsageError for an unknown one."""
    states = {view.name: view.state for view in listed(manager)}
    for name in names:
        manager.catalog.source(name)
    steps = tuple(
        Step(
            id=f"source:{name}",
            kind="stop source",
            target=name,
            cause="asked for; its data is made anew at each start",
            do=StopSource(name),
            before=states[name],
            after="stopped",
        )
        for name in (names or sorted(states))
        if states[name] != "stopped"
    )
    return Plan("stop sources", manager.today, steps, (), fingerprint(names, sorted(states.items())))
