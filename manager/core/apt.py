"""What apt is told: source lines, options, and logins, as the texts of its own files.

apt.conf(5), sources.list(5), apt_auth.conf(5).
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from manager.core.mirrors import Mirrors
    from manager.core.reach import Reach


@dataclass(frozen=True, slots=True)
class Mirror:
    """Where Debian packages are taken from; ``security`` and ``keyring``, the path of its key, may be empty.

    ``frozen`` are the suites that stand still there: their Release files are signed, but past their date.
    """

    main: str
    security: str = ""
    keyring: str = ""
    frozen: tuple[str, ...] = ()

    @property
    def carries_login(self) -> bool:
        """Say whether an address holds a login itself, as a host's own apt lines may."""
        return any("@" in urlsplit(address).netloc for address in (self.main, self.security))

    def lines(self, suite: str) -> tuple[str, ...]:
        """Give apt's lines for a suite, with its updates and, where there is a source of them, security fixes."""
        said = [f'signed-by="{self.keyring}"'] if self.keyring else []
        said += ["check-valid-until=no"] if suite in self.frozen else []
        deb = f"deb [{' '.join(said)}]" if said else "deb"
        lines = [f"{deb} {self.main} {suite} main", f"{deb} {self.main} {suite}-updates main"]
        return (*lines, f"{deb} {self.security} {suite}-security main") if self.security else tuple(lines)


@dataclass(frozen=True, slots=True)
class BuildSources:
    """What a build in a container is told of a mirror: nothing secret, because its arguments stay in the history.

    ``options`` are lines of apt.conf, ``authorities`` is PEM, ``key`` is in base64; each may be empty.
    """

    mirror: Mirror | None
    options: str = ""
    authorities: str = ""
    key: str = ""

    @property
    def carries_login(self) -> bool:
        """Say whether an address of the mirror itself holds a login."""
        return self.mirror is not None and self.mirror.carries_login


def build_sources(mirrors: Mirrors, authorities: str, keyring: bytes) -> BuildSources:
    """Give what a build is told of the mirror that is set; its files lie where the Dockerfile puts them."""
    key = f"/run/{keyring_name(keyring)}" if keyring else ""
    lines = [options("/run/apt-authorities.pem" if authorities else "", "")]
    if mirrors.proxy:
        lines += [f'Acquire::{scheme}::Proxy "{mirrors.proxy}";\n' for scheme in ("http", "https")]
        lines += [
            f'Acquire::{scheme}::Proxy::{host} "DIRECT";\n' for scheme in ("http", "https") for host in _direct(mirrors)
        ]
    mirror = Mirror(mirrors.apt, mirrors.apt_security, key, mirrors.frozen)
    return BuildSources(mirror, "".join(lines), authorities, base64.b64encode(keyring).decode())


def _direct(mirrors: Mirrors) -> list[str]:
    """Give the hosts of the mirror that no proxy is asked for."""
    hosts = dict.fromkeys(urlsplit(one).hostname or "" for one in (mirrors.apt, mirrors.apt_security) if one)
    return [host for host in hosts if mirrors.is_direct(host)]


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
