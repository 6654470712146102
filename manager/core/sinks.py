"""Where notices go besides the inbox: a file of JSON lines, webhooks, mail. Secrets are references."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Body = Literal["plain", "slack", "teams"]
Security = Literal["starttls", "tls", "none"]
# The owner whose address is for everybody who has none.
EVERYBODY = "*"
LINES = "file"
MAIL = "mail"


@dataclass(frozen=True, slots=True)
class Webhook:
    """An address that gets every notice as a POST.

    ``address`` is a reference or the address itself: those of chat services are secrets. ``token`` refers to what is
    sent as a bearer token, "" for nothing.
    """

    name: str
    address: str
    body: Body = "plain"
    token: str = ""

    @property
    def sink(self) -> str:
        """Give the name in the ledger."""
        return f"webhook:{self.name}"


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail server and who gets mail: ``owners`` gives addresses by owner, :data:`EVERYBODY` for the others.

    ``credentials`` refers to ``user:password``, "" for a server that asks for none.
    """

    host: str
    sender: str
    port: int = 587
    security: Security = "starttls"
    credentials: str = ""
    owners: tuple[tuple[str, str], ...] = ()

    def address(self, owner: str) -> str:
        """Give an owner's address; "" for one that gets no mail."""
        known = dict(self.owners)
        return known.get(owner, known.get(EVERYBODY, ""))


@dataclass(frozen=True, slots=True)
class Sinks:
    """The sinks of the settings; ``file`` is an absolute path, "" for none. ``origins`` gives ``file:line`` by name."""

    file: str = ""
    webhooks: tuple[Webhook, ...] = ()
    mail: Mail | None = None
    origins: tuple[tuple[str, str], ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Name every sink as the ledger does."""
        found = [LINES] if self.file else []
        return (*found, *(one.sink for one in self.webhooks), *([MAIL] if self.mail else []))

    def of(self, owner: str) -> tuple[str, ...]:
        """Name the sinks that a notice for an owner goes to."""
        mails = self.mail is not None and bool(self.mail.address(owner))
        return tuple(one for one in self.names if one != MAIL or mails)

    def webhook(self, sink: str) -> Webhook | None:
        """Find a webhook by its name in the ledger."""
        return next((one for one in self.webhooks if one.sink == sink), None)


NO_SINKS = Sinks()
