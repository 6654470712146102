"""Moments: what has a zone is the same moment on the server and when it comes back."""

from datetime import UTC, datetime, timedelta, timezone, tzinfo

from asking import Unsupported, Wrong, probe, shown

_MICROSECOND = timedelta(microseconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Berlin(tzinfo):
    """Central European time of 2024 (IANA: Europe/Berlin), so that no zone files are needed.

    Between 02:00 and 03:00 on March 31 no clock showed anything; on October 27 it did twice.
    """

    def utcoffset(self, moment):
        """Give two hours in summer, else one; ``fold`` says which of two, as PEP 495 has it."""
        naive = moment.replace(tzinfo=None)
        # In the gap the first reading takes the offset from before it.
        begin = datetime(2024, 3, 31, 2 if moment.fold else 3)
        end = datetime(2024, 10, 27, 2 if moment.fold else 3)
        return timedelta(hours=2 if begin <= naive < end else 1)

    def dst(self, moment):
        """Give what is added in summer."""
        return self.utcoffset(moment) - timedelta(hours=1)

    def tzname(self, moment):
        """Name it."""
        return "CEST" if self.dst(moment) else "CET"


def ticks(moment):
    """Count the microseconds since 1970 of a moment."""
    return (moment - _EPOCH) // _MICROSECOND


def same(subject, values, zone=""):
    """Store moments in a session of a zone; each has to be the same moment on the server, and as it comes back."""
    words = subject.sql
    column = words.types["instant"]
    if column is None:
        raise Unsupported(f"{words.name} has no type for a moment")
    connection = subject.fresh()
    subject.run(connection, words.zone.format(zone or words.utc))
    table = subject.table("moments")
    subject.run(connection, f"create table {table} (v {column})")
    insert = f"insert into {table} (v) values ({words.put.format(column)})"
    for value in values:
        subject.run(connection, subject.sql.empty.format(table))
        subject.run(connection, insert, [value])
        held = int(subject.one(connection, f"select {words.microseconds} from {table}"))
        _equal("sent", value, held, value.utcoffset())
        got = subject.one(connection, f"select v from {table}")
        if isinstance(got, datetime) and got.tzinfo is None and not words.zones:
            # Of MySQL the session's zone is all there is, and it is UTC here.
            got = got.replace(tzinfo=UTC)
        if not isinstance(got, datetime) or got.tzinfo is None:
            raise Wrong(f"{value} came back without a zone: {shown(got)}", sign="moment without a zone")
        _equal("given back", value, ticks(got), got.utcoffset())


def _equal(what, value, held, offset):
    off = timedelta(microseconds=held - ticks(value))
    if off:
        second = timedelta(seconds=1)
        lost = "lost its offset" if abs(off - offset) < second else "is another moment"
        lost = "lost its fraction" if abs(off) < second else lost
        raise Wrong(f"{value} {lost} when {what}: it is off by {off}", sign=f"moment {lost} when {what}")


def zoned(year, month, day, hour, minute, zone, fold=0):
    """Give a moment of a zone."""
    return datetime(year, month, day, hour, minute, 1, tzinfo=zone, fold=fold)


@probe("times.utc", needs=("write",))
def utc(subject):
    """A moment in UTC is the same one on the server and back."""
    same(subject, [zoned(2024, 2, 29, 23, 59, UTC)])


@probe("times.fraction", needs=("write",))
def fraction(subject):
    """A moment keeps its microseconds, or what the engine has of them."""
    tick = subject.sql.tick
    same(subject, [zoned(2024, 2, 29, 23, 59, UTC).replace(microsecond=one // tick * tick) for one in (123456, 999999)])


@probe("times.offset", needs=("write",))
def offset(subject):
    """A moment with an odd offset is the same one on the server and back: Kathmandu, and Chatham's summer."""
    hours = (timedelta(hours=5, minutes=45), timedelta(hours=13, minutes=45), -timedelta(hours=9, minutes=30))
    same(subject, [zoned(2024, 2, 29, 23, 59, timezone(one)) for one in hours])


@probe("times.historical-offset", needs=("write",))
def historical(subject):
    """An offset with seconds is kept: Monrovia's until 1972, and Amsterdam's until 1937 where the engine goes back."""
    moments = [zoned(1971, 6, 1, 12, 0, timezone(-timedelta(minutes=44, seconds=30)))]
    if subject.sql.zones:
        moments.append(zoned(1930, 1, 1, 12, 0, timezone(timedelta(minutes=19, seconds=32))))
    same(subject, moments)


@probe("times.gap", needs=("write",))
def gap(subject):
    """Moments around the hours that a clock skips or shows twice are kept, the skipped and both of the doubled one."""
    zone = Berlin()
    moments = [zoned(2024, 3, 31, hour, 30, zone) for hour in (1, 2, 3)]
    moments += [zoned(2024, 10, 27, 2, 30, zone, fold) for fold in (0, 1)]
    same(subject, moments)


@probe("times.session-zone", needs=("write",))
def session(subject):
    """In a session of a zone with summer time, moments around its gap and its doubled hour are kept."""
    if not subject.sql.zones:
        raise Unsupported(f"{subject.sql.name} keeps no zone with a moment")
    moments = [zoned(2024, 3, 31, hour, 30, UTC) for hour in (0, 1)]
    moments += [zoned(2024, 10, 27, hour, 30, UTC) for hour in (0, 1)]
    same(subject, moments, "Europe/Berlin")
