"""What does exist: the engine's objects and the database's records, as plain values."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from manager.core.containers import LABEL
from manager.errors import Unreachable

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from manager.core.containers import Mount
    from manager.core.driver_decisions import Forbidden
    from manager.core.mounts import Granted
    from manager.core.takeover import Takeover


@dataclass(frozen=True, slots=True)
class Silent:
    """Something that could not be read: which, and why. The planner proposes nothing destructive for it."""

    what: str
    reason: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class EngineInfo:
    """The engine as it introduces itself; ``root`` is its data folder, for disk checks.

    ``cpus`` are the processors that it has; 0 where it does not say. ``id`` tells it from every other engine.
    """

    name: str
    version: str
    api: str
    os: str
    architecture: str
    root: str = ""
    cpus: int = 0
    id: str = ""


@dataclass(frozen=True, slots=True)
class Published:
    """A port of a container on a port of the host; ``address`` is ``0.0.0.0`` where everybody reaches it."""

    address: str
    host_port: int
    port: int

    def __str__(self) -> str:
        """Render as engines write it."""
        host = f"[{self.address}]" if ":" in self.address else self.address
        return f"{host}:{self.host_port}->{self.port}"


@dataclass(frozen=True, slots=True)
class Container:
    """A container of the engine.

    ``image`` is the config digest (``sha256:...``) of the image it was made from, ``reference`` what it was called
    then. ``mounts`` are volumes and host folders.
    """

    id: str
    name: str
    image: str
    state: Literal["created", "running", "paused", "restarting", "exited", "dead"]
    labels: dict[str, str] = field(hash=False)
    created: datetime
    networks: tuple[str, ...] = ()
    exit_code: int | None = None
    reference: str = ""
    published: tuple[Published, ...] = ()
    mounts: tuple[Mount, ...] = ()


@dataclass(frozen=True, slots=True)
class Environment:
    """An IDE container of one owner, as observed. ``digest`` is its image's config digest.

    ``unserved`` says that its last start ended because no credentials came: whoever started it was killed.
    ``wanted`` is what its owner last asked of it, "" where no database remembers it.
    ``mounts`` are host folders that it brought along, ``takeover`` whose files it takes over at its first start.
    ``pin`` is the version that its owner asked for by name, whatever the channel gave then.
    """

    name: str
    owner: str
    release: str
    version: str
    digest: str
    container: str
    state: str
    port: int
    workspace: str
    connections: tuple[str, ...]
    networks: tuple[str, ...]
    created: datetime
    unserved: bool = False
    mounts: tuple[Granted, ...] = ()
    wanted: Literal["", "running", "stopped"] = ""
    takeover: Takeover | None = None
    pin: str = ""

    @property
    def family(self) -> str:
        """Give the family's id."""
        return self.release.partition(":")[0]


@dataclass(frozen=True, slots=True)
class Image:
    """An image of the engine: config digest, references, labels, layer digests (diff ids), size in bytes."""

    digest: str
    references: tuple[str, ...]
    labels: dict[str, str] = field(hash=False)
    created: datetime
    size: int
    layers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Volume:
    """A volume of the engine."""

    name: str
    labels: dict[str, str] = field(hash=False)
    created: str = ""


@dataclass(frozen=True, slots=True)
class Usage:
    """What is remembered of a workspace's volume: its size in bytes when it was measured, its last use, its origin.

    ``made`` is when the volume was made, as its label says: it tells a volume from a later one of the same name.
    ``origin`` is the git repository that it was cloned from, "" for none that we know of.
    """

    volume: str
    made: str
    size: int | None = None
    measured: datetime | None = None
    used: datetime | None = None
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Network:
    """A network of the engine."""

    name: str
    labels: dict[str, str] = field(hash=False)
    internal: bool = False


class BuildStatus(StrEnum):
    """The quality of a build; whether its bytes are there is observed, and is no status."""

    FAILED = "failed"
    CANDIDATE = "candidate"
    PROMOTED = "promoted"
    SUPERSEDED = "superseded"
    QUARANTINED = "quarantined"
    TOMBSTONED = "tombstoned"


# What cannot run any more keeps its status, and there is nothing to forbid of it.
OVER = (BuildStatus.FAILED, BuildStatus.TOMBSTONED)


@dataclass(frozen=True, slots=True)
class Build:
    """One immutable image of a release, as the database remembers it.

    ``inputs`` are the digests of everything that went in, by name; ``spec_hash`` digests them all. ``reason`` says why
    it has the status that it has; ``forbidden`` are the versions inside, or perhaps inside, for which the catalog
    quarantines it.
    """

    release: str
    version: str
    digest: str
    spec_hash: str
    inputs: tuple[tuple[str, str], ...]
    status: BuildStatus
    created: datetime
    size: int
    layers: tuple[tuple[str, str], ...] = ()
    reason: str = ""
    forbidden: tuple[Forbidden, ...] = ()


@dataclass(frozen=True, slots=True)
class Copy:
    """A build in a registry.

    ``digest`` is the build's, the config digest; ``reference`` what it was pushed under, ``manifest`` the digest that
    the registry knows it by there. ``base`` is the key of the base that it stands on.
    """

    digest: str
    reference: str
    manifest: str
    base: str = ""

    @property
    def exact(self) -> str:
        """Give the reference by which nothing else can be pulled."""
        return f"{self.reference.rpartition(':')[0]}@{self.manifest}"

    def __str__(self) -> str:
        """Render as people paste it: with its tag, which says what it is."""
        return f"{self.reference}@{self.manifest}"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a registry said, through the engine, when it was asked for a reference.

    ``manifest`` is empty where it has none of that name. ``message``, ``why`` and ``hint`` tell of one that cannot be
    used; ``authority`` is the bundle by which Solvent itself can make the engine trust it, if that is what is missing.
    """

    reference: str
    state: Literal["answers", "not trusted", "silent"]
    manifest: str = ""
    message: str = ""
    why: str = ""
    hint: str = ""
    authority: str = ""

    @property
    def usable(self) -> bool:
        """Say whether a plan can build on it."""
        return self.state == "answers" or bool(self.authority)


@dataclass(frozen=True)  # No slots: what a thousand releases ask for is indexed once.
class Observed:
    """The world at one moment, as far as a plan needs it.

    ``engine`` and ``records`` are Silent when the engine or the database could not be read; the lists that
    come from them are empty then, and mean nothing. ``answers`` are of the registries that a plan depends on; others
    are not asked. ``foreign`` are the containers that no Solvent made (:mod:`manager.core.adoption`). ``proven`` are
    the digests of candidates that passed every check, where a plan depends on it.
    """

    engine: EngineInfo | Silent
    records: Literal["read"] | Silent
    environments: tuple[Environment, ...] = ()
    images: tuple[Image, ...] = ()
    volumes: tuple[Volume, ...] = ()
    networks: tuple[Network, ...] = ()
    builds: tuple[Build, ...] = ()
    channels: tuple[tuple[str, str, str], ...] = ()
    usages: tuple[Usage, ...] = ()
    copies: tuple[Copy, ...] = ()
    answers: tuple[Answer, ...] = ()
    foreign: tuple[Container, ...] = ()
    proven: tuple[str, ...] = ()

    def present(self, digest: str) -> bool:
        """Say whether the engine has the bytes of a digest."""
        return digest in self._here

    def channel(self, release: str) -> str:
        """Give the digest that the stable channel of a release points to, or nothing."""
        return self.stable.get(release, "")

    def build(self, digest: str) -> Build | None:
        """Find a build by digest."""
        return self._builds.get(digest)

    def answer(self, reference: str) -> Answer | None:
        """Find what a registry said of a reference; None where it was not asked."""
        return next((answer for answer in self.answers if answer.reference == reference), None)

    def base(self, key: str) -> Image | None:
        """Find the base of a key, as long as a reference points to it.

        Images that stand on a base inherit its labels, so the kind has to be right as well.
        """
        return self._bases.get(key)

    def without_bases(self, keys: Iterable[str]) -> Observed:
        """Give the world as it is without the bases of these keys: a plan then makes them."""
        gone = {base.digest for key in keys if (base := self.base(key)) is not None}
        return replace(self, images=tuple(one for one in self.images if one.digest not in gone))

    def made(self, release: str) -> tuple[Build, ...]:
        """Give a release's builds, oldest first."""
        return self._made.get(release, ())

    @cached_property
    def _here(self) -> frozenset[str]:
        return frozenset(image.digest for image in self.images)

    @cached_property
    def stable(self) -> dict[str, str]:
        """What the stable channels point to: digests by release."""
        return {release: digest for release, channel, digest in self.channels if channel == "stable"}

    @cached_property
    def _builds(self) -> dict[str, Build]:
        return {build.digest: build for build in self.builds if build.digest}

    @cached_property
    def _bases(self) -> dict[str, Image]:
        """Of several with one key the first by digest counts, so that every reading finds the same."""
        found: dict[str, Image] = {}
        for image in sorted(self.images, key=lambda one: one.digest):
            if image.labels.get(LABEL + "kind") == "base" and image.references:
                found.setdefault(image.labels.get(LABEL + "base-key", ""), image)
        return found

    @cached_property
    def _made(self) -> dict[str, tuple[Build, ...]]:
        found: dict[str, list[Build]] = {}
        for build in sorted(self.builds, key=lambda one: (one.created, len(one.version), one.version)):
            found.setdefault(build.release, []).append(build)
        return {release: tuple(mine) for release, mine in found.items()}


def readable(observed: Observed) -> None:
    """Raise Unreachable when the engine or the database could not be read: a plan needs both."""
    for part in (observed.engine, observed.records):
        if isinstance(part, Silent):
            raise Unreachable(f"{part.what} cannot be reached", why=part.reason, hint=part.hint)
