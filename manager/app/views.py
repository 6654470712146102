"""What the use cases answer: frozen values that CLI, TUI, report and Python API show, each in its own way.

``to_json`` gives the inner objects of schema 1 of ``-o json``; the command adds ``schema``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from manager.app.connector_json import said_json

if TYPE_CHECKING:
    from datetime import datetime

    from manager.app.driver_views import Learnt, LockedView
    from manager.core.connectors import Connector
    from manager.core.driver_decisions import DriverDecision
    from manager.core.evidence import Outcome, Result
    from manager.core.lifecycle import Stage
    from manager.core.observed import Environment
    from manager.core.upgrades import Owed


def stamp(moment: datetime | None) -> str | None:
    """Give ISO 8601 in UTC with seconds, as every time in JSON."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None


def result_json(result: Result) -> dict[str, Any]:
    """Give one of ``probes``."""
    return {
        "id": result.probe,
        "outcome": result.outcome,
        "reason": result.reason,
        "seconds": round(result.seconds, 3),
    }


@dataclass(frozen=True, slots=True)
class EnvironmentView:
    """An environment with the stage of its release on the day.

    ``url`` is empty in lists, and so is ``password``: what the page asks for where the URL does not carry it. ``owed``
    is the upgrade that it is owed, in lists.
    """

    environment: Environment
    stage: Stage | None
    url: str = ""
    ready_seconds: float | None = None
    password: str = ""
    owed: Owed | None = None

    def to_json(self) -> dict[str, Any]:
        """Give ``environment`` of ``env launch|show|list``."""
        one = self.environment
        return {
            "name": one.name,
            "family": one.family,
            "release": one.release,
            "stage": self.stage.value if self.stage else None,
            "build": one.version or None,
            "pin": one.pin or None,
            "digest": one.digest,
            "owner": one.owner,
            "workspace": one.workspace,
            "state": one.state,
            "url": self.url or None,
            "password": self.password or None,
            "ready_seconds": round(self.ready_seconds, 3) if self.ready_seconds is not None else None,
            "connections": list(one.connections),
            "created": stamp(one.created),
            "upgrade": {"release": self.owed.release, "build": self.owed.version or None, "why": self.owed.why}
            if self.owed
            else None,
            "mounts": [
                {"name": folder.name, "path": folder.path, "target": folder.target, "mode": folder.mode}
                for folder in one.mounts
            ],
        }


@dataclass(frozen=True, slots=True)
class ConnectorView:
    """A connector with the version of its main driver in the newest active release that has it.

    Of the releases in use ``present`` have it, and ``suspended`` go without it.
    """

    connector: Connector
    version: str
    releases: tuple[str, ...]
    learnt: Learnt
    suspended: tuple[str, ...] = ()
    locked: tuple[LockedView, ...] = ()
    present: tuple[str, ...] = ()
    everywhere: bool = False

    @property
    def state(self) -> str:
        """Say whether it is suspended: where releases in use go without it for now, or all would, and none has it."""
        return "suspended" if (self.suspended or self.everywhere) and not self.present else self.connector.state

    @property
    def libyears(self) -> float | None:
        """Give how much newer the newest version is than this one, in years; None where that is not known."""
        return self.learnt.libyears(self.version)

    @property
    def hold(self) -> DriverDecision | None:
        """Give the hold that the main driver stands in."""
        return self.learnt.hold

    def to_json(self) -> dict[str, Any]:
        """Give one of ``connectors``; what no check or refresh has found out yet is null."""
        from manager.app.driver_views import decision_json

        return {
            "id": self.connector.id,
            "title": self.connector.title,
            "tier": self.connector.tier,
            "state": self.state,
            "suspended": list(self.suspended),
            "driver": self.connector.main_driver.name,
            "version": self.version or None,
            "newest": self.learnt.newest or None,
            "released": self.learnt.released.isoformat() if self.learnt.released else None,
            "libyears": self.libyears,
            "verdict": None,
            "sources": [source.name for source in self.connector.sources],
            "hold": decision_json(self.hold) if self.hold else None,
            "releases": list(self.releases),
            **said_json(self.connector),
        }


@dataclass(frozen=True, slots=True)
class SourceView:
    """A shipped source and what compose says of it: ``running``, ``starting``, ``unhealthy`` or ``stopped``.

    An engine in the process has no server, and its state says so; that of a person's own is ``own``. ``authority`` is
    the file with the certificate that a server's own is checked against, "" while it does not run.
    """

    name: str
    connector: str
    engine: str
    version: str
    kind: str
    state: str
    service: str = ""
    required: bool = True
    authority: str = ""

    def to_json(self) -> dict[str, Any]:
        """Give one of ``sources`` of ``source list``; what it does not have is null."""
        keys = ("name", "connector", "engine", "version", "kind", "state", "required")
        either = {"service": self.service or None, "authority": self.authority or None}
        return {name: getattr(self, name) for name in keys} | either


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
    """Something that needs a person: ``pay`` is the one command that settles it.

    ``finding`` says of what a nightly found what kind that is of; see :class:`manager.core.nightly.NightlyFinding`.
    """

    kind: str
    subject: str
    text: str
    pay: str
    finding: str = ""

    def to_json(self) -> dict[str, Any]:
        """Give one of ``matters`` of ``status``."""
        found = {"kind": self.kind, "subject": self.subject, "text": self.text, "pay": self.pay}
        return found | ({"finding": self.finding} if self.finding else {})


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
