"""What the words of an engine are: its types, and how a fresh place is made and taken away."""

# What a name may hold in PostgreSQL and MariaDB alike, and what stands for something in a URL, in libpq's strings, in
# ODBC's strings or in SQL.
AWKWARD = " a'b\"c`d%e@f/g:h;i=j\\k{l}m&n#é"


class Words:
    """What SQL differs in. ``types`` maps what a probe stores to a column's type; None where the engine has none."""

    name = ""
    types = {}
    quote = '"'
    # A query that takes a number of seconds (``{}``), a wrong one, and what the server calls the session.
    sleep = ""
    session = ""
    sessions = ""
    kill = ""
    # N rows of numbers from 1, in order: ``series.format(n=...)`` ends a query behind FROM; its column is ``i``.
    series = ""
    transactional_ddl = True
    # Whether the server sends a result in parts.
    streams = True
    # A query that lists the sessions that the user may see, with what they ask and call themselves.
    listing = ""
    # A query that gives the name of the user who asks.
    user = ""
    # What the engine has not: a need of probes, and why it is not met.
    lacks = {}
    # Whether each probe has a database or a file to itself.
    own_place = True
    # What makes the first column a key, and how a table (``{}``) is emptied.
    key = " primary key"
    empty = "delete from {}"
    # What a version reflects otherwise than the golden tables have it: a column to its type and whether it may be NULL.
    reflected = {}
    # How a value goes into a column of a type (``{}``).
    put = "?"
    # How many rows are put in by one executemany.
    many = 10_000
    # What a double may be besides a number.
    specials = ("infinity", "nan")
    # How a session gets a zone, and what UTC is called there; the microseconds since 1970 of a column ``v``; whether a
    # moment comes back with a zone.
    zone = "set time zone '{}'"
    utc = "UTC"
    microseconds = ""
    zones = True
    current_database = ""
    current_schema = "current_schema()"
    # The least part of a second that a time has, in microseconds.
    tick = 1
    # All that a probe may leave where the database is not dropped, by ``name`` and schema (``place``), and what takes a
    # name (``{}``) away.
    made = "select table_name as name, table_schema as place from information_schema.tables"
    drops = ("drop table if exists {}",)
    # The last column of what it gives is empty where the session is not encrypted.
    cipher = ""

    def __init__(self, version=""):
        """Take into account what a version has; "" has what all have."""

    def said(self, statement):
        """Write a query that has no table as the engine wants it."""
        return statement

    def fold(self, name):
        """Give a name as the engine keeps it where it stands without quotes."""
        return name

    def settled(self, connection, statement):
        """Do what it takes for that which a statement defined to be there, in the same session."""

    def quoted(self, name):
        """Quote a name."""
        return self.quote + name.replace(self.quote, self.quote * 2) + self.quote

    def make_database(self, subject):
        """Create the fresh database that the subject names."""
        self.apart(subject, f"create database {subject.database}")

    def drop_database(self, subject):
        """Drop it; sessions that are left in it are ended."""
        self.apart(subject, f"drop database if exists {subject.database}")

    def drop_tables(self, subject, tables):
        """Drop tables where the database is not dropped."""
        connection = subject.opened()
        try:
            for drop in self.drops:
                for table in reversed(tables):
                    subject.run(connection, drop.format(table))
            connection.commit()
        finally:
            connection.close()

    def sweep(self, subject):
        """Remove what a killed probe left: its database, or tables that begin with its prefix."""
        able = subject.source.get("capabilities", ())
        if "fresh-database" in able:
            self.drop_database(subject)
            self.drop_awkward(subject)
        elif "schema-only" in able:
            self.drop_tables(subject, self.left(subject))

    def left(self, subject):
        """Name what is in the schema and begins with the subject's prefix."""
        connection = subject.opened()
        try:
            begins = f"left(name, {len(subject.prefix)}) = '{subject.prefix}'"
            where = f"place = {self.current_schema} and {begins}"
            rows = subject.run(connection, f"select name from ({self.made}) as made where {where}").fetchall()
        finally:
            connection.close()
        return sorted(row[0] for row in rows)

    def enter(self, connection, schema):
        """Let names without a schema mean this one; of an engine whose schemas are databases it is connected to."""

    def make_awkward(self, subject):
        """Create a database whose name begins as the fresh one's and goes on with awkward letters; give the name."""
        name = subject.database + AWKWARD
        self.apart(subject, f"create database {self.quoted(name)}")
        return name

    def drop_awkward(self, subject):
        """Drop that database."""
        self.apart(subject, f"drop database if exists {self.quoted(subject.database + AWKWARD)}")

    def make_schemas(self, subject):
        """Make the second schemas that SQLAlchemy's suite wants in the fresh database."""
        connection = subject.connect()
        for name in ("test_schema", "test_schema_2"):
            subject.run(connection, f"create schema {name}")
        connection.commit()
        connection.close()

    def schema(self, subject):  # noqa: ARG002
        """Name the second schema; "" for the suite's own name."""
        return ""

    def may_make_users(self, subject, connection):  # noqa: ARG002
        """Say whether the source's own user may make others."""
        return False

    def apart(self, subject, statement):
        """Execute a statement in a connection of its own, outside of any transaction."""
        connection = subject.opened()
        try:
            self.autocommit(connection)
            subject.run(connection, statement)
        finally:
            connection.close()

    def autocommit(self, connection):
        """Let each statement stand for itself."""
        connection.autocommit = True
