"""Whatever happens in whatever order, a prune removes nothing that something refers to (LIFECYCLE, rule 11).

What is referred to is worked out here once more, from the engine and the database alone.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from manager.core.containers import LABEL
from manager.core.evidence import Result
from manager.core.observed import BuildStatus
from manager.errors import ManagerError
from tests.fakes.world import World, catalog, release

if TYPE_CHECKING:
    from collections.abc import Callable

    from manager.core.observed import Build
    from manager.core.plan import Plan

LINES = ("4", "3")
NAMES = ("one", "two", "three")
GOOD = (BuildStatus.PROMOTED, BuildStatus.SUPERSEDED)
# A launch that would build is left: builds come by their own rule.
KINDS = {
    "promote build", "roll back", "pull build", "push build", "create network", "create workspace", "create home",
    "create environment", "start environment",
}  # fmt: skip


class Life:
    """Builds, environments and days of two releases; every event takes a number, which says which of them."""

    def __init__(self) -> None:
        self.world = World(catalog=catalog(*LINES))
        self.world.bases()
        self.made = 0

    # -- builds

    def build(self, pick: int) -> None:
        """Make a build of new ingredients, prove it mostly, and promote it mostly."""
        self.made += 1
        name, version = f"lab:{LINES[pick % 2]}", f"20261101.{self.made}"
        one = self.world.build(name, version, BuildStatus.CANDIDATE, spec=version)
        outcome = "fail" if pick % 7 == 0 else "pass"
        self.world.store.record(one.digest, (Result("page", outcome),), self.world.engine.now)
        if pick % 5:
            self._tried(lambda: self.world.promote(name, version))

    def roll_back(self, pick: int) -> None:
        """Go back."""
        self._tried(lambda: self.world.rollback(f"lab:{LINES[pick % 2]}"))

    def quarantine(self, pick: int) -> None:
        """Forbid some build."""
        if build := self._some(pick):
            self.world.store.set_status(build.digest, BuildStatus.QUARANTINED, "broken")

    def push(self, pick: int) -> None:
        """Have a copy of some release's build."""
        self._tried(lambda: self.world.push(f"lab:{LINES[pick % 2]}"))

    def name_it(self, pick: int) -> None:
        """Give some image one more of our names, and now and then one of somebody else's."""
        if build := self._some(pick):
            with suppress(ManagerError):
                self.world.engine.tag(build.digest, "bank/mine:1" if pick % 5 == 0 else f"solvent/lab:{pick}")

    def delete_behind_our_back(self, pick: int) -> None:
        """Lose the bytes of some build."""
        if build := self._some(pick):
            with suppress(ManagerError):
                self.world.engine.remove_image(build.digest)

    def pin(self, pick: int) -> None:
        """Write a pin into the catalog."""
        if build := self._some(pick):
            family = self.world.catalog.families[0]
            lines = tuple(
                release(one.line, pins=(*one.pins, build.version)) if one.name == build.release else one
                for one in family.releases
            )
            self.world.catalog = replace(self.world.catalog, families=(replace(family, releases=lines),))

    # -- environments

    def launch(self, pick: int) -> None:
        """Launch, for one of two people."""
        owner, name = ("ana", "bea")[pick // 7 % 2], NAMES[pick % 3]
        self._tried(lambda: self.world.launch(f"lab:{LINES[pick % 2]}", owner, name=name))

    def stop(self, pick: int) -> None:
        """Stop an environment."""
        self._tried(lambda: self.world.stop(NAMES[pick % 3]))

    def start(self, pick: int) -> None:
        """Start an environment."""
        self._tried(lambda: self.world.start(NAMES[pick % 3]))

    def remove(self, pick: int) -> None:
        """Remove an environment."""
        self._tried(lambda: self.world.remove(NAMES[pick % 3]))

    def lose(self, pick: int) -> None:
        """Lose the container of an environment; it can be made again."""
        with suppress(ManagerError):
            self.world.engine.remove(self.world.environment(NAMES[pick % 3]).container)

    # -- days and prunes

    def wait(self, pick: int) -> None:
        """Let releases be deprecated, retired, and removable at last."""
        days = 900 if pick % 9 == 0 else pick % 90
        self.world.today = min(self.world.today + timedelta(days=days), date(2035, 1, 1))

    def prune(self, pick: int) -> None:
        """Prune, or be killed after some steps; the next one then ends it, and there is nothing left to do."""
        kept = self.referenced()
        made: dict[str, object] = {}
        for step in self.world.prune().steps[: pick % 4]:
            self.world.carry_out(step, made)  # type: ignore[arg-type]
        self.world.apply(self.world.prune())
        assert kept <= self.here()
        assert not self.world.prune()
        names = [(one.release, one.version) for one in self.world.store.kept]
        assert len(names) == len(set(names)) == self.made

    # -- what is referred to, worked out from the fakes alone

    def here(self) -> set[str]:
        """Give the digests that the engine has."""
        return {image.digest for image in self.world.engine.images({})}

    def referenced(self) -> set[str]:
        """Give every digest that is here and that something refers to."""
        store, here = self.world.store, self.here()
        found = {container.image for container in self.world.engine.containers({})}
        found |= {one.environment.digest for one in store.launched.values() if one.environment.wanted}
        found |= {one.digest for one in self.world.engine.images({}) if any("bank/" in name for name in one.references)}
        for one in self.world.catalog.releases:
            mine = list(store.builds(one.name))
            found |= {build.digest for build in mine if build.version in one.pins}
            if self.world.today < one.schedule.remove_after:
                found.add(store.pointers.get((one.name, "stable"), ""))
                found |= {build.digest for build in [b for b in mine if b.status in GOOD and b.digest in here][-3:]}
        return found & here

    def _some(self, pick: int) -> Build | None:
        builds = self.world.store.kept
        return builds[pick % len(builds)] if builds else None

    def _tried(self, way: Callable[[], Plan]) -> None:
        """Plan and apply; what is refused is left."""
        with suppress(ManagerError):
            plan = way()
            if plan.subject.partition(" ")[0] != "launch" or all(step.kind in KINDS for step in plan.steps):
                self.world.apply(plan)


EVENTS = (
    *[Life.build] * 8, *[Life.launch] * 4, *[Life.prune] * 3, Life.roll_back, Life.quarantine, Life.push, Life.name_it,
    Life.delete_behind_our_back, Life.pin, Life.stop, Life.start, Life.remove, Life.lose, Life.wait,
)  # fmt: skip
LIVES = st.lists(st.tuples(st.sampled_from(EVENTS), st.integers(0, 10_000)), min_size=15, max_size=60)


@settings(max_examples=300)
@given(events=LIVES)
def test_nothing_that_something_refers_to_is_pruned(events: list[tuple[Callable[[Life, int], None], int]]) -> None:
    """Some ten thousand events: every prune among them, and one at the end, leaves what is in use."""
    life = Life()
    for event, pick in events:
        event(life, pick)
    life.prune(0)


def test_a_prune_by_tag_is_found() -> None:
    """The negative control: whoever takes an image away by one of its names takes away what runs on it."""
    life = Life()
    life.build(2)
    life.launch(0)
    kept = life.referenced()
    assert len(life.world.engine.containers({LABEL + "kind": "environment"})) == 1

    life.lose(0)
    life.world.engine.remove_image("solvent/lab:4-20261101.1")

    assert len(kept) == 1
    assert not kept <= life.here()
