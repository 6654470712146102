"""What keeps a build's bytes: every reference to a digest, by what it is. Prune goes by these and never by a tag.

A copy in a registry keeps nothing here: it is a way back, no reference.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from manager.core.channels import good

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from manager.core.catalog import Catalog
    from manager.core.memory import Remembered
    from manager.core.observed import Build, Container, Observed
    from manager.core.snapshots import Snapshot

# So many promoted builds of a release stay here, the present one among them: what a rollback may return to.
WAYS_BACK = 3

Kind = Literal["environment", "snapshot", "container", "pin", "channel", "way back", "name"]


@dataclass(frozen=True, slots=True)
class Reference:
    """One reason to keep a digest; ``by`` says in words what refers to it (``work of ana, stopped``)."""

    digest: str
    kind: Kind
    by: str

    def __str__(self) -> str:
        """Render for a person."""
        return f"{self.kind} {self.by}"


def references(
    catalog: Catalog,
    observed: Observed,
    today: date,
    *,
    remembered: Iterable[Remembered] = (),
    snapshots: Iterable[Snapshot] = (),
    containers: Iterable[Container] = (),
    realm: str = "solvent",
) -> tuple[Reference, ...]:
    """Give every reference to a digest, by digest.

    ``remembered`` are the environments of all owners and engines, whose containers may be gone and which can be
    started again, ``snapshots`` what an upgrade can go back to; ``containers`` are all of the engine, ours or not. What
    a release's channels point to and what it can be rolled back to count until its ``remove_after``; environments, pins
    and names that people gave an image outside of the realm count for ever.
    """
    found = {
        *_environments(observed, remembered),
        *(Reference(one.digest, "snapshot", f"{one.number} of {one.container}") for one in snapshots),
        *_foreign(observed, containers),
        *_pins(catalog, observed),
        *_names(observed, realm),
    }
    removable = {one.name for one in catalog.releases if today >= one.schedule.remove_after}
    for release, channel, digest in observed.channels:
        if release not in removable:
            found.add(Reference(digest, "channel", f"{channel} of {release}"))
    for release in {one.release for one in observed.builds} - removable:
        found |= {Reference(one.digest, "way back", f"of {release}") for one in ways_back(observed, release)}
    return tuple(sorted(found, key=lambda one: (one.digest, one.kind, one.by)))


def ways_back(observed: Observed, release: str) -> tuple[Build, ...]:
    """Give the newest promoted builds of a release that are here, newest first: those that a prune leaves.

    One whose bytes are missing is no way back on this engine, so it takes no other one's place.
    """
    return tuple(one for one in good(observed, release) if observed.present(one.digest))[:WAYS_BACK]


def _environments(observed: Observed, remembered: Iterable[Remembered]) -> Iterator[Reference]:
    for one in observed.environments:
        yield Reference(one.digest, "environment", f"{one.name} of {one.owner}, {one.state}")
    seen = {(one.container, one.digest) for one in observed.environments}
    for each in remembered:
        one = each.environment
        # One whose launch never ended cannot be started again; those of other engines may stand on a shared state.
        if one.wanted and (one.container, one.digest) not in seen:
            yield Reference(one.digest, "environment", f"{one.name} of {one.owner}, remembered")


def _foreign(observed: Observed, containers: Iterable[Container]) -> Iterator[Reference]:
    ours = {one.container for one in observed.environments}
    for one in containers:
        if one.name not in ours:
            yield Reference(one.image, "container", f"{one.name}, {one.state}")


def _pins(catalog: Catalog, observed: Observed) -> Iterator[Reference]:
    pinned = {(one.name, version) for one in catalog.releases for version in one.pins}
    for build in observed.builds:
        if (build.release, build.version) in pinned:
            yield Reference(build.digest, "pin", f"of {build.release} {build.version}")


def _names(observed: Observed, realm: str) -> Iterator[Reference]:
    """Give the names that are not ours: whoever gave them counts on the bytes."""
    for image in observed.images:
        for reference in image.references:
            if not reference.startswith(f"{realm}/"):
                yield Reference(image.digest, "name", reference)
