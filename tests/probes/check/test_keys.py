"""Keys: a client of Redis that loses, mixes up, hides or waits for ever is found."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.probes.check.support import PASSWORD
from tests.probes.check.support_keys import of_keys

if TYPE_CHECKING:
    from pathlib import Path

# What the probe asks must be found wrong by it, with the signature where it gives one.
KEYS = [
    ("keys.expiry", "def persist(self, name): return True\nRedis.persist = persist", ""),
    ("keys.expiry", "Redis.ttl = lambda self, name: 0", "Wrong time left"),
    ("keys.expiry", "plain = Redis.set\nRedis.set = lambda self, name, value, ex=None, px=None: plain(self, name, "
     "value, ex)", "Wrong it is gone after 30 ms never"),
    ("keys.structures", "scored = lambda score: round(score, 6)", ""),
    ("keys.structures", "sent = lambda value: raw(value).replace(b'\\xff', b'?')", ""),
    ("keys.undecodable", "Redis.given = lambda self, value: value.decode(errors='replace') "
     "if self.words.get('decode_responses') else value", "Wrong no text nothing"),
    ("keys.protocols", "plain = Redis.hgetall\nRedis.hgetall = lambda self, name: plain(self, name) "
     "if self.words.get('protocol') != 3 else list(plain(self, name))", ""),
    ("keys.errors", "def none(self, *words):\n    return None\nRedis.execute_command = none",
     "Wrong a refused command nothing"),
    ("keys.pipeline", "ended = lambda results: sorted(results, key=str)", "Wrong answers list"),
    ("keys.pipeline", "ended = lambda results: [None if isinstance(one, Exception) else one for one in results]",
     "Wrong pipeline error"),
    ("keys.transaction", "def later(self, name, *words):\n    getattr(self.client, name)(*words)\n"
     "    self.calls.append((name, words))\n    return self\nPipe.later = later", "Wrong before EXEC list"),
    ("keys.transaction", "Pipe.reset = Pipe.execute", ""),
    ("keys.watch", "meddled = lambda: None", "Wrong a watched key nothing"),
    ("keys.publish", "def heard(self, message):\n    self.messages.insert(0, {'data': message})\n"
     "Listener.heard = heard", "Wrong messages list"),
    ("keys.publish", "Listener.heard = lambda self, message: None", "Wrong messages came never"),
    ("keys.stream", "forward = lambda count: count - 1", ""),
    ("keys.scan", "found = lambda keys: keys[1:]", "Wrong scan"),
    ("keys.threads", "left = lambda client: None", "Wrong no session is left never"),
    ("keys.threads", "Redis.hget = lambda self, name, field: b'1'", "Wrong answer"),
    ("keys.pool-limit", "def get_connection(self):\n    return One(self.words)\nPool.get_connection = get_connection",
     "Wrong a third connection nothing"),
    ("keys.killed", "replaced = lambda client, session: LIVE.__setitem__(session, {'name': '', 'cmd': ''})",
     "Wrong same session"),
    ("keys.killed-meanwhile", "cut = lambda client, name: (raw(name), b'something else')", "Wrong killed answer"),
    ("keys.killed-meanwhile", "def cut(client, name):\n    raise ValueError('no')", "Wrong killed ValueError"),
    ("keys.read-timeout", "del TimeoutError\nfrom builtins import TimeoutError as late\n"
     "class TimeoutError(RedisError): pass\nplain = Redis.blpop\ndef blpop(self, name, timeout):\n"
     "    try:\n        return plain(self, name, timeout)\n    except RedisError:\n        return None\n"
     "Redis.blpop = blpop", ""),
    ("keys.url", "unquoted = lambda text: text", ""),
    ("keys.databases", "Redis.key = lambda self, name: (0, raw(name))", "Wrong in another database bytes"),
]  # fmt: skip
# What every engine is asked, of a store.
SHARED = [
    ("connect.select", "Redis.ping = lambda self: bool(self.on()) and None", ""),
    ("connect.unknown-parameter", "KNOWN = type('All', (), {'__contains__': lambda *_: True})()",
     "Wrong unknown parameter ignored"),
    ("connect.wrong-password", "def entered(words):\n    if words['password'] != PASSWORD:\n"
     "        raise AuthenticationError(f'not with {words}')", "Wrong wrong password shown"),
    ("connect.login-class", "def entered(words):\n    if words['password'] != PASSWORD:\n"
     "        raise ConnectionError('no')", "Wrong wrong password ConnectionError"),
    ("connect.unreachable-class", "def entered(words):\n    raise ResponseError('no')" , ""),
    ("connect.refused-port", "entered = lambda words: None", "Wrong refused port nothing"),
    ("connect.unknown-host", "entered = lambda words: None", "Wrong unknown host nothing"),
    ("connect.silent-server", "strict = entered\ndef entered(words):\n    if words.get('socket_connect_timeout'):\n"
     "        socket.create_connection((words['host'], words['port'])).recv(1)\n    strict(words)",
     "Wrong silent server slow"),
    ("connect.black-hole", "strict = entered\ndef entered(words):\n    if words.get('socket_connect_timeout'):\n"
     "        socket.create_connection((words['host'], words['port'])).recv(1)\n    strict(words)",
     "Wrong black hole slow"),
    ("connect.awkward-user", "strict = entered\ndef entered(words):\n"
     "    strict({**words, 'password': words['password'].replace('%', '')})", ""),
    ("connect.unicode-password", "strict = entered\ndef entered(words):\n    words['password'].encode('latin-1')\n"
     "    strict(words)", ""),
    ("hygiene.connection", "Redis.__repr__ = lambda self: f'Redis({self.words})'",
     "Wrong password in repr of the connection"),
    ("hygiene.connection", "Pool.__repr__ = lambda self: f'Pool({self.words})'", "Wrong password in repr of the pool"),
    ("hygiene.errors", "def entered(words):\n    if words['password'] != PASSWORD:\n"
     "        raise AuthenticationError(f'not with {words}')", "Wrong password in an error"),
    ("hygiene.logs", "import logging\nstrict = entered\ndef entered(words):\n"
     "    logging.getLogger('redis').debug('with %s', words)\n    strict(words)", "Wrong password in the log"),
    ("hygiene.files", "import pathlib, os\nstrict = entered\ndef entered(words):\n"
     "    pathlib.Path(os.environ['HOME'], 'kept').write_text(words['password'])\n    strict(words)",
     "Wrong password in a file"),
    ("values.bytes", "sent = lambda value: raw(value).split(b'\\0')[0]", "Wrong bytes bytes"),
    ("values.unicode", "sent = lambda value: raw(value).decode(errors='replace').encode('ascii', 'replace')", ""),
    ("values.empty", "Redis.get = lambda self, name: self.given(self.find(name)) or ''", ""),
    ("values.large-text", "sent = lambda value: raw(value)[:65536]", ""),
    ("values.large-bytes", "sent = lambda value: raw(value)[:65536]", "Wrong large bytes bytes"),
    ("values.int64", "Redis.incrby = lambda self, name, more: int(float(self.find(name)))", "Wrong bigint int"),
]  # fmt: skip
_TRUSTING = "trusted = lambda words: True"
_CLEAR = "def plainly(there, words):\n    there.sendall(words['username'].encode())\n    raise ConnectionError('late')"
TLS = [
    ("tls.verified", "encrypted = lambda words: False", "Wrong not encrypted"),
    ("tls.wrong-authority", _TRUSTING, "Wrong wrong authority nothing"),
    ("tls.wrong-name", "named = lambda words: True", "Wrong wrong name nothing"),
    ("tls.plain-server", _CLEAR, "Wrong went on in the clear"),
]


@pytest.fixture(autouse=True)
def _own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The client's own file has the password, and lies elsewhere."""
    (tmp_path / "temporary").mkdir()
    for name in ("HOME", "TMPDIR"):
        monkeypatch.setenv(name, str(tmp_path / "temporary"))


def test_a_sound_client_passes(tmp_path: Path) -> None:
    """Every question that a client is found wrong with below is passed by one that is right."""
    probes = sorted({probe for probe, _, _ in (*KEYS, *SHARED)})

    lines = of_keys(tmp_path, "", probes)

    assert {name: line["outcome"] for name, line in lines.items()} == dict.fromkeys(probes, "pass"), lines


@pytest.mark.parametrize(("probe", "wrong", "sign"), [*KEYS, *SHARED])
def test_a_client_that_does_wrong_fails(tmp_path: Path, probe: str, wrong: str, sign: str) -> None:
    """A failure, with the signature where the probe gives one, and without the password."""
    line = of_keys(tmp_path, wrong, [probe])[probe]

    assert line["outcome"] == "fail", line
    assert sign in ("", line["signature"])
    assert PASSWORD not in str(line)


@pytest.mark.parametrize(("probe", "wrong", "sign"), [(probe, "", "") for probe, _, _ in TLS] + TLS)
def test_tls_of_a_store_is_checked(tmp_path: Path, probe: str, wrong: str, sign: str) -> None:
    """The right one passes; one that does not check, or goes on in the clear, is found."""
    tls = {"ca": "the authority", "alias": "127.0.0.1"}

    line = of_keys(tmp_path, wrong, [probe], source=tls)[probe]

    assert (line["outcome"], line.get("signature", "")) == (("fail", sign) if wrong else ("pass", "")), line


def test_a_store_is_not_asked_for_sql(tmp_path: Path) -> None:
    """Transactions of SQL, decimals and dialects are no questions to it, and it has some of its own."""
    lines = of_keys(tmp_path, "", ["transactions.", "values.decimal", "alchemy.", "keys.databases", "tls.only"])

    assert list(lines) == ["keys.databases"]
