"""What the shape of a document leaves to be wished for, as findings that a person can act on."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from manager.core.catalog import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pydantic import BaseModel
    from pydantic_core import ErrorDetails

    from manager.world.files.documents import Document, Keys

# TOML's own words for what tomllib gives.
_WORDS = {
    "str": "a string",
    "int": "an integer",
    "float": "a float",
    "bool": "a boolean",
    "list": "an array",
    "dict": "a table",
    "date": "a date",
    "datetime": "a date with a time",
    "time": "a time",
}
_WANTED = {
    "string_type": "a string",
    "int_type": "an integer",
    "bool_type": "a boolean",
    "date_type": "a date, written 2026-11-21 without quotes",
    "list_type": "an array",
    "dict_type": "a table",
    "model_type": "a table",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong at a key of a file; its line is looked up later."""

    file: str
    keys: Keys
    why: str
    hint: str = ""


def judge(document: Document) -> tuple[Finding, ...]:
    """Hold a document against the model of its kind; gives everything that does not fit."""
    from pydantic import ValidationError

    from manager.world.files.shape import MODELS, ExtendingFile

    extends = document.kind == "family" and "extends" in document.data
    model = ExtendingFile if extends else MODELS[document.kind]
    try:
        model.model_validate(document.data)
    except ValidationError as error:
        return tuple(_finding(document, model, one) for one in error.errors(include_url=False))
    return ()


def _finding(document: Document, model: type[BaseModel], error: ErrorDetails) -> Finding:
    keys: Keys = tuple(key for key in error["loc"] if key != "[key]")
    kind, context, hint = error["type"], error.get("ctx", {}), ""
    if kind == "missing":
        why = "is missing"
    elif kind == "extra_forbidden":
        why, hint = _unknown(model, keys)
    elif kind in _WANTED:
        why = f"must be {_WANTED[kind]}, not {_WORDS.get(type(error['input']).__name__, 'this')}"
    elif kind == "literal_error":
        why = f"must be {context['expected']}, not {error['input']!r}"
    elif kind == "string_pattern_mismatch":
        why = f"{error['input']!r} is not {_meaning(context['pattern'])}"
    elif kind == "value_error":
        why = str(context["error"])
    elif kind == "too_short":
        why = f"needs at least {context['min_length']}"
    else:
        why = error["msg"][:1].lower() + error["msg"][1:]
    return Finding(document.file, keys, why, hint)


def _unknown(model: type[BaseModel], keys: Keys) -> tuple[str, str]:
    from manager.world.files.shape import ExtendingFile, FamilyFile

    if model is ExtendingFile and keys[-1] in _known(FamilyFile, keys[:-1]):
        hint = "leave it out; variables go into [environment]; to change more, copy the family instead of extending it"
        return "comes from the family that is extended and cannot be set here", hint
    return "unknown key", did_you_mean(str(keys[-1]), _known(model, keys[:-1]))


def _meaning(pattern: str) -> str:
    from manager.world.files.patterns import MEANING

    optional = MEANING.get(pattern.removeprefix("^$|"), f"of the form {pattern}")
    return MEANING.get(pattern, optional)


def _known(model: type[BaseModel], keys: Keys) -> list[str]:
    """Give the keys that the table at ``keys`` may have."""
    from pydantic import BaseModel

    for key in keys:
        if isinstance(key, int) or key not in _fields(model):
            continue  # an index, or a name that a person chose: the same model's elements
        inner = [part for part in _parts(_fields(model)[key]) if issubclass(part, BaseModel)]
        model = inner[0] if inner else model
    return list(_fields(model))


def _fields(model: type[BaseModel]) -> dict[str, Any]:
    return {field.alias or name: field.annotation for name, field in model.model_fields.items()}


def _parts(annotation: Any) -> Iterable[type]:
    """Give the classes in an annotation: ``list[ReleaseTable]`` holds ``ReleaseTable``."""
    if isinstance(annotation, type) and not getattr(annotation, "__args__", ()):
        yield annotation
    for part in getattr(annotation, "__args__", ()):
        yield from _parts(part)


def without(document: Document, findings: Iterable[Finding]) -> dict[str, Any]:
    """Give the data with everything that was found wrong left out, so that the rest can still be checked.

    Elements of arrays become None: the others keep their index.
    """
    data = copy.deepcopy(document.data)
    for finding in findings:
        around: Any = data
        for key in finding.keys[:-1]:
            around = _inside(around, key)
        last = finding.keys[-1] if finding.keys else None
        if isinstance(around, dict) and last in around:
            del around[last]
        elif isinstance(around, list) and isinstance(last, int) and last < len(around):
            around[last] = None
    return data


def _inside(value: Any, key: str | int) -> Any:
    try:
        return value[key]
    except (KeyError, IndexError, TypeError):
        return None
