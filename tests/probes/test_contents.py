"""The probe that lists what is inside an image: each kind of package, out of a root file system made for it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from manager.probes import contents

DEP5 = """Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/

Files: *
Copyright: 2020 Somebody
License: GPL-2+ with OpenSSL exception

Files: debian/*
License: Expat

License: GPL-2+
 On Debian systems, see /usr/share/common-licenses/GPL-2.
"""
STATUS = """Package: curl
Status: install ok installed
Version: 7:8.14.1-2+deb13u2
Description: transfers
 Version: 1 is what this line says, and no field

Package: gone
Status: deinstall ok config-files
Version: 1

Package: old
Status: install ok installed
Version: 2-1
"""


def write(root: Path, path: str, text: str) -> None:
    """Write a file with its folders."""
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(text, encoding="utf-8")


def metadata(root: Path, prefix: str, name: str, version: str, *lines: str) -> None:
    """Write what a Python distribution says of itself."""
    head = "\n".join(("Metadata-Version: 2.4", f"Name: {name}", f"Version: {version}", *lines))
    place = f"opt/solvent/{prefix}/lib/python3.13/site-packages/{name}-{version}.dist-info/METADATA"
    write(root, place, f"{head}\n\nName: in the text\n")


def test_debian_packages_that_are_installed_with_the_licences_of_their_copyright_files(tmp_path: Path) -> None:
    """Removed packages are left out; licences are DEP 5's short names, or the common ones that a text points to."""
    write(tmp_path, "var/lib/dpkg/status", STATUS)
    write(tmp_path, "etc/os-release", 'ID=debian\nVERSION_ID="13"\nVERSION_CODENAME=trixie\n')
    write(tmp_path, "usr/share/doc/curl/copyright", DEP5)
    write(tmp_path, "usr/share/doc/old/copyright", "see /usr/share/common-licenses/LGPL-2.1.\n")

    assert contents.contents(tmp_path) == [
        ("debian", "curl", "7:8.14.1-2+deb13u2", "", "Expat AND GPL-2+ AND GPL-2+ with OpenSSL exception"),
        ("debian", "old", "2-1", "", "LGPL-2.1"),
        ("os", "debian", "13", "", ""),
    ]


def test_python_packages_of_both_prefixes(tmp_path: Path) -> None:
    """Names are normalised; the same package in both prefixes is there twice; text below the head says nothing."""
    metadata(tmp_path, "ide", "Jupyter_Server", "2.17", "License-Expression: BSD-3-Clause")
    metadata(tmp_path, "kernel", "Jupyter_Server", "2.16", "License-Expression: BSD-3-Clause")

    assert contents.contents(tmp_path) == [
        ("python", "jupyter-server", "2.16", "kernel", "BSD-3-Clause"),
        ("python", "jupyter-server", "2.17", "ide", "BSD-3-Clause"),
    ]


@pytest.mark.parametrize(
    ("lines", "licence"),
    [
        (("License: old words", "License-Expression: MIT OR Apache-2.0"), "MIT OR Apache-2.0"),
        (("License: BSD 3-Clause", "Classifier: License :: OSI Approved :: BSD License"), "BSD 3-Clause"),
        (("License: UNKNOWN", "Classifier: License :: OSI Approved :: MIT License"), "MIT License"),
        (("License: Copyright (c) 2010\n        All rights", "Classifier: License :: OSI Approved"), ""),
        (
            (
                "Classifier: License :: OSI Approved :: MIT License",
                "Classifier: Programming Language :: Python",
                "Classifier: License :: OSI Approved :: Apache Software License",
            ),
            "Apache Software License AND MIT License",
        ),
        ((), ""),
    ],
)
def test_a_python_licence_is_the_expression_then_few_words_then_classifiers(
    tmp_path: Path, lines: tuple[str, ...], licence: str
) -> None:
    """A whole licence text in the head is no name of a licence."""
    metadata(tmp_path, "kernel", "x", "1", *lines)

    assert [one[4] for one in contents.contents(tmp_path)] == [licence]


def test_r_packages_of_every_library(tmp_path: Path) -> None:
    """A description's continued lines belong to their field."""
    write(tmp_path, "usr/lib/R/library/base/DESCRIPTION", "Package: base\nVersion: 4.5.0\nLicense: Part of R 4.5.0\n")
    write(
        tmp_path,
        "usr/lib/R/site-library/DBI/DESCRIPTION",
        "Package: DBI\nDescription: Two\n    lines, Version: 9\nVersion: 1.2.3\nLicense: LGPL (>= 2.1)\n",
    )

    assert contents.contents(tmp_path) == [
        ("r", "DBI", "1.2.3", "", "LGPL (>= 2.1)"),
        ("r", "base", "4.5.0", "", "Part of R 4.5.0"),
    ]


def test_npm_packages_and_extensions_of_the_ide(tmp_path: Path) -> None:
    """Scoped names keep their scope; files that only look like packages, and those of Python packages, are none."""
    node = "opt/solvent/ide/lib/node_modules/code-server"
    write(tmp_path, f"{node}/package.json", '{"name": "code-server", "version": "4.100.3", "license": "MIT"}')
    scoped = '{"name": "@vscode/spdlog", "version": "0.15.0", "licenses": [{"type": "MIT"}, {"type": "BSD"}]}'
    write(tmp_path, f"{node}/node_modules/@vscode/spdlog/package.json", scoped)
    write(tmp_path, f"{node}/node_modules/@vscode/spdlog/test/package.json", '{"name": "test", "version": "0"}')
    extension = {"name": "python", "publisher": "ms-python", "version": "2026.1.0", "engines": {"vscode": "^1.99"}}
    write(tmp_path, "opt/solvent/ide/extensions/py/package.json", json.dumps(extension))
    write(tmp_path, "opt/solvent/ide/extensions/broken/package.json", "{")
    write(tmp_path, "opt/solvent/ide/lib/python3.13/site-packages/node_modules/x/package.json", '{"name": "x"}')

    assert contents.contents(tmp_path) == [
        ("npm", "@vscode/spdlog", "0.15.0", "", "MIT OR BSD"),
        ("npm", "code-server", "4.100.3", "", "MIT"),
        ("vscode", "ms-python.python", "2026.1.0", "", ""),
    ]


def test_the_probe_stands_alone_and_says_when_it_is_done() -> None:
    """The last line counts the others: a list that was cut off cannot pass for a whole one."""
    done = subprocess.run(
        [sys.executable, "-I", "-c", Path(contents.__file__).read_text()], capture_output=True, text=True, check=True
    )

    *lines, last = map(json.loads, done.stdout.splitlines())
    assert last == {"complete": len(lines)}
    assert [one["name"] for one in lines if one["ecosystem"] == "os"]
