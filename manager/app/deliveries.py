"""Connections' files, with secrets resolved now: for a start, for a sandbox, and for an environment that runs."""

from __future__ import annotations

import io
import tarfile
from functools import partial
from typing import TYPE_CHECKING

from manager.app import connections, sources
from manager.app.handover import packed
from manager.core.delivery import PLACE, delivery
from manager.core.sharing import check_complete
from manager.errors import Failed, ManagerError, Refused

if TYPE_CHECKING:
    from collections.abc import Iterable

    from manager.app.world import World
    from manager.core.connections import Connection
    from manager.core.delivery import File
    from manager.core.observed import Environment
    from manager.core.secrets import Secret

# A person's own programs come first on the path of their environment; these are the system's.
_SYSTEM = "PATH=/usr/bin:/bin\n"
READ = _SYSTEM + 'exec tar -c -f - -C "$1" connections'
# Unpacks beside and renames, so that a reader sees the old file or the new one. Nothing is renamed before all of it
# has come: a stream that breaks off leaves the old files. Paths are relative to the first word; those behind "--"
# are taken away.
WRITE = (
    _SYSTEM
    + """\
set -eu
umask 077
cd "$1"
shift
rm -rf .fresh.*
fresh=$(mktemp -d .fresh.XXXXXX)
trap 'rm -rf "$fresh"' EXIT
tar -x -f - -C "$fresh"
complete() {
    while [ "$1" != -- ]; do
        [ -f "$fresh/$1" ]
        shift
    done
}
complete "$@"
while [ "$1" != -- ]; do
    mkdir -p "${1%/*}"
    mv -f "$fresh/$1" "$1"
    shift
done
shift
rm -f "$@"
"""
)


def delivered(world: World, name: str) -> tuple[File, ...]:
    """Give the files of one connection, its secrets resolved now.

    Raises UsageError for an unknown connection, Refused for a secret that cannot be had and for a shared
    connection that this person has not completed, or that is shared no longer.
    """
    connection = connections.whole(world, name)
    connector = world.catalog.connector(connection.connector)
    check_complete(connector, connection)
    return delivery(connector, connection, secrets_of(world, connection))


def prepare(world: World, names: Iterable[str]) -> None:
    """Resolve the secrets of connections before anything is made for them; raises what :func:`delivered` raises.

    The same command's start takes them a moment later, so a command that prints a secret runs once for both.
    """
    for name in names:
        world.prepared_files.prepare(name, partial(delivered, world))


def taken(world: World, names: Iterable[str]) -> list[File]:
    """Give the files of connections for a start: those prepared a moment ago, the others resolved now."""
    return [file for name in names for file in world.prepared_files.take(name, partial(delivered, world))]


def changed(world: World, environment: Environment) -> tuple[str, ...]:
    """Name the connections of a running environment whose files there are not those of this moment."""
    if not environment.connections:
        return ()
    asked = dict.fromkeys(environment.connections)
    files = {name: world.prepared_files.prepare(name, partial(delivered, world)) for name in asked}
    there = _there(world, environment.container)
    return tuple(name for name in asked if {file.path: file.content for file in files[name]} != _of(there, name))


def hand_over(world: World, container: str, names: tuple[str, ...]) -> None:
    """Replace connections' files in a running container, each file atomically; the token and the others stay.

    They travel on standard input, as at a start. Raises Failed, and what :func:`delivered` raises before anything
    is touched.
    """
    files = taken(world, names)
    there = _there(world, container)
    gone = sorted({path for name in names for path in _of(there, name)} - {file.path for file in files})
    put(world, container, files, gone, f"the files of {', '.join(names)}")


def put(world: World, container: str, files: Iterable[File], gone: Iterable[str], what: str) -> None:
    """Put files into a running container's memory, each atomically, and take others away (by path); raises Failed."""
    there = tuple(files)
    words = ("/bin/sh", "-c", WRITE, "deliver", PLACE, *(file.path for file in there), "--", *gone)
    answer = world.engine.exec(container, words, stdin=packed(there), timeout=30)
    if answer.code != 0:
        raise Failed(
            f"{what} did not reach {container}",
            why=answer.stderr.decode(errors="replace").strip()[-300:] or f"its shell ended with {answer.code}",
            hint="the old ones are there still; stop and start the environment",
        )


def _there(world: World, container: str) -> dict[str, bytes]:
    """Read the connections' files of a running container, by path; none where there are none."""
    answer = world.engine.exec(container, ("/bin/sh", "-c", READ, "read", PLACE), timeout=30)
    if answer.code != 0 or not answer.stdout:
        return {}
    found = {}
    with tarfile.open(fileobj=io.BytesIO(answer.stdout)) as tar:
        for member in tar:
            content = tar.extractfile(member)
            if content is not None:
                found[member.name] = content.read()
    return found


def _of(files: dict[str, bytes], name: str) -> dict[str, bytes]:
    return {path: content for path, content in files.items() if path.startswith(f"connections/{name}/")}


def secrets_of(world: World, connection: Connection) -> dict[str, Secret]:
    """Resolve the secrets of a connection; raises Refused for one that cannot be had."""
    from manager.world import secrets

    revealed = {}
    for key, reference in connection.secrets:
        try:
            revealed[key] = secrets.resolve(reference)
        except ManagerError as error:
            if connection.source and reference == sources.password(world, connection.source):
                raise Refused(
                    f"connection {connection.name} leads to {connection.source}, which is not running",
                    why=error.message,
                    hint=f"start it:  solvent source start {connection.source}",
                ) from error
            raise Refused(
                f"the {key} of connection {connection.name} cannot be read",
                why="; ".join(filter(None, (error.message, error.why))),
                hint=error.hint,
            ) from error
    return revealed
