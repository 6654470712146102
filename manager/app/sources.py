"""The data sources: what runs, and plans to start and stop the shipped ones."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from manager.app.views import SourceView
from manager.core.actions import StartSource, StopSource
from manager.core.bases import base_step
from manager.core.containers import LABEL
from manager.core.observed import readable
from manager.core.plan import Plan, Step, digest_of, fingerprint, in_order

if TYPE_CHECKING:
    from manager.app.world import World
    from manager.core.connectors import Source


# What compose files of a deployment of Solvent are about: no server of a source.
_DEPLOYING = "deploy"
# The state of a source that has no server: nothing of it is started or stopped.
IN_PROCESS = "in the process"


def folder(world: World) -> Path:
    """Give the folder of running sources: ``NAME/password``, 0600, and ``NAME/ca.pem`` of those with TLS."""
    return world.settings.state_dir / "sources"


def password(world: World, name: str) -> str:
    """Give the reference to a source's password, which is there while it runs."""
    service = next((one.service for one in world.catalog.sources if one.name == name), name)
    return f"file:{folder(world) / service / 'password'}"


def authority(world: World, service: str) -> str:
    """Give the certificate (PEM) of the test authority that a running source's own is signed by; "" without TLS."""
    try:
        return (folder(world) / service / "ca.pem").read_text(encoding="ascii")
    except FileNotFoundError:
        return ""


def digest(world: World, source: Source) -> str:
    """Give the digest of a source's server as it would run: of its image; "" in the process or before it is built.

    Of a person's own it is that of where it is and of what is allowed there: nothing else is known of its server.
    """
    if source.own:
        from manager.app import own_sources

        return own_sources.digest(world, source.name)
    if source.embedded:
        return ""
    images = world.engine.images(world.names.filter("source") | {LABEL + "source": source.service})
    return max(images, key=lambda one: one.created).digest if images else ""


def servers(world: World) -> str:
    """Give the digest of what the servers of shipped sources are made of; "" in a catalog that has none.

    That is the compose file with all that its builds take in: an image tells of it once it is built anew.
    """
    place = Path(world.catalog.root) / "compose"
    there = {one.relative_to(place): one for one in place.rglob("*") if one.is_file() and one.suffix != ".md"}
    mine = {str(name): one.read_bytes() for name, one in there.items() if name.parts[0] != _DEPLOYING}
    return digest_of({name: hashlib.sha256(text).hexdigest() for name, text in mine.items()}) if mine else ""


def instance(world: World, source: Source) -> str:
    """Tell a source's container from the one of another start; "" where none runs."""
    if source.embedded or source.own:
        return source.name
    found = world.engine.container(f"{world.names.realm}-source-{source.service}")
    return found.id if found is not None and found.state == "running" else ""


def listed(world: World) -> tuple[SourceView, ...]:
    """List the shipped sources by name with what compose says of each, then this person's own."""
    from manager.app import own_sources

    running = {one.name: one for one in world.compose.running()}
    views = []
    for source in sorted(world.catalog.sources, key=lambda one: one.name):
        found = running.get(source.service)
        state = IN_PROCESS if source.embedded else "stopped"
        if found is not None and found.state == "running":
            state = "running" if found.health in ("healthy", "none") else found.health
        known = (source.name, source.connector, source.engine, source.version, source.kind)
        authority = folder(world) / source.service / "ca.pem"
        where = str(authority) if state == "running" and authority.is_file() else ""
        views.append(SourceView(*known, state, source.service, source.required, where))
    return (*views, *own_sources.views(world))


def plan_start(world: World, names: tuple[str, ...]) -> Plan:
    """Plan to start the servers of sources; one that runs healthily needs nothing.

    Raises UsageError for an unknown source and for an engine in the process.
    """
    catalog = world.catalog
    observed = world.observe()
    readable(observed)
    states = {view.name: view.state for view in listed(world)}
    steps: dict[str, Step] = {}
    for name in _services(world, names):
        if states[name] == "running":
            continue
        suite = catalog.source(name).suite
        bases = base_step(catalog, observed, suite, f"{name} stands on it") if suite else []
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
    """Plan to stop the servers of sources, all that run when none is named.

    Raises UsageError for an unknown source and for an engine in the process.
    """
    states = {view.name: view.state for view in listed(world)}
    every = sorted({one.service for one in world.catalog.sources if one.service})
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
        for name in (_services(world, names) or every)
        if states[name] != "stopped"
    )
    notes: tuple[str, ...] = ()
    if steps and attached:
        notes = (
            f"{', '.join(attached)} may use it: a source that starts again has a new password, which an environment"
            " takes up when it is started again itself (env stop, env start)",
        )
    return Plan("stop sources", world.today, steps, notes, fingerprint(names, sorted(states.items())))


def _services(world: World, names: tuple[str, ...]) -> tuple[str, ...]:
    """Name the servers of sources, each once, in the order of the sources."""
    return tuple(dict.fromkeys(world.catalog.served(name).service for name in names))
