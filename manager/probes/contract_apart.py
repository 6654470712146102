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


def closed(reached):
    """Call ``reached`` instead of letting Python reach a network; it raises, or ends the process."""

    def refuse(*_words, **_more):
        reached()

    for name in ("connect", "connect_ex"):
        setattr(socket.socket, name, refuse)
    for name in ("create_connection", "getaddrinfo", "gethostbyname"):
        setattr(socket, name, refuse)
