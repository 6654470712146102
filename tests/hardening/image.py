"""Section 4: images and what they are built from."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.hardening.check import Check

if TYPE_CHECKING:
    from tests.hardening.seen import Seen

# What Debian 13 and 12 ship with a setuid or setgid bit in the packages of our bases, and nothing else.
DEBIANS = frozenset(
    {
        *(f"/usr/bin/{name}" for name in ("chage", "chfn", "chsh", "expiry", "gpasswd", "mount", "newgrp", "passwd")),
        *(f"/usr/bin/{name}" for name in ("ssh-agent", "su", "umount", "wall", "write")),
        *("/usr/sbin/unix_chkpwd", "/usr/lib/openssh/ssh-keysign"),
    }
)
_SECRET = re.compile(
    r"(PASSW(OR)?D|SECRET|TOKEN|API_?KEY|PRIVATE_?KEY|CREDENTIALS?)\w*=\s*(?P<value>\S+)", re.IGNORECASE
)
_LOGIN = re.compile(r"://[^/\s:@]+:[^/\s@]+@")
_SERVERS = ("openssh-server", "telnetd", "rsh-server", "vsftpd", "dropbear")


def _user(seen: Seen) -> str:
    user = str(seen.image["Config"].get("User") or "")
    return "" if user.partition(":")[0] not in ("", "0", "root") else f"the image's user is {user or 'root'}"


def _base(seen: Seen) -> str:
    labels = seen.image["Config"].get("Labels") or {}
    digest = str(labels.get("org.opencontainers.image.base.digest", ""))
    return "" if re.fullmatch(r"sha256:[0-9a-f]{64}", digest) else "the image does not say which base it stands on"


def _packages(seen: Seen) -> str:
    return ", ".join(sorted(set(_SERVERS).intersection(seen.packages)))


def _health(seen: Seen) -> str:
    test = (seen.image["Config"].get("Healthcheck") or {}).get("Test") or ["NONE"]
    return "" if test[0] in ("CMD", "CMD-SHELL") else "the image has no health check"


def _update(seen: Seen) -> str:
    return next((one for one in seen.history if re.search(r"apt(-get)? update\b(?!.*install)", one)), "")


def _setuid(seen: Seen) -> str:
    foreign = sorted(set(seen.setuid) - DEBIANS)
    if foreign:
        return f"setuid or setgid beside Debian's own: {', '.join(foreign)}"
    harmless = any(one.startswith("no-new-privileges") for one in seen.host.get("SecurityOpt") or ())
    return "" if harmless or not seen.setuid else "setuid and setgid bits count in this container"


def _added(seen: Seen) -> str:
    # An engine writes an archive of the context as its digest; what is fetched stands there as its address.
    return next((one for one in seen.history if re.search(r"ADD\b.*(https?|ftp|git)(://|@)", one)), "")


def _secrets(seen: Seen) -> str:
    texts = (*seen.history, *(seen.image["Config"].get("Env") or ()))
    # The name of a file is no secret: the token's lies in memory, and is written at each start.
    told = (one for one in texts for found in _SECRET.finditer(one) if not found["value"].startswith("/run/solvent/"))
    return next(told, "") or next((one for one in texts if _LOGIN.search(one)), "")


def _verified(seen: Seen) -> str:
    return "; ".join(seen.unsigned)


CHECKS = (
    Check("4.1", "a user for the container", "met", "everything runs as user 1000, who has no password", _user),
    Check(
        "4.2", "trusted base images only", "met",
        "a base is bootstrapped from signed Debian packages, or pulled by digest; the image's label names the base",
        _base,
    ),
    Check(
        "4.3", "no unnecessary packages", "met",
        "a base lists its packages in the catalog and is installed without recommended ones; no server is among them",
        _packages,
    ),
    Check(
        "4.4", "images are scanned and built again with patches", "elsewhere",
        "`solvent image build` makes a new base when the recipe changes; the scanner is your registry's",
    ),
    Check(
        "4.5", "content trust", "elsewhere",
        "images are launched by digest, which names the bytes; signing is your registry's",
    ),
    Check("4.6", "a health check in the image", "met", "`HEALTHCHECK` asks the IDE on its own port", _health),
    Check("4.7", "no update instruction alone", "met", "a family's Dockerfile runs nothing", _update),
    Check(
        "4.8", "no setuid and setgid bits", "otherwise",
        "Debian's own (`su`, `mount`, `passwd` and the like) keep theirs, and none beside them is there; they gain "
        "nothing, as every container has no-new-privileges and no capability to gain",
        _setuid,
    ),
    Check(
        "4.9", "COPY instead of ADD", "otherwise",
        "`ADD` unpacks archives that Solvent packed and whose digests it knows, which `COPY` cannot; nothing is "
        "fetched by it",
        _added,
    ),
    Check(
        "4.10", "no secrets in images", "met",
        "none in history, variables or labels: secrets come over standard input at each start", _secrets,
    ),
    Check(
        "4.11", "verified packages only", "met",
        "apt checks signatures, wheels are installed by SHA-256, vendor files by SHA-256", _verified,
    ),
    Check(
        "4.12", "signed artifacts are validated", "elsewhere",
        "an image is pulled by the digest of its manifest, or not at all; signatures are your registry's",
    ),
)  # fmt: skip
