"""Runs inside a container, as its user, with the system's Python: is it hardened, and does it hold the lock?

Standard input is one JSON object; what is left out is not asked:

    uid        the user that everything runs as
    port       where the IDE has to listen, on every interface: published ports come from outside
    volumes    folders that are mounts of their own, and the user's to write
    secrets    paths of files on the secret file system; what they hold must be found nowhere else
    scan       folders to look for it in
    health     the command of the image's health check

Standard output is a JSON line for each probe: {"id", "outcome", "reason", "seconds", "measures"}.
"""

from __future__ import annotations

import errno
import json
import os
import stat
import subprocess
import sys
import time
from pathlib import Path

SECRETS = "/run/solvent"
TEMPORARY = "/tmp"  # noqa: S108
SCANNED = ("/dev/shm", "/etc", "/home", "/run", TEMPORARY, "/var", "/workspace")  # noqa: S108
PROC = Path("/proc")
_BLOCK = 1 << 20
# Seconds that an engine takes at most to bring a command into a container, on a machine that does much else.
_ENTERING = 60
# The same for the health check, which answers within milliseconds where nothing else runs.
_CHECKING = 60


class _Wrong(Exception):
    """The answer of a probe is no, and why."""


def say(identity, probe, *arguments):
    """Ask one probe and print its line; a probe gives its measures, or raises _Wrong with the reason."""
    began = time.monotonic()
    outcome, reason, measures = "pass", "", {}
    try:
        measures = probe(*arguments) or {}
    except _Wrong as wrong:
        outcome, reason = "fail", str(wrong)
    except Exception as error:
        outcome, reason = "error", f"{type(error).__name__}: {error}"
    line = {"id": identity, "outcome": outcome, "reason": reason}
    print(json.dumps({**line, "seconds": round(time.monotonic() - began, 3), "measures": measures}), flush=True)


def _read(path):
    return Path(path).read_bytes()


def _processes():
    """Give (id, fields of status) of each process that lives while it is read.

    What the engine brings in to run another command is root until it is that command; it is waited for, and what
    stays so named is given as it is.
    """
    for path in PROC.glob("[0-9]*/status"):
        until = time.monotonic() + _ENTERING
        while fields := _status(path):
            if not fields["Name"].startswith("runc:[") or time.monotonic() > until:
                yield path.parent.name, fields
                break
            time.sleep(0.02)


def _status(path):
    """Give the fields of a process's status; none once it is gone."""
    try:
        lines = _read(path).decode().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return {}
    return dict(line.split(":\t", 1) for line in lines if ":\t" in line)


def capabilities():
    """No process holds a capability, or could get one."""
    count = 0
    for number, fields in _processes():
        count += 1
        for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
            if int(fields[name], 16):
                raise _Wrong(f"process {number} ({fields['Name']}) has {name} {fields[name]}")
    return {"processes": count}


def privileges():
    """No process may gain privileges from a program that it runs."""
    for number, fields in _processes():
        if fields["NoNewPrivs"] != "1":
            raise _Wrong(f"process {number} ({fields['Name']}) may gain new privileges")


def user(uid):
    """Every process runs as the expected user, who has a name and a home that is the user's own."""
    import pwd

    for number, fields in _processes():
        if set(fields["Uid"].split()) != {str(uid)}:
            raise _Wrong(f"process {number} ({fields['Name']}) runs as user {fields['Uid'].split()[0]}")
    if uid == 0:
        raise _Wrong("the user is root")
    home = pwd.getpwuid(uid).pw_dir
    if not os.access(home, os.W_OK):
        raise _Wrong(f"the home {home} cannot be written")


def root():
    """A write to the root file system fails, and for that reason alone."""
    for folder in ("/", "/etc", "/opt/solvent"):
        path = Path(folder, f"solvent-probe-{os.getpid()}")
        try:
            path.touch()
        except FileNotFoundError:
            continue
        except OSError as error:
            # The kernel looks at the file system before it looks at permissions.
            if error.errno != errno.EROFS:
                raise _Wrong(f"{folder} refuses a write as {error.strerror}, not because it is read-only") from None
        else:
            path.unlink()
            raise _Wrong(f"{folder} of the root file system can be written")


def _mounts():
    """Give what is mounted: the kind of the file system and its options, by place."""
    lines = _read(PROC / "mounts").decode().splitlines()
    return {at: (kind, options.split(",")) for _, at, kind, options, *_ in map(str.split, lines)}


def temporary():
    """The place for temporary files is in memory, and executes programs: compilers and installers need it."""
    if _mounts().get(TEMPORARY, ("", []))[0] != "tmpfs":
        raise _Wrong(f"{TEMPORARY} is not a file system in memory")
    path = Path(TEMPORARY, f"solvent-probe-{os.getpid()}")
    try:
        path.write_text("#!/bin/sh\nexit 7\n")
        path.chmod(0o700)
        try:
            code = subprocess.run([path], check=False).returncode
        except PermissionError:
            raise _Wrong(f"{TEMPORARY} does not let programs be executed") from None
        if code != 7:
            raise _Wrong(f"a program in {TEMPORARY} ended with {code} instead of 7")
    finally:
        path.unlink(missing_ok=True)


def private(uid):
    """The secret file system is in memory, not executable, and open to the user alone."""
    kind, options = _mounts().get(SECRETS, ("", []))
    if kind != "tmpfs":
        raise _Wrong(f"{SECRETS} is not a file system in memory")
    if "noexec" not in options:
        raise _Wrong(f"programs in {SECRETS} can be executed")
    found = Path(SECRETS).stat()
    if stat.S_IMODE(found.st_mode) != 0o700 or found.st_uid != uid:
        raise _Wrong(f"{SECRETS} has mode {stat.S_IMODE(found.st_mode):04o} and belongs to {found.st_uid}")


# The control groups' files, version 2 and then version 1.
_LIMITS = {
    "memory": ("memory.max", "memory/memory.limit_in_bytes"),
    "pids": ("pids.max", "pids/pids.max"),
    "cpu": ("cpu.max", "cpu/cpu.cfs_quota_us"),
}


def limit(kind):
    """There is a limit."""
    for name in _LIMITS[kind]:
        path = Path("/sys/fs/cgroup", name)
        if path.exists():
            value = _read(path).decode().split()[0]
            # No limit: "max", -1 of the CPU's quota, or the largest page-aligned number of version 1.
            if value == "max" or int(value) < 0 or int(value) >= 1 << 60:
                raise _Wrong(f"there is no limit for {kind}")
            return {kind: int(value)}
    raise OSError(f"no control group file for {kind}")


def listens(port):
    """The server listens on every interface, not on the loopback alone."""
    seen = set()
    for name in ("tcp", "tcp6"):
        for line in _read(PROC / "net" / name).decode().splitlines()[1:]:
            place, state = line.split()[1], line.split()[3]
            address, _, number = place.partition(":")
            # State 0A is LISTEN (include/net/tcp_states.h); addresses and ports are hexadecimal.
            if state == "0A" and int(number, 16) == port:
                seen.add(int(address, 16))
    if not seen:
        raise _Wrong(f"nothing listens on port {port}")
    if 0 not in seen:
        raise _Wrong(f"port {port} is open on the loopback alone")


def volume(path):
    """A folder is a mount of its own that the user can write: it outlives the container."""
    kind, _ = _mounts().get(path, ("", []))
    if not kind:
        raise _Wrong(f"{path} is part of the image")
    if kind == "tmpfs":
        raise _Wrong(f"{path} is in memory, and goes with the container")
    if not os.access(path, os.W_OK):
        raise _Wrong(f"{path} cannot be written")


def leaks(secrets, folders):
    """What the secret files hold stands in no other file, no argument and no environment of a process."""
    values = {path: _read(path).strip() for path in secrets}
    short = [path for path, value in values.items() if len(value) < 8]
    if short:
        raise ValueError(f"too short to be looked for: {', '.join(short)}")
    seen = 0
    files = [path for folder in folders for path in _files(folder)]
    for path in [*files, *PROC.glob("[0-9]*/environ"), *PROC.glob("[0-9]*/cmdline")]:
        try:
            held = _holds(path, values)
        except OSError:
            continue
        seen += 1
        if held:
            raise _Wrong(f"{path} holds what {held} holds")
    return {"files": seen}


def _files(folder):
    for parent, below, names in os.walk(folder):
        below[:] = [name for name in below if f"{parent}/{name}" != SECRETS]
        for path in (Path(parent, name) for name in names):
            if stat.S_ISREG(path.lstat().st_mode):
                yield path


def _holds(path, values):
    """Give the secret file whose content stands in a file, read by blocks that overlap."""
    overlap = max(map(len, values.values()))
    with Path(path).open("rb") as file:
        last = b""
        while block := file.read(_BLOCK):
            text = last + block
            for name, value in values.items():
                if value in text:
                    return name
            last = text[-overlap:]
    return ""


def health(command):
    """The health check says that the container is well."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_CHECKING, check=False)
    except FileNotFoundError:
        raise _Wrong(f"there is no {command[0]}") from None
    if done.returncode:
        raise _Wrong(f"{command[0]} ended with {done.returncode}: {done.stderr.strip()[-200:]}")


def run(asked):
    """Ask every probe that the input names."""
    say("inside.capabilities", capabilities)
    say("inside.privileges", privileges)
    say("inside.root", root)
    say("inside.temporary", temporary)
    for kind in _LIMITS:
        say(f"inside.limit-{kind}", limit, kind)
    if "uid" in asked:
        say("inside.user", user, asked["uid"])
        say("inside.private", private, asked["uid"])
    if "port" in asked:
        say("inside.listens", listens, asked["port"])
    for path in asked.get("volumes", []):
        say(f"inside.volume-{path}", volume, path)
    if asked.get("secrets"):
        say("inside.leaks", leaks, asked["secrets"], asked.get("scan", SCANNED))
    if asked.get("health"):
        say("inside.health", health, asked["health"])


if __name__ == "__main__":
    run(json.load(sys.stdin))
