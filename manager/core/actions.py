"""What a step does: one frozen value a kind of change. Executors in ``manager.app.steps`` carry them out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from manager.core.build_actions import BuildAction

if TYPE_CHECKING:
    from manager.core.announcements import Announcement
    from manager.core.containers import ContainerSpec
    from manager.core.notices import Notice
    from manager.core.observed import Copy
    from manager.core.origins import Origin
    from manager.core.takeover import Takeover

Labels = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class MakeNetwork:
    """Create the bridge that environments publish their ports through."""

    name: str
    labels: Labels


@dataclass(frozen=True, slots=True)
class RemoveNetwork:
    """Remove a network of ours."""

    name: str


@dataclass(frozen=True, slots=True)
class MakeVolume:
    """Create a workspace's or a home's volume."""

    name: str
    labels: Labels


@dataclass(frozen=True, slots=True)
class CloneWorkspace:
    """Fill a workspace's volume with a clone of a git repository, in a sandbox of the release.

    ``secret`` is a reference to what the repository's server asks for, "" for nothing; ``image`` is empty when the
    plan itself builds it.
    """

    workspace: str
    volume: str
    origin: Origin
    secret: str
    release: str
    image: str
    network: str


@dataclass(frozen=True, slots=True)
class TakeFiles:
    """Fill a workspace's volume, if it is empty, with copies of the files of a container that nobody manages.

    ``image`` is empty when the plan itself builds it; nothing of it runs.
    """

    workspace: str
    volume: str
    takeover: Takeover
    release: str
    image: str


@dataclass(frozen=True, slots=True)
class RemoveVolume:
    """Remove a volume with everything in it."""

    name: str


@dataclass(frozen=True, slots=True)
class CreateEnvironment:
    """Create an environment's container, not started.

    ``spec.image`` is empty when the plan itself builds the image: then the release's stable channel is read.
    ``instead`` is the state of what an interrupted launch left under its name, which was never used and goes first.
    """

    environment: str
    release: str
    spec: ContainerSpec
    instead: str = ""


@dataclass(frozen=True, slots=True)
class StartEnvironment:
    """Start a container, hand it a fresh token and its connections, and wait until its IDE answers."""

    container: str
    environment: str
    release: str
    connections: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DeliverConnections:
    """Replace the files of connections in an environment that runs; its token and its IDE go on as they are."""

    container: str
    environment: str
    connections: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StopEnvironment:
    """Stop a container; its volumes and its port stay."""

    container: str


@dataclass(frozen=True, slots=True)
class ResumeEnvironment:
    """Let a paused container go on."""

    container: str


@dataclass(frozen=True, slots=True)
class ForgetEnvironment:
    """Forget an environment whose container is gone already; the engine is not touched."""

    container: str


@dataclass(frozen=True, slots=True)
class RemoveContainer:
    """Remove a container of ours; volumes stay."""

    container: str


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


@dataclass(frozen=True, slots=True)
class MakeBase:
    """Bring an operating-system base into the engine: from a registry or by bootstrap.

    With ``anew`` one that was made before is not taken: its packages are those that the mirror has today.
    """

    system: str
    key: str
    anew: bool = False


@dataclass(frozen=True, slots=True)
class MakeTree:
    """Install one lock of a release as a tree."""

    release: str
    lock: str


@dataclass(frozen=True, slots=True)
class MakeImage:
    """Put base, trees and files together to a candidate build."""

    release: str
    version: str


@dataclass(frozen=True, slots=True)
class ProveBuild:
    """Ask a running container of the build everything that an image must prove.

    ``digest`` is empty when the plan itself makes the build.
    """

    release: str
    version: str
    digest: str


@dataclass(frozen=True, slots=True)
class MoveChannel:
    """Point a channel at a proven build, if it still points where it did (``expected``).

    ``digest`` is empty when the plan itself makes the build; ``leaving`` is why the build of before is superseded.
    """

    release: str
    channel: str
    expected: str
    version: str
    digest: str
    leaving: str = ""


@dataclass(frozen=True, slots=True)
class TrustRegistry:
    """Have the engine of this machine trust the authorities of a bundle (a file) for one registry."""

    host: str
    bundle: str


@dataclass(frozen=True, slots=True)
class PushBuild:
    """Send a build to a registry, under a reference."""

    release: str
    version: str
    digest: str
    reference: str


@dataclass(frozen=True, slots=True)
class PullBuild:
    """Bring a build's bytes from a registry by its manifest's digest; they must have the build's own digest."""

    release: str
    version: str
    digest: str
    copy: Copy


@dataclass(frozen=True, slots=True)
class AdoptBuild:
    """Bring an image that another database knows, and remember it as a candidate of a release.

    ``copy.digest`` is the beginning of the build's digest, as the tag says it.
    """

    release: str
    version: str
    copy: Copy


@dataclass(frozen=True, slots=True)
class RemoveImage:
    """Remove an image of ours from the engine; its record stays."""

    digest: str


@dataclass(frozen=True, slots=True)
class WriteLock:
    """Resolve a release's lock and write it into the catalog."""

    release: str
    lock: str
    path: str
    upgrade: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StartSource:
    """Build and start a shipped source, with a new password, and wait until it is healthy."""

    source: str


@dataclass(frozen=True, slots=True)
class StopSource:
    """Stop a shipped source and remove what it made."""

    source: str


@dataclass(frozen=True, slots=True)
class SendNotices:
    """Write the notices of a release as due, and deliver each to its sinks."""

    release: str
    notices: tuple[Notice, ...]


@dataclass(frozen=True, slots=True)
class ResendNotices:
    """Deliver notices (by id) to a sink that they have not reached."""

    sink: str
    notices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ShowMessages:
    """Put what a release's environments show into those that run; ``digest`` is what it is known by, "" for nothing.

    ``containers`` are pairs of a container and its environment's name.
    """

    release: str
    digest: str
    containers: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Announce:
    """Write down what is announced of a release, if ``expected`` is still what was announced last."""

    new: Announcement
    expected: Announcement | None


@dataclass(frozen=True, slots=True)
class InstallPackages:
    """Install packages of the distribution on this machine."""

    packages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StartEngine:
    """Start the container engine on this machine and wait until it answers."""


Action = (
    MakeNetwork
    | RemoveNetwork
    | MakeVolume
    | CloneWorkspace
    | TakeFiles
    | RemoveVolume
    | CreateEnvironment
    | StartEnvironment
    | DeliverConnections
    | StopEnvironment
    | ResumeEnvironment
    | ForgetEnvironment
    | RemoveContainer
    | KeepDefinition
    | InstallOwn
    | CreateSuccessor
    | YieldPlace
    | StartSuccessor
    | TakePlace
    | MakeBase
    | MakeTree
    | MakeImage
    | ProveBuild
    | MoveChannel
    | TrustRegistry
    | PushBuild
    | PullBuild
    | AdoptBuild
    | RemoveImage
    | WriteLock
    | StartSource
    | StopSource
    | SendNotices
    | ResendNotices
    | ShowMessages
    | Announce
    | InstallPackages
    | StartEngine
    | BuildAction
)
