"""What should exist: families, releases, connectors and systems, as the catalog's files declare them."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeVar

from manager.core.cooling import COOL_DOWN
from manager.core.lifecycle import Gate, Period, Policy, Schedule, Stage, Terms, launch_gate, stage_on
from manager.core.mirrors import NOTHING_SET, Mirrors
from manager.core.overrides import quarantines
from manager.errors import UsageError

if TYPE_CHECKING:
    from datetime import date

    from manager.core.access import Auth
    from manager.core.adoption import Adopted
    from manager.core.connectors import Connector, Source
    from manager.core.driver_decisions import DriverDecision, Forbidden
    from manager.core.kernels import Kernel
    from manager.core.overrides import Override
    from manager.core.sets import PackageSet
    from manager.core.sharing import SharedConnection
    from manager.core.systems import Artifact, System

T = TypeVar("T")

GitMode = Literal["none"]
LockKind = Literal["ide", "kernel", "npm"]
TreeKind = Literal["ide", "kernel"]
IdeFrom = Literal["python", "npm", "vendor"]
# Of an IDE from npm, ``ide`` pins the Node.js that runs it and ``npm`` the IDE itself. One from a vendor is an artifact
# of its base, and pinned by its hash there.
LOCKS: dict[IdeFrom, tuple[LockKind, ...]] = {
    "python": ("ide", "kernel"),
    "npm": ("ide", "kernel", "npm"),
    "vendor": ("kernel",),
}
BaseOrigin = Literal["auto", "bootstrap", "registry"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is declared: file relative to the catalog's root, line from 1."""

    file: str
    line: int

    def __str__(self) -> str:
        """Render as ``file:line``."""
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class Fact:
    """The day on which upstream support of a component (``python 3.9``, ``debian trixie``) ends; None: undecided.

    ``source`` names the document that says so, ``as_of`` the day on which it was last looked up.
    """

    component: str
    ends: date | None
    source: str
    as_of: date


@dataclass(frozen=True, slots=True)
class Launch:
    """How an image of a family is started and reached.

    What is started is the image's own command. ``ready`` answers below 400 once the IDE serves; ``page`` is
    what a person opens; ``selector`` is a CSS selector that only the working page has; ``auth`` is how a person
    gets in (:mod:`manager.core.access`).
    """

    port: int
    ready: str
    page: str
    selector: str
    auth: Auth = "token"
    home: str = "/home/solvent"
    workspace: str = "/workspace"
    uid: int = 1000
    environment: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Lock:
    """A lock file: where it lies (absolute), the digest of its text, and what it pins that is quarantined."""

    kind: LockKind
    path: str
    digest: str
    forbidden: tuple[Forbidden, ...] = ()


@dataclass(frozen=True, slots=True)
class Release:
    """What a user chooses: ``family:line``. It owns the dates.

    ``ide_requirement``, ``packages`` and ``sets`` are what the locks are resolved from; ``ide_version`` is what
    the IDE lock says, or empty without a lock. ``r`` is the R that the packages of its system bring, if any.
    ``inherited`` are the locks of the release that it extends: its own begin with their versions, and where they
    serve as they are they stand among ``locks``. ``pins`` are versions of builds whose bytes are kept, whatever
    becomes of the release. ``terms`` are what ``schedule`` was computed from (None: it was not). An IDE that comes
    from npm (``ide_from``) runs on the line ``node`` of Node.js. One that was ``adopted`` was made elsewhere: it has
    dates, and neither locks nor builds. ``suspended`` are the connectors that it goes without for now.
    """

    family: str
    line: str
    ide_requirement: str
    python: str
    system: str
    connectors: tuple[str, ...]
    packages: tuple[str, ...]
    schedule: Schedule
    place: Place
    successor: str = ""
    message: str = ""
    ide_version: str = ""
    locks: tuple[Lock, ...] = ()
    sets: tuple[str, ...] = ()
    inherited: tuple[Lock, ...] = ()
    r: str = ""
    pins: tuple[str, ...] = ()
    terms: Terms | None = None
    ide_from: IdeFrom = "python"
    node: str = ""
    adopted: Adopted | None = None
    suspended: tuple[str, ...] = ()

    @property
    def policy(self) -> Policy:
        """Give the policy that its dates follow from."""
        return self.terms.policy if self.terms else Policy()

    @property
    def name(self) -> str:
        """Give the full name, ``jupyterlab:4.6-py3.13``."""
        return f"{self.family}:{self.line}"

    @property
    def lock_kinds(self) -> tuple[LockKind, ...]:
        """Give the kinds of lock that it needs to be built."""
        return LOCKS[self.ide_from]

    @property
    def trees(self) -> tuple[TreeKind, ...]:
        """Give the trees that its image is made of."""
        return ("kernel",) if self.ide_from == "vendor" else ("ide", "kernel")

    def lock(self, kind: LockKind) -> Lock | None:
        """Give one of its locks, if it was made."""
        return next((lock for lock in self.locks if lock.kind == kind), None)

    def stage(self, day: date) -> Stage:
        """Give the stage on a UTC day."""
        return stage_on(self.schedule, day)


@dataclass(frozen=True, slots=True)
class Family:
    """An IDE as a product line, with everything that goes into its images.

    ``folder`` is absolute; ``files`` are the digests of what else shapes an image: the Dockerfile and the
    files that it adds, by path relative to the folder. ``size_budget`` is in bytes. A family that ``extends``
    another (``shipped:jupyterlab``) has its files too: ``below`` are the folder of the files that all families have
    and those of the families that it extends, the nearest last. A file in a later folder stands for one of the same
    path in an earlier one.
    ``system_packages`` and ``artifacts`` go into the base of each release; ``build_packages`` only into the one that
    an IDE from npm is compiled in. ``kernels`` run its ``languages``.
    """

    id: str
    title: str
    owner: str
    languages: tuple[str, ...]
    launch: Launch
    releases: tuple[Release, ...]
    folder: str
    files: tuple[tuple[str, str], ...]
    size_budget: int
    place: Place
    extends: str = ""
    below: tuple[str, ...] = ()
    system_packages: tuple[str, ...] = ()
    artifacts: tuple[Artifact, ...] = ()
    kernels: tuple[Kernel, ...] = ()
    build_packages: tuple[str, ...] = ()

    @property
    def folders(self) -> tuple[str, ...]:
        """Give every folder that its files lie in: a later one's stand for an earlier one's."""
        return (*self.below, self.folder)


@dataclass(frozen=True, slots=True)
class Catalog:
    """Everything that the catalog's files declare, loaded from ``root`` (absolute).

    ``content`` digests all of it, for compare-and-swap by commands that edit; a ``shipped`` catalog is
    trusted and read-only. ``missing`` are the paths of vendors' files that it names and nobody has put there.
    ``cool_down`` is how old a version of a driver has to be before it is proposed.
    """

    root: str
    shipped: bool
    content: str
    systems: tuple[System, ...]
    families: tuple[Family, ...]
    connectors: tuple[Connector, ...]
    base_origin: BaseOrigin = "auto"
    git_mode: GitMode = "none"
    name: str = ""
    facts: tuple[Fact, ...] = ()
    mirror: Mirrors = NOTHING_SET
    sets: tuple[PackageSet, ...] = ()
    connections: tuple[SharedConnection, ...] = ()
    missing: tuple[str, ...] = ()
    overrides: tuple[Override, ...] = ()
    driver_decisions: tuple[DriverDecision, ...] = ()
    cool_down: Period = COOL_DOWN

    @property
    def releases(self) -> tuple[Release, ...]:
        """Give every release of every family."""
        return tuple(release for family in self.families for release in family.releases)

    @property
    def sources(self) -> tuple[Source, ...]:
        """Give every shipped source."""
        return tuple(source for connector in self.connectors for source in connector.sources)

    @property
    def quarantines_versions(self) -> bool:
        """Say whether a decision quarantines versions, lifted or not: where none does, nobody has to read versions."""
        return any(one.kind == "quarantine" for one in self.driver_decisions)

    def family(self, name: str) -> Family:
        """Find a family; raises UsageError with a suggestion."""
        return _find("family", name, {family.id: family for family in self.families})

    def connector(self, name: str) -> Connector:
        """Find a connector; raises UsageError with a suggestion."""
        return _find("connector", name, {connector.id: connector for connector in self.connectors})

    def source(self, name: str) -> Source:
        """Find a shipped source; raises UsageError with a suggestion."""
        return _find("source", name, {source.name: source for source in self.sources})

    def served(self, name: str) -> Source:
        """Find a shipped source that has a server; raises UsageError, for an engine in the process as well."""
        source = self.source(name)
        if source.embedded:
            raise UsageError(
                f"{name} is an engine in the process: it has no server",
                hint=f"connect without a source:  solvent connection add NAME --connector {source.connector}",
            )
        return source

    def system(self, name: str) -> System:
        """Find an operating-system base; raises UsageError with a suggestion."""
        return _find("system", name, {system.id: system for system in self.systems})

    def sets_of(self, release: Release) -> tuple[PackageSet, ...]:
        """Give the package sets that a release includes, in its order; raises UsageError with a suggestion."""
        known = {one.id: one for one in self.sets}
        return tuple(_find("package set", name, known) for name in release.sets)

    def release(self, name: str, day: date) -> Release:
        """Find ``family:line``, or the newest active release of a bare family; raises UsageError.

        Newest is by the day of release, then by Python version.
        """
        family_name, colon, _ = name.partition(":")
        family = self.family(family_name)
        if colon:
            return _find("release", name, {release.name: release for release in family.releases})
        made = [one for one in family.releases if one.adopted is None]
        forbidden = quarantines(self.overrides, day)
        allowed = [one for one in made if one.name not in forbidden]
        active = [release for release in allowed if release.stage(day) is Stage.ACTIVE]
        if not active:
            # A preview, or one on its way out, is only taken by its full name: that is the person's own decision.
            other = [release for release in allowed if launch_gate(release.schedule, day) is not Gate.SHUT]
            named = max(other, key=_newest, default=None)
            raise UsageError(
                f"{family.id} has no active release on {day}",
                why=f"{named.name} is {named.stage(day)}, so it has to be named in full" if named else "",
                hint="see them all:  solvent image list --all",
            )
        return max(active, key=_newest)

    def successor(self, release: Release, day: date) -> Release | None:
        """Follow successors to the last release that may still be launched on a day; None when there is none."""
        seen: set[str] = set()
        best: Release | None = None
        following = self.named(release.successor)
        forbidden = quarantines(self.overrides, day) if following else {}
        while following is not None and following.name not in seen:
            seen.add(following.name)
            dates = following.schedule
            open_now = day >= dates.released and launch_gate(dates, day) is not Gate.SHUT
            # One that was adopted cannot be launched: there is nothing to build it from.
            if open_now and following.adopted is None and following.name not in forbidden:
                best = following
            following = self.named(following.successor)
        return best

    def named(self, name: str) -> Release | None:
        """Find a release by its full name, or None; without an index, for lists of thousands ask once for each."""
        family_name, _, line = name.partition(":")
        family = next((one for one in self.families if one.id == family_name), None)
        return next((one for one in family.releases if one.line == line), None) if family else None


def canonical_name(distribution: str) -> str:
    """Spell a distribution's name as the package index compares it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", distribution).lower()


def did_you_mean(name: str, known: list[str]) -> str:
    """Give ``did you mean X?`` for a near miss, or the list of what there is when it is short."""
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    if near:
        return f"did you mean {near[0]}?"
    return "there are: " + ", ".join(sorted(known)) if 0 < len(known) <= 12 else ""


def _find(what: str, name: str, known: dict[str, T]) -> T:
    if name in known:
        return known[name]
    raise UsageError(f"no {what} {name!r} in this catalog", hint=did_you_mean(name, list(known)))


def _newest(release: Release) -> tuple[date, tuple[int, ...], str]:
    return release.schedule.released, _numbers(release.python), release.line


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))
