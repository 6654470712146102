"""Mixtures of two sets are told apart from what a resolver would give."""

from __future__ import annotations

import pytest

from manager.core.mixes import conflicts

WANTS = {"sqlalchemy-dialect": ("SQLAlchemy>=2,<2.1", 'colorama ; sys_platform == "win32"', 'pytest ; extra == "test"')}


def test_what_is_met_is_no_conflict() -> None:
    """Neither are requirements of another system, nor those of an extra."""
    assert conflicts(WANTS, {"sqlalchemy-dialect": "1", "sqlalchemy": "2.0.44"}, "3.13") == ()


@pytest.mark.parametrize("versions", [{"sqlalchemy": "2.1.0"}, {"sqlalchemy": "1.4.54"}, {}])
def test_what_no_resolver_would_give_is_one(versions: dict[str, str]) -> None:
    """A version out of bounds, or none at all."""
    assert conflicts(WANTS, versions, "3.13") == (("sqlalchemy-dialect", "SQLAlchemy>=2,<2.1"),)


def test_what_cannot_be_read_is_none() -> None:
    """Old metadata holds anything."""
    assert conflicts({"one": ("other (>=",)}, {}, "3.13") == ()
