"""Spark SQL through its Thrift server: no transactions, no keys, tables as files that statements add to."""

from asking import Unsupported
from words import Words


class Spark(Words):
    """Spark 4, with its own kind of tables (Parquet)."""

    name = "spark"
    lacks = {
        "transactions": "Spark SQL has no transactions",
        "keys": "tables of Spark have no keys and no checks",
        "changes": "a table of Spark's own kind takes no UPDATE and no DELETE",
        "sessions": "Spark SQL lists no sessions and gives them no number",
        "kill": "Spark SQL has no statement that ends a session",
    }
    own_place = False
    quote = "`"
    key = ""
    empty = "truncate table {}"
    # Drivers write a value into the statement, a day or a moment as a text, which no other column takes as it is.
    put = "cast(? as {})"
    # Each row is a statement, which is a job and a file.
    many = 40
    user = "select current_user()"
    current_database = "select current_database()"
    microseconds = "unix_micros(v)"
    # A TIMESTAMP is a moment without a zone, which is shown in the session's.
    zones = False
    sleep = "select java_method('java.lang.Thread', 'sleep', cast({} * 1000 as bigint))"
    series = "(select id as i from range(1, {n} + 1)) as series"
    transactional_ddl = False
    types = {
        "decimal": "decimal(38, 10)", "money": "decimal(18, 4)", "timestamp": "timestamp_ntz", "instant": "timestamp",
        "date": "date", "time": None, "text": "string", "bytes": "binary", "boolean": "boolean", "double": "double",
        "bigint": "bigint", "uuid": None, "json": None, "array": "array<int>", "interval": "interval day to second",
    }  # fmt: skip

    def autocommit(self, connection):
        """Each statement stands for itself as it is."""

    def drop_database(self, subject):
        """Drop it with its tables."""
        self.apart(subject, f"drop database if exists {subject.database} cascade")

    def make_awkward(self, subject):  # noqa: ARG002
        """Raise Unsupported: a name may have letters, digits and underscores alone."""
        raise Unsupported("a name of a database has letters, digits and underscores alone")

    def drop_awkward(self, subject):
        """There is none."""

    def drop_tables(self, subject, tables):
        """Drop tables where the database is not dropped; there is nothing to commit."""
        for table in reversed(tables):
            self.apart(subject, f"drop table if exists {table}")
