"""TLS: who asks for an encrypted and checked connection gets one, or none."""

import contextlib
import socket
import struct
import tempfile
import threading
import time

from asking import STORES, Unsupported, Unsure, Wrong, probe, raised, shown, within

# An authority that has signed nothing; its key was thrown away when it was made. Good until 2126.
_NOBODYS = """\
-----BEGIN CERTIFICATE-----
MIIBkDCCATegAwIBAgIUHDGCzkfBH6WmQS9U5u7C+qiIrKwwCgYIKoZIzj0EAwIw
HTEbMBkGA1UEAwwSbm9ib2R5J3MgYXV0aG9yaXR5MCAXDTI2MTEyMjIyMjcwNVoY
DzIxMjYxMDI5MjIyNzA1WjAdMRswGQYDVQQDDBJub2JvZHkncyBhdXRob3JpdHkw
WTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAQhZpmCXR0Guxfc6Cyvq3fzJqd9g04w
2PPZTzb1/QEiUFdHisMf9tFBJ0CCezX8yEpAgLEdLm+r8BQa31iNZWBeo1MwUTAd
BgNVHQ4EFgQUlmq0mAOeonzH/GuR6qeo7yqq1PQwHwYDVR0jBBgwFoAUlmq0mAOe
onzH/GuR6qeo7yqq1PQwDwYDVR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNHADBE
AiAYJr8TlNYtPxpMQvJV+rnh+uqB7Dy/EIQbfTzgQ8HUhAIgHjTFs//rjFv/FunO
qupTAhLdK79Wbrelkn7o9Q0sZTQ=
-----END CERTIFICATE-----
"""
# PostgreSQL's requests for TLS and for GSSAPI, both answered with N where there is none
# (https://www.postgresql.org/docs/current/protocol-message-formats.html).
_REQUESTS = (80877103, 80877104)
# A server of MariaDB's protocol 10 that offers no TLS: LONG_PASSWORD, CONNECT_WITH_DB, PROTOCOL_41, TRANSACTIONS,
# SECURE_CONNECTION and PLUGIN_AUTH, without SSL (https://mariadb.com/kb/en/connection/).
_ABLE = 0x1 | 0x8 | 0x200 | 0x2000 | 0x8000 | 0x80000


def checked(subject, pem, **changes):
    """Connect with chain and name checked against an authority."""
    # It stays until the end: some drivers read it with each connection that they make by themselves later.
    file = subject.keep(tempfile.NamedTemporaryFile("w", suffix=".pem"))  # noqa: SIM115
    file.write(pem)
    file.flush()
    return subject.connect(tls="verify-full", ca=file.name, **changes)


@probe("tls.verified", needs=("server", "tls"), stores=STORES)
def verified(subject):
    """With the right authority it connects, and the server says that the session is encrypted."""
    connection = checked(subject, subject.source["ca"])
    row = subject.sql.cipher(connection) if subject.store else subject.run(connection, subject.sql.cipher).fetchone()
    if not row or not row[-1]:
        raise Wrong(f"the session is not encrypted: {shown(row)}", sign="not encrypted")


@probe("tls.wrong-authority", needs=("server", "tls"), stores=STORES)
def authority(subject):
    """A server whose certificate another authority has signed is refused."""
    checked(subject, subject.source["ca"])
    _refused(subject, lambda: checked(subject, _NOBODYS), "wrong authority")


@probe("tls.wrong-name", needs=("server", "tls"), stores=STORES)
def name(subject):
    """A server whose certificate has another name is refused."""
    host = subject.source.get("alias") or f"wrong-{subject.source['host']}"
    try:
        socket.getaddrinfo(host, subject.source["port"])
    except socket.gaierror as error:
        raise Unsupported("the source has no second name") from error
    checked(subject, subject.source["ca"])
    # By that name it can be reached: what is refused below is the name.
    subject.connect(host=host)
    _refused(subject, lambda: checked(subject, subject.source["ca"], host=host), "wrong name")


@probe("tls.only", needs=("server", "tls"))
def only(subject):
    """A user who has to come by TLS gets in with it, and is refused without it."""
    user = subject.source.get("tls_user") or "tlsonly"
    checked(subject, subject.source["ca"])
    try:
        checked(subject, subject.source["ca"], user=user)
    except subject.driver.Error as error:
        # Others get in by TLS, and whether this one exists the server does not tell.
        raise Unsupported(f"the source has no user {user} who has to come by TLS") from error
    _refused(subject, lambda: subject.connect(user=user, tls="disable"), "in the clear")


def _refused(subject, call, what):
    def enter():
        subject.greet(call())

    raised(subject.errors(), enter, what)


@probe("tls.plain-server", needs=("server",), engines=("postgresql", "mysql", "redis"), manner="waits")
def plain(subject):
    """A server that says it has no TLS is left, before a user's name is sent to it in the clear."""
    serve = {"postgresql": _postgresql, "redis": _redis}.get(subject.sql.name, _mysql)
    heard = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=_serving, args=(server, serve, heard), daemon=True).start()
        where = {"host": "127.0.0.1", "port": server.getsockname()[1], "user": "user_in_the_clear", "timeout": 5}
        try:
            within(8, lambda: raised(subject.errors(), lambda: checked(subject, _NOBODYS, **where), "plain"), "plain")
        except Wrong:
            _clear(heard)
            raise
        _clear(heard)
    if not heard:
        raise Unsure("the driver did not come to the server that was made for it")


def _clear(heard):
    # What was sent may still be on its way into the server; a visit ends with None.
    until = time.monotonic() + 3
    while heard[-1:] != [None] and time.monotonic() < until:
        time.sleep(0.02)
    if b"user_in_the_clear" in b"".join(one for one in heard if one):
        raise Wrong("it went on in the clear", sign="went on in the clear")


def _serving(server, serve, heard):
    while True:
        try:
            client, _ = server.accept()
        except OSError:
            return
        heard.append(b"")
        client.settimeout(2)
        with client, contextlib.suppress(OSError):
            serve(client, heard)
        heard.append(None)


def _postgresql(client, heard):
    while data := client.recv(4096):
        heard.append(data)
        if len(data) != 8 or struct.unpack("!ii", data)[1] not in _REQUESTS:
            return
        client.sendall(b"N")


def _mysql(client, heard):
    scramble = b"abcdefgh", b"ijklmnopqrst\0"
    packet = b"\x0a10.11.6-MariaDB\0" + struct.pack("<I", 7) + scramble[0] + b"\0"
    packet += struct.pack("<HBHHB", _ABLE & 0xFFFF, 45, 2, _ABLE >> 16, 21) + bytes(10)
    packet += scramble[1] + b"mysql_native_password\0"
    client.sendall(struct.pack("<I", len(packet))[:3] + b"\0" + packet)
    if data := client.recv(4096):
        heard.append(data)
        # OK, as a server says to whom it lets in.
        client.sendall(b"\x07\0\0\x02\0\0\0\x02\0\0\0")
        client.recv(4096)


def _redis(client, heard):
    while data := client.recv(4096):
        heard.append(data)
        # A server without TLS says that it does not know such a command, and OK to AUTH.
        client.sendall(b"+OK\r\n" if data.startswith(b"*") else b"-ERR unknown command\r\n")
