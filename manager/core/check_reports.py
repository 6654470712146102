"""What a run of checks looks like elsewhere: JSON, JUnit's XML, and a Markdown summary for the pages of a CI."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

from manager.core.amounts import many, show_period
from manager.core.check_records import written
from manager.core.checks import OUTCOMES, passed_anyhow
from manager.core.page_text import plain, table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from manager.core.checks import Answer, Checked, Run

_ELEMENTS = {"fail": "failure", "error": "error", "skip": "skipped", "unsupported": "skipped", "not_run": "skipped",
             "known": "skipped"}  # fmt: skip
_WORDS = {"skip": "skipped", "unsupported": "unsupported", "not_run": "not run", "known": "known"}
_GLYPHS = {"verified": "✔", "blocked": "✖", "inconclusive": "?"}
# Of a page that somebody reads; the JSON has all of them.
_MOST = 100


def to_json(run: Run) -> dict[str, Any]:
    """Give schema 1 of ``check run`` and ``check show``; ``seconds`` is null for a run that did not end."""
    return {
        "schema": 1,
        "run": {
            "id": run.id,
            "started": run.started.isoformat(timespec="seconds"),
            "seconds": _seconds(run),
            "verdict": run.verdict,
            "by": run.by,
            "subject": run.subject,
            "ended": run.ended.isoformat(timespec="seconds") if run.ended else None,
            "cells": [_cell(one) for one in run.cells],
        },
    }


def junit(run: Run) -> str:
    """Give a testsuite for each cell and a testcase for each probe; what is known or not asked counts as skipped.

    A cell that is not verified without anything in it that failed gets an error of its own, so that it is seen, and so
    does a run that was cut off.
    """
    root = ElementTree.Element("testsuites", name=f"solvent check {written(run.id)}", time=f"{_seconds(run) or 0:.3f}")
    totals = dict.fromkeys(("tests", "failures", "errors", "skipped"), 0)
    for one in run.cells:
        suite = ElementTree.SubElement(root, "testsuite", name=written(one.cell.name), time=f"{one.seconds:.3f}",
                               timestamp=one.at.isoformat(timespec="seconds"))  # fmt: skip
        facts = ElementTree.SubElement(suite, "properties")
        for name in ("release", "connector", "driver", "version", "source", "source_kind", "set_hash", "tree"):
            ElementTree.SubElement(facts, "property", name=name, value=written(getattr(one.cell, name)))
        ElementTree.SubElement(facts, "property", name="verdict", value=f"{one.verdict}: {written(one.reason)}")
        counts = _cases(suite, one)
        for name, count in counts.items():
            suite.set(name, str(count))
            totals[name] += count
    if run.ended is None:
        suite = ElementTree.SubElement(root, "testsuite", name="run", tests="1", failures="0", errors="1", skipped="0")
        case = ElementTree.SubElement(suite, "testcase", classname="run", name="end", time="0.000")
        ElementTree.SubElement(case, "error", message="the run was cut off before its end")
        totals["tests"] += 1
        totals["errors"] += 1
    for name, count in totals.items():
        root.set(name, str(count))
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def markdown(run: Run) -> str:
    """Give the verdict, the answers counted by outcome and kind of source, and every cell that is not verified."""
    return "\n".join(_page(run)) + "\n"


def _seconds(run: Run) -> float | None:
    return round((run.ended - run.started).total_seconds(), 3) if run.ended else None


def _cell(one: Checked) -> dict[str, Any]:
    cell, guilt = one.cell, one.guilt
    return {
        "connector": cell.connector,
        "driver": cell.driver,
        "version": cell.version,
        "release": cell.release,
        "source": cell.source,
        "source_kind": cell.source_kind,
        "verdict": one.verdict,
        "reason": one.reason,
        "set_hash": cell.set_hash,
        "tree": cell.tree,
        "at": one.at.isoformat(timespec="seconds"),
        "seconds": round(one.seconds, 3),
        "outcomes": one.counts(),
        "probes": [
            {
                "id": answer.probe,
                "outcome": answer.outcome,
                "reason": answer.reason,
                "signature": answer.signature,
                "seconds": round(answer.seconds, 3),
                # JSON has no word for what is no number.
                "measures": {name: value if math.isfinite(value) else None for name, value in answer.measures},
                "attempts": answer.attempts,
                "flaky": answer.flaky,
            }
            for answer in one.answers
        ],
        "guilty": {"distribution": guilt.distribution, "from": guilt.before, "to": guilt.after, "runs": guilt.runs}
        if guilt and guilt.distribution
        else None,
        "undetermined": guilt.undetermined if guilt else "",
    }


def _cases(suite: ElementTree.Element, one: Checked) -> dict[str, int]:
    cell = one.cell
    place = written(".".join((cell.release, cell.connector, cell.driver, cell.source)))
    for answer in one.answers:
        case = ElementTree.SubElement(suite, "testcase", classname=place, name=written(answer.probe),
                              time=f"{answer.seconds:.3f}")  # fmt: skip
        if answer.outcome != "pass":
            _told(case, answer)
    bad = any(answer.outcome in ("fail", "error") for answer in one.answers)
    if one.verdict != "verified" and not bad:
        case = ElementTree.SubElement(suite, "testcase", classname=place, name="verdict", time="0.000")
        ElementTree.SubElement(case, "error", message=f"{one.verdict}: {written(one.reason)}")
    return {
        "tests": len(suite.findall("testcase")),
        "failures": len(suite.findall("testcase/failure")),
        "errors": len(suite.findall("testcase/error")),
        "skipped": len(suite.findall("testcase/skipped")),
    }


def _told(case: ElementTree.Element, answer: Answer) -> None:
    reason = written(answer.reason)
    word = _WORDS.get(answer.outcome)
    element = ElementTree.SubElement(case, _ELEMENTS[answer.outcome], message=f"{word}: {reason}" if word else reason)
    if word is None:
        element.set("type", written(answer.signature) or answer.outcome)
        tries = f" (asked {many(answer.attempts, 'time')}{', flaky' if answer.flaky else ''})"
        element.text = reason + tries


def _page(run: Run) -> Iterator[str]:
    verdicts = [one.verdict for one in run.cells]
    yield f"## {_GLYPHS[run.verdict]} Compatibility checks: {run.verdict}"
    yield ""
    counts = ", ".join(f"{verdicts.count(one)} {one}" for one in _GLYPHS if one in verdicts)
    lasted = f"in {show_period(_seconds(run) or 0)}" if run.ended else "and cut off before its end"
    yield f"{many(len(verdicts), 'cell')}{f' ({counts})' if counts else ''}, run `{run.id}` " \
          f"of {run.started:%Y-%m-%d %H:%M} UTC {lasted}."  # fmt: skip
    if run.cells:
        yield ""
        yield from table(("answers", *(_WORDS.get(one, one) for one in OUTCOMES)), list(_counted(run.cells)))
    for verdict in ("blocked", "inconclusive"):
        found = [one for one in run.cells if one.verdict == verdict]
        if found:
            yield from ("", f"### {_GLYPHS[verdict]} {verdict.capitalize()}", "")
            yield from (_line(one) for one in found[:_MOST])
        if len(found) > _MOST:
            yield f"- and {len(found) - _MOST} more:  `solvent check show {run.id}`"
    if better := passed_anyhow(run.cells):
        yield from ("", "### Known failures that passed", "")
        yield from (f"- {plain(cell.name)}: `{plain(one.probe)}`: {plain(one.reason)}" for cell, one in better[:_MOST])
        if len(better) > _MOST:
            yield f"- and {len(better) - _MOST} more:  `solvent check show {run.id}`"


def _counted(cells: Iterable[Checked]) -> Iterator[tuple[str, ...]]:
    """Give the rows of the counts: real and emulated sources apart, never added up."""
    mine = list(cells)
    for kind in ("real", "emulated"):
        counts = [one.counts() for one in mine if one.cell.source_kind == kind]
        if counts:
            yield (f"{kind} sources", *(str(sum(one[outcome] for one in counts)) for outcome in OUTCOMES))


def _line(one: Checked) -> str:
    kind = " (emulated)" if one.cell.source_kind == "emulated" else ""
    blame = ""
    if one.guilt and one.guilt.distribution:
        guilt = one.guilt
        blame = f" Guilty: {guilt.distribution} {guilt.before or 'absent'} -> {guilt.after or 'absent'}, " \
                f"found in {many(guilt.runs, 'run')}."  # fmt: skip
    if one.guilt and one.guilt.undetermined:
        blame += f" Who is guilty is not certain: {one.guilt.undetermined}."
    return f"- **{plain(one.cell.name)}**{kind}: {plain(one.reason)}.{plain(blame, 1000) and ' '}{plain(blame, 1000)}"
