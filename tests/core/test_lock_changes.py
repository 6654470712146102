"""What a new lock has otherwise, and which connectors are in its way."""

from __future__ import annotations

from manager.core.lock_changes import REQUEST, lines, moves, needed_by
from manager.core.suspending import Blame, blame

_HASH = "--hash=sha256:" + "0" * 64
_OTHER = "--hash=sha256:" + "1" * 64
BEFORE = f"driver==1 {_HASH}\ngone==1 {_HASH}\nkept==1 {_HASH}\npart==1 {_HASH}\nsame==1 {_HASH}\n"
AFTER = (
    f"driver==2 {_HASH}\nkept==1 {_HASH}\nnew==1 {_HASH}\npart==2 ; platform_machine == 'aarch64' {_HASH}\n"
    f"part==3 ; platform_machine == 'x86_64' {_HASH}\nsame==1 {_OTHER}\n"
)
VIA = {"driver": {REQUEST}, "part": {"driver"}, "new": {REQUEST}, "kept": {"driver"}, "same": {REQUEST}}


def test_each_move_has_its_cause() -> None:
    """A line for each, with the machine where they differ; the golden text of a note."""
    found = moves(BEFORE, AFTER, "3.13", {"driver"}, VIA)

    assert "\n".join(lines(found)) == (
        "driver 1 -> 2: it is named\n"
        "gone 1 -> nothing: nothing needs it any more\n"
        "new nothing -> 1: the catalog asks for it\n"
        "part 1 -> 2 on aarch64: driver needs it\n"
        "part 1 -> 3 on x86_64: driver needs it\n"
        "same 1 has other files"
    )
    assert [one.cause for one in found] == ["named", "gone", "asked", "dependency", "dependency", "files"]
    assert found[0].to_json() == {
        "distribution": "driver", "change": "moved", "from": "1", "to": "2", "cause": "named", "why": "it is named",
        "machines": ["x86_64", "aarch64"],
    }  # fmt: skip


def test_the_same_lock_moves_nothing() -> None:
    """The negative control."""
    assert moves(AFTER, AFTER, "3.13", {"driver"}, VIA) == ()


def test_what_the_set_needs_is_told_from_what_a_named_one_needs() -> None:
    """A move that nothing named leads to."""
    (one,) = moves(f"part==1 {_HASH}\n", f"part==2 {_HASH}\n", "3.13", {"driver"}, {"part": {"other"}})

    assert (one.cause, one.why) == ("set", "the set needs it: other needs it")


def test_the_resolvers_answer_says_what_needs_what() -> None:
    """What the request names is one of them."""
    first = f"driver==2 \\\n    {_HASH}\n    # via solvent-lock (pyproject.toml)\n"
    text = f"{first}Part==3 \\\n    {_HASH}\n    # via driver, Other_One\n"

    assert needed_by(text) == {"driver": (REQUEST,), "part": ("driver", "other-one")}


def _solve(*exclusions: set[str]) -> tuple[list[tuple[str, ...]], object]:
    asked: list[tuple[str, ...]] = []

    def solve(connectors: tuple[str, ...]) -> str:
        asked.append(connectors)
        return next((f"no way with {', '.join(sorted(one))}" for one in exclusions if one <= set(connectors)), "")

    return asked, solve


def test_calm_connectors_are_tried_together() -> None:
    """With one new one that is in the way: one question about the calm ones, and one about it."""
    asked, solve = _solve({"new"})

    assert blame(("a", "b"), ("new",), solve) == Blame(("a", "b"), (("new", "no way with new"),))  # type: ignore[arg-type]
    assert asked == [("a", "b"), ("a", "b", "new")]


def test_several_that_are_in_the_way_are_all_found() -> None:
    """Two by themselves and one of a pair; at most one question for each, and two besides."""
    asked, solve = _solve({"b"}, {"d"}, {"a", "e"})

    found = blame(("a", "b", "c"), ("d", "e"), solve)  # type: ignore[arg-type]

    assert found.kept == ("a", "c")
    assert [name for name, _ in found.blamed] == ["b", "d", "e"]
    assert len(asked) <= 5 + 2


def test_nobody_is_blamed_for_a_set_that_has_no_solution_of_itself() -> None:
    """Its own reason is given."""
    assert blame(("a",), ("b",), lambda _: "python is too old") == Blame((), base="python is too old")
