"""The desk: one thread that has a Manager and reads for the screen. It posts messages and does nothing else."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING

from manager.errors import Bug, ManagerError

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.message import Message

    from manager.app.manager import Manager

    Opener = Callable[[], Manager]
    Post = Callable[[Message], object]


class Desk:
    """Answers one question after the other; of several with the same name that wait, the last one is answered."""

    def __init__(self, opener: Opener, post: Post) -> None:
        self._opener, self._post = opener, post
        self._waiting: OrderedDict[str, tuple[Callable[[Manager], Message], Callable[[ManagerError], Message]]] = (
            OrderedDict()
        )
        self._there = threading.Condition()
        self._closed = False
        self._thread = threading.Thread(target=self._work, name="desk", daemon=True)

    def open(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def ask(self, name: str, answer: Callable[[Manager], Message], failed: Callable[[ManagerError], Message]) -> None:
        """Have a question answered by a message, or why it could not be."""
        with self._there:
            self._waiting[name] = answer, failed
            self._there.notify()

    def close(self) -> None:
        """Answer nothing more. What is being read ends with the process."""
        with self._there:
            self._closed = True
            self._waiting.clear()
            self._there.notify()

    def _work(self) -> None:
        manager: Manager | None = None
        while True:
            with self._there:
                self._there.wait_for(lambda: self._waiting or self._closed)
                if self._closed:
                    break
                _, (answer, failed) = self._waiting.popitem(last=False)
            try:
                # One that could not be opened is tried again with the next question.
                manager = manager or self._opener()
                manager.reread()
                message = answer(manager)
            except ManagerError as error:
                message = failed(error)
            except Exception as error:  # A fault of one list is no end of the app.
                message = failed(Bug.of(error))
            if not self._closed:
                self._post(message)
        if manager is not None:
            manager.close()
