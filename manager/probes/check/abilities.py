"""What only some drivers can, and each in its own words: stream, cancel, stop waiting, know that they are closed."""

from asking import Unsupported

# Words of ODBC drivers for a result that is not kept whole. With what MariaDB's (3.1) and SQLite's have for it,
# NO_CACHE with FORWARDONLY and StepAPI, a million rows still took more than 130 MiB.
_STREAM_ODBC = {"PostgreSQL": {"UseDeclareFetch": "1", "Fetch": "2000"}}


def name_of(subject):
    """Name the driver by the first part of its module."""
    return subject.driver.__name__.partition(".")[0]


def odbc_words(subject, words):
    """Pick what is for the ODBC driver of the source."""
    driver = subject.source["driver"]
    return next((one for name, one in words.items() if driver.startswith(name)), None)


def begin(subject, connection):
    """Begin a transaction where the driver does not do so by itself."""
    if name_of(subject) == "duckdb":
        connection.begin()


def run(subject, connection, statement, **more):
    """Execute in the connection's transaction; a cursor of DuckDB is a connection of its own (its documentation)."""
    if name_of(subject) == "duckdb":
        return connection.execute(statement)
    return subject.run(connection, statement, **more)


def undo(subject, connection):
    """Roll back where there is something to: DuckDB raises where no transaction was begun, and Spark has none."""
    if name_of(subject) != "duckdb" and "transactions" not in subject.sql.lacks:
        connection.rollback()


def autocommit(subject, connection):
    """Let each statement stand for itself; DuckDB's begin like that."""
    if name_of(subject) in ("sqlite3", "pysqlite3"):
        connection.isolation_level = None
    elif name_of(subject) != "duckdb":
        subject.sql.autocommit(connection)


def streaming(subject):
    """Give a cursor of a new connection to a fresh place that does not keep a whole result; else Unsupported."""
    subject.place()
    driver = name_of(subject)
    if not subject.sql.streams:
        raise Unsupported("the server sends a result whole")
    if driver == "pg8000":
        raise Unsupported("the driver reads a result whole")
    if driver == "pyodbc":
        words = odbc_words(subject, _STREAM_ODBC)
        if words is None:
            raise Unsupported("it is not known how this ODBC driver streams")
        return subject.connect(keywords=words).cursor()
    connection = subject.connect()
    if driver in ("psycopg", "psycopg2"):
        return connection.cursor("of_a_probe")
    if driver == "pymysql":
        return connection.cursor(subject.driver.cursors.SSCursor)
    # Not kept whole by default: mysql.connector (buffered=False), sqlite3, DuckDB.
    return connection.cursor()


_CANCELS = ("psycopg", "psycopg2", "duckdb", "sqlite3", "pysqlite3", "pyodbc", "impala", "pyhive")


def cancels(subject):
    """Raise Unsupported where the driver has no call for another thread to end a query."""
    if name_of(subject) not in _CANCELS:
        raise Unsupported("the driver cannot cancel a query")


def canceller(subject, connection, cursor):
    """Give what another thread calls to end a query."""
    if name_of(subject) == "pyodbc":
        return cursor.cancel
    if name_of(subject) == "impala":
        return cursor.cancel_operation
    if name_of(subject) == "pyhive":
        return cursor.cancel
    return connection.cancel if name_of(subject) in ("psycopg", "psycopg2") else connection.interrupt


def impatient(subject):
    """Give a connection that waits a second for an answer, by a setting of the driver; else Unsupported."""
    driver = name_of(subject)
    if driver in ("pymysql", "mysql"):
        return subject.connect(more={"read_timeout": 1})
    if driver == "pg8000":
        return subject.connect(timeout=1)
    if driver == "pyodbc":
        connection = subject.connect()
        connection.timeout = 1
        return connection
    raise Unsupported("the driver has no time limit for an answer")


def known_closed(subject, connection):
    """Say whether the driver knows that a connection is closed; else Unsupported."""
    driver = name_of(subject)
    if driver == "pymysql":
        return not connection.open
    if driver == "mysql":
        return not connection.is_connected()
    if driver in ("psycopg", "psycopg2", "pyodbc"):
        return bool(connection.closed)
    if driver == "firebird":
        return connection.is_closed()
    raise Unsupported("the driver does not say whether a connection is closed")
