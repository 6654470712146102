"""What came out upstream since a catalog was written: newer IDEs, and packages of bases with updates pending.

Newer drivers are judged in :mod:`.driver_releases`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from packaging.version import Version

from manager.core import versions
from manager.core.amounts import few
from manager.core.debian_versions import debian_version
from manager.core.lifecycle import Stage
from manager.core.markers import requirement

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from manager.core.catalog import Catalog, Family, Release
    from manager.core.components import Component

# "4.6" of "==4.6.*" and of "==4.6.2".
_PREFIX = re.compile(r"==(\d+(?:\.\d+)*)(?:\.\*)?$")
_NAMED = 6

# An IDE's source and its name there: ("python", "jupyterlab").
Ide = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Published:
    """A version that an index has, and the day on which it came out there."""

    version: str
    day: date


@dataclass(frozen=True, slots=True)
class Proposal:
    """Something that is proposed: what, for which release or system, why, and the command that does it.

    Of a newer driver, ``subject`` is its distribution; ``connectors`` have it, and ``releases`` can take it.
    """

    kind: Literal["release", "version", "base", "driver", "advisory"]
    subject: str
    why: str
    pay: str
    version: str = ""
    day: date | None = None
    connectors: tuple[str, ...] = ()
    releases: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Give one of ``candidates`` of ``refresh``."""
        return {
            "kind": self.kind,
            "subject": self.subject,
            "version": self.version or None,
            "released": self.day.isoformat() if self.day else None,
            "why": self.why,
            "command": self.pay,
            "connectors": list(self.connectors),
            "releases": list(self.releases),
        }


def ide_of(release: Release) -> Ide:
    """Name a release's IDE and where it comes from."""
    return release.ide_from, requirement(release.ide_requirement).name


def line_of(release: Release) -> tuple[int, ...]:
    """Give the numbers of a release's IDE line: (4, 6) of ``jupyterlab==4.6.*``; () where it names none."""
    found = _PREFIX.search(release.ide_requirement)
    numbers = tuple(int(one) for one in found[1].split(".")) if found else ()
    # One exact version stands for its line.
    return numbers if release.ide_requirement.endswith(".*") else numbers[:2]


def watched(family: Family) -> tuple[Release, ...]:
    """Give the releases of a family whose IDE comes from an index and not from a vendor, the newest line first."""
    mine = [one for one in family.releases if one.adopted is None and one.ide_from != "vendor" and line_of(one)]
    return tuple(sorted(mine, key=lambda one: (line_of(one), one.schedule.released), reverse=True))


def newer_ides(catalog: Catalog, published: Mapping[Ide, Iterable[Published]], today: date) -> tuple[Proposal, ...]:
    """Propose a release for the newest line that a family lacks, and newer versions within the lines that it has.

    Only for releases that are still launched; pre-releases are left out, and so is what the index does not say.
    """
    found: list[Proposal] = []
    for family in catalog.families:
        releases = watched(family)
        alive = [one for one in releases if one.stage(today) is not Stage.RETIRED]
        if not alive:
            continue
        # A preview is no model as long as there is a release that people use.
        model = next((one for one in alive if one.stage(today) is Stage.ACTIVE), alive[0])
        known = _stable(published.get(ide_of(model), ()))
        found += _lines(family, model, releases, known)
        for release in alive:
            found += _patches(release, _stable(published.get(ide_of(release), ())))
    return tuple(found)


def pending(
    inside: Iterable[Component], mirror: Mapping[str, str], security: Mapping[str, str]
) -> tuple[tuple[str, str, str], ...]:
    """Give the Debian packages of a build that a mirror has newer: name, version inside, version there.

    ``mirror`` and ``security`` are the newest versions by name; of those that security has newer, its comes first.
    """
    found = []
    for one in sorted(inside):
        if one.ecosystem != "debian":
            continue
        there = [version for version in (security.get(one.name), mirror.get(one.name)) if version]
        newest = max(there, key=debian_version, default="")
        if newest and debian_version(newest) > debian_version(one.version):
            found.append((one.name, one.version, newest))
    return tuple(found)


def base_candidate(
    system: str, releases: Iterable[str], found: tuple[tuple[str, str, str], ...], security: Mapping[str, str]
) -> Proposal:
    """Propose to make a base anew, with the packages that have updates pending, security fixes first."""
    fixes = [one for one in found if security.get(one[0]) == one[2]]
    others = [one for one in found if one not in fixes]
    named = few([f"{name} {old} -> {new}" for name, old, new in (*fixes, *others)], _NAMED)
    fixed = f", {len(fixes)} of them security fixes" if fixes else ""
    names = tuple(releases)
    why = f"{len(found)} packages of {', '.join(names)} have updates{fixed}: {named}"
    return Proposal("base", system, why, f"solvent image build --fresh-base {' '.join(names)}")


def next_line(model: Release, numbers: tuple[int, ...]) -> str:
    """Name a release's line for another line of its IDE: ``4.7-py3.13`` after ``4.6-py3.13``."""
    old, new = (".".join(map(str, each)) for each in (line_of(model), numbers))
    return model.line.replace(old, new, 1) if old in model.line else f"{new}-py{model.python}"


def _lines(
    family: Family, model: Release, releases: tuple[Release, ...], known: list[tuple[Version, Published]]
) -> Iterable[Proposal]:
    depth = len(line_of(model))
    newest = max(line_of(one) for one in releases)
    newer = sorted({version.release[:depth] for version, _ in known if version.release[:depth] > newest})
    if not newer:
        return
    first = min(one.day for version, one in known if version.release[:depth] == newer[-1])
    last = max((version, one) for version, one in known if version.release[:depth] == newer[-1])[1]
    name = f"{family.id}:{next_line(model, newer[-1])}"
    text = ".".join(map(str, newer[-1]))
    between = f"; {len(newer) - 1} lines lie between" if len(newer) > 1 else ""
    yield Proposal(
        "release",
        name,
        f"{ide_of(model)[1]} {text} came out on {first}, the newest here is {model.name}{between}",
        f"solvent image new {name} --from-release {model.name}",
        last.version,
        first,
    )


def _patches(release: Release, known: list[tuple[Version, Published]]) -> Iterable[Proposal]:
    numbers = line_of(release)
    inside = [(version, one) for version, one in known if version.release[: len(numbers)] == numbers]
    if not inside or not release.ide_version or not release.ide_requirement.endswith(".*"):
        return
    version, one = max(inside, key=lambda pair: pair[0])
    if version > Version(release.ide_version):
        name = ide_of(release)[1]
        yield Proposal(
            "version",
            release.name,
            f"{name} {one.version} came out on {one.day}, its lock has {release.ide_version}",
            f"solvent image lock {release.name} --upgrade {name}",
            one.version,
            one.day,
        )


def _stable(published: Iterable[Published]) -> list[tuple[Version, Published]]:
    read = ((versions.read(one.version), one) for one in published)
    return [(version, one) for version, one in read if version is not None and not version.is_prerelease]
