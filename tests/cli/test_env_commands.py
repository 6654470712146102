"""``solvent env``: what reaches stdout and stderr, and the exit codes."""

from __future__ import annotations

import io
import os
import re
import signal
import tarfile
from typing import TYPE_CHECKING

import pytest

from manager.cli.terminal import Terminal
from manager.core.observed import BuildStatus
from manager.errors import Failed, Unreachable
from tests.cli.conftest import RELEASE, TOKEN

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import World


def handed_token(solvent: World) -> str:
    """Give the token that the one container was started with."""
    (stdin,) = solvent.engine.inputs.values()
    with tarfile.open(fileobj=io.BytesIO(stdin or b"")) as archive:
        token = archive.extractfile("token")
        assert token is not None
        return token.read().decode()


def test_launch_prints_the_url_and_nothing_else_on_stdout(solvent: World) -> None:
    """Progress and notes go to stderr."""
    solvent.build()

    ran = solvent("env", "launch", "jupyterlab")

    assert ran.code == 0
    assert re.fullmatch(rf"http://127\.0\.0\.1:\d+/lab\?token={handed_token(solvent)}\n", ran.out)
    assert "  start   create environment jupyterlab\n" in ran.err
    assert "  done    start environment jupyterlab" in ran.err
    assert re.search(rf"note: jupyterlab runs {RELEASE}, ready in [\d.]+ s\n", ran.err)


def test_launch_quietly_prints_the_url_and_without_progress_nothing_on_stderr(solvent: World) -> None:
    """``-q`` is for ``$(...)``."""
    solvent.build()

    ran = solvent("env", "launch", "jupyterlab", "-q", "--progress", "none")

    assert ran.out.startswith("http://127.0.0.1:")
    assert ran.err == ""


def test_launch_as_json_has_the_keys_of_schema_1(solvent: World) -> None:
    """The keys of schema 1 are there, with the URL."""
    solvent.build()

    ran = solvent("env", "launch", "jupyterlab", "--name", "work", "--memory", "2g", "--cpus", "1", "-o", "json")

    environment = ran.json["environment"]
    named = {"name", "family", "release", "stage", "build", "digest", "owner", "workspace", "state", "url",
             "ready_seconds", "connections"}  # fmt: skip
    assert named <= environment.keys()
    assert (environment["name"], environment["release"], environment["state"]) == ("work", RELEASE, "running")
    assert environment["url"].endswith(f"?token={handed_token(solvent)}")
    assert environment["ready_seconds"] is not None
    spec = next(iter(solvent.engine.specs.values()))
    assert (spec.memory, spec.cpus) == (2 * 1024**3, 1.0)


def test_limits_come_from_the_settings_unless_they_are_given(solvent: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable is a setting; an option is above it."""
    solvent.build()
    monkeypatch.setenv("SOLVENT_MEMORY", "1g")

    solvent("env", "launch", "jupyterlab", "--name", "set")
    solvent("env", "launch", "jupyterlab", "--name", "given", "--memory", "512m")

    limits = {name: spec.memory for name, spec in solvent.engine.specs.items()}
    assert sorted(limits.values()) == [512 * 1024**2, 1024**3]


def test_launch_says_how_a_remote_person_reaches_it(solvent: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Under SSH a note gives the forwarding line, with the port of the URL."""
    solvent.build()
    monkeypatch.setenv("SSH_CONNECTION", "10.0.0.9 50000 10.0.0.1 22")

    ran = solvent("env", "launch", "jupyterlab")

    port = ran.out.split(":")[2].partition("/")[0]
    assert re.search(rf"ssh -L {port}:127\.0\.0\.1:{port} \S+@10\.0\.0\.1\n", ran.err)


def test_a_dry_run_prints_the_plan_and_changes_nothing(solvent: World) -> None:
    """The plan is the result then, so it goes to stdout."""
    solvent.build()

    ran = solvent("env", "launch", "jupyterlab", "--dry-run")

    assert ran.code == 0
    assert ran.out.startswith(f"plan: launch {RELEASE} as jupyterlab (as of 2026-11-21)\n")
    assert "create environment jupyterlab" in ran.out
    assert ran.err == ""
    assert solvent.engine.specs == {}


def test_check_exits_3_exactly_if_there_would_be_changes(launched: World) -> None:
    """A stopped environment would be started; a running one is what it should be."""
    assert launched("env", "start", "work", "--check", "-q").code == 0
    launched("env", "stop", "work")

    ran = launched("env", "start", "work", "--check", "-o", "json")

    assert ran.code == 3
    assert [step["kind"] for step in ran.json["steps"]] == ["start environment"]


def test_a_retired_release_is_refused_in_three_lines(solvent: World) -> None:
    """The error names the place of the date, and the successor's launch."""
    ran = solvent("env", "launch", "jupyterlab:4.2-py3.9")

    assert ran.code == 5
    assert ran.out == ""
    first, why, hint = ran.err.splitlines()
    assert first == "error: jupyterlab:4.2-py3.9 is retired since 2025-10-31"
    assert re.fullmatch(
        r"  why:  images/jupyterlab/family\.toml:\d+  end_of_life = 2025-10-31 \(bound by python 3\.9\)", why
    )
    assert hint == f"  hint: launch its successor:  solvent env launch {RELEASE}"


def test_as_of_moves_the_day(solvent: World) -> None:
    """The day before its end the same release is refused for another reason, and before that it is not."""
    solvent.build("jupyterlab:4.2-py3.9")

    assert solvent("env", "launch", "jupyterlab:4.2-py3.9", "--as-of", "2024-06-01", "--dry-run").code == 0
    assert solvent("env", "launch", "jupyterlab:4.2-py3.9", "--as-of", "2025-10-30", "--dry-run").code == 5


def test_an_error_as_json_goes_to_stderr(solvent: World) -> None:
    """The same words as in the text, under the keys of schema 1; stdout stays empty."""
    ran = solvent("env", "launch", "jupyterlab:4.2-py3.9", "-o", "json")

    assert (ran.code, ran.out) == (5, "")
    assert ran.error["code"] == 5
    assert ran.error["message"] == "jupyterlab:4.2-py3.9 is retired since 2025-10-31"
    assert ran.error["where"].startswith("images/jupyterlab/family.toml:")
    assert ran.error["hint"].endswith(RELEASE)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("env", "launch", "jupyterlub"), "did you mean jupyterlab?"),
        (("env", "launch", "jupyterlab:4.6-py3.12"), "did you mean jupyterlab:4.6-py3.14?"),
        (("env", "show", "wrk"), "did you mean work?"),
        (("env", "lanch", "jupyterlab"), "did you mean launch?"),
        (("envv", "list"), "did you mean env?"),
        (("env", "launch", "jupyterlab", "--conection", "x"), "did you mean --connection?"),
        (("env", "launch"), "missing argument 'FAMILY[:RELEASE]'"),
        (("env", "launch", "jupyterlab", "--memory", "much"), "not a size such as 512m or 2g"),
        (("env", "launch", "jupyterlab", "--memory", "3"), "write it with a unit, such as 512m or 2g"),
        (("env", "launch", "jupyterlab", "--cpus", "0"), "0.0 is not in the range x>0"),
        (("env", "launch", "jupyterlab", "--name", "Not Good"), "try 'not-good'"),
        (("env", "launch", "jupyterlab", "--connection", "nowhere"), "no connection named 'nowhere'"),
        (("env", "list", "-o", "yaml"), "'yaml' is not one of 'table', 'wide', 'json', 'ndjson', 'name'"),
        (("env", "list", "--as-of", "tomorrow"), "'tomorrow' is no day; write it as 2026-11-21"),
        (("env", "start", "work", "--dry-run", "--check"), "--dry-run and --check cannot be combined"),
    ],
)
def test_bad_words_end_with_2_and_help(launched: World, words: tuple[str, ...], said: str) -> None:
    """Nothing on stdout, an error with a way on."""
    ran = launched(*words)

    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("error: ")
    assert said in ran.err
    assert "hint: " in ran.err


def test_a_name_that_is_taken_is_refused(launched: World) -> None:
    """The hint names the one that is there."""
    ran = launched("env", "launch", "jupyterlab", "--name", "work")

    assert ran.code == 5
    assert "solvent env open work" in ran.err


def test_an_engine_that_is_silent_ends_with_6(solvent: World) -> None:
    """Unreachable keeps the engine's own hint."""
    solvent.engine.fail("info", Unreachable("the engine does not answer", hint="solvent doctor"), times=None)
    solvent.engine.fail("containers", Unreachable("the engine does not answer", hint="solvent doctor"), times=None)

    ran = solvent("env", "list")

    assert (ran.code, ran.out) == (6, "")
    assert "  hint: solvent doctor\n" in ran.err


def test_a_failed_step_ends_with_its_error(solvent: World) -> None:
    """What needs it is skipped and said so."""
    solvent.build()
    solvent.engine.fail("create", Failed("no space left", why="the disk is full", hint="solvent doctor"))

    ran = solvent("env", "launch", "jupyterlab")

    assert (ran.code, ran.out) == (1, "")
    assert "  failed  create environment jupyterlab" in ran.err
    assert "  skipped start environment jupyterlab" in ran.err
    assert ran.err.endswith("error: no space left\n  why:  the disk is full\n  hint: solvent doctor\n")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_ends_with_130_and_the_next_run_continues(solvent: World, number: signal.Signals) -> None:
    """Ctrl-C and a termination in the middle of a step are the same; the second launch finishes the first."""
    solvent.build()

    def interrupted(method: str, _words: object) -> None:
        if method == "create":
            solvent.engine.before.clear()
            os.kill(os.getpid(), number)

    solvent.engine.before.append(interrupted)

    first = solvent("env", "launch", "jupyterlab", "--name", "work")
    second = solvent("env", "launch", "jupyterlab", "--name", "work")

    assert first.code == 130
    assert first.err.endswith("error: interrupted; the next run continues\n")
    assert second.code == 0


def test_list_is_an_aligned_table_and_shows_no_token(launched: World) -> None:
    """Columns begin at the same place in each line; URLs are not for lists."""
    launched("env", "launch", "jupyterlab", "--name", "a-much-longer-name")

    ran = launched("env", "list")

    heading, *rows = ran.out.splitlines()
    assert heading.split() == ["NAME", "RELEASE", "STAGE", "STATE", "WORKSPACE", "CREATED"]
    assert len(rows) == 2
    assert {line.index(RELEASE) for line in rows} == {heading.index("RELEASE")}
    assert TOKEN not in ran.out


def test_lists_come_in_every_form(launched: World) -> None:
    """JSON is one document, ndjson a line each, name and -q bare names, wide has more columns."""
    assert [one["name"] for one in launched("env", "list", "-o", "json").json["environments"]] == ["work"]
    assert launched("env", "list", "-o", "ndjson").out.count("\n") == 1
    assert launched("env", "list", "-o", "name").out == "work\n"
    assert launched("env", "list", "-q").out == "work\n"
    assert "sha256:" in launched("env", "list", "-o", "wide").out
    assert launched("-o", "name", "env", "list").out == "work\n", "options may stand before the command, too"


def test_an_empty_list_is_empty_and_says_what_to_do(solvent: World) -> None:
    """Stdout has no heading without rows; JSON has an empty list."""
    ran = solvent("env", "list")

    assert (ran.code, ran.out) == (0, "")
    assert ran.err == "note: no environments; launch one:  solvent env launch jupyterlab\n"
    assert solvent("env", "list", "-o", "json").json == {"environments": []}


def test_show_gives_facts_and_quietly_the_url(launched: World) -> None:
    """The URL comes from launch, show and open."""
    shown = launched("env", "show", "work")

    assert shown.out.splitlines()[0] == "name       work"
    assert f"?token={TOKEN}" in shown.out
    assert launched("env", "show", "work", "-q").out == launched("env", "open", "work").out
    assert launched("env", "show", "work", "-o", "name").out == "work\n"


def test_stop_and_start_print_the_name_and_converge(launched: World) -> None:
    """A second stop has nothing to do, and the URL of a start comes from ``open``."""
    assert launched("env", "stop", "work").out == "work\n"
    again = launched("env", "stop", "work")
    assert (again.code, again.out) == (0, "work\n")
    assert "note: stop work: nothing to do\n" in again.err

    started = launched("env", "start", "work")

    assert (started.code, started.out) == (0, "work\n")
    assert "solvent env open work" in started.err
    assert TOKEN not in started.out + started.err


def test_a_stopped_environment_has_no_url(launched: World) -> None:
    """``open`` and ``show -q`` refuse with the command that helps; ``show`` still shows the facts."""
    launched("env", "stop", "work")

    for words in (("env", "open", "work"), ("env", "show", "work", "-q")):
        ran = launched(*words)
        assert (ran.code, ran.out) == (5, "")
        assert "solvent env start work" in ran.err
    assert "stopped" in launched("env", "show", "work").out


def test_open_gives_the_browser_a_page_and_not_the_token(
    launched: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Words of a process can be read by everyone; without a display nothing is opened at all."""
    started: list[list[str]] = []
    monkeypatch.setattr("subprocess.Popen", lambda words, **_more: started.append(words))
    monkeypatch.setattr("shutil.which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))

    without = launched("env", "open", "work")
    assert started == []
    monkeypatch.setenv("DISPLAY", ":0")
    ran = launched("env", "open", "work")

    page = tmp_path / "solvent-open.html"
    assert ran.out == without.out
    assert started == [["/usr/bin/xdg-open", str(page)]]
    assert ran.out.strip() in page.read_text()
    assert page.stat().st_mode & 0o077 == 0


def test_logs_are_bytes_as_they_are(launched: World) -> None:
    """Whatever the container wrote reaches stdout unchanged, also what is no UTF-8."""
    box = next(iter(launched.engine._boxes.values()))
    box.log += [b"one\n", b"\xff\x00two\n"]

    ran = launched("env", "logs", "work", "--tail", "1")

    assert (ran.code, ran.raw) == (0, b"\xff\x00two\n")


def test_shell_ends_as_its_command_did(launched: World) -> None:
    """The words after ``--`` reach the container untouched, options included."""
    from manager.core.mirror_delivery import IN_SHELL
    from tests.fakes.engine import Outcome

    launched.engine.teach((*IN_SHELL, "python", "-c", "exit(7)", "--help"), Outcome(code=7))

    ran = launched("env", "shell", "work", "--", "python", "-c", "exit(7)", "--help")

    assert ran.code == 7
    assert launched.engine.calls[-1][1][1] == (*IN_SHELL, "python", "-c", "exit(7)", "--help")


def test_remove_keeps_the_workspace_unless_it_is_asked_for(launched: World) -> None:
    """Removing an environment is not destructive: its files stay."""
    ran = launched("env", "remove", "work")

    assert (ran.code, ran.out) == (0, "work\n")
    assert "the files stay in workspace work" in ran.err
    assert launched("workspace", "list", "-q").out == "work\n"


def test_deleting_a_workspace_needs_approval(launched: World) -> None:
    """Without a terminal it is refused, the plan is shown, and nothing is done."""
    ran = launched("env", "remove", "work", "--delete-workspace", "-y")

    assert (ran.code, ran.out) == (5, "")
    assert "! 2. delete workspace work" in ran.err
    assert "--approve-destructive" in ran.err
    assert launched("env", "list", "-q").out == "work\n"

    approved = launched("env", "remove", "work", "--delete-workspace", "--approve-destructive", "-o", "json")

    assert approved.json == {"removed": {"environment": "work", "workspace": "work"}}
    assert launched("workspace", "list", "-q").out == ""


def test_what_changed_while_a_person_was_asked_is_not_done(launched: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The yes was for the plan that was shown: a stale one is refused, and says what changed."""
    monkeypatch.setattr(Terminal, "interactive", True)

    def asked(_terminal: Terminal, _question: str) -> str:
        launched.engine.stop(next(iter(launched.engine.specs)))
        return "work"

    monkeypatch.setattr(Terminal, "ask", asked)

    ran = launched("env", "remove", "work", "--delete-workspace")

    assert ran.code == 5
    assert "the plan to remove work is stale" in ran.err
    assert launched("env", "list", "-q").out == "work\n"


@pytest.mark.parametrize(("typed", "code"), [("work\n", 0), ("yes\n", 5), ("", 5)])
def test_on_a_terminal_the_name_is_typed(
    launched: World, monkeypatch: pytest.MonkeyPatch, typed: str, code: int
) -> None:
    """Only the target's own name approves; anything else, the end of the input too, changes nothing."""
    import io

    launched("env", "remove", "work")
    monkeypatch.setattr(Terminal, "interactive", True)
    monkeypatch.setattr("sys.stdin", io.StringIO(typed))

    ran = launched("workspace", "remove", "work")

    assert ran.code == code
    assert "type work to go on:" in ran.err
    assert ("work" in launched("workspace", "list", "-q").out) == (code != 0)


def test_a_candidate_is_launched_only_when_it_is_asked_for(solvent: World) -> None:
    """``--candidate`` opts in to a build that is not promoted."""
    solvent.build(status=BuildStatus.CANDIDATE)

    plain = solvent("env", "launch", "jupyterlab", "--dry-run", "-o", "json").json["steps"]
    opted = solvent("env", "launch", "jupyterlab", "--candidate", "--dry-run", "-o", "json").json["steps"]

    assert "build image" in {step["kind"] for step in plain} | {"build image"}
    assert "create environment" in {step["kind"] for step in opted}
    assert len(opted) < len(plain)
