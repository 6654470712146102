"""What goes wrong without anybody's fault: full disks, broken files, other processes, a kill, a user without rights."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from manager.world.store import open_store
from tests.system.world import World

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

root_only = pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount and become somebody else")
NOBODY = 65534


@pytest.fixture
def solvent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """Give the command in a home of its own, in an empty folder, without an engine."""
    monkeypatch.setenv("DOCKER_HOST", "unix:///nonexistent/engine.sock")
    monkeypatch.delenv("SOLVENT_CATALOG", raising=False)
    monkeypatch.chdir(tmp_path)
    return World(tmp_path / "home", "t-luck")


@pytest.fixture
def real(solvent: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """Give the command with the engine of this machine, so that only the database can be what fails."""
    monkeypatch.delenv("DOCKER_HOST")
    return solvent


@pytest.fixture
def database(solvent: World) -> Path:
    """Give the state database, made and closed."""
    with closing(open_store(f"sqlite:///{solvent.home}/state/state.db")) as store:
        store.builds()
    return solvent.home / "state/state.db"


def finding(solvent: World, part: str) -> dict[str, str]:
    """Give what the doctor says of one part."""
    told = json.loads(solvent("doctor", "-o", "json", code=3).stdout)["findings"]
    (one,) = (one for one in told if one["part"] == part)
    found: dict[str, str] = one
    return found


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Give a file system of one megabyte."""
    place = tmp_path / "small"
    place.mkdir()
    subprocess.run(("mount", "-t", "tmpfs", "-o", "size=1m", "none", str(place)), check=True)
    yield place
    subprocess.run(("umount", str(place)), check=True)


@root_only
@pytest.mark.engine
def test_a_full_disk_is_said_and_leaves_nothing_half_made(real: World, small_disk: Path) -> None:
    """What only reads the catalog goes on; what must write says why it cannot."""
    fill = small_disk / "fill"
    with fill.open("wb") as out, pytest.raises(OSError, match="No space"):
        out.write(bytes(2 * 1024**2))
    full = World(small_disk, "t-luck")

    listed = full("image", "list", code=6).stderr
    full("catalog", "validate")
    started = full("init", str(small_disk / "own"), code=1).stderr

    assert f"df -h {small_disk}" in listed
    assert "No space left on device" in started
    assert not (small_disk / "own").exists()
    assert f"df -h {small_disk}" in finding(full, "database")["remedy"]
    assert finding(full, "disk")["outcome"] == "warn"
    # With room again everything goes on as if nothing had been.
    fill.unlink()
    full("image", "list")


@root_only
@pytest.mark.engine
def test_a_home_that_nobody_can_write_is_said(real: World, small_disk: Path) -> None:
    """The folder is named; reading the shipped catalog needs no home."""
    subprocess.run(("mount", "-o", "remount,ro", str(small_disk)), check=True)
    closed = World(small_disk, "t-luck")

    told = closed("image", "list", code=6).stderr

    assert f"Read-only file system: {small_disk}" in told
    assert "hint: see to the folder's permissions" in told
    closed("catalog", "validate")
    closed("config", "show")
    assert finding(closed, "database")["outcome"] == "fail"
    assert finding(closed, "clock")["outcome"] == "pass"


@pytest.mark.engine
def test_a_home_that_is_a_file_is_said(real: World) -> None:
    """Not a traceback, whatever lies where a folder should."""
    real.home.write_text("not a folder")

    assert str(real.home) in real("image", "list", code=6).stderr
    assert real("connection", "list").stdout == ""


@pytest.mark.engine
@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda file: file.write_bytes(os.urandom(5000)), "not a database"),
        (lambda file: os.truncate(file, 20_000), "malformed"),
        (lambda file: execute(file, "update alembic_version set version_num = '9999'"), "newer than this Solvent"),
    ],
    ids=["garbage", "cut off", "of a newer program"],
)
def test_a_database_that_is_not_ours_to_mend_stays_as_it_is(
    real: World, database: Path, spoil: object, says: str
) -> None:
    """Exit 6 with a hint, and not a byte of it changes."""
    assert callable(spoil)
    for beside in database.parent.glob("state.db-*"):
        beside.unlink()
    spoil(database)
    before = digest(database)

    told = json.loads(real("image", "list", "-o", "json", code=6).stderr)["error"]
    matters = json.loads(real("status", "-o", "json").stdout)["matters"]

    assert says in told["why"]
    assert told["hint"]
    assert [(one["kind"], one["pay"]) for one in matters if says in one["text"]] == [("unreachable", told["hint"])]
    assert digest(database) == before


def digest(file: Path) -> str:
    """Digest a file."""
    return hashlib.sha256(file.read_bytes()).hexdigest()


def execute(file: Path, statement: str) -> None:
    """Change a database behind Solvent's back."""
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute(statement)
        connection.execute("pragma wal_checkpoint(truncate)")


@pytest.mark.slow
@pytest.mark.engine
def test_a_database_that_another_process_holds_is_waited_for_and_then_said(real: World, database: Path) -> None:
    """After some seconds it is unreachable, with who is to blame; nothing is changed."""
    with closing(sqlite3.connect(database, isolation_level=None)) as other:
        other.execute("pragma locking_mode = exclusive")
        other.execute("begin exclusive")
        told = real("image", "list", code=6, timeout=60).stderr

    assert "locked" in told
    assert re.search(rf"hint: process {os.getpid()} \(.+\) holds it; try again when that has ended\n", told)


@pytest.mark.parametrize("text", ["{garbage", '{"a": 1}x', "[1]", "17", "null", '"text"', "\udcff", "[" * 100_000])
def test_quickstart_does_not_guess_what_it_made(solvent: World, database: Path, text: str) -> None:
    """A note that cannot be read removes nothing; the hint says how to forget it."""
    note = database.with_name("quickstart.json")
    note.write_bytes(text.encode(errors="surrogateescape"))

    told = solvent("quickstart", "--remove", code=1).stderr

    assert "what quickstart has made cannot be read" in told
    assert f"rm {note}" in told
    assert note.exists()


def test_broken_connections_are_told_together_and_can_be_removed(solvent: World) -> None:
    """Each with file and line; pipes and folders are no connections; one bad name does not hide the others."""
    folder = solvent.home / "config/connections"
    (folder / "folder.toml").mkdir(parents=True)
    os.mkfifo(folder / "pipe.toml")
    for name, text in {
        "cut": b"connector = ",
        "wrong": b"connector = 3\nextra = 1\n[parameters]\nhost = [1]\n",
        "bytes": os.urandom(300) + b"\xff",
        "deep": b"x = " + b"[" * 50_000,
        "dots": b"a." * 5_000 + b"b = 1",
        "Bad Name": b'connector = "postgresql"\n',
    }.items():
        (folder / f"{name}.toml").write_bytes(text)

    listed = solvent("connection", "list", code=4, timeout=30).stderr

    for told in ("cut.toml:1  ", "wrong.toml:1  connector", "wrong.toml:2  extra", "wrong.toml:4  parameters.host",
                 "bytes.toml:0  ", "deep.toml:0  ", "dots.toml:0  ", "Bad Name.toml:0  "):  # fmt: skip
        assert f"{folder}/{told}" in listed
    assert "pipe.toml" not in listed
    for name in ("cut", "wrong", "bytes", "deep", "dots"):
        solvent("connection", "remove", name)
    assert {path.stem for path in folder.iterdir()} == {"folder", "pipe", "Bad Name"}


@pytest.mark.parametrize("text", [b"garbage", b"x = " + b"[" * 50_000, b"\xff\xfe", b"realm = 3\nrealms = 4\n"])
def test_a_broken_file_of_settings_is_named(solvent: World, text: bytes) -> None:
    """Exit 4 with its path, for every command: no command guesses what was meant."""
    file = solvent.home / "config/config.toml"
    file.parent.mkdir(parents=True)
    file.write_bytes(text)

    for words in (("status",), ("config", "path")):
        told = solvent(*words, code=4).stderr
        assert f"  {file}:" in told
        assert "bug" not in told


def test_two_who_start_a_catalog_in_one_folder(solvent: World, tmp_path: Path) -> None:
    """One of them wins, the other says so, and what is there is whole."""
    both = [
        subprocess.Popen(solvent.command("init", "same"), env=solvent.environ, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]

    errors = [one.communicate(timeout=60)[1] for one in both]

    assert sorted(one.returncode for one in both)[0] == 0
    assert sorted(one.returncode for one in both)[1] in (1, 5)
    assert not any("bug" in error for error in errors)
    solvent("image", "lock", "jupyterlab", "--dry-run", "--catalog", "same")
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".same")] == []


def test_many_who_trust_at_once_lose_nothing(solvent: World, own: Path, tmp_path: Path) -> None:
    """Each place is in the record afterwards."""
    places = [tmp_path / f"place-{number}" for number in range(4)]
    for place in places:
        shutil.copytree(own, place)

    all_of_them = [
        subprocess.Popen(solvent.command("catalog", "trust", str(place)), env=solvent.environ) for place in places
    ]

    assert [one.wait(timeout=60) for one in all_of_them] == [0] * 4
    assert set(json.loads((solvent.home / "config/trusted").read_text())) >= {str(place) for place in places}


@pytest.fixture
def deaf_index(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Give uv a package index that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0), backlog=50) as server:
        for name in ("UV_DEFAULT_INDEX", "UV_INDEX_URL"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{server.getsockname()[1]}/simple")
        monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "cache"))
        monkeypatch.setenv("UV_NO_CONFIG", "1")
        yield


@pytest.mark.usefixtures("deaf_index")
@pytest.mark.parametrize("end", ["kill", "interrupt", "home gone"])
def test_whatever_ends_a_resolution_the_locks_are_as_they_were(solvent: World, own: Path, end: str) -> None:
    """SIGKILL in the middle, Ctrl-C, and a state folder that is deleted meanwhile: nothing half-written stays."""
    before = {path: digest(path) for path in sorted(own.rglob("*")) if path.is_file()}
    words = ("image", "lock", "jupyterlab", "--upgrade", "psycopg", "--catalog", "own", "--progress", "plain")
    with subprocess.Popen(
        solvent.command(*words), env=solvent.environ, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as running:
        assert running.stderr
        try:
            assert any("resolving" in line for line in running.stderr)
            if end == "home gone":
                shutil.rmtree(solvent.home)
            running.send_signal(signal.SIGKILL if end == "kill" else signal.SIGINT)
            told = running.stderr.read() if end != "kill" else ""
            assert running.wait(timeout=30) == (-signal.SIGKILL if end == "kill" else 130)
        finally:
            # What a killed process leaves running: uv, which waits for the index.
            subprocess.run(("kill", "-9", "--", f"-{running.pid}"), check=False, capture_output=True)

    assert "bug" not in told
    assert {path: digest(path) for path in sorted(own.rglob("*")) if path.is_file()} == before
    solvent("catalog", "validate", "own")


@pytest.fixture
def stranger(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Give the command as a user who is in no group and owns nothing but a home.

    One capability stays, to read and search everything, because the interpreter may lie below root's home; an
    engine's socket has to be written to, which it does not allow.
    """
    home = tmp_path_factory.mktemp("stranger")
    # pytest keeps its folders to their owner; the way to the home is what is needed.
    os.chown(home, NOBODY, NOBODY)

    class Stranger(World):
        def command(self, *words: str) -> list[str]:
            drop = ("--inh-caps=-all,+dac_read_search", "--ambient-caps=-all,+dac_read_search", "--no-new-privs")
            who = (f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups")
            return ["setpriv", *who, *drop, *World.command(self, *words)]

    return Stranger(home, "t-luck")


@root_only
@pytest.mark.engine
def test_a_user_whom_the_engine_does_not_let_in_is_told_what_to_do(
    stranger: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is tried behind their back: the command to type is the answer, exit 6."""
    monkeypatch.delenv("DOCKER_HOST", raising=False)
    remedy = "sudo usermod -aG docker $USER  and log in again"

    for words in (("quickstart",), ("env", "list"), ("env", "launch", "jupyterlab")):
        assert "Permission denied" in (told := stranger(*words, code=6).stderr) or "does not let this user in" in told
    assert f"hint: {remedy}" in stranger("quickstart", code=6).stderr
    assert finding(stranger, "engine")["remedy"] == remedy
    assert finding(stranger, "trust")["outcome"] == "pass"
    assert json.loads(stranger("status", "-o", "json").stdout)["matters"][0]["kind"] == "unreachable"


@root_only
def test_a_user_without_rights_on_a_machine_without_an_engine_gets_the_commands(
    stranger: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a mount namespace whose /run is empty no engine answers where one usually does."""
    monkeypatch.delenv("DOCKER_HOST", raising=False)
    hidden = 'mount -t tmpfs none /run && exec "$@"'
    words = ("unshare", "--mount", "sh", "-c", hidden, "sh", *stranger.command("quickstart"))

    ended = subprocess.run(words, env=stranger.environ, capture_output=True, text=True, check=False, timeout=60)

    assert ended.returncode == 6, ended.stderr
    assert "error: this needs root" in ended.stderr
    assert "hint: sudo " in ended.stderr
    assert "sudo usermod -aG docker $USER && sudo " in ended.stderr
