"""Values: what is stored comes back, with its type and to the last digit."""

import json
import math
import uuid
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from asking import STORES, Unsupported, Wrong, probe, shown, wanted

# 2,000 letters of each width that UTF-8 has, and one beyond the BMP at the very end.
_LETTERS = "aé中😀"


def stored(subject, kind, values):
    """Store values one after the other in a column of a kind; give what comes back of each.

    Raises Unsupported where the engine has no such type.
    """
    column = subject.sql.types[kind]
    if column is None:
        raise Unsupported(f"{subject.sql.name} has no type for it")
    if subject.store:
        return subject.sql.stored(subject, kind, values)
    connection = subject.fresh()
    table = subject.table("kept")
    subject.run(connection, f"create table {table} (v {column})")
    found = []
    insert = f"insert into {table} (v) values ({subject.sql.put.format(column)})"
    for value in values:
        subject.run(connection, subject.sql.empty.format(table))
        subject.run(connection, insert, [value])
        found.append(subject.one(connection, f"select v from {table}"))
    return found


def kept(subject, kind, *values):
    """Raise Wrong unless each value comes back as it was."""
    for value, got in zip(values, stored(subject, kind, values), strict=True):
        wanted(kind, got, value)


@probe("values.decimal", needs=("write",))
def decimals(subject):
    """A decimal of 38 digits comes back as Decimal, to the last digit."""
    kept(subject, "decimal", Decimal("1234567890123456789012345678.0123456789"), Decimal("-0.0000000001"))


@probe("values.money", needs=("write",))
def money(subject):
    """A numeric(18, 4) comes back as Decimal, to the last digit."""
    kept(subject, "money", Decimal("99999999999999.9999"), Decimal("-0.0001"), Decimal("0.1000"))


@probe("values.timestamp", needs=("write",))
def timestamps(subject):
    """A timestamp without a zone comes back as it was."""
    kept(subject, "timestamp", datetime(2024, 2, 29, 23, 59, 59), datetime(1970, 1, 1))


@probe("values.timestamp-fraction", needs=("write",))
def fractions(subject):
    """A timestamp keeps its microseconds, or what the engine has of them."""
    day = datetime(2024, 2, 29, 23, 59, 59)
    kept(subject, "timestamp", *(day.replace(microsecond=one) for one in _parts(subject)))


def _parts(subject):
    """Give microseconds in whole ticks of the engine: digits, the least one, the most."""
    tick = subject.sql.tick
    return [123456 // tick * tick, tick, 999999 // tick * tick]


@probe("values.early-date", needs=("write",))
def early(subject):
    """Days and timestamps before the calendar of 1582 come back as they were: Python's calendar goes on backwards."""
    kept(subject, "date", date(1582, 10, 4), date(1582, 10, 10), date(1500, 2, 28), date(1000, 1, 1))


@probe("values.early-timestamp", needs=("write",))
def early_timestamp(subject):
    """A timestamp before the calendar of 1582 comes back as it was."""
    kept(subject, "timestamp", datetime(1582, 10, 10, 1, 2, 3), datetime(1000, 1, 1))


@probe("values.last-day", needs=("write",))
def last(subject):
    """The last day that Python knows comes back as it was."""
    kept(subject, "date", date(9999, 12, 31))


@probe("values.last-timestamp", needs=("write",))
def last_timestamp(subject):
    """The last second that Python knows comes back as it was."""
    kept(subject, "timestamp", datetime(9999, 12, 31, 23, 59, 59))


@probe("values.date", needs=("write",))
def dates(subject):
    """A date comes back as a date."""
    kept(subject, "date", date(2024, 2, 29), date(1970, 1, 1), date(1899, 12, 31))


@probe("values.time", needs=("write",))
def times(subject):
    """A time of day comes back as a time, of MySQL as a timedelta too: a TIME may have more than a day there."""
    _same_times(subject, time(23, 59, 59), time(0))


@probe("values.time-fraction", needs=("write",))
def time_fractions(subject):
    """A time of day keeps its microseconds, or what the engine has of them."""
    _, least, most = _parts(subject)
    _same_times(subject, time(23, 59, 59, most), time(0, 0, 0, least))


def _same_times(subject, *values):
    for value, got in zip(values, stored(subject, "time", values), strict=True):
        mine = subject.sql.name == "mysql" and isinstance(got, timedelta)
        wanted("time", (datetime.min + got).time() if mine else got, value)


@probe("values.unicode", needs=("write",), stores=STORES)
def unicode(subject):
    """Text beyond the BMP, combining marks and control characters come back as they were."""
    # A script letter, a face, a woman with a zero-width joiner; what stands at the ends of the planes.
    faces = "\U0001d49c\U0001f600\U0001f469\u200d\U0001f680"
    kept(subject, "text", faces, "e\u0301 \u200f\ufeff", "\U0010ffff\ud7ff\ue000", "a\tb\r\nc\\d'e\"f%g%sh?:1", " x ")


@probe("values.empty", needs=("write",), stores=STORES)
def empty(subject):
    """An empty text stays empty and NULL stays None, and neither becomes the other."""
    got = stored(subject, "text", ["", None])
    if got != ["", None]:
        raise Wrong(f"empty and NULL came back as {got!r}", sign="empty " + "".join(type(one).__name__ for one in got))


@probe("values.bytes", needs=("write",), stores=STORES)
def octets(subject):
    """Bytes with 00 and FF come back as they were, and an empty value stays one."""
    values = [bytes(range(256)), b"\x00\xff\x00", b"'\\", b""]
    for value, got in zip(values, stored(subject, "bytes", values), strict=True):
        _same_bytes("bytes", got, value)


def _same_bytes(what, got, value):
    # PEP 249 leaves the class open; psycopg2 gives a memoryview.
    if not isinstance(got, bytes | bytearray | memoryview):
        raise Wrong(f"{what}: wanted bytes, got {shown(got)}", sign=f"{what} {type(got).__name__}")
    wanted(what, bytes(got), value)


@probe("values.large-text", needs=("write",), stores=STORES, manner="alone")
def large_text(subject):
    """A text of 1 MiB and more comes back whole."""
    value = _LETTERS * (2**20 // 10) + "😀"
    (got,) = stored(subject, "text", [value])
    if got != value:
        raise Wrong(f"wanted {len(value)} letters, got {len(got or '')}, others", sign="large text")


@probe("values.large-bytes", needs=("write",), stores=STORES, manner="alone")
def large_bytes(subject):
    """A value of 1 MiB comes back whole."""
    value = bytes(range(256)) * 4096
    (got,) = stored(subject, "bytes", [value])
    _same_bytes("large bytes", got, value)


@probe("values.boolean", needs=("write",))
def booleans(subject):
    """True, False and NULL come back as they were; of MySQL, whose boolean is a number, as 1 and 0."""
    values = [1, 0, None] if subject.sql.name == "mysql" else [True, False, None]
    got = stored(subject, "boolean", [True, False, None])
    for one, value in zip(got, values, strict=True):
        wanted("boolean", one, value)


@probe("values.int64", needs=("write",), stores=STORES)
def integers(subject):
    """The limits of a 64-bit integer come back as they were."""
    kept(subject, "bigint", 2**63 - 1, -(2**63), 2**53 + 1, 0)


@probe("values.double", needs=("write",))
def doubles(subject):
    """A double comes back with every bit: a sum, a third, the smallest normal and the largest."""
    kept(subject, "double", 0.1 + 0.2, 1 / 3, 2.2250738585072014e-308, 1.7976931348623157e308, -123456789.12345679)


@probe("values.infinity", needs=("write",))
def infinity(subject):
    """Both infinities come back as they were."""
    if "infinity" not in subject.sql.specials:
        raise Unsupported(f"a double of {subject.sql.name} is finite")
    kept(subject, "double", math.inf, -math.inf)


@probe("values.nan", needs=("write",))
def nan(subject):
    """A NaN comes back as NaN, not as NULL or a number."""
    if "nan" not in subject.sql.specials:
        raise Unsupported(f"a double of {subject.sql.name} is never NaN")
    (got,) = stored(subject, "double", [math.nan])
    if not isinstance(got, float) or not math.isnan(got):
        raise Wrong(f"wanted nan, got {shown(got)}", sign=f"nan {type(got).__name__}")


@probe("values.uuid", needs=("write",))
def uuids(subject):
    """A UUID comes back as the same one: as UUID, or as text where the driver says that it has no class for it."""
    value = uuid.UUID("00112233-4455-6677-8899-aabbccddeeff")
    native = subject.ways.uuids(subject.driver)
    (got,) = stored(subject, "uuid", [value if native else str(value)])
    if not native and isinstance(got, str):
        got = uuid.UUID(got)
    wanted("uuid", got, value)


@probe("values.json", needs=("write",))
def documents(subject):
    """A JSON document comes back with each number, letter and null, parsed or as text."""
    value = {"big": 2**53 + 1, "list": [1, None, True, {}], "text": '😀"\\\n', "": -0.5, "none": None}
    (got,) = stored(subject, "json", [json.dumps(value)])
    if isinstance(got, str | bytes):
        got = json.loads(got)
    wanted("json", got, value)


@probe("values.array", needs=("write",))
def arrays(subject):
    """An array comes back as a list, with its NULL."""
    if subject.driver.__name__ == "pyodbc":
        raise Unsupported("ODBC has no arrays")
    kept(subject, "array", [1, None, -3], [])


@probe("values.interval", needs=("write",))
def intervals(subject):
    """An interval of days and microseconds comes back as a timedelta, a negative one too."""
    if subject.driver.__name__ == "pyodbc":
        raise Unsupported("pyodbc has no type for it")
    kept(subject, "interval", timedelta(3, 14706, 5), -timedelta(hours=1, microseconds=1), timedelta(0))
