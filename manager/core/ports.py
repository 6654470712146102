"""The protocols that the world implements, in frozen types. Adapters raise only ManagerError's subclasses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import date, datetime
    from pathlib import Path

    from manager.core.check_records import CheckRecords
    from manager.core.components import Component
    from manager.core.containers import ContainerSpec
    from manager.core.evidence import Result
    from manager.core.history import Entry
    from manager.core.ledgers import Announcements, Debts, Ledger
    from manager.core.memory import Memory, Remembered
    from manager.core.observed import Build, BuildStatus, Container, Copy, EngineInfo, Image, Network, Usage, Volume
    from manager.core.reach import Login
    from manager.core.scans import Change, Scanned
    from manager.core.snapshots import Snapshot


@dataclass(frozen=True, slots=True)
class ExecResult:
    """What a command inside a container gave."""

    code: int
    stdout: bytes
    stderr: bytes


class Engine(Protocol):
    """A container engine. Docker now; Swarm and Kubernetes will implement the same port.

    Every method raises Unreachable when the engine does not answer. Names of things that do not exist raise
    UsageError; names that are taken raise Refused; what the engine tried and could not do raises Failed.
    """

    def info(self) -> EngineInfo:
        """Introduce the engine."""

    def containers(self, labels: dict[str, str]) -> tuple[Container, ...]:
        """List containers, stopped ones too, that carry all the labels (an empty value: any value).

        The ports of those that do not run are left out.
        """

    def container(self, name: str) -> Container | None:
        """Find one container by id or exact name."""

    def images(self, labels: dict[str, str]) -> tuple[Image, ...]:
        """List images that carry all the labels; layers are left out."""

    def image(self, reference: str) -> Image | None:
        """Find one image by digest or reference, with its layers."""

    def volumes(self, labels: dict[str, str]) -> tuple[Volume, ...]:
        """List volumes that carry all the labels."""

    def volume(self, name: str) -> Volume | None:
        """Find one volume."""

    def networks(self, labels: dict[str, str]) -> tuple[Network, ...]:
        """List networks that carry all the labels."""

    def network(self, name: str) -> Network | None:
        """Find one network."""

    def import_image(self, tarball: Path, reference: str, labels: dict[str, str]) -> str:
        """Make an image of one layer from a root file system; give its config digest."""

    def pull(self, reference: str, say: Callable[[str], None], login: Login | None = None) -> str:
        """Pull by digest or tag; give the config digest. Without a login, the one that the engine's client keeps holds.

        Unreachable when no registry answers, or when it lets nobody in without a login; NotTrusted where the engine
        does not know who signed its certificate.
        """

    def manifest(self, reference: str, login: Login | None = None) -> str:
        """Ask a registry for the digest of a manifest; "" where it has none of that name. Nothing is pulled.

        Unreachable as for a pull; NotTrusted when the engine does not know who signed the registry's certificate.
        """

    def push(self, reference: str, say: Callable[[str], None], login: Login | None = None) -> str:
        """Send an image to the registry that its reference names; give the manifest's digest. Errors as for a pull."""

    def build(
        self,
        context: dict[str, Path | bytes],
        arguments: dict[str, str],
        labels: dict[str, str],
        reference: str,
        say: Callable[[str], None],
    ) -> Image:
        """Build from files by their name in the context, ``Dockerfile`` among them; give image and layers.

        A failed build leaves nothing behind and raises Failed with the last lines of its log in ``why``.
        """

    def settings(self, reference: str) -> str:
        """Give what an image says about its containers, as the JSON of a configuration without layers."""

    def history(self, reference: str) -> tuple[str, ...]:
        """Give the commands that an image says its layers were made by, the newest first."""

    def load(
        self, configuration: str, archives: Mapping[str, Path], reference: str, say: Callable[[str], None]
    ) -> Image:
        """Make an image of its configuration (JSON, :func:`manager.core.stack.image`); give it with its layers.

        ``archives`` are the layers, by digest, that the engine does not have on the same layers below. Raises
        UsageError where it lacks another one, or cannot do without any. A failed load leaves nothing behind.
        """

    def tag(self, digest: str, reference: str) -> None:
        """Point a reference at an image."""

    def remove_image(self, reference: str) -> None:
        """Remove a reference, or an image by digest with all its references; absent ones are fine."""

    def create(self, spec: ContainerSpec) -> str:
        """Create a container, not started; give its id. A taken name raises Refused."""

    def start(self, container: str, stdin: bytes | None = None) -> None:
        """Start a container and hand it bytes on standard input, then end of file.

        A taken host port raises Refused with the port in the message.
        """

    def stop(self, container: str, grace: int = 10) -> None:
        """Stop a container, killed after ``grace`` seconds; stopped ones are fine."""

    def resume(self, container: str) -> None:
        """Let a paused container go on; one that is not paused is fine."""

    def wait(self, container: str, timeout: float) -> int:
        """Wait for the end; give the exit code. Failed after ``timeout`` seconds."""

    def rename(self, container: str, name: str) -> None:
        """Give a container another name, running or not. A taken name raises Refused."""

    def remove(self, container: str) -> None:
        """Remove a container, running or not; absent ones are fine."""

    def exec(
        self,
        container: str,
        command: tuple[str, ...],
        *,
        user: str = "",
        stdin: bytes | None = None,
        timeout: float = 60,
    ) -> ExecResult:
        """Run a command inside a running container, on bytes and end of file where ``stdin`` is given.

        Failed after ``timeout`` seconds.
        """

    def shell(self, container: str, command: tuple[str, ...]) -> int:
        """Join this process's terminal to a command inside a container until it ends; give its exit code."""

    def logs(self, container: str, *, follow: bool = False, tail: int | None = None) -> Iterator[bytes]:
        """Give the container's output, stdout and stderr together, in chunks."""

    def copy_out(self, container: str, path: str) -> bytes:
        """Give one path of a container as a tar archive."""

    def changes(self, container: str) -> tuple[Change, ...]:
        """Give the paths in which a container differs from its image, by path; it may be stopped."""

    def archive(self, container: str, path: str = "") -> Iterator[bytes]:
        """Give one path of a container, or its whole file system, as a tar stream; it may be stopped.

        A path is read with what is mounted there; of the whole, volumes and host folders are left out. Nothing runs
        inside for it.
        """

    def save(self, image: str) -> Iterator[bytes]:
        """Give an image as ``docker save`` does: a tar stream with a ``manifest.json`` and a tar for each layer."""

    def copy_in(self, container: str, path: str, archive: Iterator[bytes]) -> None:
        """Unpack a tar stream into a folder of a container, which lies on a volume; owners are those of the stream.

        What is there already stays, unless the stream has it too. Nothing runs inside for it.
        """

    def create_volume(self, name: str, labels: dict[str, str], noted: dict[str, str] | None = None) -> None:
        """Create a volume; one of that name with the same labels is fine, another one raises Refused.

        ``noted`` are labels that a new one gets besides, and that an old one need not have.
        """

    def volume_sizes(self) -> tuple[tuple[str, int], ...]:
        """Measure all volumes, in bytes by name; Failed when that takes longer than a person would wait."""

    def image_sizes(self) -> tuple[tuple[str, int], ...]:
        """Measure all images: the bytes that each shares with no other, by digest; Failed as for volumes."""

    def remove_volume(self, name: str) -> None:
        """Remove a volume; absent ones are fine, one in use raises Refused."""

    def create_network(self, name: str, labels: dict[str, str], *, internal: bool = False) -> None:
        """Create a bridge whose containers do not reach each other unless ``internal``; existing is fine."""

    def remove_network(self, name: str) -> None:
        """Remove a network; absent ones are fine."""


class Store(Protocol):
    """The state database: evidence, never decisions. Raises Unreachable when it cannot be opened."""

    @property
    def announcements(self) -> Announcements:
        """Give what was announced of releases."""

    @property
    def ledger(self) -> Ledger:
        """Give the ledger of notices."""

    @property
    def checks(self) -> CheckRecords:
        """Give the runs of checks."""

    @property
    def debts(self) -> Debts:
        """Give what was owed on each day."""

    def builds(self, release: str = "") -> tuple[Build, ...]:
        """List builds, oldest first; of one release when it is named."""

    def add_build(self, build: Build) -> None:
        """Remember a build; a version or digest that is known for other bytes raises Refused."""

    def set_status(self, digest: str, status: BuildStatus, reason: str) -> None:
        """Change the status of a build."""

    def channels(self) -> dict[tuple[str, str], str]:
        """Give the digest that each (release, channel) points to."""

    def move_channel(self, release: str, channel: str, expected: str, digest: str) -> None:
        """Point a channel at a digest if it still points at ``expected`` ("" for none); else Refused."""

    def record(self, digest: str, results: tuple[Result, ...], at: datetime) -> None:
        """Keep the evidence of a build."""

    def evidence(self, digest: str) -> tuple[Result, ...]:
        """Give the results of the latest run of a build's probes."""

    def components(self, digest: str) -> tuple[Component, ...]:
        """Give what is inside a build, as it was read from it; nothing where it was never read."""

    def keep_components(self, digest: str, components: tuple[Component, ...]) -> None:
        """Remember what is inside a build, in place of what was known."""

    def listed(self) -> frozenset[str]:
        """Give the builds (by digest) whose components are known."""

    def containing(self, name: str) -> tuple[tuple[str, Component], ...]:
        """Give every build (by digest) that has a component of a name, with that component."""

    def notes(self, digest: str) -> str:
        """Give the release notes (Markdown) that were written when a build was promoted; "" for none."""

    def keep_notes(self, digest: str, text: str) -> None:
        """Remember the release notes of a build, in place of earlier ones."""

    def copies(self) -> tuple[Copy, ...]:
        """Give where builds were pushed, by reference."""

    def keep_copy(self, copy: Copy) -> None:
        """Remember where a build is; the manifest of an earlier push to the same reference is replaced."""

    def usages(self) -> tuple[Usage, ...]:
        """Give what is remembered of workspaces, by volume."""

    def keep_usage(self, usage: Usage) -> None:
        """Remember what a usage says; what it leaves open (None) stays as it was for the same volume."""

    def forget_usage(self, volume: str) -> None:
        """Forget a volume; an unknown one is fine."""

    def scans(self) -> tuple[Scanned, ...]:
        """Give what was found in images and containers that no Solvent made, by subject."""

    def keep_scan(self, scanned: Scanned) -> None:
        """Remember what was found; an earlier scan of the same subject is replaced."""

    def append(self, entry: Entry, memory: Memory | None = None) -> Entry:
        """Append to the history, and remember or forget an environment with it; gives number and digest."""

    def environments(self, owner: str = "") -> tuple[Remembered, ...]:
        """Give the environments that were launched and not removed, by owner and name; of one owner if named."""

    def launched_containers(self) -> frozenset[tuple[str, str]]:
        """Give engine and container of each of them, which is read much faster than what is known of them."""

    def specification(self, engine: str, container: str) -> ContainerSpec | None:
        """Give what the container of a remembered environment was made from."""

    def snapshots(self) -> tuple[Snapshot, ...]:
        """Give what environments were before their upgrades, by engine, container and number."""

    def snapshot_specification(self, snapshot: Snapshot) -> ContainerSpec | None:
        """Give what the container of a snapshot was made from."""

    def history(self, limit: int = 100, target: str = "") -> tuple[Entry, ...]:
        """Give the newest entries first."""

    def verify(self) -> str:
        """Check the hash chain; give "" or what is wrong with which entry."""

    def writable(self) -> None:
        """Wait until a write could begin; Unreachable, with who holds the database, when that takes too long."""

    def close(self) -> None:
        """Release the database."""


class Clock(Protocol):
    """The time, as a parameter."""

    def now(self) -> datetime:
        """Give the present instant, aware, in UTC."""

    def today(self) -> date:
        """Give the present UTC day, or the day that ``--as-of`` names."""
