"""Documents of MongoDB: a client that changes, loses, hides or waits for ever is found."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.probes.check.support import PASSWORD
from tests.probes.check.support_documents import of_documents

if TYPE_CHECKING:
    from pathlib import Path

_LATE = """
strict = entered
def entered(words):
    if words.get("connectTimeoutMS"):
        socket.create_connection((words["host"], words["port"])).recv(1)
    strict(words)
"""
WRONG = [
    ("documents.types", "given = lambda value: int(value) if type(value) is Int64 else value", "Wrong largest int"),
    ("documents.types", "given = lambda value: None if isinstance(value, Timestamp) else value",
     "Wrong stamp NoneType"),
    ("documents.types", "number = lambda value: value", "Wrong a number of more than 64 bits nothing"),
    ("documents.decimal", "given = lambda value: Decimal128(str(value)[:16])", "Wrong decimal tuple"),
    ("documents.decimal", "unknown = lambda value: float(value)", "Wrong Python's decimal nothing"),
    ("documents.moments", "moment = lambda value: value.replace(tzinfo=None, microsecond="
     "value.microsecond // 1000 * 1000)",
     "Wrong moment datetime"),
    ("documents.moments", "aware = lambda value: value", "Wrong aware moment tuple"),
    ("documents.moments", "plain = moment\nmoment = lambda value: plain(value).replace(microsecond=min("
     "round(value.microsecond / 1000), 999) * 1000)", "Wrong cut int"),
    ("documents.binary", "given = lambda value: bytes(value) if isinstance(value, Binary) else value",
     "Wrong own bytes"),
    ("documents.binary", "identified = lambda value: value", "Wrong a UUID nothing"),
    ("documents.nested", "given = lambda value: value.split(chr(0))[0] if isinstance(value, str) else value", ""),
    ("documents.nested", "plain = decoded\ndef decoded(value, words):\n    if isinstance(value, dict):\n"
     "        return dict(sorted(plain(value, words).items()))\n    return plain(value, words)", "Wrong fields list"),
    ("documents.nested", "named_field = lambda name: str(name)", "Wrong a name with 00 nothing"),
    ("documents.missing", "nothing = lambda there, value: there and value is None", "Wrong None list"),
    ("documents.missing", "plain = encoded\ndef encoded(value, words):\n    found = plain(value, words)\n"
     "    return {name: one for name, one in found.items() if one is not None} if isinstance(found, dict) else found",
     "Wrong documents list"),
    ("documents.ids", "ObjectId.__init__ = lambda self, text='': Value.__init__(self, text or 1)", ""),
    ("documents.ids", "sent = lambda value: str(value) if isinstance(value, float) else value",
     "Wrong by its id NoneType"),
    ("documents.many", "page = lambda rows, size: (rows[:size], rows[size + 1 :])", "Wrong many"),
    ("documents.bulk-error", "stops = lambda ordered: False", "Wrong errors tuple"),
    ("documents.bulk-error", "told = lambda errors: []", "Wrong a bad one nothing"),
    ("documents.duplicate", "unique = lambda kept, document, but=None: None", "Wrong a duplicate nothing"),
    ("documents.duplicate", "class Other(OperationFailure): pass\ndef unique(kept, document, but=None):\n"
     "    if any(one['_id'] == document['_id'] for one in kept.documents):\n        raise Other('E11000', 11000)",
     "Wrong a duplicate Other"),
    ("documents.update", "replied = lambda before, after, asked: before", "Wrong after dict"),
    ("documents.update", "plain = changed\nchanged = lambda document, change: plain(document, {name: one for name, one "
     "in change.items() if name != '$push'})", "Wrong before dict"),
    ("documents.query", "ordered = lambda rows, keys: sorted(rows, key=lambda one: one['_id'])", "Wrong found list"),
    ("documents.query", "plain = ordered\nordered = lambda rows, keys: plain(rows, keys[:1])", "Wrong found list"),
    ("documents.query", "Cursor.skip = lambda self, number: self", "Wrong found list"),
    ("documents.query", "within = lambda value, one: False", "Wrong any of list"),
    ("documents.cursor", "more = lambda number: CURSORS[number][1:]", "Wrong cursor"),
    ("documents.cursor", "Cursor.alive = property(lambda self: True, lambda self, value: None)", "Wrong alive tuple"),
    ("documents.cursor-closed", "killed = lambda number: None", "Wrong a closed cursor nothing"),
    ("documents.cursor-closed", "plain = more\ndef more(number):\n    try:\n        return plain(number)\n"
     "    except CursorNotFound as error:\n        raise OperationFailure(str(error), 43)",
     "Wrong a closed cursor OperationFailure"),
    ("documents.index", "Collection.drop_index = lambda self, name: None", "Wrong dropped list"),
    ("documents.index", "plain = Collection.create_index\nCollection.create_index = lambda self, keys, **more: "
     "plain(self, sorted(keys), **more)", "Wrong index tuple"),
    ("documents.aggregate", "summed = lambda values: sum(float(str(one)) for one in values)", "Wrong groups list"),
    ("documents.aggregate", "plain = ordered\nordered = lambda rows, keys: plain(rows, [(name, -way) "
     "for name, way in keys])",
     "Wrong groups list"),
    ("documents.large", "given = lambda value: value[: 2**20] if isinstance(value, bytes) else value",
     "Wrong large document"),
    ("documents.large", "fitting = lambda document: None", "Wrong 17 MiB nothing"),
    ("documents.refused", "def OperationFailure_(text, code=None):\n    return CursorNotFound(text, 1)\n"
     "OperationFailure = OperationFailure_", ""),
    ("documents.server-limit", "limited = lambda query, limit: None", "Wrong a limit nothing"),
    ("documents.server-limit", "limited = lambda query, limit: time.sleep(20)", "Wrong a limit slow"),
    ("documents.read-timeout", "awaited = lambda words, limit: time.sleep(limit / 1000)", "Wrong no answer slow"),
    ("documents.read-timeout", "def awaited(words, limit):\n    raise OperationFailure('no answer')",
     "Wrong no answer OperationFailure"),
    ("documents.selection", "lost = lambda words, error: AutoReconnect('no server')", "Wrong no server AutoReconnect"),
    ("documents.selection", "lost = lambda words, error: ServerSelectionTimeoutError(f'no server: {words}')",
     "Wrong password in an error"),
    ("documents.selection", "lost = lambda words, error: ServerSelectionTimeoutError('no server')",
     "Wrong no server unnamed"),
    ("documents.url", "unquote_plus = lambda text: text.replace('+', ' ')", ""),
    ("documents.url", "plain = reading\ndef reading(url):\n    try:\n        return plain(url)\n"
     "    except InvalidURI:\n        raise InvalidURI(f'wrong: {url}')", "Wrong password in an error"),
    ("documents.threads", "import itertools\nTURN = itertools.count()\nplain = Collection.find_one\n"
     "Collection.find_one = lambda self, query: plain(self, query) if next(TURN) % 7 else {'_id': 1}", "Wrong answer"),
    ("documents.closed", "MongoClient.close = lambda self: None", "Wrong no thread is left never"),
    ("documents.closed", "def after(client):\n    raise RuntimeError('closed')", ""),
    ("connect.select", "def let_in(words):\n    raise OperationFailure('no', 18)", ""),
    ("connect.unknown-parameter", "KNOWN.add('no_such_parameter')", "Wrong unknown parameter ignored"),
    ("connect.login-class", "def let_in(words):\n    if words['password'] != PASSWORD:\n"
     "        raise ConfigurationError('no')", "Wrong wrong password ConfigurationError"),
    ("connect.unreachable-class", "lost = lambda words, error: OperationFailure('no')",
     "Wrong refused port OperationFailure"),
    ("connect.silent-server", _LATE, "Wrong silent server slow"),
    ("connect.awkward-user", "plain = let_in\ndef let_in(words):\n    plain({**words, 'username': "
     "words['username'].strip('\"')})", ""),
    ("values.bytes", "given = lambda value: value.replace(b'\\0', b'') if isinstance(value, bytes) else value",
     "Wrong bytes bytes"),
    ("values.empty", "sent = lambda value: value or None", "Wrong empty NoneTypeNoneType"),
    ("values.int64", "sent = lambda value: Int64(float(value)) if isinstance(value, Int64) else value", ""),
    ("hygiene.connection", "MongoClient.__repr__ = lambda self: f'MongoClient({self.words})'",
     "Wrong password in repr of the connection"),
    ("hygiene.logs", "import logging\nstrict = entered\ndef entered(words):\n"
     "    logging.getLogger('pymongo').debug('with %s', words)\n    strict(words)", "Wrong password in the log"),
    ("tls.verified", "encrypted = lambda words: False", "Wrong not encrypted"),
    ("tls.wrong-authority", "trusted = lambda words: True", "Wrong wrong authority nothing"),
    ("tls.wrong-name", "named = lambda words: True", "Wrong wrong name nothing"),
]  # fmt: skip
_TLS = {"ca": "the authority", "alias": "127.0.0.1"}


def test_a_sound_client_passes(tmp_path: Path) -> None:
    """Every question that a client is found wrong with below is passed by one that is right."""
    probes = sorted({probe for probe, _, _ in WRONG})

    lines = of_documents(tmp_path, "", probes, **_TLS)

    assert {name: line["outcome"] for name, line in lines.items()} == dict.fromkeys(probes, "pass"), lines


@pytest.mark.parametrize(("probe", "wrong", "sign"), WRONG)
def test_a_client_that_does_wrong_fails(tmp_path: Path, probe: str, wrong: str, sign: str) -> None:
    """A failure, with the signature where the probe gives one, and without the password."""
    line = of_documents(tmp_path, wrong, [probe], **_TLS)[probe]

    assert line["outcome"] == "fail", line
    assert sign in ("", line["signature"])
    assert PASSWORD not in str(line)
