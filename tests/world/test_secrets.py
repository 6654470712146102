"""References to secrets are resolved, clear secrets are kept, and no error repeats a value."""

from __future__ import annotations

import stat
import sys
import time
from typing import TYPE_CHECKING

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends import fail

from manager.core.secrets import Secret
from manager.errors import Failed, ManagerError, UsageError
from manager.world.secrets import forget, keep, resolve

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PLANTED = "hunter2-ü€😀"


class MemoryKeyring(KeyringBackend):
    """A keyring in memory; a ``broken`` one takes secrets and forgets them, as a locked one may."""

    priority = 1  # type: ignore[assignment]

    def __init__(self, *, broken: bool = False) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}
        self.broken = broken

    def get_password(self, service: str, username: str) -> str | None:
        """Give what was kept."""
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        """Keep it, unless broken."""
        if not self.broken:
            self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        """Forget it."""
        del self.kept[service, username]


@pytest.fixture(autouse=True)
def headless() -> Iterator[None]:
    """Begin and leave each test as on a machine without a keyring."""
    keyring.set_keyring(fail.Keyring())
    yield
    keyring.set_keyring(fail.Keyring())


@pytest.fixture
def memory() -> MemoryKeyring:
    """Give the machine a keyring."""
    one = MemoryKeyring()
    keyring.set_keyring(one)
    return one


def whole_text(error: BaseException | None) -> str:
    """Give everything that a traceback of an error could show, causes included."""
    text = ""
    while error is not None:
        text += repr(error) + str(vars(error))
        error = error.__cause__ or error.__context__
    return text


def test_env(monkeypatch: pytest.MonkeyPatch) -> None:
    """``env:`` gives a variable's value as it is."""
    monkeypatch.setenv("WAREHOUSE_PASSWORD", PLANTED + "\n")

    assert resolve("env:WAREHOUSE_PASSWORD").reveal() == PLANTED + "\n"


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_file_without_its_last_newline(tmp_path: Path, end: str) -> None:
    """``file:`` gives a file's content; the newline that editors put at the end does not count."""
    (tmp_path / "secret").write_bytes((PLANTED + end).encode())

    assert resolve(f"file:{tmp_path}/secret").reveal() == PLANTED


def test_keyring_reference_has_its_user_after_the_last_slash(memory: MemoryKeyring) -> None:
    """``keyring:`` reads from the person's keyring; a service may be a URL."""
    memory.kept["https://db/x", "ana"] = PLANTED

    assert resolve("keyring:https://db/x/ana").reveal() == PLANTED


def test_exec_gives_the_output_of_a_command_without_a_shell() -> None:
    """``exec:`` splits words as a shell does, and expands nothing."""
    assert resolve("exec:printf '%s\\n' '$HOME; x'").reveal() == "$HOME; x"


@pytest.mark.parametrize(
    ("reference", "kind"),
    [
        ("env:SOLVENT_NOT_SET", UsageError),
        ("file:/nonexistent/secret", UsageError),
        ("file:relative", UsageError),
        ("keyring:service/user", UsageError),
        ("exec:/nonexistent/command", UsageError),
        ("exec:'unbalanced", UsageError),
        ("exec:false", Failed),
        ("exec:true", UsageError),
    ],
)
def test_what_is_not_there_is_an_error_that_names_the_reference(reference: str, kind: type[ManagerError]) -> None:
    """Each failure names the reference, so that the person knows what to mend."""
    with pytest.raises(kind) as caught:
        resolve(reference)

    assert reference in caught.value.message


def test_no_error_carries_the_value(tmp_path: Path) -> None:
    """A command that prints a secret and then fails, or hangs, or prints no text, gives nothing of it away."""
    (tmp_path / "bad").write_bytes(b"hunter2\xff")
    (tmp_path / "long").write_text("hunter2" * 20_000)
    (tmp_path / "nul").write_text("hunter2\0")
    # The value is put together inside the command, so that the reference does not hold it.
    program = f"{sys.executable} -c \"import sys,time; print('hunt'+'er2', flush=True); %s\""
    references = [f"file:{tmp_path}/{name}" for name in ("bad", "long", "nul")]
    references += ["exec:" + program % "sys.exit(3)", "exec:" + program % "time.sleep(60)"]

    for reference in references:
        with pytest.raises(Failed) as caught:
            resolve(reference, timeout=0.5)
        assert "hunter2" not in whole_text(caught.value), reference


def test_what_a_command_writes_to_standard_error_reaches_nobody(capfd: pytest.CaptureFixture[str]) -> None:
    """Vaults print what they were given when they fail; neither our streams nor our error have it."""
    with pytest.raises(Failed, match="ended with 3") as caught:
        resolve("exec:sh -c 'echo hunt''er2 >&2; exit 3'")

    assert capfd.readouterr() == ("", "")
    assert "hunter2" not in whole_text(caught.value)


def test_command_that_prints_without_end_is_stopped_at_once() -> None:
    """It is not read into memory until its time is over."""
    began = time.monotonic()

    with pytest.raises(Failed, match="longer than"):
        resolve("exec:yes", timeout=60)

    assert time.monotonic() - began < 30


def test_command_that_closes_its_output_still_has_to_end_well() -> None:
    """What it printed is no secret before it said that it succeeded."""
    with pytest.raises(Failed, match="ended with 4"):
        resolve("exec:sh -c 'echo half; exec >&-; exit 4'")
    with pytest.raises(Failed, match="no answer within"):
        resolve("exec:sh -c 'echo half; exec >&-; sleep 60'", timeout=0.2)


def test_command_that_hangs_is_ended_with_its_children() -> None:
    """A command gets its time and no more, even when a child of it holds the pipe."""
    began = time.monotonic()

    with pytest.raises(Failed, match="no answer within"):
        resolve("exec:sh -c 'sleep 60 & sleep 60'", timeout=0.2)

    assert time.monotonic() - began < 10


def test_keyring_takes_a_clear_secret(memory: MemoryKeyring, tmp_path: Path) -> None:
    """Where a keyring answers, a clear secret goes there and no file is made; forgetting deletes it."""
    reference = keep("warehouse.password", Secret(PLANTED), tmp_path)

    assert reference == "keyring:solvent/warehouse.password"
    assert resolve(reference) == Secret(PLANTED)
    assert list(tmp_path.iterdir()) == []
    forget(reference, tmp_path)
    assert memory.kept == {}


@pytest.mark.parametrize("backend", [fail.Keyring(), MemoryKeyring(broken=True)], ids=["headless", "forgetful"])
def test_narrow_file_takes_a_clear_secret_where_no_keyring_does(tmp_path: Path, backend: KeyringBackend) -> None:
    """Without a keyring that gives secrets back, they go to a file of mode 0600 in a folder of mode 0700."""
    keyring.set_keyring(backend)

    reference = keep("warehouse.password", Secret(PLANTED), tmp_path / "state")

    file = tmp_path / "state/secrets/warehouse.password"
    assert reference == f"file:{file}"
    assert resolve(reference) == Secret(PLANTED)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert [one.name for one in file.parent.iterdir()] == ["warehouse.password"]
    forget(reference, tmp_path / "state")
    assert not file.exists()


def test_forgetting_leaves_what_belongs_to_the_person(tmp_path: Path) -> None:
    """A file that we did not make stays when its connection is removed."""
    mine = tmp_path / "mine"
    mine.write_text(PLANTED)

    forget(f"file:{mine}", tmp_path)
    forget("env:HOME", tmp_path)

    assert mine.exists()


def test_place_that_cannot_be_written_is_a_failure_without_the_value(tmp_path: Path) -> None:
    """Where neither keyring nor file takes the secret, the error says why, and not what."""
    (tmp_path / "file").write_text("")

    with pytest.raises(Failed, match="cannot be kept") as caught:
        keep("warehouse.password", Secret(PLANTED), tmp_path / "file")

    assert PLANTED not in whole_text(caught.value)
