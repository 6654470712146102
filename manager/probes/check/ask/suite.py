"""SQLAlchemy's own dialect suite, with what the connector says that its dialect can do."""

import contextlib
import datetime
import json
import os
import queue
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import shortage
from asking import Unsupported, Unsure, Wrong, probe

RUN = str(Path(__file__).parents[1] / "suite_run.py")
# A test of the suite takes a few hundredths of a second; the first one waits for pytest and all of the suite.
_SILENCE, _START = 30, 200
_WHOLE = 300
# Fewer than this were not the suite: a filter, or files that are not there.
_FLOOR = 500
# It has said its last word, or closed its mouth: what it ends with comes at once.
_END = 10


@probe("suite.dialect", needs=("alchemy", "write", "database", "harness"), seconds=340, manner="alone")
def suite(subject):
    """SQLAlchemy's dialect suite passes but for what the connector expects to fail, and those still fail."""
    asked = subject.asked
    if subject.source.get("tls"):
        # It goes by a URL alone, and each driver's has other words for TLS: none is sent a password without it.
        raise Unsupported("the suite cannot be told how the source wants TLS")
    harness = asked["harness"]
    subject.place()
    subject.sql.make_schemas(subject)
    folder = Path(f"/tmp/{subject.prefix}_suite")
    folder.mkdir(mode=0o700)
    try:
        ends = ran(subject, folder, [harness] if isinstance(harness, str) else harness)
    finally:
        shutil.rmtree(folder)
    return judged(ends, asked.get("expected", []), asked.get("today") or datetime.date.today().isoformat(), asked)


def judged(ends, expected, today, asked):
    """Compare how tests ended with what was expected to fail; gives the counts.

    ``expected`` has ``test`` (a name in which ``*`` stands for anything), ``reason`` and ``until`` (the last day).
    """
    failed = {name: why for name, (end, why) in ends.items() if end == "failed"}
    passed = [name for name, (end, _) in ends.items() if end == "passed"]
    valid = [one for one in expected if one["until"] >= today]
    patterns = [re.compile(".*".join(re.escape(part) for part in one["test"].split("*"))) for one in valid]
    wrong = {name: why for name, why in failed.items() if not any(one.fullmatch(name) for one in patterns)}
    late = [one["test"] for one in expected if one["until"] < today]
    for name, why in sorted(wrong.items()):
        if what := shortage.said(why):
            raise Unsure(f"{what}; {name}: {why}")
    if wrong:
        first = "; ".join(f"{name}: {why}" for name, why in sorted(wrong.items())[:3])
        more = f" (and {len(wrong) - 3} more)" if len(wrong) > 3 else ""
        ended = f"; no longer expected since their day is over: {', '.join(late)}" if late else ""
        raise Wrong(f"{len(wrong)} of {len(ends)} tests fail: {first}{more}{ended}", sign=" ".join(sorted(wrong)[:5]))
    floor = int(asked.get("floor", _FLOOR))
    if len(passed) < floor:
        raise Wrong(f"{len(passed)} tests passed, fewer than {floor}: that is not the suite", sign="too few tests")
    skipped = sum(end == "skipped" for end, _ in ends.values())
    unneeded = [one["test"] for one, pattern in zip(valid, patterns, strict=True)
                if not any(pattern.fullmatch(name) for name in failed)]  # fmt: skip
    if unneeded:
        raise Wrong(f"expected to fail, but they pass or are gone: {', '.join(unneeded)}", sign="expected too much")
    return {"passed": len(passed), "failed": len(failed), "skipped": skipped}


def ran(subject, folder, harness):
    """Run the suite; give how each test ended, with its reason where it failed."""
    url = subject.ways.url(subject.asked["scheme"], subject.words())
    if subject.sql.name == "sqlite":
        # A name as the suite gives them: its part for SQLite takes names apart.
        url = url.set(database="suite.db")
    words = {
        "url": url.render_as_string(hide_password=False), "folder": str(folder), "harness": harness,
        "path": subject.asked.get("path", []), "requirements": subject.asked.get("requirements", {}),
        "schema": subject.sql.schema(subject), "tests": subject.asked.get("tests", ""),
        "module": subject.asked["import_name"] if subject.sql.name == "sqlite" else "",
        "keys": subject.asked.get("keys", ""),
    }  # fmt: skip
    here, there = os.pipe()
    log = folder / "log.txt"
    with log.open("wb") as out:
        process = subprocess.Popen((sys.executable, "-I", "-B", RUN, str(there)), stdin=subprocess.PIPE, stdout=out,
                                   stderr=subprocess.STDOUT, pass_fds=(there,), cwd=folder)  # fmt: skip
    os.close(there)
    with contextlib.suppress(BrokenPipeError):
        process.stdin.write(json.dumps(words).encode())
        process.stdin.close()
    try:
        ends, done = followed(here, subject.asked.get("silence", _SILENCE), subject.asked.get("start", _START))
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(subject.asked.get("end", _END))
        code = process.returncode
    finally:
        process.kill()
        process.wait()
    if done is None or done > 1:
        raise unended(done, code, " ".join(log.read_text(errors="replace").split()))
    return ends


def unended(done, code, text):
    """Give the error of a suite that did not run to its end: pytest's word for that, its exit code, what it printed.

    One that was killed, lives on without a word, or had no room could not tell; one whose process crashed could.
    """
    said = f"the suite did not run to its end ({done}): {text[-400:]}"
    if what := shortage.said(text):
        return Unsure(f"{what}; {said}")
    if done is None and code is not None and -code in shortage.CRASHES:
        name = signal.Signals(-code).name
        return Wrong(f"{name} ended the suite; {said}", sign=f"suite signal {name}")
    if done is None and (code is None or code < 0):
        why = "its process lives on" if code is None else f"it was killed by signal {-code}"
        return Unsure(f"{why}; {said}")
    return Wrong(said, sign=f"suite ended {done}")


def followed(here, silence, start):
    """Read lines as tests end; a test that is silent too long is Wrong.

    A suite that takes too long is Unsure, and so is one that does not begin: that is nothing of the driver's.
    """
    lines = queue.SimpleQueue()

    def read():
        with os.fdopen(here) as file:
            for line in file:
                lines.put(json.loads(line))
        lines.put(None)

    threading.Thread(target=read, daemon=True).start()
    ends, done, begun, until = {}, None, "", time.monotonic() + _WHOLE
    while True:
        if time.monotonic() > until:
            raise Unsure(f"{len(ends)} tests of the suite took more than {_WHOLE} s")
        try:
            line = lines.get(timeout=silence if begun else start)
        except queue.Empty:
            if not begun:
                raise Unsure(f"the suite did not begin within {start} s") from None
            raise Wrong(f"the suite stands still in {begun}", sign=f"stands still {begun}") from None
        if line is None:
            return ends, done
        begun = line.get("begins", begun)
        done = line.get("done", done)
        if "test" in line:
            # A test that passed may fail while it is taken down.
            ends[line["test"]] = (line["end"], line["why"])
