"""The probe ``contract`` on small drivers: what it reads, and that no driver can make it say what is not so."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest

from tests.fakes import drivers

if TYPE_CHECKING:
    from pathlib import Path


def ask(place: Path, source: str, **more: Any) -> dict[str, Any]:
    """Ask a driver; give the last line, which is the answer."""
    text, code = drivers.probe(drivers.tree(place / "tree", source), **more)
    assert code == 0, text
    found: dict[str, Any] = json.loads(text.splitlines()[-1])
    assert found["nonce"] == "n"
    return found


def names(found: dict[str, Any]) -> list[str]:
    """Give the names of the parameters."""
    return sorted(one["name"] for one in found["parameters"])


def row(found: dict[str, Any], name: str) -> dict[str, Any]:
    """Give what is said of one parameter."""
    one: dict[str, Any] = next(one for one in found["parameters"] if one["name"] == name)
    return one


def test_arguments_are_read_with_their_defaults_and_types(tmp_path: Path) -> None:
    """Versions come from the metadata, never from the module."""
    source = (
        "from typing import Optional\n__version__ = '99'\n"
        "def connect(host: Optional[str] = None, port: 'int' = 7, *, a, **k): pass\n"
    )
    found = ask(tmp_path, source)

    assert (found["version"], found["error"], found["open"]) == ("1.0", "", True)
    assert names(found) == ["a", "host", "port"]
    assert (row(found, "port")["default"], row(found, "port")["type"]) == ("7", "int")
    assert row(found, "a")["default"] is None


def test_what_is_taken_out_of_keywords_by_name_is_read(tmp_path: Path) -> None:
    """Where the signature says only ``**kwargs``."""
    source = (
        "def connect(host=None, **kwargs):\n    a = kwargs.get('a', 5)\n    b = kwargs.pop('b')\n"
        "    if 'c' in kwargs: return kwargs['d']\n    other = {}\n    return other.get('e'), kwargs.get('f')\n"
    )
    found = ask(tmp_path, source)

    assert names(found) == ["a", "b", "c", "d", "f", "host"]
    assert [row(found, name)["default"] for name in "abf"] == ["5", None, "None"]


def test_what_helpers_take_out_of_keywords_is_read(tmp_path: Path) -> None:
    """Where a driver hands them on as a whole to a function of its own; what it hands to others is theirs."""
    source = (
        "import json\ndef _user(name, given):\n    return name or given.pop('user', 'me')\n"
        "def _mine(given): return given.get('never')\n"
        "def connect(host=None, **kwargs):\n    _mine({})\n    json.dumps(kwargs)\n    return _user(host, kwargs)\n"
    )
    found = ask(tmp_path, source)

    assert names(found) == ["host", "user"]
    assert row(found, "user")["default"] == "'me'"


def test_what_is_in_effect_is_read_from_an_object(tmp_path: Path) -> None:
    """A signature may say None where the object says five."""
    source = (
        "class Connection:\n    def __init__(self, host=None, timeout=None):\n        self.timeout = timeout or 5\n"
    )
    found = ask(tmp_path, source, of=["stub:Connection"])

    assert (row(found, "timeout")["default"], row(found, "timeout")["effective"]) == ("None", "5")


def test_a_member_of_an_enumeration_that_is_a_number_is_that_number(tmp_path: Path) -> None:
    """A driver that gives its numbers names has changed nothing; one that is only a name keeps it."""
    source = (
        "import enum\nclass Mode(enum.IntEnum):\n    AUTO = 0\nclass Way(enum.Enum):\n    UP = 1\n"
        "def connect(mode=Mode.AUTO, way=Way.UP): pass\n"
    )
    found = ask(tmp_path, source)

    assert (row(found, "mode")["default"], row(found, "way")["default"]) == ("0", "<Way.UP: 1>")


def test_mappings_and_data_classes_are_read(tmp_path: Path) -> None:
    """Tables of defaults with types, and fields with the aliases and secrets that their class declares."""
    source = (
        "import typing\nfrom dataclasses import dataclass\nfrom typing import ClassVar\n"
        "OLD = {'account': ('', str), 'retry': (3, (int, type(None))), 'call': (None, (type(None), typing.Callable))}\n"
        "@dataclass\nclass New:\n    account: str = ''\n    key: str | None = None\n    _inner: int = 0\n"
        "    _ALIAS_MAP: ClassVar[dict] = {'acct': 'account'}\n"
        "    _SENSITIVE: ClassVar[frozenset] = frozenset({'key'})\n"
    )
    found = ask(tmp_path, source, method="mapping", of=["stub:OLD", "stub:New", "stub:Never", "never:at"])

    assert names(found) == ["account", "call", "key", "retry"]
    assert (row(found, "retry")["default"], row(found, "retry")["type"]) == ("3", "int | NoneType")
    assert row(found, "call")["default"] == "None"
    assert row(found, "key")["secret"] is True
    assert found["missing"] == ["stub:Never", "never:at"]


def test_older_names_that_are_rewritten_are_aliases(tmp_path: Path) -> None:
    """Also where the value is converted on the way."""
    source = (
        "from dataclasses import dataclass\nfrom typing import ClassVar\n"
        "@dataclass\nclass New:\n    check_mode: str = 'off'\n    validity: int = 60\n"
        "    _LEGACY_REWRITES: ClassVar[dict] = {'mode': 'check_mode', 'hours': ('validity', lambda h: h * 3600)}\n"
        "    _UNSUPPORTED: ClassVar[dict] = {'gone': 'validity'}\n"
    )
    found = ask(tmp_path, source, method="mapping", of=["stub:New"])

    assert (row(found, "check_mode")["aliases"], row(found, "validity")["aliases"]) == (["mode"], ["hours"])
    # What a class declares is not what a connection has.
    assert row(found, "validity")["effective"] is None


def test_what_is_in_effect_is_read_of_a_connection_that_fails_at_the_network(tmp_path: Path) -> None:
    """Its constructor connects, and so nothing is ever returned."""
    source = (
        "import socket\nclass Connection:\n    def __init__(self, host=None, timeout=None):\n"
        "        self._timeout = timeout or 5\n        socket.create_connection((host, 1))\n"
    )
    found = ask(tmp_path, source, of=["stub:Connection"])

    assert row(found, "timeout")["effective"] == "5"


def test_an_embedded_database_is_asked(tmp_path: Path) -> None:
    """Columns are found by their names."""
    source = "from sqlite3 import connect\n"
    query = "select 'INTEGER' as type, 'threads' as name, 4 as value"
    found = ask(tmp_path, source, method="query", of=[query])

    assert (names(found), row(found, "threads")["default"], row(found, "threads")["type"]) == (
        ["threads"],
        "4",
        "integer",
    )


def test_a_default_of_this_machine_varies_and_others_do_not(tmp_path: Path) -> None:
    """The negative control is the one that stays the same."""
    source = (
        "import os, sys, time\ndef connect(host=None, pid=os.getpid(), home=os.path.expanduser('~'),"
        " program=sys.executable, session=f'mine-{int(time.time())}', size=5, mark=object()): pass\n"
    )
    found = ask(tmp_path, source)

    assert sorted(one["name"] for one in found["parameters"] if one["varies"]) == ["home", "pid", "program", "session"]


def test_where_a_default_lies_in_memory_is_no_difference(tmp_path: Path) -> None:
    """Each process has it elsewhere; the negative control is what differs and is no such place."""
    source = (
        "import os\nclass Retry:\n    def __init__(self, words): self.words = words\n"
        "    def __repr__(self): return self.words + os.urandom(6).hex() + '>'\n"
        "def connect(host=None, retry=Retry('<stub.Retry object at 0x'), key=Retry('<key ')): pass\n"
    )
    found = ask(tmp_path, source)

    assert [one["name"] for one in found["parameters"] if one["varies"]] == ["key"]


def judged(found: dict[str, Any], name: str) -> str:
    """Give what becomes of a parameter."""
    from manager.core.contract_reading import judged as judge

    return judge(name, found["tries"][name], found["tries"][""], known=name in names(found)).disposition


@pytest.mark.parametrize(("source", "gone"), [(drivers.HONEST, "rejected"), (drivers.SWALLOWS, "ignored")])
def test_a_driver_that_swallows_is_told_from_one_that_refuses(tmp_path: Path, source: str, gone: str) -> None:
    """Seen by giving it a parameter that it does not have; its own are accepted."""
    found = ask(tmp_path, source, former={"region": "'eu'"}, names={"user": ""})

    assert (judged(found, "region"), judged(found, "solvent_no_such_parameter")) == (gone, gone)
    assert judged(found, "user") == "accepted"


def test_a_driver_that_warns_is_heard(tmp_path: Path) -> None:
    """Warnings, and log lines that somebody sees who has set up nothing; what a library mutes is silence."""
    source = (
        "import logging, warnings\nlogging.getLogger('muted').addHandler(logging.NullHandler())\n"
        "def connect(host=None, old=None, **kwargs):\n"
        "    if old: warnings.warn('old is deprecated', DeprecationWarning)\n"
        "    if 'loud' in kwargs: logging.getLogger('loud').warning('loud is deprecated')\n"
        "    for name in kwargs: logging.getLogger('muted').warning('%s is unknown', name)\n"
    )
    found = ask(tmp_path, source, names={"old": "", "loud": ""}, former={"muted": ""})

    assert [judged(found, name) for name in ("old", "loud", "muted")] == ["warned", "warned", "ignored"]


# It polls from the moment it is loaded, and what it hears of there was added by a connection.
POLLS = """
import os, select, threading
POLL = select.epoll()
def listen():
    POLL.poll()
    os.abort()
threading.Thread(target=listen, daemon=True).start()
def connect(host=None, **kwargs):
    POLL.register(os.pipe()[1], select.EPOLLOUT)
    import time; threading.Event().wait(30)
"""


def test_a_driver_that_polls_is_not_disturbed_by_its_copies(tmp_path: Path) -> None:
    """A poll that is shared between a process and its copy would wake the one with what the other added."""
    began = time.monotonic()
    found = ask(tmp_path, POLLS, former={"region": "'eu'"})

    assert (found["error"], judged(found, "region")) == ("", "ignored")
    # It waits, which is seen long before any limit.
    assert time.monotonic() - began < 20


def test_what_could_not_be_tried_is_an_error(tmp_path: Path) -> None:
    """Never an answer without it: everything would seem to be taken."""
    source = "import os, signal\ndef connect(host=None, **k): os.kill(os.getppid(), signal.SIGKILL)\n"

    assert "could not be tried: it was ended by signal 9 before" in ask(tmp_path, source)["error"]


def test_what_has_nothing_to_open_a_connection_with_is_not_tried(tmp_path: Path) -> None:
    """Which is no error: its table says all that there is to say."""
    found = ask(tmp_path, "TABLE = {'host': 1}\n", method="mapping", of=["stub:TABLE"], names={"host": ""})

    assert (found["error"], names(found), found["tries"]) == ("", ["host"], {})


def test_a_parameter_that_is_looked_for_is_not_ignored(tmp_path: Path) -> None:
    """Even where no signature and no source names it."""
    source = "NAME = 'hid' + 'den'\ndef connect(host=None, **kwargs):\n    return kwargs.get(NAME)\n"
    found = ask(tmp_path, source, former={"hidden": "", "other": ""})

    assert (judged(found, "hidden"), judged(found, "other")) == ("accepted", "ignored")


def test_an_empty_table_is_an_empty_answer(tmp_path: Path) -> None:
    """Which the core calls hollow; here it is only told as it is."""
    assert ask(tmp_path, drivers.EMPTY, method="mapping", of=["stub:DEFAULTS"])["parameters"] == []


@pytest.mark.parametrize(
    ("source", "words"),
    [(drivers.HANGS, "I am about to hang"), (drivers.CRASHES, "my last words"), (drivers.RAISES, "libmissing.so.3")],
)
def test_a_driver_that_cannot_be_loaded_ends_with_its_last_words(tmp_path: Path, source: str, words: str) -> None:
    """Within its time, whether it hangs, crashes or raises."""
    began = time.monotonic()
    found = ask(tmp_path, source, limit=2)

    assert words in found["error"]
    assert "parameters" not in found
    # A guard against hanging, far above what it takes.
    assert time.monotonic() - began < 20


def test_a_driver_cannot_write_the_answer(tmp_path: Path) -> None:
    """What it writes to any open file is no answer, even in the form of one."""
    found = ask(tmp_path, drivers.LIES)

    assert found["error"] == ""
    assert names(found) == ["host", "password", "port", "ssl", "timeout", "user"]


def test_a_tree_without_the_distribution_is_an_error(tmp_path: Path) -> None:
    """A module of that name may lie anywhere."""
    assert ask(tmp_path, drivers.HONEST, distribution="other")["error"] == "the distribution is not in its tree"
