"""The rest of the set: what was installed because it works with the driver still can be imported beside it."""

import contextlib
import importlib
import re
import sys
import traceback
from pathlib import PurePosixPath

from asking import Wrong, probe

# Of a requirement (PEP 508): the name at its beginning, and a marker that asks for an extra.
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_EXTRA = re.compile(r";.*\bextra\b")


def canonical(name):
    """Give a distribution's name as one that compares (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def dependents(name):
    """Give the distributions of the set that require one whatever their extras, by name."""
    import importlib.metadata

    found = {}
    for one in importlib.metadata.distributions():
        for requirement in one.requires or ():
            asked = _NAME.match(requirement.strip())
            if asked and canonical(asked.group()) == canonical(name) and not _EXTRA.search(requirement):
                found[canonical(one.metadata["Name"])] = one
    return [found[key] for key in sorted(found)]


def modules(distribution):
    """Name what a distribution brings to import: its outermost packages and modules that are no part of another.

    A folder without ``__init__.py`` is a namespace, whose parts are looked at in turn.
    """
    files = [PurePosixPath(str(one)) for one in distribution.files or ()]
    code = [one for one in files if one.suffix == ".py" or (one.suffix == ".so" and "." in one.stem)]
    packages = {one.parent for one in code if one.name.partition(".")[0] == "__init__"}
    outermost = {one for one in packages if not packages & set(one.parents)}
    alone = {one.with_name(one.name.partition(".")[0]) for one in code if one.parent == PurePosixPath()}
    names = {".".join(one.parts) for one in outermost | alone}
    # Not what is put beside a package by another name than a module may have.
    return sorted(one for one in names if all(part.isidentifier() for part in one.split(".")))


@probe("company.imports", seconds=60)
def imports(subject):
    """Each distribution of the set that requires the driver's can be imported beside it."""
    wrong, asked = [], 0
    for one in dependents(subject.asked["distribution"]):
        name, version = one.metadata["Name"], one.version
        for module in modules(one):
            asked += 1
            try:
                with contextlib.redirect_stdout(sys.stderr):
                    importlib.import_module(module)
            except Exception as error:
                wrong.append((f"{name} {version}", module, f"{type(error).__name__}: {error}", place(error)))
    if wrong:
        text = "; ".join(f"{dist} cannot be imported ({module}): {why} [{where}]" for dist, module, why, where in wrong)
        sign = ", ".join(f"{module} {why} {where}" for _, module, why, where in wrong)
        raise Wrong(" ".join(text.split()), sign=f"imports {' '.join(sign.split())}"[:190])
    return {"modules": asked}


def place(error):
    """Name the last file of a package that an error came through, without where it is installed."""
    files = [one.filename for one in traceback.extract_tb(error.__traceback__) if "/site-packages/" in one.filename]
    return files[-1].rpartition("/site-packages/")[2] if files else "no package"
