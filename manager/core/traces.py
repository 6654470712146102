"""What files say of what is installed: a trace is one statement, with the file that makes it.

A file's path says whether it is worth reading (:func:`limit`), and its bytes say what is there (:func:`read`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from manager.core import package_files as files
from manager.core.catalog import canonical_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    # Kind, name and version of each thing that a file says.
    Found: TypeAlias = Iterable[tuple["TraceKind", str, str]]

# ``ide`` is what a person works in; ``driver`` reaches a data source.
TraceKind = Literal["ide", "python", "r", "node", "driver"]

_TEXT = 8 * 1024**2
_JAR = 100 * 1024**2
_ELF = b"\x7fELF"
_PYTHON_IDES = frozenset({"jupyterlab", "notebook", "nbclassic", "retrolab", "marimo"})
_SYSTEM_IDES = {"rstudio-server": "rstudio", "code-server": "code-server", "code": "vscode", "marimo": "marimo"}
_R_DRIVERS = frozenset(
    "DBI RPostgreSQL RPostgres RMariaDB RMySQL RODBC odbc RSQLite ROracle RJDBC duckdb bigrquery".split()  # noqa: SIM905
)
# Packages of distributions that are ODBC drivers; unixodbc itself drives nothing.
_ODBC_PACKAGE = re.compile(
    r"msodbcsql\d*|odbc-(?:postgresql|mariadb)|tdsodbc|libsqliteodbc|libmyodbc|mysql-connector-odbc|mariadb-odbc"
    r"|psqlodbc|snowflake-odbc|simba\w*|\w*odbc(?:driver)?-?(?:64bit)?|oracle-instantclient\S*-odbc"
)
_ODBC_LIBRARY = re.compile(
    r"(?:lib)?(?P<name>[A-Za-z0-9_]*odbc[A-Za-z0-9_]*|sqora|Snowflake|db2o)"
    r"(?:-(?P<version>\d[\d.]*\d))?\.so(?P<later>\.[\d.]+)?"
)
_NO_ODBC_DRIVER = re.compile(
    r"(?:lib)?i?odbc(?:inst|cr|w|instw|_?ini)?\d*$|.*(?:qsqlodbc|pyodbc|RODBC)$|.*S$", re.IGNORECASE
)
_LIBRARY_OF_ANOTHER = re.compile(r"/(?:site-packages|dist-packages|library|site-library|auto|php\d*|sqldrivers)/")


@dataclass(frozen=True, slots=True, order=True)
class Trace:
    """One thing that is installed, as one file says it.

    ``name`` is as its own ecosystem writes it, normalised for Python; ``version`` is empty where no file says it.
    ``path`` is absolute in the file system, or names the setting of an image's configuration. ``connector`` is the
    catalog's connector that names the driver, if one does.
    """

    kind: TraceKind
    name: str
    version: str
    path: str
    connector: str = ""

    def __str__(self) -> str:
        """Render for people: name and version."""
        return f"{self.name} {self.version}".rstrip()


@dataclass(frozen=True, slots=True)
class _Format:
    """A kind of file: the paths that it has, the most bytes that are read of it, and its reader.

    A file of more bytes than ``limit`` is not read, unless only its ``head`` counts.
    """

    path: re.Pattern[str]
    read: Callable[[re.Match[str], bytes], Found]
    limit: int = _TEXT
    head: bool = False


def limit(path: str, drivers: Mapping[str, str]) -> tuple[int, bool]:
    """Say how many bytes of a file are wanted, and whether its beginning is enough; 0 for a file that says nothing.

    ``drivers`` are the catalog's: connector by normalised distribution.
    """
    found = _format(path)
    if found is None:
        return 0, False
    form, match = found
    name = match.groupdict().get("dist")
    if name is not None and not _told(canonical_name(name), drivers):
        return 0, False
    return form.limit, form.head


def read(path: str, content: bytes, drivers: Mapping[str, str]) -> tuple[Trace, ...]:
    """Give what a file says; raises ValueError, in words for the person, when it says nothing that can be read."""
    found = _format(path)
    if found is None:
        return ()
    form, match = found
    traces = []
    for kind, name, version in form.read(match, content):
        connector = drivers.get(name, "") if kind == "driver" else ""
        traces.append(Trace(kind, _plain(name), _plain(version), path, connector))
    return tuple(traces)


def drivers_of(named: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Give connectors by the normalised names of their drivers, from (connector, distribution)."""
    return {canonical_name(distribution.partition("[")[0]): connector for connector, distribution in named}


def summed(traces: Iterable[Trace], kind: TraceKind) -> tuple[str, ...]:
    """Name what there is of a kind, each thing once; ``3.11`` says nothing beside ``3.11.2``."""
    seen = {(one.name, one.version) for one in traces if one.kind == kind}
    kept = {
        (name, version)
        for name, version in seen
        if not any(name == other and _says_more(longer, version) for other, longer in seen)
    }
    bare = kind in ("python", "r", "node")
    return tuple((version or name) if bare else f"{name} {version}".rstrip() for name, version in sorted(kept))


def _says_more(longer: str, version: str) -> bool:
    return longer != version and (not version or longer.startswith(f"{version}."))


def _told(name: str, drivers: Mapping[str, str]) -> bool:
    return name in drivers or name in _PYTHON_IDES


def _format(path: str) -> tuple[_Format, re.Match[str]] | None:
    for form in _FORMATS:
        if match := form.path.search(path):
            return form, match
    return None


def _plain(text: str) -> str:
    """Keep what a file calls itself short and printable: anybody may have written it."""
    return "".join(letter for letter in text if letter.isprintable())[:100]


def _text(content: bytes) -> str:
    return content.decode("utf-8", "replace")


def _package(name: str, version: str) -> Found:
    """Say what a Python package is, where it is one of those that matter; a driver's connector is not known here."""
    name = canonical_name(name)
    return [("ide" if name in _PYTHON_IDES else "driver", name, version)]


def _metadata(match: re.Match[str], content: bytes) -> Found:  # noqa: ARG001 - as every reader
    return _package(*files.named(_text(content)))


def _conda(match: re.Match[str], content: bytes) -> Found:  # noqa: ARG001 - as every reader
    name, version = files.json_fields(_text(content), "name", "version")
    if not name:
        raise ValueError("it names no package")
    interpreters: dict[str, TraceKind] = {"python": "python", "r-base": "r", "nodejs": "node"}
    if kind := interpreters.get(name):
        return [(kind, {"r-base": "R", "nodejs": "node"}.get(name, name), version)]
    return _package(name, version)


def _venv(match: re.Match[str], content: bytes) -> Found:  # noqa: ARG001 - as every reader
    said = files.assignments(_text(content))
    version = said.get("version") or said.get("version_info", "")
    found = re.match(r"\d+(?:\.\d+)*", version)
    if not found:
        raise ValueError("it names no version")
    return [("python", "python", ".".join(found[0].split(".")[:3]))]


def _system(packages: Iterable[tuple[str, str]]) -> Found:
    for name, version in packages:
        if ide := _SYSTEM_IDES.get(name):
            yield "ide", ide, version
        elif re.fullmatch(r"python3\.\d+(?:-minimal)?|python3", name):
            yield "python", "python", version
        elif name in ("r-base-core", "R"):
            yield "r", "R", version
        elif name == "nodejs":
            yield "node", "node", version
        elif _ODBC_PACKAGE.fullmatch(name) and name not in ("unixodbc", "libodbc", "libiodbc"):
            yield "driver", name, version


def _dpkg(match: re.Match[str], content: bytes) -> Found:  # noqa: ARG001 - as every reader
    return _system(files.debian(_text(content)))


def _apk(match: re.Match[str], content: bytes) -> Found:  # noqa: ARG001 - as every reader
    return _system(files.alpine(_text(content)))


def _rpm(match: re.Match[str], content: bytes) -> Found:  # noqa: ARG001 - as every reader
    raise ValueError("the database of rpm is not read: system packages are not known")


def _description(match: re.Match[str], content: bytes) -> Found:
    name, version = files.named(_text(content))
    if match["package"] == "base":
        return [("r", "R", version)]
    return [("driver", name, version)]


def _code_server(match: re.Match[str], content: bytes) -> Found:  # noqa: ARG001 - as every reader
    name, version = files.json_fields(_text(content), "name", "version")
    return [("ide", name, version)] if name in ("code-server", "openvscode-server", "@theia/core") else []


def _product(match: re.Match[str], content: bytes) -> Found:  # noqa: ARG001 - as every reader
    name, version = files.json_fields(_text(content), "applicationName", "version")
    known = ("code", "code-oss", "codium", "code-server-oss", "openvscode-server", "code-insiders")
    return [("ide", "vscode" if name.startswith("code") else name, version)] if name in known else []


def _header(match: re.Match[str], content: bytes) -> Found:
    said = files.defines(_text(content))
    if match["header"] == "patchlevel.h":
        return [("python", "python", said["PY_VERSION"].rstrip("+"))] if "PY_VERSION" in said else []
    parts = [said.get(f"NODE_{part}_VERSION", "") for part in ("MAJOR", "MINOR", "PATCH")]
    return [("node", "node", ".".join(parts))] if all(parts) else []


def _binary(match: re.Match[str], content: bytes) -> Found:
    if not content.startswith(_ELF):
        return []
    if match["python"]:
        return [("python", "python", match["python"])]
    return [("ide", "rstudio", "")] if match["program"] == "rserver" else [("node", "node", "")]


def _odbc_list(match: re.Match[str], content: bytes) -> Found:  # noqa: ARG001 - as every reader
    return [("driver", f"ODBC {name}", "") for name, _ in files.odbc_drivers(_text(content))]


def _odbc_library(match: re.Match[str], content: bytes) -> Found:
    name = _ODBC_LIBRARY.fullmatch(match["library"])
    if name is None or _NO_ODBC_DRIVER.match(name["name"]) or not content.startswith(_ELF):
        return []
    return [("driver", f"ODBC {name['name']}", name["version"] or "")]


def _jar(match: re.Match[str], content: bytes) -> Found:
    driver, version = files.jar(content)
    stem = match["stem"]
    cut = re.fullmatch(r"(?P<name>.+?)[-_](?P<version>\d[\w.+-]*)", stem)
    name, version = (cut["name"], version or cut["version"]) if cut else (stem, version)
    if name == "zeppelin-server":
        return [("ide", "zeppelin", version)]
    return [("driver", f"JDBC {name}", version)] if driver else []


_FORMATS = (
    _Format(re.compile(r"/(?P<dist>[^/]+?)-[^/-]+\.dist-info/METADATA$"), _metadata),
    _Format(re.compile(r"/(?P<dist>[^/]+?)(?:-[^/]+)?\.egg-info(?:/PKG-INFO)?$"), _metadata),
    _Format(re.compile(r"/conda-meta/(?:python|r-base|nodejs)-\d[^/-]*-[^/-]+\.json$"), _conda),
    _Format(re.compile(r"/conda-meta/(?P<dist>[^/]+)-[^/-]+-[^/-]+\.json$"), _conda),
    _Format(re.compile(r"/pyvenv\.cfg$"), _venv),
    _Format(re.compile(r"^/var/lib/dpkg/status(?:\.d/[^/.]+)?$"), _dpkg),
    _Format(re.compile(r"^/(?:var/lib|usr/lib/sysimage)/rpm/(?:rpmdb\.sqlite|Packages(?:\.db)?)$"), _rpm, 1, head=True),
    _Format(re.compile(r"^/(?:usr/)?lib/apk/db/installed$"), _apk),
    _Format(
        re.compile(rf"/(?:site-)?library/(?P<package>base|{'|'.join(sorted(_R_DRIVERS))})/DESCRIPTION$"), _description
    ),
    _Format(re.compile(r"/(?:code-server|openvscode-server|@theia/core)[^/]*/package\.json$"), _code_server),
    _Format(re.compile(r"^(?!.*/code-server).*(?:vscode|/code/|codium|openvscode).*/product\.json$"), _product),
    _Format(re.compile(r"/include/(?:python3\.\d+/(?P<header>patchlevel\.h)|node/node_version\.h)$"), _header),
    _Format(re.compile(r"/bin/(?:python(?P<python>3\.\d+)|(?P<program>node|rserver))$"), _binary, len(_ELF), head=True),
    _Format(re.compile(r"/odbcinst\.ini$"), _odbc_list),
    _Format(
        re.compile(rf"^(?!.*{_LIBRARY_OF_ANOTHER.pattern}).*/(?P<library>{_ODBC_LIBRARY.pattern})$"),
        _odbc_library,
        len(_ELF),
        head=True,
    ),
    _Format(re.compile(r"/(?P<stem>[^/]+)\.jar$"), _jar, _JAR),
)
