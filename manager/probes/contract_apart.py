"""Runs beside the probe ``contract``: work in a child process of its own, with a time limit and without a network."""

import contextlib
import ctypes
import json
import os
import select
import signal
import socket
import sys
import tempfile
import time
import traceback
from pathlib import Path

# Who does nothing for so long waits for somebody; who has not come so far by then hangs.
_IDLE = 1.5
_TURN = 0.05


class Apart:
    """Work in a child process of its own; what it tells comes as JSON lines, what it prints are its last words."""

    def __init__(self, work):
        self.reader, writer = os.pipe()
        # A driver that writes to every open file does not know it.
        self.mark = os.urandom(8).hex()
        self.said = tempfile.TemporaryFile()  # noqa: SIM115 - closed when it was read
        self.began = time.monotonic()
        self.child = os.fork()
        if self.child == 0:
            self.run(work, writer)
        os.close(writer)

    def run(self, work, writer):
        """Do the work and end, without anything that the parent would do at its end."""
        code = 1
        try:
            os.setsid()
            # It does not outlive its parent, however that ends (prctl(2), PR_SET_PDEATHSIG).
            ctypes.CDLL(None).prctl(1, signal.SIGKILL)
            os.close(self.reader)
            _own_polls()
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            for stream in (1, 2):
                os.dup2(self.said.fileno(), stream)

            def tell(one):
                os.write(writer, f"\n{self.mark}{json.dumps(one)}\n".encode())

            work(tell)
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            with contextlib.suppress(Exception):
                sys.stdout.flush()
                sys.stderr.flush()
            os._exit(code)

    def lines(self, limit):
        """Give what it told, its last words, and how it ended ("" for well)."""
        told, how = b"", ""
        while True:
            left = limit - (time.monotonic() - self.began)
            ready = select.select([self.reader], [], [], max(left, 0))[0]
            if not ready:
                how = f"it did not end within {limit:g} s"
                break
            piece = os.read(self.reader, 65536)
            if not piece:
                break
            told += piece
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.child, signal.SIGKILL) if how else None
        os.close(self.reader)
        if how:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.child, signal.SIGKILL)
        status = os.waitpid(self.child, 0)[1]
        if not how and os.WIFSIGNALED(status):
            how = f"it was ended by signal {os.WTERMSIG(status)}"
        elif not how and os.WEXITSTATUS(status):
            how = "it failed"
        self.said.seek(0)
        words = self.said.read()[-1500:].decode(errors="replace").strip()
        self.said.close()
        found = []
        for line in told.decode(errors="replace").split("\n"):
            with contextlib.suppress(ValueError):
                if line.startswith(self.mark):
                    found.append(json.loads(line.removeprefix(self.mark)))
        return found, words, how


def _own_polls():
    """Give this copy of a process polls of its own: what it adds to a shared one is a wild pointer to its parent.

    Drivers in Rust start threads that poll when they are loaded, and crashed when a copy of them connected.
    """
    for one in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(OSError):
            if str(one.readlink()) == "anon_inode:[eventpoll]":
                with select.epoll() as own:
                    os.dup2(own.fileno(), int(one.name), inheritable=False)


def settled(works, limit):
    """Wait until each work has ended, or waits for somebody: a machine that is busy makes nobody wait any longer.

    Only what sleeps without having had a processor for a while waits; ``limit`` is in seconds.
    """
    began = time.monotonic()
    last = {one.child: (None, began) for one in works}
    while last and time.monotonic() - began < limit:
        time.sleep(_TURN)
        for child, (before, since) in list(last.items()):
            now = _doing(child)
            if now is None or (now == before and time.monotonic() - since > _IDLE):
                del last[child]
            elif now != before or now[0]:
                last[child] = (now, time.monotonic())


def _doing(child):
    """Give whether a process wants a processor, and how much it has had; None for one that has ended."""
    wants, had = False, 0
    try:
        for task in Path("/proc", str(child), "task").iterdir():
            words = Path(task, "stat").read_text().rpartition(")")[2].split()
            # proc(5): the state, and the clock ticks in its own code and in the kernel's.
            if words[0] == "Z":
                return None
            wants = wants or words[0] in "RD"
            had += int(words[11]) + int(words[12])
    except (OSError, IndexError, ValueError):
        return None
    return wants, had


def closed(reached):
    """Call ``reached`` instead of letting Python reach a network; it raises, or ends the process."""

    def refuse(*_words, **_more):
        reached()

    for name in ("connect", "connect_ex"):
        setattr(socket.socket, name, refuse)
    for name in ("create_connection", "getaddrinfo", "gethostbyname"):
        setattr(socket, name, refuse)
