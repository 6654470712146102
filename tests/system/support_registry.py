"""Debian's registry as a bank would run it: TLS by an authority of its own, and one login."""

from __future__ import annotations

import shutil
import socket
import subprocess
import threading
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING

from tests.system.support_mirror import certificates, run

if TYPE_CHECKING:
    from pathlib import Path

# For crypt(3) and Go's bcrypt alike; the salt is no secret of anybody's.
_BCRYPT = "print crypt($ARGV[0], q($2b$05$abcdefghijklmnopqrstuu))"


def program(folder: Path) -> str:
    """Give the registry; it is taken out of its package, because installing it would start a service."""
    if found := shutil.which("docker-registry"):
        return found
    get = ("apt-get", "download", "-q", "docker-registry")
    if subprocess.run(get, cwd=folder, capture_output=True, check=False).returncode:
        run("apt-get", "update", "-q")
        run(*get, cwd=folder)
    (package,) = folder.glob("*.deb")
    run("dpkg-deb", "-x", str(package), str(folder))
    return str(folder / "usr/bin/docker-registry")


def serving(words: tuple[str, ...], log: IO[bytes]) -> subprocess.Popen[bytes]:
    """Start a registry that notes its requests in ``log``; returns when it listens."""
    served = subprocess.Popen(words, stdout=log, stderr=subprocess.PIPE)
    assert served.stderr
    assert any(b"listening on" in line for line in served.stderr)
    # A pipe that nobody reads would hold the registry up.
    threading.Thread(target=served.stderr.read, daemon=True).start()
    return served


@dataclass
class Registry:
    """A registry at an address that is not on the loopback, where Docker would ask for no certificate."""

    program: str
    folder: Path
    host: str
    password: str
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def __post_init__(self) -> None:
        certificates(self.folder, (self.host.partition(":")[0],))
        secret = run("perl", "-e", _BCRYPT, "--", self.password).stdout
        (self.folder / "htpasswd").write_text(f"ana:{secret}\n")
        (self.folder / "config.yml").write_text(
            f"version: 0.1\nstorage: {{filesystem: {{rootdirectory: {self.folder}/data}}}}\n"
            f"auth: {{htpasswd: {{realm: test, path: {self.folder}/htpasswd}}}}\n"
            f"http: {{addr: '{self.host}', tls: {{certificate: {self.folder}/server.crt, "
            f"key: {self.folder}/server.key}}}}\n"
        )

    @property
    def table(self) -> str:
        """Give the table ``[mirror]`` that names it, with its authority and its login in a variable."""
        return (
            f'[mirror]\nbuilds = "{self.host}/solvent"\nca_bundle = "{self.folder}/ca.pem"\n'
            '[mirror.credentials]\nbuilds = "env:BUILDS_LOGIN"\n'
        )

    @property
    def requests(self) -> str:
        """Give the log of requests."""
        return (self.folder / "log").read_text()

    def start(self) -> None:
        """Serve until it is stopped; returns when it listens."""
        words = (self.program, "serve", str(self.folder / "config.yml"))
        with (self.folder / "log").open("ab") as log:
            self.running.append(serving(words, log))

    def stop(self) -> None:
        """Be silent."""
        for one in self.running:
            one.kill()
            one.wait()
        self.running.clear()


def address() -> str:
    """Give an address of this machine beside the loopback, with a port that is free; nothing is sent to find it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
        # Documentation addresses (RFC 5737): no host of anybody's.
        asked.connect(("198.51.100.1", 9))
        host = asked.getsockname()[0]
    assert not host.startswith("127."), "this machine has no address beside the loopback"
    with socket.socket() as free:
        free.bind((host, 0))
        return f"{host}:{free.getsockname()[1]}"
