"""uv as a subprocess: what it is told of mirrors, proxies and machines, and what its complaints mean."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from manager.core.locks import MACHINES
from manager.errors import Failed, Unreachable, Unsolved

if TYPE_CHECKING:
    from collections.abc import Callable

    from manager.core.locks import Machine
    from manager.core.reach import Reach

# glibc 2.28 (PEP 600): every base of ours is newer, bullseye with 2.31 is the oldest.
_PLATFORM = "manylinux_2_28"
# No silence longer than two seconds.
_BEAT = 1.9
# The first look at sysconfig, by which uv finds its program, is not safe from two threads at once (CPython 3.11).
_FINDING = threading.Lock()
# How uv's help words what --default-index is where nobody gives it.
_BY_DEFAULT = re.compile(r"default package index \(by default: <(https?://[^>\s]+)>\)")
# How uv begins to say that no choice of versions fits.
_NO_SOLUTION = "No solution found when resolving"
# How uv words it when the index, not the request, is the trouble.
_NO_INDEX = re.compile(
    r"error sending request|dns error|client error \(Connect\)|tcp connect error|timed out|connection (?:refused|reset)"
    r"|HTTP status server error|invalid peer certificate|Network connectivity is disabled"
    r"|HTTP status client error \(4(?:01|03|07|29)|lack of valid authentication credentials|UnknownIssuer"
    r"|unsuccessful tunnel|invalid certificate",
    re.IGNORECASE,
)


def run(words: list[str], folder: Path, what: str, say: Callable[[str], None], reach: Reach) -> None:
    """Run uv in a folder of the caller's; ``say`` hears ``what`` at once, and then how long it takes.

    Raises Failed with uv's reason, Unsolved where no choice of versions fits, Unreachable where no index answers.
    """
    # An interpreter is never fetched: uv needs one only to run itself, and this one does.
    own = {"UV_PYTHON_DOWNLOADS": "never", "UV_NO_PROGRESS": "1", "NO_COLOR": "1"}
    environment = os.environ | own | _environment(reach, folder)
    say(what)
    began = time.monotonic()
    with subprocess.Popen(
        [_program(), *words],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
    ) as process:
        try:
            while True:
                try:
                    error = process.communicate(timeout=_BEAT)[1]
                    break
                except subprocess.TimeoutExpired:
                    say(f"{what}: {time.monotonic() - began:.0f} s")
        except BaseException:
            process.kill()
            raise
    if process.returncode:
        raise _translated(reach.masked(error), what, reach)


def target_of(python: str, machine: Machine) -> list[str]:
    """Give the words by which uv goes by a Python and a machine, and takes wheels alone."""
    words = ["--python-version", python, "--python-platform", f"{machine}-{_PLATFORM}"]
    return [*words, "--python", sys.executable, "--only-binary", ":all:"]


def version() -> str:
    """Give uv's version; raises Failed when uv cannot be run."""
    try:
        answer = subprocess.run([_program(), "--version"], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        raise Failed(
            "uv cannot be run", why=str(error), hint="install it again:  pip install --force-reinstall uv"
        ) from None
    return answer.split()[1]


def answers(reach: Reach, python: str) -> None:
    """Ask the index for pip, as a lock would; raises Unreachable or Failed with uv's reason."""
    with tempfile.TemporaryDirectory(prefix="solvent-index-") as name:
        wanted = Path(name, "requirements.in")
        wanted.write_text("pip\n")
        words = ["pip", "compile", str(wanted), "--no-deps", "--refresh", "--quiet"]
        run(words + target_of(python, MACHINES[0]), Path(name), "asking the package index", lambda _: None, reach)


def default_index() -> str:
    """Give the index that uv asks where nothing names one, as its own help says it; "" where it does not say so."""
    words = [_program(), "help", "pip", "install"]
    said = subprocess.run(words, capture_output=True, text=True, check=False, env=os.environ | {"NO_COLOR": "1"})
    found = _BY_DEFAULT.search(said.stdout)
    return found[1] if found else ""


def _program() -> str:
    from uv import find_uv_bin

    with _FINDING:
        return find_uv_bin()


def _environment(reach: Reach, folder: Path) -> dict[str, str]:
    """Give the variables by which uv is told of the mirrors: the index with its login, proxy, authorities."""
    found = dict(reach.proxy())
    if not found and reach.is_direct(urlsplit(reach.mirrors.python).hostname or ""):
        # What runs beside us is asked directly, whatever proxy the host's own variables name.
        found = dict.fromkeys(("no_proxy", "NO_PROXY"), urlsplit(reach.mirrors.python).hostname or "")
    if reach.mirrors.python:
        found["UV_DEFAULT_INDEX"] = reach.opened("python")
    if reach.bundle:
        (folder / "authorities.pem").write_text(reach.bundle)
        found["SSL_CERT_FILE"] = str(folder / "authorities.pem")
    return found


def _translated(error: str, what: str, reach: Reach) -> Failed | Unreachable:
    """Give uv's reason without a user name or password that an index address may carry."""
    why = re.sub(r"(?<=://)[^/@\s]+@", "", error).strip()
    if _NO_INDEX.search(why):
        return Unreachable(
            f"{what}: the package index does not answer",
            why=why,
            hint="see  mirror.python, mirror.ca_bundle  and  mirror.credentials.python  in  solvent config show"
            if reach.mirrors.python
            else "name it with  python  and  ca_bundle  in [mirror], or for uv:  UV_DEFAULT_INDEX, SSL_CERT_FILE",
        )
    kind = Unsolved if _NO_SOLUTION in why else Failed
    return kind(f"{what}: uv found no way", why=why, hint="loosen or move what the reason names, then lock again")
