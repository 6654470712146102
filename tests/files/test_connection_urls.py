"""URLs of every shipped connector: what a person writes is what an environment gets, and what its driver is given."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import make_url
from sqlalchemy.exc import NoSuchModuleError

from manager.core.connections import Connection, from_url
from manager.core.delivery import url
from manager.core.secrets import Secret
from manager.core.signing_in import lacking
from manager.world import files

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from manager.core.connectors import Connector, Driver, Parameter

CONNECTORS = {one.id: one for one in files.load(files.shipped_root(), False).connectors}
DRIVERS = [
    pytest.param(one, driver, id=f"{one.id}-{driver.url_scheme}")
    for one in CONNECTORS.values()
    for driver in one.drivers
    if driver.url_scheme
]
AWKWARD = ["p@ss:w/rd%?#&=+ 'q' \"d\" \\ ü€😀[]{};\n", "%41", "a b", "+", "/abs/file.db", "a;b=c", "a=b&c=d", " edge "]
TEXT = st.sampled_from(AWKWARD) | st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=12
)
HOSTS = ["db.example.org", "10.0.0.1", "::1", "my_db", "bücher.example"]
# What stands in a URL's place for a database in every version of SQLAlchemy; see manager/core/delivery.py.
PLAIN = st.sampled_from(["sales", "My Database", "a;b", "x=y", "/srv/my data.fdb", "ü€😀", "[x]:y", "a{b}c"])


def value(one: Parameter) -> st.SearchStrategy[str]:
    """Give values of a parameter's type."""
    if one.type == "integer":
        return st.integers(1, 65535).map(str)
    return st.sampled_from(["true", "false"]) if one.type == "boolean" else TEXT


@st.composite
def connections(
    draw: st.DrawFn, connector: Connector, own: Mapping[str, st.SearchStrategy[str]]
) -> tuple[Connection, dict[str, Secret], dict[str, str]]:
    """Give a connection with some of the parameters, its secrets, and everything that it has, defaults too."""
    values, secrets, whole = {}, {}, {}
    for one in connector.parameters:
        # A socket takes the place of a host; that has a test of its own. A key file is delivered as a path.
        if one.instead_of or (one.secret and one.type == "path") or not (one.required or draw(st.booleans())):
            whole |= {one.name: one.default} if one.default else {}
            continue
        text = draw(own.get(one.name, value(one)))
        whole[one.name] = text
        if one.secret:
            secrets[one.name] = Secret(text)
        else:
            values[one.name] = text
    references = tuple((name, "env:X") for name in secrets)
    return Connection("it", connector.id, tuple(values.items()), references), secrets, whole


@pytest.mark.parametrize(("connector", "driver"), DRIVERS)
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_a_url_is_read_back_as_it_was_written(data: st.DataObject, connector: Connector, driver: Driver) -> None:
    """Whatever the characters, and wherever the value stands; what was read gives the same URL again."""
    hosts = st.sampled_from([*HOSTS, "/var/run/postgresql", "fe80::1%eth0"]) | TEXT
    connection, secrets, whole = data.draw(connections(connector, {"host": hosts}))

    text = url(connector, driver, connection, secrets)
    found = from_url(connector, text)

    read = dict(found.parameters) | {name: secret.reveal() for name, secret in found.secrets}
    if driver.tls_scheme and whole.get("ssl") == "false":
        # The scheme says it by not saying that there is TLS.
        del whole["ssl"]
    assert read == whole
    again = Connection("it", connector.id, found.parameters, tuple((name, "env:X") for name, _ in found.secrets))
    assert url(connector, driver, again, dict(found.secrets)) == text


def keywords(text: str) -> dict[str, str]:
    """Read an ODBC connection string: of a keyword that stands there twice the first one counts."""
    found: dict[str, str] = {}
    for name, braced, bare in re.findall(r"([^=;]+)=(?:\{((?:[^}]|\}\})*)\}|([^;]*))(?:;|$)", text):
        found.setdefault(name, braced.replace("}}", "}") or bare)
    return found


def plain(arguments: tuple[list[Any], dict[str, Any]]) -> dict[str, str]:
    """Give keyword arguments as text."""
    return {name: str(one) for name, one in arguments[1].items()}


def pymysql(arguments: tuple[list[Any], dict[str, Any]]) -> dict[str, str]:
    """Give those of PyMySQL, of which the dialect makes a dictionary about TLS."""
    told = dict(arguments[1])
    tls = told.pop("ssl", {})
    return {name: str(one) for name, one in told.items()} | {f"ssl_{name}": one for name, one in tls.items()}


def odbc(arguments: tuple[list[Any], dict[str, Any]]) -> dict[str, str]:
    """Give those in a connection string; the server's has its port."""
    found = keywords(arguments[0][0])
    server, _, port = found.pop("Server").rpartition(",")
    return found | {"host": server, "port": port}


READERS: dict[str, Callable[[tuple[list[Any], dict[str, Any]]], dict[str, str]]] = {
    "postgresql+psycopg": plain,
    "postgresql+psycopg2": plain,
    "mysql+pymysql": pymysql,
    "mssql+pyodbc": odbc,
    "mssql+mssqlpython": odbc,
}
# As the connection string of SQL Server calls them.
ODBC = {"database": "Database", "user": "UID", "password": "PWD", "driver": "DRIVER"}


@pytest.mark.parametrize("scheme", READERS)
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_sqlalchemy_gives_a_driver_what_was_saved(data: st.DataObject, scheme: str) -> None:
    """Host, port, database, user and password, with whatever characters."""
    connector, driver = next(
        (one, each) for one in CONNECTORS.values() for each in one.drivers if each.url_scheme == scheme
    )
    own = {"host": st.sampled_from(HOSTS), "database": PLAIN}
    connection, secrets, whole = data.draw(connections(connector, own))
    if "user" not in whole:
        return
    parsed = make_url(url(connector, driver, connection, secrets))

    told = READERS[scheme](parsed.get_dialect()().create_connect_args(parsed))

    theirs = {one.name: one.driver_name for one in connector.parameters}
    for name in ("host", "port", "database", "user", "password"):
        if name in whole:
            called = ODBC.get(name, name) if scheme.startswith("mssql") else theirs[name]
            assert told[called] == whole[name], name


def test_every_dialect_that_is_installed_is_tried_or_known() -> None:
    """Those of SQLAlchemy itself; the others come with their connectors, in an image."""
    there = set()
    for one in CONNECTORS.values():
        for driver in one.drivers:
            try:
                make_url(f"{driver.url_scheme}://").get_dialect()
            except NoSuchModuleError:
                continue
            except Exception:
                continue
            there.add(driver.url_scheme)
    # MySQL's own connector and Oracle's take arguments that only they can make; a file's path has its own tests.
    assert there >= set(READERS)
    assert there - set(READERS) <= {"mysql+mysqlconnector", "oracle+oracledb", "sqlite"}


def test_a_socket_takes_the_place_of_host_and_port() -> None:
    """Of MySQL in a parameter of its own, without the port that is no number there; of PostgreSQL as the host."""
    mysql = CONNECTORS["mysql"]
    found = from_url(mysql, "mysql://ana:s%40crt@/sales?unix_socket=/run/mysqld/mysqld.sock")
    connection = Connection("it", "mysql", found.parameters, (("password", "env:X"),))

    assert lacking(mysql, dict(connection.parameters)) == ()
    text = url(mysql, mysql.main_driver, connection, dict(found.secrets))
    parsed = make_url(text)
    _, told = parsed.get_dialect()().create_connect_args(parsed)
    assert (told["unix_socket"], told["password"], "port" in told) == ("/run/mysqld/mysqld.sock", "s@crt", False)
    # The negative control: nothing is in the host's place.
    assert [one.name for one in lacking(mysql, {"user", "database"})] == ["host"]

    postgresql = CONNECTORS["postgresql"]
    found = from_url(postgresql, "postgresql://ana@/sales?host=/var/run/postgresql")
    connection = Connection("it", "postgresql", found.parameters)
    parsed = make_url(url(postgresql, postgresql.main_driver, connection, {}))
    _, told = parsed.get_dialect()().create_connect_args(parsed)
    assert (told["host"], told["dbname"]) == ("/var/run/postgresql", "sales")


@pytest.mark.parametrize("name", ["edge ", " edge ", "edge\t", "edge\n"])
@pytest.mark.parametrize("connector", ["sqlite", "duckdb"])
def test_a_files_name_keeps_its_blanks(connector: str, name: str) -> None:
    """They belong to the file of an embedded database; around a server's URL they do not."""
    one = CONNECTORS[connector]
    text = url(one, one.main_driver, Connection("it", connector, (("database", name),)), {})

    assert dict(from_url(one, text).parameters)["database"] == name
    server = from_url(CONNECTORS["postgresql"], " postgresql://ana@db/sales\n")
    assert dict(server.parameters)["database"] == "sales"
