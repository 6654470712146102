"""``connection add`` on a terminal: what is missing is asked for, and nothing else; off one it is all named at once."""

from __future__ import annotations

import json
import os
import pty
import select
import subprocess
import sys
import termios
from typing import TYPE_CHECKING, Any

import pytest

from manager.cli.terminal import Terminal

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import World

PLANTED = "pl4nted:s3cret@/?#[]"
ADD = ("connection", "add", "sales")
POSTGRESQL = ("--connector", "postgresql")
WHOLE = (*ADD, *POSTGRESQL, "--url", "postgresql://ana@db/sales", "--secret", "password=env:PGPASSWORD")


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Let a person sit at the terminal who gives these answers and then goes away; unseen ones begin with a star."""
    said: list[str] = []
    from manager.errors import Interrupted

    def answer(self: Terminal, question: str, *, shown: bool = True) -> str:
        self.write(f"{question}\n")
        if not said:
            raise Interrupted("nobody answers any more; nothing was done")
        text = said.pop(0)
        assert shown is not text.startswith("*"), question
        return text.removeprefix("*")

    monkeypatch.setattr(Terminal, "interactive", property(lambda self: self._asks))
    monkeypatch.setattr(Terminal, "answer", answer)
    return said


def saved(solvent: World, *more: str) -> Any:
    """Give the connection as it was saved."""
    return solvent("connection", "show", "sales", "-o", "json", *more).json["connection"]


def kept(tmp_path: Path) -> str:
    """Read the password that was kept."""
    return (tmp_path / "home" / "state" / "secrets" / "sales.password").read_text()


def test_everything_is_asked_for_where_nothing_is_said(solvent: World, answers: list[str], tmp_path: Path) -> None:
    """Connector, way, what it needs, the password unseen, and each secure value; a wrong answer is asked again."""
    answers += [
        "postgres",
        "postgresql",
        "9",
        "password",
        "",
        "db",
        "sales",
        "ana",
        "*",
        f"*{PLANTED}",
        "",
        "maybe",
        "n",
    ]

    ran = solvent(*ADD)

    assert ran.code == 0, ran.err
    one = saved(solvent)
    assert one["parameters"] == {"database": "sales", "host": "db", "sslmode": "verify-full", "user": "ana"}
    assert one["secrets"]["password"].startswith("file:")
    assert kept(tmp_path) == PLANTED
    assert answers == []
    for words in ("did you mean postgresql?", "works inside an environment: no (A ticket cache", "host is needed",
                  "that is none of them", "password is needed"):  # fmt: skip
        assert words in ran.err
    assert (ran.out, PLANTED in ran.err) == ("sales\n", False)


def test_stopping_the_questions_saves_nothing(
    solvent: World, answers: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """And no next run continues."""

    def stopped(*_: object, **__: object) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr(Terminal, "answer", stopped)

    ran = solvent(*ADD)

    assert (ran.code, "interrupted; nothing is saved" in ran.err, "continues" in ran.err) == (130, True, False)
    assert solvent("connection", "show", "sales").code == 2


def test_a_connector_that_is_like_none_ends_with_where_they_stand(solvent: World, answers: list[str]) -> None:
    """Without a suggestion as with one."""
    answers += ["foo", "postgres"]

    ran = solvent(*ADD)

    assert "no connector 'foo' in this catalog; see  solvent connector list\n" in ran.err
    assert "did you mean postgresql?; see  solvent connector list\n" in ran.err


def test_nothing_is_asked_for_that_was_said(solvent: World, answers: list[str]) -> None:
    """A way to sign in whose needs are there is one; ``--no-secure`` answers the rest, and ``--no-input`` all."""
    for number, words in enumerate((("--no-secure",), ("--no-input",), ("--secure",))):
        ran = solvent(*WHOLE[:2], f"sales{number}", *WHOLE[3:], *words)
        assert (ran.code, ran.out) == (0, f"sales{number}\n"), ran.err
    assert solvent("connection", "add", "shipped", *POSTGRESQL, "--source", "postgresql-17").code == 0
    # The negative control: something is open, and nobody is there.
    ran = solvent(*WHOLE)
    assert (ran.code, "sslmode = verify-full, which is the secure choice?" in ran.err) == (130, True)
    assert solvent("connection", "show", "sales").code == 2


def test_a_url_is_completed(solvent: World, answers: list[str]) -> None:
    """The connector that alone reads it is offered; enter takes the way that works inside an environment."""
    answers += ["", "", "*env:PGPASSWORD", "", ""]

    ran = solvent(*ADD, "--url", "postgres://ana@[::1]:5433/s%2Fales", "-o", "json")

    assert ran.code == 0, ran.err
    one = ran.json["connection"]
    assert one["parameters"] == {
        "database": "s/ales", "host": "::1", "port": "5433", "sslmode": "verify-full", "sslrootcert": "system",
        "user": "ana",
    }  # fmt: skip
    assert one["secrets"] == {"password": "env:PGPASSWORD"}


def test_a_key_file_is_asked_for_by_its_path(solvent: World, answers: list[str], tmp_path: Path) -> None:
    """It is kept where it is; the way sets what it sets."""
    key = tmp_path / "key.p8"
    key.write_text("-----BEGIN")
    answers += ["1", "myorg-acc", "ana", str(tmp_path / "none.p8"), "env:", str(key), "y"]

    ran = solvent(*ADD, "--connector", "snowflake")

    assert ran.code == 0, ran.err
    assert "there is no such file; Ctrl-C ends it, and nothing is saved" in ran.err
    # The question says that it can be a reference; the sentence about the parameter does not say so again.
    assert ("private_key_file: File with the private key in PKCS 8.\n" in ran.err, "by reference" in ran.err) == (
        True,
        False,
    )
    one = saved(solvent)
    assert one["secrets"] == {"private_key_file": f"file:{key}"}
    assert one["parameters"]["authenticator"] == "SNOWFLAKE_JWT"
    assert "there is no such file" in ran.err
    assert "the reference 'env:' is incomplete" in ran.err


def test_what_fits_another_driver_is_not_offered(solvent: World, answers: list[str]) -> None:
    """Generic ODBC has the keywords of three drivers."""
    answers += ["00", "0", "", ""]
    ran = solvent(*ADD, "--connector", "odbc", "--set", "driver=MariaDB Unicode", "--set", "host=db")

    assert ran.code == 0, ran.err
    assert saved(solvent)["parameters"].keys() == {"driver", "host", "force_tls", "ssl_verify"}
    assert "sslmode" not in ran.err
    assert ran.err.count("that is none of them") == 1


def test_off_a_terminal_everything_that_is_missing_is_named_with_its_option(solvent: World) -> None:
    """Nothing is asked; the way's own needs are among them."""
    ran = solvent(*ADD, *POSTGRESQL, "--sign-in", "certificate", "--set", "port=x", "-o", "json")

    assert ran.code == 2
    for option in ("--set host=...", "--set database=...", "--set user=...", "--set sslcert=...",
                   "--secret sslkey=env:VARIABLE"):  # fmt: skip
        assert option in ran.error["hint"]
    assert "port is to be an integer" in ran.error["why"]
    assert "sslkey is required and missing" in ran.error["why"]
    bare = solvent(*ADD, *POSTGRESQL, "-o", "json")
    assert "--secret sslkey" not in bare.error["hint"]
    assert "ways to sign in: password" in bare.error["hint"]


def test_a_way_to_sign_in_sets_what_it_sets(solvent: World) -> None:
    """What says otherwise is refused; an unknown way gets a suggestion, and one that fails inside a warning."""
    words = (*ADD, "--connector", "snowflake", "--set", "account=a", "--set", "user=ana")

    wrong = solvent(*words, "--sign-in", "browser", "--set", "authenticator=oauth", "-o", "json")
    unknown = solvent(*words, "--sign-in", "browsr", "-o", "json")
    ran = solvent(*words, "--sign-in", "browser")

    assert (wrong.code, "authenticator has to be EXTERNALBROWSER" in wrong.error["message"]) == (2, True)
    assert (unknown.code, unknown.error["hint"]) == (2, "did you mean browser?")
    assert ran.code == 0, ran.err
    assert saved(solvent)["parameters"]["authenticator"] == "EXTERNALBROWSER"
    assert "signing in by browser does not work inside an environment: It opens a browser" in ran.err
    assert solvent("connection", "add", "x", "--connector", "sqlite", "--sign-in", "password").code == 2
    shared = solvent("connection", "add", "x", *POSTGRESQL, "--shared", "--sign-in", "password", "-o", "json")
    assert (shared.code, "--needs" in shared.error["message"]) == (2, True)


def test_secure_values_are_taken_when_they_are_asked_for(solvent: World) -> None:
    """Otherwise one note names them; what was said stays as it was said."""
    plain = solvent(*WHOLE)
    silent = solvent(*WHOLE[:2], "silent", *WHOLE[3:], "--no-secure")
    taken = solvent(*WHOLE[:2], "taken", *WHOLE[3:], "--secure", "--set", "sslmode=require", "-o", "json")

    assert "sslmode" not in saved(solvent)["parameters"]
    words = "less safe: sslmode = verify-full, sslrootcert = system; add  --secure  to take them"
    assert (words in plain.err, words in silent.err) == (True, False)
    parameters = taken.json["connection"]["parameters"]
    assert (parameters["sslmode"], parameters["sslrootcert"], "less safe" in taken.err) == ("require", "system", False)


class Person:
    """Somebody at a terminal of their own that a command runs on; what it shows is ``seen``."""

    def __init__(self, tmp_path: Path, *words: str) -> None:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("SOLVENT")} | {
            "SOLVENT_HOME": str(tmp_path / "home"), "NO_COLOR": "1", "TERM": "xterm",
        }  # fmt: skip
        self.seen = ""
        self._here, there = pty.openpty()
        # The session's own terminal, as that of a person is.
        own = "import fcntl, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); "
        script = f"{own}from manager.cli.main import run; sys.exit(run(sys.argv[1:]))"
        self._out = (tmp_path / "out").open("w+")
        self._done = subprocess.Popen(
            (sys.executable, "-c", script, *words), stdin=there, stdout=self._out, stderr=there, env=environment,
            start_new_session=True, cwd=tmp_path,
        )  # fmt: skip
        os.close(there)

    def answers(self, question: str, text: str) -> None:
        """Wait for a question, and type."""
        begin = len(self.seen)
        while question not in self.seen[begin:]:
            assert self._read(), self.seen
        if text == PLANTED:
            # The question is written before the terminal is told to show nothing.
            while termios.tcgetattr(self._here)[3] & termios.ECHO:
                assert self._done.poll() is None
        os.write(self._here, text.encode())

    def left(self) -> tuple[int, str]:
        """Give the exit code and what stood on standard output."""
        while self._read():
            pass
        code = self._done.wait(60)
        os.close(self._here)
        with self._out:
            self._out.seek(0)
            return code, self._out.read()

    def _read(self) -> bool:
        assert select.select([self._here], [], [], 60)[0], self.seen
        try:
            piece = os.read(self._here, 4096)
        except OSError:  # nobody holds the other side any more
            return False
        self.seen += piece.decode(errors="replace")
        return bool(piece)


def test_on_a_real_terminal_the_password_is_not_echoed(tmp_path: Path) -> None:
    """Questions come on the terminal, the result on standard output; Ctrl-D ends it with 130."""
    words = (*ADD, *POSTGRESQL, "--url", "postgresql://ana@db/sales", "-o", "json")

    person = Person(tmp_path, *words)
    for question, said in (("by number or name", "password\n"), ("not shown", PLANTED), ("", "\n"), ("Y/n", "\n"),
                           ("Y/n", "n\n")):  # fmt: skip
        person.answers(question, said)
    code, out = person.left()

    assert code == 0, person.seen
    assert json.loads(out)["connection"]["parameters"]["sslmode"] == "verify-full"
    assert kept(tmp_path) == PLANTED
    assert (PLANTED in person.seen, PLANTED in out) == (False, False)

    gone = Person(tmp_path, *words[:2], "other", *words[3:])
    gone.answers("by number or name", "\x04")
    assert gone.left() == (130, "")
