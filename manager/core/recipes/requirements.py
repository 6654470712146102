"""Requirements of pip: one requirement, and the grammar of a requirements.txt around them.

https://pip.pypa.io/en/stable/reference/requirements-file-format/
"""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from packaging.requirements import InvalidRequirement, Requirement

from manager.core.catalog import Place, canonical_name
from manager.core.recipes.known import IDE, IDE_PREFIXES, IN_EVERY_KERNEL, PUBLISH

if TYPE_CHECKING:
    from collections.abc import Iterator

    from packaging.markers import Marker

    from manager.core.recipes.notes import Notes

# Neither looks at white space more than once: a line may consist of it.
_COMMENT = re.compile(r"(?:^|(?<=\s))#.*$")
_FROM_ELSEWHERE = re.compile(r"(git|hg|svn|bzr)\+|https?://|ftp://|file:|\.{0,2}/|[A-Za-z]:\\|~/")
_OPTION = re.compile(r"(?P<option>--[a-z-]+|-[a-zA-Z])(?:\s*=\s*|\s+)?(?P<value>.*)", re.DOTALL)
_PER_REQUIREMENT = re.compile(r"(?<=\s)--(?P<option>[a-z-]+)(=|\s+)\S+")
_VARIABLE = re.compile(r"\$\{[A-Z0-9_]+\}|\$[A-Z_][A-Z0-9_]*")
MIRROR = "the table [mirror] says where packages come from, with logins by reference: docs/mirrors.md"
# What options of pip come to; each is a why and what to do instead.
_INDEX = ("where packages come from is not the release's matter", MIRROR)
_WHEELS = ("a lock is resolved from wheels only", "build a wheel of it and put it on your index")
OPTIONS: dict[str, tuple[str, str]] = {
    "-i": _INDEX,
    "--index-url": _INDEX,
    "--pypi-url": _INDEX,
    "--extra-index-url": _INDEX,
    "--find-links": _INDEX,
    "-f": _INDEX,
    "--trusted-host": ("a host is trusted by its authority", "ca_bundle in the table [mirror]: docs/mirrors.md"),
    "--no-index": _INDEX,
    "--proxy": _INDEX,
    "--cert": _INDEX,
    "--no-binary": _WHEELS,
    "--pre": ("a lock takes pre-releases only where a requirement names one", "name the pre-release: pkg==2.0rc1"),
    "--use-feature": ("pip does not resolve the lock", ""),
    "--no-deps": ("a lock holds what a package depends on", ""),
}
_NOTHING_LOST = ("--only-binary", "--prefer-binary", "--require-hashes", "--use-feature", "--use-pep517")


def read(notes: Notes, text: str, file: str) -> None:
    """Read a requirements.txt with the files that it names; ``file`` is its path beside the recipe."""
    notes.opened.add(file)
    for number, logical in _logical(text):
        line(notes, logical, Place(file, number))


def requirement(notes: Notes, text: str, place: Place, assumed: str = "") -> None:
    """Take one requirement (PEP 508), or say why not."""
    text = text.strip()
    if _VARIABLE.search(text):
        notes.leave(place, text, "a variable stands in it, whose value is not known here", "write it in full")
        return
    # A direct reference may be written as a name, an @ and the address.
    if _FROM_ELSEWHERE.match(text) or re.match(r"[\w.\[\],-]+\s*@\s*\S", text) or _is_file(text):
        notes.leave(place, text, "it is taken from a repository or a file, and locks take wheels of an index", PUBLISH)
        return
    try:
        found = Requirement(text)
    except (InvalidRequirement, RecursionError):
        notes.leave(place, text, "it is no requirement as PEP 508 writes them", "for example  pandas>=2,<3")
        return
    name = canonical_name(found.name)
    if found.marker is not None and not _ever(found.marker):
        notes.ours(place, text, "its marker never holds on Linux")
    elif name in IN_EVERY_KERNEL:
        notes.ours(place, text, "every kernel has what it needs of this kind")
    elif name in IDE:
        notes.ours(place, text, "the release's `ide` says which JupyterLab there is")
    elif name.startswith(IDE_PREFIXES):
        why = "it belongs to the IDE, whose lock is resolved from the one requirement in `ide`"
        notes.leave(place, text, why, "do without it, or ask the owner of the family that is extended")
    else:
        notes.take("packages", str(found), place, assumed=assumed)


def option(notes: Notes, name: str, value: str, place: Place) -> None:
    """Say what becomes of an option of pip, in a file or on a command line."""
    if name in ("-e", "--editable"):
        notes.leave(place, f"{name} {value}", "a source tree is no wheel", PUBLISH)
    elif name in ("-r", "--requirement"):
        _other(notes, value, place)
    elif name in ("-c", "--constraint"):
        why = "constraints are not requirements: they only bound what others ask for"
        notes.leave(place, f"{name} {value}", why, "put the bounds that matter into packages; the lock pins the rest")
    elif name in _NOTHING_LOST:
        notes.ours(place, name, "locks are made of wheels, with hashes")
    else:
        why, instead = OPTIONS.get(name, ("an option of pip, which does not resolve the lock", ""))
        notes.leave(place, f"{name} {value}", why, instead)


def _logical(text: str) -> Iterator[tuple[int, str]]:
    """Give lines with their numbers: continued ones joined, comments and empty ones left out, as pip does it."""
    begun, parts = 0, list[str]()
    for number, raw in enumerate([*text.splitlines(), ""], 1):
        comment = raw.lstrip().startswith("#")
        begun = begun or number
        if raw.endswith("\\") and not comment:
            parts.append(raw[:-1])
            continue
        whole = _COMMENT.sub("", "".join(parts) + ("" if comment else raw)).strip()
        if whole:
            yield begun, whole
        begun, parts = 0, []


def line(notes: Notes, text: str, place: Place) -> None:
    """Read one logical line: an option, or a requirement with options of its own."""
    if text.startswith("-") and (match := _OPTION.fullmatch(text)):
        name, value = match["option"], match["value"].strip().strip("\"'")
        option(notes, name, value, place)
        return
    for match in _PER_REQUIREMENT.finditer(text):
        if match["option"] != "hash":
            notes.leave(place, match[0], "an option of pip, which does not resolve the lock")
    requirement(notes, _PER_REQUIREMENT.sub("", text), place)


def _other(notes: Notes, value: str, place: Place) -> None:
    """Read another file that is named in one, if it lies beside it."""
    path = posixpath.normpath(posixpath.join(posixpath.dirname(place.file), value))
    found = notes.beside(path) if value and not _FROM_ELSEWHERE.match(value) else None
    if path in notes.opened:
        notes.ours(place, f"-r {value}", "it has been read already")
    elif found is None or found.text is None:
        notes.leave(place, f"-r {value}", "it could not be read beside the file that names it", "put it there")
    else:
        read(notes, found.text, path)


def _ever(marker: Marker) -> bool:
    """Say whether a marker holds for any Python on one of the machines that locks are made for."""
    linux = {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix", "extra": ""}
    names = {"implementation_name": "cpython", "platform_python_implementation": "CPython"}
    return any(
        marker.evaluate(
            {**linux, **names, "python_version": f"3.{at}", "python_full_version": f"3.{at}.9", "platform_machine": one}
        )
        for at in range(8, 20)
        for one in ("x86_64", "aarch64")
    )


def _is_file(text: str) -> bool:
    return "/" in text.partition(";")[0] or text.endswith((".whl", ".tar.gz", ".zip"))
