"""Processes under way, as their parent has them: heard, ended, and cleared away with all that they left.

Nothing here is a thread, and nothing waits longer than it says.
"""

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).parent
_TAIL = 4096
ANSWER = 65536
# What starts a probe takes a while on a busy machine, and is not the probe's time.
START_SECONDS = 30
# A grandchild that goes on printing is not listened to for longer, nor a closed pipe taken for an end.
_DRAIN_SECONDS, _CLOSED_SECONDS = 1.0, 2.0


def _ended(pid):
    """Give the exit code of a child of ours, as ``subprocess`` does; None while it lives."""
    with contextlib.suppress(ChildProcessError):
        found, status = os.waitpid(pid, os.WNOHANG)
        return os.waitstatus_to_exitcode(status) if found else None
    return -signal.SIGKILL


class Underway:
    """A process that asks one probe.

    ``code`` is its exit code, None where it had to be killed; ``said`` its answer, ``tail`` the end of what it
    printed, ``leaked`` whether the secret was in that.
    """

    def __init__(self, pid, files, limit, secret):
        self.pid = pid
        self.code = None
        self.said = b""
        self.tail = b""
        self.leaked = False
        self.began = time.monotonic()
        self._until = self.began + limit
        self._secret = secret.encode()
        self._answer = files[0]
        self._open = list(files)
        self._quiet = None
        for one in files:
            os.set_blocking(one, False)

    @property
    def files(self):
        """Give the files that are listened to."""
        return tuple(self._open)

    @property
    def answered(self):
        """Say whether it has written an answer, and closed that file."""
        return bool(self.said) and self._answer not in self._open

    def read(self, file):
        """Take in what has come, at most a piece of it."""
        try:
            data = os.read(file, 65536)
        except BlockingIOError:
            return
        if not data:
            os.close(file)
            self._open.remove(file)
        elif file == self._answer:
            self.said = (self.said + data)[: ANSWER + 1]
        else:
            whole = self.tail + data
            self.leaked = self.leaked or (len(self._secret) > 7 and self._secret in whole)
            self.tail = whole[-_TAIL:]

    def look(self):
        """See whether the process has ended."""
        if self.code is None:
            self.code = _ended(self.pid)

    def over(self, ready):
        """Say whether it has ended, or had its time; ``ready`` is whether it could be read since it was looked at.

        A grandchild may keep the pipes open, or write without end: what counts is that the process has ended.
        """
        now = time.monotonic()
        if self.code is not None or not self._open:
            self._quiet = self._quiet or now
        if self.code is not None:
            return not self._open or not ready or now > self._quiet + _DRAIN_SECONDS
        return now > self._until or (not self._open and now > self._quiet + _CLOSED_SECONDS)

    def end(self):
        """Kill it with its whole group, at one moment of the kernel, so that what is forked meanwhile is in it."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        if self.code is None:
            with contextlib.suppress(ProcessLookupError):
                # It may not have come to have a group of its own.
                os.kill(self.pid, signal.SIGKILL)
            with contextlib.suppress(ChildProcessError):
                os.waitpid(self.pid, 0)
        for one in self._open:
            os.close(one)
        self._open = []


def _piped():
    """Give two pipes: the ends that are read here, and the ends that are written there."""
    pipes = os.pipe(), os.pipe()
    return [one for one, _ in pipes], [one for _, one in pipes]


def _started(script, request, kept, out):
    """Start a script in an interpreter of its own, which has one file of ours; give its id."""
    process = subprocess.Popen(
        (sys.executable, "-I", "-B", str(HERE / script), str(kept)),
        stdin=subprocess.PIPE,
        stdout=out,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        pass_fds=(kept,),
    )
    with contextlib.suppress(BrokenPipeError):
        process.stdin.write(json.dumps(request).encode())
        process.stdin.close()
    # Whoever has its id waits for it.
    process.returncode = 0
    return process.pid


def fresh(request, word, limit):
    """Ask in an interpreter of its own."""
    ours, theirs = _piped()
    try:
        pid = _started("child.py", {**request, **word}, *theirs)
    finally:
        for one in theirs:
            os.close(one)
    return Underway(pid, ours, limit, request["source"].get("password") or "")


class Stem:
    """The process that forks; ``probes`` is its list of them, None where it came to none, ``fit`` whether it forks.

    ``unfit`` is whether it is no place for forks, by its own word or because its imports come to no end.

    A fork is made while the probe before it is asked, and waits for its word: on two cores it costs a probe nothing.
    Until then it is of the stem's session, and as little to be looked into. In the same way SQLAlchemy's dialect, a
    third of what there is to import, comes while a probe is asked that does without, unless it is to be
    ``whole`` at once.
    """

    def __init__(self, request, *, whole=False):
        self._request = request
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._control.settimeout(START_SECONDS)
        # The files of the fork that waits: two that are read here, one for its word; and its id once that is known.
        self._next = None
        # Whether the dialect was asked for, and whether it was heard that it is there.
        self._more = self._grown = not request.get("scheme")
        with theirs:
            self.pid = _started("stem.py", request, theirs.fileno(), subprocess.DEVNULL)
        self.probes = self._heard().get("probes")
        self.fit = self._heard().get("fit") == ""
        self.unfit = not self.fit
        if not self.fit:
            self.end()
        elif whole:
            self._whole()
        self._prepare()

    def _heard(self):
        try:
            line = json.loads(self._control.recv(262144))
        except TimeoutError:
            return {"fit": "it comes to no end"}
        except (OSError, ValueError):
            return {}
        return line if isinstance(line, dict) else {}

    def _grow(self):
        """Let it import the dialect, if it was not asked to yet."""
        if not self._more:
            self._more = True
            with contextlib.suppress(OSError):
                self._control.send(b"more")

    def _whole(self):
        """Wait for the dialect; as nothing was asked yet, it is to blame if the stem does not live through that."""
        self._grow()
        self._come(dead="it did not live", kill=os.killpg)

    def _come(self, *, dead, kill):
        """Hear what the dialect, if it was asked for, has made of the stem; ``dead`` is what it means to hear nothing.

        One that is unfit is killed; what may still be of its group says how.
        """
        if self._more and not self._grown:
            self._grown = True
            self.unfit = bool(self._heard().get("fit", dead))
            if self.unfit:
                self.end(kill)

    def _prepare(self):
        """Let a fork be made; its id is heard where it is needed."""
        if not self.fit:
            return
        ours, theirs = _piped()
        word, its = os.pipe()
        self._next = [*ours, its], None
        with contextlib.suppress(OSError):
            socket.send_fds(self._control, [b"{}"], [*theirs, word])
        for one in (*theirs, word):
            os.close(one)

    def _prepared(self):
        """Give the id of the fork that waits, 0 where none came to be."""
        # Who has ended it is not known here, and a fork that was asked a moment ago may be of its group still.
        self._come(dead="", kill=os.kill)
        if self._next is None:
            return 0
        files, pid = self._next
        if pid is None:
            said = self._heard().get("pid")
            pid = said if type(said) is int and said > 0 else 0
            self._next = files, pid
        return pid

    def forked(self, word, limit, *, bare=False):
        """Ask in a fork, a ``bare`` one without the dialect if that is not there yet; None where there is none."""
        if not bare and not self._more:
            self._prepared()
            self._drop()
            self._whole()
            self._prepare()
        # One that somebody has ended meanwhile was asked nothing, and where none came to be the next one may.
        pid = self._prepared()
        if not pid or _ended(pid) is not None:
            self._drop()
            self._prepare()
            pid = self._prepared()
            if pid and _ended(pid) is not None:
                self._drop()
                pid = 0
        if not pid:
            return None
        (*ours, its), _ = self._next
        self._next = None
        # What is written goes out when the file is closed.
        with contextlib.suppress(BrokenPipeError), os.fdopen(its, "wb") as out:
            out.write(json.dumps(word).encode())
        one = Underway(pid, ours, limit, self._request["source"].get("password") or "")
        self._grow()
        self._prepare()
        return one

    def _drop(self):
        """Forget the fork that waits, which ends without a word."""
        for one in self._next[0] if self._next else ():
            os.close(one)
        self._next = None

    def lives(self):
        """Ask whether it is there: a process that has been killed does not get to answer, however quick one asks.

        What was forked of one before it was unfit is what it was.
        """
        if self.fit:
            self._prepared()
        if self.fit:
            with contextlib.suppress(OSError):
                self._control.send(b"{}")
                return self._control.recv(262144) == b"{}"
        return self.unfit

    def end(self, kill=os.killpg):
        """Kill it, and the fork that waits with it; that one ends without a word where only the stem is killed."""
        self.fit = False
        if self.pid is None:
            return
        with contextlib.suppress(ProcessLookupError):
            kill(self.pid, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(self.pid, 0)
        self.pid = None
        self._drop()
        self._control.close()


def heard(running, seconds):
    """Listen to processes for at most this long; give those that are over."""
    # First: what has ended before nothing could be read has said all.
    for one in running:
        one.look()
    waiting = select.poll()
    owner = {file: one for one in running for file in one.files}
    for file in owner:
        waiting.register(file, select.POLLIN)
    # Of an end that no closed pipe shows nobody tells, and a process ends a moment after its pipes.
    gone = any(one.code is not None and not one.files for one in running)
    ready = waiting.poll(0 if gone else 1000 * (seconds if all(one.files for one in running) else 0.0005))
    for file, _ in ready:
        owner[file].read(file)
    talking = {owner[file] for file, _ in ready}
    return [one for one in running if one.over(one in talking)]


def followed(one):
    """Listen to a process until it is over, and end it."""
    while not heard([one], 0.05):
        pass
    one.end()
    return one


def _processes():
    """Give all processes that can be seen: {id: (state, parent, session)}; for each probe, so it is quick."""
    found = {}
    with os.scandir("/proc") as entries:
        names = [one.name for one in entries if one.name.isdigit()]
    for name in names:
        with contextlib.suppress(OSError, ValueError, IndexError):
            file = os.open(f"/proc/{name}/stat", os.O_RDONLY)
            try:
                fields = os.read(file, 1024).rpartition(b")")[2].split()
            finally:
                os.close(file)
            found[int(name)] = fields[0].decode(), int(fields[1]), int(fields[3])
    return found


def _below(processes, roots):
    """Give the processes below some, with these."""
    found, last = set(roots), set(roots)
    while last:
        last = {one for one, (_, parent, _) in processes.items() if parent in last} - found
        found |= last
    return found


def cleared(kept):
    """Kill everything below this process but those that are kept, with theirs; say whether nothing else is left.

    What a probe leaves behind becomes a child of this process, however it hid (see ``guarded`` in ``run``).
    """
    empty = 0
    for _ in range(200):
        processes = _processes()
        theirs = _below(processes, kept) | {one for one, (_, _, session) in processes.items() if session in kept}
        left = set()
        for one in _below(processes, {os.getpid()}) - theirs - {os.getpid()}:
            state, parent, _ = processes[one]
            if state != "Z":
                left.add(one)
                with contextlib.suppress(ProcessLookupError):
                    os.kill(one, signal.SIGKILL)
            elif parent == os.getpid():
                with contextlib.suppress(ChildProcessError):
                    os.waitpid(one, os.WNOHANG)
        if left and os.getpid() == 1 and not kept:
            # The sandbox has nothing else; this, too, is one moment for the kernel.
            with contextlib.suppress(ProcessLookupError):
                os.kill(-1, signal.SIGKILL)
        # One that forks and ends all the time may be missed once.
        empty = 0 if left else empty + 1
        if empty == 2:
            return True
        time.sleep(0.02 if left else 0)
    return False
