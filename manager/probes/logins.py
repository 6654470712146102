"""Runs inside a container, as its user and again as root: does a file in which tools keep logins hold one?

Standard input is one JSON object: {"homes": [...]}, the folders that such files lie in besides those for everybody.
Standard output is a JSON line: {"id", "outcome", "reason"}; the reason names the files, and not what they hold.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

IN_HOMES = (
    ".netrc",
    ".npmrc",
    ".pypirc",
    ".pgpass",
    ".my.cnf",
    ".condarc",
    ".git-credentials",
    ".pip/pip.conf",
    ".config/pip/pip.conf",
    ".config/git/credentials",
    ".docker/config.json",
    ".aws/credentials",
)
FOR_EVERYBODY = (
    "etc/pip.conf",
    "etc/xdg/pip/pip.conf",
    "etc/npmrc",
    "etc/apt/auth.conf",
    "etc/apt/auth.conf.d/*",
    "etc/apt/sources.list",
    "etc/apt/sources.list.d/*",
    "opt/solvent/*/pip.conf",
    "opt/solvent/*/etc/npmrc",
)
# A login in a URL; NAME=VALUE, NAME: VALUE and netrc's NAME VALUE with the name of a secret, unless the value is a
# variable, a switch or a table; five fields, as PostgreSQL's password file has them. A comment tells nothing.
TOLD = re.compile(
    r"(?im)^[^#;\n]*(?:"
    r"://[^/?#\s]+@"
    r"|(?:(?:passw|passphrase|secret|token|api[_-]?key)[\w-]*|(?<![\w-])_?auth(?:[_-]?token)?)[\"']?"
    r"(?:\s*[=:]\s*|[ \t]+)[\"']?(?!true\b|false\b)[^\s\"'${\[]"
    r"|^[^#\s:]+:[^:\s]*:[^:\s]*:[^:\s]*:\S"
    r")"
)
_LONGEST = 1 << 20


def holding(root, homes):
    """Give the files that hold a login."""
    files = [path for pattern in FOR_EVERYBODY for path in root.glob(pattern)]
    for path in [*files, *(Path(home, name) for home in homes for name in IN_HOMES)]:
        try:
            with path.open(encoding="utf-8", errors="replace") as file:
                told = TOLD.search(file.read(_LONGEST))
        except OSError:  # it is not there, or another user's
            continue
        if told:
            yield str(path)


if __name__ == "__main__":
    _found = sorted(holding(Path("/"), json.load(sys.stdin)["homes"]))
    _reason = f"a login stands in {', '.join(_found)}" if _found else ""
    print(json.dumps({"id": "image.logins", "outcome": "fail" if _found else "pass", "reason": _reason}))
