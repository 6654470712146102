"""Whether every language of a family works in a build: cells of each, run where a person's code runs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from manager.app.layers import PREFIXES
from manager.app.proving.cells import cells
from manager.app.proving.container import asked
from manager.app.sandbox import objects, plain, read_results, script
from manager.core.access import CREDENTIAL, has_kernels, kind_of
from manager.core.catalog import canonical_name
from manager.core.evidence import Result
from manager.core.kernels import LINES
from manager.core.sets import distribution

if TYPE_CHECKING:
    from manager.app.proving.container import Subject
    from manager.app.world import World
    from manager.core.catalog import Release
    from manager.core.kernels import Kernel

# The IDE's own Python, which has the libraries that its server speaks with.
_IDE_PYTHON = (f"{PREFIXES['ide']}/bin/python", "-I", "-c")
# For a kernel with its cells: a family's test may install a package, or start a kernel of its own.
_SECONDS = 120
_IMPORT_SECONDS = 15


@dataclass(frozen=True, slots=True)
class Question:
    """A cell to run: what its answer is called, its text, and what it has to print or show (anything when empty).

    The answer of one that ``tells`` are results of its own, as JSON lines.
    """

    probe: str
    text: str
    expects: str = ""
    tells: bool = False


@dataclass(frozen=True, slots=True)
class _Ran:
    """What a cell gave: what it printed, what it showed, what went wrong ("" for nothing), and its wall time."""

    printed: str = ""
    shown: tuple[str, ...] = ()
    error: str = ""
    seconds: float = 0.0


# A kernel with the cells that it runs one after the other.
_Sitting = tuple["Kernel", tuple[Question, ...]]


def spoken(world: World, subject: Subject, release: Release) -> tuple[Result, ...]:
    """Give a result for each kernel (``language.ir``), its language's line (``line.r``) and each test (``test.NAME``).

    Of Python also what is true of the process that a cell runs in, and the imports of every driver there
    (``kernel.…``). Each test has a kernel of its own. What needs a server outside of the image is ``not_run``, with
    the reason: nobody has seen that it works.
    """
    sittings = _sittings(world, subject, release)
    seconds = _SECONDS + _IMPORT_SECONDS * len(_modules(world, release))
    served = has_kernels(subject.family.launch.auth)
    in_server = [one for one in sittings if served and not one[0].needs and not one[0].command]
    ran = dict(zip(map(id, in_server), _in_server(world, subject, in_server, seconds), strict=True))
    results: list[Result] = []
    for sitting in sittings:
        kernel, questions = sitting
        if kernel.needs:
            results += (Result(one.probe, "not_run", f"{kernel.language} needs {kernel.needs}") for one in questions)
            continue
        if not served and not kernel.command:
            why = "this IDE has no kernels: give it a command"
            results += (Result(one.probe, "error", why) for one in questions)
            continue
        answers = ran[id(sitting)] if id(sitting) in ran else _in_session(world, subject, kernel, questions, seconds)
        for number, question in enumerate(questions):
            # A kernel that died has no answers to what came after that.
            answer = answers[number] if number < len(answers) else _Ran(error="there was no answer")
            results += _judged(kernel, question, answer)
    return tuple(results)


def _judged(kernel: Kernel, question: Question, ran: _Ran) -> tuple[Result, ...]:
    if question.tells:
        told = read_results(ran.printed)
        wrong = ran.error or ("" if told else f"no answer: {ran.printed.strip()[-300:]}")
        return (*told, Result(question.probe, "error", wrong[-500:])) if wrong else told
    wrong = ran.error
    if not wrong and question.expects:
        wrong = replace(kernel, cell=question.text, expects=question.expects).wrong(ran.printed, ran.shown)
    return (Result(question.probe, "fail" if wrong else "pass", wrong[-500:], ran.seconds),)


def _sittings(world: World, subject: Subject, release: Release) -> list[_Sitting]:
    """Say which cells run in which kernels: the kernel's own questions in one, each test of the family in another."""
    found: list[_Sitting] = []
    tests = cells(subject.family, release)
    for kernel in subject.family.kernels:
        own = [Question(f"language.{kernel.name}", kernel.cell, kernel.expects)]
        line = {"python": release.python, "r": release.r}.get(kernel.language, "")
        own += [Question(f"line.{kernel.language}", LINES[kernel.language], line)] if line else []
        own += [Question("kernel", _facts(world, subject, release), tells=True)] if kernel.language == "python" else []
        found.append((kernel, tuple(own)))
        for test in tests:
            if test.language == kernel.language:
                found.append((kernel, (Question(f"test.{test.name}", test.text),)))
    return found


def _facts(world: World, subject: Subject, release: Release) -> str:
    """Give the cell that looks at the process that a person's Python runs in, and imports every driver there."""
    question = {
        "imports": _modules(world, release),
        "absent": _absent(release),
        "prefix": PREFIXES["kernel"],
        "uid": subject.family.launch.uid,
    }
    return f"QUESTION = {question!r}\n{script('cell')}"


def _modules(world: World, release: Release) -> list[str]:
    drivers = [one.import_name for name in release.connectors for one in world.catalog.connector(name).drivers]
    return list(dict.fromkeys([*drivers, *(name for one in world.catalog.sets_of(release) for name in one.proven_by)]))


def _absent(release: Release) -> list[str]:
    """Give the IDE's own package, which a cell must not see: unless the release asks for it, or it is not Python's."""
    ide = canonical_name(distribution(release.ide_requirement))
    brought = ide in (canonical_name(distribution(one)) for one in release.packages)
    return [] if brought or release.ide_from == "npm" else [ide.replace("-", "_")]


def _in_server(world: World, subject: Subject, sittings: list[_Sitting], seconds: float) -> list[tuple[_Ran, ...]]:
    """Run cells in kernels that the IDE's own server starts, as a notebook does; gives the answers of each kernel."""
    if not sittings:
        return []
    question = {
        "url": subject.address,
        "credential": CREDENTIAL,
        "seconds": seconds,
        "kernels": [{"name": kernel.name, "cells": [one.text for one in wanted]} for kernel, wanted in sittings],
    }
    answer = asked(
        world, subject, kind_of(subject.family.launch).server, question, seconds * len(sittings), _IDE_PYTHON
    )
    found: dict[int, tuple[_Ran, ...]] = {}
    for one in objects(answer.stdout.decode(errors="replace")):
        number, seconds_taken = one.get("number"), one.get("seconds")
        if isinstance(number, int) and isinstance(seconds_taken, int | float):
            shown = tuple(map(str, one.get("shown") or ()))
            ran = _Ran(str(one.get("printed") or ""), shown, plain(one.get("error") or ""), float(seconds_taken))
            found[number] = (*found.get(number, ()), ran)
    silent = _Ran(error=plain(answer.stderr.decode(errors="replace").strip()[-300:]) or "there was no answer")
    return [found.get(number, (silent,)) for number in range(len(sittings))]


def _in_session(
    world: World, subject: Subject, kernel: Kernel, questions: tuple[Question, ...], seconds: float
) -> tuple[_Ran, ...]:
    """Run cells by the command of a session, where an IDE has no kernels."""
    ran = []
    for question in questions:
        answer = world.engine.exec(subject.container, (*kernel.command, question.text), timeout=seconds)
        said = plain(answer.stderr.decode(errors="replace").strip()[-300:])
        error = f"it ended with {answer.code}: {said}" if answer.code else ""
        ran.append(_Ran(answer.stdout.decode(errors="replace"), (), error))
    return tuple(ran)
