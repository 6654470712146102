"""TLS: a driver that does not check what it is told to check, or goes on without it, is found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.probes.check.support import of_echo

if TYPE_CHECKING:
    from pathlib import Path

# A driver that does as it should: what it would learn from a certificate it knows from the words of the connection.
SOUND = """
import socket, struct

def encrypted(words):
    return words.get("sslmode") != "disable"

def trusted(words):
    return open(words["sslrootcert"]).read() == "the authority"

def named(words):
    return words["host"] == "localhost"

def offered(words):
    with socket.create_connection((words["host"], words["port"]), 5) as there:
        if "connect_timeout" not in words:
            # The source of these tests, which takes connections and says nothing.
            return True
        there.sendall(struct.pack("!ii", 8, 80877103))
        if there.recv(1) != b"N":
            return True
        plainly(there, words)
        return False

def plainly(there, words):
    raise OperationalError("the server has no TLS")

def entered(words):
    if not offered(words):
        return
    if words.get("sslmode") == "verify-full" and not (trusted(words) and named(words)):
        raise OperationalError("certificate verify failed")
    if words["user"] == "tlsonly" and not encrypted(words):
        raise OperationalError("only with TLS")

SAID["select cipher from pg_stat_ssl where pid = pg_backend_pid()"] = lambda words: (
    ("TLS_AES_256_GCM_SHA384",) if encrypted(words) else (None,))
"""
_CLEAR = "def plainly(there, words):\n    there.sendall(struct.pack('!ii', 40, 196608) + words['user'].encode())\n"
WRONG = [
    ("tls.verified", "encrypted = lambda words: False", "Wrong not encrypted"),
    ("tls.verified", "def entered(words):\n    raise OperationalError('no')", ""),
    ("tls.wrong-authority", "trusted = lambda words: True", "Wrong wrong authority nothing"),
    ("tls.wrong-name", "named = lambda words: True", "Wrong wrong name nothing"),
    ("tls.only", "encrypted = lambda words: True", "Wrong in the clear nothing"),
    ("tls.plain-server", _CLEAR, "Wrong went on in the clear"),
    ("tls.plain-server", _CLEAR + "    raise OperationalError('too late')", "Wrong went on in the clear"),
    ("tls.plain-server", "plainly = lambda there, words: None", "Wrong plain nothing"),
]


def _of(folder: Path, wrong: str, probes: list[str], **source: Any) -> dict[str, dict[str, Any]]:
    source = {"host": "localhost", "ca": "the authority", "alias": "127.0.0.1", **source}
    return of_echo(folder, SOUND + wrong, probes, source=source)


def test_a_sound_driver_passes(tmp_path: Path) -> None:
    """Every question that a driver is found wrong with below is passed by one that is right."""
    probes = sorted({probe for probe, _, _ in WRONG})

    lines = _of(tmp_path, "", probes)

    assert {name: line["outcome"] for name, line in lines.items()} == dict.fromkeys(probes, "pass"), lines


@pytest.mark.parametrize(("probe", "wrong", "sign"), WRONG)
def test_a_driver_without_a_check_fails(tmp_path: Path, probe: str, wrong: str, sign: str) -> None:
    """A failure: what has to be refused was let in, or what has to be encrypted is not."""
    line = _of(tmp_path, wrong, [probe])[probe]

    assert line["outcome"] == "fail", line
    assert sign in ("", line["signature"])


def test_a_source_without_tls_is_asked_for_the_downgrade_alone(tmp_path: Path) -> None:
    """What needs an authority is unsupported there; that a server without TLS is left can be asked anywhere."""
    probes = ["tls.only", "tls.plain-server", "tls.verified", "tls.wrong-authority", "tls.wrong-name"]

    lines = _of(tmp_path, "", probes, ca="")

    outcomes = [lines[one]["outcome"] for one in probes]
    assert outcomes == ["unsupported", "pass", "unsupported", "unsupported", "unsupported"]


def test_what_a_source_does_not_have_is_not_asked(tmp_path: Path) -> None:
    """Without a second name, and without a user who has to come by TLS."""
    nobody = "strict = entered\ndef entered(words):\n    if words['user'] == 'tlsonly':\n"
    nobody += "        raise OperationalError('no such user')\n    strict(words)"

    lines = _of(tmp_path, nobody, ["tls.only", "tls.wrong-name"], alias="no-such-host.invalid")

    assert {line["outcome"] for line in lines.values()} == {"unsupported"}
