"""Asks the probes of one cell, each in a process of its own, and prints a JSON line for each attempt.

Standard input is one JSON object:

    nonce         goes into every line, so that nothing else that prints is taken for an answer
    import_name, distribution, version, scheme
                  the driver: its module, its name and version in the set, SQLAlchemy's scheme ("" for none)
    source        engine, version, host, port, database, user, password, ca (PEM), capabilities, embedded; of a
                  person's own also own, tls (how it is asked for) and schema (the only one that is allowed)
    probes        ids, or beginnings of them (``connect.``); nothing for all that belong to engine and driver
    attempts      how often a failure is asked
    seconds       for all of it
    harness, requirements, expected, today
                  for SQLAlchemy's suite: a folder with pytest, {name: holds}, [{test, reason, until}], the day
    path          folders where the driver is looked for first (its tests put stubs there)

Standard output is JSON lines: {"nonce", "probe", "outcome", "reason", "signature", "attempt", "seconds", "measures"},
{"nonce", "asking": probe} before the first attempt of one, and at the end {"nonce", "done": true}: without that one
the answers are not whole. {"nonce", "absent": why} is said instead where a person's own source cannot be asked. A probe
that hangs, dies, prints without end or answers nothing is an error, and so is a failure while the source does not
answer.
"""

import contextlib
import ctypes
import json
import math
import os
import secrets
import selectors
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import quote, quote_plus

CHILD = str(Path(__file__).with_name("child.py"))
_TAIL = 4096
_ANSWER = 65536
# What starts a probe takes a while on a busy machine, and is not the probe's time.
_START_SECONDS = 30
# A grandchild that goes on printing is not listened to for longer.
_DRAIN_SECONDS = 1.0
OUTCOMES = ("pass", "fail", "error", "skip", "unsupported", "not_run")
# Of a driver's own fault; other signals are somebody's or the memory limit's.
_CRASHES = (signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGFPE, signal.SIGILL)
_PR_SET_DUMPABLE, _PR_SET_CHILD_SUBREAPER = 4, 36


def guarded():
    """Keep probes away from this process's files, and let their orphans become its children (prctl(2))."""
    libc = ctypes.CDLL(None)
    libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def descendants():
    """Give the processes below this one that live."""
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError, ValueError, IndexError):
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
                if fields[0] != "Z":
                    parents[int(entry.name)] = int(fields[1])
    found, last = set(), {os.getpid()}
    while last:
        last = {one for one, parent in parents.items() if parent in last} - found
        found |= last
    return found


def cleared():
    """Kill everything that a probe left running, however it hid; say whether nothing is left."""
    empty = 0
    for _ in range(200):
        left = descendants()
        if os.getpid() == 1:
            # The sandbox has nothing else; this, too, is one moment for the kernel.
            with contextlib.suppress(ProcessLookupError):
                os.kill(-1, signal.SIGKILL)
        for one in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(one, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        # One that forks and ends all the time may be missed once.
        empty = 0 if left else empty + 1
        if empty == 2:
            return True
        time.sleep(0.02 if left else 0)
    return False


def answers(source):
    """Say whether the source takes connections; one in the process always does."""
    if source.get("embedded") or not source.get("host"):
        return True
    for _ in range(2):
        try:
            with socket.create_connection((source["host"], int(source["port"])), timeout=5):
                return True
        except OSError:
            time.sleep(0.5)
    return False


def spawned(request, limit):
    """Run a child to its end or its limit; give its exit status (None: killed), answer, tail, and found secrets."""
    here, there = os.pipe()
    child = subprocess.Popen(
        (sys.executable, "-I", "-B", CHILD, str(there)),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        pass_fds=(there,),
    )
    os.close(there)
    with contextlib.suppress(BrokenPipeError):
        child.stdin.write(json.dumps(request).encode())
        child.stdin.close()
    secret = (request["source"].get("password") or "").encode()
    said, tail, leaked = b"", b"", False
    until = time.monotonic() + limit
    with selectors.DefaultSelector() as waiting:
        for file in (here, child.stdout.fileno()):
            os.set_blocking(file, False)
            waiting.register(file, selectors.EVENT_READ)
        # A grandchild may keep the pipes open, or write without end: what counts is that the child has ended.
        ended = None
        while waiting.get_map() and time.monotonic() < until:
            if ended is None and child.poll() is not None:
                ended = time.monotonic()
            if ended is not None and (time.monotonic() > ended + _DRAIN_SECONDS or not waiting.select(0)):
                break
            for key, _ in waiting.select(0.1):
                try:
                    data = os.read(key.fd, 65536)
                except BlockingIOError:
                    continue
                if not data:
                    waiting.unregister(key.fd)
                elif key.fd == here:
                    said = (said + data)[: _ANSWER + 1]
                else:
                    whole = tail + data
                    leaked = leaked or (len(secret) > 7 and secret in whole)
                    tail = whole[-_TAIL:]
    with contextlib.suppress(subprocess.TimeoutExpired):
        # A closed pipe is not the end yet.
        child.wait(max(0.0, min(2.0, until - time.monotonic())))
    code = child.poll()
    # The kernel kills a group at one moment, so that what is forked at the same time does not escape.
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()
    os.close(here)
    child.stdout.close()
    return code, said, tail.decode(errors="replace"), leaked


def answered(line):
    """Say whether what a child wrote is an answer, or a list of probes: known words, texts, and numbers."""
    if not isinstance(line, dict):
        return False
    measures, texts = line.get("measures", {}), [line.get(name, "") for name in ("reason", "signature")]
    numbers = [line.get("seconds", 0), *(measures.values() if isinstance(measures, dict) else [None])]
    plain = all(type(one) in (int, float) and math.isfinite(one) for one in numbers)
    known = isinstance(line.get("probes"), list) or line.get("outcome") in OUTCOMES
    return known and plain and all(isinstance(one, str) for one in texts)


def told(code, said, tail):
    """Read a child's answer, or say why there is none."""
    if code is None:
        return {"outcome": "error", "reason": "it did not end in time and was killed"}
    if code < 0 and -code in _CRASHES:
        name = signal.Signals(-code).name
        return {"outcome": "fail", "reason": f"the process died of {name}", "signature": f"signal {name}"}
    if code < 0:
        return {"outcome": "error", "reason": f"it was killed by signal {-code}"}
    with contextlib.suppress(ValueError, RecursionError):
        line = json.loads(said) if len(said) <= _ANSWER else None
        if code == 0 and answered(line):
            return line
    last = " ".join(tail.split())[-300:]
    return {"outcome": "error", "reason": f"it gave no answer and ended with {code}" + (f": {last}" if last else "")}


def asked(request, name, attempt, limit):
    """Ask a probe once; give its line, cleaned up after."""
    prefix = f"check_{secrets.token_hex(5)}"
    began = time.monotonic()
    code, said, tail, leaked = spawned({**request, "probe": name, "attempt": attempt, "prefix": prefix}, limit)
    line = told(code, said, tail)
    clear = cleared()
    if line.get("outcome") in ("fail", "error") and not answers(request["source"]):
        line = {"outcome": "error", "reason": f"the source does not answer any more; {line.get('reason', '')}"}
    elif leaked:
        line = {"outcome": "fail", "reason": "it printed the password", "signature": "printed the password"}
    if not clear:
        line = {"outcome": "error", "reason": "what it started could not be ended"}
    if code != 0 and line.get("outcome") != "unsupported":
        spawned({**request, "probe": "@drop", "attempt": attempt, "prefix": prefix}, _START_SECONDS)
        cleared()
    line.setdefault("seconds", round(time.monotonic() - began, 3))
    return line


def absent(request):
    """Say why a source of somebody's own cannot be asked, or nothing.

    Whether that lies with it, its account or the driver cannot be told from here, so it is nobody's failure.
    """
    if not request["source"].get("own"):
        return ""
    if not answers(request["source"]):
        return "the source does not answer"
    line = asked({**request, "topic": "connect"}, "connect.select", 1, 60)
    return "" if line.get("outcome") == "pass" else f"it cannot be asked anything: {line.get('reason', '')}"


def masked(value, secret):
    """Take a secret out of every text, as it is and as a URL writes it."""
    if isinstance(value, dict):
        return {masked(key, secret): masked(one, secret) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [masked(one, secret) for one in value]
    if not isinstance(value, str) or not secret:
        return value
    for form in sorted({secret, quote(secret, safe=""), quote_plus(secret)}, key=len, reverse=True):
        value = value.replace(form, "********")
    return value


def main():
    """Ask every probe in turn."""
    guarded()
    request = json.load(sys.stdin)
    out = os.fdopen(os.dup(1), "w")
    nonce, secret = request.pop("nonce"), request["source"].get("password") or ""

    def say(line):
        out.write(json.dumps({"nonce": nonce, **masked(line, secret)}, default=str) + "\n")
        out.flush()

    code, said, tail, _ = spawned({**request, "probe": "@list", "attempt": 1}, _START_SECONDS)
    listed = told(code, said, tail).get("probes")
    if not isinstance(listed, list):
        say({"failed": f"the probes could not be listed: {told(code, said, tail).get('reason', '')}"})
        return
    if why := absent(request):
        say({"absent": why})
        return
    wanted = request.get("probes")
    until = time.monotonic() + request["seconds"]
    say({"probes": [name for name, *_ in listed]})
    for name, seconds, why, topic in listed:
        # ``connect.`` stands for all that begin so.
        if wanted is not None and not any(name == one or (one[-1:] == "." and name.startswith(one)) for one in wanted):
            continue
        if why:
            say({"probe": name, "outcome": "unsupported", "reason": why, "attempt": 1})
            continue
        say({"asking": name})
        for attempt in range(1, request["attempts"] + 1):
            left = until - time.monotonic()
            if left <= 0:
                say({"probe": name, "outcome": "error", "reason": "the time of the cell was over", "attempt": attempt})
                break
            line = asked({**request, "topic": topic}, name, attempt, min(seconds + _START_SECONDS, left))
            fields = {key: line.get(key) for key in ("outcome", "reason", "signature", "seconds", "measures")}
            say({"probe": name, "attempt": attempt, **{key: value for key, value in fields.items() if value}})
            if line.get("outcome") != "fail":
                break
    say({"done": True})


if __name__ == "__main__":
    main()
