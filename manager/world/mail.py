"""Sends mail through a server."""

from __future__ import annotations

import smtplib
import ssl
from contextlib import contextmanager
from email.message import EmailMessage
from typing import TYPE_CHECKING

from manager.errors import Failed, Unreachable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from manager.core.reach import Login
    from manager.core.sinks import Mail

_SECONDS = 15.0
# What a server has against one message, such as an address in letters that it does not know.
_OF_ONE = (
    smtplib.SMTPRecipientsRefused, smtplib.SMTPSenderRefused, smtplib.SMTPDataError, smtplib.SMTPNotSupportedError
)  # fmt: skip


@contextmanager
def sending(mail: Mail, login: Login | None, authorities: str = "") -> Iterator[Callable[[EmailMessage], None]]:
    """Give what sends one message, over one connection for all of them.

    ``authorities`` are PEM certificates to trust, "" for this machine's. Raises Unreachable when the server cannot be
    reached or trusted or does not let one in; what is raised inside for one message is Failed, and the next may go.
    """
    try:
        with _connected(mail, authorities) as server:
            if login is not None:
                server.login(login.user, login.password.reveal())

            def send(message: EmailMessage) -> None:
                try:
                    server.send_message(message)
                except _OF_ONE as error:
                    raise Failed(_words(error)) from None

            yield send
    except smtplib.SMTPAuthenticationError as error:
        raise Unreachable(f"it does not take the credentials: {error.smtp_code}", hint="see  notices.mail") from None
    except ssl.SSLCertVerificationError as error:
        why = f"its certificate is not trusted: {error.verify_message}"
        raise Unreachable(why, hint="see  mirror.ca_bundle") from None
    except (smtplib.SMTPException, OSError) as error:
        raise Unreachable(_words(error)) from None


def written(sender: str, to: str, subject: str, text: str, known: str) -> EmailMessage:
    """Write a message; the same ``known`` gives the same Message-ID, by which a second copy is told to be one."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, to, subject
    message["Message-ID"] = f"<{known}@{sender.rpartition('@')[2]}>"
    # Nobody's vacation is answered to (RFC 3834).
    message["Auto-Submitted"] = "auto-generated"
    message["X-Solvent-Notice"] = known
    message.set_content(text)
    return message


@contextmanager
def _connected(mail: Mail, authorities: str) -> Iterator[smtplib.SMTP]:
    context = ssl.create_default_context(cadata=authorities or None)
    if mail.security == "tls":
        with smtplib.SMTP_SSL(mail.host, mail.port, timeout=_SECONDS, context=context) as server:
            yield server
        return
    with smtplib.SMTP(mail.host, mail.port, timeout=_SECONDS) as server:
        if mail.security == "starttls":
            server.starttls(context=context)
        yield server


def _words(error: BaseException) -> str:
    """Say what the server or the system said, without the credentials, which neither repeats."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, said = next(iter(error.recipients.values()))
        return f"it refuses the address: {code} {_text(said)}"
    if isinstance(error, smtplib.SMTPResponseException):
        return f"it answers {error.smtp_code} {_text(error.smtp_error)}"
    return (error.strerror if isinstance(error, OSError) else "") or str(error) or type(error).__name__


def _text(said: bytes | str) -> str:
    text = said.decode(errors="replace") if isinstance(said, bytes) else said
    return " ".join(text.split())[:200]
