"""What failed since something had run out could not tell, however that is said; a driver's own fault is a failure."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.probes.check.support import RUN
from tests.probes.check.test_parent import attacked
from tests.probes.check.test_suite import asked

if TYPE_CHECKING:
    from pathlib import Path

# Drivers' errors are like those of psycopg, pg8000, PyMySQL, mysql-connector, firebird-driver and pyodbc.
ATTACKS = '''
import errno, os, signal, sqlite3, subprocess, sys, time
import shortage
from asking import Unsure, Wrong, probe, raised

class Error(Exception):
    def __init__(self, *args, **more):
        super().__init__(*args)
        self.__dict__.update(more)

def full():
    with open("/dev/full", "w") as file:
        file.write("x")

def counted(name, text):
    file = shortage._CGROUP / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)

def put(name):
    def make(function):
        return probe(name)(function)
    return make

@probe("a.sqlite")
def sqlite(subject):
    """SQLite says that the disk is full."""
    connection = sqlite3.connect(":memory:")
    connection.execute("pragma max_page_count = 2")
    connection.execute("create table t (a)")
    for _ in range(100):
        connection.execute("insert into t values (?)", ("x" * 4000,))

@probe("a.sqlite-code")
def sqlite_code(subject):
    """A driver gives SQLite's code, with more in it, and words of its own."""
    raise Error("no", sqlite_errorcode=13 | 256)

@probe("a.postgresql")
def postgresql(subject):
    """PostgreSQL's code."""
    raise Error("no", sqlstate="53100")

@probe("a.pg8000")
def pg8000(subject):
    """PostgreSQL's code, among the fields of its message."""
    raise Error({"S": "ERROR", "C": "53200"})

@probe("a.mysql")
def mysql(subject):
    """MySQL's code, as PyMySQL gives it."""
    raise Error(1021, "no")

@probe("a.mysql-table")
def mysql_table(subject):
    """MySQL's code, as mysql-connector gives it."""
    raise Error("no", errno=1114)

@probe("a.mysql-engine")
def mysql_engine(subject):
    """What a storage engine of MySQL says."""
    raise Error(1030, "Got error 28 from storage engine")

@probe("a.firebird")
def firebird(subject):
    """Firebird's code."""
    raise Error("no", gds_codes=(335544321, 335544985))

@probe("a.words")
def words(subject):
    """A server's own words, whatever the driver made of its code."""
    raise Error("HY000", '[HY000] could not extend file "base/5/1": No space left on device (1) (SQLExecDirectW)')

@probe("a.wrapped")
def wrapped(subject):
    """A driver gives an error of its own, with what it came from."""
    try:
        full()
    except OSError as error:
        raise Error("cannot write") from error

@probe("a.hidden")
def hidden(subject):
    """A driver hides what it came from."""
    try:
        full()
    except OSError:
        raise Error("cannot write") from None

@probe("a.carried")
def carried(subject):
    """A driver carries what it came from as an argument."""
    raise Error(OSError(errno.EDQUOT, "no"))

@probe("a.other-error")
def other_error(subject):
    """Another error was wanted."""
    raised(KeyError, full, "a mistake")

@probe("a.wanted-error")
def wanted_error(subject):
    """An error was wanted, and comes for another reason."""
    raised(OSError, full, "a mistake")

@probe("a.memory-wrapped")
def memory_wrapped(subject):
    """A driver gives an error of its own where it got no memory."""
    try:
        raise MemoryError
    except MemoryError as error:
        raise Error("cannot read") from error

@probe("a.uncounted")
def uncounted(subject):
    """No thread is to be had, and nobody counts how often."""
    raise RuntimeError("can't start new thread")

@probe("a.threads")
def threads(subject):
    """No thread is to be had, and the limit was met meanwhile."""
    counted("pids/pids.events", "max 7")
    raise RuntimeError("can't start new thread")

@probe("a.fork")
def fork(subject):
    """No process is to be had, and the limit was met meanwhile (second version of cgroups)."""
    counted("pids.events", "max 7")
    raise BlockingIOError(11, "Resource temporarily unavailable")

@probe("a.oom")
def oom(subject):
    """Something else in the sandbox was killed by the memory limit, and this one goes wrong without it."""
    counted("memory.events", "low 0 high 0 max 9 oom 1 oom_kill 1 oom_group_kill 0")
    raise Wrong("no answer")

@probe("a.oom-crash")
def oom_crash(subject):
    """The same ends in a crash."""
    counted("memory/memory.oom_control", "oom_kill_disable 0 under_oom 0 oom_kill 1")
    os.kill(os.getpid(), signal.SIGSEGV)

@probe("a.abort")
def abort(subject):
    """What C++ gets no memory for ends so."""
    os.abort()

@probe("b.wrong")
def wrong(subject):
    """A driver's own fault."""
    raise Wrong("lost a digit")

@probe("b.raises")
def raises(subject):
    """An error of the driver's own, with one of the system as its reason."""
    try:
        open("/nowhere/it/is")
    except OSError as error:
        raise Error(1064, "near 28", sqlstate="42601", sqlite_errorcode=11, gds_codes=(335544569,)) from error

@probe("b.sqlite")
def other_sqlite(subject):
    """SQLite cannot open a file, which has the number of another engine's lack of memory."""
    raise Error("no", sqlite_errorcode=1038)

@probe("b.segfault")
def segfault(subject):
    """A crash."""
    os.kill(os.getpid(), signal.SIGSEGV)

@probe("b.wanted")
def right(subject):
    """Another error than the one that is wanted, with enough of everything."""
    raised(KeyError, lambda: int("x"), "a mistake")
'''
SURE = ("b.wrong", "b.raises", "b.sqlite", "b.segfault", "b.wanted")
UNSURE = tuple(line.split('"')[1] for line in ATTACKS.splitlines() if line.startswith('@probe("a.'))
# Where the kernel counts what a probe meets.
BEFORE = {"a.fork": "pids.events", "a.oom": "memory.events", "a.threads": "pids/pids.events"}
# A limit that was met long ago, and not since.
COUNTED = {
    "pids/pids.events": "max 5",
    "memory.events": "low 0 high 0 max 9 oom 4 oom_kill 4 oom_group_kill 0",
}


def ended(folder: Path, probe: str) -> str:
    """Ask one, and give its outcome."""
    lines, _, _ = attacked(folder, probe, ATTACKS)
    (line,) = [line for line in lines if "probe" in line]
    return str(line["outcome"])


@pytest.mark.parametrize("probe", UNSURE)
def test_what_had_run_out_is_an_error(tmp_path: Path, probe: str) -> None:
    """Wherever that stands: no fault of the driver's."""
    counts = tmp_path / "cgroup" / BEFORE.get(probe, "memory/memory.oom_control")
    counts.parent.mkdir(parents=True)
    counts.write_text("max 3 oom_kill 0")

    assert ended(tmp_path, probe) == "error"


@pytest.mark.parametrize("probe", SURE)
@pytest.mark.parametrize("counts", [{}, COUNTED], ids=["uncounted", "met before"])
def test_a_drivers_own_fault_is_a_failure(tmp_path: Path, probe: str, counts: dict[str, str]) -> None:
    """Control: whether limits are counted or not, and were met before it or not."""
    for name, text in counts.items():
        (tmp_path / "cgroup" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "cgroup" / name).write_text(text)

    assert ended(tmp_path, probe) == "fail"


def test_a_thread_that_could_have_been_had_is_the_drivers_fault(tmp_path: Path) -> None:
    """Control: where the kernel counts, and has not counted, a driver only says so."""
    (tmp_path / "cgroup/pids").mkdir(parents=True)
    (tmp_path / "cgroup/pids/pids.events").write_text("max 5")

    assert ended(tmp_path, "a.uncounted") == "fail"


KILLED = {
    "import os; os.kill(os.getpid(), 9)": "error",
    "import os; os.abort()": "error",
    "raise MemoryError('Cannot allocate memory')": "error",
    "import os, time; os.closerange(3, 64); time.sleep(60)": "error",
    "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)": "fail",
    "raise ImportError('no')": "fail",
}


@pytest.mark.parametrize(("does", "outcome"), KILLED.items())
def test_a_suite_that_is_killed_could_not_tell(tmp_path: Path, does: str, outcome: str) -> None:
    """What stands in the place of pytest is killed, finds no memory, or closes its files; a crash is a failure."""
    (tmp_path / "pytest.py").write_text(does + "\n")

    line = asked(tmp_path, silence=20, end=1)

    assert line["outcome"] == outcome, line
    assert ("signal SIGSEGV" in line.get("signature", "")) == ("SIGSEGV" in does)


FULL = """
class Cursor(sqlite3.Cursor):
    def execute(self, statement, values=()):
        if "some text" in values:
            raise sqlite3.OperationalError("{words}")
        return super().execute(statement, values)
"""


@pytest.mark.parametrize(("words", "outcome"), [("database or disk is full", "error"), ("no such table", "fail")])
def test_a_suite_whose_tests_find_a_full_disk_could_not_tell(tmp_path: Path, words: str, outcome: str) -> None:
    """Control: another error fails."""
    line = asked(tmp_path, FULL.format(words=words))

    assert (line["outcome"], words in line["reason"]) == (outcome, True), line


def test_limits_that_were_met_are_counted_by_both_versions_of_cgroups(tmp_path: Path) -> None:
    """What nobody counts is left out, and so is what is no count."""
    text = (RUN.parent / "shortage.py").read_text().replace('"/sys/fs/cgroup"', "sys.argv[1]")
    script = f"import sys, json\n{text}\nprint(json.dumps(met()))"
    files = {
        "v2": {"memory.events": "low 0\nhigh 0\nmax 8\noom 2\noom_kill 3\n", "pids.events": "max 4\n"},
        "v1": {"memory/memory.oom_control": "under_oom 0\noom_kill 3\n", "pids/pids.events": "max 4\n"},
        "none": {"memory/memory.oom_control": "under_oom 0\n", "pids.events": "max\n"},
    }
    found = {}
    for version, texts in files.items():
        for name, counts in texts.items():
            (tmp_path / version / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / version / name).write_text(counts)
        done = subprocess.run(
            (sys.executable, "-I", "-c", script, str(tmp_path / version)), capture_output=True, text=True, check=True
        )
        found[version] = list(json.loads(done.stdout).values())

    assert found == {"v2": [3, 4], "v1": [3, 4], "none": []}
