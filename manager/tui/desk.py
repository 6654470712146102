"""The desk: one thread that has a Manager and reads for the screen. It posts messages and does nothing else."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, NamedTuple

from manager.errors import Bug, ManagerError

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.message import Message

    from manager.app.manager import Manager

    Opener = Callable[[], Manager]
    Post = Callable[[Message], object]


class _Question(NamedTuple):
    answer: Callable[[Manager], Message]
    failed: Callable[[ManagerError], Message]
    again: bool


class Desk:
    """Answers one question after the other; of several with the same name that wait, the last one is answered."""

    def __init__(self, opener: Opener, post: Post) -> None:
        self._opener, self._post = opener, post
        self._waiting: OrderedDict[str, _Question] = OrderedDict()
        self._there = threading.Condition()
        self._closed = False
        # How often a new Manager was wanted: what an older one says is of another day.
        self._turn = 0
        self._thread = threading.Thread(target=self._work, name="desk", daemon=True)

    def open(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def ask(
        self,
        name: str,
        answer: Callable[[Manager], Message],
        failed: Callable[[ManagerError], Message],
        *,
        again: bool = True,
    ) -> None:
        """Have a question answered by a message, or why it could not be; ``again`` is whether the catalog matters."""
        with self._there:
            self._waiting[name] = _Question(answer, failed, again)
            self._there.notify()

    def reopen(self) -> None:
        """Ask a new Manager from now on, and forget what is being asked."""
        with self._there:
            self._turn += 1
            self._waiting.clear()

    def close(self) -> None:
        """Answer nothing more. What is being read ends with the process."""
        with self._there:
            self._closed = True
            self._waiting.clear()
            self._there.notify()

    def _work(self) -> None:
        manager: Manager | None = None
        turn = 0
        while True:
            with self._there:
                self._there.wait_for(lambda: self._waiting or self._closed)
                if self._closed:
                    break
                _, asked = self._waiting.popitem(last=False)
                old, turn = turn, self._turn
            try:
                if manager is not None and turn != old:
                    done, manager = manager, None
                    done.close()
                # One that could not be opened is tried again with the next question.
                manager = manager or self._opener()
                if asked.again:
                    manager.look_again()
                message = asked.answer(manager)
            except ManagerError as error:
                message = asked.failed(error)
            except Exception as error:  # A fault of one list is no end of the app.
                message = asked.failed(Bug.of(error))
            if not self._closed and turn == self._turn:
                self._post(message)
        if manager is not None:
            manager.close()
