"""The bill of materials of a build, as a CycloneDX 1.6 document; the same build gives the same bytes.

Rules: the specification's JSON schema (bom-1.6), package URLs of :mod:`.package_urls`, and the property taxonomy for
the dates of the release.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from manager.core.licences import spdx
from manager.core.milestones import milestones
from manager.core.package_urls import package_url
from manager.core.plan import digest_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from manager.core.catalog import Fact, Family, Release
    from manager.core.components import Component
    from manager.core.observed import Build

_SCHEMA = "http://cyclonedx.org/schema/bom-1.6.schema.json"
# Properties that no taxonomy has a name for; a namespace is claimed by a name of one's own.
_OWN = "solvent:"


@dataclass(frozen=True, slots=True)
class Subject:
    """What a bill is of: one build of a release, what is inside it, and what is known of its ground.

    ``suite`` is the distribution's name (``trixie``) and ``facts`` are the catalog's ends of upstream support;
    ``tool`` is the version of this program.
    """

    family: Family
    release: Release
    build: Build
    components: tuple[Component, ...]
    suite: str = ""
    facts: tuple[Fact, ...] = ()
    tool: str = ""


def bill(subject: Subject) -> dict[str, Any]:
    """Give the document. Its serial number follows from all that it says, so another bill has another one."""
    system = next((one for one in subject.components if one.ecosystem == "os"), None)
    vendor = (system.name, system.version) if system else ("", "")
    parts = [_part(one, vendor, subject) for one in subject.components]
    document = {
        "$schema": _SCHEMA,
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "timestamp": subject.build.created.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "lifecycles": [{"phase": "post-build"}],
            "tools": {"components": [{"type": "application", "name": "solvent", "version": subject.tool}]},
            "component": _whole(subject),
        },
        "components": parts,
        "dependencies": [
            {"ref": subject.build.digest, "dependsOn": sorted(part["bom-ref"] for part in parts)},
            *({"ref": reference} for reference in sorted(part["bom-ref"] for part in parts)),
        ],
    }
    return {**document, "serialNumber": uuid.UUID(digest_of(document)[:32], version=4).urn}


def _whole(subject: Subject) -> dict[str, Any]:
    """Describe the image itself."""
    build, release = subject.build, subject.release
    own = [("release", release.name), ("python", release.python), ("spec-hash", build.spec_hash)]
    own += [(f"layer:{name}", digest) for digest, name in build.layers]
    return {
        "type": "container",
        "bom-ref": build.digest,
        "supplier": {"name": subject.family.owner},
        "name": release.name,
        "version": build.version,
        "description": subject.family.title,
        "hashes": [{"alg": "SHA-256", "content": build.digest.removeprefix("sha256:")}],
        "properties": _properties([*milestones(release.schedule), *((_OWN + name, value) for name, value in own)]),
    }


def _part(one: Component, vendor: tuple[str, str], subject: Subject) -> dict[str, Any]:
    """Describe one component; keys that have nothing to say are left out."""
    address = package_url(one, *vendor)
    own: list[tuple[str, str]] = [(f"{_OWN}prefix", one.prefix)] if one.prefix else []
    group, _, name = one.name.rpartition("/") if one.ecosystem == "npm" else ("", "", one.name)
    found: dict[str, Any] = {
        "type": "library",
        "bom-ref": "/".join(part for part in (one.prefix, address or f"{one.ecosystem}:{one.name}") if part),
    }
    if one.ecosystem == "os":
        found["type"] = "operating-system"
        upstream = (fact for fact in subject.facts if subject.suite and fact.component == f"{one.name} {subject.suite}")
        own += [("cdx:lifecycle:milestone:endOfSupport", fact.ends.isoformat()) for fact in upstream if fact.ends]
    if one.ecosystem == "vscode":
        found["type"] = "application"
    if group:
        found["group"] = group
    found |= {"name": name, "version": one.version}
    if one.licence:
        found["licenses"] = _licences(one.licence)
    if address:
        found["purl"] = address
    if own:
        found["properties"] = _properties(own)
    return found


def _licences(words: str) -> list[dict[str, Any]]:
    """Give an SPDX expression where the words mean one, else each licence by itself, in its own words."""
    known = spdx(words)
    if known:
        return [{"expression": known}]
    # An expression stands alone in the list, so what is known of a part is a name as well.
    return [{"license": {"name": spdx(one) or one}} for one in words.split(" AND ")]


def _properties(pairs: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in pairs]
