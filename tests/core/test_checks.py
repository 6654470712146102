"""What attempts come to, what is known, and the verdict: only what failed blocks, only what passed is verified."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from manager.core.checks import (
    OUTCOMES,
    Answer,
    Attempt,
    Cell,
    Checked,
    Known,
    Run,
    Verdict,
    excused,
    expected,
    judged,
    known_on,
    lost,
    passed_anyhow,
    settled,
)

TODAY = date(2026, 11, 22)
NOW = datetime(2026, 11, 22, 1, tzinfo=UTC)
CELL = Cell("lab:1", "mysql", "PyMySQL", "1.1.2", "mariadb-11.8", "real", "s1", "t1", "i1", "d1")


def tried(*outcomes: str, signs: str = "") -> Answer:
    """Settle attempts of one probe; ``signs`` has a letter for each."""
    return settled(
        Attempt("types.time", outcome, f"reason {number}", sign, number, 1.5, (("n", number),))  # type: ignore[arg-type]
        for number, (outcome, sign) in enumerate(zip(outcomes, signs or "x" * len(outcomes), strict=True), 1)
    )


# -- attempts ----------------------------------------------------------------------------------------


def test_three_failures_that_are_the_same_fail() -> None:
    """With the last one's words and figures; it is not flaky."""
    assert tried("fail", "fail", "fail") == Answer(
        "types.time", "fail", "reason 3", "x", 3, False, 4.5, (("n", 3),)
    )  # fmt: skip


@pytest.mark.parametrize(
    ("outcomes", "signs", "says", "flaky"),
    [
        (("fail",), "x", "it failed 1 of 1 times and was not asked again: reason 1", False),
        (("fail", "fail"), "xx", "it failed 2 of 2 times and was not asked again: reason 2", False),
        (("fail", "pass"), "x ", "it failed 1 of 2 times: reason 1", True),
        (("fail", "fail", "fail"), "xyx", "it failed 3 of 3 times in 2 ways: reason 3", True),
        (("fail", "pass", "fail"), "x x", "it failed 2 of 3 times: reason 3", True),
        (("fail", "error", "fail"), "xxx", "it failed 2 of 3 times: reason 3", True),
        (("fail", "fail", "fail", "error"), "xxxx", "it failed 3 of 4 times: reason 3", True),
        (("pass", "fail", "fail", "fail"), "xxxx", "it failed 3 of 4 times: reason 4", True),
    ],
)
def test_any_other_failure_could_not_tell(outcomes: tuple[str, ...], signs: str, says: str, flaky: bool) -> None:
    """Nor does it pass; figures of it would be of another outcome."""
    found = tried(*outcomes, signs=signs)

    assert (found.outcome, found.reason, found.flaky, found.measures) == ("error", says, flaky, ())


def test_failures_without_a_signature_are_told_apart_by_their_words() -> None:
    """Three of the same words fail, three of different ones do not."""
    same = [Attempt("p", "fail", "gone", "", number) for number in (1, 2, 3)]

    assert settled(same).outcome == "fail"
    assert settled([*same[:2], replace(same[2], reason="late")]).outcome == "error"


def test_what_was_asked_once_is_as_it_was() -> None:
    """Whatever it was, but for a failure."""
    for outcome in OUTCOMES:
        assert (tried(outcome).outcome == outcome) is (outcome != "fail")
        assert not tried(outcome).flaky


def test_the_order_of_the_attempts_is_theirs() -> None:
    """They may come in any; what hung first and passed then has passed, and is flaky."""
    hung, passed = Attempt("p", "error", "killed", attempt=1), Attempt("p", "pass", attempt=2)

    assert settled([passed, hung]) == settled([hung, passed])
    assert (settled([hung, passed]).outcome, settled([hung, passed]).flaky) == ("pass", True)
    assert (settled([hung, replace(hung, attempt=2)]).outcome, settled([hung] * 2).flaky) == ("error", False)


@given(st.lists(st.tuples(st.sampled_from(OUTCOMES), st.sampled_from("ab")), min_size=1, max_size=5))
def test_only_three_of_one_kind_ever_fail(tries: list[tuple[str, str]]) -> None:
    """And where anything failed nothing passes."""
    found = tried(*(outcome for outcome, _ in tries), signs="".join(sign for _, sign in tries))

    assert (found.outcome == "fail") is (len(tries) >= 3 and {*tries} in ({("fail", "a")}, {("fail", "b")}))
    if any(outcome == "fail" for outcome, _ in tries):
        assert found.outcome in ("fail", "error")


# -- known failures ----------------------------------------------------------------------------------


FAILED = Answer("types.time", "fail", "the offset is lost", "Wrong offset", 3)
KNOWN = Known("types.time", "PyMySQL drops offsets", date(2026, 12, 31))


def test_a_known_failure_is_known_until_its_last_day() -> None:
    """It is never a pass; the day after it is a failure again, which says so."""
    found = excused(FAILED, CELL, [KNOWN], KNOWN.until)
    late = excused(FAILED, CELL, [KNOWN], KNOWN.until + timedelta(1))

    assert found == replace(
        FAILED, outcome="known", reason="PyMySQL drops offsets (until 2026-12-31); the offset is lost"
    )
    assert late.outcome == "fail"
    assert late.reason == "the offset is lost (known until 2026-12-31: PyMySQL drops offsets)"


@pytest.mark.parametrize(
    "other",
    [
        replace(KNOWN, probe="types.decimal"),
        replace(KNOWN, driver="mysqlclient"),
        replace(KNOWN, sources=("mariadb-10.11",)),
        replace(KNOWN, versions=">1.1.2"),
    ],
)
def test_a_failure_that_only_looks_like_a_known_one_stays(other: Known) -> None:
    """Another probe, driver, source or another way to fail."""
    assert excused(FAILED, CELL, [other], TODAY) is FAILED


def test_of_a_failure_that_is_known_the_first_is_enough() -> None:
    """Asked three times or once it fails alike; beside a pass or in another way it could not tell, as any."""
    once = [Attempt("types.time", "fail", "lost", "Wrong offset")]
    known = expected([replace(KNOWN, signature="Wrong *")], CELL, TODAY)

    assert known == {"types.time": ("Wrong *",)}
    assert settled(once, known).outcome == "fail"
    assert settled(once).outcome == "error"
    assert settled(once, {"types.time": ("Wrong class",)}).outcome == "error"
    assert settled([*once, Attempt("types.time", "pass", attempt=2)], known).outcome == "error"
    assert settled([Attempt("types.time", "fail", "", "Other"), replace(once[0], attempt=2)], known).outcome == "error"


def test_what_is_awaited_holds_today_and_is_of_the_cell() -> None:
    """A day that is over, another driver or version: nothing is known of it; nor how it looks without a signature."""
    known = replace(KNOWN, signature="Wrong *")
    others = [replace(known, driver="mysqlclient"), replace(known, versions=">2"), replace(known, probe="a"), KNOWN]

    found = expected([replace(known, until=TODAY), *others], CELL, TODAY)
    assert found == {"types.time": ("Wrong *",), "a": ("Wrong *",)}
    assert expected([known], CELL, known.until + timedelta(1)) == {}


@pytest.mark.parametrize("versions", ["", "==1.1.2", "<2", ">=1,<1.2"])
def test_a_known_failure_may_be_of_some_versions(versions: str) -> None:
    """Of the driver that the cell has; a candidate of the next version counts as one."""
    known = replace(KNOWN, versions=versions)

    assert excused(FAILED, CELL, [known], TODAY).outcome == "known"
    assert excused(FAILED, replace(CELL, version="1.1.0rc1"), [replace(known, versions="<2")], TODAY).outcome == "known"


@pytest.mark.parametrize(
    "signature", ["Wrong class", "Wrong", "offset", "*class", "Wrong*Wrong*", "W*offset*t", "[W]rong offset"]
)
def test_a_failure_of_another_kind_is_none_that_is_known(signature: str) -> None:
    """It stays a failure, and says what is known of its probe; however the signature was written."""
    found = excused(FAILED, CELL, [replace(KNOWN, signature=signature)], TODAY)

    assert (found.outcome, found.signature) == ("fail", FAILED.signature)
    assert found.reason == "the offset is lost (not what is known of it: PyMySQL drops offsets)"


@pytest.mark.parametrize("signature", ["", "Wrong offset", "Wrong *", "*", "*offset", "W*g*off*", "Wrong offset*"])
def test_a_star_in_a_signature_stands_for_anything(signature: str) -> None:
    """For nothing as well."""
    assert excused(FAILED, CELL, [replace(KNOWN, signature=signature)], TODAY).outcome == "known"


def test_a_failure_may_be_known_on_some_systems() -> None:
    """On any where none is named."""
    old = replace(KNOWN, systems=("bookworm", "bullseye"))

    assert known_on([KNOWN, old], "bookworm") == (KNOWN, old)
    assert known_on([KNOWN, old], "trixie") == (KNOWN,)


@pytest.mark.parametrize("grave", ["printed the password", "signal SIGSEGV", "Wrong suite signal SIGBUS"])
@pytest.mark.parametrize("signature", ["", "*", "*s*", "Wrong*", "{}", "{}*"])
def test_a_printed_password_and_a_crash_are_known_by_their_own_signature_alone(grave: str, signature: str) -> None:
    """Whoever wrote that a probe fails has seen something else; so has the one who wrote stars."""
    failed, said = replace(FAILED, signature=grave), signature.format(grave)
    known = replace(KNOWN, signature=said)

    found = excused(failed, CELL, [known], TODAY)

    own = "{" in signature
    assert (found.outcome, judged([found], {FAILED.probe: "required"})[0]) == (
        ("known", "inconclusive") if own else ("fail", "blocked")
    )
    assert excused(FAILED, CELL, [replace(KNOWN, signature="")], TODAY).outcome == "known"


def test_a_crash_that_nobody_knows_is_asked_three_times() -> None:
    """An entry without a signature is no reason to ask less of it."""
    crash = Attempt(KNOWN.probe, "fail", "it died", "signal SIGSEGV")

    assert settled([crash], expected([KNOWN], CELL, TODAY)).outcome == "error"
    assert settled([replace(crash, attempt=one) for one in (1, 2, 3)]).outcome == "fail"


def test_what_is_known_to_fail_and_passes_says_so() -> None:
    """It has passed; once the day is over nobody expects anything of it (control)."""
    passed = replace(FAILED, outcome="pass", reason="", signature="")
    found = excused(passed, CELL, [replace(KNOWN, signature="Wrong class")], TODAY)
    cell = Checked(CELL, "k", "verified", "", (found, replace(passed, probe="other")), datetime(2026, 1, 1, tzinfo=UTC))

    assert found == replace(passed, reason="it is known to fail until 2026-12-31, and passed: PyMySQL drops offsets")
    assert passed_anyhow([cell]) == ((CELL, found),)
    assert excused(passed, CELL, [KNOWN], KNOWN.until + timedelta(1)) is passed


def test_of_several_the_one_that_holds_counts() -> None:
    """One that has run out does not hide one that has not, in whatever order they stand."""
    narrow = replace(KNOWN, driver="PyMySQL", sources=("mariadb-11.8", "x"), signature="Wrong offset")
    old = replace(KNOWN, until=date(2026, 1, 1), reason="old")

    for known in ([old, narrow], [narrow, old]):
        assert excused(FAILED, CELL, known, TODAY).outcome == "known"


@pytest.mark.parametrize("outcome", [one for one in OUTCOMES if one not in ("fail", "pass")])
def test_only_failures_are_excused(outcome: str) -> None:
    """What could not tell stays so."""
    answer = replace(FAILED, outcome=outcome)

    assert excused(answer, CELL, [KNOWN], TODAY) is answer


# -- verdicts ----------------------------------------------------------------------------------------


def verdict(demands: dict[str, str], **outcomes: str) -> tuple[Verdict, str]:
    """Judge answers by probe."""
    return judged([Answer(name, outcome, f"r-{name}") for name, outcome in outcomes.items()], demands)  # type: ignore[arg-type]


BOTH = {"a": "required", "b": "required", "c": "optional", "d": "unsupported"}


@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [
        ({"a": "pass", "b": "pass"}, ("verified", "2 required probes passed")),
        ({"a": "pass", "b": "known", "c": "fail", "d": "fail"}, ("verified", "1 required probe passed")),
        ({"a": "pass", "b": "unsupported"}, ("verified", "1 required probe passed")),
        ({"a": "pass", "b": "fail"}, ("blocked", "b: r-b")),
        ({"a": "fail", "b": "fail"}, ("blocked", "a: r-a, and 1 more")),
        ({"a": "error", "b": "fail"}, ("blocked", "b: r-b")),
        ({"b": "fail"}, ("blocked", "b: r-b")),
        ({"a": "pass", "b": "error"}, ("inconclusive", "b: r-b")),
        ({"a": "error", "b": "pass", "c": "fail"}, ("inconclusive", "a: r-a")),
        ({"a": "error", "b": "skip"}, ("inconclusive", "a: r-a, and 1 more")),
        ({"a": "pass", "b": "not_run"}, ("inconclusive", "b: r-b")),
        ({"a": "pass", "c": "fail"}, ("inconclusive", "b gave no answer")),
        ({}, ("inconclusive", "a gave no answer, and 1 more")),
        ({"a": "known", "b": "unsupported", "c": "pass"}, ("inconclusive", "no required probe passed")),
        ({"a": "pass", "b": "pass", "e": "fail"}, ("verified", "2 required probes passed")),
    ],
)
def test_verdicts(outcomes: dict[str, str], expected: tuple[str, str]) -> None:
    """Failures of what is required block; silence and doubt do not pass; the rest changes nothing."""
    assert verdict(BOTH, **outcomes) == expected


def test_where_nothing_is_required_nothing_is_verified() -> None:
    """A cell without questions has no answer."""
    assert verdict({}, a="pass")[0] == verdict({"a": "optional"}, a="pass")[0] == "inconclusive"


def test_a_second_answer_hides_no_failure() -> None:
    """A probe that answers twice is as bad as its worse answer."""
    twice = [Answer("a", "fail", "r"), Answer("a", "pass")]

    assert judged(twice, {"a": "required"}) == judged(reversed(twice), {"a": "required"}) == ("blocked", "a: r")


def test_a_probe_that_was_killed_never_passes_a_cell() -> None:
    """However often it was asked: it is neither a pass nor a failure."""
    killed = settled(Attempt("a", "error", "it did not end in time and was killed", "", n) for n in (1, 2, 3))

    assert judged([killed], {"a": "required"})[0] == "inconclusive"


@given(st.dictionaries(st.sampled_from("abcd"), st.sampled_from(OUTCOMES)))
def test_a_verified_cell_has_no_doubt(outcomes: dict[str, str]) -> None:
    """Blocked if and only if something required failed; verified only where all required ones are fine."""
    found = verdict(BOTH, **outcomes)[0]
    required = [outcomes.get(name, "error") for name in "ab"]

    assert (found == "blocked") is ("fail" in [outcomes.get("a"), outcomes.get("b")])
    assert (found == "verified") is ({*required} <= {"pass", "known", "unsupported"} and "pass" in required)


def test_what_passed_and_is_not_asked_any_more_is_lost() -> None:
    """Unlike what fails, which has its verdict, and what could not tell; what never passed is not missed."""
    before = Checked(CELL, "k", "verified", "", tuple(Answer(name, "pass") for name in "abcdefg"), NOW)
    now = {"a": "pass", "b": "unsupported", "c": "skip", "d": "not_run", "e": "fail", "f": "error", "h": "unsupported"}
    after = replace(before, answers=tuple(Answer(name, outcome) for name, outcome in now.items()))  # type: ignore[arg-type]

    assert lost(before, after) == ("b", "c", "d", "g")
    assert lost(before, before) == ()
    assert lost(replace(before, answers=after.answers[1:]), before) == ()


# -- keys and runs -----------------------------------------------------------------------------------


def test_a_key_stands_for_everything_that_an_answer_may_depend_on() -> None:
    """Each field of a cell and the probes change it."""
    fields = {"source_kind": "emulated"} | dict.fromkeys(
        ["release", "connector", "driver", "version", "source", "set_hash", "tree", "image", "source_digest"], "other"
    )
    keys = {replace(CELL, **{name: value}).key("p") for name, value in fields.items()}  # type: ignore[arg-type]

    assert len(keys | {CELL.key("p"), CELL.key("q")}) == len(fields) + 2
    assert fields.keys() == set(Cell.__dataclass_fields__)
    assert CELL.key("p") == replace(CELL).key("p")


@pytest.mark.parametrize(
    ("cells", "ended", "expected"),
    [
        (("verified", "verified"), True, "verified"),
        (("verified", "inconclusive"), True, "inconclusive"),
        (("inconclusive", "blocked"), True, "blocked"),
        ((), True, "inconclusive"),
        (("verified",), False, "inconclusive"),
        (("blocked",), False, "blocked"),
    ],
)
def test_a_run_is_as_bad_as_its_worst_cell(cells: tuple[Verdict, ...], ended: bool, expected: str) -> None:
    """One that was killed, or that had nothing to do, is not verified."""
    found = tuple(Checked(CELL, "k", one, "", (), NOW) for one in cells)

    assert Run("r", NOW, "ana", "", found, NOW if ended else None).verdict == expected


def test_outcomes_are_counted_in_the_order_of_the_interface() -> None:
    """Those that there are none of, too."""
    answers = (Answer("a", "pass"), Answer("b", "known"), Answer("c", "pass"))

    found = Checked(CELL, "k", "verified", "", answers, NOW).counts()
    assert list(found.items()) == [
        ("pass", 2), ("fail", 0), ("error", 0), ("skip", 0), ("unsupported", 0), ("not_run", 0), ("known", 1),
    ]  # fmt: skip
