"""The parent holds against probes that attack it: each gets what it deserves, nothing hangs, nothing is left."""

from __future__ import annotations

import json
import os
import runpy
import secrets
import shutil
import subprocess
import sys
import time
import venv
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.probes.check.support import FLAGS, PASSWORD, RUN, listening

# Probes that do what drivers should not. Each is a function of a file of its own that stands in for all probes.
ATTACKS = '''
import ctypes, json, os, re, signal, subprocess, sys, threading, time
from asking import probe, Wrong

def fork(what):
    if os.fork() == 0:
        try:
            what()
        finally:
            os._exit(0)

def pipe():
    return int(sys.argv[1])

@probe("a.slow")
def slow(subject):
    """Takes a while, and passes."""
    time.sleep(3)

@probe("a.outlives")
def outlives(subject):
    """Waits for the end of what it is forked of, and passes."""
    mine, until = stem(), time.monotonic() + 20
    while stem() == mine and time.monotonic() < until:
        time.sleep(0.05)

@probe("a.lingers")
def lingers(subject):
    """Passes, and is two seconds about its end."""
    class Slow:
        def flush(self):
            time.sleep(2)
    sys.stdout = Slow()

@probe("a.good")
def good(subject):
    """Passes, so that the others mean something."""

@probe("a.hang")
def hang(subject):
    """Never comes back."""
    threading.Event().wait()

@probe("a.deaf")
def deaf(subject):
    """Ignores what may be ignored, and stops itself."""
    for one in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(one, signal.SIG_IGN)
    os.kill(os.getpid(), signal.SIGSTOP)

@probe("a.closes")
def closes(subject):
    """Closes all its files, and stays."""
    os.closerange(0, 64)
    time.sleep(600)

@probe("a.daemon")
def daemon(subject):
    """Leaves a process in a session of its own, twice removed, that keeps all pipes."""
    def away():
        os.setsid()
        os.set_inheritable(pipe(), True)
        fork(lambda: time.sleep(600))
    fork(away)
    os.wait()

@probe("a.chatty")
def chatty(subject):
    """Leaves a process that prints without end."""
    def talk():
        while True:
            os.write(1, b"x" * 4096)
    fork(talk)

@probe("a.renewing")
def renewing(subject):
    """Leaves a process that is a new one every moment."""
    def again():
        until = time.monotonic() + 60
        while time.monotonic() < until:
            if os.fork():
                os._exit(0)
    fork(again)

@probe("a.gigabyte")
def gigabyte(subject):
    """Prints a gigabyte, and no answer."""
    block = b"x" * 2**20
    for _ in range(1024):
        os.write(1, block)
    os._exit(0)

@probe("a.long-answer")
def long_answer(subject):
    """Answers at a length that nobody asked for."""
    return {"x" * 100_000: 1}

@probe("a.garbage")
def garbage(subject):
    """Answers what is no JSON."""
    os.write(pipe(), b'{"outcome": "pass"')
    os._exit(0)

@probe("a.deep")
def deep(subject):
    """Answers what no parser should follow."""
    os.write(pipe(), b"[" * 60_000)
    os._exit(0)

@probe("a.other-json")
def other(subject):
    """Answers JSON that is no answer."""
    os.write(pipe(), b'{}')
    os._exit(0)

@probe("a.unknown-outcome")
def unknown(subject):
    """Answers an outcome that there is not."""
    os.write(pipe(), b'{"outcome": "splendid"}')
    os._exit(0)

def written(text):
    os.write(pipe(), text.encode())
    os._exit(0)

@probe("a.long-seconds")
def long_seconds(subject):
    """Takes longer than a float can say."""
    written('{"outcome": "pass", "seconds": 1' + "0" * 400 + "}")

@probe("a.longer-seconds")
def longer_seconds(subject):
    """Takes longer than Python reads."""
    written('{"outcome": "pass", "seconds": 1' + "0" * 5000 + "}")

@probe("a.no-seconds")
def no_seconds(subject):
    """Takes what is no number."""
    written('{"outcome": "pass", "seconds": NaN}')

@probe("a.less-seconds")
def less_seconds(subject):
    """Ends before it began."""
    written('{"outcome": "pass", "seconds": -1}')

@probe("a.endless-seconds")
def endless_seconds(subject):
    """Never ends."""
    written('{"outcome": "fail", "reason": "x", "seconds": Infinity}')

@probe("a.long-measure")
def long_measure(subject):
    """Measures more than a float can say."""
    written('{"outcome": "pass", "seconds": 1, "measures": {"rows": -1' + "0" * 400 + "}}")

@probe("a.odd-measures")
def odd(subject):
    """Gives measures that are no numbers."""
    return {"a": "much", "b": [1]}

@probe("a.forged")
def forged(subject):
    """Prints lines that look like the parent's."""
    for name in ("a.forged", "a.good"):
        print(json.dumps({"nonce": "n", "probe": name, "outcome": "pass", "attempt": 1}), flush=True)
    print(json.dumps({"nonce": "n", "done": True}), flush=True)
    os._exit(0)

@probe("a.silent")
def silent(subject):
    """Ends well, with no answer."""
    os._exit(0)

@probe("a.leaves")
def leaves(subject):
    """Ends by itself in the middle."""
    sys.exit(0)

@probe("a.segfault")
def segfault(subject):
    """Reads where nothing is."""
    ctypes.string_at(0)

@probe("a.killed")
def killed(subject):
    """Is killed, as the memory limit does it."""
    os.kill(os.getpid(), signal.SIGKILL)

@probe("a.memory")
def memory(subject):
    """Is refused memory."""
    raise MemoryError

@probe("a.full")
def full(subject):
    """Writes to a disk that is full."""
    with open("/dev/full", "w") as file:
        file.write("x")

@probe("a.password-out")
def password_out(subject):
    """Prints the password."""
    print(subject.source["password"])

@probe("a.password-err")
def password_err(subject):
    """Prints the password to standard error, in the middle of much else, in two pieces."""
    secret = subject.source["password"]
    os.write(2, b"x" * 65530 + secret[:6].encode())
    os.write(2, secret[6:].encode() + b"y" * 100_000)

@probe("a.password-raised")
def password_raised(subject):
    """Raises words with the password in them, first where it will be cut."""
    raise ValueError("no " + subject.source["password"] + "x" * 380 + subject.source["password"])

@probe("a.password-ends")
def password_ends(subject):
    """Ends with the password where what it printed is cut."""
    print(subject.source["password"] + " " + "x" * 290, flush=True)
    os._exit(3)

@probe("a.password-reason")
def password_reason(subject):
    """Fails with the password in its words."""
    raise Wrong("not let in with " + subject.source["password"], sign=subject.source["password"])

def beside():
    """Find the process that probes are forked of, and what is forked of it but this: nobody else has its file."""
    for entry in os.listdir("/proc"):
        if entry.isdigit() and int(entry) != os.getpid():
            try:
                with open(f"/proc/{entry}/cmdline") as file, open(f"/proc/{entry}/stat") as stat:
                    ours = int(stat.read().rpartition(")")[2].split()[1]) == os.getppid()
                    if ours and "/stem.py" in file.read():
                        yield int(entry)
            except OSError:
                continue

def stem():
    """Find the process that probes are forked of."""
    return min(beside(), default=0)

@probe("a.stem")
def kills_stem(subject):
    """Kills what it is forked of, and passes."""
    os.kill(stem() or 2**22, signal.SIGKILL)

@probe("a.stem-fails")
def fails_stem(subject):
    """Kills what it is forked of, and fails."""
    os.kill(stem() or 2**22, signal.SIGKILL)
    raise Wrong("no")

@probe("a.waiting")
def kills_waiting(subject):
    """Kills the fork that waits for the next probe, and passes."""
    until = time.monotonic() + 10
    while time.monotonic() < until:
        for one in sorted(beside())[1:]:
            os.kill(one, signal.SIGKILL)
            # Until it has ended nobody can tell that it will: what it is asked by then is lost with it.
            while time.monotonic() < until and not ended(one):
                time.sleep(0.001)
            return
        time.sleep(0.01)
    raise Wrong("none waits")

def ended(process):
    """Say whether a process has ended, whoever waits for it."""
    try:
        with open(f"/proc/{process}/stat") as stat:
            return stat.read().rpartition(")")[2].split()[0] in "ZX"
    except OSError:
        return True

@probe("a.forked")
def forked(subject):
    """Passes, and says whether it is a fork."""
    with open("/proc/self/cmdline") as file:
        return {"forked": int("/stem.py" in file.read())}

@probe("a.bare", manner="waits")
def bare(subject):
    """Passes after a while, and says whether it is a fork, and one with SQLAlchemy's dialect."""
    time.sleep(1)
    return {**forked(subject), "dialect": int("sqlalchemy" in sys.modules)}

@probe("a.bare-too", manner="waits")
def bare_too(subject):
    """Passes."""
    time.sleep(0.5)

@probe("a.dialect")
def dialect(subject):
    """Passes, and says the same."""
    return {**forked(subject), "dialect": int("sqlalchemy" in sys.modules)}

@probe("a.fresh", manner="fresh")
def fresh(subject):
    """Passes, and says the same in an interpreter of its own."""
    return forked(subject)

@probe("a.knows")
def knows(subject):
    """Says how often nonce and password are in its own memory, and the nonce in that of what it is forked of."""
    words = {"nonce": rb"nonce-of-this-ru[n]!", "password": rb"pa55 word/of&the=test[s]"}
    found = dict.fromkeys(words, 0)
    for pid in ("self", stem()):
        try:
            with open(f"/proc/{pid}/maps") as maps:
                ranges = [line.split()[:2] for line in maps]
            memory = open(f"/proc/{pid}/mem", "rb", 0)
        except PermissionError:
            continue
        with memory:
            for where, rights in ranges:
                if rights.startswith("rw"):
                    begin, end = (int(one, 16) for one in where.split("-"))
                    try:
                        memory.seek(begin)
                        data = memory.read(end - begin)
                    except OSError:
                        continue
                    for name, word in words.items():
                        found[name] += len(re.findall(word, data))
    return found

@probe("a.parent")
def parent(subject):
    """Kills the parent."""
    os.kill(os.getppid(), signal.SIGKILL)
    os._exit(0)
'''
DESERVED = {
    "a.good": "pass",
    "a.hang": "error",
    "a.deaf": "error",
    "a.closes": "error",
    # What it left is ended; the question itself was answered.
    "a.daemon": "pass",
    "a.chatty": "pass",
    "a.renewing": "pass",
    "a.gigabyte": "error",
    "a.long-answer": "error",
    "a.garbage": "error",
    "a.deep": "error",
    "a.other-json": "error",
    "a.unknown-outcome": "error",
    "a.odd-measures": "error",
    "a.long-seconds": "error",
    "a.longer-seconds": "error",
    "a.no-seconds": "error",
    "a.less-seconds": "error",
    "a.endless-seconds": "error",
    "a.long-measure": "error",
    "a.forged": "error",
    "a.silent": "error",
    "a.leaves": "error",
    "a.segfault": "fail",
    "a.killed": "error",
    "a.memory": "error",
    "a.full": "error",
    "a.stem": "error",
    "a.stem-fails": "error",
    "a.password-out": "fail",
    "a.password-err": "fail",
    "a.password-reason": "fail",
}
_SECONDS = 4


def alive(mark: str) -> list[int]:
    """Find living processes with a word in their environment."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                here = mark.encode() in (entry / "environ").read_bytes()
            except OSError:
                continue
            if here:
                found.append(int(entry.name))
    return found


def attacked(
    folder: Path, probe: str, attacks: str = ATTACKS, *, python: str = sys.executable, own: bool = False, **more: Any
) -> tuple[list[dict[str, Any]], str, float]:
    """Let a probe attack the parent; give its lines, all that it wrote, and how long it took.

    What the kernel counts of the sandbox's limits is in ``cgroup``, a folder that is not there. Fails where a process
    is left.
    """
    probes = folder / "probes"
    shutil.copytree(RUN.parent, probes, ignore=shutil.ignore_patterns("ask", "__pycache__"))
    (probes / "ask").mkdir()
    (probes / "ask/__init__.py").touch()
    (probes / "ask/attack.py").write_text(attacks, encoding="utf-8")
    counting, counted = (probes / "shortage.py").read_text(encoding="utf-8"), 'Path("/sys/fs/cgroup")'
    assert counting.count(counted) == 1
    (probes / "shortage.py").write_text(counting.replace(counted, f"Path({str(folder / 'cgroup')!r})"), "utf-8")
    mark = f"PARENT_TEST={secrets.token_hex(8)}"
    environ = {**os.environ, "PARENT_TEST": mark.partition("=")[2]}
    with listening() as port:
        source = {"engine": "postgresql", "host": "127.0.0.1", "port": port, "password": PASSWORD, "capabilities": []}
        source |= {"own": True} if own else {}
        request = {
            "nonce": "n", "import_name": "json", "distribution": "json", "version": "1", "scheme": "",
            "source": source, "probes": [probe], "attempts": 1, "seconds": _SECONDS, **more,
        }  # fmt: skip
        began = time.monotonic()
        done = subprocess.run(
            (python, *FLAGS, str(probes / "run.py")), input=json.dumps(request), capture_output=True,
            text=True, timeout=60, check=False, env=environ,
        )  # fmt: skip
        spent = time.monotonic() - began
    until = time.monotonic() + (2 if probe == "a.parent" else 0)
    while alive(mark) and time.monotonic() < until:
        time.sleep(0.05)
    assert alive(mark) == []
    return [json.loads(line) for line in done.stdout.splitlines()], done.stdout + done.stderr, spent


@pytest.mark.parametrize(("probe", "outcome"), DESERVED.items(), ids=list(DESERVED))
def test_a_probe_gets_what_it_deserves(tmp_path: Path, probe: str, outcome: str) -> None:
    """One line for it, the end of all lines after it, no password, and nothing left running."""
    lines, text, spent = attacked(tmp_path, probe)

    assert [line["asking"] for line in lines if "asking" in line] == [probe]
    found = [line for line in lines if "probe" in line]
    assert [(line["probe"], line["outcome"]) for line in found] == [(probe, outcome)], lines
    assert lines[-1] == {"nonce": "n", "done": True}
    assert PASSWORD not in text
    assert outcome == "pass" or found[0]["reason"]
    assert spent < 40


def test_a_parent_that_is_killed_has_said_no_end(tmp_path: Path) -> None:
    """Whoever reads its lines sees that they are not whole: there is no last one, and no answer of that probe."""
    lines, _, _ = attacked(tmp_path, "a.parent")

    assert [line for line in lines if "probe" in line or "done" in line] == []


def test_time_that_is_over_is_an_error_for_the_rest(tmp_path: Path) -> None:
    """What comes after a probe that took all the time was not asked, and says so."""
    lines, _, spent = attacked(tmp_path, "", probes=["a.hang", "a.silent"], seconds=2, lanes=1)

    found = {line["probe"]: (line["outcome"], line["reason"]) for line in lines if "probe" in line}
    assert found == {
        "a.hang": ("error", "it did not end in time and was killed"),
        "a.silent": ("error", "the time of the cell was over"),
    }
    assert spent < 40


def test_a_source_that_went_away_is_not_the_drivers_fault(tmp_path: Path) -> None:
    """A failure while nothing answers at the source's port could not tell."""
    with listening() as port:
        source = {"engine": "postgresql", "host": "127.0.0.1", "port": port, "password": PASSWORD, "capabilities": []}

    lines, _, _ = attacked(tmp_path, "a.password-reason", source=source)

    (line,) = [line for line in lines if "probe" in line]
    assert line["outcome"] == "error"
    assert line["reason"].startswith("the source does not answer any more")
    assert PASSWORD not in json.dumps(lines)


def test_probes_that_cannot_be_listed_are_said_to_be_so(tmp_path: Path) -> None:
    """A file of probes that does not import, or kills its process, gives no list, and no end."""
    probes = tmp_path / "probes"
    shutil.copytree(RUN.parent, probes, ignore=shutil.ignore_patterns("ask", "__pycache__"))
    (probes / "ask").mkdir()
    (probes / "ask/attack.py").write_text("import os; os._exit(0)\n", encoding="utf-8")
    request = {"nonce": "n", "import_name": "json", "source": {"engine": "postgresql"}, "seconds": 5, "attempts": 1}

    done = subprocess.run(
        (sys.executable, *FLAGS, str(probes / "run.py")), input=json.dumps(request), capture_output=True, text=True,
        timeout=60, check=False,
    )  # fmt: skip

    (line,) = [json.loads(one) for one in done.stdout.splitlines()]
    assert line["failed"].startswith("the probes could not be listed: it gave no answer")


def test_the_end_of_the_stem_is_an_error_for_all_that_were_forked_of_it_and_for_no_other(tmp_path: Path) -> None:
    """What is beside a probe that kills the stem tells nothing; what begins afterwards has a new one."""
    probes = ["a.outlives", "a.good", "a.stem", "a.forked"]

    lines, _, _ = attacked(tmp_path, "", probes=probes, lanes=2, seconds=30)

    found = {line["probe"]: (line["outcome"], line.get("reason", "")) for line in lines if "probe" in line}
    ended = ("error", "the process that probes are forked of was ended meanwhile")
    assert found == {"a.outlives": ended, "a.good": ("pass", ""), "a.stem": ended, "a.forked": ("pass", "")}
    assert lines[-1] == {"nonce": "n", "done": True}


def test_a_fork_that_was_ended_before_it_was_asked_anything_is_replaced(tmp_path: Path) -> None:
    """What waits for the next probe is killed by the one before: the next is asked in another fork."""
    lines, _, _ = attacked(tmp_path, "", probes=["a.waiting", "a.forked"], lanes=1, seconds=30)

    found = {line["probe"]: (line["outcome"], line.get("measures")) for line in lines if "probe" in line}
    assert found == {"a.waiting": ("pass", None), "a.forked": ("pass", {"forked": 1})}


@pytest.mark.parametrize(
    ("own", "order"),
    [
        (False, ["asking a.good", "a.good", "a.lingers"]),
        (True, ["a.lingers", "asking a.good", "a.good"]),
    ],
    ids=["ours", "somebody's own"],
)
def test_the_next_is_asked_while_one_that_has_answered_ends(tmp_path: Path, own: bool, order: list[str]) -> None:
    """But of a source that others share: there the first is to be over."""
    lines, _, _ = attacked(tmp_path, "", probes=["a.lingers", "a.good"], lanes=1, seconds=30, own=own)

    said = [f"asking {line['asking']}" if "asking" in line else line.get("probe") for line in lines]
    assert [one for one in said if one] == ["asking a.lingers", *order]
    assert {line["outcome"] for line in lines if "probe" in line} == {"pass"}


def test_nothing_of_the_set_runs_in_the_parent(tmp_path: Path) -> None:
    """A .pth file of the set is read where probes are, and not in the process that has the nonce."""
    venv.create(tmp_path / "set", with_pip=False)
    (folder,) = (tmp_path / "set/lib").glob("python*/site-packages")
    seen = tmp_path / "seen"
    text = f"import sys; open({str(seen)!r}, 'a').write(' '.join(sys.orig_argv) + '\\n')\n"
    (folder / "set.pth").write_text(text, encoding="utf-8")

    lines, _, _ = attacked(tmp_path, "a.good", python=str(tmp_path / "set/bin/python"))

    assert [line["outcome"] for line in lines if "probe" in line] == ["pass"]
    scripts = {Path(word).name for word in seen.read_text("utf-8").split() if word.endswith(".py")}
    assert "stem.py" in scripts
    assert "run.py" not in scripts


@pytest.mark.parametrize(
    ("forks", "lives", "lost"),
    [
        ("a process", [True], ""),
        (None, [True, False], "the process that probes are forked of was ended meanwhile"),
        (None, [True, True], ""),
    ],
    ids=["forked", "ended by what it forked", "could not fork"],
)
def test_a_probe_that_ends_the_stem_before_it_has_said_so_tells_nothing(
    forks: str | None, lives: list[bool], lost: str
) -> None:
    """Nobody knows its process then: it is asked in a fresh one, whose answer does not count."""
    run = runpy.run_path(str(RUN))
    stem = SimpleNamespace(
        fit=True, unfit=False, forked=lambda *_words, bare: forks, lives=lambda: lives.pop(0), end=lambda: None
    )
    asking = run["Asking"].__new__(run["Asking"])
    asking.running, asking._stem, asking._request = [], stem, {}
    asking.start.__globals__["fresh"] = lambda *_words: "a fresh process"
    job = run["Job"]("a.stem")

    asking.start(job, 1)

    assert (asking.running, job.underway, job.lost) == ([job], forks or "a fresh process", lost)
    assert lives == []


def test_probes_side_by_side_keep_their_own_answers(tmp_path: Path) -> None:
    """What one leaves behind is killed while others go on, and each gets what it deserves; a failure is asked alone."""
    probes = ["a.slow", "a.daemon", "a.renewing", "a.segfault", "a.silent", "a.good", "a.password-out"]

    lines, text, _ = attacked(tmp_path, "", probes=probes, lanes=8, seconds=60, attempts=2)

    found = [(line["probe"], line["attempt"], line["outcome"]) for line in lines if "probe" in line]
    deserved = {**DESERVED, "a.slow": "pass"}
    assert {one for one in found if one[1] == 1} == {(name, 1, deserved[name]) for name in probes}
    assert {one for one in found if one[1] == 2} == {("a.segfault", 2, "fail"), ("a.password-out", 2, "fail")}
    assert PASSWORD not in text


@pytest.mark.parametrize(("known", "asked"), [(["signal SIG*"], 1), (["SIG*", "signal"], 3), ([], 3)])
def test_a_failure_that_is_known_is_asked_once(tmp_path: Path, known: list[str], asked: int) -> None:
    """One that looks otherwise three times, as any."""
    lines, _, _ = attacked(tmp_path, "a.segfault", attempts=3, known={"a.segfault": known, "a.good": ["*"]}, seconds=60)

    assert [line["outcome"] for line in lines if "probe" in line] == ["fail"] * asked


@pytest.mark.parametrize("probe", ["a.password-raised", "a.password-ends"])
def test_no_part_of_a_password_is_left_where_a_text_is_cut_or_its_digits_are_taken(tmp_path: Path, probe: str) -> None:
    """A signature has no digits, a reason has an end: what is left of a password would not be known for one."""
    secret = "S3cretPassw0rd42xyz"
    with listening() as port:
        source = {"engine": "postgresql", "host": "127.0.0.1", "port": port, "password": secret, "capabilities": []}
        _, text, _ = attacked(tmp_path, probe, source=source)

    assert "********" in text or "printed the password" in text
    assert not [part for part in ("cretPassw", "S#cret", "rd42xyz", "rd##xyz") if part in text]


@pytest.mark.parametrize("secret", ["a", "n", "0", "1", "pass", "fail", "outcome", "nonce", "probe", "a.good", "true"])
def test_a_password_that_is_a_word_of_the_parent_changes_nothing_but_what_is_quoted(
    tmp_path: Path, secret: str
) -> None:
    """Outcomes, names and figures are as they are; its reason, which quotes it, has stars."""
    with listening() as port:
        source = {"engine": "postgresql", "host": "127.0.0.1", "port": port, "password": secret, "capabilities": []}
        lines, text, _ = attacked(tmp_path, "", source=source, probes=["a.good", "a.password-reason", "a.forked"],
                                  seconds=60)  # fmt: skip

    found = {line["probe"]: line for line in lines if "probe" in line}
    ends = {name: (line["outcome"], line["attempt"]) for name, line in found.items()}
    assert ends == {"a.good": ("pass", 1), "a.password-reason": ("fail", 1), "a.forked": ("pass", 1)}
    assert {line["nonce"] for line in lines} == {"n"}
    assert (lines[-1], "Traceback" in text) == ({"nonce": "n", "done": True}, False)
    said = found["a.password-reason"]
    assert (said["reason"][-8:], said["signature"].count("********") > 0) == ("********", True)
    assert list(found["a.forked"]["measures"].values()) == [1]


def test_no_probe_finds_the_nonce(tmp_path: Path) -> None:
    """It is in no memory that a probe can read: nothing but the parent can write a line that counts."""
    lines, _, _ = attacked(tmp_path, "a.knows", nonce="nonce-of-this-run!")

    (line,) = [line for line in lines if "probe" in line]
    assert line["outcome"] == "pass"
    assert "nonce" not in line["measures"] or line["measures"]["nonce"] == 0
    assert line["measures"]["password"] > 0


def test_what_asks_about_the_import_has_an_interpreter_of_its_own(tmp_path: Path) -> None:
    """It is no fork."""
    lines, _, _ = attacked(tmp_path, "a.fresh")

    (line,) = [line for line in lines if "probe" in line]
    assert (line["outcome"], line["measures"]) == ("pass", {"forked": 0})


UNFIT = {
    "threads": "import threading, time\nthreading.Thread(target=time.sleep, args=(60,), daemon=True).start()\n",
    "sockets": "import socket\nheld = socket.create_server(('127.0.0.1', 0))\n",
    "processes": "import subprocess\nheld = subprocess.Popen(['sleep', '60'])\n",
    "kills": "import os, sys\nif 'child.py' not in sys.argv[0]: os.kill(os.getpid(), 9)\n",
    "leaves": "import sys\nif 'child.py' not in sys.argv[0]: sys.exit(0)\n",
    "fit": "",
}


DIALECT = """
import os, sys
from types import SimpleNamespace
{}
engine = SimpleNamespace(make_url=lambda url: SimpleNamespace(get_dialect=lambda: None))
"""


@pytest.mark.parametrize(("name", "forks"), [(name, name == "fit") for name in UNFIT])
def test_a_driver_that_is_not_for_forks_is_asked_in_interpreters_of_its_own(
    tmp_path: Path, name: str, forks: bool
) -> None:
    """Its import starts or opens something, or does not come to an end: each probe imports it for itself."""
    (tmp_path / "unfit.py").write_text(UNFIT[name], encoding="utf-8")

    lines, _, _ = attacked(tmp_path, "a.forked", import_name="unfit", path=[str(tmp_path)])

    (line,) = [line for line in lines if "probe" in line]
    assert (line["outcome"], line["measures"]) == ("pass", {"forked": int(forks)})


# What the import of a dialect does, whether the rest is forked after it, and whether what was asked meanwhile counts.
DIALECTS = {
    "fit": ("", 1, True),
    "threads": (UNFIT["threads"], 0, True),
    "raises": ("if 'child.py' not in sys.argv[0]: raise ImportError('no')", 0, True),
    "kills": (UNFIT["kills"], 0, False),
}


@pytest.mark.parametrize(("text", "forks", "counts"), DIALECTS.values(), ids=list(DIALECTS))
def test_the_dialect_comes_while_one_is_asked_that_does_without(
    tmp_path: Path, text: str, forks: int, counts: bool
) -> None:
    """What minds it is in interpreters of its own from then on; who ended the stem then is not known."""
    (tmp_path / "sqlalchemy.py").write_text(DIALECT.format(text), encoding="utf-8")
    more: dict[str, Any] = {"scheme": "any", "path": [str(tmp_path)], "lanes": 1, "seconds": 30}

    lines, _, _ = attacked(tmp_path, "", probes=["a.bare", "a.dialect", "a.good"], **more)

    found = {line["probe"]: (line["outcome"], line.get("measures")) for line in lines if "probe" in line}
    bare = ("pass", {"forked": 1, "dialect": 0}) if counts else ("error", None)
    assert found == {
        "a.bare": bare,
        "a.good": ("pass", None),
        "a.dialect": ("pass", {"forked": forks, "dialect": forks}),
    }


@pytest.mark.parametrize(("text", "forks"), [(one[0], one[1]) for one in DIALECTS.values()], ids=list(DIALECTS))
def test_the_first_that_needs_the_dialect_waits_for_it(tmp_path: Path, text: str, forks: int) -> None:
    """Nothing was asked before: whatever the import does, the probe is asked, and its answer counts."""
    (tmp_path / "sqlalchemy.py").write_text(DIALECT.format(text), encoding="utf-8")
    more: dict[str, Any] = {"scheme": "any", "path": [str(tmp_path)], "seconds": 30}

    lines, _, _ = attacked(tmp_path, "a.dialect", **more)

    (line,) = [line for line in lines if "probe" in line]
    assert (line["outcome"], line["measures"]) == ("pass", {"forked": forks, "dialect": forks})


@pytest.mark.parametrize("_turn", range(3))
def test_a_dialect_that_fails_at_once_ends_nobody_who_was_just_asked(tmp_path: Path, _turn: int) -> None:
    """A fork is of the stem's group for a moment after it got its word: the stem ends, and it does not."""
    (tmp_path / "sqlalchemy.py").write_text(DIALECT.format(DIALECTS["raises"][0]), encoding="utf-8")
    more: dict[str, Any] = {"scheme": "any", "path": [str(tmp_path)], "lanes": 3, "seconds": 30}

    lines, _, _ = attacked(tmp_path, "", probes=["a.bare", "a.bare-too", "a.good"], **more)

    found = {line["probe"]: line["outcome"] for line in lines if "probe" in line}
    assert found == {"a.bare": "pass", "a.bare-too": "pass", "a.good": "pass"}
