"""A real git server in this process: ``git http-backend`` behind HTTP, public or behind basic authentication."""

from __future__ import annotations

import base64
import os
import subprocess
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_ME = ("-c", "user.name=Ana", "-c", "user.email=ana@example.org", "-c", "init.defaultBranch=main")


def git(folder: Path, *words: str) -> str:
    """Run git in a folder; give what it printed."""
    done = subprocess.run(("git", *_ME, *words), cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def repository(folder: Path, files: dict[str, str]) -> Path:
    """Make a bare repository ``work.git`` with one commit on ``main``, the tag ``v1``, and a branch ``topic``."""
    source = folder / "source"
    source.mkdir(parents=True)
    git(source, "init", "-q")
    for name, text in files.items():
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_text(text)
    git(source, "add", "-A")
    git(source, "commit", "-q", "-m", "first")
    git(source, "tag", "v1")
    git(source, "checkout", "-q", "-b", "topic")
    (source / "topic.txt").write_text("on the branch\n")
    git(source, "add", "-A")
    git(source, "commit", "-q", "-m", "topic")
    git(source, "checkout", "-q", "main")
    bare = folder / "work.git"
    git(folder, "clone", "-q", "--bare", "source", str(bare))
    return bare


@dataclass
class GitServer:
    """A running server: its port, and what was asked of it (path, Authorization)."""

    port: int
    asked: list[tuple[str, str]] = field(default_factory=list)


@contextmanager
def serving(folder: Path, *, login: str = "", address: str = "127.0.0.1") -> Iterator[GitServer]:
    """Serve the repositories of a folder; ``login`` is ``user:password`` of a private server."""
    wanted = f"Basic {base64.b64encode(login.encode()).decode()}" if login else ""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer()

        def do_POST(self) -> None:
            self._answer()

        def log_message(self, *_: object) -> None:
            pass

        def _answer(self) -> None:
            given = self.headers.get("Authorization", "")
            made.asked.append((self.path, given))
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if given != wanted:
                self.send_response(401)
                self.send_header("WWW-Authenticate", 'Basic realm="git"')
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            path, _, query = self.path.partition("?")
            variables = {
                "GIT_PROJECT_ROOT": str(folder), "GIT_HTTP_EXPORT_ALL": "1", "PATH_INFO": path, "QUERY_STRING": query,
                "REQUEST_METHOD": self.command, "CONTENT_TYPE": self.headers.get("Content-Type", ""),
                "CONTENT_LENGTH": str(len(body)), "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
                "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""), "REMOTE_ADDR": "127.0.0.1",
                # The folder belongs to whoever runs the tests, the process may be somebody else's child.
                "GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "safe.directory", "GIT_CONFIG_VALUE_0": "*",
            }  # fmt: skip
            done = subprocess.run(
                ("git", "http-backend"), input=body, capture_output=True, check=False, env=os.environ | variables
            )
            head, _, content = done.stdout.partition(b"\r\n\r\n")
            lines = [line.split(": ", 1) for line in head.decode().split("\r\n") if ": " in line]
            status = next((value for name, value in lines if name == "Status"), "200 OK")
            self.send_response(int(status.split()[0]))
            for name, value in lines:
                if name != "Status":
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    server = ThreadingHTTPServer((address, 0), Handler)
    made = GitServer(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
