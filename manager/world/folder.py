"""A person's connections: one TOML file each, readable by the person only, written whole or not at all.

One without a connector is the person's part of a connection that the catalog shares.
"""

from __future__ import annotations

import errno
import json
import os
import re
import tomllib
from typing import TYPE_CHECKING, Any

from manager import whole_files
from manager.core.catalog import did_you_mean
from manager.core.connections import Connection
from manager.core.lines import line_of, unfit
from manager.core.names import checked
from manager.core.secrets import parse_reference
from manager.errors import CatalogError, Failed, Problem, Refused, UsageError

if TYPE_CHECKING:
    from pathlib import Path

_KEYS = {"connector": str, "source": str, "network": str, "parameters": dict, "secrets": dict}
_BARE = re.compile(r"[A-Za-z0-9_-]+")


class ConnectionFolder:
    """The folder that holds a person's connections as ``NAME.toml``; it is made with the first one."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def names(self) -> tuple[str, ...]:
        """List the names, sorted."""
        return tuple(sorted(file.stem for file in self.path.glob("*.toml") if file.is_file()))

    def list(self) -> tuple[Connection, ...]:
        """Read every connection, by name; raises CatalogError with what is wrong in all of the files."""
        found: list[Connection] = []
        wrong: list[Problem] = []
        for name in self.names():
            try:
                found.append(self.read(name))
            except CatalogError as error:
                wrong += error.problems
            except UsageError as error:
                hint = f"rename the file: {error.hint}"
                wrong.append(Problem(str(self.path / f"{name}.toml"), 0, "", error.message, hint))
        if wrong:
            raise _broken(tuple(wrong))
        return tuple(found)

    def read(self, name: str) -> Connection:
        """Read one connection; raises UsageError for an unknown name, CatalogError with lines for a broken file."""
        file = self._file(name)
        try:
            text = file.read_text(encoding="utf-8")
        except FileNotFoundError:
            raise UsageError(
                f"no connection {name!r}",
                hint=did_you_mean(name, [*self.names()]) or "add one:  solvent connection add NAME --connector ID",
            ) from None
        except UnicodeDecodeError:
            raise _broken((Problem(str(file), 0, "", "the file is not UTF-8 text"),)) from None
        except OSError as error:
            raise Failed(f"connection {name} cannot be read", why=str(error.strerror), where=str(file)) from None
        return _parsed(name, text, str(file))

    def write(self, connection: Connection, *, replace: bool = False) -> Path:
        """Save a connection; gives its file. A taken name raises Refused unless ``replace`` says otherwise."""
        file = self._file(connection.name)
        try:
            # mkdir would say of a file in its place that it exists, which means something else below.
            if self.path.is_file():
                raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            whole_files.write(file, to_toml(connection), mode=whole_files.PRIVATE, replace=replace)
        except FileExistsError:
            raise Refused(
                f"there is a connection {connection.name!r} already",
                hint=f"choose another name, or:  solvent connection remove {connection.name}",
                where=str(file),
            ) from None
        except UnicodeEncodeError:
            raise UsageError(f"connection {connection.name} holds a value that is not valid text") from None
        except OSError as error:
            raise Failed(
                f"connection {connection.name} cannot be saved", why=str(error.strerror), where=str(file)
            ) from None
        return file

    def remove(self, name: str) -> None:
        """Delete a connection's file; raises UsageError for an unknown name."""
        try:
            self._file(name).unlink()
        except FileNotFoundError:
            raise UsageError(f"no connection {name!r}", hint=did_you_mean(name, [*self.names()])) from None
        except OSError as error:
            raise Failed(f"connection {name} cannot be removed", why=str(error.strerror)) from None

    def _file(self, name: str) -> Path:
        return self.path / f"{checked(name, 'connection name')}.toml"


def to_toml(connection: Connection) -> str:
    """Write a connection as TOML, always in the same form."""
    keys = ("connector", "source", "network")
    lines = [f"{key} = {_string(value)}" for key in keys if (value := getattr(connection, key))]
    for table in ("parameters", "secrets"):
        pairs: tuple[tuple[str, str], ...] = getattr(connection, table)
        if pairs:
            lines += ["", f"[{table}]"]
            lines += [f"{key if _BARE.fullmatch(key) else _string(key)} = {_string(value)}" for key, value in pairs]
    return "\n".join(lines).lstrip("\n") + "\n"


def _string(text: str) -> str:
    # A JSON string is a TOML basic string, but for DEL, which TOML wants escaped as well.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007F")


def _document(text: str, file: str) -> dict[str, Any]:
    number, why = 0, unfit(text)
    try:
        if not why:
            return tomllib.loads(text)
    except RecursionError:
        why = "nested too deeply"
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"at line (\d+)", str(error))
        number, why = int(line[1]) if line else len(text.splitlines()), str(error)
    raise _broken((Problem(file, number, "", f"invalid TOML: {why}"),))


def _parsed(name: str, text: str, file: str) -> Connection:
    document = _document(text, file)
    wrong: list[Problem] = []
    for key, value in document.items():
        if key not in _KEYS:
            wrong.append(Problem(file, line_of(text, key), key, "unknown key", did_you_mean(key, list(_KEYS))))
        elif not isinstance(value, _KEYS[key]):
            kind = "a table" if _KEYS[key] is dict else "a string"
            wrong.append(Problem(file, line_of(text, key), key, f"is to be {kind}"))
    if document.get("connector") == "":
        hint = "name one, or leave it out to complete a shared connection"
        wrong.append(Problem(file, line_of(text, "connector"), "connector", "is empty", hint))
    if "connector" not in document and "source" in document:
        why = "belongs to a connector; without one, a shared connection is completed, and the catalog decides it"
        wrong.append(Problem(file, line_of(text, "source"), "source", why, 'connector = "postgresql"'))
    parameters = _pairs("parameters", document, file, text, wrong)
    secrets = _pairs("secrets", document, file, text, wrong)
    for key, reference in secrets:
        try:
            parse_reference(reference)
        except UsageError as error:
            wrong.append(Problem(file, line_of(text, key, "secrets"), f"secrets.{key}", error.message, error.hint))
    if wrong:
        raise _broken(tuple(wrong))
    source, network = document.get("source", ""), document.get("network", "")
    return Connection(name, document.get("connector", ""), parameters, secrets, source, network)


def _pairs(
    table: str, document: dict[str, Any], file: str, text: str, wrong: list[Problem]
) -> tuple[tuple[str, str], ...]:
    values = document.get(table)
    if not isinstance(values, dict):
        return ()
    pairs: list[tuple[str, str]] = []
    for key, value in values.items():
        if isinstance(value, bool):
            pairs.append((key, str(value).lower()))
        elif isinstance(value, int) and table == "parameters":
            pairs.append((key, str(value)))
        elif isinstance(value, str):
            pairs.append((key, value))
        else:
            place = line_of(text, key, table)
            wrong.append(Problem(file, place, f"{table}.{key}", "is to be a string, an integer or true/false"))
    return tuple(pairs)


def _broken(problems: tuple[Problem, ...]) -> CatalogError:
    return CatalogError(
        "a file of a connection is wrong" if len(problems) == 1 else "files of connections are wrong",
        problems,
        hint="edit the file, or remove the connection and add it again",
    )
