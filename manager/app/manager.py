"""The public Python API: plans, what exists, and applying.

Each method is a use case in a module of its own, which is loaded when it is called.
"""

from __future__ import annotations

from functools import cached_property, partial
from typing import TYPE_CHECKING

from manager.app.compatibility import Compatibility
from manager.app.freshness import Made
from manager.core.mirror_delivery import IN_SHELL
from manager.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date
    from pathlib import Path

    from manager.app.adoption import Adoption
    from manager.app.bundles import Bundles
    from manager.app.calendar import Calendar
    from manager.app.checking.nightly import NightlyRequest
    from manager.app.checking.planning import CheckPlan
    from manager.app.connector_locks import ConnectorLocks
    from manager.app.contract_views import Contracts
    from manager.app.debts import Owed
    from manager.app.emergency import Emergency
    from manager.app.events import Event, PlanDone
    from manager.app.release_views import BuildResult, PushResult, ReleaseDetail, ReleaseView
    from manager.app.shelf import Shelf
    from manager.app.upgrades import Asked, Upgrades
    from manager.app.views import (
        EnvironmentView,
        Finding,
        Matter,
        WorkspaceView,
    )
    from manager.app.watch import Refreshed
    from manager.core.checks import Checked, Run
    from manager.core.environments import LaunchRequest
    from manager.core.plan import Plan


Notes = tuple[str, ...]


class Manager(Compatibility):
    """A World, and everything that can be asked of it and done to it.

    Engine, store and clock may be given (tests do); otherwise the settings say which.
    """

    @cached_property
    def _made(self) -> Made:
        """How each plan of this Manager was made, so that it can be made again."""
        return Made()

    @classmethod
    def open(cls, *, catalog: Path | None = None, as_of: date | None = None) -> Manager:
        """Give the Manager that the settings of this machine and person describe."""
        from manager.app.settings import load

        return cls(load(), catalog=catalog, as_of=as_of)

    # -- environments ----------------------------------------------------------------------------------

    def plan_launch(self, request: LaunchRequest) -> Plan:
        """Plan a new environment; raises UsageError, Refused or Unreachable, see :func:`planner.plan_launch`."""
        from manager.app import environments

        return self._made.plan(lambda: environments.plan_launch(self, request))

    def plan_start(self, name: str, *, new_workspace: bool = False) -> Plan:
        """Plan to start an environment on the digest that it has; a running one gets what has changed.

        One whose container is gone is made again. Files that are gone as well are said to be lost, unless an empty
        workspace is asked for.
        """
        from manager.app import environments

        return self._made.plan(lambda: environments.plan_start(self, name, new_workspace=new_workspace))

    def plan_start_all(self) -> tuple[Plan, tuple[str, ...]]:
        """Plan to start all that ran and was not stopped by this person, with why others cannot start."""
        from manager.app import environments

        return environments.plan_start_all(self)

    def plan_stop(self, name: str) -> Plan:
        """Plan to stop an environment."""
        from manager.app import environments

        return self._made.plan(lambda: environments.plan_stop(self, name))

    def plan_remove(self, name: str, *, delete_workspace: bool = False) -> Plan:
        """Plan to remove an environment; its workspace stays unless it is asked for."""
        from manager.app import environments

        return self._made.plan(lambda: environments.plan_remove(self, name, deletes=delete_workspace))

    def plan_upgrade(self, asked: Asked) -> Upgrades:
        """Plan to put environments on a newer build or on another release, with what that changes for each."""
        from manager.app import upgrades

        return self._made.within(lambda: upgrades.plan_upgrade(self, asked))

    def plan_back(self, names: tuple[str, ...], affected_by: str = "") -> Upgrades:
        """Plan to return environments to what they were before their last upgrade."""
        from manager.app import upgrades

        return self._made.within(lambda: upgrades.plan_back(self, names, affected_by))

    def part(self, plan: Plan, without: tuple[str, ...]) -> Plan:
        """Give a plan of this Manager without some of its steps and what goes with them; raises UsageError."""
        return self._made.part(plan, without)

    def apply(self, plan: Plan, *, recheck: bool = False, workers: int = 4) -> Iterator[Event]:
        """Carry out a plan as a stream of events; raises the first error at the end; closing it stops.

        With ``recheck``, for a plan that somebody has looked at meanwhile, it is made again from catalog and
        world as they are now: Refused, with what changed, when it read something else then. Another day than the
        present one is only looked at: Refused, or a retired release could be launched on a day of its youth.
        """
        from manager.app.apply import apply
        from manager.app.recording import record
        from manager.app.steps import execute

        if self.looking:
            raise Refused(
                f"this is how {self.today} looks; only a plan of the present day is carried out",
                hint="look at it with --dry-run, or leave out --as-of",
            )
        if recheck:
            self.reread()
            plan = self._made.again(plan)
        if plan:
            # Nothing is begun that could not be written down.
            self.store.writable()
        return apply(
            plan,
            lambda step, progress: execute(self, step, progress),
            lambda step, result, error: record(self, step, result, error),
            workers,
        )

    def run_checks(self, planned: CheckPlan) -> Iterator[Event | str | Run]:
        """Carry out a planned run of checks: events and lines, then the run. It promotes nothing."""
        from manager.app.checking import running

        return running.run(self, planned)

    def try_checks(self, planned: CheckPlan) -> Iterator[Event | tuple[Checked, ...]]:
        """Carry out a planned part of checks, of which nothing is kept: events, then what the cells came to."""
        from manager.app.checking import running

        return running.tried(self, planned)

    def nightly(self, asked: NightlyRequest | None = None) -> Iterator[object]:
        """Ask upstream, check what changed, and say what may be promoted and what is to be held: events, then that."""
        from manager.app.checking import nightly

        return nightly.nightly(self, asked)

    def environments(self, *, everyone: bool = False) -> tuple[EnvironmentView, ...]:
        """List environments of this person, or of everyone; without their URLs."""
        return self.listing(everyone=everyone)[0]

    def listing(self, *, everyone: bool = False, remembered: bool = False) -> tuple[tuple[EnvironmentView, ...], Notes]:
        """List environments with what a reader has to know; ``remembered`` ones without asking the engine."""
        from manager.app import listing

        owner = "" if everyone else self.settings.owner
        found = listing.remembered(self, owner) if remembered else listing.listed(self, owner)
        return listing.views(self, found), found.notes

    def environment(self, name: str, *, url: bool = True) -> EnvironmentView:
        """Show one environment; its URL carries the token, read from the running container."""
        from manager.app import environments

        return environments.shown(self, name, url=url)

    def logs(self, name: str, *, follow: bool = False, tail: int | None = None) -> Iterator[bytes]:
        """Give an environment's output in chunks."""
        return self.engine.logs(self._chosen(name), follow=follow, tail=tail)

    def shell(self, name: str, command: tuple[str, ...] = ()) -> int:
        """Join the terminal to a shell inside an environment; gives its exit code."""
        return self.engine.shell(self._chosen(name), (*IN_SHELL, *(command or ("bash",))))

    def _chosen(self, name: str) -> str:
        from manager.app import environments

        one = environments.found(self, name)
        if one.state == "gone":
            raise Refused(f"the container of {name} is gone", hint=f"make it again:  solvent env start {name}")
        return one.container

    # -- releases and builds ---------------------------------------------------------------------------

    def releases(self, *, everything: bool = False) -> tuple[ReleaseView, ...]:
        """List releases, newest first; retired and preview ones only with ``everything``."""
        from manager.app import releases

        return releases.listed(self, everything=everything)

    def release(self, name: str) -> ReleaseDetail:
        """Show one release with its dates, its builds and the evidence of its current one."""
        from manager.app import releases

        return releases.shown(self, name)

    def plan_build(
        self,
        names: tuple[str, ...],
        *,
        everything: bool = False,
        force: bool = False,
        fresh_base: bool = False,
        candidate: bool = False,
    ) -> Plan:
        """Plan the builds that the named releases need, or all of them; on bases that are made anew if asked for.

        With ``candidate`` what is built is left unproven.
        """
        from manager.app import releases

        more = {"everything": everything, "force": force, "fresh_base": fresh_base, "candidate": candidate}
        return self._made.plan(lambda: releases.plan_build(self, names, **more))

    def refresh(
        self, families: tuple[str, ...] = (), *, ask_service: bool = True, silence_fails: bool = True
    ) -> Iterator[str | Refreshed]:
        """Ask upstream for newer IDEs, drivers and updates of bases: lines of progress, then what is proposed.

        Without ``ask_service`` no service is asked for advisories; without ``silence_fails`` it is no error that nobody
        answers.
        """
        from manager.app import watch

        return watch.refreshed(self, families, ask_service=ask_service, silence_fails=silence_fails)

    def build_results(self, plan: Plan, done: PlanDone | None) -> tuple[BuildResult, ...]:
        """Say what a build plan did for each of its releases; ``done`` is None when there was nothing to do."""
        from manager.app import releases

        return releases.build_results(self, plan, done)

    def plan_push(self, names: tuple[str, ...], *, everything: bool = False, to: str = "") -> Plan:
        """Plan to push promoted builds to the registry of the settings, or to another prefix."""
        from manager.app import registries

        return self._made.plan(lambda: registries.plan_push(self, names, everything=everything, to=to))

    def plan_adopt(self, reference: str) -> Plan:
        """Plan to take over a build by what ``image push`` printed on another machine."""
        from manager.app import registries

        return self._made.plan(lambda: registries.plan_adopt(self, reference))

    def pushes(self, plan: Plan, done: PlanDone | None) -> tuple[PushResult, ...]:
        """Say for each build of a push plan where it is now; ``done`` is None when there was nothing to do."""
        from manager.app import registries

        return registries.results(self, plan, done)

    def plan_lock(self, names: tuple[str, ...], upgrade: tuple[str, ...] = ()) -> Plan:
        """Plan to resolve locks again; raises Refused for the shipped catalog, which is read-only."""
        from manager.app import releases

        return self._made.plan(lambda: releases.plan_lock(self, names, upgrade))

    def connector_locks(
        self, names: tuple[str, ...] = (), upgrade: tuple[str, ...] = (), *, facts: bool = False
    ) -> Iterator[str | ConnectorLocks]:
        """Resolve kernel locks for their connectors: lines of progress, then what would move, with the plan of it."""
        from manager.app import connector_locks

        for one in connector_locks.planned(self, names, upgrade, facts=facts):
            if not isinstance(one, str):
                self._made.plan(partial(connector_locks.again, self, one.plan))
            yield one

    # -- sources, workspaces ---------------------------------------------------------------------------

    def plan_source_start(self, names: tuple[str, ...]) -> Plan:
        """Plan to start shipped sources, with the bases that they are built on."""
        from manager.app import sources

        return self._made.plan(lambda: sources.plan_start(self, names))

    def plan_source_stop(self, names: tuple[str, ...]) -> Plan:
        """Plan to stop shipped sources; all that run when none is named."""
        from manager.app import sources

        return self._made.plan(lambda: sources.plan_stop(self, names))

    def workspaces(self) -> tuple[WorkspaceView, ...]:
        """List this person's workspaces."""
        from manager.app import workspaces

        return workspaces.listed(self)

    def workspace(self, name: str) -> WorkspaceView:
        """Show one workspace; raises UsageError with a suggestion."""
        from manager.app import workspaces

        return workspaces.shown(self, name)

    def has_workspace(self, name: str) -> bool:
        """Say whether this person has a workspace of that name, without measuring any."""
        from manager.app import workspaces

        return workspaces.has(self, name)

    def plan_remove_workspace(self, name: str) -> Plan:
        """Plan to delete a workspace with all its files; the step is destructive."""
        from manager.app import workspaces

        return self._made.plan(lambda: workspaces.plan_remove(self, name))

    @property
    def calendar(self) -> Calendar:
        """When releases come and go: the dates that hold, what a day changes, and what people decide."""
        from manager.app.calendar import Calendar

        return Calendar(self, self._made)

    @property
    def shelf(self) -> Shelf:
        """Builds that exist: promoted, rolled back to, quarantined, pruned."""
        from manager.app.shelf import Shelf

        return Shelf(self, self._made)

    @property
    def emergency(self) -> Emergency:
        """Versions of drivers that are forbidden everywhere at once, and the way out of that."""
        from manager.app.emergency import Emergency

        return Emergency(self, self._made)

    @property
    def adoption(self) -> Adoption:
        """What no Solvent made: seen as it is, given dates, and taken over."""
        from manager.app.adoption import Adoption

        return Adoption(self, self._made)

    @property
    def bundles(self) -> Bundles:
        """What a machine without a network is carried in one file."""
        from manager.app.bundles import Bundles

        return Bundles(self, self._made)

    @property
    def contracts(self) -> Contracts:
        """What parameters a version of a driver takes, and what another one does otherwise."""
        from manager.app.contract_views import Contracts

        return Contracts(self)

    # -- the whole -------------------------------------------------------------------------------------

    def status(self) -> tuple[Matter, ...]:
        """Say what needs this person, each with the command that settles it."""
        from manager.app import status

        return status.matters(self)

    def debt(self) -> Owed:
        """Say what is owed, since when and to whom it matters, and what was on earlier days; see :mod:`.debts`."""
        from manager.app import debts

        return debts.owed(self)

    def doctor(self) -> tuple[Finding, ...]:
        """Look at every part of the world and say how to mend what is wrong."""
        from manager.app import doctor

        return doctor.findings(self)
