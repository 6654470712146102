"""A connector's ``suite.toml``: what SQLAlchemy's dialect suite is told of it."""

from __future__ import annotations

import tomllib
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from manager.core.suites import KEYS, Expected, Suite
from manager.errors import CatalogError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_EXPECTED = {"test", "reason", "until", "drivers", "sources"}


def read(folder: Path) -> Suite | None:
    """Read the file of a connector's folder; without one the suite is not asked of it.

    Raises CatalogError with everything that is wrong in it.
    """
    file = folder / "suite.toml"
    name = f"{folder.name}/{file.name}"
    try:
        data = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except ValueError as error:
        raise CatalogError(f"{name} is no TOML", (Problem(name, 0, "", str(error)),)) from None
    problems = tuple(Problem(name, 0, key, why) for key, why in _wrong(data))
    if problems:
        raise CatalogError(f"{name} cannot be read", problems)
    rules = data.get("requirements", {})
    return Suite(
        tuple(rules.get("open", ())),
        tuple(rules.get("closed", ())),
        tuple(
            Expected(
                one["test"], one["reason"], one["until"], tuple(one.get("drivers", ())), tuple(one.get("sources", ()))
            )
            for one in data.get("expected", ())
        ),
        tuple(data.get("drivers", ())),
        data.get("keys", ""),
    )


def _wrong(data: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for key in data.keys() - {"drivers", "keys", "requirements", "expected"}:
        yield key, "nothing is called so"
    if not _texts(data.get("drivers", [])):
        yield "drivers", "it is a list of names"
    if data.get("keys", "") not in KEYS:
        yield "keys", f"it is {' or '.join(filter(None, KEYS))}, or left out"
    rules, expected = data.get("requirements", {}), data.get("expected", [])
    if not isinstance(rules, dict) or not isinstance(expected, list):
        yield "", "[requirements] is a table and [[expected]] a list of tables"
        return
    for key in rules.keys() - {"open", "closed"}:
        yield f"requirements.{key}", "nothing is called so"
    lists = {key: rules.get(key, []) for key in ("open", "closed")}
    for key, names in lists.items():
        if not _texts(names):
            yield f"requirements.{key}", "it is a list of names"
            return
    for one in sorted(set(lists["open"]) & set(lists["closed"])):
        yield "requirements", f"{one} is both open and closed"
    for index, one in enumerate(expected):
        yield from _expectation(f"expected[{index}]", one)


def _expectation(place: str, one: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for key in one.keys() - _EXPECTED:
        yield f"{place}.{key}", "nothing is called so"
    for key in ("test", "reason"):
        if not isinstance(one.get(key), str) or not one[key].strip():
            yield f"{place}.{key}", "it is missing or empty"
    if str(one.get("test", "")).replace("*", "").strip(": ") == "":
        yield f"{place}.test", "it would expect every test to fail"
    if not isinstance(one.get("until"), date) or isinstance(one.get("until"), datetime):
        yield f"{place}.until", "it is no day"
    for key in ("drivers", "sources"):
        if not _texts(one.get(key, [])):
            yield f"{place}.{key}", "it is a list of names"


def _texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)
