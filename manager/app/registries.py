"""Registries that builds are pushed to: which, with what login, and what they say through the engine."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

from manager.app.mirrors import effective, opened
from manager.app.release_views import PushResult
from manager.core import adopting, copies
from manager.core.lifecycle import Stage
from manager.core.mirror_table import faults
from manager.core.mirrors import registry_host
from manager.core.observed import Answer, Copy, readable
from manager.errors import ManagerError, NotTrusted, Refused, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from manager.app.events import PlanDone
    from manager.app.world import World
    from manager.core.observed import Build, Observed
    from manager.core.plan import Plan
    from manager.core.reach import Login


def plan_push(world: World, names: tuple[str, ...], *, everything: bool, to: str) -> Plan:
    """Plan to push the promoted builds of releases, of all that have one with ``everything``.

    Raises UsageError where no registry is named, Refused for a build that is not good or not here, Unreachable when
    the registry is silent, not trusted, or wants another login.
    """
    prefix = _prefix(world, to)
    catalog, observed = world.catalog, world.observe()
    readable(observed)
    builds: dict[str, Build] = {}
    notes: tuple[str, ...] = ()
    releases = catalog.releases if everything else [catalog.release(name, world.today) for name in names]
    for release in releases:
        if everything and release.stage(world.today) is Stage.RETIRED:
            continue
        try:
            builds[release.name] = copies.pushable(observed, release.name)
        except Refused as refusal:
            if not everything:
                raise
            notes += (f"{refusal.message}: not pushed",)
    asked = _asked(world, observed, [copies.reference(prefix, build) for build in builds.values()])
    return copies.plan_push(asked, builds.values(), prefix, notes, world.today)


def plan_adopt(world: World, text: str) -> Plan:
    """Plan to take over a build by what ``image push`` printed; raises as :func:`adopting.plan_adopt`."""
    catalog, observed = world.catalog, world.observe()
    copy, release, version = adopting.pushed(catalog, text)
    known = [build.digest for build in observed.made(release.name)]
    wanted = [one.exact for digest in known for one in copies.lacking(observed, observed.build(digest))]
    asked = _asked(world, observed, list(dict.fromkeys((copy.exact, *wanted))))
    return adopting.plan_adopt(catalog, asked, copy, release, version, world.today)


def results(world: World, plan: Plan, done: PlanDone | None) -> tuple[PushResult, ...]:
    """Say where each build of a push plan is now; ``done`` is None when all of them were there already."""
    sent = [one for one in done.results.values() if isinstance(one, Copy)] if done else []
    there = [copy for copy in world.store.copies() if any(note.endswith(f": {copy}") for note in plan.notes)]
    builds = {build.digest: build for build in world.store.builds()}
    return tuple(PushResult(builds[copy.digest], copy, sent=copy in sent) for copy in (*sent, *there))


def asked(world: World, observed: Observed, digests: Iterable[str]) -> Observed:
    """Ask the registries that have the missing bytes of builds; nothing is asked when none is missing."""
    wanted = [copy.exact for digest in digests for copy in copies.lacking(observed, observed.build(digest))]
    return _asked(world, observed, wanted) if wanted else observed


def pointed(world: World, observed: Observed, releases: Iterable[str]) -> Observed:
    """Ask as :func:`asked`, for the builds that the channels of releases point to."""
    return asked(world, observed, [observed.channel(name) for name in releases])


def login(world: World, reference: str) -> Login | None:
    """Give the login for a reference's registry: that of ``builds``, or of ``registry`` where that is the same host.

    No other host gets one. Without, the one that the engine's client keeps holds.
    """
    mirrors, host = effective(world), registry_host(reference)
    for key in ("builds", "registry"):
        if registry_host(f"{getattr(mirrors, key)}/") == host and (found := opened(mirrors, key).login(key)):
            return found
    return None


def answer(world: World, reference: str) -> Answer:
    """Ask a registry, through the engine, for a manifest; what cannot be had becomes a value."""
    try:
        return Answer(reference, "answers", world.engine.manifest(reference, login(world, reference)))
    except NotTrusted as error:
        said = {"message": error.message, "why": error.why, "hint": error.hint}
        return Answer(reference, "not trusted", **said, authority=_authority(world, registry_host(reference)))
    except ManagerError as error:
        return Answer(reference, "silent", "", error.message, error.why, error.hint)


def _asked(world: World, observed: Observed, references: list[str]) -> Observed:
    with ThreadPoolExecutor(4) as several:
        return replace(observed, answers=tuple(several.map(lambda one: answer(world, one), references)))


def _prefix(world: World, to: str) -> str:
    prefix = to or effective(world).builds
    if not prefix:
        hint = 'say it once in [mirror]:  builds = "HOST[:PORT]/path"   or now:  --to HOST[:PORT]/path'
        raise UsageError("no registry is named to push builds to", hint=hint)
    for fault in faults({"builds": prefix}):
        raise UsageError(f"builds cannot be pushed to {prefix!r}", why=fault.why, hint=fault.hint)
    return prefix.rstrip("/")


def _authority(world: World, host: str) -> str:
    """Give the bundle by which Solvent can make the engine trust a registry: as root, beside it, and not yet done."""
    from manager.world import authorities, trusted

    path = effective(world).ca_bundle
    url = world.settings.engine_url
    if not path or os.geteuid() != 0 or not url.startswith("unix://"):
        return ""
    return "" if trusted.has(host, authorities.bundle(path)) else path
