"""How a command line ends: bugs, closed pipes, help, and what its start costs."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from manager.cli import signals
from manager.cli.main import run
from manager.cli.masking import secrets_in
from manager.core.secrets import masked

if TYPE_CHECKING:
    from tests.cli.conftest import World

# What a start must not import: each of them costs more than click does.
HEAVY = ("docker", "sqlalchemy", "pydantic", "textual", "alembic", "httpx", "keyring", "tomlkit", "tree_sitter")
PROGRAM = """
import sys
from manager.cli.main import run
code = run()
sys.stdout.flush()
print("LOADED", *sorted({name.partition(".")[0] for name in sys.modules}), file=sys.stderr)
sys.exit(code)
"""


def started(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command line in a fresh interpreter; the last line of stderr names every module that it loaded."""
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, *words],
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
        check=False,
        timeout=60,
    )


def loaded(ran: subprocess.CompletedProcess[str]) -> set[str]:
    """Give the heavy modules that a start loaded."""
    return set(ran.stderr.splitlines()[-1].split()[1:]) & {*HEAVY, "click"}


def test_version_loads_nothing_heavy() -> None:
    """Not even click."""
    ran = started("--version")

    assert (ran.returncode, ran.stdout) == (0, "solvent 0.1.0\n")
    assert loaded(ran) == set()


@pytest.mark.parametrize(
    "words", ["solvent ", "solvent env la", "solvent image list --a", "solvent connection add x --"]
)
def test_completion_loads_nothing_heavy(words: str) -> None:
    """A shell pays for it on every tab."""
    count = len(words.split()) - (0 if words.endswith(" ") else 1)

    ran = started(_SOLVENT_COMPLETE="bash_complete", COMP_WORDS=words, COMP_CWORD=str(count))

    assert ran.returncode == 0
    assert ran.stdout.startswith("plain,")
    assert loaded(ran) == {"click"}


def test_help_loads_nothing_heavy() -> None:
    """Neither the first page nor a command's; and the probe of this file can tell: validate does load them."""
    assert loaded(started("--help")) == {"click"}
    assert loaded(started("env", "launch", "--help")) == {"click"}
    assert "pydantic" in loaded(started("catalog", "validate"))


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_prints_a_script(solvent: World, shell: str) -> None:
    """It calls solvent back through click's variable."""
    ran = solvent("completion", shell)

    assert ran.code == 0
    assert "_SOLVENT_COMPLETE" in ran.out
    assert solvent("completion", "tcsh").code == 2


def test_a_bug_says_so_and_leaves_its_traceback_in_a_log(solvent: World, tmp_path: Path) -> None:
    """Exit 1; the log is only for the person, and nothing in it or on stderr repeats a secret of the command line."""

    def broken(_catalog: object, _as_of: object) -> object:
        raise RuntimeError("cannot join postgresql://ana:pl4nted@db/sales")

    code = run(
        ("connection", "add", "x", "--connector", "postgresql", "--url", "postgresql://ana:pl4nted@db/sales"), broken
    )  # type: ignore[arg-type]

    message = solvent.capture.readouterr().err.decode()
    log = Path(message.rpartition("log:  ")[2].strip())
    assert code == 1
    assert message.startswith("error: this is a bug in Solvent\n  why:  RuntimeError: cannot join")
    assert log.parent == tmp_path / "home" / "state" / "logs"
    assert log.stat().st_mode & 0o077 == 0
    assert "Traceback" in log.read_text()
    assert "pl4nted" not in message + log.read_text()


def test_a_closed_pipe_is_quiet() -> None:
    """``solvent ... | head -0`` ends without a word."""
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as closed:
        ran = subprocess.run(
            [
                sys.executable,
                "-c",
                "import sys; from manager.cli.main import run; sys.exit(run())",
                "completion",
                "bash",
            ],
            stdout=closed,
            stderr=subprocess.PIPE,
            check=False,
            timeout=60,
        )

    assert (ran.returncode, ran.stderr) == (0, b"")


def test_a_full_disk_and_a_closed_stream_are_no_bugs() -> None:
    """Neither is Solvent's fault; what nobody is to read is not missed."""
    program = "import sys; from manager.cli.main import run; sys.exit(run())"
    with open("/dev/full", "wb") as full:  # noqa: PTH123 - a device
        disk = subprocess.run(
            [sys.executable, "-c", program, "completion", "bash"],
            stdout=full, stderr=subprocess.PIPE, check=False, timeout=60,
        )  # fmt: skip
    closed = subprocess.run(
        ["sh", "-c", 'exec "$@" >&-', "sh", sys.executable, "-c", program, "completion", "bash"],
        stderr=subprocess.PIPE, check=False, timeout=60,
    )  # fmt: skip

    assert (disk.returncode, disk.stderr.splitlines()[:2]) == (
        1, [b"error: standard output cannot be written", b"  why:  No space left on device"],
    )  # fmt: skip
    assert (closed.returncode, closed.stderr) == (0, b"")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_a_command_as_ctrl_c_does(number: int) -> None:
    """A closed terminal as well, so that running steps clean up."""
    before = signal.getsignal(number)

    with pytest.raises(KeyboardInterrupt), signals.raising():
        signal.raise_signal(number)

    assert signal.getsignal(number) == before


def test_a_group_without_a_command_shows_its_help(solvent: World) -> None:
    """On stderr, exit 2: nothing was done."""
    ran = solvent("env")

    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("Examples:\n  solvent env launch jupyterlab\n")


def test_colour_is_only_for_terminals_and_those_who_insist(solvent: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pipe gets none, ``--color always`` does; the word stays the same."""
    monkeypatch.delenv("NO_COLOR")

    assert solvent("env", "show", "x").err.startswith("error: ")
    assert solvent("env", "show", "x", "--color", "always").err.startswith("\x1b[31;1merror:\x1b[0m ")


@pytest.mark.parametrize(
    ("words", "secrets"),
    [
        (["--url", "postgresql://ana:s3cr%40t@db/x"], {"s3cr%40t", "s3cr@t"}),
        (["--url=postgresql://ana:p@ss@word@db/x?a=b"], {"p@ss@word"}),
        (["--url", "postgresql://db/x?password=hunter22&a=b"], {"hunter22"}),
        (["--secret", "password=hunter22"], {"hunter22"}),
        (["--secret=password=hunter22"], {"hunter22"}),
        (["--set", "api_token=hunter22"], {"hunter22"}),
        (["--url", "postgresql://ana:x@db/x"], {"://ana:x@"}),
        (["--secret", "password=env:PGPASSWORD"], set()),
        (["--set", "host=db", "--url", "postgresql://ana@db/x"], set()),
    ],
)
def test_secrets_are_found_in_the_words(words: list[str], secrets: set[str]) -> None:
    """Encoded and decoded, as URL, option or assignment; references are none; and each is masked."""
    found = secrets_in(words)

    assert set(found) == secrets
    assert not any(secret in masked(" ".join(words), found) for secret in secrets)
