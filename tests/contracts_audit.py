"""Holds the differences of contracts against the drivers' own sources, read in another way; needs index and engine.

    python -m tests.contracts_audit tests/contracts_audit.json

Each change of the pairs below is judged true or false: arguments, tables and fields are read from the sources of both
versions as syntax, without loading them; an embedded database and libpq are asked directly, in a process without a
network. What neither tells is judged by hand, with the reason (``BY_HAND``). What the sources say and no change does is
missed. ``SOLVENT_HOME`` and ``SOLVENT_REALM`` are those of ``solvent``.
"""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

# Connector, both versions, the distributions of each, and what is read of the sources: file:Class.function or :NAME.
_SNOWFLAKE = ("snowflake/connector/connection.py:DEFAULT_CONFIGURATION",
              "snowflake/connector/connection.py:SnowflakeConnection.__init__",
              "snowflake/connector/connection_config.py:ConnectionConfig",
              "snowflake/connector/_internal/connection_config_mixin.py:ConnectionConfigMixin",
              "snowflake/connector/connection/_connection.py:Connection.__init__")  # fmt: skip
_ORACLE = ("oracledb/connect_params.py:ConnectParams.__init__", "oracledb/connection.py:connect")
_MYSQL = ("pymysql/connections.py:Connection.__init__",)
_DATABRICKS = ("databricks/sql/client.py:Connection.__init__", "databricks/sql/session.py:Session.__init__",
               "databricks/sql/auth/auth.py:get_python_sql_connector_auth_provider")  # fmt: skip
PAIRS = (
    ("snowflake", "snowflake-connector-python", "3.0.0", "3.12.4", _SNOWFLAKE),
    ("snowflake", "snowflake-connector-python", "3.12.4", "4.0.0", _SNOWFLAKE),
    ("snowflake", "snowflake-connector-python", "4.0.0", "5.2.0", _SNOWFLAKE),
    ("mysql", "pymysql", "1.0.2", "1.1.3", _MYSQL),
    ("mysql", "pymysql", "1.1.3", "1.2.4", _MYSQL),
    ("oracle", "oracledb", "1.4.2", "2.0.0", _ORACLE),
    ("oracle", "oracledb", "2.0.0", "3.0.0", _ORACLE),
    ("oracle", "oracledb", "3.0.0", "26.1.0", _ORACLE),
    ("postgresql", "psycopg-binary", "3.1.20", "3.3.9", ("libpq",)),
    ("duckdb", "duckdb", "1.0.0", "2.0.0", ("duckdb_settings",)),
    ("databricks", "databricks-sql-connector", "3.7.5", "4.9.0", _DATABRICKS),
    ("trino", "trino", "0.320.0", "0.340.0", ("trino/dbapi.py:Connection.__init__",)),
    ("clickhouse", "clickhouse-connect", "0.8.18", "1.12.0",
     ("clickhouse_connect/driver/__init__.py:create_client",
      "clickhouse_connect/driver/__init__.py:_parse_connection_params",
      "clickhouse_connect/driver/__init__.py:_create_chdb_client",
      "clickhouse_connect/driver/httpclient.py:HttpClient.__init__")),
)  # fmt: skip
# What the sources do not settle: (connector, kind, name, to): (true, why).
_CAP = "snowflake_server_dop_cap_for_file_transfer"
_CONSTANT = (
    "the table of 4.0.0 has it under the name of a constant, the one of 3.12.4 has not, and 5.2.0 says no effect"
)
BY_HAND: dict[tuple[str, str, str, str], tuple[bool, str]] = {
    ("snowflake", "added", _CAP, "4.0.0"): (True, _CONSTANT),
    ("snowflake", "removed", _CAP, "5.2.0"): (True, _CONSTANT),
    ("snowflake", "disposition", _CAP, "5.2.0"): (True, _CONSTANT),
    ("snowflake", "type", "crl_validity_time", "5.2.0"): (True, "crl_cache_validity_hours was hours, as float"),
    ("snowflake", "type", "private_key_password", "5.2.0"): (True, "private_key_file_pwd took bytes as well"),
    ("snowflake", "default", "authenticator", "5.2.0"): (False, "5.2.0 leaves it to its core: no effect is to be seen"),
    ("mysql", "default", "ssl", "1.2.4"): (
        True,
        "without arguments 1.2.4 tries TLS (PREFERRED mode), 1.1.3 did not",
    ),
    ("mysql", "disposition", "db", "1.2.4"): (True, "its constructor warns that db is deprecated"),
}

_DUCKDB = """
import duckdb, json
print(json.dumps(dict(duckdb.connect().execute(
    "select name, coalesce(value, 'NULL') || ' :: ' || input_type from duckdb_settings()").fetchall())))
"""
_LIBPQ = """
import ctypes, glob, json, sys
class O(ctypes.Structure):
    _fields_ = [(n, ctypes.c_char_p) for n in "keyword envvar compiled val label dispchar".split()]
    _fields_ += [("s", ctypes.c_int)]
for file in sorted(glob.glob(sys.path[0] + "/psycopg_binary.libs/*.so*")) * 3:
    try: ctypes.CDLL(file, mode=ctypes.RTLD_GLOBAL)
    except OSError: pass
library = ctypes.CDLL(glob.glob(sys.path[0] + "/psycopg_binary.libs/libpq*")[0])
library.PQconndefaults.restype = ctypes.POINTER(O)
found, place = library.PQconndefaults(), 0
told = {}
while found[place].keyword:
    told[found[place].keyword.decode()] = (found[place].compiled or b"NULL").decode(); place += 1
print(json.dumps(told))
"""


@dataclass
class Said:
    """What sources say of names: the defaults and types that stand there, as text."""

    defaults: dict[str, set[str]] = field(default_factory=dict)
    types: dict[str, set[str]] = field(default_factory=dict)

    def add(self, name: str, default: ast.expr | None, kind: ast.expr | None = None) -> None:
        """Note one place that names it."""
        self.defaults.setdefault(name, set()).update({ast.unparse(default)} if default is not None else ())
        self.types.setdefault(name, set()).update({ast.unparse(kind)} if kind is not None else ())


def read(tree: Path, places: tuple[str, ...]) -> Said:
    """Read what is named in one version's sources, without loading them."""
    said = Said()
    if places[0] in ("duckdb_settings", "libpq"):
        text = {"duckdb_settings": _DUCKDB, "libpq": _LIBPQ}[places[0]]
        script = tree.parent / "ask.py"
        script.write_text(f"import sys\nsys.path.insert(0, {str(tree)!r})\n" + text)
        words = ["unshare", "--net", sys.executable, "-I", str(script)]
        done = subprocess.run(words, capture_output=True, text=True, check=True, env={"HOME": "/nonexistent"})
        for name, told in json.loads(done.stdout).items():
            value, _, kind = told.partition(" :: ")
            said.add(name, ast.Constant(value), ast.Constant(kind) if kind else None)
        return said
    for place in places:
        file, _, path = place.partition(":")
        if (tree / file).exists():
            nodes: list[ast.stmt] = ast.parse((tree / file).read_text(encoding="utf-8")).body
            for part in path.split("."):
                nodes = [one for node in nodes for one in _within(node, part, last=part == path.split(".")[-1])]
            for node in nodes:
                _note(node, said)
    return said


def _within(node: ast.stmt, name: str, *, last: bool) -> list[ast.stmt]:
    if isinstance(node, (ast.ClassDef, ast.FunctionDef)) and node.name == name:
        return [node] if last else node.body
    targets = getattr(node, "targets", [getattr(node, "target", None)])
    return [node] if any(isinstance(one, ast.Name) and one.id == name for one in targets) else []


def _note(node: ast.stmt, said: Said) -> None:
    if isinstance(node, ast.ClassDef):
        for one in node.body:
            if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name):
                _field(one.target.id, one, said)
    elif isinstance(node, ast.FunctionDef):
        _arguments(node, said)
    elif isinstance(getattr(node, "value", None), ast.Dict):
        table = node.value  # type: ignore[attr-defined]
        for key, value in zip(table.keys, table.values, strict=True):
            if isinstance(key, ast.Constant):
                pair = value.elts if isinstance(value, ast.Tuple) else [value, None]
                said.add(str(key.value), pair[0], pair[1])


def _field(name: str, one: ast.AnnAssign, said: Said) -> None:
    if not name.startswith("_") and "ClassVar" not in ast.unparse(one.annotation):
        said.add(name, one.value, one.annotation)


def _arguments(node: ast.FunctionDef, said: Said) -> None:
    args = node.args
    known = [*args.posonlyargs, *args.args]
    given = [None] * (len(known) - len(args.defaults)) + list(args.defaults)
    for one, default in [*zip(known, given, strict=True), *zip(args.kwonlyargs, args.kw_defaults, strict=True)]:
        if one.arg not in ("self", "kwargs", "ignored_args"):
            said.add(one.arg, default, one.annotation)
    for call in ast.walk(node):
        match call:
            case ast.Call(
                func=ast.Attribute(value=ast.Name("kwargs"), attr="get" | "pop"), args=[ast.Constant(name), *more]
            ):
                said.add(str(name), more[0] if more else None)
            case ast.Compare(left=ast.Constant(name), comparators=[ast.Name("kwargs")]):
                said.add(str(name), None)


def judged(  # noqa: PLR0911
    connector: str, to: str, change: dict[str, Any], old: Said, new: Said
) -> tuple[bool | None, str]:
    """Say whether a change is true, and why; None where the sources do not settle it."""
    kind, name = change["kind"], change["name"]
    by_hand = BY_HAND.get((connector, kind, name, to))
    was, now = name in old.defaults, name in new.defaults
    if by_hand:
        return by_hand
    if kind in ("added", "removed"):
        there, gone = (now, was) if kind == "added" else (was, now)
        return (there and not gone) or None, f"named by the sources: before {was}, after {now}"
    if kind == "renamed":
        return (was and not now and change["after"] in new.defaults) or None, "the one is named before, the other after"
    if kind == "default":
        first, second = old.defaults.get(name, set()), new.defaults.get(name, set())
        return (bool(first and second) and first != second) or None, f"{sorted(first)} and then {sorted(second)}"
    if kind == "type":
        first, second = old.types.get(name, set()), new.types.get(name, set())
        return (bool(first and second) and first != second) or None, f"{sorted(first)} and then {sorted(second)}"
    if kind == "disposition" and was and not now:
        return True, "the sources no longer name it, so that it cannot be what it was"
    return None, "not settled by the sources"


def main() -> int:
    """Measure; gives the exit code: 1 when more than 2 % are false."""
    rows, count, false, open_, missed = [], 0, 0, 0, 0
    for connector, distribution, first, second, places in PAIRS:
        words = ["solvent", "connector", "params", connector, "--from", first, "--to", second, "-o", "json"]
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        if done.returncode:
            rows.append({"pair": f"{connector} {first} {second}", "error": done.stderr.strip().splitlines()[-1][:500]})
            continue
        changes = json.loads(done.stdout)["changes"]
        with tempfile.TemporaryDirectory() as folder:
            old, new = (read(_tree(Path(folder, one), distribution, one), places) for one in (first, second))
        verdicts = [(one, *judged(connector, second, one, old, new)) for one in changes]
        told = {one["name"] for one in changes} | {one["after"] for one in changes if one["kind"] == "renamed"}
        lacking = sorted((set(old.defaults) ^ set(new.defaults)) - told)
        count, missed = count + len(changes), missed + len(lacking)
        false += sum(true is False for _, true, _ in verdicts)
        open_ += sum(true is None for _, true, _ in verdicts)
        rows.append({
            "pair": f"{connector} {first} {second}", "changes": len(changes),
            "true": sum(true is True for _, true, _ in verdicts), "missed": lacking,
            "false": [[one["kind"], one["name"], why] for one, true, why in verdicts if true is False],
            "open": [[one["kind"], one["name"], one["before"], one["after"], why]
                     for one, true, why in verdicts if true is None],
            "by_hand": [[one["kind"], one["name"], why] for one, true, why in verdicts
                        if true and (connector, one["kind"], one["name"], second) in BY_HAND],
        })  # fmt: skip
        print(rows[-1]["pair"], len(changes), "changes", file=sys.stderr)
    found = {"changes": count, "false": false, "open": open_, "missed": missed,
             "false_percent": round(100 * false / max(count, 1), 2), "pairs": rows}  # fmt: skip
    Path(sys.argv[1]).write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    print({key: value for key, value in found.items() if key != "pairs"})
    return int(false + open_ > 0.02 * count)


def _tree(folder: Path, distribution: str, version: str) -> Path:
    for python in ("3.13", "3.11"):
        words = ["uv", "pip", "install", "-q", "--target", str(folder / "tree"), "--no-deps", "--only-binary", ":all:"]
        words += ["--python-version", "3.11" if distribution == "duckdb" else python, "--python", sys.executable]
        words += ["--python-platform", "x86_64-manylinux_2_28", f"{distribution}=={version}"]
        if not subprocess.run(words, check=False, env=os.environ, capture_output=True).returncode:
            return folder / "tree"
    raise SystemExit(f"no wheel of {distribution} {version}")


if __name__ == "__main__":
    sys.exit(main())
