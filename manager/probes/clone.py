"""Runs inside a sandbox of a release, as its user, with the system's Python: fills a workspace with a git clone.

Standard input is one JSON object; nothing of it is written anywhere but into the file system in memory:

    workspace  the folder to fill
    url, ref   the repository, and a branch, tag or commit of it ("" for its default branch)
    user, password   what its server asks for; both "" where it asks for nothing
    environment, authorities   the proxy's variables, and PEM certificates to trust instead of the system's own
    hidden     what must not be repeated
    seconds    how long the clone may take

A workspace that is this clone already is left as it is; one with other files is left as well, and refused. The
clone is made beside the files and moved to its place once it is whole, ``.git`` last: whatever stops this, the next
run goes on, and a workspace with a ``.git`` is complete.

Standard output is JSON lines: {"say": ...} at least every second, and at the end {"outcome": "cloned" | "same" |
"other" | "failed", "reason": ..., "branch": ..., "commit": ...}.
"""

from __future__ import annotations

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

MEMORY = Path("/run/solvent")
# What a workspace may hold and still count as empty: pip's place, and what a file system brings along.
_INSTALLED = ".solvent"
_OURS = {_INSTALLED, "lost+found"}
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


class _End(Exception):
    """How it ended: an outcome, and its reason."""

    def __init__(self, outcome, reason=""):
        super().__init__(reason)
        self.outcome, self.reason = outcome, reason


class Clone:
    """One clone: where it is made, where it goes, and what git is told."""

    def __init__(self, asked, memory=MEMORY):
        self.url, self.ref = asked["url"], asked["ref"]
        self.workspace = Path(asked["workspace"])
        self.begun, self.whole = self.workspace / ".solvent-clone", self.workspace / ".solvent-cloned"
        self.until = time.monotonic() + asked["seconds"]
        self.secrets = [text for text in asked["hidden"] if text]
        self.environment = {**os.environ, **asked["environment"], "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C.UTF-8"}
        # A server that says nothing for a minute is given up.
        self.options = ["-c", "credential.helper=", "-c", "http.lowSpeedLimit=1", "-c", "http.lowSpeedTime=60"]
        if asked["authorities"]:
            self.environment["GIT_SSL_CAINFO"] = str(_keep(memory / "authorities.pem", asked["authorities"]))
        if asked["password"]:
            # Asked for by git, and given to this server alone: no redirection takes it anywhere else.
            answer = memory / "git-credential"
            _keep(answer, f"username={asked['user']}\npassword={asked['password']}\n")
            server = re.match(r"[a-z]+://[^/]+", self.url)[0]
            self.options += ["-c", f"credential.{server}.helper=!f() {{ test $1 = get && cat '{answer}'; }}; f"]

    def run(self):
        """Give how it ended as an object of the last line."""
        try:
            if self.whole.exists():
                self._move()
            self._look()
            _remove(self.begun)
            try:
                self._clone()
            except BaseException:
                _remove(self.begun)
                raise
            self.begun.rename(self.whole)
            self._move()
            outcome, reason = "cloned", ""
        except _End as end:
            outcome, reason = end.outcome, end.reason
        return {"outcome": outcome, "reason": reason, **self._where()}

    def _look(self):
        """End for a workspace that is this clone, or holds anything else."""
        if (self.workspace / ".git").exists():
            origin = self._ask(self.workspace, "config", "--get", "remote.origin.url")
            if _plain(origin) == _plain(self.url):
                raise _End("same")
            raise _End("other", f"it is a git repository of {_without_user(origin) or 'its own'}")
        others = self._others()
        if others:
            raise _End("other", "it holds " + ", ".join(others[:3]) + (" and more" if len(others) > 3 else ""))

    def _others(self):
        ours = {*_OURS, self.begun.name, self.whole.name}
        return sorted(path.name for path in self.workspace.iterdir() if path.name not in ours)

    def _clone(self):
        self._git("clone", "--progress", "--no-checkout", "--", self.url, str(self.begun))
        here = ["-C", str(self.begun)]
        if self.ref:
            branch = f"refs/remotes/origin/{self.ref}"
            if self._ask(self.begun, "rev-parse", "--verify", "--quiet", branch):
                self._git(*here, "checkout", "--progress", "-B", self.ref, "--track", f"origin/{self.ref}")
            elif commit := self._ask(self.begun, "rev-parse", "--verify", "--quiet", f"{self.ref}^{{commit}}"):
                self._git(*here, "checkout", "--progress", "--detach", commit)
            else:
                raise _End("failed", f"the repository has no branch, tag or commit {self.ref}")
        elif self._ask(self.begun, "rev-parse", "--verify", "--quiet", "HEAD"):
            self._git(*here, "checkout", "--progress", "HEAD")
        if os.path.lexists(self.begun / _INSTALLED):
            # Its programs and .pth files would run at the environment's start, beside the connections' secrets.
            raise _End("failed", f"the repository has a folder {_INSTALLED} of its own, where pip's packages belong")
        # pip's place lies in the workspace and is no part of the repository.
        with (self.begun / ".git" / "info" / "exclude").open("a", encoding="utf-8") as file:
            file.write(f"/{_INSTALLED}/\n")

    def _move(self):
        """Move the whole clone to its place, .git last; nothing that is there is written over."""
        entries = sorted(self.whole.iterdir(), key=lambda path: path.name == ".git")
        taken = [path.name for path in entries if os.path.lexists(self.workspace / path.name)]
        if taken:
            _remove(self.whole)
            raise _End("other", f"it holds {', '.join(taken[:3])}, as the repository does")
        for path in entries:
            path.rename(self.workspace / path.name)
        self.whole.rmdir()

    def _git(self, *words):
        """Run git and say what it says, once a second at most, and at least; end with its reason when it fails."""
        process = subprocess.Popen(
            ["git", *self.options, *words], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE, env=self.environment, start_new_session=True,
        )  # fmt: skip
        try:
            tail = self._told(process)
        except BaseException:
            # With the programs that git has started for itself.
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            raise
        if process.wait():
            raise _End("failed", self._clean(_reason(tail)) or f"git ended with {process.returncode}")

    def _told(self, process):
        """Give the last lines that git says, once it has said them all."""
        lines = queue.SimpleQueue()
        threading.Thread(target=_read, args=(process.stderr, lines), daemon=True).start()
        last, said, tail = "git", 0.0, []
        while True:
            now = time.monotonic()
            if now > self.until:
                raise _End("failed", "it takes longer than it may")
            if now - said >= 1:
                say(self._clean(last))
                said = now
            try:
                line = lines.get(timeout=0.2)
            except queue.Empty:
                continue
            if line is None:
                return tail
            last = line
            tail = [*tail[-19:], line]

    def _ask(self, where, *words):
        done = subprocess.run(
            ["git", "-C", str(where), *words], capture_output=True, text=True, errors="replace", check=False
        )
        return done.stdout.strip() if done.returncode == 0 else ""

    def _where(self):
        if not (self.workspace / ".git").exists():
            return {"branch": "", "commit": ""}
        branch = self._ask(self.workspace, "symbolic-ref", "--short", "--quiet", "HEAD")
        return {"branch": branch, "commit": self._ask(self.workspace, "rev-parse", "--verify", "--quiet", "HEAD")}

    def _clean(self, text):
        for secret in self.secrets:
            text = text.replace(secret, "********")
        return _CONTROL.sub(" ", text).strip()[:500]


def _remove(folder):
    """Remove a folder; a program that was killed a moment ago may still write its last file into it."""
    for _ in range(10):
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return
        time.sleep(0.1)


def _keep(path, text):
    """Write a file that only the user can read; give its path."""
    descriptor = os.open(path, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def _read(stream, lines):
    """Hand on each line; git ends its progress with a carriage return, which text mode takes for one."""
    with open(stream.fileno(), encoding="utf-8", errors="replace", closefd=False) as text:
        for line in text:
            if line.strip():
                lines.put(line.strip())
    lines.put(None)


def _reason(tail):
    """Give what git complains about, without its progress."""
    told = [line for line in tail if line.startswith(("fatal: ", "error: ", "remote: "))]
    return "; ".join(re.sub(r"^(?:fatal|error): ", "", line) for line in dict.fromkeys(told[-4:] or tail[-2:]))


def _plain(url):
    found = re.match(r"([a-z+]+)://(?:[^@/]*@)?([^/]+)(/.*)", url)
    if not found:
        return url
    return found[1], found[2].lower(), found[3].rstrip("/").removesuffix(".git")


def _without_user(url):
    return re.sub(r"(?<=://)[^@/]*@", "", url)


def say(line):
    """Say how far it is."""
    print(json.dumps({"say": line}), flush=True)


if __name__ == "__main__":
    # Stopped by a person: what was begun is taken away on the way out.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    print(json.dumps(Clone(json.load(sys.stdin)).run()), flush=True)
