"""The nightly by cron and by the container's own scheduler: run for real, with a stub in the place of ``solvent``."""

from __future__ import annotations

import re
import shlex
import time

import pytest

from tests.docs.reading import parse
from tests.packaging.nights import DEPLOY, Night

CRON = (DEPLOY / "solvent-nightly.cron").read_text(encoding="utf-8")


def cron_line(text: str) -> tuple[list[str], str, str]:
    """Give the five fields, the user and the command of the one line of a file for cron.d; raises ValueError."""
    lines = [one for one in text.splitlines() if one and not one.startswith("#") and not re.match(r"[A-Z]+=", one)]
    if len(lines) != 1 or not text.endswith("\n"):
        raise ValueError("not one whole line")
    *fields, user, command = lines[0].split(maxsplit=6)
    if len(fields) != 5 or not all(re.fullmatch(r"\*|\d+", one) for one in fields) or not user.isalpha():
        raise ValueError("not five fields and a user")
    if "%" in command:
        raise ValueError("cron takes a percent sign for a line's end")
    return fields, user, command


COMMAND = cron_line(CRON)[2]
SCHEDULE = str(DEPLOY / "schedule")
WAYS = {"cron": ("/bin/sh", "-c", COMMAND), "schedule": ("/bin/sh", SCHEDULE, "once")}
# What cron sees of findings is a mail and no failure; the scheduler hands the exit code on.
FINDINGS = {"cron": 0, "schedule": 3}


def test_the_line_of_cron_has_five_fields_a_user_and_a_command() -> None:
    """It runs once a day, as nobody special, and names who gets the mail."""
    fields, user, _ = cron_line(CRON)

    assert fields[2:] == ["*", "*", "*"]
    assert 0 <= int(fields[0]) < 60
    assert 0 <= int(fields[1]) < 24
    assert user == "solvent"
    assert re.search(r"^MAILTO=\S+$", CRON, re.MULTILINE)


@pytest.mark.parametrize("wrong", ["30 3 * * solvent true\n", "30 3 * * * solvent date +%F\n", "30 3 * * * solvent x"])
def test_a_wrong_line_of_cron_would_be_noticed(wrong: str) -> None:
    """The negative control: a field too few, a percent sign, no end of the line."""
    with pytest.raises(ValueError, match=r"not one whole line|not five fields|percent sign"):
        cron_line(wrong)


@pytest.mark.parametrize("way", WAYS)
def test_a_quiet_night_is_a_success(night: Night, way: str) -> None:
    """The command is run once, in the home, and cron has nothing to mail."""
    code, said = night.run(*WAYS[way])

    assert (code, len(night.calls)) == (0, 1)
    if way == "cron":
        assert said == ""


@pytest.mark.parametrize("way", WAYS)
def test_findings_are_told_and_are_no_failure(night: Night, way: str) -> None:
    """Exit code 3: what the nightly said is passed on, on both streams."""
    night.ends_with(3)

    code, said = night.run(*WAYS[way])

    assert code == FINDINGS[way]
    assert "said on stdout" in said
    assert "said on stderr" in said
    assert "failed" not in said


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("wrong", [1, 2, 5, 6, 130])
def test_a_failure_is_one(night: Night, way: str, wrong: int) -> None:
    """The negative control: any other exit code is passed on, or at least is none of success, and is told."""
    night.ends_with(wrong)

    code, said = night.run(*WAYS[way])

    assert code not in (0, 3)
    assert "said on stderr" in said
    if way == "schedule":
        assert f"failed with exit code {wrong}" in said
        assert (night.home / "last").read_text(encoding="ascii") == f"{wrong}\n"


@pytest.mark.parametrize("way", WAYS)
def test_a_second_start_while_one_runs_does_nothing(night: Night, way: str) -> None:
    """It ends at once with success, and the first goes on; after that the next one runs again."""
    (night.home / "wait").touch()
    first = night.begin(*WAYS[way])
    night.under_way()

    second, _ = night.run(*WAYS[way])
    during = len(night.calls)
    (night.home / "wait").unlink()
    first.communicate(timeout=30)
    night.run(*WAYS[way])

    assert (second, during, first.returncode, len(night.calls)) == (0, 1, 0, 2)


def test_the_scheduler_passes_a_signal_on(night: Night) -> None:
    """Stopping the container stops the nightly, not only the shell around it."""
    stub = night.home / "bin" / "solvent"
    stub.write_text(
        '#!/bin/sh\ntrap \'echo stopped >"$SOLVENT_HOME/stopped"; exit 130\' TERM\necho called >"$SOLVENT_HOME/calls"\n'
        "while :; do sleep 0.05; done\n",
        encoding="ascii",
    )
    process = night.begin(*WAYS["schedule"])
    night.under_way()

    process.terminate()
    process.communicate(timeout=30)

    assert process.returncode == 143
    assert (night.home / "stopped").exists()


def test_the_scheduler_sleeps_until_the_time_and_goes_on_after_a_failure(night: Night) -> None:
    """It sleeps for two hours until a time in two hours, runs the nightly once, fails, and sleeps again."""
    night.ends_with(1)
    sleep = night.home / "bin" / "sleep"
    slept = night.home / "slept"
    # The first sleep is over at once, the second one lasts.
    sleep.write_text(f'#!/bin/sh\necho "$1" >>{slept}\n[ "$(wc -l <{slept})" -lt 2 ] || exec /bin/sleep 60\n')
    sleep.chmod(0o755)
    at = time.strftime("%H:%M", time.gmtime(time.time() + 7200))

    process = night.begin("/bin/sh", "-c", f"SOLVENT_NIGHTLY_AT={at} exec /bin/sh {shlex.quote(SCHEDULE)}")
    until = time.monotonic() + 20
    while not slept.exists() or len(slept.read_text().splitlines()) < 2:
        assert time.monotonic() < until
        time.sleep(0.02)
    process.terminate()
    said, _ = process.communicate(timeout=30)

    first, second = map(int, slept.read_text().split())
    assert 7200 - 90 <= first <= 7200
    assert abs(second - first) <= 30
    assert len(night.calls) == 1
    assert "failed with exit code 1" in said


def test_the_scheduler_refuses_a_time_that_is_none(night: Night) -> None:
    """A misspelt time ends it at once, in place of a nightly that never comes."""
    code, said = night.run("/bin/sh", "-c", f"SOLVENT_NIGHTLY_AT=25:99 exec /bin/sh {shlex.quote(SCHEDULE)}")

    assert code == 2
    assert "25:99" in said


@pytest.mark.parametrize(
    ("name", "pattern"),
    [
        ("solvent-nightly.service", r"^ExecStart=/\S+/(solvent .*)$"),
        ("solvent-nightly.cron", r"sh -c '(solvent .*?) >"),
        ("schedule", r"^ *(solvent .*?) 9>"),
        ("nightly.github.yml", r"^ *(solvent nightly .*?) \|\|"),
    ],
)
def test_every_way_types_a_command_that_there_is(name: str, pattern: str) -> None:
    """``solvent nightly``, with options that it has."""
    found = re.search(pattern, (DEPLOY / name).read_text(encoding="utf-8"), re.MULTILINE)

    assert found
    words = tuple(shlex.split(found[1])[1:])
    assert words[0] == "nightly"
    parse(words)
