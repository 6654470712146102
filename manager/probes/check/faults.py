"""What an engine's errors are by name: their classes of PEP 249, and the codes that the server sends with them."""

from asking import Wrong, raised

# PEP 249 ("Exceptions") says which class is for what. Codes: PostgreSQL's appendix A; MariaDB's list of error codes
# (number and SQLSTATE); SQLite's "Result and Error Codes", which knows one code, 1, for all that is wrong with a
# statement, so that its drivers cannot tell those apart.
_POSTGRESQL = {
    "unique": ("IntegrityError", {"23505"}),
    "not-null": ("IntegrityError", {"23502"}),
    "foreign-key": ("IntegrityError", {"23503"}),
    "check": ("IntegrityError", {"23514"}),
    "syntax": ("ProgrammingError", {"42601"}),
    "missing-table": ("ProgrammingError", {"42P01"}),
    "missing-column": ("ProgrammingError", {"42703"}),
    "existing-table": ("ProgrammingError", {"42P07"}),
    "division": ("DataError", {"22012"}),
    "range": ("DataError", {"22003"}),
    "length": ("DataError", {"22001"}),
    "deadlock": ("OperationalError", {"40P01"}),
    "timeout": ("OperationalError", {"57014"}),
    "cancelled": ("OperationalError", {"57014"}),
}
_MYSQL = {
    "unique": ("IntegrityError", {1062, "23000"}),
    "not-null": ("IntegrityError", {1048, "23000"}),
    "foreign-key": ("IntegrityError", {1452, "23000"}),
    "check": ("IntegrityError", {4025, "23000"}),
    "syntax": ("ProgrammingError", {1064, "42000"}),
    "missing-table": ("ProgrammingError", {1146, "42S02"}),
    "missing-column": ("ProgrammingError", {1054, "42S22"}),
    "existing-table": ("ProgrammingError", {1050, "42S01"}),
    "division": ("DataError", {1365, "22012"}),
    "range": ("DataError", {1264, "22003"}),
    "length": ("DataError", {1406, "22001"}),
    "deadlock": ("OperationalError", {1213, "40001"}),
    "timeout": ("OperationalError", {1969, "70100"}),
    "cancelled": ("OperationalError", {1317, "70100"}),
}
_SQLITE = {
    "unique": ("IntegrityError", {19, 1555, 2067}),
    "not-null": ("IntegrityError", {19, 1299}),
    "foreign-key": ("IntegrityError", {19, 787}),
    "check": ("IntegrityError", {19, 275}),
    "syntax": ("OperationalError", {1}),
    "missing-table": ("OperationalError", {1}),
    "missing-column": ("OperationalError", {1}),
    "existing-table": ("OperationalError", {1}),
    "cancelled": ("OperationalError", {9}),
}
_DUCKDB = {
    **{name: (kind, set()) for name, (kind, _) in _POSTGRESQL.items()},
    # Its error of an interrupted query is a class of its own below DatabaseError.
    "cancelled": ("DatabaseError", set()),
}
# Spark's error conditions (error-conditions.json of its release) have the SQLSTATEs of the standard.
_SPARK = {
    "not-null": ("IntegrityError", {"42000", "23502"}),
    "syntax": ("ProgrammingError", {"42601"}),
    "missing-table": ("ProgrammingError", {"42P01"}),
    "missing-column": ("ProgrammingError", {"42703"}),
    "existing-table": ("ProgrammingError", {"42P07"}),
    "division": ("DataError", {"22012"}),
    "range": ("DataError", {"22003"}),
    "length": ("DataError", {"22001", "54006"}),
    "timeout": ("OperationalError", set()),
    "cancelled": ("OperationalError", set()),
}
# Snowflake's, as far as an emulation is asked for them.
_SNOWFLAKE = {
    "syntax": ("ProgrammingError", {1003, "42000"}),
    "missing-table": ("ProgrammingError", {2003, "42S02"}),
}
# SQLSTATEs of the language reference's list of error codes.
_FIREBIRD = {
    "unique": ("IntegrityError", {"23000"}),
    "not-null": ("IntegrityError", {"23000"}),
    "foreign-key": ("IntegrityError", {"23000"}),
    "check": ("IntegrityError", {"23000"}),
    "syntax": ("ProgrammingError", {"42000"}),
    "missing-table": ("ProgrammingError", {"42S02"}),
    "missing-column": ("ProgrammingError", {"42S22"}),
    "existing-table": ("ProgrammingError", {"42S01"}),
    "division": ("DataError", {"22012"}),
    "range": ("DataError", {"22003"}),
    "length": ("DataError", {"22001"}),
    "deadlock": ("OperationalError", {"40001"}),
    "timeout": ("OperationalError", {"HY008"}),
    "cancelled": ("OperationalError", {"HY008"}),
}
_FAULTS = {
    "snowflake": _SNOWFLAKE,
    "postgresql": _POSTGRESQL,
    "spark": _SPARK,
    "mysql": _MYSQL,
    "sqlite": _SQLITE,
    "duckdb": _DUCKDB,
    "firebird": _FIREBIRD,
}
# Of these drivers each error of a server has a code.
_CODED = ("psycopg", "psycopg2", "pg8000", "pymysql", "mysql", "pyodbc", "firebird")


def codes(error):
    """Give the codes that an error carries, wherever its driver puts them."""
    names = ("sqlstate", "pgcode", "errno", "sqlite_errorcode")
    found = {getattr(error, name) for name in names if getattr(error, name, None) not in (None, "")}
    first = error.args[0] if error.args else None
    if isinstance(first, dict):
        # pg8000 gives the server's message by field.
        first = first.get("C")
    if isinstance(first, int) or (isinstance(first, str) and len(first) == 5 and first.isalnum()):
        found.add(first)
    return found


def fault(subject, name, call):
    """Call, and see that it raises the class that an error has by name, and no other code; give the error."""
    kind, right = _FAULTS[subject.sql.name][name]
    error = raised(getattr(subject.driver, kind), call, name)
    got = codes(error)
    if not got and right and subject.driver.__name__.partition(".")[0] in _CODED:
        raise Wrong(f"{name}: the error has no code: {error!r:.200}", sign=f"{name} no code")
    if right and not got <= right:
        given = sorted(map(str, got))
        wanted = sorted(map(str, right))
        raise Wrong(f"{name}: wanted one of {wanted}, got {given}: {error!r:.200}", sign=f"{name} code {given}")
    return error
