"""Starting Docker's daemon: by systemd where it runs, otherwise in the background, over what a killed one left."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from manager.errors import Failed
from manager.processes import run as run_program
from manager.world.host.answering import DEFAULT_ADDRESS, ping

if TYPE_CHECKING:
    from collections.abc import Callable

    from manager.processes import Finished

# What the daemon is given of our environment: it lives long, and secrets for us are none of its business.
_KEPT = ("PATH", "HOME", "LANG", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR", "DOCKER_RAMDISK")
_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@dataclass(frozen=True, slots=True)
class EnginePlace:
    """Where a daemon runs; the fields but ``log`` are Docker's own defaults.

    ``containerd`` is the socket of a containerd that belongs to the system, which dockerd uses when the file is
    there; ``options`` are further words for dockerd, ``prefix`` words before it (``unshare --net --mount``).
    ``systemd`` is the folder that says that systemd runs (sd_booted(3)).
    """

    log: Path
    address: str = DEFAULT_ADDRESS
    exec_root: Path = Path("/var/run/docker")
    pidfile: Path = Path("/var/run/docker.pid")
    containerd: Path = Path("/run/containerd/containerd.sock")
    options: tuple[str, ...] = ()
    prefix: tuple[str, ...] = ()
    systemd: Path = Path("/run/systemd/system")


def start_engine(
    place: EnginePlace,
    say: Callable[[str], None],
    *,
    timeout: float = 60,
    run: Callable[..., Finished] = run_program,
) -> int:
    """Start a daemon at a place and wait until it answers; give its process id.

    One that answers is left alone, one that is still starting is waited for. Raises Failed with the last lines
    of the daemon's log when it ends or does not answer within ``timeout`` seconds; then one that we started is
    ended again.
    """
    if ping(place.address) == "answers":
        return _daemon(place.pidfile) or 0
    if place.systemd.is_dir():
        ended = run(("systemctl", "start", "docker.service"), say, timeout=timeout, note="starting docker")
        if ended.code:
            hint = "journalctl -u docker.service -n 50"
            raise Failed("systemd could not start docker", why=ended.why, hint=hint)
        return _wait(place, say, timeout, None)
    if _daemon(place.pidfile):
        say("a daemon is starting already")
        return _wait(place, say, timeout, None)
    for left in clear_leftovers(place):
        say(f"removed what a killed engine left behind: {left}")
    say(f"starting dockerd, its log is {place.log}")
    process = _launch(place)
    try:
        return _wait(place, say, timeout, process)
    except BaseException:
        with suppress(ProcessLookupError, subprocess.TimeoutExpired):
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=15)
        raise


def clear_leftovers(place: EnginePlace) -> tuple[Path, ...]:
    """Remove the files of processes that are gone, which would keep a new daemon from starting; name them.

    dockerd believes any living process whose number is in a pid file, and it waits for a containerd whose
    socket is there although nobody listens.
    """
    own = place.exec_root / "containerd"
    gone = []
    if place.pidfile.exists() and not _daemon(place.pidfile):
        gone.append(place.pidfile)
    pidfile = own / "containerd.pid"
    if pidfile.exists() and not _running(pidfile, "containerd"):
        gone.append(pidfile)
    sockets = (own / "containerd.sock", own / "containerd-debug.sock", place.containerd)
    gone += [path for path in sockets if path.is_socket() and not _listens(path)]
    for path in gone:
        path.unlink(missing_ok=True)
    return tuple(gone)


def _launch(place: EnginePlace) -> subprocess.Popen[bytes]:
    place.log.parent.mkdir(parents=True, exist_ok=True)
    flags: tuple[str, ...] = ()
    defaults = EnginePlace(place.log)
    if place.address != defaults.address:
        flags += (f"--host={place.address}",)
    if place.exec_root != defaults.exec_root:
        flags += (f"--exec-root={place.exec_root}",)
    if place.pidfile != defaults.pidfile:
        flags += (f"--pidfile={place.pidfile}",)
    named = {*_KEPT, *_PROXIES, *(name.lower() for name in _PROXIES)}
    environment = {"PATH": _PATH} | {name: text for name, text in os.environ.items() if name in named}
    with place.log.open("wb") as log:
        try:
            return subprocess.Popen(
                (*place.prefix, "dockerd", *flags, *place.options),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=environment,
                cwd="/",
                # Its own session: it outlives us and the terminal.
                start_new_session=True,
            )
        except FileNotFoundError as error:
            hint = "apt-get install docker.io"
            raise Failed("dockerd is not installed", why=str(error), hint=hint) from error


def _wait(
    place: EnginePlace, say: Callable[[str], None], timeout: float, process: subprocess.Popen[bytes] | None
) -> int:
    began = time.monotonic()
    pause = 0.1
    while ping(place.address, timeout=1.5) != "answers":
        spent = time.monotonic() - began
        if process and process.poll() is not None:
            raise Failed("dockerd ended while it started", why=_tail(place.log), hint=f"its log is {place.log}")
        if spent > timeout:
            message = f"the engine does not answer at {place.address} after {spent:.0f} s"
            raise Failed(message, why=_tail(place.log), hint=f"its log is {place.log}")
        say(f"waiting for the engine: {spent:.0f} s")
        time.sleep(pause)
        pause = min(pause * 1.5, 1.5)
    return _daemon(place.pidfile) or (process.pid if process else 0)


def _daemon(pidfile: Path) -> int | None:
    return _running(pidfile, "dockerd")


def _running(pidfile: Path, name: str) -> int | None:
    """Give the number in a pid file when it is a living process of that name, not a stranger or a zombie."""
    try:
        number = int(pidfile.read_text().strip())
        stat = Path(f"/proc/{number}/stat").read_text()
    except (OSError, ValueError):
        return None
    # proc(5): the name stands in parentheses and may itself hold some; the state follows.
    command, _, rest = stat.partition("(")[2].rpartition(")")
    return number if command == name and rest.split()[0] != "Z" else None


def _listens(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(1)
        try:
            probe.connect(str(path))
        except ConnectionRefusedError:
            return False
        except OSError:
            return True
        return True


def _tail(log: Path, lines: int = 15) -> str:
    try:
        return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
    except OSError:
        return ""
