"""What a step does: one frozen value a kind of change. Executors in ``manager.app.steps`` carry them out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from manager.core.build_actions import BuildAction
from manager.core.bundle_actions import LoadPart
from manager.core.check_actions import CheckAction
from manager.core.upgrade_actions import UpgradeAction

if TYPE_CHECKING:
    from manager.core.announcements import Announcement
    from manager.core.containers import ContainerSpec
    from manager.core.notices import Notice
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
    """Forget an environment whose container is gone already; what an upgrade of it left beside it goes."""

    container: str


@dataclass(frozen=True, slots=True)
class RemoveContainer:
    """Remove a container of ours; volumes stay."""

    container: str


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
    | StartSource
    | StopSource
    | SendNotices
    | ResendNotices
    | ShowMessages
    | Announce
    | InstallPackages
    | StartEngine
    | BuildAction
    | CheckAction
    | UpgradeAction
    | LoadPart
)
