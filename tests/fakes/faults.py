"""What every fake can do besides its port: record calls, run hooks before them, and fail when told to."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeVar, cast

if TYPE_CHECKING:
    from manager.errors import ManagerError

Method = TypeVar("Method", bound=Callable[..., Any])
When = Literal["before", "after"]


@dataclass
class _Failure:
    method: str
    error: BaseException
    times: int | None
    skip: int
    when: When


class Faulty:
    """Base of a fake: ``calls`` holds (method, positional arguments); ``before`` is called with the same.

    Calls are serialised, as those of threads are by a real engine's locks; hooks run outside of the lock.
    """

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.calls: list[tuple[str, tuple[Any, ...]]] = []
        self.before: list[Callable[[str, tuple[Any, ...]], None]] = []
        self._failures: list[_Failure] = []

    def fail(
        self,
        method: str,
        error: ManagerError | KeyboardInterrupt,
        *,
        times: int | None = 1,
        skip: int = 0,
        when: When = "before",
    ) -> None:
        """Make a method raise, ``times`` times (None: for ever), after ``skip`` good calls.

        ``after`` raises once the effect took place, as when an answer is lost.
        """
        assert callable(getattr(type(self), method, None)), f"the port has no {method}"
        self._failures.append(_Failure(method, error, times, skip, when))

    def heal(self) -> None:
        """Forget every planned failure."""
        self._failures.clear()

    def fail_if_due(self, method: str, when: When) -> None:
        """Raise the first failure that is planned for a method."""
        for failure in self._failures:
            if (failure.method, failure.when) != (method, when) or failure.times == 0:
                continue
            if failure.skip:
                failure.skip -= 1
                continue
            if failure.times is not None:
                failure.times -= 1
            raise failure.error


def recorded(method: Method) -> Method:
    """Record the call, run the hooks, and fail where it was asked for."""

    @functools.wraps(method)
    def called(self: Faulty, *words: Any, **more: Any) -> Any:
        name = method.__name__
        for hook in list(self.before):
            hook(name, words)
        with self.lock:
            self.calls.append((name, words))
            self.fail_if_due(name, "before")
            result = method(self, *words, **more)
            self.fail_if_due(name, "after")
            return result

    return cast("Method", called)
