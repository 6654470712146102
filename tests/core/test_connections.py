"""Connections: URLs in, URLs and keyword strings out, and everything that can be wrong with one."""

from __future__ import annotations

import copy
import json
import pickle
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import make_url

from manager.core.catalog import Place
from manager.core.connections import Connection, from_url, problems
from manager.core.connectors import Connector, Driver, Parameter
from manager.core.delivery import delivery, dsn, url
from manager.core.secrets import Secret, parse_reference
from manager.errors import UsageError

PSYCOPG = Driver("psycopg[binary]", "psycopg", main=True, url_scheme="postgresql+psycopg", dsn="libpq")
PSYCOPG2 = Driver("psycopg2-binary", "psycopg2", url_scheme="postgresql+psycopg2")
POSTGRESQL = Connector(
    id="postgresql",
    title="PostgreSQL",
    kind="relational database",
    tier="core",
    owners=("platform",),
    drivers=(PSYCOPG, PSYCOPG2, Driver("SQLAlchemy", "sqlalchemy", role="dialect")),
    parameters=(
        Parameter("host", "host", required=True, aliases=("server", "hostname")),
        Parameter("port", "port", type="integer", default="5432"),
        Parameter("database", "dbname", required=True, aliases=("db",)),
        Parameter("user", "user", required=True, aliases=("username",)),
        Parameter("password", "password", secret=True),
        Parameter("sslmode", "sslmode", default="prefer"),
        Parameter("sslkey", "sslkey", type="path", secret=True),
        Parameter("application_name", "application_name"),
        Parameter("gssdelegation", "gssdelegation", type="boolean"),
    ),
    sources=(),
    url_template="{scheme}://{user}:{password}@{host}:{port}/{database}",
    place=Place("connectors/postgresql/connector.toml", 1),
)
WAREHOUSE = Connection(
    "warehouse",
    "postgresql",
    (("host", "db.example.org"), ("database", "sales"), ("user", "ana")),
    (("password", "env:PGPASSWORD"),),
)
AWKWARD = "p@ss:w/rd%?#&=+ 'q' \"d\" \\ ü€😀\n[]{}"
# Text without what neither UTF-8 nor a C string can hold.
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=20)


def in_keywords(text: str) -> dict[str, str]:
    """Read a keyword string as libpq's conninfo_parse does, where every value is quoted."""
    found: dict[str, str] = {}
    rest = text
    while rest.strip():
        name, _, rest = rest.partition("=")
        assert rest[0] == "'"
        value, at = "", 1
        while rest[at] != "'":
            at += rest[at] == "\\"
            value += rest[at]
            at += 1
        found[name.strip()], rest = value, rest[at + 1 :]
    return found


# -- URLs in -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "postgresql+psycopg://ana:s%40crt@db.example.org:5433/sales?sslmode=require",
        "postgresql+psycopg2://ana:s%40crt@db.example.org:5433/sales?sslmode=require",
        "postgresql://ana:s@crt@db.example.org:5433/sales?sslmode=require",
        "postgres:///sales?host=db.example.org&port=5433&user=ana&password=s%40crt&sslmode=require",
        "postgresql://?server=db.example.org&port=5433&username=ana&password=s%40crt&db=sales&sslmode=require",
    ],
)
def test_url_of_any_driver_and_style_gives_canonical_parameters(text: str) -> None:
    """Whatever driver, alias or place a URL uses, parameters are canonical and the password is a Secret."""
    found = from_url(POSTGRESQL, text)

    assert dict(found.parameters) == {
        "host": "db.example.org",
        "port": "5433",
        "database": "sales",
        "user": "ana",
        "sslmode": "require",
    }
    assert dict(found.secrets) == {"password": Secret("s@crt")}


def test_url_with_an_ipv6_address_and_escapes() -> None:
    """Brackets are not part of the address; every part is percent-decoded."""
    found = from_url(POSTGRESQL, "postgresql://an%C3%A4:x@[::1]:5/sa%2Fles")

    assert dict(found.parameters) == {"host": "::1", "port": "5", "database": "sa/les", "user": "anä"}


def test_plus_in_a_query_is_read_as_its_writer_meant_it() -> None:
    """SQLAlchemy writes a space as a plus; to libpq a plus is a plus."""
    sqlalchemy_style = from_url(POSTGRESQL, "postgresql+psycopg://h/d?application_name=my+job")
    libpq_style = from_url(POSTGRESQL, "postgresql://h/d?application_name=my+job")

    assert dict(sqlalchemy_style.parameters)["application_name"] == "my job"
    assert dict(libpq_style.parameters)["application_name"] == "my+job"


def test_unknown_parameter_of_a_url_is_left_for_problems() -> None:
    """A misspelt parameter keeps its name, so that it is reported with all the others."""
    found = from_url(POSTGRESQL, "postgresql://ana@h/d?sslmod=require")

    (problem,) = problems(POSTGRESQL, replace(WAREHOUSE, parameters=found.parameters))

    assert (problem.key, problem.hint) == ("sslmod", "did you mean sslmode?")


@pytest.mark.parametrize(
    "text",
    [
        "hunter2",
        "host=h password=hunter2",
        "mysql://ana:hunter2@h/d",
        "postgresql://ana:hun/ter2@h/d",
        "postgresql://ana:hun?ter2@h/d",
        "postgresql://ana:hun#ter2@h/d",
        "postgresql://ana:1/hunter2@h/d",
        "postgresql://ana:1?hunter2@h/d",
        "postgresql://ana:hunter2@h:port/d",
        "postgresql://ana:hunter2@a:1,b:2/d",
        "postgresql://ana:hunter2@h/d?user=bob",
        "postgresql://ana:hunter2@h/d?password=hunter2",
        "postgresql://ana@h/d;password=hunter2",
        "postgresql://ana@h;PWD=hunter2",
        "postgresql://h;user=ana;password=hunter2/d",
        "postgresql://ana;password=hunter2@h/d",
        "postgresql://ana@h/d?application_name=x;password=hunter2",
    ],
)
def test_url_that_cannot_be_read_is_an_error_without_its_password(text: str) -> None:
    """A URL of something else, or with unescaped characters, is refused and not repeated."""
    with pytest.raises(UsageError) as caught:
        from_url(POSTGRESQL, text)

    said = caught.value.message + caught.value.why + caught.value.hint
    assert "hun" not in said
    assert "ter2" not in said


def test_a_semicolon_that_divides_nothing_is_part_of_a_name() -> None:
    """The negative control: of a password, of a database, of a value; and escaped it may look as it likes."""
    found = from_url(POSTGRESQL, "postgresql://ana:a;b=c@h/d;e?application_name=x;y%3Bpassword=z")
    assert dict(found.secrets) == {"password": Secret("a;b=c")}
    assert dict(found.parameters)["database"] == "d;e"
    assert dict(found.parameters)["application_name"] == "x;y;password=z"
    assert dict(from_url(POSTGRESQL, "postgresql://h/d%3Be=f").parameters)["database"] == "d;e=f"


# -- problems ------------------------------------------------------------------------------------------


def test_sound_connection_has_no_problems() -> None:
    """The negative control of the next test."""
    assert problems(POSTGRESQL, WAREHOUSE) == ()


@pytest.mark.parametrize(
    ("parameters", "secrets", "key", "says"),
    [
        ({"hots": "x"}, {}, "hots", "is no parameter of connector postgresql"),
        ({"host": None}, {}, "host", "is required and missing"),
        ({"server": "x"}, {}, "server", "host is given twice"),
        ({"port": "54x"}, {}, "port", "is to be an integer, not '54x'"),
        ({"port": "9" * 5000}, {}, "port", "is to be an integer, not '999"),
        ({"gssdelegation": "perhaps"}, {}, "gssdelegation", "is to be true or false"),
        ({"user": ""}, {}, "user", "is empty"),
        ({"user": "a\0b"}, {}, "user", "NUL"),
        ({"password": "hunter2"}, {"password": None}, "password", "by reference, not as a parameter"),
        ({}, {"pasword": "env:X"}, "pasword", "is no parameter of connector postgresql"),
    ],
)
def test_each_problem_is_named(
    parameters: dict[str, str | None], secrets: dict[str, str | None], key: str, says: str
) -> None:
    """One change to a sound connection gives one problem, at its key; a secret's value is not repeated."""
    wrong = replace(
        WAREHOUSE,
        parameters=tuple((k, v) for k, v in (dict(WAREHOUSE.parameters) | parameters).items() if v is not None),
        secrets=tuple((k, v) for k, v in (dict(WAREHOUSE.secrets) | secrets).items() if v is not None),
    )

    (problem,) = problems(POSTGRESQL, wrong)

    assert problem.key == key
    assert says in problem.why
    assert "hunter2" not in str(problem) + problem.hint


# -- what drivers get ----------------------------------------------------------------------------------


def test_a_key_file_is_named_by_the_path_that_it_is_delivered_to() -> None:
    """Its content travels as a file; other parameters have the types of the connector."""
    connection = replace(WAREHOUSE, parameters=(*WAREHOUSE.parameters, ("gssdelegation", "on")))
    revealed = {"password": Secret(AWKWARD), "sslkey": Secret("-----BEGIN")}

    files = {file.path: file.content for file in delivery(POSTGRESQL, connection, revealed)}

    given = in_keywords(files["connections/warehouse/dsn"].decode())
    assert given["sslkey"] == "/run/solvent/connections/warehouse/secrets/sslkey"
    assert files["connections/warehouse/secrets/sslkey"] == b"-----BEGIN"
    shown = json.loads(files["connections/warehouse/parameters.json"])["parameters"]
    assert (shown["port"], shown["gssdelegation"]) == (5432, True)


@given(
    user=TEXT,
    password=TEXT,
    database=TEXT,
    application=TEXT,
    host=st.sampled_from(["db.example.org", "10.0.0.1", "::1", "/var/run/postgresql", "fe80::1%eth0"]) | TEXT,
    port=st.integers(1, 65535),
    driver=st.sampled_from([PSYCOPG, PSYCOPG2]),
)
def test_any_character_survives_sqlalchemys_url_and_libpqs_string(
    user: str, password: str, database: str, application: str, host: str, port: int, driver: Driver
) -> None:
    """What SQLAlchemy passes to the driver, and what libpq reads, is what went in, whatever the characters."""
    host = host.replace(",", "") or "h"  # a comma separates hosts, to libpq as well
    connection = Connection(
        "warehouse",
        "postgresql",
        (
            ("host", host),
            ("port", str(port)),
            ("database", database),
            ("user", user),
            ("application_name", application),
        ),
    )
    revealed = {"password": Secret(password)}
    wanted = {
        "host": host,
        "port": str(port),
        "dbname": database,
        "user": user,
        "password": password,
        "application_name": application,
        "sslmode": "prefer",
    }

    parsed = make_url(url(POSTGRESQL, driver, connection, revealed))
    _, arguments = parsed.get_dialect()().create_connect_args(parsed)
    again = from_url(POSTGRESQL, url(POSTGRESQL, driver, connection, revealed))

    assert {name: str(value) for name, value in arguments.items()} == wanted
    assert parsed.drivername == driver.url_scheme
    assert in_keywords(dsn(POSTGRESQL, connection, revealed)) == wanted
    assert {"sslmode": "prefer", **dict(connection.parameters)} == dict(again.parameters)
    assert dict(again.secrets) == revealed


def test_url_without_a_password_or_a_user() -> None:
    """Parts that are not there leave no empty places behind."""
    no_user = replace(WAREHOUSE, parameters=(("host", "h"), ("database", "d")), secrets=())

    assert url(POSTGRESQL, PSYCOPG, WAREHOUSE, {}) == (
        "postgresql+psycopg://ana@db.example.org:5432/sales?sslmode=prefer"
    )
    assert url(POSTGRESQL, PSYCOPG, no_user, {}) == "postgresql+psycopg://h:5432/d?sslmode=prefer"


def test_template_says_which_parameters_stand_where() -> None:
    """A connector whose URL has an account for a host and a path of two parts."""
    parameters = tuple(Parameter(name, name) for name in ("user", "account", "database", "schema", "warehouse"))
    snowflake = replace(
        POSTGRESQL,
        id="snowflake",
        drivers=(Driver("snowflake-sqlalchemy", "snowflake", main=True, url_scheme="snowflake"),),
        parameters=(*parameters, Parameter("password", "password", secret=True)),
        url_template="snowflake://{user}:{password}@{account}/{database}/{schema}",
    )
    text = "snowflake://ana:x%2Fy@org-acct/SALES/PUBLIC?warehouse=BIG%20ONE"

    found = from_url(snowflake, text)
    connection = Connection("w", "snowflake", found.parameters)

    assert dict(found.parameters)["schema"] == "PUBLIC"
    assert url(snowflake, snowflake.main_driver, connection, dict(found.secrets)) == text


# -- what environments get -----------------------------------------------------------------------------


def test_a_keyword_string_is_delivered_where_the_driver_takes_one() -> None:
    """The connector's file says so, and not the name of a scheme."""
    other = replace(POSTGRESQL, drivers=(replace(PSYCOPG, dsn=""),))

    paths = [one.path for one in delivery(other, WAREHOUSE, {"password": Secret("p")})]

    assert "connections/warehouse/url" in paths
    assert "connections/warehouse/dsn" not in paths


def test_delivery_follows_the_documented_convention() -> None:
    """Four files: URL, keyword string, parameters without secrets, and each secret; none ends in a newline."""
    files = {one.path: one for one in delivery(POSTGRESQL, WAREHOUSE, {"password": Secret(AWKWARD)})}

    folder = "connections/warehouse"
    assert set(files) == {f"{folder}/{name}" for name in ("url", "dsn", "parameters.json", "secrets/password")}
    assert files[f"{folder}/secrets/password"].content == AWKWARD.encode()
    assert in_keywords(files[f"{folder}/dsn"].content.decode())["password"] == AWKWARD
    assert json.loads(files[f"{folder}/parameters.json"].content) == {
        "connector": "postgresql",
        "driver": "psycopg",
        "parameters": {
            "host": "db.example.org",
            "port": 5432,
            "database": "sales",
            "user": "ana",
            "sslmode": "prefer",
        },
    }
    assert {one.mode for one in files.values()} == {0o600}
    assert not any(one.content.endswith(b"\n") for one in files.values())
    assert "p@ss" not in repr(files)


# -- secrets as values ---------------------------------------------------------------------------------


def test_secret_shows_itself_only_when_asked() -> None:
    """Neither repr, str, format, an f-string, an error nor json with default=str gives the value away."""
    secret = Secret("hunter2")

    shown = [repr(secret), str(secret), f"{secret}", f"{secret!r:>20}", f"{secret:>12}", "%s" % secret]  # noqa: UP031
    shown += [json.dumps({"a": secret}, default=str), repr({"a": [secret]}), repr(ValueError(secret))]

    assert not any("hunter2" in one for one in shown)
    assert secret.reveal() == "hunter2"
    assert copy.deepcopy({"a": secret})["a"] == Secret("hunter2") != Secret("other")


@pytest.mark.parametrize("spill", [pickle.dumps, json.dumps, copy.copy, vars])
def test_secret_is_not_serialised(spill: object) -> None:
    """Pickle, json and vars refuse it; copying within the process is fine (the control)."""
    if spill is copy.copy:
        assert copy.copy(Secret("hunter2")).reveal() == "hunter2"
        return
    with pytest.raises(TypeError) as caught:
        spill(Secret("hunter2"))  # type: ignore[operator]

    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("text", ["hunter2", "", "password:hunter2", "ENV:hunter2"])
def test_what_is_no_reference_is_not_repeated(text: str) -> None:
    """A password given where a reference belongs does not come back in the error."""
    with pytest.raises(UsageError) as caught:
        parse_reference(text)

    assert "hunter2" not in caught.value.message + caught.value.why + caught.value.hint


@pytest.mark.parametrize("text", ["env:", "file: ", "keyring:service", "keyring:/user", "keyring:service/"])
def test_incomplete_reference_is_told_its_form(text: str) -> None:
    """A reference without its target is a usage error."""
    with pytest.raises(UsageError, match="incomplete"):
        parse_reference(text)


# -- Files and paths in URLs ---------------------------------------------------------------------------


EMBEDDED = replace(
    POSTGRESQL,
    id="sqlite",
    drivers=(Driver("pysqlite3", "pysqlite3", main=True, url_scheme="sqlite"),),
    parameters=(Parameter("database", "database", type="path", default=":memory:"), Parameter("timeout", "timeout")),
    url_template="{scheme}:///{database}",
)


@pytest.mark.parametrize("file", ["/data/sales.db", "sales.db", "/data/my sales/ä+b.db", ":memory:"])
def test_a_file_of_an_embedded_database_stays_in_the_path(file: str) -> None:
    """SQLAlchemy reads it nowhere else, and takes it as it stands; reading the URL back gives the same file."""
    connection = Connection("local", "sqlite", (("database", file),))

    text = url(EMBEDDED, EMBEDDED.main_driver, connection, {})

    assert text == f"sqlite:///{file}"
    assert dict(from_url(EMBEDDED, text).parameters) == {"database": file}
    assert make_url(text).database == file


def test_a_file_without_a_name_is_in_memory() -> None:
    """The default stands in the URL, as every default does."""
    assert url(EMBEDDED, EMBEDDED.main_driver, Connection("local", "sqlite"), {}) == "sqlite:///:memory:"


def test_a_database_that_is_a_path_on_its_server_stays_in_the_path() -> None:
    """As Firebird's are; what SQLAlchemy would read otherwise goes to the query."""
    plain, odd = (
        url(POSTGRESQL, PSYCOPG, replace(WAREHOUSE, parameters=(("host", "h"), ("database", name)), secrets=()), {})
        for name in ("/srv/my sales.fdb", "/srv/a%41")
    )

    assert make_url(plain).database == "/srv/my sales.fdb"
    assert make_url(odd).query["dbname"] == "/srv/a%41"


# -- Schemes that say whether there is TLS -------------------------------------------------------------


REDIS = replace(
    POSTGRESQL,
    id="redis",
    drivers=(Driver("redis", "redis", main=True, url_scheme="redis", tls_scheme="rediss"),),
    parameters=(Parameter("host", "host", required=True), Parameter("ssl", "ssl", type="boolean")),
    url_template="{scheme}://{host}",
)


@pytest.mark.parametrize(("ssl", "scheme"), [("true", "rediss"), ("yes", "rediss"), ("false", "redis"), ("", "redis")])
def test_a_scheme_says_whether_there_is_tls(ssl: str, scheme: str) -> None:
    """The parameter is in the scheme and nowhere else: redis-py fails over it in a query."""
    given = (("host", "h"), *((("ssl", ssl),) if ssl else ()))

    assert url(REDIS, REDIS.main_driver, Connection("cache", "redis", given), {}) == f"{scheme}://h/"


def test_a_scheme_of_tls_is_read_as_the_parameter() -> None:
    """The negative control is the other scheme, which says nothing."""
    assert dict(from_url(REDIS, "rediss://h").parameters) == {"host": "h", "ssl": "true"}
    assert dict(from_url(REDIS, "redis://h").parameters) == {"host": "h"}
    # A query that says the same says nothing new; one that says otherwise is told of.
    assert dict(from_url(REDIS, "rediss://h?ssl=yes").parameters) == {"host": "h", "ssl": "true"}
    with pytest.raises(UsageError, match="'ssl' twice"):
        from_url(REDIS, "rediss://h?ssl=false")
    with pytest.raises(UsageError, match="none of connector"):
        from_url(POSTGRESQL, "rediss://h")
