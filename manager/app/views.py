"""What the use cases answer: frozen values that CLI, TUI, report and Python API show, each in its own way.

``to_json`` gives the inner objects of schema 1 as INTERFACE.md names them; the command adds ``schema``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from manager.core.lifecycle import next_change
from manager.core.systems import declared

if TYPE_CHECKING:
    from datetime import date, datetime

    from manager.core.catalog import Connector, Release
    from manager.core.lifecycle import Stage
    from manager.core.observed import Build, Copy, Environment, Outcome, Result
    from manager.core.sets import PackageSet
    from manager.core.systems import BaseKind, System


def stamp(moment: datetime | None) -> str | None:
    """Give ISO 8601 in UTC with seconds, as every time in JSON."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None


@dataclass(frozen=True, slots=True)
class EnvironmentView:
    """An environment with the stage of its release on the day; ``url`` carries the token and is empty in lists."""

    environment: Environment
    stage: Stage | None
    url: str = ""
    ready_seconds: float | None = None

    def to_json(self) -> dict[str, Any]:
        """Give ``environment`` of ``env launch|show|list``."""
        one = self.environment
        return {
            "name": one.name,
            "family": one.family,
            "release": one.release,
            "stage": self.stage.value if self.stage else None,
            "build": one.version or None,
            "digest": one.digest,
            "owner": one.owner,
            "workspace": one.workspace,
            "state": one.state,
            "url": self.url or None,
            "ready_seconds": round(self.ready_seconds, 3) if self.ready_seconds is not None else None,
            "connections": list(one.connections),
            "created": stamp(one.created),
            "mounts": [
                {"name": folder.name, "path": folder.path, "target": folder.target, "mode": folder.mode}
                for folder in one.mounts
            ],
        }


@dataclass(frozen=True, slots=True)
class ReleaseView:
    """A release with its stage on the day, its current build, and how many environments use it."""

    release: Release
    day: date
    build: Build | None
    present: bool
    environments: int
    successor: str

    def to_json(self) -> dict[str, Any]:
        """Give one of ``releases`` of ``image list``."""
        change = next_change(self.release.schedule, self.day)
        return {
            "family": self.release.family,
            "release": self.release.name,
            "stage": self.release.stage(self.day).value,
            "python": self.release.python,
            "ide_version": self.release.ide_version or None,
            "os": declared(self.release.system),
            "build": build_json(self.build, present=self.present) if self.build else None,
            "environments": self.environments,
            "next_change": {"stage": change[0].value, "on": change[1].isoformat()} if change else None,
            "successor": self.successor or None,
        }


def build_json(build: Build, *, present: bool) -> dict[str, Any]:
    """Give ``build`` of ``image list``; ``bytes`` is observed, never remembered."""
    return {
        "version": build.version,
        "digest": build.digest,
        "status": build.status.value,
        "bytes": "present" if present else "missing",
        "created": stamp(build.created),
        "size": build.size,
    }


@dataclass(frozen=True, slots=True)
class Ground:
    """What builds of a release stand on: a system, and the family that theirs extends.

    ``origin`` is ``bootstrap``, ``registry`` (the system's image as it is) or ``own`` (packages on an image of one's
    own); ``digest`` is the base's, empty while it is not in the engine.
    """

    system: System
    origin: BaseKind
    digest: str = ""
    extends: str = ""

    @property
    def reference(self) -> str:
        """Give the image in a registry that the base is or was made on; empty for a bootstrap."""
        return {"own": self.system.base, "registry": self.system.image, "bootstrap": ""}[self.origin]

    def to_json(self) -> dict[str, Any]:
        """Give ``base``, ``extends`` and ``artifacts`` of ``image show``."""
        system = self.system
        return {
            "base": {
                "system": system.id,
                "origin": self.origin,
                "suite": system.suite or None,
                "reference": self.reference or None,
                "installer": system.installer,
                "packages": list(system.packages),
                "digest": self.digest or None,
            },
            "extends": self.extends or None,
            "artifacts": [
                {
                    "name": one.name,
                    "kind": one.kind,
                    "file": one.file_name,
                    "sha256": one.sha256,
                    "licence": one.licence,
                    "eula": one.eula or None,
                    "eula_accepted_by": one.eula_accepted_by or None,
                    "target": one.target or None,
                }
                for one in system.artifacts
            ],
        }


@dataclass(frozen=True, slots=True)
class ReleaseDetail:
    """A release with its builds, the evidence of its current one, its package sets, and what it stands on."""

    view: ReleaseView
    builds: tuple[tuple[Build, bool], ...]
    evidence: tuple[Result, ...]
    ground: Ground
    sets: tuple[PackageSet, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Give ``release`` of ``image show``: the row of the list, dates, builds (oldest first) and evidence."""
        dates = self.view.release.schedule
        return self.view.to_json() | {
            "schedule": {name: day.isoformat() for name, day in dates.dates()} | {"bound_by": dates.bound_by},
            "connectors": list(self.view.release.connectors),
            "sets": [{"name": one.id, "title": one.title, "without": list(one.left_out)} for one in self.sets],
            "message": self.view.release.message or None,
            "builds": [build_json(build, present=present) for build, present in self.builds],
            "evidence": [result_json(result) for result in self.evidence],
            **self.ground.to_json(),
        }


def result_json(result: Result) -> dict[str, Any]:
    """Give one of ``probes``."""
    return {
        "id": result.probe,
        "outcome": result.outcome,
        "reason": result.reason,
        "seconds": round(result.seconds, 3),
    }


@dataclass(frozen=True, slots=True)
class BuildResult:
    """What ``image build`` did for one release; ``layers`` are (digest, group, reused)."""

    release: Release
    build: Build
    seconds: float
    reused: bool
    reasons: tuple[str, ...]
    layers: tuple[tuple[str, str, bool], ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Give one of ``builds`` of ``image build``."""
        return {
            "family": self.release.family,
            "release": self.release.name,
            "version": self.build.version,
            "digest": self.build.digest,
            "layers": [{"digest": digest, "group": group, "reused": reused} for digest, group, reused in self.layers],
            "spec_hash": self.build.spec_hash,
            "status": self.build.status.value,
            "seconds": round(self.seconds, 3),
            "reused": self.reused,
            "reasons": list(self.reasons),
        }


@dataclass(frozen=True, slots=True)
class PushResult:
    """Where ``image push`` left a build; ``sent`` says whether this run sent it."""

    build: Build
    copy: Copy
    sent: bool

    def to_json(self) -> dict[str, Any]:
        """Give one of ``pushes`` of ``image push``."""
        return {
            "release": self.build.release,
            "version": self.build.version,
            "digest": self.build.digest,
            "reference": str(self.copy),
            "sent": self.sent,
        }


@dataclass(frozen=True, slots=True)
class ConnectorView:
    """A connector with the version of its main driver in the newest active release that has it."""

    connector: Connector
    version: str
    releases: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Give one of ``connectors``; what no check or refresh has found out yet is null."""
        return {
            "id": self.connector.id,
            "title": self.connector.title,
            "tier": self.connector.tier,
            "state": self.connector.state,
            "driver": self.connector.main_driver.name,
            "version": self.version or None,
            "newest": None,
            "released": None,
            "libyears": None,
            "verdict": None,
            "sources": [source.name for source in self.connector.sources],
            "hold": None,
            "releases": list(self.releases),
        }


@dataclass(frozen=True, slots=True)
class SourceView:
    """A shipped source and what compose says of it: ``running``, ``starting``, ``unhealthy`` or ``stopped``."""

    name: str
    connector: str
    engine: str
    version: str
    kind: str
    state: str

    def to_json(self) -> dict[str, Any]:
        """Give one of ``sources`` of ``source list``."""
        return {name: getattr(self, name) for name in ("name", "connector", "engine", "version", "kind", "state")}


@dataclass(frozen=True, slots=True)
class WorkspaceView:
    """The files of a person, how much they take, and the environments that use them.

    ``created`` is ISO 8601; ``size`` and ``budget`` are in bytes, None for a size that was never measured and 0 for
    no budget; ``origin`` is the git repository that it was cloned from.
    """

    name: str
    owner: str
    volume: str
    users: tuple[Environment, ...]
    created: str
    size: int | None = None
    measured: datetime | None = None
    used: datetime | None = None
    origin: str = ""
    budget: int = 0

    @property
    def environments(self) -> tuple[str, ...]:
        """Name the environments that use it."""
        return tuple(one.name for one in self.users)

    @property
    def room(self) -> Literal["within", "over", "unknown", "unlimited"]:
        """Say how the size stands to the budget."""
        if not self.budget:
            return "unlimited"
        if self.size is None:
            return "unknown"
        return "over" if self.size > self.budget else "within"

    def to_json(self) -> dict[str, Any]:
        """Give one of ``workspaces``."""
        return {
            "name": self.name,
            "owner": self.owner,
            "volume": self.volume,
            "environments": list(self.environments),
            "created": self.created or None,
            "used_by": [{"name": one.name, "release": one.release, "state": one.state} for one in self.users],
            "bytes": self.size,
            "measured": stamp(self.measured),
            "budget": {"bytes": self.budget or None, "state": self.room},
            "last_used": stamp(self.used),
            "git": self.origin or None,
        }


@dataclass(frozen=True, slots=True)
class Matter:
    """Something that needs a person: ``pay`` is the one command that settles it."""

    kind: str
    subject: str
    text: str
    pay: str

    def to_json(self) -> dict[str, Any]:
        """Give one of ``matters`` of ``status``."""
        return {"kind": self.kind, "subject": self.subject, "text": self.text, "pay": self.pay}


@dataclass(frozen=True, slots=True)
class Finding:
    """What ``doctor`` found about one part of the world, with its remedy; ``outcome`` is pass, warn or fail."""

    part: str
    outcome: str
    text: str
    remedy: str = ""

    def to_json(self) -> dict[str, Any]:
        """Give one of ``findings`` of ``doctor``."""
        return {"part": self.part, "outcome": self.outcome, "text": self.text, "remedy": self.remedy or None}


@dataclass(frozen=True, slots=True)
class ProbeReport:
    """The answers of a sandbox about one connection."""

    connection: str
    connector: str
    driver: str
    version: str
    results: tuple[Result, ...]

    @property
    def outcome(self) -> Outcome:
        """Give the worst outcome: one that is not a pass stands for all."""
        order: tuple[Outcome, ...] = ("fail", "error", "not_run")
        found = {result.outcome for result in self.results}
        return next((outcome for outcome in order if outcome in found), "pass")

    def to_json(self) -> dict[str, Any]:
        """Give ``test`` of ``connection test``."""
        return {
            "connection": self.connection,
            "connector": self.connector,
            "driver": self.driver,
            "version": self.version or None,
            "outcome": self.outcome,
            "probes": [result_json(result) for result in self.results],
        }
