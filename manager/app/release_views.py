"""What the use cases answer about releases, builds and their copies: frozen values, as in :mod:`.views`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from manager.app.views import result_json, stamp
from manager.core.lifecycle import next_change
from manager.core.observed import BuildStatus
from manager.core.systems import declared

if TYPE_CHECKING:
    from datetime import date

    from manager.core.adoption import Adopted
    from manager.core.catalog import Release
    from manager.core.evidence import Result
    from manager.core.observed import Build, Copy
    from manager.core.sets import PackageSet
    from manager.core.systems import BaseKind, System


@dataclass(frozen=True, slots=True)
class ReleaseView:
    """A release with its stage on the day, its current build, and how many environments use it.

    ``lacking`` says why it cannot be built here, and ``supply`` what would help; both are empty when it can.
    """

    release: Release
    day: date
    build: Build | None
    present: bool
    environments: int
    successor: str
    lacking: str = ""
    supply: str = ""

    def to_json(self) -> dict[str, Any]:
        """Give one of ``releases`` of ``image list``."""
        change = next_change(self.release.schedule, self.day)
        return {
            "family": self.release.family,
            "release": self.release.name,
            "stage": self.release.stage(self.day).value,
            "python": self.release.python,
            "r": self.release.r or None,
            "ide_version": self.release.ide_version or None,
            "os": declared(self.release.system),
            "build": build_json(self.build, present=self.present) if self.build else None,
            "environments": self.environments,
            "next_change": {"stage": change[0].value, "on": change[1].isoformat()} if change else None,
            "successor": self.successor or None,
            "adopted": adopted_json(self.release.adopted) if self.release.adopted else None,
            "not_built_here": self.lacking or None,
        }


def adopted_json(adopted: Adopted) -> dict[str, Any]:
    """Give ``adopted`` of ``image list``: an image that was made elsewhere."""
    return {"digest": adopted.digest, "reference": adopted.reference, "owner": adopted.owner}


def bytes_of(build: Build, *, present: bool) -> str:
    """Say where the bytes of a build are: here, pruned by us, or missing behind our back."""
    return "present" if present else "pruned" if build.status is BuildStatus.TOMBSTONED else "missing"


def build_json(build: Build, *, present: bool) -> dict[str, Any]:
    """Give ``build`` of ``image list``; ``bytes`` is observed, never remembered."""
    return {
        "version": build.version,
        "digest": build.digest,
        "status": build.status.value,
        "bytes": bytes_of(build, present=present),
        "reason": build.reason or None,
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
    """A release with its builds, the evidence of its current one, its package sets, and what it stands on.

    One that was adopted stands on nothing that is known here. ``ways`` are the versions that it can be rolled back to,
    newest first.
    """

    view: ReleaseView
    builds: tuple[tuple[Build, bool], ...]
    evidence: tuple[Result, ...]
    ground: Ground | None
    sets: tuple[PackageSet, ...] = ()
    ways: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Give ``release`` of ``image show``: the row of the list, dates, builds (oldest first) and evidence."""
        dates = self.view.release.schedule
        return self.view.to_json() | {
            "schedule": {name: day.isoformat() for name, day in dates.dates()} | {"bound_by": dates.bound_by},
            "connectors": list(self.view.release.connectors),
            "sets": [{"name": one.id, "title": one.title, "without": list(one.left_out)} for one in self.sets],
            "message": self.view.release.message or None,
            "builds": [build_json(build, present=present) for build, present in self.builds],
            "rollback": list(self.ways),
            "pins": list(self.view.release.pins),
            "evidence": [result_json(result) for result in self.evidence],
            **(self.ground.to_json() if self.ground else {"base": None, "extends": None, "artifacts": []}),
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
