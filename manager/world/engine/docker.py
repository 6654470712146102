"""Docker as the Engine port, over the SDK's low-level client: one request a question where Docker allows it."""

from __future__ import annotations

import re
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from manager.errors import Refused, UsageError
from manager.world.engine import containers, networks, reading, streams, terminal
from manager.world.engine.archives import Archives
from manager.world.engine.asking import address, label_filter
from manager.world.engine.translate import or_none, translated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from docker import APIClient

    from manager.core.containers import ContainerSpec
    from manager.core.observed import Container, EngineInfo, Image, Network, Volume
    from manager.core.ports import ExecResult
    from manager.core.reach import Login

# Docker takes a beginning of an id for a name; a name that could be one is looked up first.
_MAYBE_ID = re.compile(r"[0-9a-f]{1,63}")


class Docker(Archives):
    """A Docker engine, 20.10 and later; nothing is asked of it before the first call.

    ``url`` is as in DOCKER_HOST, which holds when it is None, with DOCKER_TLS_VERIFY and DOCKER_CERT_PATH.
    May be used from several threads.
    """

    def __init__(self, url: str | None = None) -> None:
        # Importing the SDK takes longer than several requests: it is no part of the first one.
        import docker  # noqa: F401

        self._chosen = url
        self.url = address(url)
        self._connected: APIClient | None = None
        self._lock = threading.Lock()

    def info(self) -> EngineInfo:
        """Introduce the engine."""
        with self._engine("ask the engine about itself") as client:
            return reading.engine(client.version(), client.info(), client.api_version)

    def containers(self, labels: dict[str, str]) -> tuple[Container, ...]:
        """List containers in one request, which leaves out the ports of those that do not run."""
        with self._engine("list containers") as client:
            rows = client.containers(all=True, filters={"label": label_filter(labels)})
        return tuple(map(reading.listed, rows))

    def container(self, name: str) -> Container | None:
        """Find one container by id (12 digits at least) or exact name."""
        with self._engine(f"look at container {name}") as client:
            found = or_none(client.inspect_container, name)
        if found is None:
            return None
        exact = found["Name"] == f"/{name}" or (len(name) >= 12 and found["Id"].startswith(name))
        return reading.inspected(found) if exact else None

    def images(self, labels: dict[str, str]) -> tuple[Image, ...]:
        """List images that carry all the labels; layers are left out."""
        with self._engine("list images") as client:
            return tuple(map(reading.image, client.images(filters={"label": label_filter(labels)})))

    def image(self, reference: str) -> Image | None:
        """Find one image by digest or reference, with its layers."""
        with self._engine(f"look at image {reference}") as client:
            found = or_none(client.inspect_image, reference)
            return reading.image(found) if found else None

    def volumes(self, labels: dict[str, str]) -> tuple[Volume, ...]:
        """List volumes that carry all the labels."""
        with self._engine("list volumes") as client:
            found = client.volumes(filters={"label": label_filter(labels)})["Volumes"]
            return tuple(map(reading.volume, found or ()))

    def volume(self, name: str) -> Volume | None:
        """Find one volume."""
        with self._engine(f"look at volume {name}") as client:
            found = or_none(client.inspect_volume, name)
            return reading.volume(found) if found else None

    def networks(self, labels: dict[str, str]) -> tuple[Network, ...]:
        """List networks that carry all the labels."""
        with self._engine("list networks") as client:
            return tuple(map(reading.network, client.networks(filters={"label": label_filter(labels)})))

    def network(self, name: str) -> Network | None:
        """Find one network."""
        with self._engine(f"look at network {name}") as client:
            found = networks.find(client, name)
            return reading.network(found) if found else None

    def import_image(self, tarball: Path, reference: str, labels: dict[str, str]) -> str:
        """Make an image of one layer from a root file system, with an ordinary PATH; give its config digest."""
        from manager.world.engine import building

        with self._engine(f"import {reference}") as client:
            return building.import_image(client, tarball, reference, labels)

    def pull(self, reference: str, say: Callable[[str], None], login: Login | None = None) -> str:
        """Pull by digest or tag; give the config digest. Unreachable when no registry answers."""
        from manager.world.engine import registry

        with self._engine(f"pull {reference}") as client:
            registry.pull(client, reference, say, login)
            return reading.image(_ask(client.inspect_image, reference)).digest

    def manifest(self, reference: str, login: Login | None = None) -> str:
        """Ask a registry for the digest of a manifest; "" where it has none of that name."""
        from manager.world.engine import registry

        with self._engine(f"ask for {reference}") as client:
            return registry.manifest(client, reference, login)

    def push(self, reference: str, say: Callable[[str], None], login: Login | None = None) -> str:
        """Send an image to the registry that its reference names; give the manifest's digest."""
        from manager.world.engine import registry

        with self._engine(f"push {reference}") as client:
            return registry.push(client, reference, say, login)

    def build(
        self,
        context: dict[str, Path | bytes],
        arguments: dict[str, str],
        labels: dict[str, str],
        reference: str,
        say: Callable[[str], None],
    ) -> Image:
        """Build from files by their name in the context; give the image with its layers."""
        from manager.world.engine import building

        with self._engine(f"build {reference}") as client:
            digest = building.build(client, context, arguments, labels, reference, say)
            return reading.image(_ask(client.inspect_image, digest))

    def settings(self, reference: str) -> str:
        """Give what an image says about its containers, as the JSON of a configuration without layers."""
        from manager.world.engine import loading

        with self._engine(f"look at image {reference}") as client:
            return loading.settings(_ask(client.inspect_image, reference))

    def history(self, reference: str) -> tuple[str, ...]:
        """Give the commands that an image says its layers were made by, the newest first."""
        with self._engine(f"look at image {reference}") as client:
            return tuple(str(one.get("CreatedBy") or "") for one in _ask(client.history, reference))

    def load(
        self, configuration: str, archives: Mapping[str, Path], reference: str, say: Callable[[str], None]
    ) -> Image:
        """Make an image of a configuration and the layers that the engine lacks; give it with its layers."""
        from manager.world.engine import loading

        with self._engine(f"load {reference}") as client:
            digest = loading.load(client, configuration, archives, reference, say)
            return reading.image(_ask(client.inspect_image, digest))

    def tag(self, digest: str, reference: str) -> None:
        """Point a reference at an image."""
        # A registry's port is no tag.
        tag = reference.rpartition("/")[2].partition(":")[2]
        with self._engine(f"tag {reference}") as client:
            client.tag(digest, reference.removesuffix(f":{tag}"), tag or "latest")

    def remove_image(self, reference: str) -> None:
        """Remove a reference, or an image by digest with all its references; Refused while a container uses it.

        Docker itself would take the image away from a stopped container.
        """
        by_digest = reference.startswith("sha256:")
        with self._engine(f"remove image {reference}") as client:
            if by_digest:
                users = [_name(row) for row in client.containers(all=True) if row["ImageID"] == reference]
                if users:
                    raise Refused(
                        f"could not remove image {reference}: containers use it", why=", ".join(sorted(users))
                    )
            or_none(client.remove_image, reference, force=by_digest)

    def create(self, spec: ContainerSpec) -> str:
        """Create a hardened container, not started; give its id.

        Volumes and networks have to be there: Docker would make a volume without labels, and find out about
        a network at the start. As with ``docker run``, an ``entrypoint`` takes the image's command away.
        """
        with self._engine(f"create container {spec.name}") as client:
            return containers.create(client, spec)

    def start(self, container: str, stdin: bytes | None = None) -> None:
        """Start a container and hand it bytes on standard input, then end of file.

        With None nothing is attached: a container that waits for input goes on waiting. A taken host port
        raises Refused; the container stays created. A network that was removed and made again since is joined
        anew.
        """
        with self._engine(f"start container {container}") as client:
            containers.start(client, self._exact(container), stdin)

    def stop(self, container: str, grace: int = 10) -> None:
        """Stop a container, killed after ``grace`` seconds; stopped ones are fine."""
        with self._engine(f"stop container {container}") as client:
            client.stop(self._exact(container), timeout=grace)

    def resume(self, container: str) -> None:
        """Let a paused container go on; one that is not paused is fine."""
        found = self.container(container)
        with self._engine(f"resume container {container}") as client:
            if found is None or found.state == "paused":
                client.unpause(self._exact(container))

    def wait(self, container: str, timeout: float) -> int:
        """Wait for the end; give the exit code. Failed after ``timeout`` seconds."""
        with self._engine(f"wait for container {container}") as client:
            return containers.wait(client, self._exact(container), timeout)

    def rename(self, container: str, name: str) -> None:
        """Give a container another name; a taken one raises Refused."""
        with self._engine(f"rename container {container} to {name}") as client:
            client.rename(self._exact(container), name)

    def remove(self, container: str) -> None:
        """Remove a container, running or not, with volumes that have no name; absent ones are fine."""
        with self._engine(f"remove container {container}") as client, suppress(UsageError):
            containers.remove(client, self._exact(container))

    def exec(
        self,
        container: str,
        command: tuple[str, ...],
        *,
        user: str = "",
        stdin: bytes | None = None,
        timeout: float = 60,
    ) -> ExecResult:
        """Run a command inside a running container, on ``stdin`` if given; Failed after ``timeout`` seconds."""
        with self._engine(f"run {command[0]} in container {container}") as client:
            return streams.run_inside(client, self._exact(container), command, user, stdin, timeout)

    def shell(self, container: str, command: tuple[str, ...]) -> int:
        """Join this process's terminal to a command inside a container, by Docker's own command."""
        found = self.container(container)
        if found is None:
            raise UsageError(f"there is no container {container}")
        return terminal.join(found, command, self._chosen)

    def logs(self, container: str, *, follow: bool = False, tail: int | None = None) -> Iterator[bytes]:
        """Give stdout and stderr together, in chunks; closing the iterator ends a followed log."""
        with self._engine(f"read the log of container {container}") as client:
            stream = client.logs(
                self._exact(container), stream=True, follow=follow, tail="all" if tail is None else tail
            )

        def chunks() -> Iterator[bytes]:
            try:
                yield from stream
            finally:
                with suppress(OSError, AttributeError):
                    stream.close()

        return chunks()

    def copy_out(self, container: str, path: str) -> bytes:
        """Give one path of a container as a tar archive; what lies on a tmpfs cannot be had."""
        with self._engine(f"copy {path} out of container {container}") as client:
            chunks, _ = client.get_archive(self._exact(container), path)
            return b"".join(chunks)

    def create_volume(self, name: str, labels: dict[str, str], noted: dict[str, str] | None = None) -> None:
        """Create a volume; one of that name that carries the labels is fine, another one raises Refused."""
        with self._engine(f"create volume {name}") as client:
            made = client.create_volume(name, driver="local", labels=labels | (noted or {}))
            has = made.get("Labels") or {}
        if not labels.items() <= has.items():
            raise Refused(f"volume {name} exists and is not ours", hint="choose another name, or:  docker volume ls")

    def volume_sizes(self) -> tuple[tuple[str, int], ...]:
        """Measure all volumes, in bytes by name."""
        from manager.world.engine import measuring

        with self._engine("measure the volumes") as client:
            return measuring.volume_sizes(client)

    def image_sizes(self) -> tuple[tuple[str, int], ...]:
        """Measure all images: the bytes that each shares with no other, by digest."""
        from manager.world.engine import measuring

        with self._engine("measure the images") as client:
            return measuring.image_sizes(client)

    def remove_volume(self, name: str) -> None:
        """Remove a volume; absent ones are fine, one in use raises Refused."""
        with self._engine(f"remove volume {name}") as client:
            or_none(client.remove_volume, name)

    def create_network(self, name: str, labels: dict[str, str], *, internal: bool = False) -> None:
        """Create a bridge whose containers do not reach each other unless ``internal``; existing is fine."""
        with self._engine(f"create network {name}") as client:
            networks.create(client, name, labels, internal=internal)

    def remove_network(self, name: str) -> None:
        """Remove a network; absent ones are fine, one with containers raises Refused."""
        with self._engine(f"remove network {name}") as client:
            if found := networks.find(client, name):
                or_none(client.remove_network, found["Id"])

    @contextmanager
    def _engine(self, doing: str) -> Iterator[APIClient]:
        with translated(doing, self.url):
            yield self._client()

    def _client(self) -> APIClient:
        with self._lock:
            if self._connected is None:
                from docker import APIClient
                from docker.utils import kwargs_from_env

                where = {"base_url": self._chosen} if self._chosen else kwargs_from_env()
                # Two minutes: a loaded machine is slow to create and remove, and is no dead one.
                client = APIClient(version="auto", timeout=120, **where)
                # A socket file is behind no proxy, and asking the environment takes longer than the engine.
                client.trust_env = not str(client.base_url).startswith("http+docker:")
                self._connected = client
            return self._connected

    def _exact(self, container: str) -> str:
        """Keep a name from being taken for the beginning of another container's id."""
        if not _MAYBE_ID.fullmatch(container):
            return container
        found = self.container(container)
        if found is None:
            raise UsageError(f"there is no container {container}")
        return found.id


def _ask(ask: Callable[..., Any], *words: object, **more: object) -> Any:
    """Call a method of the SDK that the type stubs leave without types."""
    return ask(*words, **more)


def _name(row: dict[str, Any]) -> str:
    return reading.listed(row).name
