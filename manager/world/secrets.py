"""Secrets where people keep them: the environment, files, the keyring, commands.

Errors name the reference and never the value; no exception here has another one with the value as its cause.
"""

from __future__ import annotations

import os
import re
import selectors
import shlex
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from manager.core.secrets import Secret, parse_reference
from manager.errors import Failed, UsageError
from manager.whole_files import write_private

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

    from manager.core.secrets import Reference

SERVICE = "solvent"
# A secret is a line or a key file, not a data set.
_LARGEST = 64 * 1024
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")


def resolve(reference: str, *, timeout: float = 20.0) -> Secret:
    """Give the secret that a reference stands for.

    One newline at the end of a file or of a command's output does not count. ``timeout`` is in seconds, for
    commands, which run without a shell. Raises UsageError for what is not there, Failed for what cannot be read.
    """
    parsed = parse_reference(reference)
    if parsed.kind == "env":
        value = _from_environment(parsed)
    elif parsed.kind == "file":
        value = _from_file(parsed)
    elif parsed.kind == "keyring":
        value = _from_keyring(parsed)
    else:
        value = _from_command(parsed, timeout)
    if not value:
        raise UsageError(f"the secret {parsed} is empty", hint=f"put a value where {parsed} points")
    if "\0" in value:
        raise Failed(f"the secret {parsed} contains a NUL character, which no driver takes")
    return Secret(value)


def keep(name: str, value: Secret, folder: Path) -> str:
    """Put a secret that was given in clear into the keyring, or else into a file below ``folder``.

    ``name`` is unique for the person (``warehouse.password``). The file has mode 0600, its folder 0700. Gives the
    reference; raises Failed when neither place takes it.
    """
    if not _NAME.fullmatch(name):
        raise UsageError(f"a secret cannot be kept under the name {name!r}")
    backend = _backend()
    if backend is not None:
        # A keyring may be locked, or lose what it is told: believe it only when it gives the value back.
        with suppress(Exception):
            backend.set_password(SERVICE, name, value.reveal())
            if backend.get_password(SERVICE, name) == value.reveal():
                return f"keyring:{SERVICE}/{name}"
    path = folder.absolute() / "secrets" / name
    reason = ""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.parent.chmod(0o700)
        write_private(path, value.reveal())
    except OSError as error:
        reason = error.strerror or "it cannot be written"
    except UnicodeEncodeError:
        reason = "it is not valid text"
    if reason:
        raise Failed(f"the secret {name} cannot be kept in {path}", why=reason)
    return f"file:{path}"


def forget(reference: str, folder: Path) -> None:
    """Delete a secret that :func:`keep` kept; what lies anywhere else belongs to the person and stays."""
    parsed = parse_reference(reference)
    if parsed.kind == "keyring" and parsed.target.startswith(f"{SERVICE}/"):
        backend = _backend()
        if backend is not None:
            with suppress(Exception):
                backend.delete_password(SERVICE, parsed.target.removeprefix(f"{SERVICE}/"))
    elif parsed.kind == "file" and Path(parsed.target).parent == folder.absolute() / "secrets":
        Path(parsed.target).unlink(missing_ok=True)


def _from_environment(reference: Reference) -> str:
    value = os.environ.get(reference.target)
    if value is None:
        raise UsageError(
            f"the secret {reference} is not there",
            why=f"the environment variable {reference.target} is not set",
            hint=f"read -rs {reference.target} && export {reference.target}",
        )
    return value


def _from_file(reference: Reference) -> str:
    path = Path(reference.target).expanduser()
    if not path.is_absolute():
        raise UsageError(f"the path of the secret {reference} is not absolute", hint=f"file:{path.absolute()}")
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST + 1)
    except OSError as error:
        reason = error.strerror or "it cannot be read"
    else:
        return _text(content, reference)
    raise UsageError(f"the secret {reference} cannot be read", why=reason)


def _from_keyring(reference: Reference) -> str:
    service, _, user = reference.target.rpartition("/")
    backend = _backend()
    if backend is None:
        raise UsageError(
            f"the secret {reference} cannot be read",
            why="no keyring answers on this machine",
            hint="refer to it as env:, file: or exec: instead",
        )
    reason, value = "", None
    # Each backend has errors of its own.
    try:
        value = backend.get_password(service, user)
    except Exception as error:
        reason = f"the keyring says {type(error).__name__}"
    if reason:
        raise Failed(f"the secret {reference} cannot be read", why=reason)
    if value is None:
        raise UsageError(
            f"the secret {reference} is not there", hint=f"keyring set {shlex.quote(service)} {shlex.quote(user)}"
        )
    return value


def _from_command(reference: Reference, timeout: float) -> str:
    try:
        words = shlex.split(reference.target)
    except ValueError as error:
        raise UsageError(f"the command of {reference} cannot be read", why=str(error)) from None
    try:
        # A session of its own, so that whatever the command started ends with it.
        process = subprocess.Popen(
            words,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError as error:
        raise UsageError(f"the command of {reference} cannot be run", why=error.strerror or "") from None
    late, content = False, b""
    try:
        content = _printed(process, time.monotonic() + timeout)
    except TimeoutError:
        late = True
    finally:
        # The group outlives its leader when the command left children behind.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        if process.stdout is not None:
            process.stdout.close()
    if late:
        raise Failed(f"the command of {reference} gave no answer within {timeout:g} s")
    # One that prints without end was killed, so its exit code says nothing.
    if process.returncode and len(content) <= _LARGEST:
        raise Failed(
            f"the command of {reference} ended with {process.returncode}", hint="run it by hand to see what it says"
        )
    return _text(content, reference)


def _printed(process: subprocess.Popen[bytes], until: float) -> bytes:
    """Read what a command prints to its end, or one byte more than a secret may have; TimeoutError at an instant.

    What it writes to standard error is read by nobody: commands print secrets there when they fail.
    """
    assert process.stdout is not None
    parts, size = [], 0
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while size <= _LARGEST:
            if not selector.select(max(0.0, until - time.monotonic())):
                raise TimeoutError
            part = os.read(process.stdout.fileno(), _LARGEST + 1 - size)
            if not part:
                break
            parts.append(part)
            size += len(part)
        else:
            return b"".join(parts)
    try:
        process.wait(max(0.0, until - time.monotonic()))
    except subprocess.TimeoutExpired:
        raise TimeoutError from None
    return b"".join(parts)


def _text(content: bytes, reference: Reference) -> str:
    if len(content) > _LARGEST:
        raise Failed(f"the secret {reference} is longer than {_LARGEST} bytes")
    try:
        text = content.decode()
    except UnicodeDecodeError:
        text = None
    if text is None:
        raise Failed(f"the secret {reference} is not UTF-8 text")
    return text.removesuffix("\n").removesuffix("\r")


def _backend() -> KeyringBackend | None:
    """Give the keyring's backend when it is a real one; importing keyring takes long, so only on demand."""
    import keyring
    from keyring.backends import fail, null

    backend = keyring.get_keyring()
    return None if isinstance(backend, fail.Keyring | null.Keyring) else backend
