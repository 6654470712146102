"""Asks the probes of one cell, each in a process of its own, and prints a JSON line for each attempt.

That process is a fork of one that has imported the driver and done nothing else (``stem``), or a fresh interpreter
where the import itself is asked about or the driver is not for forks. Probes are asked side by side but for those that
measure or look at what others do; what failed is asked again with nobody beside it.

Standard input is one JSON object:

    nonce         goes into every line, so that nothing else that prints is taken for an answer
    import_name, distribution, version, scheme
                  the driver: its module, its name and version in the set, SQLAlchemy's scheme ("" for none)
    source        engine, version, host, port, database, user, password, ca (PEM), capabilities, embedded; of a
                  person's own also own, tls (how it is asked for) and schema (the only one that is allowed)
    probes        ids, or beginnings of them (``connect.``); nothing for all that belong to engine and driver
    attempts      how often a failure is asked, and known how some are awaited to fail: {probe: [glob of signatures]},
                  which is asked once
    seconds       for all of it
    lanes         how many are asked side by side; where nothing is said 1 for what may not share its source
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
import fnmatch
import json
import os
import signal
import socket
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import engines
import shortage
from hiding import lined, masked
from underway import ANSWER, START_SECONDS, Stem, cleared, followed, fresh, heard

OUTCOMES = ("pass", "fail", "error", "skip", "unsupported", "not_run")
_PR_SET_DUMPABLE, _PR_SET_CHILD_SUBREAPER = 4, 36
# Probes side by side: those that work, and those that wait, which cost nothing meanwhile.
_LANES, _WAITING = 3, 6
# What a source of somebody's own is asked before all others, what it means where that does not pass ({}: what is said
# to be allowed there), and how long it has.
_FIRST = {"connect.select": "it cannot be asked anything", "connect.place": "no table can be made there ({})"}
_WHOLE = 60
# What no figure of a probe comes near; it is a number for whoever reads it.
_MOST = 10**15


def guarded():
    """Keep probes away from this process's files, and let their orphans become its children (prctl(2))."""
    libc = ctypes.CDLL(None)
    libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


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


def answered(line):
    """Say whether what a child wrote is an answer, or a list of probes: known words, texts, and numbers."""
    if not isinstance(line, dict):
        return False
    measures, texts = line.get("measures", {}), [line.get(name, "") for name in ("reason", "signature")]
    numbers = [line.get("seconds", 0), *(measures.values() if isinstance(measures, dict) else [None])]
    plain = all(type(one) in (int, float) and -_MOST < one < _MOST for one in numbers) and numbers[0] >= 0
    known = isinstance(line.get("probes"), list) or line.get("outcome") in OUTCOMES
    return known and plain and all(isinstance(one, str) for one in texts)


def told(code, said, tail, secret=""):
    """Read a child's answer, or say why there is none, without a secret."""
    if code is None:
        return {"outcome": "error", "reason": "it did not end in time and was killed"}
    if code < 0 and -code in shortage.CRASHES:
        name = signal.Signals(-code).name
        return {"outcome": "fail", "reason": f"the process died of {name}", "signature": f"signal {name}"}
    if code < 0:
        return {"outcome": "error", "reason": f"it was killed by signal {-code}"}
    with contextlib.suppress(ValueError, RecursionError):
        line = json.loads(said) if len(said) <= ANSWER else None
        if code == 0 and answered(line):
            return line
    last = " ".join(masked(tail.decode(errors="replace"), secret).split())[-300:]
    return {"outcome": "error", "reason": f"it gave no answer and ended with {code}" + (f": {last}" if last else "")}


class Job:
    """A probe that is to be asked: its id, limit in seconds, file, manner (see ``asking.probe``), and which attempt."""

    def __init__(self, name, seconds=_WHOLE, topic="", manner="", attempt=1):
        self.name, self.seconds, self.topic, self.manner, self.attempt = name, seconds, topic, manner, attempt
        self.prefix = f"check_{os.urandom(5).hex()}"
        self.underway = None
        # Why no answer of it counts, whatever it says; and whether the stem was seen alive after it had answered.
        self.lost = ""
        self.sure = False
        # How often limits of the sandbox were met before it.
        self.met = {}

    @property
    def ending(self):
        """Say whether it has answered, and only its process is not over."""
        return self.underway.answered

    def word(self, name=""):
        """Give what its process is told besides the request."""
        return {"probe": name or self.name, "attempt": self.attempt, "prefix": self.prefix, "topic": self.topic}

    def again(self):
        """Give the next attempt, which has nobody beside it: no neighbour is to be the reason of a failure."""
        manner = "fresh" if self.manner == "fresh" else "alone"
        return Job(self.name, self.seconds, self.topic, manner, self.attempt + 1)


class Asking:
    """The probes of a cell that are under way, and the stem that they are forked of."""

    def __init__(self, request):
        self._request = request
        self._stem = Stem(request)
        self.probes = self._stem.probes
        self.running = []

    def start(self, job, limit):
        """Begin to ask."""
        job.met = shortage.met()
        answered = [one for one in self.running if one.ending]
        self._look()
        for one in answered if self._stem.fit else ():
            one.sure = True
        # What is no place for forks is none the next time.
        if not self._stem.fit and not self._stem.unfit:
            self._stem = Stem(self._request, whole=True)
        if self._stem.fit and job.manner != "fresh":
            job.underway = self._stem.forked(job.word(), limit, bare=job.manner == "waits")
            if job.underway is None:
                # It lived a moment ago: this probe may have ended it before it could say that there is one.
                self._look(job)
        if job.underway is None:
            job.underway = fresh(self._request, job.word(), limit)
        self.running.append(job)

    def over(self, seconds):
        """Listen for at most this long; give (job, line) for each that is over, with what it left cleared away."""
        by = {job.underway: job for job in self.running}
        for one in heard(list(by), seconds):
            self.running.remove(by[one])
            yield by[one], self._line(by[one])

    def one(self, job, limit):
        """Ask a probe by itself; give its line."""
        self.start(job, limit)
        while True:
            for _, line in self.over(0.05):
                return line

    def close(self):
        """End the stem, and wait for the fork that waited for its word."""
        self._stem.end()
        cleared(set())

    def _look(self, job=None):
        """See whether the stem is as it was; what is forked of one that somebody has ended tells nothing."""
        if self._stem.fit and not self._stem.lives():
            self._stem.end()
            self._lose("the process that probes are forked of was ended meanwhile", job)

    def _lose(self, why, job):
        for one in [*self.running, *([job] if job else [])]:
            one.lost = one.lost or ("" if one.sure else why)

    def _clear(self, job):
        """Kill what is left of a job; with all others where it cannot be told from them."""
        kept = {one.underway.pid for one in self.running} | ({self._stem.pid} if self._stem.fit else set())
        if cleared(kept):
            return
        self._stem.end()
        for one in self.running:
            one.underway.end()
        self._lose("something that was left running could not be ended without it", None)
        job.lost = "what it started could not be ended" if not cleared(set()) or not kept else job.lost

    def _line(self, job):
        one, source = job.underway, self._request["source"]
        one.end()
        line = told(one.code, one.said, one.tail, source.get("password") or "")
        self._look(job)
        self._clear(job)
        if line.get("outcome") in ("fail", "error") and not answers(source):
            line = {"outcome": "error", "reason": f"the source does not answer any more; {line.get('reason', '')}"}
        elif one.leaked:
            line = {"outcome": "fail", "reason": "it printed the password", "signature": "printed the password"}
        elif line.get("outcome") in ("fail", "error") and (why := shortage.since(job.met)):
            line = {"outcome": "error", "reason": f"{why}; {line.get('reason', '')}"}
        if job.lost:
            line = {"outcome": "error", "reason": job.lost}
        line.setdefault("seconds", round(time.monotonic() - one.began, 3))
        if (one.code != 0 or job.lost) and line.get("outcome") != "unsupported":
            followed(fresh(self._request, job.word("@drop"), START_SECONDS))
            self._clear(job)
        return line


def absent(request, asking, listed):
    """Say why a source of somebody's own cannot be asked, or nothing; ``listed`` are the probes that belong to it.

    Whether that lies with it, its account or the driver cannot be told from here, so it is nobody's failure. So it is
    where more is said to be allowed there than the account may do.
    """
    if not request["source"].get("own"):
        return ""
    if not answers(request["source"]):
        return "the source does not answer"
    may = [name for name, _, why, *_ in listed if not why]
    for name, lost in _FIRST.items():
        line = asking.one(Job(name, topic="connect"), _WHOLE) if name in may else {"outcome": "pass"}
        if line.get("outcome") != "pass":
            able = ", ".join(request["source"].get("capabilities", ()))
            return f"{lost.format(able)}: {line.get('reason', '')}"
    return ""


def main():
    """Read the request, and ask."""
    guarded()
    request = json.load(sys.stdin)
    out = os.fdopen(os.dup(1), "w")
    nonce, secret = request.pop("nonce"), request["source"].get("password") or ""

    def say(line):
        out.write(json.dumps({"nonce": nonce, **lined(line, secret)}) + "\n")
        out.flush()

    asking = Asking(request)
    try:
        every(request, asking, say)
    finally:
        asking.close()


def listed_by(request, asking):
    """Give the stem's list of probes, or ask for one apart; gives why there is none as well."""
    if isinstance(asking.probes, list):
        return asking.probes, ""
    one = followed(fresh(request, Job("@list").word(), START_SECONDS))
    cleared(set())
    line = told(one.code, one.said, one.tail, request["source"].get("password") or "")
    return line.get("probes"), line.get("reason", "")


def every(request, asking, say):
    """Ask every probe that is wanted: side by side what may be, then one by one what may not, and what failed."""
    listed, why = listed_by(request, asking)
    if not isinstance(listed, list):
        say({"failed": f"the probes could not be listed: {why}"})
        return
    if why := absent(request, asking, listed):
        say({"absent": why})
        return
    until = time.monotonic() + request["seconds"]
    say({"probes": [name for name, *_ in listed]})
    together, alone = [], []
    for name, seconds, why, topic, manner in listed:
        if why and chosen(request.get("probes"), name):
            say({"probe": name, "outcome": "unsupported", "reason": why, "attempt": 1})
        elif chosen(request.get("probes"), name):
            (alone if manner == "alone" else together).append(Job(name, seconds, topic, manner))
    # Those that wait are begun with, so that the others have something to do meanwhile.
    together.sort(key=lambda job: job.manner != "waits")
    shared = request["source"].get("own") or not engines.apart(request["source"]["engine"])
    lanes = request.get("lanes") or (1 if shared else _LANES)
    while together or alone or asking.running:
        while job := following(together, alone, asking.running, lanes, waits=shared):
            begin(asking, job, until, say)
        for job, line in asking.over(0.02):
            fields = {key: line.get(key) for key in ("outcome", "reason", "signature", "seconds", "measures")}
            say({"probe": job.name, "attempt": job.attempt, **{key: value for key, value in fields.items() if value}})
            if line.get("outcome") == "fail" and job.attempt < request["attempts"] and not awaited(request, job, line):
                alone.append(job.again())
    say({"done": True})


def awaited(request, job, line):
    """Say whether a probe failed as it is known to, so that there is nothing to make sure of."""
    globs = (request.get("known") or {}).get(job.name, ())
    return any(fnmatch.fnmatchcase(line.get("signature") or "", one) for one in globs)


def begin(asking, job, until, say):
    """Begin a job, or say that there is no time left for it."""
    left = until - time.monotonic()
    if job.attempt == 1:
        say({"asking": job.name})
    if left > 0:
        asking.start(job, min(job.seconds + START_SECONDS, left))
    else:
        reason = "the time of the cell was over"
        say({"probe": job.name, "outcome": "error", "reason": reason, "attempt": job.attempt})


def chosen(wanted, name):
    """Say whether a probe is wanted: by its id, or by how it begins (``connect.``); all are where nothing is said."""
    return wanted is None or any(name == one or (one[-1:] == "." and name.startswith(one)) for one in wanted)


def following(together, alone, running, lanes, *, waits=False):
    """Take the next job that may begin now, or nothing.

    The end of a process takes the kernel as long as all else that asking costs: unless one ``waits`` for it, which is
    due to a source that others share, the next is asked meanwhile, beside no more than one that ends.
    """
    busy = running if waits else [job for job in running if not job.ending]
    if len(running) > len(busy) + 1:
        return None
    waiting = sum(job.manner == "waits" for job in busy)
    for job in together:
        room = waiting < _WAITING if job.manner == "waits" and lanes > 1 else len(busy) - waiting < lanes
        if room and (lanes > 1 or not busy):
            together.remove(job)
            return job
    return alone.pop(0) if alone and not together and not running else None


if __name__ == "__main__":
    main()
