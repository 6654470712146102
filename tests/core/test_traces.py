"""What files say of what is installed: real layouts, versions told once, and bytes that say nothing."""

from __future__ import annotations

import io
import zipfile
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from manager.core import package_files, traces
from manager.core.traces import Trace, summed

DRIVERS = traces.drivers_of([("postgresql", "psycopg[binary]"), ("oracle", "oracledb"), ("mysql", "PyMySQL")])
ELF = b"\x7fELF\x02\x01\x01"


def said(path: str, content: str | bytes) -> list[tuple[str, str, str, str]]:
    """Give what a file says, as it is asked for by whoever reads file systems."""
    limit, _ = traces.limit(path, DRIVERS)
    raw = content.encode() if isinstance(content, str) else content
    found = traces.read(path, raw[:limit], DRIVERS) if limit else ()
    return [(one.kind, one.name, one.version, one.connector) for one in found]


def jar(*, driver: bool = True, version: str = "") -> bytes:
    """Give a jar, which offers a driver or does not."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        archive.writestr("META-INF/MANIFEST.MF", "Manifest-Version: 1.0\n" + version)
        if driver:
            archive.writestr("META-INF/services/java.sql.Driver", "org.example.Driver")
    return whole.getvalue()


STATUS = """\
Package: python3.11
Status: install ok installed
Version: 3.11.2-6+deb12u3
Description: Interactive language
 Package: not-this

Package: rstudio-server
Status: install ok installed
Version: 2024.04.2+764

Package: r-base-core
Status: install ok installed
Version: 4.2.2.20221110-2

Package: nodejs
Status: deinstall ok config-files
Version: 18.19.0

Package: odbc-postgresql
Status: install ok installed
Version: 1:13.02.0000-2

Package: unixodbc
Status: install ok installed
Version: 2.3.11-2
"""


@pytest.mark.parametrize(
    ("path", "content", "found"),
    [
        (
            "/opt/venv/lib/python3.11/site-packages/jupyterlab-4.1.5.dist-info/METADATA",
            "Metadata-Version: 2.1\nName: jupyterlab\nVersion: 4.1.5\n\nVersion: 9\n",
            [("ide", "jupyterlab", "4.1.5", "")],
        ),
        (
            "/usr/lib/python3/dist-packages/PyMySQL-1.0.2.egg-info/PKG-INFO",
            "Name: PyMySQL\nVersion: 1.0.2\n",
            [("driver", "pymysql", "1.0.2", "mysql")],
        ),
        (
            "/usr/lib/python3/dist-packages/oracledb-2.0.egg-info",
            "Name: oracledb\nVersion: 2.0\n",
            [("driver", "oracledb", "2.0", "oracle")],
        ),
        (
            "/opt/conda/conda-meta/python-3.9.7-hb7a2778_3_cpython.json",
            '{"name": "python", "version": "3.9.7"}',
            [("python", "python", "3.9.7", "")],
        ),
        (
            "/opt/conda/envs/x/conda-meta/psycopg-3.1.18-py39.json",
            '{"name": "psycopg", "version": "3.1.18"}',
            [("driver", "psycopg", "3.1.18", "postgresql")],
        ),
        (
            "/opt/conda/conda-meta/r-base-4.3.1-h1.json",
            '{"name": "r-base", "version": "4.3.1"}',
            [("r", "R", "4.3.1", "")],
        ),
        ("/srv/venv/pyvenv.cfg", "home = /usr/bin\nversion = 3.12.4\n", [("python", "python", "3.12.4", "")]),
        ("/srv/venv/pyvenv.cfg", "home = /x\nversion_info = 3.12.4.final.0\n", [("python", "python", "3.12.4", "")]),
        (
            "/var/lib/dpkg/status",
            STATUS,
            [
                ("python", "python", "3.11.2", ""),
                ("ide", "rstudio", "2024.04.2+764", ""),
                ("r", "R", "4.2.2.20221110", ""),
                ("driver", "odbc-postgresql", "13.02.0000", ""),
            ],
        ),
        (
            "/var/lib/dpkg/status.d/python3",
            "Package: python3.11\nVersion: 3.11.2-6\n",
            [("python", "python", "3.11.2", "")],
        ),
        ("/lib/apk/db/installed", "P:nodejs\nV:20.11.1-r0\n\nP:musl\nV:1\n", [("node", "node", "20.11.1", "")]),
        ("/usr/lib/R/library/base/DESCRIPTION", "Package: base\nVersion: 4.2.2\n", [("r", "R", "4.2.2", "")]),
        (
            "/usr/local/lib/R/site-library/RPostgres/DESCRIPTION",
            "Package: RPostgres\nVersion: 1.4.6\n",
            [("driver", "RPostgres", "1.4.6", "")],
        ),
        (
            "/usr/lib/code-server/package.json",
            '{"name": "code-server", "version": "4.91.1"}',
            [("ide", "code-server", "4.91.1", "")],
        ),
        (
            "/home/ana/.vscode-server/cli/servers/Stable-1/server/product.json",
            '{"applicationName": "code", "version": "1.90.0"}',
            [("ide", "vscode", "1.90.0", "")],
        ),
        (
            "/usr/local/include/python3.10/patchlevel.h",
            '#define PY_VERSION      "3.10.14"\n',
            [("python", "python", "3.10.14", "")],
        ),
        (
            "/usr/local/include/node/node_version.h",
            "#define NODE_MAJOR_VERSION 20\n#define NODE_MINOR_VERSION 11\n#define NODE_PATCH_VERSION 1\n",
            [("node", "node", "20.11.1", "")],
        ),
        ("/usr/bin/python3.11", ELF, [("python", "python", "3.11", "")]),
        ("/usr/lib/rstudio-server/bin/rserver", ELF, [("ide", "rstudio", "", "")]),
        (
            "/etc/odbcinst.ini",
            "[FreeTDS]\nDriver=/usr/lib/libtdsodbc.so\n[ODBC]\nTrace=no\n",
            [("driver", "ODBC FreeTDS", "", "")],
        ),
        (
            "/opt/microsoft/msodbcsql18/lib64/libmsodbcsql-18.3.so.2.1",
            ELF,
            [("driver", "ODBC msodbcsql", "18.3", "")],
        ),
        ("/usr/lib/x86_64-linux-gnu/odbc/psqlodbcw.so", ELF, [("driver", "ODBC psqlodbcw", "", "")]),
        ("/srv/jars/postgresql-42.7.3.jar", jar(), [("driver", "JDBC postgresql", "42.7.3", "")]),
        (
            "/srv/jars/ojdbc11.jar",
            jar(version="Implementation-Version: 23.4\n"),
            [("driver", "JDBC ojdbc11", "23.4", "")],
        ),
        ("/opt/zeppelin/lib/zeppelin-server-0.11.1.jar", jar(driver=False), [("ide", "zeppelin", "0.11.1", "")]),
    ],
)
def test_a_file_says_what_is_installed(path: str, content: str | bytes, found: list[tuple[str, str, str, str]]) -> None:
    """Each layout as its package manager writes it gives kind, name, version, and the catalog's connector."""
    assert said(path, content) == found


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("/usr/lib/python3/dist-packages/numpy-1.26.dist-info/METADATA", "Name: numpy\nVersion: 1.26\n"),
        ("/opt/venv/lib/python3.11/site-packages/jupyterlab_server-2.27.dist-info/METADATA", "Name: x\nVersion: 1\n"),
        ("/usr/bin/python3.11", b"#!/bin/sh\nexec python3.12\n"),
        ("/usr/lib/x86_64-linux-gnu/libodbc.so.2.0.0", ELF),
        ("/usr/lib/x86_64-linux-gnu/libodbcinst.so.2", ELF),
        ("/usr/lib/x86_64-linux-gnu/odbc/libodbcpsqlS.so", ELF),
        ("/v/lib/python3.11/site-packages/pyodbc.cpython-311-x86_64-linux-gnu.so", ELF),
        ("/usr/lib/R/site-library/RODBC/libs/RODBC.so", ELF),
        ("/srv/jars/guava-33.0.jar", jar(driver=False)),
        ("/usr/lib/node_modules/npm/package.json", '{"name": "npm", "version": "10"}'),
        ("/usr/lib/code-server/lib/vscode/product.json", '{"applicationName": "code-server", "version": "1.90.0"}'),
    ],
)
def test_what_looks_like_it_and_is_none_says_nothing(path: str, content: str | bytes) -> None:
    """Other packages, scripts in a program's place, and the managers of drivers are no findings."""
    assert said(path, content) == []


@pytest.mark.parametrize(
    ("path", "content", "why"),
    [
        ("/v/jupyterlab-4.dist-info/METADATA", b"\xff\xfe", "names no package"),
        ("/opt/conda/conda-meta/python-3.9.7-h.json", b"{", "no JSON"),
        ("/opt/conda/conda-meta/python-3.9.7-h.json", b"[]", "no JSON object"),
        ("/opt/conda/conda-meta/python-3.9.7-h.json", b"[" * 100_000, "no JSON"),
        ("/srv/a.jar", b"PK\x03\x04 no archive", "no jar"),
        ("/etc/odbcinst.ini", b"no section = here", "sections"),
        ("/srv/venv/pyvenv.cfg", b"home = /usr/bin", "no version"),
        ("/var/lib/rpm/rpmdb.sqlite", b"SQLite format 3", "rpm"),
    ],
)
def test_what_cannot_be_read_is_said(path: str, content: bytes, why: str) -> None:
    """A damaged file, and a format that nobody here reads, are told with the reason."""
    with pytest.raises(ValueError, match=why):
        traces.read(path, content, DRIVERS)


@given(st.sampled_from(["/v/jupyterlab-4.dist-info/METADATA", "/a.jar", "/etc/odbcinst.ini", "/var/lib/dpkg/status",
                        "/c/conda-meta/python-3-h.json", "/v/pyvenv.cfg", "/lib/apk/db/installed",
                        "/usr/lib/code-server/package.json", "/include/node/node_version.h", "/bin/node"]),
       st.binary(max_size=400))  # fmt: skip
def test_any_bytes_end_in_traces_or_a_sentence(path: str, content: bytes) -> None:
    """Whoever made an image is not trusted: no bytes raise anything but the promised error."""
    found: tuple[Trace, ...] = ()
    with suppress(ValueError):
        found = traces.read(path, content, DRIVERS)

    assert all(one.name.isprintable() and len(one.name) <= 100 for one in found)


def test_a_version_that_says_less_is_not_told_beside_one_that_says_more() -> None:
    """A program's name gives 3.11, its package 3.11.2: one Python. Another line of it is another."""
    found = [
        Trace("python", "python", "3.11", "/usr/bin/python3.11"),
        Trace("python", "python", "3.11.2", "/var/lib/dpkg/status"),
        Trace("python", "python", "3.1", "/usr/bin/python3.1"),
        Trace("python", "python", "3.11.2", "/srv/venv/pyvenv.cfg"),
        Trace("ide", "rstudio", "", "/usr/lib/rstudio-server/bin/rserver"),
        Trace("ide", "rstudio", "2024.04.2+764", "/var/lib/dpkg/status"),
    ]

    assert summed(found, "python") == ("3.1", "3.11.2")
    assert summed(found, "ide") == ("rstudio 2024.04.2+764",)
    assert summed(found, "node") == ()


def test_upstream_versions_of_debian() -> None:
    """Epoch, revision and repacking marks are the distribution's, and not the program's."""
    given_ = ["3.11.2-6+deb12u3", "1:4.2.2-1", "2.0+dfsg-3", "5", "1.2.3~ds1-1", "2024.04.2+764"]

    assert [package_files.upstream(one) for one in given_] == ["3.11.2", "4.2.2", "2.0", "5", "1.2.3", "2024.04.2+764"]
