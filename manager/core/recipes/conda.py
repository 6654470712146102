"""conda: an environment.yml, and match specifications as requirements of PyPI.

https://docs.conda.io/projects/conda/en/stable/user-guide/concepts/pkg-specs.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from manager.core.catalog import Place
from manager.core.recipes import r, requirements, variables
from manager.core.recipes.known import CONDA_ONLY, CONDA_TO_DEBIAN, CONDA_TO_PYPI
from manager.core.recipes.requirements import MIRROR

if TYPE_CHECKING:
    from manager.core.recipes.nodes import Node
    from manager.core.recipes.notes import Notes

_SPEC = re.compile(
    r"(?:(?P<channel>[^\s:]+)::?)?(?P<name>[A-Za-z0-9_][A-Za-z0-9._-]*)\s*(?P<version>[^\[\s][^\[]*)?(?P<more>\[.*\])?"
)
_LIBRARY = re.compile(r"lib[a-z]|_|.*_(linux|osx|win)-|cuda-|gcc_|gxx_|mkl")
_EXACT = re.compile(r"\d[\w.!+]*")
_KEYS = ("name", "channels", "dependencies", "variables", "prefix", "platforms")


def read(notes: Notes, document: Node, file: str) -> None:
    """Read an environment.yml."""
    for each in document["channels"]:
        if each.text != "nodefaults":
            why = "packages come from the index of Python packages, not from channels"
            notes.leave(Place(file, each.line), f"channel {each}", why, MIRROR)
    for each in document["dependencies"]:
        _dependency(notes, each, file)
    for name, value in document["variables"].pairs:
        variables.take(notes, name, value.text, Place(file, value.line))
    for name, value in document.pairs:
        if name not in _KEYS:
            notes.leave(Place(file, value.line), f"{name}: {value}", "it is no key of an environment.yml")


def specification(notes: Notes, text: str, place: Place) -> None:
    """Take a match specification: a Python, a package of PyPI, of R or of Debian; or say why not."""
    match = _SPEC.fullmatch(text.strip())
    if match is None:
        notes.leave(place, text, "it is no package as conda names them")
        return
    name = match["name"].lower()
    if match["more"]:
        notes.leave(place, text, "a condition in brackets is not understood", "write it as  name>=1,<2")
        return
    wanted = _version((match["version"] or "").strip())
    if name == "python":
        _python(notes, text, wanted, place)
    elif wanted is None:
        notes.leave(place, text, "its version cannot be said as one of PyPI", "add it to packages, as  name>=1,<2")
    elif name in ("r-base", "r-essentials", "r"):
        notes.take("system_packages", "r-base-core", place, assumed="R in Debian's version")
    elif name.startswith("r-"):
        r.package(notes, name.removeprefix("r-"), place, wanted)
    elif name in CONDA_TO_DEBIAN:
        assumed = f"Debian's {CONDA_TO_DEBIAN[name]} stands for conda's {name}, in Debian's version"
        notes.take("system_packages", CONDA_TO_DEBIAN[name], place, assumed=assumed)
    elif name in CONDA_ONLY or _LIBRARY.match(name):
        why = "it is a library or a compiler of conda; wheels carry the libraries that they need"
        notes.leave(place, text, why, "if something of yours needs it itself: Debian's package, in system_packages")
    else:
        pypi = CONDA_TO_PYPI.get(name, name)
        said = f"PyPI's {pypi} stands for conda's {name}"
        requirements.requirement(notes, f"{pypi}{wanted}", place, said if pypi != name else "same name on PyPI")


def _dependency(notes: Notes, node: Node, file: str) -> None:
    if node.form == "text":
        specification(notes, node.text, Place(file, node.line))
    for name, inner in node.pairs:
        if name == "pip":
            for one in inner:
                _pip(notes, one, file)
        else:
            notes.leave(Place(file, inner.line), f"{name}: {inner}", "conda knows no such part of its dependencies")


def _pip(notes: Notes, one: Node, file: str) -> None:
    place = Place(file, one.line)
    if one.form == "text":
        # Each item is a line of a requirements.txt.
        requirements.line(notes, one.text.strip(), place)
    else:
        notes.leave(place, str(one), "it is no requirement")


def _python(notes: Notes, text: str, wanted: str | None, place: Place) -> None:
    if wanted:
        notes.take("python", wanted, place)
    elif wanted is None:
        notes.leave(place, text, "its version is not understood", "choose one with  --python")


def _version(text: str) -> str | None:
    """Give a version of conda as a specifier of PEP 440; None for one that has none.

    A single = means a prefix, and a further one a build, beside which the version is exact.
    """
    text = text.replace(" ", "=" if re.match(r"[\d*]", text) and " " in text else "")
    if not text or text in ("*", "=*"):
        return ""
    if text.startswith("=") and not text.startswith("=="):
        text = text[1:]
        version, built, _ = text.partition("=")
        if not _EXACT.fullmatch(version.removesuffix(".*").removesuffix("*")):
            return None
        text = f"=={version}" if built else f"=={version.removesuffix('*').removesuffix('.')}.*"
    elif _EXACT.fullmatch(text.partition("=")[0].removesuffix(".*")):
        text = f"=={text.partition('=')[0]}"
    try:
        return str(SpecifierSet(text))
    except InvalidSpecifier:
        return None
