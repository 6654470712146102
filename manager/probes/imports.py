"""Runs inside a sandbox of a release, with its kernel's Python and nothing else: what code imports, and what is there.

Standard input is one JSON object:

    workspace   the folder to look at, read-only
    look        whether the workspace's notebooks and .py files are read
    names       top-level modules to look for besides
    files, bytes, seconds   how much is read at most

Standard output is one line of JSON: {"outcome": "seen", "uses": [{"name", "files", "by"}], "there": [names],
"overlay": folder, "packages": [{"name", "version", "asked", "direct"}], "r": ["name version"], "read": number,
"skipped": [[file, why]], "left": how many more, "others": number of notebooks in other languages than Python and R,
"cut": why not everything was read}.

Nothing is imported or run: files are parsed, modules are looked up. It has to work in Python 3.9.
"""

from __future__ import annotations

import ast
import importlib.util
import inspect
import json
import os
import re
import sys
import time
import warnings
from importlib import metadata
from pathlib import Path

_LEFT_OUT = {"__pycache__", "node_modules", "site-packages"}
# What a notebook knows beside Python: a magic, a shell's line, a question.
_MAGIC = re.compile(r"^(\s*)(?:[%!?].*|[^#'\"]*\?{1,2}\s*)$")
_ASSIGNED = re.compile(r"^(\s*[\w.,\[\] ]+=\s*)[%!].*$")
# Cell magics whose cell is Python all the same.
_STILL_PYTHON = ("%%time", "%%timeit", "%%capture", "%%prun")
_MOST_NAMES, _MOST_PLACES, _MOST_SKIPPED = 500, 3, 20
# What a file raises that is not what its name says.
_UNREADABLE = (SyntaxError, ValueError, LookupError, TypeError, AttributeError, RecursionError, MemoryError)
# Packages of R are told from modules by this; where they lie, beside the person's own.
_R = "R:"
_R_LIBRARIES = ("/usr/lib/R/library", "/usr/lib/R/site-library", "/usr/local/lib/R/site-library")
_R_USES = re.compile(
    r"\b(?:library|require|requireNamespace)\(\s*[\"']?([A-Za-z][A-Za-z0-9.]+)|\b([A-Za-z][A-Za-z0-9.]+):::?"
)
_R_FILES = (".r", ".rmd", ".qmd")
_CATCH_ALL = {"ImportError", "ModuleNotFoundError", "Exception", "BaseException"}


class Imports(ast.NodeVisitor):
    """The top-level modules that code cannot do without: not those that it can be without, or only names types by."""

    def __init__(self):
        self.names = set()

    def visit_Import(self, node):
        """Take the modules of ``import a.b, c``."""
        self.names |= {one.name.partition(".")[0] for one in node.names}

    def visit_ImportFrom(self, node):
        """Take the module of ``from a.b import c``; one of the own package is none."""
        if not node.level and node.module:
            self.names.add(node.module.partition(".")[0])

    def visit_Try(self, node):
        """Leave out what is tried and can be done without."""
        optional = any(_catches(handler.type) for handler in node.handlers)
        for part in ([] if optional else node.body) + node.orelse + node.finalbody:
            self.visit(part)
        # What stands in for a module that is not there may be missing as well.
        for handler in [] if optional else node.handlers:
            self.visit(handler)

    def visit_If(self, node):
        """Leave out what only a type checker sees."""
        words = {one.id for one in ast.walk(node.test) if isinstance(one, ast.Name)}
        words |= {one.attr for one in ast.walk(node.test) if isinstance(one, ast.Attribute)}
        for part in ([] if "TYPE_CHECKING" in words else node.body) + node.orelse:
            self.visit(part)


def _catches(kind):
    if kind is None:
        return True
    parts = kind.elts if isinstance(kind, ast.Tuple) else [kind]
    return any(isinstance(one, ast.Name) and one.id in _CATCH_ALL for one in parts)


class R(str):
    """Code in R."""


class Workspace:
    """What was found in a workspace, within bounds."""

    def __init__(self, root, most_files, most_bytes, seconds):
        self.root = Path(root)
        self.uses, self.skipped, self.read, self.others, self.cut = {}, [], 0, 0, ""
        self._files, self._bytes, self._until = most_files, most_bytes, time.monotonic() + seconds

    def look(self):
        """Read every notebook and .py file, but for hidden folders, environments and caches."""
        for place, folders, files in os.walk(self.root):
            folders[:] = sorted(one for one in folders if self._own(place, one))
            for name in sorted(files):
                if not name.startswith(".") and name.lower().endswith((".py", ".ipynb", *_R_FILES)):
                    if not self._goes_on():
                        return
                    self._look(Path(place, name))

    def _own(self, place, name):
        hidden = name.startswith(".") or name in _LEFT_OUT
        return not hidden and not Path(place, name, "pyvenv.cfg").exists()

    def _goes_on(self):
        if self._files <= 0 or self._bytes <= 0:
            self.cut = "there are more files than are read"
        elif time.monotonic() > self._until:
            self.cut = "it took too long"
        return not self.cut

    def _look(self, file):
        shown = str(file.relative_to(self.root))
        self._files -= 1
        try:
            if not file.is_file() or file.is_symlink():
                return
            if file.stat().st_size > self._bytes:
                self._skip(shown, "too large")
                return
            text = file.read_bytes()
            self._bytes -= len(text)
            sources = self._cells(text) if file.suffix == ".ipynb" else [text]
            if file.suffix.lower() in _R_FILES:
                sources = [R(text.decode(errors="replace"))]
        except (OSError, *_UNREADABLE) as error:
            self._skip(shown, f"{type(error).__name__}: {str(error)[:100]}")
            return
        self.read += 1
        names = set()
        for number, one in enumerate(sources, 1):
            try:
                names |= _needed(one)
            except _UNREADABLE as error:
                place = f"cell {number}: " if file.suffix == ".ipynb" else ""
                self._skip(shown, f"{place}{type(error).__name__}: {str(error)[:100]}")
        for name in sorted(names):
            if not self._local(file, name):
                places = self.uses.setdefault(name, [])
                if len(places) < _MOST_PLACES:
                    places.append(shown)

    def _skip(self, shown, why):
        self.skipped.append([shown, why])

    def _cells(self, text):
        notebook = json.loads(text)
        about = notebook.get("metadata", {})
        language = about.get("kernelspec", {}).get("language") or about.get("language_info", {}).get("name") or "python"
        if language.lower() not in ("python", "r"):
            self.others += 1
            return []
        sheets = notebook.get("worksheets") or [notebook]
        cells = [cell for sheet in sheets for cell in sheet.get("cells", []) if cell.get("cell_type") == "code"]
        sources = [cell.get("source", cell.get("input", "")) for cell in cells]
        texts = ["".join(one) if isinstance(one, list) else one for one in sources]
        return [R(one) for one in texts] if language.lower() == "r" else texts

    def _local(self, file, name):
        """Say whether a name is a module of the workspace itself: beside the file, or in a folder above it."""
        for folder in file.parents:
            if (folder / (name + ".py")).is_file() or (folder / name).is_dir() or (folder / "src" / name).is_dir():
                return True
            if folder == self.root:
                return False
        return False


def _plain(cell):
    """Give a cell without what is no Python."""
    first = cell.lstrip().partition("\n")[0]
    if first.startswith("%%") and not first.startswith(_STILL_PYTHON):
        return ""
    lines = (_ASSIGNED.sub(r"\1None", line) for line in cell.splitlines())
    return "\n".join(_MAGIC.sub(r"\1pass", line) for line in lines)


def _needed(source):
    if isinstance(source, R):
        code = "\n".join(line.partition("#")[0] for line in source.splitlines())
        return {_R + (one or other) for one, other in _R_USES.findall(code)}
    try:
        tree = ast.parse(source)
    except SyntaxError:
        if isinstance(source, bytes):
            raise
        tree = ast.parse(_plain(source))
    found = Imports()
    found.visit(tree)
    return found.names


def there(names):
    """Give the names that could be imported; nothing is."""
    found = []
    for name in names:
        if name.startswith(_R):
            folders = (*_R_LIBRARIES, *(str(Path(one).parent) for one in _own_r()))
            found += [name] if any(Path(one, name[len(_R) :]).is_dir() for one in folders) else []
            continue
        try:
            if importlib.util.find_spec(name) is not None:
                found.append(name)
        except (ImportError, ValueError, AttributeError):
            continue
    return sorted(found)


def providers(names):
    """Give the distributions with their versions by the top-level modules, of those that are named, that they bring."""
    found = {}
    for one in metadata.distributions():
        # Text alone: making a path of each of some ten thousand files takes seconds.
        tops = {
            line.partition(",")[0].strip('"').partition("/")[0] for line in (one.read_text("RECORD") or "").split("\n")
        }
        tops = {inspect.getmodulename(top) or top for top in tops}
        for name in tops & names:
            found.setdefault(name, set()).add(f"{one.metadata['Name']} {one.version}")
    return found


def overlay(workspace):
    """Give the folder of the person's own packages on the path, and what lies in it."""
    below = f"{workspace}/.solvent/"
    folder = next((path for path in sys.path if path.startswith(below)), "")
    packages, needed = [], set()
    for one in metadata.distributions(path=[folder]) if folder else ():
        name = one.metadata["Name"]
        if not name:
            continue
        needed |= {re.split(r"[^A-Za-z0-9._-]", line.strip(), maxsplit=1)[0].lower() for line in one.requires or ()}
        asked = one.read_text("REQUESTED") is not None
        packages.append({"name": name, "version": one.version, "asked": asked, "direct": _direct(one)})
    if not any(one["asked"] for one in packages):
        # Whoever installed them did not note it: those that no other one needs were asked for.
        for one in packages:
            one["asked"] = one["name"].lower() not in needed
    return folder, sorted(packages, key=lambda one: one["name"].lower())


def _own_r():
    """Give the folders of the person's own packages of R."""
    own = os.environ.get("SOLVENT_OVERLAY", "")
    return sorted(str(one.parent) for one in Path(own, "R").glob("*/*/DESCRIPTION")) if own else []


def r_packages():
    """Give the person's own packages of R, with their versions."""
    found = []
    for folder in _own_r():
        text = Path(folder, "DESCRIPTION").read_text(encoding="utf-8", errors="replace")
        version = re.search(r"^Version: (\S+)", text, re.MULTILINE)
        found.append(f"{Path(folder).name} {version[1] if version else ''}".strip())
    return found


def _direct(one):
    return one.read_text("direct_url.json") is not None


def answer(asked):
    """Give the one line."""
    workspace = Workspace(asked["workspace"], asked["files"], asked["bytes"], asked["seconds"])
    if asked["look"]:
        workspace.look()
    names = sorted(workspace.uses)[:_MOST_NAMES]
    brought = providers(set(names)) if names else {}
    folder, packages = overlay(asked["workspace"])
    return {
        "outcome": "seen",
        "uses": [{"name": one, "files": workspace.uses[one], "by": sorted(brought.get(one, ()))[:3]} for one in names],
        "there": there(sorted({*names, *asked["names"]})),
        "overlay": folder,
        "packages": packages,
        "r": r_packages(),
        "read": workspace.read,
        "skipped": workspace.skipped[:_MOST_SKIPPED],
        "left": len(workspace.skipped[_MOST_SKIPPED:]),
        "others": workspace.others,
        "cut": workspace.cut,
    }


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    print(json.dumps(answer(json.load(sys.stdin))), flush=True)
