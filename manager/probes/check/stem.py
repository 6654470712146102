"""The stem: a process that has imported what most probes need, once, and of which each of them is a fork.

Standard input is the request of ``run``; the argument is a socket to it. It says {"probes": all that belong to engine
and driver}, then {"fit": "" or why nothing may be forked of it}, and from then on answers each message: one with three
files (where the answer goes, where what is printed goes, where the word of what to ask comes from) with {"pid": the
process that waits for its word}, "more" with {"fit"} as before, once SQLAlchemy's dialect is there besides, and one
without anything with {}.

Nothing that a probe could meet has happened in it: no connection was opened, no thread was started, no table was made.
A driver whose import starts threads or processes or opens sockets is not for forks: what it holds is gone or shared in
them. What the parent must keep to itself (the nonce, other probes' answers) was never here.
"""

import ctypes
import gc
import importlib
import json
import os
import socket
import sys
import time
import traceback
from pathlib import Path

_PR_SET_DUMPABLE = 4
_LIBC = ctypes.CDLL(None)


def dumpable(value):
    """Say whether others of the same user may look into this process (prctl(2))."""
    _LIBC.prctl(_PR_SET_DUMPABLE, value, 0, 0, 0)


def sockets():
    """Count the sockets that are open here."""
    found = 0
    for file in Path("/proc/self/fd").iterdir():
        try:
            found += str(file.readlink()).startswith("socket:")
        except OSError:
            continue
    return found


def dialect(scheme):
    """Import SQLAlchemy's dialect of a scheme."""
    importlib.import_module("sqlalchemy").engine.make_url(f"{scheme}://").get_dialect()


def unfit(imported):
    """Import something; say why nothing may be forked of this process from now on, or nothing."""
    before = sockets()
    try:
        imported()
    except BaseException as error:  # Whatever it is: each probe is to see it for itself.
        return f"the import raised {type(error).__name__}"
    if len(list(Path("/proc/self/task").iterdir())) > 1:
        return "the import started threads"
    if sockets() > before:
        return "the import opened sockets"
    try:
        os.waitpid(-1, os.WNOHANG)
    except ChildProcessError:
        return ""
    return "the import started processes"


def forked(control, word, ask):
    """Fork a process whose parent is the one above this one; give its id, 0 where there is none.

    The process between the two ends at once, so that the parent, which takes in orphans, hears itself how it ended.
    """
    here, there = os.pipe()
    middle = os.fork()
    if middle == 0:
        try:
            above = os.getpid()
            pid = os.fork()
            if pid == 0:
                begun(above, control, word, ask)
            os.write(there, str(pid).encode())
        finally:
            os._exit(0)
    os.close(there)
    said = os.read(here, 32)
    os.close(here)
    os.waitpid(middle, 0)
    return int(said or 0)


def begun(above, control, word, ask):
    """Wait for the word, be a process as a fresh one would be, and ask; this never returns."""
    code = 1
    try:
        control.close()
        while os.getppid() == above:
            time.sleep(0.0002)
        with os.fdopen(word, "rb") as file:
            said = file.read()
        os.setsid()
        dumpable(1)
        # Without a word there was nothing to ask.
        code = ask(json.loads(said)) if said else 0
    except SystemExit as leaving:
        code = leaving.code if isinstance(leaving.code, int) else int(leaving.code is not None)
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)


def main():
    """Import, say what there is, and fork for as long as somebody asks."""
    control = socket.socket(fileno=int(sys.argv[1]))
    control.set_inheritable(False)
    dumpable(0)
    request = json.load(sys.stdin)
    sys.path.insert(0, str(Path(__file__).parent))
    import child

    asking = child.loaded("")

    def say(line):
        control.send(json.dumps(line).encode())

    say({"probes": child.listed(asking, request)})
    why = unfit(lambda: child.driver_of(asking, request))
    say({"fit": why})
    if why:
        return
    gc.freeze()
    # It goes on where the dialect makes it unfit, until it is killed: its end would, with words that it has
    # not read, take away what it has said.
    while True:
        data, files, _, _ = socket.recv_fds(control, 65536, 3)
        if not data:
            return
        if data == b"more":
            why = unfit(lambda: dialect(request["scheme"]))
            say({"fit": why})
            gc.freeze()
            continue
        if not files:
            say({})
            continue
        *pipes, word = files

        def ask(said, pipes=pipes):
            return child.ask_in_fork(asking, {**request, **said}, *pipes)

        say({"pid": 0 if why else forked(control, word, ask)})
        for one in files:
            os.close(one)


if __name__ == "__main__":
    main()
