"""What every store does: the same suite on the fake and on a SQLite file; then what only files can do."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from manager.core.components import Component
from manager.core.containers import ContainerSpec, Mount, Publish, Tmpfs
from manager.core.evidence import Result
from manager.core.history import Entry
from manager.core.memory import Asked, Kept, Launched, Remembered, Removed
from manager.core.observed import Build, BuildStatus, Copy, Environment, Usage
from manager.core.scans import Scan, Scanned, Unread
from manager.core.snapshots import Snapshot, behind
from manager.core.traces import Trace
from manager.errors import Refused, Unreachable, UsageError
from manager.world.store import Database, open_store
from manager.world.store.schema import HEAD, MIGRATIONS

if TYPE_CHECKING:
    from manager.core.ports import Store

DAY = datetime(2026, 11, 21, 12, 0, 0, 5, tzinfo=UTC)
LAB = "jupyterlab:4.6-py3.13"


def build(version: str = "1", digest: str = "sha256:aa", **more: object) -> Build:
    """Give a build of the release LAB."""
    return Build(
        **{
            "release": LAB,
            "version": version,
            "digest": digest,
            "spec_hash": "spec",
            "inputs": (("base", "sha256:00"), ("kernel lock", "ü")),
            "status": BuildStatus.CANDIDATE,
            "created": DAY,
            "size": 780_000_000_000,
            "layers": (("kernel", "sha256:01"),),
        }
        | more  # type: ignore[arg-type]
    )


def entry(target: str = "work", **more: str) -> Entry:
    """Give an entry of history."""
    return Entry(at=DAY, who="ana", kind="create environment", target=target, cause="it was asked for", **more)  # type: ignore[arg-type]


@pytest.fixture
def url(tmp_path: Path) -> str:
    """Give the URL of a database that is not there yet."""
    return f"sqlite:///{tmp_path}/state/state.db"


# -- builds and channels -----------------------------------------------------------------------------


def test_build_comes_back_as_it_was_added(store: Store) -> None:
    """A build keeps every field, and builds are listed oldest first."""
    younger = build("2", "sha256:bb", created=DAY + timedelta(microseconds=1))
    store.add_build(younger)
    store.add_build(build())
    store.add_build(build("1", "sha256:cc", release="other:1"))

    assert store.builds(LAB) == (build(), younger)
    assert len(store.builds()) == 3


def test_same_build_twice_changes_nothing(store: Store) -> None:
    """Adding is idempotent and does not take a promotion back."""
    store.add_build(build())
    store.set_status("sha256:aa", BuildStatus.PROMOTED, "every check passed")

    store.add_build(build())

    assert [one.status for one in store.builds()] == [BuildStatus.PROMOTED]


@pytest.mark.parametrize("other", [build(digest="sha256:bb"), build(version="2")], ids=["version", "digest"])
def test_version_or_digest_of_other_bytes_is_refused(store: Store, other: Build) -> None:
    """A version once used for a digest is never reused for other bytes, nor a digest for another version."""
    store.add_build(build())

    with pytest.raises(Refused, match="known for another build"):
        store.add_build(other)

    assert store.builds() == (build(),)


def test_failed_builds_have_no_digest_and_do_not_collide(store: Store) -> None:
    """Several failed builds, which have no bytes, are remembered side by side."""
    store.add_build(build("1", "", status=BuildStatus.FAILED))
    store.add_build(build("2", "", status=BuildStatus.FAILED))

    assert [one.digest for one in store.builds()] == ["", ""]


def test_status_of_unknown_digest_is_a_usage_error(store: Store) -> None:
    """A status is only set on a build that is known."""
    with pytest.raises(UsageError, match="sha256:ff"):
        store.set_status("sha256:ff", BuildStatus.PROMOTED, "")


def test_copies_are_known_by_their_reference(store: Store) -> None:
    """A build may be in several registries; a second push to the same place replaces the first."""
    store.add_build(build())
    here, there = (
        Copy("sha256:aa", "a.example/lab:1", "sha256:m1", "key"),
        Copy("sha256:aa", "b.example/lab:1", "sha256:m1"),
    )
    for one in (there, here, replace(here, manifest="sha256:m2")):
        store.keep_copy(one)

    assert store.copies() == (replace(here, manifest="sha256:m2"), there)
    with pytest.raises(UsageError, match="no build has the digest sha256:zz"):
        store.keep_copy(replace(here, digest="sha256:zz"))


def test_components_are_replaced_and_found_by_name(store: Store) -> None:
    """A later reading stands for the earlier one; the same package may be in both prefixes, or in two versions."""
    store.add_build(build())
    store.add_build(build("2", "sha256:bb"))
    pandas = Component("python", "pandas", "3.0.1", "kernel", "BSD-3-Clause")
    inside = (pandas, Component("npm", "@x/y", "1.0.0"), Component("npm", "@x/y", "2.0.0", licence="Apache-2.0"))
    store.keep_components("sha256:aa", (Component("debian", "libc6", "2.41-12"),))
    store.keep_components("sha256:aa", inside)
    store.keep_components("sha256:bb", (replace(pandas, prefix="ide"),))

    assert store.components("sha256:aa") == inside
    assert store.components("sha256:zz") == ()
    assert store.containing("pandas") == (("sha256:aa", pandas), ("sha256:bb", replace(pandas, prefix="ide")))
    assert store.containing("panda") == ()
    with pytest.raises(UsageError, match="no build has the digest sha256:zz"):
        store.keep_components("sha256:zz", inside)


def test_release_notes_are_kept_with_their_build(store: Store) -> None:
    """The newest text of a build stands; one without notes has none."""
    store.add_build(build())
    store.keep_notes("sha256:aa", "first")
    store.keep_notes("sha256:aa", "# second\n\n* ü\n")

    assert store.notes("sha256:aa") == "# second\n\n* ü\n"
    assert store.notes("sha256:bb") == ""
    with pytest.raises(UsageError, match="no build has the digest sha256:bb"):
        store.keep_notes("sha256:bb", "none")


def test_usages_are_joined_and_belong_to_one_volume(store: Store) -> None:
    """A size leaves the last use alone, and the reverse; a new volume of the same name inherits nothing."""
    later = DAY + timedelta(hours=1)
    store.keep_usage(Usage("ws-b", "monday", 10, DAY))
    store.keep_usage(Usage("ws-b", "monday", used=later))
    store.keep_usage(Usage("ws-a", "monday", used=DAY))

    assert store.usages() == (Usage("ws-a", "monday", None, None, DAY), Usage("ws-b", "monday", 10, DAY, later))

    store.keep_usage(Usage("ws-b", "tuesday", used=DAY))
    store.forget_usage("ws-a")
    store.forget_usage("ws-a")

    assert store.usages() == (Usage("ws-b", "tuesday", None, None, DAY),)


def test_channel_moves_by_compare_and_swap(store: Store) -> None:
    """The winner's move stands; the loser is told what it expected and what is there."""
    store.add_build(build())
    store.add_build(build("2", "sha256:bb"))
    store.move_channel(LAB, "stable", "", "sha256:aa")

    with pytest.raises(Refused, match="moved by somebody else") as loser:
        store.move_channel(LAB, "stable", "", "sha256:bb")

    assert "expected no build, found sha256:aa" in loser.value.why
    assert store.channels() == {(LAB, "stable"): "sha256:aa"}
    store.move_channel(LAB, "stable", "sha256:aa", "sha256:bb")
    assert store.channels() == {(LAB, "stable"): "sha256:bb"}


def test_channel_can_be_emptied(store: Store) -> None:
    """A channel without a good build points to nothing."""
    store.add_build(build())
    store.move_channel(LAB, "stable", "", "sha256:aa")

    store.move_channel(LAB, "stable", "sha256:aa", "")

    assert store.channels() == {}


@pytest.mark.parametrize("digest", ["sha256:ff", "sha256:other"], ids=["unknown", "of another release"])
def test_channel_takes_builds_of_its_release_only(store: Store, digest: str) -> None:
    """A channel never points to a digest that is not a build of its release."""
    store.add_build(build("1", "sha256:other", release="other:1"))

    with pytest.raises(UsageError, match=digest):
        store.move_channel(LAB, "stable", "", digest)


# -- evidence ------------------------------------------------------------------------------------------


def test_evidence_is_the_latest_run(store: Store) -> None:
    """A later run replaces an earlier one whole: what was only asked when something went wrong is gone with it."""
    store.add_build(build())
    store.record("sha256:aa", (Result("page", "fail", "error shown", 1.5), Result("kernel", "pass")), DAY)

    store.record("sha256:aa", (Result("page", "pass", "", 0.25),), DAY)

    assert store.evidence("sha256:aa") == (Result("page", "pass", "", 0.25),)
    assert store.evidence("sha256:bb") == ()


def test_evidence_needs_a_build(store: Store) -> None:
    """Evidence about a digest that nobody built is a usage error."""
    with pytest.raises(UsageError, match="sha256:ff"):
        store.record("sha256:ff", (Result("page", "pass"),), DAY)


# -- history -------------------------------------------------------------------------------------------


def test_history_is_numbered_chained_and_newest_first(store: Store) -> None:
    """Entries get numbers from 1 and a digest each; reading starts at the newest; a target filters."""
    first = store.append(entry("work"))
    second = store.append(entry("play", before="none", after="running"))
    third = store.append(entry("work", outcome="failed"))

    assert [one.number for one in (first, second, third)] == [1, 2, 3]
    assert store.history() == (third, second, first)
    assert store.history(limit=1) == (third,)
    assert store.history(target="work") == (third, first)
    assert len({first.digest, second.digest, third.digest}) == 3
    assert store.verify() == ""


def test_history_keeps_instants_in_utc(store: Store) -> None:
    """An instant given with another offset is the same instant in UTC, and the chain still holds."""
    local = DAY.astimezone(timezone(timedelta(hours=5, minutes=45)))

    kept = store.append(Entry(at=local, who="ana", kind="stop", target="work", cause="asked"))

    assert kept.at == DAY
    assert kept.at.utcoffset() == timedelta(0)
    assert store.verify() == ""


# -- environments --------------------------------------------------------------------------------------


def launched(name: str = "work", owner: str = "ana", engine: str = "E:1") -> Launched:
    """Give what is remembered of a launch."""
    spec = ContainerSpec(
        f"solvent-{owner}-{name}", "sha256:aa", (("io.solvent.owner", owner), ("io.solvent.note", "ü")),
        environment=(("LANG", "C"),),
        mounts=(Mount("ws", "/workspace"), Mount("/srv", "/srv", read_only=True, kind="bind")),
        tmpfs=(Tmpfs("/tmp", "rw"),), networks=("one", "two"), publish=(Publish(8888, 20001),), memory=2**33, cpus=1.5,
        stdin=True,
    )  # fmt: skip
    one = Environment(
        name, owner, LAB, "1", "sha256:aa", spec.name, "unknown", 20001, "files", ("warehouse", "lake"),
        spec.networks, DAY,
    )  # fmt: skip
    return Launched(engine, one, spec)


def test_what_was_launched_comes_back_whole(store: Store) -> None:
    """By owner and name, with the specification apart: a list does not need it."""
    for one in (launched("work"), launched("play"), launched("work", "bea"), launched("work", engine="E:2")):
        store.append(entry(), one)

    found = store.environments()

    assert [(one.environment.owner, one.environment.name) for one in found] == [
        ("ana", "play"), ("ana", "work"), ("ana", "work"), ("bea", "work"),
    ]  # fmt: skip
    assert Remembered("E:1", launched("play").environment) in store.environments("ana")
    assert len(store.environments("ana")) == 3
    assert store.specification("E:1", "solvent-ana-play") == launched("play").spec
    assert store.specification("E:3", "solvent-ana-play") is None
    assert store.verify() == ""


@pytest.mark.parametrize("text", ["", "[]", "{}", "null", '{"mounts": 1}', '{"name": "x", "labels": [1]}'])
def test_a_damaged_specification_is_told_and_lists_go_on(url: str, tmp_path: Path, text: str) -> None:
    """It is needed only to bring that environment back; whoever lists environments never reads it."""
    database = open_store(url)
    database.append(entry(), launched())
    with sqlite3.connect(tmp_path / "state" / "state.db") as file:
        file.execute("UPDATE environments SET spec = ?", (text,))

    with pytest.raises(Unreachable, match="solvent-ana-work cannot be read"):
        database.specification("E:1", "solvent-ana-work")

    assert [one.environment.name for one in database.environments("ana")] == ["work"]
    database.close()


def kept(digest: str, engine: str = "E:1") -> Kept:
    """Give what is remembered before an upgrade."""
    spec = replace(launched().spec, image=digest)
    return Kept(Snapshot(engine, spec.name, 0, LAB, digest[-2:], digest, DAY), spec)


def test_snapshots_are_a_stack_for_each_environment(store: Store) -> None:
    """One of the newest's digest takes its place; what is returned to is used up with what came after it."""
    for digest in ("sha256:aa", "sha256:bb", "sha256:bb", "sha256:cc"):
        store.append(entry(), kept(digest))
    store.append(entry(), kept("sha256:aa", "E:2"))

    found = store.snapshots()

    assert [(one.engine, one.number, one.digest[-2:]) for one in found] == [
        ("E:1", 1, "aa"), ("E:1", 2, "bb"), ("E:1", 3, "cc"), ("E:2", 1, "aa"),
    ]  # fmt: skip
    assert store.snapshot_specification(found[1]) == kept("sha256:bb").spec
    assert [one.number for one in behind(found, "E:1", "solvent-ana-work", "sha256:cc")] == [1, 2]
    store.append(entry(), replace(launched(), returned=2))
    assert [(one.engine, one.number) for one in store.snapshots()] == [("E:1", 1), ("E:2", 1)]
    assert store.snapshot_specification(found[1]) is None


def test_snapshots_go_with_their_environment(store: Store) -> None:
    """A removed one has nothing to go back to; a launch of another engine is another environment."""
    store.append(entry(), kept("sha256:aa"))
    store.append(entry(), kept("sha256:aa", "E:2"))
    store.append(entry(), launched())

    store.append(entry(), Removed("E:1", "solvent-ana-work"))

    assert [one.engine for one in store.snapshots()] == ["E:2"]


def test_what_was_asked_last_is_kept_until_it_is_removed(store: Store) -> None:
    """Also when the container is made again; an engine's own alone; of what is unknown nothing is remembered."""
    store.append(entry(), launched())
    store.append(entry(), launched(engine="E:2"))
    store.append(entry(), Asked("E:1", "solvent-ana-work", "stopped"))
    store.append(entry(), Asked("E:1", "solvent-ana-other", "running"))
    store.append(entry(), launched())

    assert {(one.engine, one.environment.wanted) for one in store.environments()} == {("E:1", "stopped"), ("E:2", "")}
    store.append(entry(), Removed("E:1", "solvent-ana-work"))
    store.append(entry(), Removed("E:1", "solvent-ana-work"))

    assert [one.engine for one in store.environments()] == ["E:2"]
    assert len(store.history()) == 7


# -- what only a file can do ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tamper", "says"),
    [
        ("UPDATE history SET cause = 'nothing' WHERE number = 2", "entry 2 (create environment b, "),
        ("UPDATE history SET who = 'eve' WHERE number >= 2", "entry 2 (create environment b, "),
        ("UPDATE history SET digest = 'x' WHERE number = 1", "entry 1 (create environment a, "),
        ("DELETE FROM history WHERE number = 2", "entry 2 is missing: entry 3 stands in its place"),
    ],
)
def test_verify_names_the_first_broken_entry(url: str, tmp_path: Path, tamper: str, says: str) -> None:
    """Negative control of the chain: whatever is changed behind its back is found at its place."""
    store = Database(url)
    for target in "abc":
        store.append(entry(target))
    with sqlite3.connect(tmp_path / "state/state.db") as behind:
        behind.execute(tamper)

    assert store.verify().startswith(says)


def test_two_processes_keep_one_chain_on_a_fresh_database(url: str) -> None:
    """Two processes that start at once make one database, and 50 appends of each make one chain."""
    program = (
        "import sys\n"
        "from datetime import UTC, datetime\n"
        "from manager.core.history import Entry\n"
        "from manager.world.store import open_store\n"
        "sys.stdin.readline()\n"
        "store = open_store(sys.argv[1])\n"
        "for number in range(50):\n"
        "    store.append(Entry(datetime.now(UTC), 'ana', 'count', sys.argv[2], str(number)))\n"
    )
    command = [sys.executable, "-c", program, url]
    both = [subprocess.Popen([*command, name], stdin=subprocess.PIPE) for name in ("one", "two")]
    for process in both:
        process.stdin.write(b"\n")  # type: ignore[union-attr]
        process.stdin.flush()  # type: ignore[union-attr]

    codes = [process.wait(timeout=60) for process in both]
    for process in both:
        process.stdin.close()  # type: ignore[union-attr]

    store = Database(url)
    assert codes == [0, 0]
    assert store.verify() == ""
    assert [one.number for one in store.history(limit=1000)] == list(range(100, 0, -1))
    assert [one.cause for one in reversed(store.history(1000, "two"))] == [str(n) for n in range(50)]


@pytest.mark.parametrize(("shared", "folder", "file"), [(False, 0o700, 0o600), (True, 0o2770, 0o660)])
def test_file_and_folder_are_narrow(url: str, tmp_path: Path, shared: bool, folder: int, file: int) -> None:
    """Nobody else reads the database; with ``shared`` its group does, in WAL mode, and its side files too."""
    mask = os.umask(0)
    try:
        store = Database(url, shared=shared)
        store.append(entry())
        modes = {one.name: stat.S_IMODE(one.stat().st_mode) for one in (tmp_path / "state").iterdir()}
    finally:
        os.umask(mask)

    assert stat.S_IMODE((tmp_path / "state").stat().st_mode) == folder
    assert {"state.db", "state.db-wal", "state.db-shm"} <= modes.keys()
    assert set(modes.values()) == {file}


def test_loose_file_is_narrowed(url: str, tmp_path: Path) -> None:
    """A file that others could read is theirs no longer once it is opened."""
    Database(url).close()
    (tmp_path / "state/state.db").chmod(0o644)

    Database(url).close()

    assert stat.S_IMODE((tmp_path / "state/state.db").stat().st_mode) == 0o600


def test_a_process_with_several_stores_keeps_its_locks(url: str) -> None:
    """A file that is closed takes all locks of its process with it (fcntl(2)): others would take the log away.

    What was written after somebody else came and went would be lost, and the file with it at the end.
    """
    first = Database(url)
    first.builds()
    second = Database(url)
    second.builds()
    other = (
        f"from manager.world.store import open_store; one = open_store({url!r}); print(len(one.builds())); one.close()"
    )

    def seen() -> int:
        found = subprocess.run([sys.executable, "-c", other], check=True, capture_output=True, text=True)
        return int(found.stdout)

    assert seen() == 0
    Database(url).close()
    assert seen() == 0
    first.add_build(build())
    assert seen() == 1
    for one in (first, second):
        one.close()
    assert seen() == 1


def test_records_survive_closing(url: str) -> None:
    """What one process wrote, the next one reads."""
    first = Database(url)
    first.add_build(build())
    first.close()

    assert Database(url).builds() == (build(),)


def test_locked_database_is_unreachable(url: str, tmp_path: Path) -> None:
    """A database that another process does not let go of: Unreachable with a hint, after the patience."""
    store = Database(url, patience=0.05)
    program = "import sqlite3, sys; sqlite3.connect(sys.argv[1]).execute('BEGIN IMMEDIATE'); print(); input()"
    command = [sys.executable, "-c", program, str(tmp_path / "state/state.db")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        other.stdout.readline()  # type: ignore[union-attr]
        hints = []
        for attempt in (lambda: store.append(entry()), store.writable):
            with pytest.raises(Unreachable) as caught:
                attempt()
            hints.append(caught.value.hint)
        store.builds()
        other.communicate(b"\n")

    assert hints == [f"process {other.pid} ({Path(sys.executable).name}) holds it; try again when that has ended"] * 2
    store.writable()
    assert store.append(entry()).number == 1


def test_corrupt_file_is_unreachable_and_left_alone(url: str, tmp_path: Path) -> None:
    """A file that is no database is not overwritten."""
    file = tmp_path / "state/state.db"
    file.parent.mkdir()
    file.write_bytes(b"this is not a database, it is a letter to a friend\n" * 100)
    before = file.read_bytes()

    with pytest.raises(Unreachable, match="cannot be used") as caught:
        Database(url)

    assert "nothing was changed" in caught.value.hint
    assert file.read_bytes() == before


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ("UPDATE alembic_version SET version_num = '9999'", "is newer than this Solvent"),
        ("DROP TABLE alembic_version", "is a database of something else"),
    ],
)
def test_schema_of_another_program_is_left_alone(url: str, tmp_path: Path, statement: str, says: str) -> None:
    """A newer schema, or tables of something else, are Unreachable, and not a byte changes."""
    Database(url).close()
    file = tmp_path / "state/state.db"
    with sqlite3.connect(file) as behind:
        behind.execute(statement)
    behind.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    behind.close()
    before = file.read_bytes()

    with pytest.raises(Unreachable, match=says) as caught:
        Database(url)

    assert caught.value.hint
    assert file.read_bytes() == before


def test_folder_that_cannot_be_made_is_unreachable(tmp_path: Path) -> None:
    """A path through a file gives Unreachable with the reason, not an OSError."""
    (tmp_path / "file").write_text("")

    with pytest.raises(Unreachable, match="cannot be opened") as caught:
        Database(f"sqlite:///{tmp_path}/file/state.db")

    assert "SOLVENT_DATABASE_URL" in caught.value.hint


@pytest.mark.parametrize(
    "wrong", ["", "state.db", "sqlite://", "sqlite:///", "sqlite:///a?mode=ro", "postgresql://h:port/db"]
)
def test_malformed_url_is_a_usage_error(wrong: str) -> None:
    """A URL that SQLAlchemy cannot read is the caller's mistake."""
    with pytest.raises(UsageError, match="malformed"):
        Database(wrong)


@pytest.mark.parametrize("url", ["ana:hunter2@127.0.0.1:1/state", "127.0.0.1:1/state?user=ana&password=hunter2"])
def test_password_of_the_url_is_not_shown(url: str) -> None:
    """A server that does not answer, or a driver that is missing, is named without its password."""
    with pytest.raises(Unreachable) as caught:
        Database(f"postgresql+psycopg://{url}")

    shown = caught.value.message + caught.value.why + caught.value.hint
    assert "127.0.0.1" in shown
    assert "hunter2" not in shown


def test_ready_database_does_not_load_sqlalchemy(url: str) -> None:
    """Reading and writing a SQLite file at head imports no library for it; a fresh one needs both (control)."""
    program = (
        "import sys; from datetime import UTC, datetime\n"
        "from manager.core.history import Entry\n"
        "from manager.world.store import open_store\n"
        "store = open_store(sys.argv[1]); store.channels()\n"
        "store.append(Entry(datetime.now(UTC), 'ana', 'stop', 'work', 'asked'))\n"
        "print('alembic' in sys.modules, 'sqlalchemy' in sys.modules)"
    )

    def loaded() -> list[str]:
        command = [sys.executable, "-c", program, url]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()

    assert loaded() == ["True", "True"]
    assert loaded() == ["False", "False"]


def test_head_is_the_newest_migration() -> None:
    """The version that the store compares with is the one that the migrations end in."""
    from alembic.script import ScriptDirectory

    assert ScriptDirectory(str(MIGRATIONS)).get_heads() == [HEAD]


def test_what_was_found_in_what_nobody_made_is_remembered(store: Store) -> None:
    """A later scan of the same image stands for the earlier one, with what could not be read."""
    found = Scan(
        (Trace("ide", "jupyterlab", "4.1.5", "/a b", "x"), Trace("python", "python", "", "/ü")), (Unread("/", "?"),)
    )
    first = Scanned("sha256:aa", "r1", DAY, found)
    store.keep_scan(Scanned("sha256:bb", "r1", DAY, Scan()))
    store.keep_scan(replace(first, scan=Scan()))
    store.keep_scan(first)

    assert store.scans() == (first, Scanned("sha256:bb", "r1", DAY, Scan()))
