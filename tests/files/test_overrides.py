"""Decisions and policies as files: what is taken, and what is refused with file, line and key."""

from __future__ import annotations

# A case stays on one line, however long: the tables are read by column.
# ruff: noqa: E501
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from manager.core.overrides import Override
from manager.errors import CatalogError
from manager.world import files

if TYPE_CHECKING:
    from conftest import Small

LAB = "images/lab/family.toml"
FOLDER = "images/overrides"
GOOD = {
    # lab:1-py3.11 has a fixed end, 2027-03-01; by default an extension may name a day up to 180 days later.
    "2026-11-22-extend-lab-1.toml": 'kind = "extend"\nsubject = "lab:1-py3.11"\nuntil = 2027-08-28',
    "2026-11-22-early-retire-lab-1.toml": 'kind = "early-retire"\nsubject = "lab:1-py3.11"\nuntil = 2026-12-22',
    "2026-11-22-early-retire-urgent.toml": (
        'kind = "early-retire"\nsubject = "lab:1-py3.11"\nuntil = 2026-11-22\nsecurity = true'
    ),
    "2026-11-22-freeze-all.toml": 'kind = "freeze"\nsubject = "all"\nfrom = 2026-12-18\nuntil = 2027-01-07',
    "2026-11-22-freeze-lab.toml": 'kind = "freeze"\nsubject = "lab"\nfrom = 2026-12-18\nuntil = 2027-01-07',
    "2026-11-22-quarantine-lab-1.toml": 'kind = "quarantine"\nsubject = "lab:1-py3.11"',
    "2026-11-22-quarantine-build.toml": 'kind = "quarantine"\nsubject = "sha256:' + "00aa" * 16 + '"',
    "2026-11-22-redirect-lab-1.toml": 'kind = "redirect"\nsubject = "lab:1-py3.11"\nto = "lab:2-py3.13"',
    "2026-11-22-acknowledge-lab-1.toml": 'kind = "acknowledge"\nsubject = "lab:1-py3.11"\nuntil = 2027-10-31',
}
REST = "\nday = 2026-11-22\nreason = 'because'\nby = 'ana'\n"


def test_decisions_are_loaded_with_their_place(small: Small) -> None:
    """Every kind is taken, and all of them stand in the catalog."""
    for name, text in GOOD.items():
        small.write(f"{FOLDER}/{name}", text + REST)

    found = files.load(small.root, shipped=False).overrides

    assert sorted(one.place.file for one in found) == sorted(f"{FOLDER}/{name}" for name in GOOD)
    frozen = next(one for one in found if one.kind == "freeze" and one.subject == "all")
    assert frozen == Override(
        "freeze", "all", date(2026, 11, 22), "because", "ana", frozen.place, date(2027, 1, 7), date(2026, 12, 18)
    )


@pytest.mark.parametrize("name", ["2026-11-20-extend-lab.TOML", "2026-11-20-extend-lab.toml.bak", "older/one.toml"])
def test_what_would_be_overlooked_is_a_problem(small: Small, name: str) -> None:
    """A slip in a suffix or a folder must not undo a decision; a page about the decisions is none."""
    small.write(f"{FOLDER}/README.md", "What we decided.")
    small.write(f"{FOLDER}/{name}", GOOD["2026-11-22-freeze-all.toml"] + REST)

    with pytest.raises(CatalogError) as caught:
        files.load(small.root, shipped=False)

    (problem,) = caught.value.problems
    assert (problem.file, problem.why) == (f"{FOLDER}/{name.partition('/')[0]}", "is no decision")


def test_a_name_that_is_no_text_is_a_problem(small: Small) -> None:
    """It is shown by its bytes."""
    small.write(f"{FOLDER}/README.md", "What we decided.")
    Path(small.root, FOLDER, "one-\udcff.toml").write_text(GOOD["2026-11-22-freeze-all.toml"] + REST)

    with pytest.raises(CatalogError, match="1 problem") as caught:
        files.load(small.root, shipped=False)

    (problem,) = caught.value.problems
    assert (problem.file, problem.why) == (f"{FOLDER}/one-\\udcff.toml", "its name is not UTF-8")


BAD = [
    ("extend", "lab:1-py3.11", "until = 2027-08-29", "until", "lies past the last day that an extension may name, 2027-08-28"),
    ("extend", "lab:1-py3.11", "", "until", "is missing: a decision of the kind extend needs it"),
    ("extend", "lab:3", "until = 2027-05-01", "subject", "'lab:3' is no release of this catalog"),
    ("extend", "lab", "until = 2027-05-01", "subject", "'lab' is no release of this catalog"),
    ("extend", "lab:1-py3.11", "until = '2027-05-01'", "until", "must be a date"),
    ("extend", "lab:1-py3.11", "until = 2027-05-01\nsecurity = true", "security", "means nothing for a decision of the kind extend"),
    ("early-retire", "lab:1-py3.11", "until = 2026-12-21", "until", "2026-12-21 lies before 2026-12-22: notice of P30D"),
    ("early-retire", "lab:1-py3.11", "until = 2026-11-21\nsecurity = true", "until", "does not lie after the day of the decision"),
    ("early-retire", "lab:2-py3.13", "until = 9999-12-31", "", ""),
    ("freeze", "all", "until = 2027-01-07", "from", "is missing: a decision of the kind freeze needs it"),
    ("freeze", "all", "from = 2027-01-07\nuntil = 2027-01-07", "until", "does not lie after from = 2027-01-07"),
    ("freeze", "all", "from = 2027-01-01\nuntil = 2027-05-01", "until", "a freeze lasts 92 days at most"),
    ("quarantine", "sha256:00aa", "", "subject", "'sha256:00aa' is no digest"),
    ("freeze", "lob", "from = 2027-01-01\nuntil = 2027-01-07", "subject", "'lob' is nothing that can be frozen"),
    ("quarantine", "lab:1-py3.11", "until = 2026-11-21", "until", "does not lie after the day of the decision"),
    ("redirect", "lab:1-py3.11", "to = 'lab:9'", "to", "unknown release 'lab:9'"),
    ("redirect", "lab:1-py3.11", "to = 'lab:1-py3.11'", "to", "lab:1-py3.11 cannot be its own successor"),
    ("redirect", "lab:2-py3.13", "to = 'lab:1-py3.11'", "to", "successors go in a circle: lab:2-py3.13 -> lab:1-py3.11 -> lab:2-py3.13"),
    ("redirect", "lab:1-py3.11", "", "to", "is missing: a decision of the kind redirect needs it"),
    ("forget", "lab:1-py3.11", "", "kind", "must be 'extend', 'early-retire'"),
    ("extend", "lab:1-py3.11", "until = 2027-05-01\ntil = 2027-05-01", "til", "unknown key"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "subject", "more", "key", "why"), BAD)
def test_a_wrong_decision_is_refused_with_its_line(
    small: Small, kind: str, subject: str, more: str, key: str, why: str
) -> None:
    """One thing wrong gives one problem, at the line of its key."""
    file = f"{FOLDER}/2026-11-22-{kind}-one.toml"
    small.write(file, f'kind = "{kind}"\nsubject = "{subject}"\n{more}{REST}')
    if not key:
        files.load(small.root, shipped=False)
        return

    with pytest.raises(CatalogError) as caught:
        files.load(small.root, shipped=False)

    (problem,) = caught.value.problems
    assert (problem.file, problem.key) == (file, key)
    assert why in problem.why
    if key in (small.root / file).read_text() and key != "from":
        assert (small.root / file).read_text().splitlines()[problem.line - 1].startswith(key)


@pytest.mark.parametrize("missing", ["reason = 'because'", "by = 'ana'", "day = 2026-11-22"])
def test_a_decision_says_who_why_and_when(small: Small, missing: str) -> None:
    """Without reason, person or day it is refused."""
    text = GOOD["2026-11-22-extend-lab-1.toml"] + REST
    small.write(f"{FOLDER}/2026-11-22-extend-lab-1.toml", text.replace(missing, ""))

    with pytest.raises(CatalogError) as caught:
        files.load(small.root, shipped=False)

    assert [(one.key, one.why) for one in caught.value.problems] == [(missing.partition(" ")[0], "is missing")]


def test_a_reason_of_blanks_is_none(small: Small) -> None:
    """Somebody has to be able to read it in a year."""
    small.write(
        f"{FOLDER}/2026-11-22-extend-lab-1.toml", GOOD["2026-11-22-extend-lab-1.toml"] + REST.replace("because", " ")
    )

    with pytest.raises(CatalogError, match="1 problem"):
        files.load(small.root, shipped=False)


def test_the_name_of_the_file_says_what_is_inside(small: Small) -> None:
    """Day and kind stand in both, so that a folder can be read in its order."""
    small.write(f"{FOLDER}/2026-11-23-extend-lab-1.toml", GOOD["2026-11-22-extend-lab-1.toml"] + REST)

    with pytest.raises(CatalogError) as caught:
        files.load(small.root, shipped=False)

    assert caught.value.problems[0].why == "the file's name has to begin with 2026-11-22-extend-"


def test_everything_wrong_with_a_redirect_is_told_at_once(small: Small) -> None:
    """A day that is none hides no release that is not there."""
    file = f"{FOLDER}/2026-11-22-redirect-lab-1.toml"
    small.write(file, 'kind = "redirect"\nsubject = "lab:1-py3.11"\nto = "lab:9"\nuntil = 2026-11-21' + REST)

    with pytest.raises(CatalogError) as caught:
        files.load(small.root, shipped=False)

    assert {one.key for one in caught.value.problems} == {"until", "to"}


ADOPTED = """\
[[image]]
release = "legacy:old"
digest = "sha256:{digest}"
reference = "team/jupyter:2024"
owner = "ana"
released = 2024-06-18
end_of_life = 2027-03-01
"""


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        ("extend", "until = 2027-08-28"),
        ("early-retire", "until = 2027-01-22"),
        ("freeze", "from = 2026-12-18\nuntil = 2027-01-07"),
        ("quarantine", ""),
        ("redirect", 'to = "lab:2-py3.13"'),
        ("acknowledge", "until = 2027-10-31"),
    ],
)
def test_an_adopted_release_is_decided_about_as_any_other(small: Small, kind: str, more: str) -> None:
    """Its dates are those that a decision is judged by."""
    small.write("images/adopted.toml", ADOPTED.format(digest="0" * 64))
    small.write(f"{FOLDER}/2026-11-22-{kind}-one.toml", f'kind = "{kind}"\nsubject = "legacy:old"\n{more}{REST}')

    assert [one.subject for one in files.load(small.root, shipped=False).overrides] == ["legacy:old"]


def test_an_adopted_release_is_extended_within_its_familys_policy(small: Small) -> None:
    """Of a family that is there the policy counts, and past what it allows nothing is extended."""
    small.edit(LAB, 'active_for = "P21M"', 'active_for = "P21M"\nextend_at_most = "P10D"')
    small.write("images/adopted.toml", ADOPTED.format(digest="0" * 64).replace("legacy:old", "lab:old"))
    small.write(
        f"{FOLDER}/2026-11-22-extend-one.toml", f'kind = "extend"\nsubject = "lab:old"\nuntil = 2027-03-12{REST}'
    )

    with pytest.raises(CatalogError) as caught:
        files.load(small.root, shipped=False)

    assert "lies past the last day that an extension may name, 2027-03-11" in caught.value.problems[0].why


POLICIES = [
    ("create_block_before = 'P91D'", "create_block_before", "P91D is longer than deprecate_before = P90D"),
    (
        "deprecate_before = 'P3M'\ncreate_block_before = 'P90D'",
        "create_block_before",
        "P90D is longer than deprecate_before = P3M",
    ),
    ("remove_after = 'P89D'", "remove_after", "P89D is shorter than restart_block_after = P90D"),
    ("deprecate_before = 'P21M'", "deprecate_before", "P21M is not shorter than active_for = P21M"),
    ("notices = [30, 7, 30]", "notices", "names a day twice"),
    ("notices = [30, -1]", "notices[1]", "greater than or equal to 0"),
    ("minimum_notice = '30 days'", "minimum_notice", "not an ISO 8601 period"),
    ("on_end_of_life = 'kill'", "on_end_of_life", "must be 'keep-running' or 'stop-running'"),
]


@pytest.mark.parametrize(("text", "key", "why"), POLICIES)
def test_a_policy_that_contradicts_itself_is_refused(small: Small, text: str, key: str, why: str) -> None:
    """The problem stands at the policy, not at each release that it would spoil."""
    small.edit(LAB, 'active_for = "P21M"', f'active_for = "P21M"\n{text}')

    with pytest.raises(CatalogError) as caught:
        files.load(small.root, shipped=False)

    problem = next(one for one in caught.value.problems if one.key == f"policy.{key}")
    assert why in problem.why


def test_no_time_at_all_is_no_policy(small: Small) -> None:
    """A release has to live for a while."""
    small.edit(LAB, 'active_for = "P21M"', 'active_for = "P0D"')

    with pytest.raises(CatalogError) as caught:
        files.load(small.root, shipped=False)

    assert "policy.active_for" in [one.key for one in caught.value.problems]
