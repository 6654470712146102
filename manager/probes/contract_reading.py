"""Runs beside the probe ``contract``: what one version of a driver says of its own parameters."""

import ast
import contextlib
import ctypes
import dataclasses
import importlib
import inspect
import re
import textwrap
from pathlib import Path

from contract_effective import effective, shown, there

# How classes name their tables of other and older names of their fields.
_OLD = re.compile("ALIAS|REWRITE|RENAME|DEPRECATED|LEGACY", re.IGNORECASE)
# Kinds of arguments that have no name of their own.
_REST = {inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD}


def fact(name, default=inspect.Parameter.empty, kind="", **more):
    """Describe a parameter; without a default it is None, which no text is."""
    text = None if default is inspect.Parameter.empty else shown(default)
    return {"name": name, "default": text, "effective": None, "type": kind, "secret": None, "aliases": [], **more}


def annotation(one):
    """Give an annotation as text, "" for none."""
    if one is inspect.Parameter.empty:
        return ""
    if type(one).__module__ == "typing" or hasattr(one, "__origin__"):
        return str(one)
    return one if isinstance(one, str) else inspect.formatannotation(one)


def by_signature(target):
    """Give the arguments of a callable, and those that it takes out of its ``**kwargs`` by name."""
    function = inspect.unwrap(target.__init__ if inspect.isclass(target) else target)
    try:
        found = inspect.signature(function)
        if {one.kind for one in found.parameters.values()} <= _REST:
            # What is compiled may say (*args, **kwargs), and more in its docstring.
            with contextlib.suppress(ValueError):
                found = by_doc(target)
    except (TypeError, ValueError):
        found = by_doc(target)
    facts, open_ = [], ""
    for one in found.parameters.values():
        if one.kind is one.VAR_KEYWORD:
            open_ = one.name
        elif one.kind is not one.VAR_POSITIONAL and one.name not in ("self", "cls"):
            facts.append(fact(one.name, one.default, annotation(one.annotation)))
    return facts + (by_source(function, open_) if open_ else []), bool(open_)


def by_doc(target):
    """Read a signature out of the first line of a docstring, as pybind11 writes one; raises ValueError."""
    for line in (target.__doc__ or "").splitlines():
        match = re.match(r"\s*\w+(\(.*\))\s*(->.*)?$", line)
        if match:
            text = re.sub(r"<[^<>]*>", "None", match[1])
            with contextlib.suppress(SyntaxError):
                space = {}
                exec("from __future__ import annotations\ndef made" + text + ": pass", space)  # noqa: S102
                return inspect.signature(space["made"])
    raise ValueError(f"{target!r} tells no signature")


def by_source(function, kwargs, depth=3):
    """Give what a function takes out of its ``**kwargs``: ``.get``, ``.pop``, ``[...]`` and ``in``, with defaults.

    What it hands them to as a whole, as one argument, is read likewise.
    """
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, TypeError, SyntaxError):
        return []
    found = {}
    for node in ast.walk(tree):
        name, default = _taken(node, kwargs)
        if isinstance(name, ast.Constant) and isinstance(name.value, str):
            found.setdefault(name.value, fact(name.value, default))
        for helper, under in _helped(node, kwargs, function) if depth else ():
            for one in by_source(helper, under, depth - 1):
                found.setdefault(one["name"], one)
    return list(found.values())


def _helped(node, kwargs, function):
    """Give the functions of its module that a call hands ``kwargs`` to, with the names that they have for them."""
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
        return
    helper = function.__globals__.get(node.func.id)
    if not inspect.isfunction(helper) or helper is function or helper.__module__ != function.__module__:
        return
    names = list(inspect.signature(helper).parameters)
    given = [(names[place], value) for place, value in enumerate(node.args[: len(names)])]
    given += [(one.arg, one.value) for one in node.keywords if one.arg]
    for name, value in given:
        if isinstance(value, ast.Name) and value.id == kwargs:
            yield helper, name


def _taken(node, kwargs):
    """Give the name that a node takes out of ``kwargs``, and its default where that stands there."""
    none = inspect.Parameter.empty

    def ours(one):
        return isinstance(one, ast.Name) and one.id == kwargs

    if isinstance(node, ast.Subscript) and ours(node.value) and isinstance(node.ctx, ast.Load):
        return node.slice, none
    if isinstance(node, ast.Compare) and isinstance(node.ops[0], (ast.In, ast.NotIn)) and ours(node.comparators[0]):
        return node.left, none
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and ours(node.func.value) and node.args:
        default = None if node.func.attr == "get" and len(node.args) == 1 else none
        with contextlib.suppress(ValueError, IndexError):
            default = ast.literal_eval(node.args[1])
        if node.func.attr in ("get", "pop", "setdefault"):
            return node.args[0], default
    return None, none


def by_mapping(target):
    """Give the keys of a mapping, the fields of a dataclass, or the names of a list."""
    if dataclasses.is_dataclass(target):
        return by_fields(target)
    if not hasattr(target, "items"):
        return [fact(str(name)) for name in sorted(target)]
    facts = []
    for name, value in target.items():
        if isinstance(value, tuple) and len(value) == 2 and _types(value[1]):
            kinds = value[1] if isinstance(value[1], tuple) else (value[1],)
            facts.append(fact(name, value[0], " | ".join(annotation(kind) for kind in kinds)))
        elif callable(value) or (isinstance(value, (tuple, list)) and any(map(callable, value))):
            facts.append(fact(name))
        else:
            facts.append(fact(name, value))
    return facts


def _types(value):
    """Say whether a value is a type or several: a class, a parametrised one, or one of ``typing``."""
    each = value if isinstance(value, tuple) else (value,)
    generic = ("typing", "types", "collections.abc")
    return bool(each) and all(isinstance(one, type) or type(one).__module__ in generic for one in each)


def by_fields(target):
    """Give the public fields of a dataclass, with the aliases and secrets that it declares in tables of its own."""
    tables = {name: value for one in inspect.getmro(target) for name, value in vars(one).items()}
    aliases = [value for name, value in tables.items() if _OLD.search(name) and isinstance(value, dict)]
    secrets = [value for name, value in tables.items() if re.search("SENSITIVE|SECRET", name.upper())]
    hidden = {name for value in secrets if isinstance(value, (set, frozenset, tuple, list)) for name in value}
    facts = []
    for one in dataclasses.fields(target):
        if not one.name.startswith("_") and one.init:
            default = one.default
            if default is dataclasses.MISSING:
                made = one.default_factory
                default = inspect.Parameter.empty if made is dataclasses.MISSING else made()
            pairs = ((old, new) for table in aliases for old, new in table.items())
            # What converts the value as well stands behind the name.
            names = {old for old, new in pairs if one.name == (new[0] if isinstance(new, tuple) else new) != old}
            secret = one.name in hidden if hidden else None
            facts.append(fact(one.name, default, annotation(one.type), secret=secret, aliases=sorted(names)))
    return facts


class Option(ctypes.Structure):
    """PQconninfoOption of libpq-fe.h."""

    _fields_ = tuple((name, ctypes.c_char_p) for name in ("keyword", "envvar", "compiled", "val", "label", "dispchar"))
    _fields_ += (("dispsize", ctypes.c_int),)


def by_libpq(request):
    """Give libpq's own list: psycopg tells it, psycopg2 is asked through the library that it brings."""
    module = importlib.import_module(request["import_name"])
    facts = []
    for keyword, compiled, value, mark in psycopg() if hasattr(module, "pq") else bundled(request["tree"]):
        default, now = (None if one is None else one.decode(errors="replace") for one in (compiled, value))
        name = keyword.decode()
        facts.append(fact(name, default, "str", effective=repr(now), secret=mark == b"*"))
    return facts


def psycopg():
    """Ask psycopg 3 for the options of its libpq."""
    from psycopg import pq

    return [(one.keyword, one.compiled, one.val, one.dispchar) for one in pq.Conninfo.get_defaults()]


def bundled(tree):
    """Ask the libpq that a wheel brings along, which its module has loaded by now."""
    file = next(iter(sorted(Path(tree).glob("psycopg2*.libs/libpq*"))))
    library = ctypes.CDLL(str(file))
    library.PQconndefaults.restype = ctypes.POINTER(Option)
    options, number = library.PQconndefaults(), 0
    while options[number].keyword:
        one = options[number]
        yield one.keyword, one.compiled, one.val, one.dispchar
        number += 1


def by_query(module, question):
    """Ask an embedded database; columns are found by their names: name, value or default, type."""
    cursor = importlib.import_module(module).connect(":memory:").cursor()
    cursor.execute(question)
    titles = [str(one[0]).lower() for one in cursor.description]

    def place(*names):
        return next((titles.index(name) for name in names if name in titles), None)

    name, value, kind = place("name") or 0, place("default", "value", "dflt_value"), place("type", "input_type")
    for row in cursor.fetchall():
        default = inspect.Parameter.empty if value is None else row[value]
        yield fact(str(row[name]), default, "" if kind is None else str(row[kind]).lower())


def everything(request, tell):
    """Ask all that is asked of a driver; tell the parameters, what is not there, whether any keyword goes."""
    facts, missing, open_ = {}, [], False
    if request["method"] == "libpq":
        facts = {one["name"]: one for one in by_libpq(request)}
    # libpq's list lacks what psycopg itself takes.
    own = ["{}:connect".format(request["import_name"])] if request["method"] == "libpq" else []
    for path in [*own, *request["of"]]:
        if request["method"] == "query" and not re.fullmatch(r"[\w.]+(:[\w.]+)?", path):
            found = by_query(request["import_name"], path)
        else:
            try:
                target = there(path)
            except (ImportError, AttributeError) as error:
                # What this version does not have is one thing, and what it needs and does not find is another.
                absent = isinstance(error, ModuleNotFoundError) and f"{path}:".startswith(
                    (f"{error.name}.", f"{error.name}:")
                )
                if isinstance(error, ImportError) and not absent:
                    raise
                missing.append(path)
                continue
            if callable(target) and not (request["method"] == "mapping" and dataclasses.is_dataclass(target)):
                found, any_ = by_signature(target)
                open_ = open_ or any_
            else:
                found = by_mapping(target)
        for one in found:
            facts.setdefault(one["name"], one)
    for name, text in effective(request, facts).items():
        if facts[name]["effective"] is None:
            facts[name]["effective"] = text
    tell({"parameters": list(facts.values()), "missing": missing, "open": open_, "native": native(request)})


def native(request):
    """Give the versions of native libraries: what the driver says, and the files that its wheels brought along."""
    module = importlib.import_module(request["import_name"])
    found = {}
    with contextlib.suppress(AttributeError, TypeError):
        found["libpq"] = str(module.pq.version())
    for name, attribute in (("libpq", "__libpq_version__"), ("sqlite", "sqlite_version")):
        with contextlib.suppress(AttributeError):
            found.setdefault(name, str(getattr(module, attribute)))
    own = re.sub(r"[-_.]+", "_", request["distribution"]).lower()
    for file in sorted(Path(request["tree"]).glob("*.libs/*.so*")):
        folder = file.parent.name.lower()
        if folder.startswith((own, request["import_name"].partition(".")[0].lower())):
            # A repaired wheel puts eight digits of a hash behind the name (auditwheel).
            name = re.fullmatch(r"(.+?)(?:-[0-9a-f]{8})?\.so(?:\.(.+))?", file.name)
            if name:
                found.setdefault(name[1], name[2] or "bundled")
    return sorted(found.items())
