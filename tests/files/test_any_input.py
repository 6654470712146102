"""Whatever a person writes: a catalog, or problems with their places; never another exception."""

from __future__ import annotations

import tomllib
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import tomlkit
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from manager.errors import CatalogError, Problem
from manager.world import files

if TYPE_CHECKING:
    from conftest import Small

NAMES = ["solvent.toml", "images/upstream.toml", "images/lab/family.toml", "connectors/postgresql/connector.toml"]
PLAIN = st.one_of(
    st.sampled_from(["", "lab", "lab:2-py3.13", "postgresql", "P1M", "1 GB", "{user", "://a:b@c", "é\n\x00"]),
    st.integers(-1, 70000),
    st.booleans(),
    st.just(1.5),
    st.dates(date(1, 1, 1), date(9999, 12, 31)),
    st.just(datetime(2026, 1, 1, 12)),
)
VALUES = st.recursive(
    PLAIN,
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["name", "x", "a b"]), inner, max_size=2)
    ),
    max_leaves=4,
)


def _slots(value: Any) -> list[tuple[Any, Any]]:
    """Give every place in a document: the container and the key."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [slot for key, inner in pairs for slot in [(value, key), *_slots(inner)]]


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_value_anywhere_gives_a_catalog_or_problems(small: Small, data: st.DataObject) -> None:
    """One to three values of all four files are replaced or removed; each problem names a file and a line in it."""
    documents = {name: tomllib.loads((small.root / name).read_text()) for name in NAMES}
    before = {name: (small.root / name).read_bytes() for name in NAMES}
    for _ in range(data.draw(st.integers(1, 3))):
        container, key = data.draw(st.sampled_from([slot for one in documents.values() for slot in _slots(one)]))
        if data.draw(st.booleans()):
            container[key] = data.draw(VALUES)
        else:
            del container[key]
    for name, document in documents.items():
        small.write(name, tomlkit.dumps(document))

    problems = _problems(small)

    for problem in problems:
        assert problem.why
        assert 0 < problem.line <= len((small.root / problem.file).read_bytes().splitlines()) + 1
    for name, text in before.items():
        small.write(name, text)


def _problems(small: Small) -> tuple[Problem, ...]:
    try:
        files.load(small.root, shipped=False)
    except CatalogError as error:
        return error.problems
    return ()
