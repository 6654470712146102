"""Sandboxes: a hardened container for one question, and answers that are never trusted."""

from __future__ import annotations

import itertools
import json
import math
import threading
import tracemalloc
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from manager.app import sandbox
from manager.app.sandbox import lines_of, read_results
from manager.core.catalog import Launch
from manager.core.containers import ContainerSpec
from manager.core.delivery import File
from manager.core.evidence import Result
from manager.errors import Failed, Interrupted, ManagerError, Unreachable, UsageError
from tests.fakes.engine import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.app.conftest import World

LAUNCH = Launch(8888, "/api", "/lab", "#main")
PASS = json.dumps({"id": "connect", "outcome": "pass", "seconds": 0.5}).encode()


def test_results_are_read_between_other_lines() -> None:
    """A driver's warnings are left out."""
    text = 'warning: old server\n{"id": "a", "outcome": "fail", "reason": "no", "seconds": 1.5}\n[]\n3\n{"id": 1}\n'

    assert read_results(text) == (Result("a", "fail", "no", 1.5),)


@pytest.mark.parametrize(
    ("answer", "result"),
    [
        ({"id": "a", "outcome": "pass", "seconds": "soon"}, Result("a", "pass")),
        ({"id": "a", "outcome": "pass", "seconds": [1]}, Result("a", "pass")),
        ({"id": "a", "outcome": "pass", "seconds": 10**400}, Result("a", "pass")),
        ({"id": "a", "outcome": "pass", "seconds": -1}, Result("a", "pass")),
        ({"id": {"x": 1}, "outcome": "pass", "reason": ["y"]}, Result("{'x': 1}", "pass", "['y']")),
        ({"id": "a\x1b[2J", "outcome": "fail", "reason": "x\ny\x1b]0;z\x07"}, Result("a [2J", "fail", "x y ]0;z ")),
        ({"id": "a" * 999, "outcome": "fail", "reason": "b" * 99999}, Result("a" * 100, "fail", "b" * 1000)),
    ],
)
def test_hostile_answers_are_made_harmless(answer: dict[str, object], result: Result) -> None:
    """Nothing raises, nothing is endless, no control character reaches a terminal."""
    assert read_results(json.dumps(answer)) == (result,)


@pytest.mark.parametrize(
    "line",
    ['{"id": "a", "outcome": "passed"}', '{"id": "a", "outcome": ["pass"]}', '{"outcome": "pass"}', "[" * 100_000,
     "1" * 10_000, '{"id": "a", "outcome": "pass"', "\x00", "NaN"],
)  # fmt: skip
def test_what_is_no_result_is_left_out(line: str) -> None:
    """An outcome that we do not know is not one."""
    assert read_results(line) == ()


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_seconds_that_json_cannot_hold_are_zero(number: str) -> None:
    """Python reads them, other readers of our own JSON do not."""
    assert read_results(f'{{"id": "a", "outcome": "pass", "seconds": {number}}}') == (Result("a", "pass"),)


@given(st.text() | st.recursive(st.none() | st.booleans() | st.floats() | st.text(), st.lists).map(json.dumps))
def test_any_output_can_be_read(text: str) -> None:
    """Whatever is printed."""
    for result in read_results(text):
        assert math.isfinite(result.seconds)


def ask(world: World, **more: object) -> tuple[Result, ...]:
    """Ask the probe ``connect`` in a sandbox."""
    image = world.store.kept[0].digest
    return sandbox.ask(world.manager(), image, LAUNCH, "connect", ("warehouse",), **more)  # type: ignore[arg-type]


def test_a_sandbox_is_hardened_and_leaves_nothing(world: World) -> None:
    """Secrets come over standard input; the container is gone afterwards, whatever happened."""
    world.engine.teach(("/opt/solvent/kernel/bin/python",), Outcome(stdout=PASS))
    seen = []
    world.engine.before.append(lambda method, words: seen.append((method, words)))

    results = ask(world, delivered=(File("connections/warehouse/url", b"postgresql://hunter2"),))

    assert results == (Result("connect", "pass", "", 0.5),)
    spec = next(words[0] for method, words in seen if method == "create")
    assert spec.networks == ("none",)
    assert dict(spec.labels)["io.solvent.kind"] == "sandbox"
    assert "hunter2" not in repr(spec)
    assert world.engine.containers({}) == ()


@pytest.mark.parametrize("method", ["create", "start", "wait"])
def test_a_sandbox_that_cannot_run_is_an_error_and_no_verdict(world: World, method: str) -> None:
    """Could not tell is not the same as does not work."""
    world.engine.fail(method, Failed("no space"))

    assert ask(world) == (Result("connect", "error", "no space"),)
    assert world.engine.containers({}) == ()


class Live:
    """An engine whose container prints while it runs: ``wait`` ends when all of that has been taken."""

    def __init__(self, chunks: list[bytes], error: Exception | None = None) -> None:
        self.chunks = chunks
        self.error = error
        self.gone: ManagerError | None = None
        self.taken = threading.Event()
        self.removed: list[str] = []

    def create(self, spec: ContainerSpec) -> str:
        """Create it."""
        return spec.name

    def start(self, container: str, stdin: bytes | None = None) -> None:
        """Start it."""

    def wait(self, container: str, timeout: float) -> int:
        """Wait until who follows has taken all."""
        assert self.taken.wait(30)
        if self.gone:
            raise self.gone
        return 0

    def logs(self, container: str, *, follow: bool = False, tail: int | None = None) -> Iterator[bytes]:
        """Give all of it; with ``follow`` as it comes, and then whatever goes wrong."""
        try:
            yield from self.chunks
            if follow and self.error:
                raise self.error
        finally:
            if follow:
                self.taken.set()

    def remove(self, container: str) -> None:
        """Remove it."""
        self.removed.append(container)


def ran(engine: Live, heard: Callable[[str], None]) -> tuple[int, str]:
    """Run a container on it."""
    world = SimpleNamespace(engine=engine)
    return sandbox.ended(world, ContainerSpec("one", "image", {}), b"", 5, heard=heard)  # type: ignore[arg-type]


def test_lines_are_heard_as_they_come() -> None:
    """Cut wherever the engine cuts them; one without an end is none yet."""
    lines: list[str] = []
    engine = Live([b'{"a', b'": 1}\n\xff', b"two\n\n", b"three"])

    assert ran(engine, lines.append) == (0, '{"a": 1}\n\ufffdtwo\n\nthree')
    assert lines == ['{"a": 1}', "\ufffdtwo", ""]
    assert engine.removed == ["one"]


@pytest.mark.parametrize("error", [OSError("reset"), Unreachable("gone"), ValueError("a frame"), None])
def test_what_goes_wrong_while_listening_changes_nothing(error: Exception | None) -> None:
    """Neither who hears nor who follows; what was printed is read at the end."""

    def deaf(line: str) -> None:
        raise ValueError(line)

    assert ran(Live([b"one\ntwo\n"], error), deaf) == (0, "one\ntwo\n")


@pytest.mark.parametrize("gone", [None, UsageError("there is no container one")])
def test_who_was_stopped_ends_the_container(gone: ManagerError | None) -> None:
    """At the next line, whatever the engine says of it then; it does not go on for minutes."""
    engine = Live([b"one\n", b"two\n"])
    engine.gone = gone

    def stopped(line: str) -> None:
        assert line == "one"
        raise Interrupted("stopped")

    with pytest.raises(Interrupted):
        ran(engine, stopped)
    # By who listens, then by who waits.
    assert engine.removed == ["one", "one"]


def test_a_line_without_end_is_not_kept() -> None:
    """What comes after it is heard again; a line of an answer's length is given (control)."""
    garbage = itertools.repeat(b"x" * 65536, 4096)
    peak = _peak(lambda: list(lines_of(itertools.chain([b"one\n"], garbage, [b"y\ntwo\n"]))) == ["one", "two"])

    assert peak < 2**22
    assert [len(one) for one in lines_of([b"x" * 131072, b"x" * 131072 + b"\n", b"x" * 262145 + b"\n"])] == [262144]
    assert list(lines_of([b"one\ntw", b"o"], whole=False)) == ["one", "two"]


def _peak(call: Callable[[], bool]) -> int:
    """Give how many bytes a call that holds had in hand at most."""
    tracemalloc.start()
    try:
        assert call()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_an_engine_that_goes_away_is_raised(world: World) -> None:
    """The negative control: that is nothing about the connection at all."""
    world.engine.fail("wait", Unreachable("gone"))

    with pytest.raises(Unreachable):
        ask(world)
    assert world.engine.containers({}) == ()


def test_a_probe_that_says_nothing_is_an_error_with_what_it_printed(world: World) -> None:
    """The end of its output is the best hint there is."""
    world.engine.teach(("/opt/solvent/kernel/bin/python",), Outcome(code=1, stderr=b"Traceback: no module psycopg\n"))

    assert ask(world) == (Result("connect", "error", "no answer; it printed: Traceback: no module psycopg"),)
