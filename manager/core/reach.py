"""The mirrors with what it takes to get through to them: logins in hand, and the authorities to trust.

Made for one step and dropped with it. Addresses with a login are text in clear, so they are made as late as possible.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import quote

from manager.core.mirrors import NOTHING_SET, Mirrors
from manager.core.secrets import Secret, masked
from manager.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

# A proxy is never asked for what runs beside the one who asks.
_HERE = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Login:
    """Who asks, and the password, which does not show itself."""

    user: str
    password: Secret


@dataclass(frozen=True, slots=True)
class Reach:
    """Mirrors that can be asked.

    ``logins`` are by key; ``authorities`` are the certificates of ``ca_bundle`` and ``bundle`` those together with the
    host's own, both PEM and empty when nothing is set; ``keyring`` is the content of ``apt_keyring``.
    """

    mirrors: Mirrors = NOTHING_SET
    logins: tuple[tuple[str, Login], ...] = ()
    authorities: str = field(default="", repr=False)
    bundle: str = field(default="", repr=False)
    keyring: bytes = field(default=b"", repr=False)

    def login(self, key: str) -> Login | None:
        """Give the login of a key, if it has one."""
        return dict(self.logins).get(key)

    def opened(self, key: str) -> str:
        """Give an address with its login, in clear; nothing when the address is not set."""
        address = str(getattr(self.mirrors, key))
        login = self.login(key)
        if not address or login is None:
            return address
        scheme, _, rest = address.partition("://")
        return f"{scheme}://{quote(login.user, safe='')}:{quote(login.password.reveal(), safe='')}@{rest}"

    def proxy(self) -> Mapping[str, str]:
        """Give the variables by which programs find the proxy, in both spellings that are in use."""
        address = self.opened("proxy")
        if not address:
            return {}
        found = {"http_proxy": address, "https_proxy": address}
        found["no_proxy"] = ",".join(dict.fromkeys((*_HERE, *self.mirrors.no_proxy)))
        return found | {name.upper(): value for name, value in found.items()}

    def is_direct(self, host: str) -> bool:
        """Say whether no proxy is asked for a host: it is named, or lies in a domain that is."""
        return self.mirrors.is_direct(host) or host in _HERE

    def masked(self, text: str) -> str:
        """Take every password out of what a program said."""
        found = [login.password.reveal() for _, login in self.logins]
        return masked(text, (*found, *(quote(one, safe="") for one in found)))


# Nothing is set: programs find their way as they do without Solvent.
AS_IT_IS = Reach()


def login_of(key: str, secret: Secret, table: str = "mirror.credentials.") -> Login:
    """Read ``user:password``; raises UsageError, which repeats neither."""
    user, colon, password = secret.reveal().partition(":")
    if not colon or not user or not password:
        raise UsageError(f"the secret of {table}{key} is not of the form user:password")
    if not secret.reveal().isprintable() or (key == "apt" and " " in secret.reveal()):
        raise UsageError(f"the secret of {table}{key} holds a character that {key} cannot be given")
    return Login(user, Secret(password))
