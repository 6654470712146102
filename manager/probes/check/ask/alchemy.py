"""SQLAlchemy: its URL reaches the driver unchanged, and its types come back through a Table as they went in."""

import contextlib
import datetime
import enum
import uuid
from decimal import Decimal

from asking import Unsupported, Wrong, probe, shown, wanted

# What URLs, connection strings and SQL give a meaning to, and what needs more than one byte. No character here is
# changed by SASLprep (RFC 4013), which PostgreSQL's SCRAM sends a password through.
AWKWARD = "p@ss:w/o?r#d%40+ &=;'\"\\{}[]!$^`~äß€😀"
# Names that are plain text for the driver and stand in the query part of its URL.
_PLAIN = {
    "postgresql": ("application_name", "options"),
    "mysql": ("charset", "init_command"),
    "sqlite": (),
    "duckdb": (),
    "firebird": ("role",),
}


class Colour(enum.Enum):
    """Stored by its name."""

    red = 1
    blue = 2


@probe("alchemy.select", needs=("alchemy",))
def selects(subject):
    """An engine connects, and ``select 1`` is 1."""
    import sqlalchemy

    with subject.engine().connect() as connection:
        wanted("select 1", connection.execute(sqlalchemy.text(subject.sql.said("select 1"))).scalar_one(), 1)


def arguments(url):
    """Give the arguments that the dialect of a URL hands to its driver."""
    return url.get_dialect()().create_connect_args(url)


@probe("alchemy.arguments", needs=("alchemy",))
def awkward_arguments(subject):
    """User, password, database and plain parameters reach the driver unchanged, whatever characters they have.

    By a URL made of its parts, and by one that was parsed from the text of it.
    """
    import sqlalchemy

    embedded = bool(subject.source.get("embedded"))
    names = () if embedded else subject.asked.get("parameters", _PLAIN.get(subject.sql.name, ()))
    query = {name: f"{AWKWARD} {name}" for name in names}
    scheme = subject.asked["scheme"]
    if embedded:
        # A name of a file: what begins a query in some dialects' own reading of it is left out.
        values = {"database": "/tmp/" + AWKWARD.replace("/", "").replace("?", "")}
        made = sqlalchemy.URL.create(scheme, **values)
    else:
        values = {name: f"{AWKWARD} {name}" for name in ("username", "password", "database")}
        made = sqlalchemy.URL.create(scheme, **values, host="db.example.com", port=12345, query=query)
    text = made.render_as_string(hide_password=False)
    for how, url in (("made of its parts", made), ("parsed", sqlalchemy.make_url(text))):
        given, named = arguments(url)
        got = [*given, *named.values()]
        for name, value in {**values, **query}.items():
            if value not in got:
                raise Wrong(f"{name} of a URL {how} does not reach the driver as {value}", sign=f"{name} {how}")
    wanted("arguments of the parsed URL", arguments(sqlalchemy.make_url(text)), arguments(made))
    return {"parameters": len(values) + len(query)}


@probe("alchemy.awkward-login", needs=("server", "database", "alchemy"))
def awkward_login(subject):
    """A user whose name and password have characters that URLs and SQL give a meaning to logs in by URL."""
    logged_in(subject, "".join(one for one in AWKWARD if one.isascii()))


@probe("alchemy.unicode-login", needs=("server", "database", "alchemy"))
def unicode_login(subject):
    """A user whose password is not ASCII logs in by URL."""
    logged_in(subject, "äß€😀 of a test")


def logged_in(subject, password):
    """Make a user, log in as it by the text of a URL, and ask the server who it is."""
    import sqlalchemy

    maker = subject.connect()
    # Before the first statement: later there is a transaction.
    subject.sql.autocommit(maker)
    if not subject.sql.may_make_users(subject, maker):
        raise Unsupported("the source lets no user be made")
    subject.place()
    user = subject.sql.make_user(subject, maker, password)
    try:
        words = {**subject.words(), "user": user, "password": password}
        text = subject.ways.url(subject.asked["scheme"], words).render_as_string(hide_password=False)
        engine = sqlalchemy.create_engine(text)
        try:
            with engine.connect() as connection:
                got = connection.execute(sqlalchemy.text(subject.sql.said(subject.sql.user))).scalar_one()
        finally:
            engine.dispose()
    finally:
        subject.sql.drop_user(subject, maker)
    wanted("user", got, user)


def through(subject, columns):
    """Store a row of values through a Table, read it back in another connection, and compare value and type.

    ``columns`` maps a name to a SQLAlchemy type and a value. Raises Wrong with all that differ.
    """
    import sqlalchemy

    subject.place()
    engine = subject.engine()
    made = [sqlalchemy.Column(name, kind) for name, (kind, _) in columns.items()]
    key = sqlalchemy.Column("id", sqlalchemy.Integer, primary_key=True, autoincrement=False)
    table = sqlalchemy.Table(subject.table("kept"), sqlalchemy.MetaData(), key, *made)
    table.create(engine)
    with engine.begin() as connection:
        values = {name: value for name, (_, value) in columns.items()}
        connection.execute(table.insert(), [{"id": 1, **values}, {"id": 2, **dict.fromkeys(values)}])
    engine.dispose()
    with engine.connect() as connection:
        row, empty = connection.execute(table.select().order_by(table.c.id)).mappings().all()
    wrong = {}
    for name, (_, value) in columns.items():
        if type(row[name]) is not type(value) or row[name] != value:
            wrong[name] = f"{name}: wanted {shown(value)}, got {shown(row[name])}"
        elif empty[name] is not None:
            wrong[name] = f"{name}: wanted None for NULL, got {shown(empty[name])}"
    if wrong:
        raise Wrong("; ".join(wrong.values()), sign=" ".join(wrong))
    return {"types": len(columns)}


@probe("alchemy.numbers", needs=("alchemy", "write"))
def numbers(subject):
    """Integers to the limits, doubles and booleans come back through a Table."""
    import sqlalchemy as sa

    return through(
        subject,
        {
            "small": (sa.SmallInteger(), -(2**15)),
            "whole": (sa.Integer(), 2**31 - 1),
            "big": (sa.BigInteger(), -(2**63)),
            "double": (sa.Double(), 0.1),
            "yes": (sa.Boolean(), True),
            "no": (sa.Boolean(), False),
        },
    )


@probe("alchemy.decimal", needs=("alchemy", "write"))
def decimals(subject):
    """NUMERIC(18,4) comes back through a Table as Decimal, to the last digit."""
    import sqlalchemy as sa

    if subject.sql.types["money"] is None:
        # SQLAlchemy stores a float there, and warns.
        raise Unsupported(f"{subject.sql.name} has no type for it")
    return through(subject, {"money": (sa.Numeric(18, 4), Decimal("12345678901234.5678"))})


@probe("alchemy.texts", needs=("alchemy", "write"))
def texts(subject):
    """Texts beyond the BMP, empty ones, bytes with 00 and FF, and enumerations come back through a Table."""
    import sqlalchemy as sa

    return through(
        subject,
        {
            "short": (sa.String(40), "Grüße 😀 \\ ' \" %s :x ?"),
            "wide": (sa.Unicode(40), "日本 𝄞"),
            "long": (sa.Text(), "x" * 5000),
            "empty": (sa.String(10), ""),
            "raw": (sa.LargeBinary(), b"\x00\xff\x80' \\"),
            "colour": (sa.Enum(Colour, name=subject.table("colour")), Colour.blue),
        },
    )


@probe("alchemy.times", needs=("alchemy", "write"))
def times(subject):
    """Dates, and times of day and stamps with microseconds where the dialect's own type has them, come back."""
    import sqlalchemy as sa

    stamp, clock, tick = sa.DateTime(), sa.Time(), subject.sql.tick
    if subject.sql.name == "mysql":
        # MariaDB keeps whole seconds unless a column asks for more.
        from sqlalchemy.dialects import mysql

        stamp, clock = mysql.DATETIME(fsp=6), mysql.TIME(fsp=6)
    return through(
        subject,
        {
            "day": (sa.Date(), datetime.date(1999, 12, 31)),
            "stamp": (stamp, datetime.datetime(2026, 3, 29, 2, 30, 0, 123456 // tick * tick)),
            "clock": (clock, datetime.time(23, 59, 59, 999999 // tick * tick)),
            "span": (sa.Interval(), datetime.timedelta(days=3, seconds=7, microseconds=0)),
        },
    )


@probe("alchemy.instants", needs=("alchemy", "write"), engines=("postgresql", "duckdb"))
def instants(subject):
    """``DateTime(timezone=True)`` comes back aware, as the same instant."""
    import sqlalchemy as sa

    zone = datetime.timezone(datetime.timedelta(hours=5, minutes=45))
    return through(
        subject, {"instant": (sa.DateTime(timezone=True), datetime.datetime(2026, 3, 29, 2, 30, 0, 123456, zone))}
    )


@probe("alchemy.json", needs=("alchemy", "write"))
def documents(subject):
    """JSON comes back through a Table as it went in."""
    import sqlalchemy as sa

    value = {"a": [1, 2.5, None, True], "ü": {"q\"'\\": "😀"}}
    return through(subject, {"document": (sa.JSON(none_as_null=True), value)})


@probe("alchemy.uuid", needs=("alchemy", "write"))
def identities(subject):
    """A UUID comes back through a Table as it went in."""
    import sqlalchemy as sa

    return through(subject, {"identity": (sa.Uuid(), uuid.UUID(int=2**127 + 5))})


@probe("alchemy.keys", needs=("alchemy", "write"), engines=("postgresql", "mysql", "sqlite"))
def generated_keys(subject):
    """A key that the database counts up is known after an insert."""
    import sqlalchemy as sa

    subject.place()
    engine = subject.engine()
    key, other = sa.Column("id", sa.Integer, primary_key=True), sa.Column("v", sa.String(5))
    table = sa.Table(subject.table("counted"), sa.MetaData(), key, other)
    table.create(engine)
    with engine.begin() as connection:
        got = [connection.execute(table.insert().values(v=letter)).inserted_primary_key[0] for letter in "abc"]
        wanted("rows", [tuple(one) for one in connection.execute(table.select().order_by(table.c.id))],
               list(zip(got, "abc", strict=True)))  # fmt: skip
    wanted("keys", got, [1, 2, 3])


@probe("alchemy.rollback", needs=("alchemy", "write"))
def rolled_back(subject):
    """A block that ends by an error leaves nothing, and the connection goes back to the pool clean."""
    import sqlalchemy as sa

    subject.place()
    engine = subject.engine()
    table = sa.Table(subject.table("kept"), sa.MetaData(), sa.Column("v", sa.Integer))
    table.create(engine)

    def broken():
        with engine.begin() as connection:
            connection.execute(table.insert().values(v=1))
            raise Interrupted

    with contextlib.suppress(Interrupted):
        broken()
    with engine.connect() as connection:
        wanted("rows", connection.execute(table.select()).all(), [])


class Interrupted(Exception):
    """What a caller's own code raises."""
