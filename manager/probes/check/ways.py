"""How each driver is told where to connect: canonical words to its own arguments."""

import importlib
import re
from functools import partial

import stores
from asking import NotRun

# psycopg and psycopg2 take libpq's keywords.
_LIBPQ = {"database": "dbname", "timeout": "connect_timeout", "tls": "sslmode", "ca": "sslrootcert"}


def connect(driver, words):
    """Open a connection of a driver's module.

    ``tls``: absent leaves it to the driver, ``verify-full`` checks chain and name against ``ca`` (a file), ``require``
    encrypts, ``disable`` does not. ``timeout`` is in seconds. Raises NotRun for a driver that has no words here yet.
    """
    name = driver.__name__.partition(".")[0]
    if name not in _CONNECT:
        raise NotRun(f"the probes have no words yet for {name}")
    return _CONNECT[name](driver, dict(words))


def _libpq(driver, words):
    words.pop("driver", None)
    more = words.pop("more", {})
    return driver.connect(**{_LIBPQ.get(name, name): value for name, value in words.items()}, **more)


def _pg8000(_driver, words):
    module = importlib.import_module("pg8000.dbapi")
    more = words.pop("more", {})
    context = _context(words.pop("tls", None), words.pop("ca", None))
    words.pop("driver", None)
    return module.connect(**words, ssl_context=context, **more)


def _mysql(timeout, required, driver, words):
    """Connect with a driver of MySQL: what it calls the timeout, and what it is told where TLS is required."""
    tls, authority = words.pop("tls", None), words.pop("ca", None)
    more = words.pop("more", {})
    words.pop("driver", None)
    if "timeout" in words:
        words[timeout] = words.pop("timeout")
    if tls == "disable":
        words["ssl_disabled"] = True
    elif tls == "verify-full":
        words |= {"ssl_ca": authority, "ssl_verify_cert": True, "ssl_verify_identity": True}
    elif tls == "require":
        words |= required
    return driver.connect(**words, **more)


def _file(driver, words):
    more = words.pop("more", {})
    return driver.connect(words["database"], **more)


def _impala(driver, words):
    """Connect over Thrift with SASL PLAIN, as HiveServer2 checks passwords."""
    more = words.pop("more", {})
    tls, authority = words.pop("tls", None), words.pop("ca", None)
    words.pop("driver", None)
    if tls is not None:
        words["use_ssl"] = tls != "disable"
    if authority:
        words["ca_cert"] = authority
    return driver.connect(auth_mechanism="PLAIN", **words, **more)


def _pyhive(driver, words):
    """Connect over Thrift with SASL PLAIN; it has no limit of time, and TLS only over HTTP."""
    if words.get("tls", "disable") != "disable":
        raise NotRun("PyHive has TLS over HTTP alone")
    known = {name: words[name] for name in ("host", "port", "database", "password")}
    return driver.connect(auth="CUSTOM", username=words["user"], **known, **words.get("more", {}))


def _firebird(driver, words):
    """Connect by the address that the client library reads; what it waits for is a setting of the module."""
    words.pop("driver", None)
    more, make = words.pop("more", {}), words.pop("create", False)
    if words.pop("tls", None) or words.pop("ca", None):
        raise NotRun("Firebird has no TLS")
    settings = driver.driver_config
    settings.db_defaults.timeout.value = words.pop("timeout", None)
    settings.db_defaults.utf8filename.value = True
    # A longer value would be given as something to be read from.
    settings.stream_blob_threshold.value = 2**31 - 1
    where = f"{words.pop('host')}/{words.pop('port')}:{words.pop('database')}"
    open_it = driver.create_database if make else driver.connect
    return open_it(where, **words, charset="UTF8", **more)


def _pyodbc(driver, words):
    return driver.connect(odbc(words), **words.get("more", {}))


def _snowflake(driver, words):
    more = words.pop("more", {})
    if "timeout" in words:
        # One holds for the login, which the driver tries again and again, the other for each of its requests.
        words["login_timeout"] = words["network_timeout"] = words["socket_timeout"] = words.pop("timeout")
    # Every database has it; an emulation does not take it by itself.
    return driver.connect(schema="public", **words, **more)


def odbc(words):
    """Give the connection string of an ODBC driver (words["driver"]); a value that needs it stands in braces.

    psqlODBC takes them off a password and its options alone, SQLite's driver off nothing; both hand any others on as
    part of the name.
    """
    driver = words["driver"]
    pairs = [("DRIVER", driver)]
    if driver.startswith("SQLite"):
        pairs.append(("Database", words["database"]))
    else:
        pairs += [("SERVER", words["host"]), ("PORT", words["port"]), ("DATABASE", words["database"])]
        pairs += [("UID", words["user"]), ("PWD", words["password"])]
    if driver.startswith("PostgreSQL"):
        options = [f"connect_timeout={words['timeout']}"] if "timeout" in words else []
        if "tls" in words:
            pairs.append(("SSLmode", words["tls"]))
        if "ca" in words:
            options.append(f"sslrootcert={words['ca']}")
        if options:
            pairs.append(("pqopt", " ".join(options)))
    elif driver.startswith("MariaDB"):
        if words.get("tls") == "verify-full":
            pairs += [("FORCETLS", "1"), ("SSLVERIFY", "1"), ("SSLCA", words["ca"])]
        elif words.get("tls") == "require":
            pairs.append(("FORCETLS", "1"))
        if "timeout" in words:
            pairs.append(("CONN_TIMEOUT", words["timeout"]))
        pairs.append(("CHARSET", "utf8mb4"))
    pairs += words.get("keywords", {}).items()
    kept = ("SERVER", "PORT", "DATABASE", "UID") if driver.startswith("PostgreSQL") else ()
    kept = ("Database",) if driver.startswith("SQLite") else kept
    return ";".join(f"{name}={value if name in kept else _braced(str(value))}" for name, value in pairs)


def _braced(value):
    return value if re.fullmatch(r"[\w./:@=-]*", value) else "{" + value.replace("}", "}}") + "}"


_CONNECT = {
    "psycopg": _libpq,
    "psycopg2": _libpq,
    "pg8000": _pg8000,
    "pymysql": partial(_mysql, "connect_timeout", {"ssl": {"check_hostname": False}}),
    "mysql": partial(_mysql, "connection_timeout", {}),
    "sqlite3": _file,
    "pysqlite3": _file,
    "duckdb": _file,
    "pyodbc": _pyodbc,
    "impala": _impala,
    "pyhive": _pyhive,
    "snowflake": _snowflake,
    "firebird": _firebird,
    **stores.CONNECT,
}


def _context(tls, authority):
    import ssl

    if tls is None or tls == "disable":
        return False if tls else None
    context = ssl.create_default_context(cafile=authority)
    if tls == "require":
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def styled(driver, statement):
    """Write ``?`` as the driver's own placeholder (PEP 249 paramstyle), outside of quotes."""
    style = getattr(driver, "paramstyle", "qmark")
    if style == "qmark":
        return statement
    parts = re.split(r"('(?:[^']|'')*')", statement)
    if style in ("format", "pyformat"):
        parts = [part.replace("%", "%%") if at % 2 else part.replace("%", "%%").replace("?", "%s")
                 for at, part in enumerate(parts)]  # fmt: skip
        return "".join(parts)
    number = 0
    found = []
    for at, part in enumerate(parts):
        for bit in re.split(r"(\?)", part) if at % 2 == 0 else [part]:
            number += bit == "?"
            found.append(f":{number}" if bit == "?" and at % 2 == 0 else bit)
    return "".join(found)


# How a URL says that a password is to be checked by SASL PLAIN, and that texts are UTF-8.
_QUERIES = {
    "impala": {"auth_mechanism": "PLAIN"},
    "hive": {"auth": "CUSTOM"},
    "firebird+firebird": {"charset": "UTF8"},
}


def url(scheme, words):
    """Give a SQLAlchemy URL; the library does the quoting."""
    import sqlalchemy

    if "host" not in words:
        return sqlalchemy.URL.create(scheme, database=words["database"])
    query = words.get("query", _QUERIES.get(scheme, {}))
    if "account" in words:
        query = query | {"account": words["account"], "schema": "public"}
    return sqlalchemy.URL.create(
        scheme, words["user"], words["password"], words["host"], int(words["port"]), words["database"], query
    )


def beside(words):
    """Give the arguments that a dialect takes beside a URL alone."""
    return {"connect_args": {"protocol": words["protocol"]}} if "protocol" in words else {}


def codes(error):
    """Give what a driver's error says of its kind: SQLSTATEs, and numbers as text; empty where it says none."""
    found = {getattr(error, name, None) for name in ("sqlstate", "pgcode", "errno")}
    first = error.args[0] if getattr(error, "args", ()) else None
    if isinstance(first, dict):
        # pg8000 hands on the fields of the server's message.
        found.add(first.get("C"))
    elif isinstance(first, int) or (isinstance(first, str) and re.fullmatch(r"[0-9A-Z]{5}", first)):
        found.add(first)
    return {str(one) for one in found if one}


def uuids(driver):
    """Say whether a driver takes and gives a UUID, and let psycopg2 do it, which has to be told."""
    if driver.__name__ == "psycopg2":
        importlib.import_module("psycopg2.extras").register_uuid()
    # pyodbc gives text unless its native_uuid is set; drivers of MySQL know no such class.
    return driver.__name__ in ("psycopg", "psycopg2", "duckdb", "pg8000", "pg8000.dbapi")
