"""Connecting: is it the version of the set, does it get in, and does it say what is wrong where it does not?"""

import contextlib
import socket
import time
import traceback
import warnings
from pathlib import Path

from asking import STORES, Unsupported, Unsure, Wrong, probe, raised, wanted, within

_TYPED = "wrong-n0t-the-pa55word"


@probe("connect.import", stores=STORES, manner="fresh")
def imported(subject):
    """The package's metadata has the version of the set; a module's own ``__version__`` may lie."""
    import importlib.metadata

    wanted("version", importlib.metadata.version(subject.asked["distribution"]), subject.asked["version"])


@probe("connect.select", stores=STORES)
def selects(subject):
    """It connects, and ``select 1`` is 1; a store without SQL answers the simplest thing that can be asked."""
    subject.greet(subject.connect())


@probe("connect.place", needs=("write",))
def place(subject):
    """Where the source says that a table may be made, one can be."""
    connection = subject.fresh()
    table = subject.table("place")
    subject.run(connection, f"create table {table} (v integer)")
    connection.commit()
    wanted("rows", list(subject.run(connection, f"select v from {table}").fetchall()), [])


@probe("connect.unknown-parameter", stores=STORES)
def unknown(subject):
    """A parameter that the driver does not know is refused or warned of, by its name."""
    subject.connect()
    name = "no_such_parameter"
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        try:
            subject.connect(more={name: "1"})
        except Exception as error:
            if name not in str(error):
                raise Wrong(f"refused without its name: {error!r}", sign="unknown parameter unnamed") from error
            return {"rejected": 1}
    if any(name in str(one.message) for one in warned):
        return {"warned": 1}
    if subject.driver.__name__ == "pyodbc":
        # SQLDriverConnect connects, with SQLSTATE 01S00 that pyodbc does not show.
        raise Unsupported("ODBC drivers may connect in spite of a keyword that they do not know")
    raise Wrong("ignored without a word", sign="unknown parameter ignored")


@probe("connect.wrong-password", needs=("server",), stores=STORES)
def password(subject):
    """A wrong password is refused with the server's code, and no password is in what is shown of it."""
    error = _turned_away(subject)
    codes = subject.ways.codes(error)
    # https://www.postgresql.org/docs/current/errcodes-appendix.html, https://mariadb.com/kb/en/mariadb-error-codes/
    right = {"postgresql": {"28P01", "28000"}, "mysql": {"1045", "28000"}}
    # A failed connection has no SQLSTATE in libpq, and ODBC's own is of the connection.
    if codes and not codes & (right.get(subject.sql.name, codes) | {"08001", "08004", "HY000"}):
        raise Wrong(f"wrong password: has the codes {sorted(codes)}", sign="wrong password code")
    shown = "\n".join((str(error), repr(error), *map(str, error.args), *traceback.format_exception(error)))
    if any(secret in shown for secret in (_TYPED, subject.source["password"])):
        raise Wrong("the error of a wrong password shows it", sign="wrong password shown")


@probe("connect.login-class", needs=("server",), stores=STORES)
def login_class(subject):
    """Being turned away with a wrong password is an OperationalError, or a store's own class for that, and no other."""
    error = _turned_away(subject)
    raised(subject.errors("login"), _again(error), "wrong password")


@probe("connect.unreachable-class", needs=("server",), stores=STORES)
def unreachable_class(subject):
    """A server that cannot be reached is an OperationalError, or a store's own class for that."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        error = _lost(subject, 10, "refused port", host="127.0.0.1", port=taken.getsockname()[1])
    raised(subject.errors("unreachable"), _again(error), "refused port")


def _again(error):
    def call():
        raise error

    return call


def _turned_away(subject):
    def enter():
        with contextlib.closing(subject.connect(password=_TYPED)) as connection:
            subject.greet(connection)

    subject.connect()
    try:
        return raised(subject.errors(), enter, "wrong password")
    except Wrong as wrong:
        if wrong.sign.endswith("nothing"):
            raise Unsure("the server lets one in with a wrong password") from wrong
        raise


@probe("connect.refused-port", needs=("server",), stores=STORES)
def refused(subject):
    """A port at which nobody listens is an error, at once."""
    with socket.socket() as taken:
        # Bound and not listening: nobody else gets it meanwhile.
        taken.bind(("127.0.0.1", 0))
        _lost(subject, 10, "refused port", host="127.0.0.1", port=taken.getsockname()[1])


@probe("connect.unknown-host", needs=("server",), seconds=40, stores=STORES, manner="waits")
def nowhere(subject):
    """A host that no name server knows is an error."""
    host = "no-such-host.invalid"  # RFC 2606
    began = time.monotonic()
    with contextlib.suppress(socket.gaierror):
        socket.getaddrinfo(host, 5432)
        raise Unsure(f"a name server knows {host}")
    slow = time.monotonic() - began
    if slow > 5:
        raise Unsure(f"the name server takes {slow:.0f} s to say that it does not know a host")
    # A driver may ask for each kind of address in turn.
    _lost(subject, 10 + 3 * slow, "unknown host", host=host)


@probe("connect.silent-server", needs=("server",), stores=STORES, manner="waits")
def silent(subject):
    """A server that takes the connection and never says a word is given up after the timeout."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        _lost(subject, 6, "silent server", host="127.0.0.1", port=server.getsockname()[1], timeout=2)


@probe("connect.black-hole", needs=("server",), stores=STORES, manner="waits")
def black_hole(subject):
    """A host that answers no packet at all is given up after the timeout."""
    with contextlib.ExitStack() as held:
        server = held.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        # Linux drops what comes to a full queue: nobody accepts here.
        for _ in range(8):
            one = held.enter_context(socket.socket())
            one.setblocking(False)
            one.connect_ex(server.getsockname())
        probing = held.enter_context(socket.socket())
        probing.settimeout(0.3)
        if probing.connect_ex(server.getsockname()) == 0:
            raise Unsure("no black hole can be made here: a full queue still takes connections")
        _lost(subject, 6, "black hole", host="127.0.0.1", port=server.getsockname()[1], timeout=2)


def _lost(subject, seconds, what, **changes):
    error, _ = within(seconds, lambda: raised(subject.errors(), lambda: subject.connect(**changes), what), what)
    return error


@probe("connect.awkward-database", needs=("database",))
def database(subject):
    """A database whose name has blanks, quotes, signs of URLs and letters beyond ASCII can be connected to."""
    name = subject.sql.make_awkward(subject)
    try:
        with contextlib.closing(subject.connect(database=name)) as connection:
            if subject.source.get("embedded"):
                _keeps(subject, connection, name)
            else:
                wanted("database", subject.one(connection, subject.sql.current_database), name)
    finally:
        subject.sql.drop_awkward(subject)


def _keeps(subject, connection, name):
    subject.run(connection, "create table kept (v integer)")
    connection.commit()
    wanted("exists", Path(name).exists(), True)


@probe("connect.awkward-user", needs=("server", "database"), stores=("redis", "mongodb"))
def user(subject):
    """A user whose name and password have blanks, quotes and signs of URLs gets in."""
    _enters(subject, "p a's\"s%w@o/r:d;=\\{}&#+ 0")


@probe("connect.unicode-password", needs=("server", "database"), stores=("redis", "mongodb"))
def beyond(subject):
    """A password with letters beyond ASCII gets in: it is UTF-8 wherever it goes."""
    _enters(subject, "pässwörd-ключ-鍵")


def _enters(subject, typed):
    words = subject.sql
    maker = subject.fresh()
    words.autocommit(maker)
    if not words.may_make_users(subject, maker):
        raise Unsupported("the source lets no user be made")
    name = words.make_user(subject, maker, typed)
    try:
        with contextlib.closing(subject.connect(user=name, password=typed)) as connection:
            got = words.whoami(connection) if subject.store else subject.one(connection, words.user)
    finally:
        words.drop_user(subject, maker)
    wanted("user", got, name)
