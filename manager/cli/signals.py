"""Signals: termination and a closed terminal stop a command as Ctrl-C does, from the main thread only."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

# A closed terminal is the last of them: what a plan has started would outlive it half-made.
_STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def raising(announce: Callable[[], None] | None = None) -> Iterator[None]:
    """Raise KeyboardInterrupt on any of them, after calling ``announce``.

    A signal that the parent had ignored stays ignored (a shell does that for background jobs).
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(_number: int, _frame: FrameType | None) -> NoReturn:
        if announce is not None:
            announce()
        raise KeyboardInterrupt

    before = {number: signal.getsignal(number) for number in _STOPPING}
    heard = [number for number, handler in before.items() if handler is not signal.SIG_IGN]
    for number in heard:
        signal.signal(number, stop)
    try:
        yield
    finally:
        for number in heard:
            signal.signal(number, before[number])
