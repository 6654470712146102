"""A whole small world in memory: a catalog of every stage, an engine, a database, and steps that take effect.

World().apply(plan) does to engine and store what the real executors do to real ones, as far as a plan can see.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from manager.app.observe import observe
from manager.core import actions as do
from manager.core import build_actions, copies, forbidding, planner, starting
from manager.core.builds import layer_groups, plan_build
from manager.core.catalog import Catalog, Family, Launch, Lock, Place, Release
from manager.core.channels import named
from manager.core.connectors import Connector, Driver, Parameter, Source
from manager.core.emergency import plan_allow, plan_forbid
from manager.core.environments import LaunchRequest
from manager.core.evidence import Result, passed
from manager.core.ingredients import BROWSER, base_key, ingredients, spec_hash
from manager.core.lifecycle import Schedule
from manager.core.names import Names
from manager.core.observed import Answer, Build, BuildStatus, Copy, Observed, Usage
from manager.core.overrides import Override
from manager.core.promotion import plan_promote
from manager.core.pruning import Cached, Store, plan_prune
from manager.core.quarantine import barred
from manager.core.quarantining import Judgement, plan_lift, plan_quarantine
from manager.core.references import Reference, references
from manager.core.remembering import memory_of
from manager.core.rollback import plan_rollback
from manager.core.systems import System
from manager.core.workspaces import CREATED, plan_remove_workspace
from tests.fakes.engine import FakeEngine
from tests.fakes.store import FakeStore

if TYPE_CHECKING:
    from manager.core.driver_decisions import DriverDecision
    from manager.core.observed import Environment
    from manager.core.plan import Plan, Step

TODAY = date(2026, 11, 21)
OWNER = "ana"
PORTS = (20000, 29999)
PREFIX = "registry.bank:5000/solvent"
BROKEN, RIGHT = Judgement("broken", OWNER), Judgement("it was the test", OWNER)
LAUNCH = Launch(8888, "/api", "/lab", "#main")


def dates(released: str, deprecated: str, block: str, end: str, restart: str, remove: str) -> Schedule:
    """Give a schedule from ISO days."""
    return Schedule(*(date.fromisoformat(day) for day in (released, deprecated, block, end, restart, remove)))


# The day of the tests is 2026-11-21: one release for each thing that a day may allow.
SCHEDULES = {
    "5": dates("2026-12-01", "2028-03-01", "2028-05-01", "2028-06-01", "2028-09-01", "2029-06-01"),  # preview
    "4": dates("2026-06-18", "2027-12-18", "2028-02-18", "2028-03-18", "2028-06-18", "2029-03-18"),  # active
    "3": dates("2025-11-18", "2027-05-20", "2027-07-19", "2027-08-18", "2027-11-16", "2028-08-17"),  # active
    "2": dates("2025-04-03", "2026-10-05", "2026-12-04", "2027-01-03", "2027-04-03", "2028-01-03"),  # deprecated
    "1": dates("2024-10-30", "2026-09-01", "2026-11-01", "2026-12-01", "2027-03-01", "2027-12-01"),  # no new ones
    "0": dates("2024-05-06", "2026-08-01", "2026-10-01", "2026-11-01", "2027-01-30", "2027-11-01"),  # retired
    "00": dates("2023-05-06", "2025-08-01", "2025-10-01", "2025-10-31", "2026-01-29", "2026-10-31"),  # no restarts
}
SUCCESSORS = {"3": "", "2": "lab:4", "1": "lab:2", "0": "lab:1", "00": "lab:0"}


def release(line: str, **changes: object) -> Release:
    """Give one of the releases."""
    python, system = ("3.13", "trixie") if line in ("4", "5") else ("3.11", "bookworm")
    locks = tuple(Lock(kind, f"/catalog/{line}/{kind}.lock", f"{kind}-{line}") for kind in ("ide", "kernel"))
    made = Release(
        "lab", line, "lab==*", python, system, ("postgresql",), (), SCHEDULES[line],
        Place("images/lab/family.toml", 20), SUCCESSORS.get(line, ""), locks=locks,
    )  # fmt: skip
    return replace(made, **changes)  # type: ignore[arg-type]


POSTGRESQL = Connector(
    "postgresql", "PostgreSQL", "relational database", "core", ("platform",),
    (Driver("psycopg[binary]", "psycopg", main=True, url_scheme="postgresql+psycopg"),),
    (Parameter("host", "host"), Parameter("password", "password", secret=True)),
    (Source("postgresql-17", "postgresql", "postgresql", "17", "real", (("host", "postgresql-17"),), "trixie"),),
    "", Place("connectors/postgresql/connector.toml", 1),
)  # fmt: skip
SYSTEMS = (
    System("trixie", "trixie", ("python3",)),
    System("bookworm", "bookworm", ("python3",)),
    System(BROWSER, "bookworm", ("chromium",)),
)


def catalog(*lines: str, files: tuple[tuple[str, str], ...] = (("Dockerfile", "d1"),), **changes: object) -> Catalog:
    """Give a catalog of one family with these releases, all of them when none is named."""
    releases = tuple(release(line) for line in lines or SCHEDULES)
    family = Family(
        "lab", "Lab", "platform", ("python",), LAUNCH, releases, "/catalog/images/lab", files, 10**9,
        Place("images/lab/family.toml", 1),
    )  # fmt: skip
    made = Catalog("/catalog", False, "content", SYSTEMS, (family,), (POSTGRESQL,))
    return replace(made, **changes)  # type: ignore[arg-type]


@dataclass
class World:
    """One catalog, one engine, one database, one day."""

    catalog: Catalog = field(default_factory=catalog)
    engine: FakeEngine = field(default_factory=FakeEngine)
    store: FakeStore = field(default_factory=FakeStore)
    names: Names = field(default_factory=Names)
    today: date = TODAY
    registry: Answer | None = None
    cached: tuple[Cached, ...] = ()
    # What locks pin, by their digests.
    pins: dict[str, list[tuple[str, str]]] = field(default_factory=dict)

    def observe(self) -> Observed:
        """Read the world as Manager does, with what the registry says of builds whose bytes are missing."""
        seen = barred(observe(self.engine, lambda: self.store, self.names), self.catalog.overrides, self.today)
        seen = replace(seen, builds=self.judged(seen.builds, self.catalog))
        missing = [copy.exact for build in seen.builds for copy in copies.lacking(seen, build)]
        return replace(seen, answers=tuple(map(self.answer, missing)))

    def judged(self, builds: tuple[Build, ...], catalog: Catalog) -> tuple[Build, ...]:
        """Judge builds by the versions inside that a catalog quarantines."""
        standing = forbidding.standing(catalog.driver_decisions, self.today)
        hits = forbidding.inside(standing, self.store.containing)
        return forbidding.barred(builds, standing, hits, self.store.listed(), forbidding.of_locks(catalog))

    def answer(self, reference: str) -> Answer:
        """Ask the registry, which says what ``registry`` says if that is set."""
        if self.registry is not None:
            return replace(self.registry, reference=reference)
        return Answer(reference, "answers", self.engine.manifest(reference))

    # -- what is there already

    def base(self, system: str) -> str:
        """Put a base there; give its digest."""
        one = self.catalog.system(system)
        labels = dict(self.names.labels("base", system=one.id, base_key=base_key(one)))
        return self.engine.add_image(self.names.base(one.id, base_key(one)), labels)

    def bases(self) -> None:
        """Put every base there."""
        for system in self.catalog.systems:
            self.base(system.id)

    def build(
        self,
        name: str = "lab:4",
        version: str = "20261101.1",
        status: BuildStatus = BuildStatus.PROMOTED,
        *,
        points: bool | None = None,
        spec: str | None = None,
        bytes_: bool = True,
    ) -> Build:
        """Put a build there; a promoted one is what the channel points to unless ``points`` says otherwise.

        Its ingredients are those of the catalog, or others when ``spec`` names a hash.
        """
        one = self.catalog.release(name, self.today)
        parts = self._parts(one)
        day, _, number = version.partition(".")
        labels = dict(self.names.labels("image", release=name, version=version))
        digest = self.engine.add_image(f"{self.names.image(one.family, one.line, version)}", labels)
        if not bytes_:
            self.engine.remove_image(digest)
        made = datetime.strptime(day, "%Y%m%d").replace(tzinfo=UTC) + timedelta(minutes=int(number))
        build = Build(name, version, digest, spec or spec_hash(parts), parts, status, made, 1000)
        self.store.add_build(build)
        if points if points is not None else status is BuildStatus.PROMOTED:
            self.store.move_channel(name, "stable", self.store.pointers.get((name, "stable"), ""), digest)
        return build

    def _parts(self, one: Release) -> tuple[tuple[str, str], ...]:
        image = self.engine.image(self.names.base(one.system, base_key(self.catalog.system(one.system))))
        base = image.digest if image else "gone"
        return ingredients(self.catalog.family(one.family), one, layer_groups(self.catalog, one), base)

    # -- plans

    def launch(self, of: str = "lab:4", /, owner: str = OWNER, **more: object) -> Plan:
        """Plan a launch."""
        request = LaunchRequest(of, memory=4 * 1024**3, cpus=2.0, pids=1024, **more)  # type: ignore[arg-type]
        return planner.plan_launch(
            self.catalog, self.observe(), request, owner=owner, names=self.names, today=self.today, ports=PORTS
        )

    def environment(self, name: str, owner: str = OWNER) -> Environment:
        """Find an environment."""
        return planner.chosen(self.observe(), name, owner)

    def start(self, name: str) -> Plan:
        """Plan a start."""
        one = self.environment(name)
        return starting.plan_start(self.catalog, self.observe(), one, names=self.names, today=self.today)

    def stop(self, name: str) -> Plan:
        """Plan a stop."""
        return planner.plan_stop(self.observe(), self.environment(name), today=self.today)

    def remove(self, name: str, *, deletes: bool = False) -> Plan:
        """Plan a removal."""
        one = self.environment(name)
        return planner.plan_remove(self.observe(), one, names=self.names, today=self.today, deletes=deletes)

    def remove_workspace(self, name: str, owner: str = OWNER) -> Plan:
        """Plan the end of a workspace."""
        return plan_remove_workspace(self.observe(), owner, name, names=self.names, today=self.today)

    def make(self, *names: str, **more: bool) -> Plan:
        """Plan builds."""
        return plan_build(self.catalog, self.observe(), names, names=self.names, today=self.today, **more)

    def push(self, *names: str, prefix: str = PREFIX) -> Plan:
        """Plan to push."""
        seen = self.observe()
        builds = [copies.pushable(seen, name) for name in names]
        answers = tuple(self.answer(copies.reference(prefix, build)) for build in builds)
        return copies.plan_push(replace(seen, answers=answers), builds, prefix, (), self.today)

    def promote(self, name: str = "lab:4", version: str = "") -> Plan:
        """Plan a promotion; a candidate is proven by its evidence."""
        seen = self.observe()
        proven = tuple(one.digest for one in seen.builds if passed(self.store.evidence(one.digest)))
        return plan_promote(self.catalog, replace(seen, proven=proven), name, version, today=self.today)

    def rollback(self, name: str = "lab:4", to: str = "") -> Plan:
        """Plan to go back."""
        return plan_rollback(self.catalog, self.observe(), name, to, today=self.today)

    def marked(self, *more: DriverDecision) -> Catalog:
        """Give the catalog with further decisions about drivers."""
        decided = replace(self.catalog, driver_decisions=(*self.catalog.driver_decisions, *more))
        return forbidding.marked(decided, lambda lock: self.pins.get(lock.digest, []), self.today)

    def forbid(self, one: DriverDecision) -> Plan:
        """Plan to forbid versions of a driver."""
        seen = self.observe()
        standing = one in forbidding.standing(self.catalog.driver_decisions, self.today)
        seen = replace(seen, builds=self.judged(seen.builds, self.marked(one)))
        return plan_forbid(seen, one, standing=standing, today=self.today)

    def allow(self, one: DriverDecision) -> Plan:
        """Plan to allow them again."""
        seen = self.observe()
        standing = forbidding.standing(self.catalog.driver_decisions, self.today)
        recorded = barred(observe(self.engine, lambda: self.store, self.names), self.catalog.overrides, self.today)
        after = replace(seen, builds=self.judged(recorded.builds, self.marked(one)))
        return plan_allow(seen, after, one, standing, today=self.today)

    def quarantine(self, version: str, judgement: Judgement = BROKEN) -> Plan:
        """Plan to forbid a build of lab:4."""
        one = named(self.observe(), "lab:4", version)
        status = self.build_of(one.digest).status
        return plan_quarantine(self.catalog, self.observe(), one, status, judgement, today=self.today)

    def lift(self, version: str, judgement: Judgement = RIGHT) -> Plan:
        """Plan to allow it again."""
        one = named(self.observe(), "lab:4", version)
        return plan_lift(
            self.catalog, self.observe(), one, self.build_of(one.digest).status, judgement, today=self.today
        )

    def references(self) -> tuple[Reference, ...]:
        """Give what keeps each digest."""
        return references(
            self.catalog,
            self.observe(),
            self.today,
            remembered=self.store.environments(),
            containers=self.engine.containers({}),
        )

    def prune(self) -> Plan:
        """Plan a prune."""
        store = Store(self.cached, own=self.engine.image_sizes())
        return plan_prune(
            self.catalog, self.observe(), self.references(), store, today=self.today, realm=self.names.realm
        )

    def build_of(self, digest: str) -> Build:
        """Find a build."""
        return next(one for one in self.store.kept if one.digest == digest)

    # -- and what applying them does

    def apply(self, plan: Plan) -> Plan:
        """Carry out every step; give the plan."""
        made: dict[str, Build] = {}
        for step in plan.steps:
            self.carry_out(step, made)
        return plan

    def running(self, name: str = "work", of: str = "lab:4", **more: object) -> Environment:
        """Launch an environment, and give it."""
        self.apply(self.launch(of, name=name, **more))
        return self.environment(name)

    def carry_out(self, step: Step, made: dict[str, Build]) -> None:  # noqa: C901, PLR0912, PLR0915 - one line a kind
        """Do one step to engine and store; ``made`` holds the builds of this plan by release."""
        match step.do:
            case do.MakeNetwork() as action:
                self.engine.create_network(action.name, dict(action.labels))
            case do.MakeVolume() as action:
                self.engine.create_volume(action.name, dict(action.labels))
            case do.CloneWorkspace() as action:
                volume = self.engine.volume(action.volume)
                assert volume is not None
                self.store.keep_usage(Usage(volume.name, volume.labels.get(CREATED, ""), origin=str(action.origin)))
            case do.RemoveVolume() as action:
                self.engine.remove_volume(action.name)
            case do.CreateEnvironment() as action:
                image = action.spec.image or made[action.release].digest
                if action.instead:
                    self.engine.remove(action.spec.name)
                spec = replace(action.spec, image=image)
                self.engine.create(spec)
                self._remember(action, spec)
            case do.StartEnvironment() as action:
                self.engine.start(action.container, b"token")
                self._remember(action)
            case do.StopEnvironment() as action:
                self.engine.stop(action.container)
                self._remember(action)
            case do.ResumeEnvironment() as action:
                self.engine.resume(action.container)
                self._remember(action)
            case do.ForgetEnvironment() as action:
                self._remember(action)
            case do.RemoveContainer() as action:
                self.engine.remove(action.container)
                self._remember(action)
            case build_actions.MakeBase() as action:
                self.base(action.system)
            case build_actions.MakeTree():
                pass
            case build_actions.MakeImage() as action:
                made[action.release] = self.build(action.release, action.version, BuildStatus.CANDIDATE)
            case build_actions.ProveBuild() as action:
                digest = action.digest or made[action.release].digest
                self.store.record(digest, (Result("page", "pass"),), self.engine.now)
            case build_actions.TrustRegistry():
                pass
            case build_actions.PushBuild() as action:
                self.engine.tag(action.digest, action.reference)
                manifest = self.engine.push(action.reference, lambda _: None)
                base = base_key(self.catalog.system(self.catalog.release(action.release, self.today).system))
                self.store.keep_copy(Copy(action.digest, action.reference, manifest, base))
            case build_actions.PullBuild() as action:
                assert self.engine.pull(action.copy.exact, lambda _: None) == action.digest
            case build_actions.MoveChannel() as action:
                self._promote(action, action.digest or made[action.release].digest)
            case build_actions.Decide() as action:
                if isinstance(action.decision, Override):
                    decided = replace(action.decision, place=Place(f"decision-{len(self.catalog.overrides) + 1}", 1))
                    self.catalog = replace(self.catalog, overrides=(*self.catalog.overrides, decided))
                else:
                    self.catalog = self.marked(action.decision)
            case build_actions.JudgeBuild() as action:
                self.store.set_status(action.digest, action.status, action.reason)
            case build_actions.EmptyChannel() as action:
                self.store.move_channel(action.release, action.channel, action.expected, "")
            case build_actions.PruneBuild() as action:
                if self.build_of(action.digest).status is not BuildStatus.QUARANTINED:
                    self.store.set_status(action.digest, BuildStatus.TOMBSTONED, action.reason)
                self.engine.remove_image(action.digest)
            case build_actions.RemoveImage() as action:
                self.engine.remove_image(action.digest)
            case build_actions.RemoveCached() as action:
                self.cached = tuple(one for one in self.cached if (one.kind, one.name) != (action.kind, action.name))
            case other:
                raise AssertionError(f"nobody taught the world {other}")

    def _remember(self, action: do.Action, result: object = None) -> None:
        memory = memory_of(action, result, self.engine.info().id, self.engine.now)
        if memory is not None:
            self.store.remember(memory)

    def _promote(self, action: build_actions.MoveChannel, digest: str) -> None:
        self.store.move_channel(action.release, action.channel, action.expected, digest)
        for one in self.store.builds(action.release):
            if one.status is BuildStatus.PROMOTED and one.digest != digest:
                self.store.set_status(one.digest, BuildStatus.SUPERSEDED, action.leaving or "another was promoted")
        self.store.set_status(digest, BuildStatus.PROMOTED, "every required check passed")
