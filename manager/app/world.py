"""What a use case reaches: settings, the catalog, the adapters, and the world as observed.

Nothing is read before it is asked for, and every adapter is made at its first use: importing them is what a
short command spends most of its time on.
"""

from __future__ import annotations

import time
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from manager.app.prepared import Prepared
from manager.core.announcements import last_day
from manager.core.names import Names
from manager.core.observed import EngineInfo
from manager.core.quarantine import barred, judged
from manager.core.schedules import effective
from manager.core.suspensions import without
from manager.errors import ManagerError, Unreachable
from manager.world.claims import Claims

if TYPE_CHECKING:
    from datetime import date

    from manager.app.settings import Settings
    from manager.core.announcements import Announcement
    from manager.core.catalog import Catalog
    from manager.core.delivery import File
    from manager.core.driver_decisions import DriverDecision
    from manager.core.observed import Build, Container, Observed
    from manager.core.overrides import Override
    from manager.core.ports import Clock, Engine, Store
    from manager.core.secrets import Secret
    from manager.world.compose import Compose


class World:
    """One person's view of one catalog, one engine and one state database.

    ``engine``, ``store`` and ``clock`` may be given (tests do); otherwise the settings say which.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        catalog: Path | None = None,
        as_of: date | None = None,
        engine: Engine | None = None,
        store: Store | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.settings = settings
        self.names = Names(settings.realm)
        self.timing: dict[str, float] = {}
        self.observing = 0.0
        # What a reader has to know of the dates, once the catalog was read.
        self.doubts: tuple[str, ...] = ()
        # Tokens of environments that were started a moment ago, until they are shown once: asking the container
        # for one costs as much as a tenth of its start. They are written nowhere.
        self.tokens: dict[str, str] = {}
        # For the start: files by connection. For the clone: what the git server asks for, by reference.
        self.prepared_files: Prepared[tuple[File, ...]] = Prepared()
        self.prepared_secrets: Prepared[Secret] = Prepared()
        # What this command works on, so that another one does not.
        self.claims = Claims(settings.personal_dir / "claims")
        self._where = catalog
        self._as_of = as_of
        self._seen: frozenset[tuple[str, int, int]] | None = None
        if engine is not None:
            self.engine = engine
        if store is not None:
            self.store = store
        if clock is not None:
            self.clock = clock

    @cached_property
    def engine(self) -> Engine:
        """The container engine."""
        from manager.world.engine.docker import Docker

        return Docker(self.settings.engine_url)

    def containers(self, labels: dict[str, str]) -> tuple[Container, ...]:
        """List containers by labels, without loading the engine's library where nothing else has needed it yet."""
        if "engine" not in self.__dict__:
            from manager.world.engine import glance

            seen = glance.containers(self.settings.engine_url, labels)
            if seen is not None:
                return seen
        return self.engine.containers(labels)

    @cached_property
    def engine_id(self) -> str:
        """What tells the engine from every other one; raises Unreachable. Loads its library as ``containers`` does."""
        if "engine" not in self.__dict__:
            from manager.world.engine import glance

            seen = glance.engine_id(self.settings.engine_url)
            if seen is not None:
                return seen
        return self.engine.info().id

    @cached_property
    def store(self) -> Store:
        """The state database; raises Unreachable."""
        from manager.world.store import open_store

        return open_store(self.settings.database_url, shared=self.settings.machine_wide)

    @cached_property
    def clock(self) -> Clock:
        """Now, and today or the day that ``--as-of`` names."""
        from manager.world.clock import SystemClock

        return SystemClock(self._as_of)

    @cached_property
    def compose(self) -> Compose:
        """The compose command on the catalog's file of sources, in this realm."""
        from manager.app.mirrors import for_builds
        from manager.core.ingredients import base_key
        from manager.world.compose import Compose

        told = for_builds(self)
        environment = {"SOLVENT_REALM": self.names.realm, "SOLVENT_APT_OPTIONS": told.options}
        environment |= {"SOLVENT_APT_AUTHORITIES": told.authorities, "SOLVENT_APT_KEY": told.key}
        for source in self.catalog.sources:
            if not source.suite:
                continue
            system = self.catalog.system(source.suite)
            environment[f"SOLVENT_BASE_{system.id.upper()}"] = self.names.base(system.id, base_key(system))
            if told.mirror is not None:
                environment[f"SOLVENT_APT_{system.id.upper()}"] = "\n".join(told.mirror.lines(system.suite))
        if self.settings.engine_url:
            environment["DOCKER_HOST"] = self.settings.engine_url
        file = Path(self.catalog.root) / "compose" / "sources.yaml"
        return Compose(file, self.names.sources, environment)

    @property
    def place(self) -> Path:
        """Where the catalog lies, whether it can be read or not; raises CatalogError where there is none."""
        from manager.app import catalogs

        return catalogs.find(self._where, self.settings)[0]

    @property
    def looking(self) -> bool:
        """Say whether another day than the present one is looked at (``--as-of``)."""
        return self.clock.today() != self.clock.now().date()

    @property
    def today(self) -> date:
        """The UTC day that stages and gates are read for.

        A clock that went back does not take back what was announced: the day is that of the last announcement then.
        """
        day = self.clock.today()
        return day if self.looking else max(day, self.last_announced)

    @cached_property
    def announced(self) -> dict[str, Announcement]:
        """The last announcement of each release; empty, with a note in ``doubts``, where the database is silent."""
        try:
            return self.store.announcements.current()
        except Unreachable as error:
            self.doubts = (f"dates are the catalog's own: what was announced cannot be read ({error.message})",)
            return {}

    @cached_property
    def last_announced(self) -> date:
        """The latest day on which anything was announced."""
        return last_day(self.announced)

    @cached_property
    def declared(self) -> Catalog:
        """The catalog as its files say it; raises CatalogError with every problem, Refused for one not trusted."""
        from manager.app import catalogs

        return catalogs.load(self._where, self.settings)

    @cached_property
    def catalog(self) -> Catalog:
        """The catalog as it holds today: schedules, suspensions, quarantines; raises as ``declared``.

        Every door asks this one.
        """
        found = without(effective(self.declared, self.announced, self.today), self.today)
        if not found.quarantines_versions:
            return found
        from manager.app import forbidding

        return forbidding.marked(found, self)

    def reread(self) -> None:
        """Have the catalog read again when it is next asked for: its files have changed, or may have."""
        for name in ("catalog", "declared", "announced", "last_announced"):
            self.__dict__.pop(name, None)

    def look_again(self) -> None:
        """Have what may have changed read again; the catalog's files only where one of them is another one by now.

        For those who read every few seconds: parsing a thousand files takes as long as all the rest.
        """
        from manager.app import catalogs

        seen = catalogs.seen(self._where, self.settings)
        kept = self.__dict__.get("declared") if seen == self._seen else None
        self._seen = seen
        self.reread()
        if kept is not None:
            self.__dict__["declared"] = kept

    def close(self) -> None:
        """Release the database and what was claimed."""
        self.claims.close()
        if "store" in self.__dict__:
            self.store.close()

    def observe(self) -> Observed:
        """Read the world once; parts that do not answer are values in it."""
        from manager.app.observe import observe

        # The client is there before the engine's first request, which is where ready_seconds begins.
        engine, began = self.engine, time.monotonic()
        observed = observe(engine, lambda: self.store, self.names, self.settings.owner)
        self.observing = time.monotonic() - began
        if isinstance(observed.engine, EngineInfo):
            self.__dict__["engine_id"] = observed.engine.id
        seen = barred(observed, self._overrides(), self.today)
        builds = self._judged(seen.builds)
        return seen if builds is seen.builds else replace(seen, builds=builds)

    def builds(self, release: str = "") -> tuple[Build, ...]:
        """List builds, of one release or of all, as the database knows them and the catalog's quarantines judge them.

        What is asked whether a build may be used goes by these, never by the database's own rows.
        """
        return self._judged(judged(self.store.builds(release), self._overrides(), self.today))

    def builds_as_if(self, decisions: tuple[DriverDecision, ...]) -> tuple[Build, ...]:
        """List builds as they would be judged if these were the decisions about drivers."""
        from manager.app import forbidding

        builds = judged(self.store.builds(), self._overrides(), self.today)
        catalog = replace(self.declared, driver_decisions=decisions)
        return forbidding.judged(builds, forbidding.marked(catalog, self), self)

    def _judged(self, builds: tuple[Build, ...]) -> tuple[Build, ...]:
        """Judge builds by the versions inside that the catalog quarantines, where it does so of any."""
        try:
            if not self.declared.quarantines_versions:
                return builds
            catalog = self.catalog
        except ManagerError:
            return builds
        from manager.app import forbidding

        return forbidding.judged(builds, catalog, self)

    def _overrides(self) -> tuple[Override, ...]:
        """Give the decisions of the catalog; a catalog that cannot be read keeps nobody from looking at the world."""
        try:
            return self.declared.overrides
        except ManagerError:
            return ()
