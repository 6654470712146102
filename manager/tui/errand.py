"""An errand: something that is planned, looked at by a person, and carried out, in a thread with a Manager of its own.

The Manager that made a plan carries it out: it makes it again before, and refuses where it would be another one now.
"""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from queue import SimpleQueue
from typing import TYPE_CHECKING, get_args

from manager.app.events import Event
from manager.app.events import Said as Word
from manager.core.plan import Plan
from manager.errors import Bug, Interrupted, ManagerError
from manager.tui.deed import Deed
from manager.tui.messages import Ended, Happened, Noted, Planned, Said

if TYPE_CHECKING:
    from collections.abc import Callable

    from manager.app.manager import Manager
    from manager.tui.desk import Opener, Post

    Making = Callable[[Manager], Plan | Deed | Iterator[object]]
    Carrying = Callable[[Manager, object], Iterator[object]]

_NUMBERS = itertools.count(1)
# Between two words of a plan's steps, and after each line of a deed, in seconds.
_BEAT, _REST = 0.05, 0.001
EVENTS = get_args(Event)


class Errand:
    """One plan from its making to its end; ``line`` is the command that does the same.

    ``carrying`` carries out what was made, where that is more than its plan, as events and lines.
    """

    def __init__(
        self,
        title: str,
        line: tuple[str, ...],
        making: Making,
        opener: Opener,
        post: Post,
        carrying: Carrying | None = None,
    ) -> None:
        self.number = next(_NUMBERS)
        self.title, self.line = title, line
        # Whether what it says is what was asked for.
        self.tells = False
        self._making, self._opener, self._post, self._carrying = making, opener, post, carrying
        # Steps that were left out, by id.
        self.without: tuple[str, ...] = ()
        self._answer: SimpleQueue[bool] = SimpleQueue()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"errand-{self.number}", daemon=True)

    def start(self) -> None:
        """Begin to plan."""
        self._thread.start()

    def go(self, without: tuple[str, ...] = ()) -> None:
        """Carry the plan out, without some of its steps."""
        self.without = without
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
            error = Bug.of(problem)
        self._post(Ended(self, error))

    def _do(self, manager: Manager) -> None:
        made = self._made(manager)
        plan = getattr(made, "plan", made)
        assert isinstance(plan, Plan | Deed), plan
        self._post(Planned(self, plan))
        if not self._answer.get():
            return
        events: Iterator[object]
        if isinstance(plan, Deed):
            self.tells, events = True, plan.do()
        else:
            part = manager.part(plan, self.without)
            events = self._carrying(manager, made) if self._carrying else manager.apply(part, recheck=True)
        try:
            for event in self._latest(events):
                if self._stopped.is_set():
                    raise Interrupted("stopped")
                if isinstance(event, EVENTS):
                    self._post(Happened(self, event))
                elif isinstance(event, str):
                    self._post(Noted(self, event))
                    # The screen takes each of them, and is not to be buried.
                    time.sleep(_REST)
        finally:
            # What runs is stopped then.
            events.close()  # type: ignore[attr-defined]

    def _latest(self, events: Iterator[object]) -> Iterator[object]:
        """Leave out what a step says while it has just said something: builders write thousands of lines a second.

        The latest waits for the next event of any kind; there is one twice a second.
        """
        said: dict[str, object] = {}
        shown = 0.0
        for event in events:
            if isinstance(event, Word):
                said[event.step.id] = event
                if time.monotonic() - shown < _BEAT and not self._stopped.is_set():
                    continue
                shown = time.monotonic()
                yield from said.values()
            else:
                yield from said.values()
                yield event
            said.clear()

    def _made(self, manager: Manager) -> object:
        """Make the plan; of a stream the last is what it comes to, and its lines say how far it is."""
        made: object = self._making(manager)
        if not isinstance(made, Iterator):
            return made
        last: object = None
        for last in made:
            if self._stopped.is_set():
                raise Interrupted("stopped")
            if isinstance(last, str):
                self._post(Said(self, last))
        return last
