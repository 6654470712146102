"""Objects: a client of S3 that cuts off, mixes up, hides or shows what it should not is found."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.probes.check.support import PASSWORD
from tests.probes.check.support_objects import of_objects

if TYPE_CHECKING:
    from pathlib import Path

_CUT = "sent = lambda value: value[:-1]"
_LATE = """
strict = entered
def entered(user, password, where, verify, timeout):
    if timeout:
        found = urllib.parse.urlsplit(where)
        socket.create_connection((found.hostname, found.port)).recv(1)
    strict(user, password, where, verify, timeout)
"""
WRONG = [
    ("boto3", "objects.large", _CUT, "Wrong large"),
    ("boto3", "objects.large", "PARTS = ''", "Wrong parts"),
    ("s3fs", "objects.large", _CUT, "Wrong large"),
    ("boto3", "objects.stream", "Body.iter_chunks = lambda self, size: iter([self.read(size)])", "Wrong stream"),
    ("s3fs", "objects.stream", "File.seek = lambda self, to: 0", "Wrong range"),
    ("boto3", "objects.keys", "plain = write\ndef write(where, key, value, **more):\n"
     "    plain(where, key.replace('+', ' '), value, **more)", ""),
    ("s3fs", "objects.keys", "plain = listed\nlisted = lambda names: [urllib.parse.quote(one) for one in plain(names)]",
     ""),
    ("boto3", "objects.paging", "paged = lambda names, size: [names[:size]]", "Wrong keys list"),
    ("boto3", "objects.paging", "paged = lambda names, size: [names]", "Wrong pages list"),
    ("s3fs", "objects.listing", "fresh = lambda where: None", "Wrong after two list"),
    ("boto3", "objects.metadata", "copied = lambda found: {**found, 'Metadata': {}}", "Wrong metadata tuple"),
    ("boto3", "objects.metadata", "latin = lambda value: True", "Wrong metadata beyond ASCII nothing"),
    ("boto3", "objects.checksums", "digest = lambda value: b''", "Wrong SHA-256 str"),
    ("boto3", "objects.missing", "NoSuchKey = ClientError", ""),
    ("s3fs", "objects.missing", "S3FileSystem.cat_file = lambda self, path: b''", "Wrong what is not there nothing"),
    ("boto3", "objects.removed", "plain = write\ndef write(where, key, value, **more):\n"
     "    if key not in bucket(where):\n        plain(where, key, value, **more)", "Wrong value bytes"),
    ("s3fs", "objects.removed", "removed = lambda where, key: None", "Wrong listed list"),
    ("boto3", "objects.presigned", "signature = lambda: urllib.parse.quote(PASSWORD, safe='')",
     "Wrong password in a presigned URL"),
    ("s3fs", "objects.presigned", "plain = signed\nsigned = lambda where, key: plain(where, key).replace('?', 'x?')",
     ""),
    ("boto3", "objects.threads", "import itertools\nTURN = itertools.count()\nplain = read\n"
     "read = lambda where, key: plain(where, key) if next(TURN) % 7 else b'of another'", "Wrong answer bytes"),
    ("boto3", "connect.select", "def entered(*words):\n    raise ClientError('no')", ""),
    ("boto3", "connect.unknown-parameter", "KNOWN.add('no_such_parameter')", "Wrong unknown parameter ignored"),
    ("boto3", "connect.login-class", "def entered(user, password, *words):\n    if password != PASSWORD:\n"
     "        raise BotoCoreError('no')", "Wrong wrong password BotoCoreError"),
    ("boto3", "connect.refused-port", "entered = lambda *words: None", "Wrong refused port nothing"),
    ("boto3", "connect.silent-server", _LATE, "Wrong silent server slow"),
    ("s3fs", "connect.silent-server", _LATE, "Wrong silent server slow"),
    ("boto3", "values.bytes", "given = lambda value: value.replace(b'\\0', b'')", "Wrong bytes bytes"),
    ("s3fs", "values.large-bytes", "given = lambda value: value[:65536]", "Wrong large bytes bytes"),
    ("boto3", "hygiene.connection", "Client.__repr__ = lambda self: f'Client({self.words})'",
     "Wrong password in repr of the connection"),
    ("s3fs", "hygiene.connection", "S3FileSystem.__repr__ = lambda self: f'S3({self.words})'",
     "Wrong password in repr of the connection"),
    ("s3fs", "hygiene.logs", "import logging\nstrict = entered\ndef entered(*words):\n"
     "    logging.getLogger('s3fs').debug('with %s', words)\n    strict(*words)", "Wrong password in the log"),
    ("boto3", "tls.wrong-authority", "trusted = lambda verify: True", "Wrong wrong authority nothing"),
    ("s3fs", "tls.wrong-name", "named = lambda host: True", "Wrong wrong name nothing"),
    ("boto3", "tls.verified", "Meta.__init__ = lambda self, where: setattr(self, 'endpoint_url', 'http://x')",
     "Wrong not encrypted"),
]  # fmt: skip
_TLS = {"ca": "the authority", "alias": "127.0.0.1"}


@pytest.mark.parametrize("driver", ["boto3", "s3fs"])
def test_a_sound_client_passes(tmp_path: Path, driver: str) -> None:
    """Every question that a client is found wrong with below is passed by one that is right."""
    probes = sorted({probe for one, probe, _ in [each[:3] for each in WRONG] if one == driver})

    lines = of_objects(tmp_path, "", probes, driver=driver, **_TLS)

    assert {name: line["outcome"] for name, line in lines.items()} == dict.fromkeys(probes, "pass"), lines


@pytest.mark.parametrize(("driver", "probe", "wrong", "sign"), WRONG)
def test_a_client_that_does_wrong_fails(tmp_path: Path, driver: str, probe: str, wrong: str, sign: str) -> None:
    """A failure, with the signature where the probe gives one, and without the password."""
    line = of_objects(tmp_path, wrong, [probe], driver=driver, **_TLS)[probe]

    assert line["outcome"] == "fail", line
    assert sign in ("", line["signature"])
    assert PASSWORD not in str(line)


def test_an_object_is_bytes_and_nothing_else(tmp_path: Path) -> None:
    """Texts and numbers are no questions to it."""
    lines = of_objects(tmp_path, "", ["values.unicode", "values.int64"])

    assert {line["outcome"] for line in lines.values()} == {"unsupported"}
