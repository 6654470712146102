"""Running programs: lines, silence, the end."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest

from manager import processes


def python(script: str) -> tuple[str, ...]:
    """Give the command that runs a script."""
    return (sys.executable, "-c", script)


def test_lines_arrive_without_control_sequences_and_the_last_ones_are_kept() -> None:
    """Both streams are handed on line by line; the tail keeps what an error needs."""
    said: list[str] = []

    ended = processes.run(python("import sys; print('\\x1b[2Kone'); print('two', file=sys.stderr)"), said.append)

    assert ended.code == 0
    assert sorted(said) == ["one", "two"]
    assert sorted(ended.tail) == ["one", "two"]


def test_the_exit_code_is_the_programs_own() -> None:
    """A failing program is no exception: its code and its last words come back."""
    ended = processes.run(python("print('no'); raise SystemExit(3)"), lambda line: None)

    assert (ended.code, ended.why) == (3, "no")


def test_a_program_that_is_not_there_ends_as_a_shell_would_say() -> None:
    """A missing program gives 127."""
    ended = processes.run(("no-such-program-here",), lambda line: None)

    assert ended.code == processes.NOT_FOUND
    assert "no-such-program-here" in ended.why


def test_a_silent_program_is_reported_on_and_ended_when_it_takes_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """While nothing is printed the note comes again and again; after the timeout the program is gone."""
    monkeypatch.setattr(processes, "_SILENCE", 0.05)
    said: list[str] = []

    ended = processes.run(python("import time; time.sleep(60)"), said.append, timeout=0.5, note="sleeping")

    assert ended.code == processes.TIMED_OUT
    assert len([line for line in said if line.startswith("sleeping: ")]) >= 3


def test_an_interrupt_ends_the_program_with_its_children(tmp_path: Path) -> None:
    """Ctrl-C while waiting leaves no process behind, children of the program included."""
    pipe = tmp_path / "alive"
    script = f"sleep 60 & echo $! >{pipe}; echo started; wait"

    def interrupt(line: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        processes.run(("sh", "-c", script), interrupt)

    child, until = pipe.read_text().strip(), time.monotonic() + 30
    # A child that was killed still runs until its processor takes notice.
    while _runs(child):
        assert time.monotonic() < until, "the child of the program goes on"
        time.sleep(0.05)


def _runs(process: str) -> bool:
    try:
        text = Path(f"/proc/{process}/stat").read_text(encoding="utf-8")
    except (FileNotFoundError, ProcessLookupError):
        return False
    return text.rpartition(")")[2].split()[0] != "Z"
