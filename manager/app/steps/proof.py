"""Proves a build before any channel points to it, by looking into its running container.

One container without any network is asked everything, several things at once: what is inside and what it may do, a
cell in a kernel of every language, and its page, by a browser in a container beside it that shares its loopback.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from manager.app import contents, leftovers
from manager.app.proving.container import running
from manager.app.proving.health import told
from manager.app.proving.image import described, size
from manager.app.proving.inside import confined, logins, started
from manager.app.proving.languages import spoken
from manager.app.proving.page import browser, met
from manager.core.observed import Build
from manager.errors import Failed

if TYPE_CHECKING:
    from manager.app.apply import Progress
    from manager.app.leftovers import Labels
    from manager.app.world import World
    from manager.core.build_actions import ProveBuild
    from manager.core.catalog import Family, Release
    from manager.core.evidence import Result


def prove(world: World, action: ProveBuild, progress: Progress) -> tuple[Result, ...]:
    """Ask everything that an image must prove; keeps the results as evidence of the digest.

    Raises Failed, naming every answer that is not a pass; the build stays a candidate then. What cannot be asked here,
    because it needs something outside of the image, is kept as ``not_run`` and stops nothing.
    """
    made = progress.results.get(f"image:{action.release}")
    digest = made.digest if isinstance(made, Build) else action.digest
    release = world.catalog.release(action.release, world.today)
    family = world.catalog.family(release.family)
    with leftovers.passing(world) as labels:
        before = (size(world, digest, family), described(world, digest))
        results = (*before, *looked(world, digest, family, release, labels, progress))
    world.store.record(digest, results, world.clock.now())
    wrong = [result for result in results if result.outcome not in ("pass", "not_run")]
    if wrong:
        raise Failed(
            f"{release.name} {action.version} did not pass {len(wrong)} of {len(results)} checks",
            why="; ".join(f"{one.probe} {one.outcome}: {one.reason}" for one in wrong)[:1500],
            hint=f"the channel stays where it is; the evidence:  solvent image show {release.name}",
        )
    left = [result for result in results if result.outcome == "not_run"]
    progress.say(f"{len(results) - len(left)} checks passed" + (f", {len(left)} not run" if left else ""))
    return results


def looked(
    world: World, digest: str, family: Family, release: Release, labels: Labels, progress: Progress
) -> tuple[Result, ...]:
    """Ask the running container; gives the answers in one order, whatever came first."""
    progress.say("starting without a network, and a browser beside it")
    with running(world, digest, family, labels) as subject, ThreadPoolExecutor(4) as pool:
        spec = browser(world, subject)
        health = pool.submit(told, world, digest, labels)
        page = pool.submit(met, world, subject, spec)
        try:
            start = started(world, subject)
            if start.outcome == "pass":
                progress.say("asking what is inside, running cells, looking at the page")
                cells = pool.submit(spoken, world, subject, release)
                held = pool.submit(contents.prove, world, digest, release, subject.container)
                # One after the other: what looks for logins runs as root, which nothing else may.
                confinement = (*confined(world, subject), logins(world, subject))
                return (start, health.result(), *confinement, *held.result(), *cells.result(), *page.result())
        except BaseException:
            # Nobody waits for a page of a server that did not start.
            world.engine.remove(spec.name)
            raise
        world.engine.remove(spec.name)
        return (start, health.result())
