"""Who is hit by a package or an advisory: what is inside every build, joined with environments and their people."""

from __future__ import annotations

import operator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from packaging.version import InvalidVersion, Version

from manager.core.amounts import many
from manager.core.debian_versions import debian_version

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from manager.core.components import Component
    from manager.core.driver_decisions import DriverDecision
    from manager.core.observed import Build, Environment
    from manager.core.wanted import Wanted

# How dpkg's order answers the signs of PEP 440 that it can answer.
_SIGNS: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}


@dataclass(frozen=True, slots=True)
class AffectedBuild:
    """A build with what of it is affected; ``unclear`` are versions that could not be compared, and count as well."""

    build: Build
    components: tuple[Component, ...]
    unclear: tuple[Component, ...]
    environments: tuple[Environment, ...]

    def to_json(self) -> dict[str, Any]:
        """Give one of ``builds``."""
        return {
            "release": self.build.release,
            "version": self.build.version,
            "digest": self.build.digest,
            "status": self.build.status.value,
            "components": [_component_json(one) for one in self.components],
            "unclear": [_component_json(one) for one in self.unclear],
            "environments": len(self.environments),
        }


@dataclass(frozen=True, slots=True)
class AffectedBy:
    """The answer: builds, environments, people, and the quarantines that stand of it.

    ``notes`` say what could not be told.
    """

    subject: str
    builds: tuple[AffectedBuild, ...]
    notes: tuple[str, ...] = ()
    advisory: dict[str, Any] | None = None
    quarantines: tuple[DriverDecision, ...] = ()

    @property
    def environments(self) -> tuple[Environment, ...]:
        """Give every environment that stands on one of the builds, by owner and name."""
        every = (one for build in self.builds for one in build.environments)
        return tuple(sorted(every, key=lambda one: (one.owner, one.name)))

    @property
    def people(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Give the owners with the names of what they have."""
        found: dict[str, list[str]] = {}
        for one in self.environments:
            found.setdefault(one.owner, []).append(one.name)
        return tuple((owner, tuple(names)) for owner, names in found.items())

    def to_json(self) -> dict[str, Any]:
        """Give ``affected`` of schema 1."""
        return {
            "subject": self.subject,
            "builds": [one.to_json() for one in self.builds],
            "environments": [
                {
                    "name": one.name,
                    "owner": one.owner,
                    "release": one.release,
                    "build": one.version,
                    "digest": one.digest,
                    "state": one.state,
                }
                for one in self.environments
            ],
            "people": [{"owner": owner, "environments": list(names)} for owner, names in self.people],
            "advisory": self.advisory,
            "quarantines": [
                {
                    "connector": one.subject,
                    "distribution": one.dist,
                    "version": one.version,
                    "advisory": one.advisory,
                    "day": one.day.isoformat(),
                    "by": one.by,
                    "reason": one.reason,
                    "file": one.place.file,
                }
                for one in self.quarantines
            ],
            "notes": list(self.notes),
        }


def affected(
    subject: str,
    matches: Callable[[Component], bool | None],
    inside: Mapping[str, Iterable[Component]],
    builds: Iterable[Build],
    environments: Iterable[Environment],
    listed: frozenset[str],
) -> AffectedBy:
    """Join what is inside builds (by digest) with the environments that stand on them.

    ``matches`` says whether a component is meant, None where that cannot be told. ``listed`` are the builds whose
    components are known; a note counts the others, and environments on builds that no database remembers.
    """
    builds, environments = tuple(builds), tuple(environments)
    there: dict[str, list[Environment]] = {}
    for one in environments:
        there.setdefault(one.digest, []).append(one)
    found = []
    for build in builds:
        judged = [(one, matches(one)) for one in sorted(inside.get(build.digest, ()))]
        sure = tuple(one for one, answer in judged if answer)
        unclear = tuple(one for one, answer in judged if answer is None)
        if build.digest and (sure or unclear):
            found.append(AffectedBuild(build, sure, unclear, tuple(there.get(build.digest, ()))))
    return AffectedBy(subject, tuple(found), _notes(builds, environments, listed))


def is_wanted(asked: Wanted, one: Component) -> bool | None:
    """Say whether a component is what was asked for, by its own ecosystem's order; None where nobody can tell."""
    if one.name not in asked.names:
        return False
    if asked.specifier is None:
        return asked.matches(one.version)
    if one.ecosystem == "debian":
        signs = [(each.operator, each.version) for each in asked.specifier]
        if any(sign not in _SIGNS or version.endswith(".*") for sign, version in signs):
            return None
        mine = debian_version(one.version)
        return all(_SIGNS[sign](mine, debian_version(version)) for sign, version in signs)
    try:
        return asked.specifier.contains(Version(one.version), prereleases=True)
    except InvalidVersion:
        return None


def _notes(builds: tuple[Build, ...], environments: tuple[Environment, ...], listed: frozenset[str]) -> tuple[str, ...]:
    notes = []
    blind = [one for one in builds if one.digest and one.digest not in listed]
    if blind:
        notes.append(
            f"nobody has read what is inside {many(len(blind), 'build')}:  solvent image sbom RELEASE  reads it"
        )
    known = {one.digest for one in builds}
    lost = [one for one in environments if one.digest not in known]
    if lost:
        notes.append(f"{many(len(lost), 'environment')} on builds that the database does not know cannot be told")
    return tuple(notes)


def _component_json(one: Component) -> dict[str, Any]:
    return {"ecosystem": one.ecosystem, "name": one.name, "version": one.version, "prefix": one.prefix or None}
