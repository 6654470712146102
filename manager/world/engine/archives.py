"""File systems as tar streams: out of containers and images, and into a volume. No process runs for it inside."""

from __future__ import annotations

from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any, Literal, Protocol

from manager.errors import Failed, ManagerError
from manager.world.engine.sending import checked
from manager.world.engine.translate import translated

if TYPE_CHECKING:
    from collections.abc import Iterator

    from docker import APIClient

    from manager.core.scans import Change

_CHUNK = 1024 * 1024
# As Docker numbers them (moby, pkg/archive: ChangeModify, ChangeAdd, ChangeDelete).
_KINDS: dict[int, Literal["changed", "added", "deleted"]] = {0: "changed", 1: "added", 2: "deleted"}


class Archives(Protocol):
    """The part of the adapter that reads and writes archives."""

    def changes(self, container: str) -> tuple[Change, ...]:
        """Give the paths in which a container differs from its image; the engine reads no file for it."""
        with self._engine(f"compare container {container} with its image") as client:
            found: list[dict[str, Any]] = client.diff(self._exact(container)) or []
        # It loads all that is known of packages' files, of which a mere list of containers needs nothing.
        from manager.core.scans import Change

        return tuple(Change(*row) for row in sorted((str(one["Path"]), _KINDS[one["Kind"]]) for one in found))

    def archive(self, container: str, path: str = "") -> Iterator[bytes]:
        """Give a path of a container, with what is mounted there, or its whole file system without, as a tar stream."""
        doing = f"read {path or 'the files'} of container {container}"
        with self._engine(doing) as client:
            what = f"/containers/{self._exact(container)}/" + ("archive" if path else "export")
            return _stream(client, what, {"path": path} if path else {}, doing)

    def save(self, image: str) -> Iterator[bytes]:
        """Give an image with its layers as a tar stream."""
        doing = f"read the files of image {image}"
        with self._engine(doing) as client:
            return _stream(client, f"/images/{image}/get", {}, doing)

    def copy_in(self, container: str, path: str, archive: Iterator[bytes]) -> None:
        """Unpack a tar stream into a folder of a container that lies on a volume."""
        with self._engine(f"write to {path} of container {container}") as client:
            _put(client, self._exact(container), path, archive)

    def _engine(self, doing: str) -> AbstractContextManager[APIClient]: ...

    def _exact(self, container: str) -> str: ...


def _stream(client: APIClient, path: str, params: dict[str, str], doing: str) -> Iterator[bytes]:
    """Give the body of an answer in chunks; closing the iterator ends it.

    An engine that has to gather an image first may take its time, and a person can interrupt.
    """
    response = checked(
        client.get(
            f"{client.base_url}/v{client.api_version}{path}",
            params=params,
            headers={"Accept-Encoding": "identity"},
            stream=True,
            timeout=None,
        )
    )

    def chunks() -> Iterator[bytes]:
        try:
            with translated(doing):
                yield from response.iter_content(_CHUNK)
        finally:
            response.close()

    return chunks()


def _put(client: APIClient, container: str, path: str, chunks: Iterator[bytes]) -> None:
    """Unpack a tar stream into a folder of a container; owners and modes are those of the stream."""
    with _own_errors(chunks) as told:
        response = client.put(
            f"{client.base_url}/v{client.api_version}/containers/{container}/archive",
            params={"path": path},
            data=told,
            headers={"Content-Type": "application/x-tar"},
            timeout=None,
        )
        checked(response)


@contextmanager
def _own_errors(chunks: Iterator[bytes]) -> Iterator[Iterator[bytes]]:
    """Keep what the stream itself raises from being told as the engine's silence."""
    raised: list[Exception] = []

    def told() -> Iterator[bytes]:
        try:
            yield from chunks
        except Exception as error:
            raised.append(error)
            raise

    try:
        yield told()
    except Exception:
        if raised and isinstance(raised[0], ManagerError):
            raise raised[0] from None
        if raised:
            raise Failed("what was to be copied could not be read", why=str(raised[0])) from raised[0]
        raise
