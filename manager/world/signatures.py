"""Signatures by SSH keys (SSHSIG, ``ssh-keygen -Y``): made with a key that stays where it is, by file or by an agent.

Who may sign stands in a file of allowed signers (ssh-keygen(1), ALLOWED SIGNERS). Every administrator's machine has the
program, and its keys may lie on a token.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from manager.errors import Failed, Refused, Unreachable, UsageError

# What a signature was made for is part of it: one of a commit or a file is none of a bundle.
NAMESPACE = "bundle@solvent"
_PROGRAM = "ssh-keygen"
_SECONDS = 60


def signed(content: bytes, key: Path) -> str:
    """Sign; ``key`` is a private key, or a public one whose private half an agent has.

    Nobody is asked for a passphrase. Raises UsageError where there is no such file, Failed where it does not sign.
    """
    if not key.is_file():
        raise UsageError(f"there is no key {key}", hint="make one:  ssh-keygen -t ed25519 -f FILE")
    with tempfile.TemporaryDirectory(prefix="solvent-sign-") as name:
        message = Path(name, "list")
        message.write_bytes(content)
        done = _run("-Y", "sign", "-f", str(key), "-n", NAMESPACE, str(message))
        signature = Path(f"{message}.sig")
        if done.returncode or not signature.is_file():
            hint = "a key with a passphrase signs through an agent:  ssh-add FILE , and name  FILE.pub"
            raise Failed(f"{key} does not sign", why=_words(done), hint=hint, where=str(key))
        return signature.read_text()


def signer(content: bytes, signature: bytes, signers: Path) -> str:
    """Give who signed, by the name that the file of allowed signers has for that key.

    Raises Refused for a key that is not in it (or no longer), and for a signature of something else.
    """
    if not signers.is_file():
        raise UsageError(f"there is no file of allowed signers {signers}", hint="see docs/bundles.md")
    with tempfile.TemporaryDirectory(prefix="solvent-verify-") as name:
        place = Path(name, "list.sig")
        place.write_bytes(signature)
        words = ("-s", str(place), "-f", str(signers))
        found = _run("-Y", "find-principals", *words)
        who = next(iter(found.stdout.splitlines()), "").split(",")[0].strip()
        if found.returncode or not who:
            raise Refused(
                f"it is signed by nobody who may: {_fingerprint(place, content) or 'the signature cannot be read'}",
                why=f"{signers} does not name that key",
                hint="ask whoever made it for the key, and add it there; or  --unsigned  to load it all the same",
                where=str(signers),
            )
        done = _run("-Y", "verify", "-I", who, "-n", NAMESPACE, *words, given=content)
        if done.returncode:
            raise Refused(
                f"the signature of {who} does not hold",
                why=_words(done),
                hint="the list was changed after it was signed; make the bundle again",
                where=str(signers),
            )
    return who


def _fingerprint(signature: Path, content: bytes) -> str:
    """Give the key of a signature, whoever has it; nothing where there is none."""
    done = _run("-Y", "check-novalidate", "-n", NAMESPACE, "-s", str(signature), given=content)
    found = re.search(r"with (\S+) key (SHA256:\S+)", done.stdout)
    return f"{found[1]} {found[2]}" if found else ""


def _run(*words: str, given: bytes = b"") -> subprocess.CompletedProcess[str]:
    program = shutil.which(_PROGRAM)
    if program is None:
        hint = "apt-get install openssh-client"
        raise Unreachable(f"{_PROGRAM} is not installed", why="it signs bundles and checks signatures", hint=hint)
    try:
        # In a session of its own it has no terminal, so it asks nobody anything.
        done = subprocess.run(
            (program, *words), input=given, capture_output=True, check=False, timeout=_SECONDS, start_new_session=True
        )
    except subprocess.TimeoutExpired:
        raise Failed(f"{_PROGRAM} did not end", why=f"within {_SECONDS} seconds") from None
    out, err = (one.decode(errors="replace") for one in (done.stdout, done.stderr))
    return subprocess.CompletedProcess(done.args, done.returncode, out, err)


def _words(done: subprocess.CompletedProcess[str]) -> str:
    lines = [line.strip() for line in (done.stderr + done.stdout).splitlines() if line.strip()]
    return "; ".join(lines)[-300:]
