"""Plans that start environments: one that is stopped, one that is paused, and one whose connections have changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from manager.core.actions import DeliverConnections, ResumeEnvironment, StartEnvironment
from manager.core.channels import past_quarantine
from manager.core.gates import leaving, orphaned, readmit
from manager.core.observed import BuildStatus, readable
from manager.core.offers import networks
from manager.core.overrides import quarantines
from manager.core.plan import Plan, Step, fingerprint
from manager.core.taking import taking
from manager.core.upgrades import way_on
from manager.errors import Refused

if TYPE_CHECKING:
    from datetime import date

    from manager.core.catalog import Catalog, Release
    from manager.core.lifecycle import Schedule
    from manager.core.names import Names
    from manager.core.observed import Build, Environment, Observed


def plan_start(
    catalog: Catalog,
    observed: Observed,
    environment: Environment,
    *,
    names: Names,
    today: date,
    stale: tuple[str, ...] = (),
    announced: Schedule | None = None,
) -> Plan:
    """Plan to start a stopped environment on the digest that it has, or to bring a running one up to date.

    A running one needs nothing but its ``stale`` connections: those whose files there are not what they would be
    by now. ``announced`` are the dates that were announced of its release. Raises Refused from the release's
    restart_block on, for a quarantined build whatever the dates say, and for a family that the catalog does not have
    any more.
    """
    readable(observed)
    if environment.state == "running":
        running = catalog.named(environment.release)
        notes = leaving(catalog, running, today) if running else ()
        if stale:  # A quarantined build gets no new secrets.
            _fit(catalog, observed, environment, today)
        return _refreshed(environment, stale, today, notes)
    release, build, notes = startable(catalog, observed, environment, today, announced)
    if environment.state == "paused":
        step = _resume(environment, "somebody has paused it with the engine's own command")
        return Plan(f"start {environment.name}", today, (step,), notes, fingerprint(environment), environment.name)
    network = networks(observed, names, environment.networks)
    taken, said = taking(observed, names, environment)
    return _starting(environment, [*network, *taken], build, release, today, notes + said, f"it is {environment.state}")


def startable(
    catalog: Catalog, observed: Observed, environment: Environment, today: date, announced: Schedule | None = None
) -> tuple[Release | None, Build | None, tuple[str, ...]]:
    """Decide whether an environment that does not run may; gives its release and build as far as known, and notes."""
    release = catalog.named(environment.release)
    build = _fit(catalog, observed, environment, today)
    if all(family.id != environment.family for family in catalog.families):
        raise Refused(
            f"family {environment.family} of {environment.name} is no longer in the catalog",
            why="how its environments are started is written there",
            hint=f"launch another on its files:  solvent env launch RELEASE --workspace {environment.workspace}",
        )
    if release is None:
        notes = orphaned(environment.release, announced, today)
    else:
        notes = readmit(catalog, release, environment.workspace, today)
    if build is None:
        notes += (f"build {environment.version} is not known to this database; nothing is known about its quality",)
    return release, build, notes


def _resume(environment: Environment, cause: str) -> Step:
    """Let an environment go on; it keeps its token and its connections."""
    return Step(
        id=f"resume:{environment.container}",
        kind="resume environment",
        target=environment.name,
        cause=cause,
        do=ResumeEnvironment(environment.container),
        before=environment.state,
        after="running",
    )


def _refreshed(environment: Environment, stale: tuple[str, ...], today: date, notes: tuple[str, ...]) -> Plan:
    """Plan what a running environment needs."""
    steps: tuple[Step, ...] = ()
    if environment.wanted == "stopped":
        # A start that was killed before it could be written down; or the engine's own command.
        steps = (_resume(environment, "it runs, and was last known to be stopped"),)
    if stale:
        steps = (
            *steps,
            Step(
                id=f"deliver:{environment.container}",
                kind="deliver connections",
                target=environment.name,
                cause=f"the files of {', '.join(stale)} have changed since it got them",
                do=DeliverConnections(environment.container, environment.name, stale),
                after=", ".join(stale),
            ),
        )
    read = fingerprint(environment, stale)
    return Plan(f"start {environment.name}", today, steps, notes, read, environment.name)


def _starting(
    environment: Environment,
    before: list[Step],
    build: Build | None,
    release: Release | None,
    today: date,
    notes: tuple[str, ...],
    cause: str,
) -> Plan:
    """Plan the start of a container that exists, after what comes ``before``."""
    one = environment
    needs = tuple(step.id for step in before)
    start = start_step(one.container, one.name, one.release, one.connections, cause, needs)
    return Plan(
        subject=f"start {one.name}",
        as_of=today,
        steps=(*before, start),
        notes=notes,
        fingerprint=fingerprint(one, release.schedule if release else None, build),
        result=one.name,
    )


def start_step(
    container: str,
    environment: str,
    release: str,
    connections: tuple[str, ...],
    cause: str,
    needs: tuple[str, ...],
) -> Step:
    """Give the step that starts a container."""
    return Step(
        id=f"start:{container}",
        kind="start environment",
        target=environment,
        cause=cause,
        do=StartEnvironment(container, environment, release, connections),
        after="ready",
        needs=needs,
    )


def _else(environment: Environment, build: Build | None) -> str:
    """Say how an environment goes on that there is nothing to upgrade to: a lock may have to move first."""
    gone = f"remove it, its workspace stays:  solvent env remove {environment.name}"
    if build is None or not build.forbidden:
        return gone
    return f"{past_quarantine(build)}\nafter a build:  solvent env upgrade {environment.name}\n{gone}"


def _fit(catalog: Catalog, observed: Observed, environment: Environment, today: date) -> Build | None:
    """Give an environment's build, None when it is unknown; raise Refused when it is quarantined.

    The catalog forbids what this database never heard of as well.
    """
    build = observed.build(environment.digest)
    if build is not None:
        why = build.reason if build.status is BuildStatus.QUARANTINED else None
    else:
        forbidding = quarantines(catalog.overrides, today)
        found = forbidding.get(environment.digest) or forbidding.get(environment.release)
        why = f"{found.reason} ({found.place})" if found else None
    if why is not None:
        way = way_on(catalog, observed, environment, today)
        raise Refused(
            f"build {environment.version} of {environment.release} is quarantined",
            why=why,
            hint=f"upgrade it:  {way}" if way else _else(environment, build),
        )
    return build
