"""The shipped data sources: what runs, and plans to start and stop them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from manager.app.views import SourceView
from manager.core.actions import StartSource, StopSource
from manager.core.bases import base_step
from manager.core.observed import readable
from manager.core.plan import Plan, Step, fingerprint, in_order

if TYPE_CHECKING:
    from pathlib import Path

    from manager.app.world import World


def folder(world: World) -> Path:
    """Give the folder that holds the passwords of running sources: ``NAME/password``, 0600."""
    return world.settings.state_dir / "sources"


def password(world: World, name: str) -> str:
    """Give the reference to a source's password, which is there while it runs."""
    return f"file:{folder(world) / name / 'password'}"


def listed(world: World) -> tuple[SourceView, ...]:
    """List the shipped sources by name with what compose says of each."""
    running = {one.name: one for one in world.compose.running()}
    views = []
    for source in sorted(world.catalog.sources, key=lambda one: one.name):
        found = running.get(source.name)
        state = "stopped"
        if found is not None and found.state == "running":
            state = "running" if found.health in ("healthy", "none") else found.health
        views.append(SourceView(source.name, source.connector, source.engine, source.version, source.kind, state))
    return tuple(views)


def plan_start(world: World, names: tuple[str, ...]) -> Plan:
    """Plan to start sources; one that runs healthily needs nothing. Raises UsageError for an unknown one."""
    catalog = world.catalog
    observed = world.observe()
    readable(observed)
    states = {view.name: view.state for view in listed(world)}
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
        as_of=world.today,
        steps=in_order(steps.values()),
        fingerprint=fingerprint(names, sorted(states.items())),
    )


def plan_stop(world: World, names: tuple[str, ...]) -> Plan:
    """Plan to stop sources, all running ones when none is named; raises UsageError for an unknown one."""
    states = {view.name: view.state for view in listed(world)}
    for name in names:
        world.catalog.source(name)
    attached = [
        one.name
        for one in world.observe().environments
        if one.state == "running" and world.names.sources in one.networks
    ]
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
    notes: tuple[str, ...] = ()
    if steps and attached:
        notes = (
            f"{', '.join(attached)} may use it: a source that starts again has a new password, which an environment"
            " takes up when it is started again itself (env stop, env start)",
        )
    return Plan("stop sources", world.today, steps, notes, fingerprint(names, sorted(states.items())))
