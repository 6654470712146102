"""Sending mail: a real server on loopback, in clear and encrypted, with and without a login."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from manager.core.reach import Login
from manager.core.secrets import Secret
from manager.core.sinks import Mail
from manager.errors import Failed, Unreachable
from manager.world.mail import sending, written
from tests.fakes.receivers import certificate, mailbox

if TYPE_CHECKING:
    from pathlib import Path

FROM = "solvent@example.org"
LOGIN = Login("robot", Secret("SECRET"))


def test_mail_is_encrypted_and_logged_in(tmp_path: Path) -> None:
    """STARTTLS with an authority of one's own; several messages go over one connection."""
    cert = certificate(tmp_path)
    with mailbox(login=("robot", "SECRET"), certificate=cert) as box:
        mail = Mail("127.0.0.1", FROM, box.port)
        with sending(mail, LOGIN, (tmp_path / "authority.pem").read_text()) as send:
            for to in ("ana@example.org", "ben@example.org"):
                send(written(FROM, to, "lab:2 retires", "Für Ana.\n", "n1"))

    assert (box.encrypted, box.logged_in) == ([True, True], [True, True])
    first = box.took[0]
    assert (first["To"], first["Subject"], first.get_content().strip()) == (
        "ana@example.org", "lab:2 retires", "Für Ana.",
    )  # fmt: skip
    assert (first["Message-ID"], first["X-Solvent-Notice"]) == ("<n1@example.org>", "n1")


def test_a_stranger_is_not_sent_a_password(tmp_path: Path) -> None:
    """A certificate that nobody trusts ends it before the login."""
    with (
        mailbox(login=("robot", "SECRET"), certificate=certificate(tmp_path)) as box,
        pytest.raises(Unreachable, match="certificate is not trusted"),
        sending(Mail("127.0.0.1", FROM, box.port), LOGIN),
    ):
        pass

    assert box.took == []


def test_a_server_without_encryption_gets_no_password() -> None:
    """Where STARTTLS is asked for and not offered, nothing is sent."""
    with (
        mailbox(login=("robot", "SECRET")) as box,
        pytest.raises(Unreachable, match="STARTTLS"),
        sending(Mail("127.0.0.1", FROM, box.port), LOGIN),
    ):
        pass


def test_a_wrong_password_is_said_without_it(tmp_path: Path) -> None:
    """Neither ours nor what the server repeats of it."""
    with (
        mailbox(login=("robot", "other"), certificate=certificate(tmp_path)) as box,
        pytest.raises(Unreachable, match="does not take the credentials: 535") as caught,
        sending(Mail("127.0.0.1", FROM, box.port), LOGIN, (tmp_path / "authority.pem").read_text()),
    ):
        pass

    assert "SECRET" not in repr(vars(caught.value))


def test_one_refused_address_does_not_keep_the_others() -> None:
    """The refusal is of one message; the connection goes on."""
    with mailbox(refuses="gone@") as box, sending(Mail("127.0.0.1", FROM, box.port, "none"), None) as send:
        with pytest.raises(Failed, match="refuses the address: 550 no such person"):
            send(written(FROM, "gone@example.org", "a", "b", "n1"))
        send(written(FROM, "ana@example.org", "a", "b", "n2"))

    assert [one["To"] for one in box.took] == ["ana@example.org"]


def test_a_silent_server_is_unreachable() -> None:
    """With the system's own words."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

    with pytest.raises(Unreachable, match="refused"), sending(Mail("127.0.0.1", FROM, port), None):
        pass
