"""An errand: something that is planned, looked at by a person, and carried out, in a thread with a Manager of its own.

The Manager that made a plan carries it out: it makes it again before, and refuses where it would be another one now.
"""

from __future__ import annotations

import itertools
import threading
from contextlib import closing
from queue import SimpleQueue
from typing import TYPE_CHECKING

from manager.core.plan import Plan
from manager.errors import Interrupted, ManagerError
from manager.tui.desk import unexpected
from manager.tui.messages import Ended, Happened, Planned, Said

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from manager.app.manager import Manager
    from manager.tui.desk import Opener, Post

    Making = Callable[[Manager], Plan | Iterator[object]]

_NUMBERS = itertools.count(1)


class Errand:
    """One plan from its making to its end; ``line`` is the command that does the same."""

    def __init__(self, title: str, line: tuple[str, ...], making: Making, opener: Opener, post: Post) -> None:
        self.number = next(_NUMBERS)
        self.title, self.line = title, line
        self._making, self._opener, self._post = making, opener, post
        self._answer: SimpleQueue[bool] = SimpleQueue()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"errand-{self.number}", daemon=True)

    def start(self) -> None:
        """Begin to plan."""
        self._thread.start()

    def go(self) -> None:
        """Carry the plan out."""
        self._answer.put(True)

    def drop(self) -> None:
        """Forget the plan, or stop what is under way at its next event."""
        self._stopped.set()
        self._answer.put(False)

    def _run(self) -> None:
        error: ManagerError | None = None
        try:
            with closing(self._opener()) as manager:
                self._do(manager)
        except ManagerError as problem:
            error = problem
        except Exception as problem:  # It is told, and the app goes on.
            error = unexpected(problem)
        self._post(Ended(self, error))

    def _do(self, manager: Manager) -> None:
        plan = self._planned(manager)
        self._post(Planned(self, plan))
        if not self._answer.get():
            return
        events = manager.apply(plan, recheck=True)
        try:
            for event in events:
                if self._stopped.is_set():
                    raise Interrupted("stopped")
                self._post(Happened(self, event))
        finally:
            # What runs is stopped then.
            events.close()  # type: ignore[attr-defined]

    def _planned(self, manager: Manager) -> Plan:
        made = self._making(manager)
        if isinstance(made, Plan):
            return made
        last: object = None
        for last in made:
            if self._stopped.is_set():
                raise Interrupted("stopped")
            if isinstance(last, str):
                self._post(Said(self, last))
        plan = getattr(last, "plan", last)
        assert isinstance(plan, Plan), plan
        return plan
