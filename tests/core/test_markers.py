"""Markers are read side by side without harm, which CPython 3.11 does not promise of itself."""

from __future__ import annotations

import ast
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from packaging.markers import InvalidMarker

from manager.core.markers import marker, requirement

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.mark.parametrize("read", [marker, lambda text: requirement(f"one ; {text}")])
def test_one_thread_at_a_time_reads(monkeypatch: pytest.MonkeyPatch, read: Callable[[str], object]) -> None:
    """No two are in the standard library's parser at once."""
    inside, real, most = threading.Semaphore(1), ast.literal_eval, [0]

    def evaluated(text: Any) -> object:
        alone = inside.acquire(blocking=False)
        most[0] += not alone
        try:
            return real(text)
        finally:
            if alone:
                inside.release()

    monkeypatch.setattr(ast, "literal_eval", evaluated)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(read, (f"os_name == 'one-{number}'" for number in range(400))))

    assert most == [0]


def test_what_is_no_marker_is_said_each_time() -> None:
    """An error is not remembered as an answer."""
    for _ in range(2):
        with pytest.raises(InvalidMarker):
            marker("no marker")
