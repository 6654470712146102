"""What a probe is, and what it is given: the words that every file of ``ask`` is written in.

A probe is a function of a :class:`Subject`. It returns nothing, or a dict of measures, when it passes; it raises
:class:`Wrong` when the driver did something else than it should. An error that it does not expect is a failure too.
:class:`Unsupported`, :class:`Skip` and :class:`Unsure` say the rest; nothing else is ever a pass.
"""

import contextlib
import os
import queue
import re
import threading
import time
import traceback
from pathlib import Path

import shortage
from hiding import hidden

PROBES = {}
# Engines that speak no SQL, whose words are in ``stores``.
STORES = ("redis", "s3", "mongodb", "elasticsearch")
# Engines whose emulation is another engine: their words are in ``emulated``, and what has these needs is not asked.
EMULATED = ("snowflake",)
_OF_THE_SERVER = {"write", "database", "kill", "restart"}


class Ended(Exception):
    """An outcome that is no pass and no failure; the text is its reason."""

    outcome = "error"


class Unsupported(Ended):
    """What is asked does not exist here: not in this engine, driver or source."""

    outcome = "unsupported"


class Skip(Ended):
    """What is asked makes no sense here, for the reason that is given."""

    outcome = "skip"


class NotRun(Ended):
    """What is asked needs something that is not here."""

    outcome = "not_run"


class Unsure(Ended):
    """It could not be told, for a reason that has nothing to do with the driver."""

    outcome = "error"


class Wrong(Exception):
    """The driver gave something else than it should; the text says what was wanted and what came.

    ``sign`` tells this failure apart where the text differs from run to run.
    """

    def __init__(self, text, sign=""):
        super().__init__(text)
        self.sign = sign


class Probe:
    """One question: its id, the function, what it needs of the source, its hard limit in seconds, how it is asked."""

    def __init__(self, name, function, needs, seconds, engines, drivers, stores, manner):
        self.name = name
        self.function = function
        self.needs = frozenset(needs)
        self.seconds = seconds
        self.engines = engines
        self.drivers = drivers
        self.stores = stores
        self.manner = manner

    def listed(self, why):
        """Give what the parent has to know of it: id, seconds, why it is not asked or "", its file, and its manner."""
        return [self.name, self.seconds, why, self.function.__module__.rpartition(".")[2], self.manner]


def probe(name, *, needs=(), seconds=20, engines=(), drivers=(), stores=(), manner=""):
    """Put a function into the list under an id such as ``values.decimal``; its docstring is the question.

    ``needs``: ``server`` (not in the process), ``write`` (a place for tables), ``database`` (may create databases),
    ``kill`` and ``restart`` (may do that to sessions, to the server), ``tls``, ``alchemy`` (a SQLAlchemy dialect),
    ``harness`` (pytest, beside the set); of the engine ``transactions``, ``keys``, ``changes`` (UPDATE and DELETE),
    ``sessions`` (that have a number and are listed) and ``statement-limit`` (of its time).
    Empty ``drivers`` (import names) mean all, and empty ``engines`` all that speak SQL, with those ``stores`` besides;
    ``engines`` are names of words (``engines.spoken``), so that "mysql" is MariaDB too.
    ``manner``: "" for one that does not mind others beside it; ``waits`` for one that does little else; ``alone`` for
    one that measures time or memory, or looks at what others leave; ``fresh`` for one that is about the import itself,
    and gets an interpreter that has imported nothing.
    """
    assert manner in ("", "waits", "alone", "fresh"), manner

    def put(function):
        assert name not in PROBES, name
        PROBES[name] = Probe(name, function, needs, seconds, engines, drivers, stores, manner)
        return function

    return put


def emulated(source):
    """Say whether another engine answers for the one that a source is called by."""
    return bool(source.get("emulated")) and source["engine"] in EMULATED


def missing(one, asked):
    """Say why a probe cannot be asked of a source, or nothing; what is not for it at all is not in its list."""
    import engines

    source = asked["source"]
    able = set(source.get("capabilities", ()))
    if emulated(source) and one.needs & _OF_THE_SERVER:
        return "what an emulation does with tables and sessions says nothing of the real server"
    lacking = {
        "server": ("the engine runs in the process", bool(source.get("embedded"))),
        "tls": ("the source has no TLS", not source.get("ca")),
        "write": ("the source may only be read", "read-only" in able),
        "database": ("the source lets no database be created", "fresh-database" not in able),
        "kill": ("sessions of the source may not be killed", "may_kill" not in able),
        "restart": ("the source may not be restarted", "may_restart" not in able),
        "alchemy": ("the driver has no SQLAlchemy dialect", not asked.get("scheme")),
        "harness": ("the connector says nothing of SQLAlchemy's suite for this driver", not asked.get("harness")),
    }
    found = [why for need, (why, lacks) in lacking.items() if lacks and need in one.needs]
    found += [engines.lacking(source["engine"], source.get("version", ""), need) for need in sorted(one.needs)]
    return next(filter(None, found), "")


def belongs(one, asked):
    """Say whether a probe is for an engine and a driver at all."""
    # Engines raise what stands here.
    import engines

    engine, driver = engines.spoken(asked["source"]["engine"]), asked["import_name"]
    among = one.engines or (one.stores if engine in STORES else (engine,))
    return engine in among and (not one.drivers or driver in one.drivers)


def wanted(what, got, want):
    """Raise Wrong unless a value and its type are what was wanted."""
    if type(got) is not type(want) or got != want:
        raise Wrong(f"{what}: wanted {shown(want)}, got {shown(got)}", sign=f"{what} {type(got).__name__}")


def raised(classes, call, what):
    """Call and give the error, which has to be one of the classes; raises Wrong where none or another one comes.

    Raises Unsure where it came since something had run out.
    """
    try:
        call()
    except Ended:
        raise
    except classes as error:
        if why := shortage.of(error):
            raise Unsure(f"{why}; {type(error).__name__}: {hidden(str(error))[:200]}") from error
        return error
    except Exception as error:
        names = " or ".join(one.__name__ for one in (classes if isinstance(classes, tuple) else (classes,)))
        text = f"{what}: wanted {names}, got {type(error).__name__}: {hidden(str(error))[:200]}"
        raise Wrong(text, sign=f"{what} {type(error).__name__}") from error
    raise Wrong(f"{what}: nothing was raised", sign=f"{what} nothing")


def shown(value):
    """Give a short text of a value with its type."""
    text = hidden(repr(value))
    return f"{type(value).__name__} {text if len(text) <= 120 else text[:117] + '...'}"


def within(seconds, call, what):
    """Call, and give its result and how long it took; what it raises is raised.

    It runs in a thread of its own, which is given up after the seconds: Wrong. Whatever is opened in it belongs to
    that thread, which matters to SQLite.
    """
    came = queue.SimpleQueue()

    def run():
        began = time.monotonic()
        try:
            result, error = call(), None
        except BaseException as raised:
            result, error = None, raised
        came.put((result, error, time.monotonic() - began))

    threading.Thread(target=run, daemon=True).start()
    try:
        result, error, spent = came.get(timeout=seconds)
    except queue.Empty:
        raise Wrong(f"{what}: not over after {seconds:g} s", sign=f"{what} slow") from None
    if error is not None:
        raise error
    return result, spent


def sign(error):
    """Tell an error apart from others: its class, the last place outside of the probes, its words without values."""
    if isinstance(error, Wrong) and error.sign:
        return f"Wrong {hidden(error.sign)}"
    frames = traceback.extract_tb(error.__traceback__)
    outside = [one for one in frames if "/site-packages/" in one.filename]
    place = ""
    if outside:
        place = f" {outside[-1].filename.rpartition('/site-packages/')[2]}:{outside[-1].name}"
    # Names of databases and tables are drawn anew each time.
    words = re.sub(r"check_[0-9a-f]+|[0-9]", "#", hidden(str(error)).split("\n")[0])
    return f"{type(error).__name__}{place} {words}"[:200]


class Subject:
    """What a probe asks: a driver and a source.

    ``driver`` is its module, ``sql`` the engine's words, ``source`` what is known of the server, ``prefix`` begins the
    name of every table that a probe makes.
    """

    def __init__(self, asked, driver, ways, sql):
        self.asked = asked
        self.driver = driver
        self.source = asked["source"]
        self.ways = ways
        self.sql = sql
        self.prefix = asked.get("prefix") or f"check_{os.urandom(5).hex()}"
        self._open = []
        self._tables = []
        self._database = False

    def connect(self, **changes):
        """Open a connection; changes are canonical: host, port, database, user, password, timeout, tls, ca."""
        if "password" in changes and "user" not in changes:
            self.guess()
        made = self.opened(**changes)
        self._open.append(made)
        return made

    def opened(self, **changes):
        """Open a connection that the caller closes; where only a schema is allowed, names without one mean it."""
        words = {**self.words(), **changes}
        if self.source.get("tls_port") and words.get("tls", "disable") != "disable" and "port" not in changes:
            words["port"] = int(self.source["tls_port"])
        made = self.ways.connect(self.driver, words)
        if self.source.get("schema"):
            self.sql.enter(made, self.source["schema"])
        return made

    def keep(self, thing):
        """Close a thing in the end; gives it."""
        self._open.append(thing)
        return thing

    def guess(self):
        """Say that a wrong password is about to be tried: never for an account that might be locked by it."""
        if self.source.get("own"):
            raise Unsupported("a wrong password may lock an account that is somebody's own")

    def words(self):
        """Give how the source is reached, in canonical words; the fresh database where there is one."""
        source = self.source
        names = ("host", "port", "database", "user", "password", "driver", "account", "protocol")
        words = {name: source[name] for name in names if name in source}
        if "port" in words:
            # A catalog's parameters are texts, and not every driver takes a port as one.
            words["port"] = int(words["port"])
        if source.get("tls"):
            words["tls"] = source["tls"]
            if source.get("ca"):
                words["ca"] = self._authority()
        if self._database and not (self.store and self.sql.beside):
            words["database"] = self.database
        return words

    def _authority(self):
        file = Path(f"/tmp/{self.prefix}.pem")
        if not file.exists():
            file.write_text(self.source["ca"])
        return str(file)

    @property
    def database(self):
        """Name the database that :meth:`fresh` makes; of an engine in the process it is a file."""
        return f"/tmp/{self.prefix}.db" if self.source.get("embedded") else self.prefix

    def fresh(self):
        """Give a connection to a place where tables can be made: a fresh database, else the schema that is allowed."""
        self.place()
        return self.connect()

    def place(self):
        """Make the fresh database where one may be made, with no connection to it."""
        if not self._database and "fresh-database" in self.source.get("capabilities", ()):
            self.sql.make_database(self)
            self._database = True

    def table(self, name):
        """Name a table; it is dropped afterwards where the database is not."""
        table = f"{self.prefix}_{name}"
        self._tables.append(table)
        return table

    def run(self, connection, statement, values=None, *, settle=True):
        """Execute a statement with ``?`` for each value; give the cursor.

        What it defines is there for the next one; without ``settle`` when the engine says so.
        """
        cursor, statement = connection.cursor(), self.sql.said(statement)
        if values is None:
            cursor.execute(statement)
        else:
            cursor.execute(self.ways.styled(self.driver, statement), tuple(values))
        if settle:
            self.sql.settled(connection, statement)
        return cursor

    def one(self, connection, statement, values=None):
        """Give the single value that a query answers."""
        cursor = self.run(connection, statement, values)
        row = cursor.fetchone()
        cursor.close()
        if row is None or len(row) != 1:
            raise Wrong(f"{statement}: wanted one value, got {shown(row)}")
        return row[0]

    @property
    def store(self):
        """Say whether the engine speaks no SQL."""
        return self.sql.name in STORES

    def greet(self, connection):
        """Ask the simplest thing there is; raises Wrong unless it has its answer."""
        if self.store:
            self.sql.greet(connection)
        elif (got := self.one(connection, "select 1")) != 1:
            raise Wrong(f"select 1 gave {got!r}")

    def errors(self, of=""):
        """Give the classes of a driver's errors: of all, of a refused ``login``, of an ``unreachable`` server."""
        if self.store:
            return self.sql.errors(self.driver, of)
        return self.driver.OperationalError if of else self.driver.Error

    def engine(self, at=None, **more):
        """Give a SQLAlchemy engine of the source; of the fresh database once :meth:`place` was called.

        ``at`` are words of a connection that are others than the source's, such as the port of a ``Door``.
        """
        import sqlalchemy

        at = at or {}
        url = self.ways.url(self.asked["scheme"], {**self.words(), **at})
        if self.sql.name == "sqlite":
            # The dialect takes the standard library's module unless it is given another one.
            more.setdefault("module", self.driver)
        elif self.sql.name == "postgresql" and (self.source.get("schema") or self.source.get("tls")):
            # Each driver's URL has other words for it.
            more.setdefault("creator", lambda: self.opened(**at))
        made = sqlalchemy.create_engine(url, **self.ways.beside(self.words()), **more)
        self._open.append(_Disposed(made))
        return made

    def close(self):
        """Close what was opened, and drop what was made; the first error is raised after all is done."""
        for one in self._open:
            with contextlib.suppress(Exception):
                one.close()
        self._open = []
        if self._database:
            self._database = False
            self.sql.drop_database(self)
        elif self._tables:
            self.sql.drop_tables(self, self._tables)


class _Disposed:
    def __init__(self, engine):
        self._engine = engine

    def close(self):
        """Close all connections of its pool."""
        self._engine.dispose()
