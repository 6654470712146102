"""Hygiene: the password stands in nothing that a driver or SQLAlchemy shows, writes down or sends to others' lists."""

import contextlib
import io
import logging
import os
import stat
import tempfile
import traceback
import warnings
from pathlib import Path
from urllib.parse import quote, quote_plus

from asking import STORES, NotRun, Wrong, probe, raised

_PLANTED = "planted-5ecret+of a probe/&"
# Of a file no more than this is searched.
_LOOKED_AT = 4 * 2**20


def clean(text, secret, where):
    """Raise Wrong where a secret stands in a text, as it is or as a URL or a literal writes it."""
    forms = {secret, quote(secret, safe=""), quote_plus(secret), repr(secret)[1:-1]}
    if any(form in text for form in forms):
        raise Wrong(f"the password stands in {where}", sign=f"password in {where}")


def secret_of(subject):
    """Give the password that is looked for; raises NotRun for one so short that it may stand anywhere."""
    secret = subject.source.get("password") or ""
    if len(secret) < 8:
        raise NotRun("the source has no password of eight characters or more")
    return secret


@probe("hygiene.connection", needs=("server",), stores=STORES)
def connections(subject):
    """What a connection and its cursor print of themselves, and what they give as their DSN, has no password."""
    secret, connection = secret_of(subject), subject.connect()
    things = [("connection", connection)]
    if subject.store:
        things += subject.sql.parts(connection)
    else:
        things += [("cursor", subject.run(connection, "select 1")), ("info", getattr(connection, "info", None))]
    looked = 0
    for name, thing in things:
        clean(f"{thing!r} {thing!s}", secret, f"repr of the {name}")
        for attribute in dir(thing):
            if "dsn" not in attribute.lower() and "conninfo" not in attribute.lower():
                continue
            value = getattr(thing, attribute)
            value = value() if callable(value) else value
            looked += 1
            clean(str(value), secret, f"{name}.{attribute}")
    return {"attributes": looked}


@probe("hygiene.errors", needs=("server",), stores=STORES)
def errors(subject):
    """A login that is refused says nothing of the password: neither the error nor its traceback."""
    error = raised(subject.errors(), lambda: subject.connect(password=_PLANTED), "a wrong password")
    _chain(error, _PLANTED)
    connection = subject.connect()
    mistake = "select nothing from nowhere_at_all"
    call = (lambda: subject.sql.mistake(connection)) if subject.store else (lambda: subject.run(connection, mistake))
    error = raised(subject.errors(), call, "an error")
    _chain(error, secret_of(subject))


@probe("hygiene.engine", needs=("server", "alchemy"))
def engines(subject):
    """An engine, its URL and what it raises for a login that is refused have no password."""
    import sqlalchemy

    engine = subject.engine()
    secret = secret_of(subject)
    clean(f"{engine!r} {engine} {engine.url!r} {engine.url} {engine.pool!r} {engine.dialect!r}", secret, "the engine")
    subject.guess()
    url = subject.ways.url(subject.asked["scheme"], {**subject.words(), "password": _PLANTED})
    refused = sqlalchemy.create_engine(url, **subject.ways.beside(subject.words()))
    error = raised(sqlalchemy.exc.DBAPIError, refused.connect, "a wrong password")
    refused.dispose()
    _chain(error, _PLANTED)


def _shut(connection):
    # A file system of s3fs has nothing to be closed.
    getattr(connection, "close", lambda: None)()


def _chain(error, secret):
    text = "".join(traceback.format_exception(error))
    while error is not None:
        text += f"{error!r} {error!s} {error.args!r}"
        error = error.__cause__ or error.__context__
    clean(text, secret, "an error")


@contextlib.contextmanager
def heard():
    """Give all that is logged at any level, and warned of."""
    text = io.StringIO()
    handler, root = logging.StreamHandler(text), logging.getLogger()
    handler.setLevel(1)
    level = root.level
    root.setLevel(1)
    root.addHandler(handler)
    try:
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            yield text
            text.write(" ".join(str(one.message) for one in said))
    finally:
        root.removeHandler(handler)
        root.setLevel(level)


@probe("hygiene.logs", needs=("server",), stores=STORES)
def logs(subject):
    """Nothing that is logged at the level DEBUG while it connects, asks, fails and closes has the password."""
    secret = secret_of(subject)
    names = ("", subject.driver.__name__.partition(".")[0], "sqlalchemy", "sqlalchemy.pool", "sqlalchemy.engine")
    for name in names[1:]:
        logging.getLogger(name).setLevel(logging.DEBUG)
    with heard() as text:
        connection = subject.connect()
        subject.greet(connection)
        _shut(connection)
        raised(subject.errors(), lambda: subject.connect(password=_PLANTED), "a wrong password")
        if subject.asked.get("scheme"):
            import sqlalchemy

            engine = subject.engine(echo="debug", echo_pool="debug")
            with engine.connect() as through:
                through.execute(sqlalchemy.text(subject.sql.said("select 1"))).scalar_one()
            engine.dispose()
    clean(text.getvalue(), secret, "the log")
    clean(text.getvalue(), _PLANTED, "the log")
    return {"characters": len(text.getvalue())}


@probe("hygiene.sessions", needs=("server",), engines=("postgresql", "mysql"), manner="alone")
def sessions(subject):
    """The server's list of sessions, as its other users may see it, has no password."""
    secret, connection = secret_of(subject), subject.connect()
    rows = subject.run(connection, subject.sql.listing).fetchall()
    if not rows:
        raise Wrong("the server lists no session, not even this one", sign="no session")
    clean(repr([tuple(row) for row in rows]), secret, "the server's list of sessions")
    return {"sessions": len(rows)}


@probe("hygiene.files", needs=("server",), stores=STORES, manner="alone")
def files(subject):
    """After it connected and went, no file of the temporary folder and the home has the password."""
    secret = secret_of(subject).encode()
    connection = subject.connect()
    subject.greet(connection)
    _shut(connection)
    looked = 0
    for place in {tempfile.gettempdir(), os.environ.get("HOME") or str(Path.home())}:
        for folder, _, names in os.walk(place):
            for name in names:
                path = Path(folder, name)
                with contextlib.suppress(OSError):
                    if stat.S_ISREG(path.lstat().st_mode):
                        with path.open("rb") as file:
                            found = secret in file.read(_LOOKED_AT)
                        looked += 1
                        if found:
                            raise Wrong(f"the password stands in {path}", sign=f"password in {path.suffix or 'a file'}")
    return {"files": looked}
