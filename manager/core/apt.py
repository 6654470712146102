"""What apt is told: source lines, options, and logins, as the texts of its own files.

apt.conf(5), sources.list(5), apt_auth.conf(5).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from manager.core.reach import Reach


@dataclass(frozen=True, slots=True)
class Mirror:
    """Where Debian packages are taken from; ``security`` and ``keyring``, the path of its key, may be empty."""

    main: str
    security: str = ""
    keyring: str = ""

    def lines(self, suite: str) -> tuple[str, ...]:
        """Give apt's lines for a suite, with its updates and, where there is a source of them, security fixes."""
        deb = f'deb [signed-by="{self.keyring}"]' if self.keyring else "deb"
        lines = [f"{deb} {self.main} {suite} main", f"{deb} {self.main} {suite}-updates main"]
        return (*lines, f"{deb} {self.security} {suite}-security main") if self.security else tuple(lines)


def options(authorities: str, logins: str) -> str:
    """Give the lines of apt.conf that name a file of authorities and one of logins; empty names give none."""
    found = []
    if authorities:
        found.append(f'Acquire::https::CaInfo "{authorities}";')
    if logins:
        found.append(f'Dir::Etc::netrc "{logins}";')
    return "".join(f"{line}\n" for line in found)


def logins(reach: Reach) -> str:
    """Give the text of auth.conf: the login holds below both addresses and nowhere else."""
    login = reach.login("apt")
    if login is None:
        return ""
    addresses = dict.fromkeys(filter(None, (reach.mirrors.apt, reach.mirrors.apt_security)))
    return "".join(f"machine {one} login {login.user} password {login.password.reveal()}\n" for one in addresses)


def keyring_name(content: bytes) -> str:
    """Name a key's file as apt wants it: ``.asc`` for armoured keys, ``.gpg`` for binary ones."""
    return "apt-key.asc" if content.lstrip().startswith(b"-----BEGIN PGP") else "apt-key.gpg"
