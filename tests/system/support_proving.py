"""What proofs are tried on: images of a good one with something wrong, and what their pages say to a browser."""

from __future__ import annotations

import secrets
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

from manager.app.proving.container import running
from manager.app.proving.page import browser, met
from tests.system.world import docker

if TYPE_CHECKING:
    from collections.abc import Iterator

    from manager.app.manager import Manager
    from manager.core.catalog import Family
    from manager.core.evidence import Result


@contextmanager
def derived(manager: Manager, digest: str, lines: str) -> Iterator[str]:
    """Make an image of another one and some lines of a Dockerfile, for a while; give its digest."""
    reference = f"{manager.names.realm}/derived:{secrets.token_hex(4)}"
    words = ["docker", "build", "--quiet", "--force-rm", "--network=none", "--tag", reference, "-"]
    text = f"FROM {digest}\n{lines}\n"
    done = subprocess.run(words, input=text, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    try:
        yield done.stdout.strip()
    finally:
        docker("rmi", reference, check=False)


def spoilt(command: str) -> str:
    """Give the lines of a Dockerfile that run a shell command as root."""
    return f"USER 0\nRUN {command}\nUSER 1000:1000"


def page_of(manager: Manager, digest: str, family: Family) -> tuple[dict[str, Result], str]:
    """Meet the page of an image; give the answers by probe, and the credential that it asks for."""
    with running(manager, digest, family, manager.names.labels("sandbox")) as subject:
        found = met(manager, subject, browser(manager, subject))
        return {one.probe: one for one in found}, subject.credential
