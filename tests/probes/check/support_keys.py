"""A made-up client of a store of keys, under the name ``redis``, which keeps everything in the process.

What a test adds to it changes what it does. It does as a right one: what it would learn from a certificate it knows
from the words of the connection, and its servers are ports of this machine.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.probes.check.support import PASSWORD, asked, listening

if TYPE_CHECKING:
    from pathlib import Path

KEYS = """
import itertools, socket, ssl, threading, time
from urllib.parse import unquote, urlsplit

PASSWORD = "pa55 word/of&the=tests"
class RedisError(Exception): pass
class ConnectionError(RedisError): pass
class TimeoutError(RedisError): pass
class AuthenticationError(ConnectionError): pass
class ResponseError(RedisError): pass
class WatchError(RedisError): pass

DATA, DUE, USERS, LIVE, CHANNELS, STREAMS, TIMES = {}, {}, {"solvent": PASSWORD}, {}, {}, {}, {}
IDS, WAKE = itertools.count(100), threading.Condition()
BITS = 64
KNOWN = {"host", "port", "username", "password", "db", "socket_connect_timeout", "socket_timeout", "ssl",
    "ssl_ca_certs", "ssl_cert_reqs", "ssl_check_hostname", "decode_responses", "protocol", "client_name",
    "max_connections"}

def raw(value):
    return value if isinstance(value, bytes) else str(value).encode()
def sent(value):
    return raw(value)
def encrypted(words): return bool(words.get("ssl"))
def trusted(words): return open(words["ssl_ca_certs"]).read() == "the authority"
def named(words): return words["host"] == "localhost"
def plainly(there, words): raise ConnectionError("the server has no TLS")
def hello(there, words):
    "Servers of these tests say hello only to who does not ask for a time; one without TLS answers at once."
    if words.get("ssl") and words["username"] != "solvent":
        there.sendall(b"tls?")
        if there.recv(4).startswith(b"-"):
            plainly(there, words)
    elif words.get("socket_connect_timeout"):
        there.recv(1)
def entered(words):
    try:
        with socket.create_connection((words["host"], words["port"]), words.get("socket_connect_timeout")) as there:
            hello(there, words)
    except OSError as error:
        raise ConnectionError(f"could not connect: {error}") from None
    if words.get("ssl") and not (trusted(words) and named(words)):
        raise ConnectionError("certificate verify failed")
    if USERS.get(words["username"]) != words["password"]:
        raise AuthenticationError("wrong password")
def replaced(client, session):
    "What a client does about a session that is not there any more."
    client.session = None
def left(client):
    "What is left of a client that was closed."
    LIVE.pop(client.session, None)

class Socket(ssl.SSLSocket):
    def __init__(self): pass
    def __del__(self): pass
    def __repr__(self): return "a socket"
    def cipher(self): return ("TLS_AES_256_GCM_SHA384",)

class One:
    def __init__(self, words):
        self._sock = Socket() if encrypted(words) else None

class Pool:
    def __init__(self, words):
        self.words, self.out = words, 0
    def get_connection(self):
        if self.out >= self.words.get("max_connections", 100):
            raise ConnectionError("too many connections")
        self.out += 1
        return One(self.words)
    def release(self, one):
        self.out -= 1

class Redis:
    dead = False
    def __init__(self, **words):
        for name in words:
            if name not in KNOWN:
                raise TypeError(f"got an unexpected keyword argument {name!r}")
        self.words, self.session, self.connection_pool = words, None, Pool(words)
        self.lock = threading.Lock()
    @classmethod
    def from_url(cls, url):
        found = urlsplit(url)
        return cls(host=found.hostname, port=found.port, username=unquoted(found.username),
            password=unquoted(found.password))
    def close(self): left(self)
    def given(self, value):
        return value.decode() if self.words.get("decode_responses") and isinstance(value, bytes) else value
    def key(self, name): return (self.words.get("db", 0), raw(name))
    def on(self):
        with self.lock:
            if self.session is not None and self.session not in LIVE:
                replaced(self, self.session)
            if self.session is None:
                entered(self.words)
                self.session = next(IDS)
                LIVE[self.session] = {"name": self.words.get("client_name", ""), "cmd": "", "client": self}
        return self
    def ping(self): return bool(self.on())
    def find(self, name):
        self.on()
        key = self.key(name)
        if DUE.get(key, 1e30) <= time.monotonic():
            DATA.pop(key, None)
        return DATA.get(key)
    def get(self, name): return self.given(self.find(name))
    def mget(self, *names): return [self.get(one) for one in names]
    def strlen(self, name): return len(self.find(name) or b"")
    def set(self, name, value, ex=None, px=None):
        self.on()
        DATA[self.key(name)] = sent(value)
        DUE.pop(self.key(name), None)
        TIMES[self.key(name)] = TIMES.get(self.key(name), 0) + 1
        if ex or px:
            DUE[self.key(name)] = time.monotonic() + (ex or px / 1000)
        return True
    def mset(self, mapping): return all(self.set(*one) for one in mapping.items())
    def ttl(self, name):
        return round(DUE[self.key(name)] - time.monotonic()) if self.key(name) in DUE else -1
    def persist(self, name): return DUE.pop(self.key(name), None) is not None
    def delete(self, *names): return sum(DATA.pop(self.key(one), None) is not None for one in names)
    unlink = delete
    def incrby(self, name, more):
        value = self.find(name)
        if isinstance(value, list):
            raise ResponseError("WRONGTYPE")
        self.set(name, int(value or 0) + more)
        return int(self.find(name))
    def incr(self, name): return self.incrby(name, 1)
    def push(self, name, values, at):
        held = self.find(name)
        if held is not None and not isinstance(held, list):
            raise ResponseError("WRONGTYPE")
        with WAKE:
            DATA.setdefault(self.key(name), []).extend(map(sent, values))
            WAKE.notify_all()
    def rpush(self, name, *values): self.push(name, values, None)
    lpush = rpush
    def lrange(self, name, first, last): return list(self.find(name))
    def blpop(self, name, timeout):
        session = self.on().session
        LIVE[session]["cmd"] = "blpop"
        limit = min(timeout, self.words.get("socket_timeout") or 1e9)
        end = time.monotonic() + limit
        with WAKE:
            while time.monotonic() < end:
                if session not in LIVE:
                    return cut(self, name)
                if DATA.get(self.key(name)):
                    return (raw(name), DATA[self.key(name)].pop(0))
                WAKE.wait(0.05)
        if limit < timeout:
            raise TimeoutError("Timeout reading")
    def hset(self, name, field=None, value=None, mapping=None):
        self.on()
        held = DATA.setdefault(self.key(name), {})
        held.update({raw(one): sent(it) for one, it in (mapping or {field: value}).items()})
    def hget(self, name, field): return self.find(name).get(raw(field))
    def hgetall(self, name): return dict(self.find(name))
    def zadd(self, name, scores):
        DATA[self.key(name)] = {raw(member): scored(score) for member, score in scores.items()}
    def zrange(self, name, first, last, withscores): return list(self.find(name).items())
    def scan_iter(self, match, count):
        self.on()
        begin = raw(match)[:-1]
        return iter(found([key for db, key in list(DATA) if key.startswith(begin) and db == self.words.get("db", 0)]))
    def execute_command(self, *words):
        self.on()
        if words == ("ACL", "WHOAMI"):
            return self.words["username"].encode()
        if words[:2] == ("ACL", "SETUSER"):
            USERS[words[2]] = words[4][1:]
        elif words[:2] == ("ACL", "DELUSER"):
            USERS.pop(words[2], None)
        else:
            raise ResponseError("unknown command or arguments")
    def acl_whoami(self): return self.words["username"]
    def acl_dryrun(self, *words): return b"OK"
    def client_id(self): return self.on().session
    def client_list(self): return [{"id": str(one), **held} for one, held in LIVE.items()]
    def client_kill_filter(self, _id):
        with WAKE:
            WAKE.notify_all()
            return int(LIVE.pop(_id, None) is not None)
    def pipeline(self, transaction=True): return Pipe(self)
    def pubsub(self, ignore_subscribe_messages): return Listener()
    def pubsub_numsub(self, channel): return [(channel, len(CHANNELS.get(channel, [])))]
    def publish(self, channel, message):
        for one in (found := CHANNELS.get(channel, [])):
            one.heard(message)
        return len(found)
    def xgroup_create(self, key, group, id, mkstream): STREAMS[key] = {"entries": [], "read": 0, "waiting": set()}
    def xadd(self, key, fields):
        entry = b"%d-0" % len(STREAMS[key]["entries"])
        STREAMS[key]["entries"].append((entry, {raw(one): sent(it) for one, it in fields.items()}))
        return entry
    def xreadgroup(self, group, reader, keys, count):
        (key,) = keys
        stream = STREAMS[key]
        read = stream["entries"][stream["read"] : stream["read"] + count]
        stream["read"] += forward(count)
        stream["waiting"] |= {entry for entry, _ in read}
        return [(key, read)]
    def xack(self, key, group, *entries):
        STREAMS[key]["waiting"] -= set(entries)
        return len(entries)
    def xpending(self, key, group): return {"pending": len(STREAMS[key]["waiting"])}

def cut(client, name):
    raise ConnectionError("Connection closed by server")
def unquoted(text): return unquote(text)
def found(keys): return keys
def scored(score): return float(score)
def forward(count): return count
def ended(results): return results

class Pipe:
    def __init__(self, client):
        self.client, self.calls, self.seen, self.multied = client, [], {}, False
    def __enter__(self): return self
    def __exit__(self, *error): self.reset()
    def reset(self): self.calls, self.seen = [], {}
    def multi(self): self.multied = True
    def watch(self, name): self.seen[name] = TIMES.get(self.client.key(name))
    def get(self, name): return self.client.get(name)
    def later(self, name, *words):
        self.calls.append((name, words))
        return self
    def set(self, *words): return self.later("set", *words)
    def incr(self, *words): return self.later("incr", *words)
    def lpush(self, *words): return self.later("lpush", *words)
    def execute(self, raise_on_error=True):
        calls, seen = self.calls, self.seen
        self.reset()
        if any(TIMES.get(self.client.key(name)) != times for name, times in seen.items()):
            meddled()
        results = []
        for name, words in calls:
            try:
                results.append(getattr(self.client, name)(*words))
            except ResponseError as error:
                results.append(error)
        return ended(results)

def meddled(): raise WatchError("a watched key changed")

class Listener:
    def __init__(self): self.messages = []
    def __enter__(self): return self
    def __exit__(self, *error): pass
    def subscribe(self, channel): CHANNELS.setdefault(channel, []).append(self)
    def heard(self, message): self.messages.append({"data": sent(message)})
    def get_message(self, timeout): return self.messages.pop(0) if self.messages else None
"""


def of_keys(folder: Path, wrong: str, probes: list[str], **more: Any) -> dict[str, dict[str, Any]]:
    """Ask of the made-up client, changed by code; give the lines by id."""
    with listening() as port:
        source = {
            "engine": "redis", "version": "", "host": "localhost", "port": port, "database": "0", "user": "solvent",
            "password": PASSWORD, "capabilities": ["fresh-database", "may_kill"],
        }  # fmt: skip
        return asked(folder, "redis", KEYS + wrong, probes, source | more.pop("source", {}), **more)
