"""The Engine port in memory: it keeps state as Docker does, and fails when it is told to.

engine = FakeEngine()
engine.add_image("solvent/jupyterlab:4.6", {"io.solvent.realm": "solvent"})
engine.teach(("sh", "-c", "exit 3"), Outcome(code=3))       # otherwise a command runs until it is stopped
engine.fail("start", Unreachable("gone"))                   # once; times=None for ever
engine.before.append(lambda method, arguments: ...)         # called before every call
"""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Literal

from manager.core.observed import Container, EngineInfo, Image, Network, Published, Volume
from manager.core.ports import ExecResult
from manager.errors import Failed, Refused, Unreachable, UsageError
from tests.fakes.dockerfile import build_layers
from tests.fakes.faults import Faulty, recorded

if TYPE_CHECKING:
    from pathlib import Path

    from manager.core.containers import ContainerSpec
    from manager.core.reach import Login
    from manager.core.scans import Change

_BUILT_IN = ("bridge", "host", "none")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a command does: it ends at once with a code and output, or runs until it is stopped."""

    code: int = 0
    stdout: bytes = b""
    stderr: bytes = b""
    ends: Literal["at once", "when stopped"] = "at once"


# Called with the name of the container and the bytes on standard input.
Behaviour = Outcome | Callable[[str, bytes], Outcome]


@dataclass
class _Box:
    spec: ContainerSpec
    found: Container
    log: list[bytes] = field(default_factory=list)
    stdin: bytes | None = None


def packed(files: Mapping[str, bytes]) -> bytes:
    """Give files as a tar archive."""
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(name.lstrip("/"))
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return archive.getvalue()


class FakeEngine(Faulty):
    """An engine in memory.

    To look at: ``calls`` (method, positional arguments), ``specs`` and ``inputs`` by container name.
    To prepare: ``add_image``, ``teach``, ``files`` (what copy_out finds, by path), ``ports_taken``, ``registry``
    (what can be pulled: reference to labels), ``pushes`` (manifests by reference) and ``pushed`` (images by manifest),
    ``sizes`` (bytes by volume), ``trees`` (files by path, by the name of a container or volume or an image's digest),
    ``changed`` (what differs in a container from its image), ``fail``, ``before``.
    """

    def __init__(self, now: datetime = datetime(2026, 11, 21, 12, tzinfo=UTC)) -> None:
        super().__init__()
        self.now = now
        self.files: dict[str, bytes] = {}
        self.ports_taken: set[int] = set()
        self.registry: dict[str, dict[str, str]] = {}
        self.pushes: dict[str, str] = {}
        self.pushed: dict[str, Image] = {}
        self.sizes: dict[str, int] = {}
        self.trees: dict[str, dict[str, bytes]] = {}
        self.changed: dict[str, tuple[Change, ...]] = {}
        self.owners: dict[tuple[str, str], tuple[int, int, int]] = {}
        self._pulled: dict[str, str] = {}
        self._behaviours: dict[tuple[str, ...], Behaviour] = {}
        self._boxes: dict[str, _Box] = {}
        self._images: dict[str, Image] = {}
        self._volumes: dict[str, Volume] = {}
        self._networks: dict[str, Network] = {name: Network(name, {}) for name in _BUILT_IN}
        self._cache: set[str] = set()
        self._made = 0

    def teach(self, command: tuple[str, ...], behaviour: Behaviour) -> None:
        """Say what a command does, in exec, shell, RUN and as a container's own; the longest match counts."""
        self._behaviours[command] = behaviour

    def add_image(self, reference: str, labels: dict[str, str] | None = None, size: int = 1000) -> str:
        """Put an image there; give its digest."""
        digest = _digest(reference, sorted((labels or {}).items()))
        return self._keep(digest, reference, labels or {}, size, (_digest("layer", reference),)).digest

    def have(self, digest: str, labels: dict[str, str], layers: tuple[str, ...]) -> None:
        """Let an image have other labels and layers."""
        self._images[digest] = replace(self._images[digest], labels=labels, layers=layers)

    @property
    def specs(self) -> dict[str, ContainerSpec]:
        """Give what each container was asked to be."""
        return {box.found.name: box.spec for box in self._boxes.values()}

    @property
    def inputs(self) -> dict[str, bytes | None]:
        """Give the bytes that each container was last started with."""
        return {box.found.name: box.stdin for box in self._boxes.values()}

    @recorded
    def info(self) -> EngineInfo:
        """Introduce the engine."""
        return EngineInfo("Fake", "20.10.24", "1.41", "linux", "amd64", "/var/lib/docker", 4, "FAKE:1")

    @recorded
    def containers(self, labels: dict[str, str]) -> tuple[Container, ...]:
        """List containers by labels."""
        found = (box.found for box in self._boxes.values() if _carries(box.found.labels, labels))
        return tuple(one if one.state == "running" else replace(one, published=()) for one in found)

    @recorded
    def container(self, name: str) -> Container | None:
        """Find one container."""
        box = self._find(name)
        return box.found if box else None

    @recorded
    def images(self, labels: dict[str, str]) -> tuple[Image, ...]:
        """List images by labels."""
        return tuple(replace(one, layers=()) for one in self._images.values() if _carries(one.labels, labels))

    @recorded
    def image(self, reference: str) -> Image | None:
        """Find one image."""
        return self._image(reference)

    @recorded
    def volumes(self, labels: dict[str, str]) -> tuple[Volume, ...]:
        """List volumes by labels."""
        return tuple(one for one in self._volumes.values() if _carries(one.labels, labels))

    @recorded
    def volume(self, name: str) -> Volume | None:
        """Find one volume."""
        return self._volumes.get(name)

    @recorded
    def networks(self, labels: dict[str, str]) -> tuple[Network, ...]:
        """List networks by labels."""
        return tuple(one for one in self._networks.values() if _carries(one.labels, labels))

    @recorded
    def network(self, name: str) -> Network | None:
        """Find one network."""
        return self._networks.get(name)

    @recorded
    def import_image(self, tarball: Path, reference: str, labels: dict[str, str]) -> str:
        """Make an image of one layer."""
        if not tarball.is_file():
            raise Failed(f"could not read the root file system of {reference}")
        layer = "sha256:" + hashlib.sha256(tarball.read_bytes()).hexdigest()
        digest = _digest(layer, sorted(labels.items()), self._tick())
        return self._keep(digest, reference, labels, tarball.stat().st_size, (layer,)).digest

    @recorded
    def pull(self, reference: str, say: Callable[[str], None], login: Login | None = None) -> str:
        """Pull what ``registry`` has, or what was pushed, by its manifest."""
        say(f"Pulling from {reference}")
        repository, _, manifest = reference.partition("@")
        if (found := self.pushed.get(manifest)) and self._has(repository, manifest):
            self._images.setdefault(found.digest, replace(found, references=()))
            self._pulled[reference] = found.digest
            return found.digest
        if reference not in self.registry:
            raise Unreachable(f"no registry answers for {reference}", hint="solvent doctor")
        return self.add_image(reference, self.registry[reference])

    @recorded
    def manifest(self, reference: str, login: Login | None = None) -> str:
        """Give what was pushed under a reference, or is there by that digest."""
        repository, _, manifest = reference.partition("@")
        if manifest:
            return manifest if self._has(repository, manifest) else ""
        return self.pushes.get(reference, "")

    @recorded
    def push(self, reference: str, say: Callable[[str], None], login: Login | None = None) -> str:
        """Keep an image under the digest of a manifest."""
        image = self._image(reference)
        if image is None:
            raise Failed(f"could not push {reference}", why="an image does not exist locally with that tag")
        say(f"The push refers to repository [{reference}]")
        manifest = _digest("manifest", image.digest)
        self.pushed[manifest] = image
        self.pushes[reference] = manifest
        return manifest

    def _has(self, repository: str, manifest: str) -> bool:
        return any(one.rpartition(":")[0] == repository and this == manifest for one, this in self.pushes.items())

    @recorded
    def build(
        self,
        context: dict[str, Path | bytes],
        arguments: dict[str, str],
        labels: dict[str, str],
        reference: str,
        say: Callable[[str], None],
    ) -> Image:
        """Build: a layer for each ADD, COPY and RUN of the last stage."""

        def run(command: str) -> ExecResult:
            outcome = self._behave("build", ("/bin/sh", "-c", command), b"", Outcome())
            return ExecResult(outcome.code, outcome.stdout, outcome.stderr)

        log: list[str] = []

        def told(line: str) -> None:
            log.append(line)
            say(line)

        try:
            layers, size, seen = build_layers(context, arguments, self._image, run, self._cache, told)
        except Failed as error:
            raise Failed(f"the build of {reference} failed", why="\n".join([*log, error.message][-21:])) from error
        self._cache |= seen
        digest = _digest(layers, sorted(labels.items()))
        return self._keep(digest, reference, labels, size, layers)

    @recorded
    def settings(self, reference: str) -> str:
        """Give the labels, which are all that the fake knows of an image's settings."""
        image = self._image(reference)
        if image is None:
            raise UsageError(f"no such image: {reference}")
        return json.dumps({"architecture": "amd64", "os": "linux", "config": {"Labels": image.labels}})

    @recorded
    def history(self, reference: str) -> tuple[str, ...]:
        """Give nothing: the fake keeps no commands."""
        if self._image(reference) is None:
            raise UsageError(f"no such image: {reference}")
        return ()

    @recorded
    def load(
        self, configuration: str, archives: Mapping[str, Path], reference: str, say: Callable[[str], None]
    ) -> Image:
        """Make an image of layers that are there already, one on the other, and of archives."""
        document = json.loads(configuration)
        layers = tuple(document["rootfs"]["diff_ids"])
        for number, layer in enumerate(layers, 1):
            if layer not in archives and all(one.layers[:number] != layers[:number] for one in self._images.values()):
                raise UsageError(f"could not load {reference}: the engine lacks a layer")
        for digest, archive in archives.items():
            if digest != "sha256:" + hashlib.sha256(archive.read_bytes()).hexdigest():
                raise Failed(f"could not load {reference}", why=f"wrong diff id calculated on extraction: {digest}")
        say(f"Loaded image: {reference}")
        digest = "sha256:" + hashlib.sha256(configuration.encode()).hexdigest()
        size = sum(archive.stat().st_size for archive in archives.values())
        return self._keep(digest, reference, document["config"].get("Labels") or {}, size, layers)

    @recorded
    def tag(self, digest: str, reference: str) -> None:
        """Point a reference at an image."""
        image = self._image(digest)
        if image is None:
            raise UsageError(f"could not tag {reference}: no such image: {digest}")
        self._point(reference, image.digest)

    @recorded
    def remove_image(self, reference: str) -> None:
        """Remove a reference, or an image with all of them."""
        image = self._image(reference)
        if image is None:
            return
        rest = () if reference == image.digest else tuple(one for one in image.references if one != _full(reference))
        self._pulled = {name: one for name, one in self._pulled.items() if reference not in (name, one)}
        if rest or image.digest in self._pulled.values():
            self._images[image.digest] = replace(image, references=rest)
            return
        users = sorted(box.found.name for box in self._boxes.values() if box.found.image == image.digest)
        if users:
            raise Refused(f"could not remove image {reference}: containers use it", why=", ".join(users))
        del self._images[image.digest]

    @recorded
    def create(self, spec: ContainerSpec) -> str:
        """Create a container."""
        doing = f"could not create container {spec.name}"
        image = self._image(spec.image)
        if image is None:
            raise UsageError(f"{doing}: No such image: {spec.image}")
        if any(box.found.name == spec.name for box in self._boxes.values()):
            raise Refused(f"{doing}: the name is taken")
        for mount in spec.mounts:
            if mount.kind == "volume" and mount.source not in self._volumes:
                raise UsageError(f"there is no volume {mount.source}")
        if "host" in spec.networks:
            raise Refused(f"container {spec.name} may not share the host's network")
        for network in spec.networks:
            beside = network.partition(":")[2]
            if beside and beside not in self.specs:
                raise UsageError(f"there is no container {beside}")
            if not beside and network not in self._networks:
                raise UsageError(f"there is no network {network}")
        found = Container(
            id=_digest("container", self._tick()).removeprefix("sha256:"),
            name=spec.name,
            image=image.digest,
            state="created",
            labels={**image.labels, **dict(spec.labels)},
            created=self.now,
            networks=tuple(sorted(spec.networks)),
            reference=spec.image,
            published=tuple(Published("127.0.0.1", one.host_port, one.container_port) for one in spec.publish),
            mounts=tuple(sorted(spec.mounts, key=lambda one: one.target)),
        )
        self._boxes[found.id] = _Box(spec, found)
        return found.id

    @recorded
    def start(self, container: str, stdin: bytes | None = None) -> None:
        """Start a container."""
        box = self._there(container)
        taken = {port.host_port for one in self._running() if one is not box for port in one.found.published}
        for port in (one.host_port for one in box.found.published):
            if port in taken | self.ports_taken:
                raise Refused(f"could not start container {container}: port {port} of 127.0.0.1 is taken")
        if gone := [name for name in box.found.networks if ":" not in name and name not in self._networks]:
            raise UsageError(f"could not start container {container}: network {gone[0]} not found")
        box.stdin = stdin
        command = (box.spec.entrypoint or ()) + (box.spec.command or ())
        outcome = self._behave(box.found.name, command, stdin or b"", Outcome(ends="when stopped"))
        box.log += [part for part in (outcome.stdout, outcome.stderr) if part]
        state, code = ("exited", outcome.code) if outcome.ends == "at once" else ("running", None)
        box.found = replace(box.found, state=state, exit_code=code)

    @recorded
    def stop(self, container: str, grace: int = 10) -> None:
        """Stop a container; what runs ends by SIGTERM."""
        box = self._there(container)
        if box.found.state in ("running", "paused"):
            box.found = replace(box.found, state="exited", exit_code=143)

    def pause(self, container: str) -> None:
        """Do what ``docker pause`` does; no method of the port."""
        box = self._there(container)
        box.found = replace(box.found, state="paused")

    @recorded
    def rename(self, container: str, name: str) -> None:
        """Give a container another name."""
        box = self._there(container)
        if any(other.found.name == name for other in self._boxes.values() if other is not box):
            raise Refused(f"could not rename container {container}: the name {name} is taken")
        box.found = replace(box.found, name=name)

    @recorded
    def resume(self, container: str) -> None:
        """Let a paused container go on."""
        box = self._there(container)
        if box.found.state == "paused":
            box.found = replace(box.found, state="running")

    @recorded
    def wait(self, container: str, timeout: float) -> int:
        """Give the exit code, or Failed for what runs."""
        found = self._there(container).found
        if found.state == "running":
            raise Failed(f"container {container} did not end within {timeout:g} s")
        return found.exit_code or 0

    @recorded
    def remove(self, container: str) -> None:
        """Remove a container."""
        box = self._find(container)
        if box:
            del self._boxes[box.found.id]

    @recorded
    def exec(
        self,
        container: str,
        command: tuple[str, ...],
        *,
        user: str = "",
        stdin: bytes | None = None,
        timeout: float = 60,
    ) -> ExecResult:
        """Do what was taught; a command that nobody taught succeeds silently."""
        box = self._there(container)
        if box.found.state != "running":
            raise Failed(f"could not run {command[0]} in container {container}", why="it is not running")
        outcome = self._behave(box.found.name, command, stdin or b"", Outcome())
        if outcome.ends == "when stopped":
            raise Failed(f"{command[0]} in container {container} did not end within {timeout:g} s")
        return ExecResult(outcome.code, outcome.stdout, outcome.stderr)

    @recorded
    def shell(self, container: str, command: tuple[str, ...]) -> int:
        """Give the exit code that was taught."""
        box = self._there(container)
        if box.found.state != "running":
            raise Refused(f"container {container} is not running")
        return self._behave(box.found.name, command, b"", Outcome()).code

    @recorded
    def logs(self, container: str, *, follow: bool = False, tail: int | None = None) -> Iterator[bytes]:
        """Give what the container said."""
        lines = b"".join(self._there(container).log).splitlines(keepends=True)
        return iter(lines if tail is None else lines[len(lines) - min(tail, len(lines)) :])

    @recorded
    def copy_out(self, container: str, path: str) -> bytes:
        """Give one of ``files`` as a tar archive."""
        self._there(container)
        if path not in self.files:
            raise UsageError(f"could not copy {path} out of container {container}")
        archive = io.BytesIO()
        with tarfile.open(fileobj=archive, mode="w") as tar:
            member = tarfile.TarInfo(path.rsplit("/", 1)[-1])
            member.size = len(self.files[path])
            tar.addfile(member, io.BytesIO(self.files[path]))
        return archive.getvalue()

    @recorded
    def changes(self, container: str) -> tuple[Change, ...]:
        """Give what ``changed`` says of a container."""
        return tuple(sorted(self.changed.get(self._there(container).found.name, ()), key=lambda one: one.path))

    @recorded
    def archive(self, container: str, path: str = "") -> Iterator[bytes]:
        """Give the files of ``trees`` for a container's name, or those of its volumes that lie at a path."""
        box = self._there(container)
        whole = {**self.trees.get(box.found.image, {}), **self.trees.get(box.found.name, {})}
        if not path:
            return iter((packed(whole),))
        mounted = next((one for one in box.found.mounts if one.target == path), None)
        top = path.rpartition("/")[2]
        if mounted:
            inside = self.trees.get(mounted.source, {})
            return iter((packed({f"{top}/{name.lstrip('/')}": content for name, content in inside.items()}),))
        if path not in whole:
            raise UsageError(f"could not read {path} of container {container}")
        return iter((packed({top: whole[path]}),))

    @recorded
    def save(self, image: str) -> Iterator[bytes]:
        """Give the files of ``trees`` for an image's digest as an image of one layer."""
        found = self._image(image)
        if found is None:
            raise UsageError(f"no such image: {image}")
        layer = packed(self.trees.get(found.digest, {}))
        manifest = json.dumps([{"Config": "c.json", "RepoTags": [], "Layers": ["a/layer.tar"]}]).encode()
        return iter((packed({"a/layer.tar": layer, "c.json": b"{}", "manifest.json": manifest}),))

    @recorded
    def copy_in(self, container: str, path: str, archive: Iterator[bytes]) -> None:
        """Put the files of a tar stream into ``trees`` of the volume at a path, and their owners into ``owners``."""
        box = self._there(container)
        mounted = next(one for one in box.found.mounts if one.target == path and not one.read_only)
        with tarfile.open(fileobj=io.BytesIO(b"".join(archive))) as tar:
            for member in tar:
                self.owners[mounted.source, member.name] = (member.uid, member.gid, member.mode)
                if file := tar.extractfile(member):
                    self.trees.setdefault(mounted.source, {})[member.name] = file.read()

    @recorded
    def create_volume(self, name: str, labels: dict[str, str], noted: dict[str, str] | None = None) -> None:
        """Create a volume."""
        there = self._volumes.setdefault(name, Volume(name, {**labels, **(noted or {})}, self.now.isoformat()))
        if not labels.items() <= there.labels.items():
            raise Refused(f"volume {name} exists and is not ours")

    @recorded
    def volume_sizes(self) -> tuple[tuple[str, int], ...]:
        """Give what ``sizes`` says, and 0 for the other volumes."""
        return tuple(sorted((name, self.sizes.get(name, 0)) for name in self._volumes))

    @recorded
    def image_sizes(self) -> tuple[tuple[str, int], ...]:
        """Give the size of each image that has a layer of its own."""
        times = Counter(layer for image in self._images.values() for layer in set(image.layers))
        own = {one.digest: any(times[layer] == 1 for layer in one.layers) for one in self._images.values()}
        return tuple(sorted((one.digest, one.size if own[one.digest] else 0) for one in self._images.values()))

    @recorded
    def remove_volume(self, name: str) -> None:
        """Remove a volume that no container has."""
        users = [box for box in self._boxes.values() if name in {mount.source for mount in box.spec.mounts}]
        if users:
            raise Refused(f"could not remove volume {name}: the volume is in use", why=users[0].found.name)
        self._volumes.pop(name, None)

    @recorded
    def create_network(self, name: str, labels: dict[str, str], *, internal: bool = False) -> None:
        """Create a network."""
        there = self._networks.setdefault(name, Network(name, dict(labels), internal))
        if there.internal != internal:
            raise Refused(f"network {name} exists and is {'not ' if internal else ''}internal")

    @recorded
    def remove_network(self, name: str) -> None:
        """Remove a network that no running container is on."""
        if any(name in box.found.networks for box in self._running()):
            raise Refused(f"could not remove network {name}: containers are connected to it")
        self._networks.pop(name, None)

    def _behave(self, container: str, command: tuple[str, ...], stdin: bytes, default: Outcome) -> Outcome:
        known = [taught for taught in self._behaviours if command[: len(taught)] == taught]
        behaviour = self._behaviours[max(known, key=len)] if known else default
        return behaviour if isinstance(behaviour, Outcome) else behaviour(container, stdin)

    def _find(self, name: str) -> _Box | None:
        boxes = self._boxes.values()
        by_name = (box for box in boxes if box.found.name == name)
        by_id = (box for box in boxes if len(name) >= 12 and box.found.id.startswith(name))
        return next(by_name, None) or next(by_id, None)

    def _there(self, name: str) -> _Box:
        box = self._find(name)
        if box is None:
            raise UsageError(f"No such container: {name}")
        return box

    def _running(self) -> list[_Box]:
        return [box for box in self._boxes.values() if box.found.state == "running"]

    def _image(self, reference: str) -> Image | None:
        by_digest = self._images.get(self._pulled.get(reference, reference))
        return by_digest or next((one for one in self._images.values() if _full(reference) in one.references), None)

    def _keep(self, digest: str, reference: str, labels: dict[str, str], size: int, layers: tuple[str, ...]) -> Image:
        if digest not in self._images:
            self._images[digest] = Image(digest, (), dict(labels), self.now, size, layers)
        self._point(reference, digest)
        return self._images[digest]

    def _point(self, reference: str, digest: str) -> None:
        for image in list(self._images.values()):
            names = {one for one in image.references if one != _full(reference)}
            names |= {_full(reference)} if image.digest == digest else set()
            self._images[image.digest] = replace(image, references=tuple(sorted(names)))

    def _tick(self) -> int:
        self._made += 1
        self.now += timedelta(seconds=1)
        return self._made


def _carries(labels: dict[str, str], wanted: dict[str, str]) -> bool:
    return all(key in labels and value in ("", labels[key]) for key, value in wanted.items())


def _digest(*what: object) -> str:
    return "sha256:" + hashlib.sha256(repr(what).encode()).hexdigest()


def _full(reference: str) -> str:
    return reference if ":" in reference.rsplit("/", 1)[-1] else f"{reference}:latest"
