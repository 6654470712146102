"""Runs inside a container of a build, with the system's Python: which packages of every kind are there?

Standard output is a JSON line for each: {"ecosystem", "name", "version", "prefix", "licence"}, sorted, and then one
{"complete": N} with their number, so that a list that was cut off is known. What a package says of itself is repeated
as it is; what cannot be read is left out, and the reader sees that a locked package is missing.
"""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path

ROOT = Path("/")
PREFIXES = ("ide", "kernel")
R_LIBRARIES = ("usr/lib/R/library", "usr/lib/R/site-library", "usr/local/lib/R/site-library")
# What a licence field says when it says nothing.
_NOTHING = {"", "unknown", "none", "see license", "see license file", "license", "license.txt", "dual license"}
_LONGEST = 60
_COMMON = re.compile(r"/usr/share/common-licenses/([A-Za-z0-9.+-]*[A-Za-z0-9+])")


def text(path):
    """Give a file's text, whatever bytes are in it; nothing for what is not there."""
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def fields(stanza):
    """Read ``Name: value`` lines as Debian, R and Python packages write them; a name that comes again is added to."""
    found = {}
    name = ""
    for line in stanza.splitlines():
        if line[:1] in (" ", "\t"):
            if name:
                found[name][-1] += "\n" + line.strip()
        elif ":" in line:
            name, _, value = line.partition(":")
            found.setdefault(name, []).append(value.strip())
    return {name: (values[0] if len(values) == 1 else values) for name, values in found.items()}


def first(found, name):
    """Give the first value of a field, or nothing."""
    value = found.get(name, "")
    return value if isinstance(value, str) else value[0]


def system(root):
    """Give the distribution and its packages, with the licences that their copyright files name."""
    release = dict(line.split("=", 1) for line in text(root / "etc/os-release").splitlines() if "=" in line)
    plain = {name: value.strip("\"'") for name, value in release.items()}
    if plain.get("ID"):
        # Debian's testing has a name and no number.
        yield "os", plain["ID"], plain.get("VERSION_ID") or plain.get("VERSION_CODENAME", ""), "", ""
    for stanza in text(root / "var/lib/dpkg/status").split("\n\n"):
        one = fields(stanza)
        if first(one, "Status").endswith(" installed") and "Package" in one and "Version" in one:
            name = first(one, "Package")
            yield "debian", name, first(one, "Version"), "", copyright_of(root / "usr/share/doc" / name / "copyright")


def copyright_of(path):
    """Give the licences of a Debian package: short names (DEP 5), else the common licences that its text points to."""
    whole = text(path)
    if re.match(r"Format:\s*\S*copyright-format", whole.lstrip()):
        names = (line.partition(":")[2].strip() for line in whole.splitlines() if line.startswith("License:"))
    else:
        names = _COMMON.findall(whole)
    return " AND ".join(sorted({name for name in names if name and len(name) <= _LONGEST}))


def python(root):
    """Give the distributions of both prefixes."""
    for prefix in PREFIXES:
        for path in (root / "opt/solvent" / prefix).glob("lib/python3*/site-packages/*.dist-info/METADATA"):
            one = fields(text(path).replace("\r\n", "\n").partition("\n\n")[0])
            if "Name" in one and "Version" in one:
                name = re.sub(r"[-_.]+", "-", first(one, "Name")).lower()
                yield "python", name, first(one, "Version"), prefix, python_licence(one)


def python_licence(one):
    """Give the expression, else a licence in a few words, else what the classifiers say."""
    if first(one, "License-Expression"):
        return first(one, "License-Expression")
    said = first(one, "License")
    if said.lower() not in _NOTHING and "\n" not in said and len(said) <= _LONGEST:
        return said
    classifiers = one.get("Classifier", [])
    chosen = [classifiers] if isinstance(classifiers, str) else classifiers
    ends = {line.split(" :: ")[-1] for line in chosen if line.startswith("License :: ")} - {"OSI Approved"}
    return " AND ".join(sorted(ends))


def r(root):
    """Give R's packages; one that lies in two libraries is loaded from the first that R asks, all are listed."""
    for library in R_LIBRARIES:
        for path in (root / library).glob("*/DESCRIPTION"):
            one = fields(text(path))
            if "Package" in one and "Version" in one:
                yield "r", first(one, "Package"), first(one, "Version"), "", first(one, "License").replace("\n", " ")


def javascript(root):
    """Give npm packages and the IDE's extensions; what Python packages bring along belongs to those."""
    for folder, below, names in os.walk(root / "opt/solvent"):
        below[:] = [name for name in below if name not in ("site-packages", "__pycache__")]
        if "package.json" not in names:
            continue
        try:
            one = json.loads(text(Path(folder, "package.json")))
        except ValueError:
            continue
        if not isinstance(one, dict) or not all(isinstance(one.get(key), str) for key in ("name", "version")):
            continue
        engines = one.get("engines")
        if isinstance(engines, dict) and "vscode" in engines and one.get("publisher"):
            yield "vscode", "{}.{}".format(one["publisher"], one["name"]), one["version"], "", npm_licence(one)
        elif "node_modules" in Path(folder).parts[-3:-1] and folder.endswith("/" + one["name"]):
            yield "npm", one["name"], one["version"], "", npm_licence(one)


def npm_licence(one):
    """Give a licence in one of the three ways in which packages write it."""
    said = one.get("license") or one.get("licenses") or ""
    each = said if isinstance(said, list) else [said]
    names = [word.get("type", "") if isinstance(word, dict) else word for word in each]
    return " OR ".join(name for name in names if isinstance(name, str) and name)


def contents(root):
    """Give everything, sorted; what is there twice is given once, with a licence if one of the two has it."""
    found = {}
    for *one, licence in sorted({*system(root), *python(root), *r(root), *javascript(root)}):
        found[tuple(one)] = licence
    return [(*one, licence) for one, licence in found.items()]


if __name__ == "__main__":
    _found = contents(ROOT)
    for _ecosystem, _name, _version, _prefix, _licence in _found:
        _line = {"ecosystem": _ecosystem, "name": _name, "version": _version, "prefix": _prefix, "licence": _licence}
        sys.stdout.write(json.dumps(_line) + "\n")
    sys.stdout.write(json.dumps({"complete": len(_found)}) + "\n")
