"""Runs a stand-alone probe script inside a container of a build, and reads its results as JSON lines."""

from __future__ import annotations

import json
import secrets
import threading
from contextlib import closing, suppress
from importlib.resources import files
from typing import TYPE_CHECKING, Any, get_args

from manager.app import leftovers
from manager.app.handover import archive
from manager.app.layers import PREFIXES
from manager.core.containers import ContainerSpec
from manager.core.environments import runtime_tmpfs
from manager.core.evidence import Outcome, Result
from manager.errors import Failed, Interrupted, ManagerError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from manager.app.world import World
    from manager.core.catalog import Launch
    from manager.core.delivery import File

# A reason is a sentence; what is longer is a log, and those lie elsewhere.
LONGEST = 1000
OUTCOMES = get_args(Outcome)
# Nobody is told of a line that is longer: no answer of a probe is.
_LINE = 262144


def script(name: str) -> str:
    """Give the text of a probe script; it travels as an argument, so that a distant engine can run it too."""
    return files("manager.probes").joinpath(f"{name}.py").read_text(encoding="utf-8")


def ask(
    world: World,
    image: str,
    launch: Launch,
    probe: str,
    arguments: tuple[str, ...],
    *,
    delivered: Iterable[File] = (),
    networks: tuple[str, ...] = ("none",),
    timeout: float = 60,
) -> tuple[Result, ...]:
    """Run one probe with the kernel's Python in a fresh container, hardened like an environment, then removed.

    Secrets reach it as they reach an environment. A sandbox that cannot run gives one result ``error``.
    """
    name = f"{world.names.realm}-sandbox-{secrets.token_hex(4)}"
    with leftovers.passing(world) as labels:
        spec = ContainerSpec(
            name=name,
            image=image,
            labels=labels,
            command=(f"{PREFIXES['kernel']}/bin/python", "-I", "-c", script(probe), *arguments),
            tmpfs=runtime_tmpfs(launch.uid),
            networks=networks,
            memory=1024**3,
            pids=256,
            stdin=True,
        )
        try:
            lines = printed(world, spec, archive(secrets.token_urlsafe(32), delivered, launch.uid), timeout)
        except Failed as error:
            return (Result(probe, "error", error.message),)
    return read_results(lines) or (Result(probe, "error", f"no answer; it printed: {lines.strip()[-300:]}"),)


def ended(
    world: World,
    spec: ContainerSpec,
    stdin: bytes | None,
    timeout: float,
    *,
    tail: int | None = None,
    heard: Callable[[str], None] | None = None,
) -> tuple[int, str]:
    """Run a container to its end; gives its exit code and what it printed, with ``tail`` the last lines of that.

    ``heard`` is told each line as it comes, from a thread of its own and never after this has returned. Where it raises
    Interrupted the container ends at once, and so does this; whatever else goes wrong there changes nothing. It is
    removed however that ends. Raises Failed when it cannot run, and after ``timeout`` seconds.
    """
    over, stopped = threading.Event(), threading.Event()
    words = (world, spec.name, heard, over, stopped)
    listener = threading.Thread(target=_listen, args=words, name=spec.name, daemon=True)
    try:
        world.engine.create(spec)
        world.engine.start(spec.name, stdin)
        if heard is not None:
            listener.start()
        code = world.engine.wait(spec.name, timeout)
        text = b"".join(world.engine.logs(spec.name, tail=tail)).decode(errors="replace")
    except ManagerError:
        # Of a container that was taken away the engine says one thing or another.
        if stopped.is_set():
            raise Interrupted("stopped") from None
        raise
    else:
        if stopped.is_set():
            raise Interrupted("stopped")
        return code, text
    finally:
        over.set()
        # Its log ends with it, and so does who listens.
        world.engine.remove(spec.name)


def _listen(
    world: World, container: str, heard: Callable[[str], None], over: threading.Event, stopped: threading.Event
) -> None:
    """Tell each line of a container's log as it comes; what counts is read at its end, so nothing raises here."""
    with suppress(Exception), closing(world.engine.logs(container, follow=True)) as chunks:  # type: ignore[type-var]
        for line in lines_of(chunks):
            if over.is_set():
                return
            try:
                heard(line)
            except Interrupted:
                stopped.set()
                world.engine.remove(container)
                return


def lines_of(chunks: Iterable[bytes], *, whole: bool = True) -> Iterator[str]:
    """Give the lines of what comes in pieces; unless only ``whole`` ones are wanted, also what is left at its end.

    Of those that are longer than an answer nothing is kept or given.
    """
    kept: bytes | None = b""
    for chunk in chunks:
        for index, part in enumerate(chunk.split(b"\n")):
            if index:
                if kept is not None:
                    yield kept.decode(errors="replace")
                kept = b""
            if kept is not None:
                kept = kept + part if len(kept) + len(part) <= _LINE else None
    if kept and not whole:
        yield kept.decode(errors="replace")


def printed(world: World, spec: ContainerSpec, stdin: bytes, timeout: float) -> str:
    """Give what a container printed that was run as by :func:`ended`."""
    return ended(world, spec, stdin, timeout)[1]


def read_results(text: str) -> tuple[Result, ...]:
    """Read results from JSON lines; nothing that they say can raise here, be endless, or move a terminal's cursor."""
    results = []
    for one in objects(text):
        if one.get("outcome") in OUTCOMES and "id" in one:
            words = (plain(one["id"])[:100], plain(one.get("reason") or "")[:LONGEST])
            results.append(Result(words[0], one["outcome"], words[1], period(one.get("seconds"))))
    return tuple(results)


def objects(text: str) -> Iterator[dict[str, Any]]:
    """Read the objects among JSON lines; other lines are left out.

    What runs in a container may print anything, such as a driver's warnings, and nothing of that raises here.
    """
    for line in text.splitlines():
        try:
            one = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(one, dict):
            yield one


def plain(value: object) -> str:
    """Give a text that a terminal can show, with a blank for each character that it could not."""
    text = str(value)
    return text if text.isprintable() else "".join(letter if letter.isprintable() else " " for letter in text)


def period(value: object) -> float:
    """Give a length of time that JSON can hold; 0 for anything else."""
    if isinstance(value, int | float) and 0 <= value < 10**9:
        return float(value)
    return 0.0
