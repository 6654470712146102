"""Documents of Elasticsearch: a client that changes, loses, hides or shows what it should not is found."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.probes.check.support import PASSWORD
from tests.probes.check.support_searches import of_searches

if TYPE_CHECKING:
    from pathlib import Path

_LATE = """
strict = entered
def entered(words):
    if "request_timeout" in words:
        host, _, port = words["hosts"][0].partition("://")[2].partition(":")
        socket.create_connection((host, int(port))).recv(1)
    strict(words)
"""
WRONG = [
    ("documents.json", "given = lambda value: float(value) if isinstance(value, int) and abs(value) > 2**52 else value",
     ""),
    ("documents.json", "given = lambda value: value.replace(chr(0), '') if isinstance(value, str) else value",
     "Wrong text str"),
    ("documents.json", "back = lambda value: {name: one for name, one in value.items() if one is not None}",
     "Wrong fields list"),
    ("documents.written", "plain = written\nwritten = lambda value: str(value)", "Wrong written dict"),
    ("documents.written", "plain = written\nwritten = lambda value: plain(value) if not isinstance(value, bytes | set) "
     "else repr(value)", "Wrong no JSON nothing"),
    ("documents.mapping", "listed = lambda properties: {name: {'type': one.get('type')} for name, one in "
     "properties.items()}", "Wrong mapping dict"),
    ("documents.mapping", "checked = lambda value: None", "Wrong a wrong value nothing"),
    ("documents.mapping", "Indices.put_mapping = lambda self, index, dynamic: None",
     "Wrong a field that may not be nothing"),
    ("documents.guessed", "plain = written\nwritten = lambda value: value.timestamp() if isinstance(value, "
     "datetime.date) else plain(value)", "Wrong types dict"),
    ("documents.names", "from urllib.parse import unquote\nknown = unquote", ""),
    ("documents.names", "NUMBERS = itertools.repeat(1)", "Wrong new ids int"),
    ("documents.conflict", "stale = lambda found, more: False", "Wrong a conflict nothing"),
    ("documents.conflict", "twice = lambda index, id, document: None", "Wrong a conflict nothing"),
    ("documents.conflict", "class ConflictError(ApiError): status = 400", "Wrong status int"),
    ("documents.change", "patched = lambda document, part: part", ""),
    ("documents.change", "plain = Elasticsearch.update\nElasticsearch.update = lambda *words, **more: "
     "{**plain(*words, **more), 'result': 'updated'}", "Wrong results list"),
    ("documents.refresh", "refreshed = lambda index, wanted: index.refresh()", "Wrong before int"),
    ("documents.refresh", "refreshed = lambda index, wanted: None", "Wrong at once int"),
    ("documents.bulk", "raises = lambda errors, wanted: False", "Wrong a bad one nothing"),
    ("documents.bulk", "raises = lambda errors, wanted: errors", ""),
    ("documents.bulk", "plain = ConflictError\ntwice = lambda index, id, document: None", ""),
    ("documents.search", "plain = Elasticsearch.search\nElasticsearch.search = lambda self, sort=(), **more: "
     "plain(self, sort=sort[:1], **more)", ""),
    ("documents.search", "plain = Elasticsearch.search\nElasticsearch.search = lambda self, source=None, **more: "
     "plain(self, **more)", "Wrong fields dict"),
    ("documents.search", "same = lambda value, wanted: value is not None and float(value) == float(wanted)",
     "Wrong by its number list"),
    ("documents.groups", "least = lambda values: min(values, default=0)", "Wrong of nothing tuple"),
    ("documents.groups", "plain = grouped\ngrouped = lambda rows, part: plain(rows[1:], part)", "Wrong kinds list"),
    ("documents.scroll", "turned = lambda rows, size: (rows[:size], rows[size + 1 :])", "Wrong scroll"),
    ("documents.scroll", "Elasticsearch.clear_scroll = lambda self, scroll_id: None", "Wrong a cleared scroll nothing"),
    ("documents.point-in-time", "held = lambda index: index.documents", "Wrong point in time"),
    ("documents.point-in-time", "after = lambda value, last: value >= last", "Wrong point in time"),
    ("documents.point-in-time", "Elasticsearch.close_point_in_time = lambda self, id: {'succeeded': True}",
     "Wrong a closed point in time nothing"),
    ("documents.mistakes", "class NotFoundError(ApiError): status = 400", "Wrong status tuple"),
    ("documents.mistakes", "too_far = lambda: NotFoundError('too far')", "Wrong a mistake NotFoundError"),
    ("documents.mistakes", "Elasticsearch.options = lambda self, ignore_status: self", ""),
    ("documents.not-a-number", "sent = lambda document: {name: None if value != value else value for name, value in "
     "document.items()}", "Wrong no number of JSON nothing"),
    ("documents.product", "product = lambda answer: True", "Wrong another product nothing"),
    ("documents.headers", "import base64\nlogged = lambda words: logging.getLogger('x').debug('Basic %s', "
     "base64.b64encode(':'.join(words['basic_auth']).encode()).decode())", "Wrong password in a header in the log"),
    ("documents.headers", "logged = lambda words: logging.getLogger('x').debug('%s', words)",
     "Wrong password in the log"),
    ("documents.shared", "TURN = itertools.count()\nplain = Elasticsearch.get\nElasticsearch.get = lambda self, index, "
     "id: plain(self, index, id if next(TURN) % 7 else '1')", "Wrong answer"),
    ("connect.select", "def let_in(words):\n    raise AuthenticationException('no')", ""),
    ("connect.unknown-parameter", "KNOWN.add('no_such_parameter')", "Wrong unknown parameter ignored"),
    ("connect.login-class", "def let_in(words):\n    if words['basic_auth'][1] != PASSWORD:\n"
     "        raise BadRequestError('no')", "Wrong wrong password BadRequestError"),
    ("connect.unreachable-class", "lost = lambda error: SerializationError('no')",
     "Wrong refused port SerializationError"),
    ("connect.silent-server", _LATE, "Wrong silent server slow"),
    ("values.empty", "plain = given\ngiven = lambda value: value or None", "Wrong empty NoneTypeNoneType"),
    ("values.int64", "given = lambda value: float(value) if isinstance(value, int) else value", "Wrong bigint float"),
    ("hygiene.connection", "Elasticsearch.__repr__ = lambda self: f'Elasticsearch({self.words})'",
     "Wrong password in repr of the connection"),
    ("hygiene.logs", "logged = lambda words: logging.getLogger('elasticsearch').debug('%s', words)",
     "Wrong password in the log"),
    ("tls.verified", "secured = lambda where: 'http'", "Wrong not encrypted"),
    ("tls.wrong-authority", "trusted = lambda words: True", "Wrong wrong authority nothing"),
    ("tls.wrong-name", "named = lambda host: True", "Wrong wrong name nothing"),
]  # fmt: skip
_TLS = {"ca": "the authority", "alias": "127.0.0.1"}


def test_a_sound_client_passes(tmp_path: Path) -> None:
    """Every question that a client is found wrong with below is passed by one that is right."""
    probes = sorted({probe for probe, _, _ in WRONG})

    lines = of_searches(tmp_path, "", probes, **_TLS)

    assert {name: line["outcome"] for name, line in lines.items()} == dict.fromkeys(probes, "pass"), lines


@pytest.mark.parametrize(("probe", "wrong", "sign"), WRONG)
def test_a_client_that_does_wrong_fails(tmp_path: Path, probe: str, wrong: str, sign: str) -> None:
    """A failure, with the signature where the probe gives one, and without the password."""
    line = of_searches(tmp_path, wrong, [probe], **_TLS)[probe]

    assert line["outcome"] == "fail", line
    assert sign in ("", line["signature"])
    assert PASSWORD not in str(line)


def test_a_document_of_json_has_no_bytes(tmp_path: Path) -> None:
    """They are no question to it."""
    lines = of_searches(tmp_path, "", ["values.bytes", "values.large-bytes"])

    assert {line["outcome"] for line in lines.values()} == {"unsupported"}
