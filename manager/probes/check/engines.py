"""The engines that the probes have words for."""

from firebird_words import Firebird
from spark import Spark
from words import AWKWARD, Words


class PostgreSQL(Words):
    """PostgreSQL 13 and later."""

    name = "postgresql"
    user = "select current_user"
    microseconds = "(extract(epoch from v) * 1000000)::bigint"
    current_database = "select current_database()"
    cipher = "select cipher from pg_stat_ssl where pid = pg_backend_pid()"
    listing = "select pid::text, usename::text, application_name, query from pg_stat_activity where query is not null"
    sleep = "select pg_sleep({})"
    session = "select pg_backend_pid()"
    sessions = "select pid from pg_stat_activity"
    kill = "select pg_terminate_backend({})"
    series = "(select generate_series(1, {n}) as i) as series"
    # An enumeration is a type of its own, which stays when its table goes.
    made = (
        f"{Words.made} union all"
        " select typname, nspname from pg_type join pg_namespace as n on typnamespace = n.oid where typtype = 'e'"
    )
    drops = (*Words.drops, "drop type if exists {}")
    types = {
        "decimal": "numeric(38, 10)",
        "money": "numeric(18, 4)",
        "timestamp": "timestamp",
        "instant": "timestamptz",
        "date": "date",
        "time": "time",
        "text": "text",
        "bytes": "bytea",
        "boolean": "boolean",
        "double": "double precision",
        "bigint": "bigint",
        "uuid": "uuid",
        "json": "jsonb",
        "array": "integer[]",
        "interval": "interval",
    }

    def enter(self, connection, schema):
        """Set the session's search path; committed, as a rollback would take it back."""
        cursor = connection.cursor()
        cursor.execute(f"set search_path to {self.quoted(schema)}")
        cursor.close()
        connection.commit()

    def drop_database(self, subject):
        """Drop it with its sessions (``WITH (FORCE)`` since PostgreSQL 13)."""
        self.apart(subject, f"drop database if exists {subject.database} with (force)")

    def sweep(self, subject):
        """Remove the user of a killed probe too; it owns nothing."""
        super().sweep(subject)
        if "fresh-database" in subject.source.get("capabilities", ()):
            self.apart(subject, f"drop role if exists {self._named(subject)}")

    def may_make_users(self, subject, connection):
        """It takes CREATEROLE."""
        role = "select rolsuper or rolcreaterole from pg_roles where rolname = current_user"
        return subject.one(connection, role) is True

    def make_user(self, subject, connection, password):
        """Make a user who may log in, and give the name; it has awkward characters."""
        quoted = password.replace("'", "''")
        # The text of the statement is sent as it is: no driver reads it for values.
        connection.cursor().execute(f"create role {self._named(subject)} login password '{quoted}'")
        return self._named(subject)[1:-1].replace('""', '"')

    def drop_user(self, subject, connection):
        """Drop the user again."""
        connection.cursor().execute(f"drop role {self._named(subject)}")

    @staticmethod
    def _named(subject):
        return f'"{subject.prefix} @:/?#%40+ü"""'


class MySQL(Words):
    """MariaDB and MySQL."""

    name = "mysql"
    listing = "show full processlist"
    # Before the last @: a name may have one.
    user = "select left(user(), char_length(user()) - 1 - char_length(substring_index(user(), '@', -1)))"
    quote = "`"
    specials = ()
    zone = "set time_zone = '{}'"
    # Names are known only where the server's tables of zones are filled.
    utc = "+00:00"
    microseconds = "cast(unix_timestamp(v) * 1000000 as signed)"
    zones = False
    current_database = "select database()"
    current_schema = "database()"
    cipher = "show session status like 'Ssl_cipher'"
    sleep = "select sleep({})"
    session = "select connection_id()"
    sessions = "select id from information_schema.processlist"
    kill = "kill {}"
    # MariaDB's engine of sequences is none of MySQL's; neither goes deeper than 1000 unless it is told.
    series = (
        "(with recursive d(i) as (select 0 union all select i + 1 from d where i < 99) "
        "select a.i * 10000 + b.i * 100 + c.i + 1 as i from d as a join d as b on a.i * 10000 < {n} "
        "join d as c on a.i * 10000 + b.i * 100 < {n} where a.i * 10000 + b.i * 100 + c.i < {n}) as series order by i"
    )
    transactional_ddl = False
    types = {
        "decimal": "decimal(38, 10)",
        "money": "decimal(18, 4)",
        "timestamp": "datetime(6)",
        # The server turns an instant into the session's zone and back; it keeps none.
        "instant": "timestamp(6)",
        "date": "date",
        "time": "time(6)",
        "text": "longtext",
        "bytes": "longblob",
        "boolean": "boolean",
        "double": "double",
        "bigint": "bigint",
        "uuid": "uuid",
        "json": "json",
        "array": None,
        "interval": None,
    }

    def autocommit(self, connection):
        """Set it by the call that PyMySQL has, or the property of MySQL's own driver."""
        if callable(getattr(connection, "autocommit", None)):
            connection.autocommit(True)
        else:
            connection.autocommit = True

    def drop_database(self, subject):
        """Drop the second one too, which only the suite makes."""
        super().drop_database(subject)
        self.apart(subject, f"drop database if exists {self.schema(subject)}")

    def make_schemas(self, subject):
        """A schema is a database beside the fresh one."""
        self.apart(subject, f"create database {self.schema(subject)}")

    def schema(self, subject):
        """Name the second one."""
        return f"{subject.database}_schema"

    def sweep(self, subject):
        """Remove the user of a killed probe too."""
        super().sweep(subject)
        if "fresh-database" in subject.source.get("capabilities", ()):
            self.apart(subject, f"drop user if exists {self._named(subject)}@'%'")

    def may_make_users(self, subject, connection):
        """It takes the privilege CREATE USER."""
        held = "select privilege_type from information_schema.user_privileges where privilege_type = 'CREATE USER'"
        return bool(subject.run(connection, held).fetchall())

    def make_user(self, subject, connection, password):
        """Make a user who may do everything in the fresh database, and give the name; it has awkward characters."""
        quoted = password.replace("\\", "\\\\").replace("'", "''")
        name = f"{self._named(subject)}@'%'"
        connection.cursor().execute(f"create user {name} identified by '{quoted}'")
        connection.cursor().execute(f"grant all on {subject.database}.* to {name}")
        return self._named(subject)[1:-1]

    def drop_user(self, subject, connection):
        """Drop the user again."""
        connection.cursor().execute(f"drop user {self._named(subject)}@'%'")

    @staticmethod
    def _named(subject):
        return f"`{subject.prefix} @:/?#%40+ü`"


class SQLite(Words):
    """SQLite: types are names for how a column prefers to store."""

    name = "sqlite"
    # A NaN is stored as NULL (https://www.sqlite.org/floatingpoint.html).
    specials = ("infinity",)
    series = "(with recursive n(i) as (select 1 union all select i + 1 from n where i < {n}) select i from n) as series"
    types = {
        "decimal": None, "money": None, "timestamp": None, "instant": None, "date": None, "time": None,
        "text": "text", "bytes": "blob", "boolean": None, "double": "real", "bigint": "integer", "uuid": None,
        "json": None, "array": None, "interval": None,
    }  # fmt: skip

    def make_database(self, subject):
        """A database is a file: nothing to be done before it is opened."""

    def make_schemas(self, subject):
        """The suite attaches a file of its own."""

    def drop_database(self, subject):
        """Remove the file, and what lies beside it meanwhile."""
        from pathlib import Path

        for file in Path("/tmp").glob(f"{Path(subject.database).stem}*"):
            file.unlink()

    def make_awkward(self, subject):
        """Name a file; of a path two of the letters may be separators: DuckDB takes a backslash for one everywhere."""
        return subject.database.removesuffix(".db") + AWKWARD.replace("/", "").replace("\\", "") + ".db"

    def drop_awkward(self, subject):
        """Remove it as the other file, whose name begins as it does."""
        self.drop_database(subject)


class DuckDB(SQLite):
    """DuckDB, in the process."""

    name = "duckdb"
    specials = ("infinity", "nan")
    microseconds = "epoch_us(v)"
    zone = "set TimeZone = '{}'"
    series = "(select i from range(1, {n} + 1) as series(i)) as series"
    types = {
        "decimal": "decimal(38, 10)", "money": "decimal(18, 4)", "timestamp": "timestamp", "instant": "timestamptz",
        "date": "date", "time": "time", "text": "varchar", "bytes": "blob", "boolean": "boolean", "double": "double",
        "bigint": "bigint", "uuid": "uuid", "json": "json", "array": "integer[]", "interval": "interval",
    }  # fmt: skip

    make_schemas = Words.make_schemas


_WORDS = {
    "postgresql": PostgreSQL,
    "mysql": MySQL,
    "mariadb": MySQL,
    "sqlite": SQLite,
    "duckdb": DuckDB,
    "spark": Spark,
    "firebird": Firebird,
}


def known(engine):
    """Say whether the probes have words for an engine."""
    return engine in _WORDS


def words(engine, version=""):
    """Give the words of an engine in a version; "" has what all have."""
    return _WORDS[engine](version)


def spoken(engine):
    """Name the words that serve an engine, which probes call it by: "mysql" for MariaDB; its own name otherwise."""
    return _WORDS[engine].name if known(engine) else engine


def apart(engine):
    """Say whether each probe has a database or a file to itself, so that a few can be asked side by side."""
    return known(engine) and _WORDS[engine].own_place


def lacking(engine, version, need):
    """Say why an engine cannot meet a need of probes; "" where it can, or is not known."""
    return words(engine, version).lacks.get(need, "") if known(engine) else ""
