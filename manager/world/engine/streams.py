"""Connections taken over from HTTP: bytes for a container's standard input, and commands inside containers.

Docker's framing is that of the Engine API, "Attach to a container, stream format".
"""

from __future__ import annotations

import socket
import struct
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from manager.core.ports import ExecResult
from manager.errors import Failed
from manager.world.engine.sending import checked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from docker import APIClient

_BLOCK = 65536
# How long a started process may leave its standard input unread, in seconds.
_PATIENCE = 10.0


class Hijacked:
    """A connection that the engine switched from HTTP to raw bytes.

    docker-py gives the raw socket only, and with it loses what arrived together with the answer's header;
    so the buffered reader is used for reading.
    """

    def __init__(self, client: APIClient, path: str, params: dict[str, Any], body: dict[str, Any] | None) -> None:
        self._response = checked(
            client.post(
                f"{client.base_url}/v{client.api_version}{path}",
                params=params,
                json=body,
                headers={"Connection": "Upgrade", "Upgrade": "tcp"},
                stream=True,
                timeout=client.timeout,
            )
        )
        # docker-py reaches for the same private names: requests and urllib3 have no public ones.
        answer: Any = self._response.raw
        self._reader = answer._fp.fp
        self._socket: socket.socket = self._reader.raw._sock

    def send(self, data: bytes) -> None:
        """Send everything, then end of file."""
        self._socket.settimeout(_PATIENCE)
        self._socket.sendall(data)
        self._socket.shutdown(socket.SHUT_WR)

    def frames(self, until: float) -> Iterator[tuple[int, bytes]]:
        """Give (stream, data) until the end; TimeoutError at a monotonic instant."""
        while header := self._exactly(8, until):
            stream, size = struct.unpack(">BxxxL", header)
            yield stream, self._exactly(size, until)

    def close(self) -> None:
        """Hang up."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._response.close()

    def _exactly(self, size: int, until: float) -> bytes:
        parts: list[bytes] = []
        while size:
            left = until - time.monotonic()
            if left <= 0:
                raise TimeoutError
            self._socket.settimeout(left)
            part: bytes = self._reader.read1(min(size, _BLOCK))
            if not part:
                return b""
            parts.append(part)
            size -= len(part)
        return b"".join(parts)


@contextmanager
def _taken_over(
    client: APIClient, path: str, params: dict[str, Any], body: dict[str, Any] | None = None
) -> Iterator[Hijacked]:
    connection = Hijacked(client, path, params, body)
    try:
        yield connection
    finally:
        connection.close()


def start_with_input(client: APIClient, container: str, data: bytes) -> None:
    """Start a container and hand it bytes and end of file; raises Failed when it ends or sleeps before reading.

    Attached before the start, so that no other client can be first. The engine passes on what it has even
    after the connection is closed, and that it hangs up itself cannot be waited for: with StdinOnce it may do
    so only when the container ends. Whatever happens, the connection is closed.
    """
    with _taken_over(client, f"/containers/{container}/attach", {"stdin": 1, "stream": 1}) as connection:
        client.start(container)
        try:
            connection.send(data)
        except (BrokenPipeError, ConnectionResetError) as error:
            raise _unread(container, "it ended first") from error
        except TimeoutError as error:
            raise _unread(container, f"it did not read for {_PATIENCE:.0f} s") from error


def run_inside(
    client: APIClient, container: str, command: tuple[str, ...], user: str, stdin: bytes | None, timeout: float
) -> ExecResult:
    """Run a command inside a container; Failed after ``timeout`` seconds, when the command may go on alone.

    ``stdin`` is sent before any output is read, so the command has to read it before it says much.
    """
    until = time.monotonic() + timeout
    job = client.exec_create(container, list(command), user=user, stdin=stdin is not None)["Id"]
    out: dict[int, list[bytes]] = {1: [], 2: []}
    try:
        with _taken_over(client, f"/exec/{job}/start", {}, {"Detach": False, "Tty": False}) as connection:
            # A command may end before it has read all that it is given: the engine hangs up then, and its exit
            # code tells. Without input a connection that breaks is one.
            early = () if stdin is None else (BrokenPipeError, ConnectionResetError)
            with suppress(*early):
                if stdin is not None:
                    connection.send(stdin)
                for stream, data in connection.frames(until):
                    out[stream].append(data)
        code = _exit_code(client, job, until)
    except TimeoutError as error:
        raise Failed(
            f"{command[0]} in container {container} did not end within {timeout:g} s",
            why="the engine cannot stop a command inside a container; it may still run",
        ) from error
    return ExecResult(code, b"".join(out[1]), b"".join(out[2]))


def _exit_code(client: APIClient, job: str, until: float) -> int:
    # A command may close its output and go on; the pauses grow so that waiting costs the machine little.
    pause = 0.005
    while True:
        found = client.exec_inspect(job)
        if not found["Running"]:
            return int(found["ExitCode"])
        if time.monotonic() + pause > until:
            raise TimeoutError
        time.sleep(pause)
        pause = min(pause * 2, 0.5)


def _unread(container: str, why: str) -> Failed:
    return Failed(
        f"container {container} did not take its standard input",
        why=why,
        hint=f"see what it said:  docker logs {container}",
    )
