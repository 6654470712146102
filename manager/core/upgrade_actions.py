"""What a step does for an upgrade: the successor is made beside an environment, and takes its place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from manager.core.actions import StartEnvironment
    from manager.core.containers import ContainerSpec


@dataclass(frozen=True, slots=True)
class KeepDefinition:
    """Remember what an environment is made from, before an upgrade."""

    container: str
    release: str
    version: str
    digest: str
    spec: ContainerSpec


@dataclass(frozen=True, slots=True)
class InstallOwn:
    """Install a person's own packages into their place for another release, in a sandbox of it.

    ``image`` is empty when the plan itself builds it.
    """

    environment: str
    volume: str
    release: str
    image: str
    network: str
    requirements: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CreateSuccessor:
    """Create the container that is to take an environment's place, beside it; what an earlier try left goes first.

    ``spec.image`` is empty when the plan itself builds the image.
    """

    container: str
    environment: str
    release: str
    spec: ContainerSpec


@dataclass(frozen=True, slots=True)
class YieldPlace:
    """Stop an environment, so that its successor gets its port; what its owner asked of it last still holds."""

    container: str
    environment: str


@dataclass(frozen=True, slots=True)
class StartSuccessor:
    """Start an environment's successor and wait until it answers; the old one is back where it does not.

    ``start`` is of the successor, ``back`` of the old one where that ran; ``leaves`` is how the successor is left.
    ``returned`` is the number of the snapshot that it is made from, 0 for none.
    """

    container: str
    start: StartEnvironment
    back: StartEnvironment | None
    leaves: Literal["running", "stopped"]
    returned: int = 0


@dataclass(frozen=True, slots=True)
class TakePlace:
    """Remove an environment's old container and give its name to the successor."""

    container: str
    successor: str
    environment: str


UpgradeAction = KeepDefinition | InstallOwn | CreateSuccessor | YieldPlace | StartSuccessor | TakePlace
