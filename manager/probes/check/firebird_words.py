"""The words of Firebird 3 and 4: types, limits and catalogues are those of its language references."""

import contextlib
import re
import time

from asking import NotRun
from words import AWKWARD, Words

# What would be a folder, or another server, in the name of a file (``host:path``).
_NOT_IN_FILES = "/\\:"


class Firebird(Words):
    """Firebird: a database is a file of the server, a query has a table, a definition is there after a commit."""

    name = "firebird"
    user = "select current_user"
    session = "select current_connection"
    sessions = "select mon$attachment_id from mon$attachments"
    kill = "delete from mon$attachments where mon$attachment_id = {}"
    # A query may go no deeper than 1024, so that numbers are made of thousands and what is below.
    series = (
        "(with recursive n(i) as (select 0 from rdb$database union all select i + 1 from n where i < 999) "
        "select a.i * 1000 + b.i + 1 as i from n a cross join n b "
        "where a.i * 1000 < {n} and a.i * 1000 + b.i < {n}) as series"
    )
    # Without the folder.
    current_database = (
        "select reverse(left(reverse(mon$database_name), position('/', reverse(mon$database_name)) - 1)) "
        "from mon$database"
    )
    # A double that is none is an error of the server.
    specials = ()
    tick = 100
    microseconds = "cast(datediff(millisecond from timestamp '1970-01-01 00:00:00 UTC' to v) * 1000 as bigint)"
    types = {
        "decimal": None, "money": "numeric(18, 4)", "timestamp": "timestamp", "instant": None, "date": "date",
        "time": "time", "text": "blob sub_type text", "bytes": "blob sub_type binary", "boolean": "boolean",
        "double": "double precision", "bigint": "bigint", "uuid": None, "json": None, "array": None, "interval": None,
    }  # fmt: skip

    def __init__(self, version=""):
        """Since Firebird 4 there are longer decimals, moments with a zone, and a limit for statements."""
        if version.partition(".")[0] in ("2", "3"):
            self.reflected = {"clock": ("TIME", True), "stamp": ("TIMESTAMP", True)}
            self.lacks = {"statement-limit": "before Firebird 4 a session has no limit for a statement"}
        else:
            self.types = {**self.types, "decimal": "numeric(38, 10)", "instant": "timestamp with time zone"}

    def said(self, statement):
        """Let a query without a table ask the table of one row."""
        asks = re.match(r"(insert into .*\) )?select ", statement) and " from " not in statement
        return f"{statement} from rdb$database" if asks else statement

    def fold(self, name):
        """A name that is not quoted is kept in capitals."""
        return name.upper()

    def settled(self, connection, statement):
        """Commit what defines a table, or ends a session: before that it is not so for any other statement.

        The driver takes a commit only where a transaction was begun.
        """
        if statement.startswith(("create ", "drop ", "comment ", "alter ", "delete from mon$")):
            connection.commit()
            connection.begin()

    def autocommit(self, connection):
        """Let the transactions that the driver begins commit each statement."""
        from firebird.driver import TPB

        connection.main_transaction.default_tpb = TPB(auto_commit=True).get_buffer()

    def enter(self, connection, schema):  # noqa: ARG002
        """Raise NotRun: there are none."""
        raise NotRun("Firebird has no schemas")

    def make_schemas(self, subject):
        """There are none."""

    def make_database(self, subject):
        """Create a file in the folder that the server allows; its name is all that is said."""
        self._make(subject, subject.database)

    def drop_database(self, subject):
        """Drop it from within; sessions that are left in it are ended first, which takes the server a moment."""
        self._drop(subject, subject.database)

    def make_awkward(self, subject):
        """Create a file without what would be a folder or another server."""
        name = subject.database + "".join(one for one in AWKWARD if one not in _NOT_IN_FILES)
        self._make(subject, name)
        return name

    def drop_awkward(self, subject):
        """Drop that file."""
        self._drop(subject, subject.database + "".join(one for one in AWKWARD if one not in _NOT_IN_FILES))

    def _make(self, subject, name):
        subject.ways.connect(subject.driver, {**subject.words(), "database": name, "create": True}).close()

    def _drop(self, subject, name):
        try:
            connection = subject.ways.connect(subject.driver, {**subject.words(), "database": name})
        except subject.driver.Error:
            return
        for _ in range(50):
            with contextlib.suppress(subject.driver.Error):
                others = "delete from mon$attachments where mon$attachment_id <> current_connection"
                connection.cursor().execute(others)
                connection.commit()
                connection.drop_database()
                return
            if connection.is_active():
                with contextlib.suppress(subject.driver.Error):
                    connection.rollback()
            time.sleep(0.1)
        connection.close()
