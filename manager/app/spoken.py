"""Runs what says how far it is beside whoever wants to hear it line by line."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue
from threading import Event
from typing import TYPE_CHECKING, TypeVar

from manager.errors import Interrupted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

T = TypeVar("T")


def spoken(work: Callable[[Callable[[str], None]], T]) -> Iterator[str | T]:
    """Run something that says how far it is, and give its lines as they come, then what it gave.

    Once nobody listens any more, what it is given to say lines with raises Interrupted.
    """
    said: SimpleQueue[str | None] = SimpleQueue()
    stop = Event()

    def say(line: str) -> None:
        if stop.is_set():
            raise Interrupted("stopped")
        said.put(line)

    with ThreadPoolExecutor(1, thread_name_prefix="spoken") as pool:
        job = pool.submit(work, say)
        job.add_done_callback(lambda _: said.put(None))
        try:
            while (line := said.get()) is not None:
                yield line
            yield job.result()
        finally:
            stop.set()
