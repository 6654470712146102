"""Types and defaults in one spelling: what means the same is the same text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from manager.core.contract_values import normal_default, normal_type, setting

_NAMES = st.sampled_from(["int", "str", "bool", "float", "bytes", "Path", "Cursor"])
_TYPES = st.recursive(
    _NAMES,
    lambda inner: st.tuples(st.sampled_from(["list", "set", "Sequence"]), inner).map(lambda p: f"{p[0]}[{p[1]}]"),
)
AROUND = {"host": "vm-17.example", "user": "ana.lyst", "home": "/home/ana", "python": "/usr/bin/python3.13"}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Optional[int]", "int | None"),
        ("typing.Optional[int]", "Union[None, int]"),
        ("'int | None'", "None | int"),
        ("t.Union[str, int, str]", "int | str"),
        ("typing.List[typing.Dict[str, typing.Any]]", "list[dict[str, Any]]"),
        ("<class 'ssl.SSLContext'>", "SSLContext"),
        ("Optional['ssl.SSLContext']", "SSLContext|None"),
        ("Literal['b', 'a']", "typing.Literal['a','b']"),
        ("collections.abc.Callable[..., None]", "Callable[..., None]"),
        ("Annotated[int, 'seconds']", "int"),
        ("type[Cursor[+Row]]", "Type['Cursor[~Row]']"),
        ("Any", ""),
        ("object", ""),
        ("ForwardRef('Cursor')", "Cursor"),
        ("Union[list[int | str], None]", "Optional[list[str | int]]"),
    ],
)
def test_spellings_of_one_type_are_one(one: str, other: str) -> None:
    """None of these is a change of a driver."""
    assert normal_type(one) == normal_type(other)


def test_a_default_of_none_belongs_to_the_type() -> None:
    """As PEP 484 had it; without that default the same words are another type."""
    assert normal_type("int", "None") == normal_type("Optional[int]")
    assert normal_type("int", "5") != normal_type("Optional[int]", "5")


@pytest.mark.parametrize(("one", "other"), [("int", "str"), ("list[int]", "list[str]"), ("int", "int | str")])
def test_other_types_stay_other_types(one: str, other: str) -> None:
    """The negative control: what differs is not made the same."""
    assert normal_type(one) != normal_type(other)


@given(
    st.lists(_TYPES, min_size=1, max_size=4).flatmap(lambda parts: st.tuples(st.just(parts), st.permutations(parts)))
)
def test_the_order_of_alternatives_never_counts(pair: tuple[list[str], list[str]]) -> None:
    """Whether they are written with Union or with bars."""
    first, second = pair

    assert normal_type(" | ".join(first)) == normal_type(f"Union[{', '.join(second)}]")


@given(_TYPES)
def test_normal_is_normal_already(text: str) -> None:
    """What has its spelling keeps it."""
    assert normal_type(normal_type(text)) == normal_type(text)


@given(st.text(max_size=200), st.text(max_size=200) | st.none())
def test_nothing_that_a_driver_says_raises(kind: str, default: str | None) -> None:
    """Whatever an annotation or a default is."""
    assert isinstance(normal_type(kind, default), str)
    assert (normal_default(default, AROUND) is None) is (default is None)


@pytest.mark.parametrize("text", ["(" * 5000, "[" * 300 + "]" * 300, "x" * 10**6, "'" * 3, "\0"])
def test_endless_ones_end(text: str) -> None:
    """Deep, long or broken."""
    assert len(normal_type(text)) <= 2000
    assert len(normal_default(text, {}) or "") <= 2000


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("'/home/ana/.cache'", "'<home>/.cache'"),
        ("'vm-17.example'", "'<host>'"),
        ("'/usr/bin/python3.13'", "'<python>'"),
        ("'driver : 3.0.1'", "'driver : <version>'"),
        ("<function f at 0x7f00deadbeef>", "<function f>"),
        ("<object object at 0x7f00deadbeef>", "<object object>"),
        ("<class 'pymysql.cursors.Cursor'>", "Cursor"),
        ("<Mode.AUTO: 'auto'>", "Mode.AUTO"),
        ("{'b', 'a'}", "{'a', 'b'}"),
        ("16 * 2", "16 * 2"),
    ],
)
def test_what_only_the_machine_decides_is_taken_out(text: str, wanted: str) -> None:
    """Host, person, home, interpreter, addresses and the driver's own version."""
    assert normal_default(text, AROUND, "3.0.1") == wanted


@pytest.mark.parametrize("text", ["None", "5432", "3.01", "True", "'prefer'", "'vm-17.example.org'", "'3.0.10'", "''"])
def test_what_a_driver_decides_stays(text: str) -> None:
    """The negative control: a value that only looks a little like the machine's is the driver's."""
    assert normal_default(text, AROUND, "3.0.1") == text


@given(st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.integers()) | st.sets(st.text(), min_size=1))
def test_two_literals_are_one_text_only_when_they_are_equal(value: object) -> None:
    """So that a change is neither made up nor lost."""
    assert normal_default(repr(value), {}) != normal_default(repr([value, 0]), {})
    assert normal_default(repr(value), {}) == normal_default(f" {value!r}".strip(), {})


@pytest.mark.parametrize(
    ("one", "other"),
    [("'128.0 MiB'", "'134217728B'"), ("'asc'", "'ASC'"), ("'asc'", "'ascending'"),
     ("'NULL'", "''"), ("'true'", "True"), ("'10'", "10"),
     ("'python/3.11'", "'python'")],
)  # fmt: skip
def test_settings_of_a_database_have_one_spelling(one: str, other: str) -> None:
    """Sizes in bytes, words in lower case, and nothing as None."""
    assert setting("a", one) == setting("a", other)


def test_settings_that_differ_stay_different_but_for_the_size_of_the_machine() -> None:
    """The negative control."""
    assert setting("limit", "'128.0 MiB'") != setting("limit", "'128.0 MB'")
    assert setting("a", "'10'") != setting("a", "'20'")
    assert setting("a", None) is None
    assert setting("memory_limit", "'1.5 GiB'") == setting("memory_limit", "'18 GiB'")
