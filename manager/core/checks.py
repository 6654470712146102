"""Checks: cells, what their probes answered, and the verdict; what failed because of a driver and what could not tell.

A cell is one driver of a connector in the set of a release, against one source. Its verdict never mixes "the driver is
broken" with "we could not tell": only the first blocks, only what passed is verified.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from fnmatch import fnmatchcase
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, get_args

from manager.core.amounts import many
from manager.core.evidence import Outcome
from manager.core.plan import digest_of
from manager.core.secrets import STARS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date, datetime

Verdict = Literal["verified", "blocked", "inconclusive"]
Demand = Literal["required", "optional", "unsupported"]
CONCLUSIVE: tuple[Verdict, ...] = ("verified", "blocked")
# In the order of the interface.
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)
# A failure is asked again in a fresh database; three that are the same block, anything else is flaky.
ATTEMPTS = 3
# How the reason of what passed begins where a connector's file has it as known to fail.
PASSED = "it is known to fail"
# How signatures of a printed password and of a crash begin (``manager/probes/check``). Whoever says no more than that a
# probe fails has not seen such a thing, and does not excuse it.
_GRAVE = ("printed the password", "signal ", "Wrong suite signal ")
# What a probe of a verified cell may have answered; at least one has passed.
_FINE: tuple[Outcome, ...] = ("pass", "known", "unsupported")


@dataclass(frozen=True, slots=True)
class Attempt:
    """What one attempt of a probe gave.

    ``signature`` tells failures apart that have the same probe: the error's class and where it came from, without
    values that differ from run to run. ``measures`` are figures by name, such as ``rows_per_second``.
    """

    probe: str
    outcome: Outcome
    reason: str = ""
    signature: str = ""
    attempt: int = 1
    seconds: float = 0.0
    measures: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """What the attempts of one probe come to; ``flaky`` where they differ."""

    probe: str
    outcome: Outcome
    reason: str = ""
    signature: str = ""
    attempts: int = 1
    flaky: bool = False
    seconds: float = 0.0
    measures: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Known:
    """A failure that is known, with its reason and the last day on which it counts as that.

    Empty ``driver``, ``sources`` (names), ``systems`` (that releases stand on), ``signature`` and ``versions`` (of the
    driver, as PEP 440's specifiers) stand for all: with a signature, a failure of the same probe that looks otherwise
    is none that is known; ``*`` in it means anything. A printed password and a crash are known by a signature that
    begins like theirs alone. ``until`` is inclusive.
    """

    probe: str
    reason: str
    until: date
    driver: str = ""
    sources: tuple[str, ...] = ()
    signature: str = ""
    versions: str = ""
    systems: tuple[str, ...] = ()

    def concerns(self, probe: str, cell: Cell) -> bool:
        """Say whether it is of a probe of a cell, whatever the day and however that fails."""
        mine = self.probe == probe and self.driver in ("", cell.driver)
        mine = mine and (not self.sources or cell.source in self.sources)
        if not mine or not self.versions:
            return mine
        # A catalog that was judged before is loaded without it.
        from packaging.specifiers import SpecifierSet

        return SpecifierSet(self.versions).contains(cell.version, prereleases=True)

    def means(self, answer: Answer, cell: Cell) -> bool:
        """Say whether a failure of a cell is this one, whatever the day."""
        grave = next((one for one in _GRAVE if answer.signature.startswith(one)), "")
        alike = self.signature.startswith(grave) and fnmatchcase(answer.signature, self.glob)
        return alike and self.concerns(answer.probe, cell)

    @property
    def glob(self) -> str:
        """Give what signatures are like as :mod:`fnmatch` has it: of its signs only ``*`` means anything here.

        As many as stand in the place of a password stand for themselves.
        """
        plain = self.signature.replace("[", "[[]").replace("?", "[?]")
        return plain.replace(STARS, "[*]" * len(STARS)) or "*"


@dataclass(frozen=True, slots=True)
class Cell:
    """One driver of a connector in a set of a release, against a source.

    ``set_hash`` is that of the kernel lock, ``tree`` the digest of what it was installed as, ``image`` that of the
    release's build. ``source_digest`` is that of the server's image, "" for an engine in the process.
    """

    release: str
    connector: str
    driver: str
    version: str
    source: str
    source_kind: Literal["real", "emulated"]
    set_hash: str
    tree: str = ""
    image: str = ""
    source_digest: str = ""

    @property
    def name(self) -> str:
        """Name it in a line: ``postgresql psycopg 3.3.9 in jupyterlab:4.6-py3.13 against postgresql-17``."""
        return f"{self.connector} {self.driver} {self.version} in {self.release} against {self.source}"

    def key(self, probes: str) -> str:
        """Digest everything that an answer may depend on; ``probes`` is the digest of the probes."""
        return digest_of([asdict(self), probes])

    @property
    def place(self) -> tuple[str, str, str, str]:
        """Give what stays the same from one set to the next: release, connector, driver and source."""
        return (self.release, self.connector, self.driver, self.source)


@dataclass(frozen=True, slots=True)
class Guilt:
    """The distribution that a bisection found guilty; ``undetermined`` says why none could be named.

    ``among`` are then those that are left, one of which it may be.
    """

    distribution: str = ""
    before: str = ""
    after: str = ""
    runs: int = 0
    undetermined: str = ""
    among: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Checked:
    """A cell with what its probes came to. ``key`` is :meth:`Cell.key`; ``reason`` explains the verdict.

    ``run`` is the run that it was kept with.
    """

    cell: Cell
    key: str
    verdict: Verdict
    reason: str
    answers: tuple[Answer, ...]
    at: datetime
    seconds: float = 0.0
    guilt: Guilt | None = None
    run: str = ""

    def counts(self) -> dict[str, int]:
        """Count the answers by outcome, in the order of the interface."""
        return {name: sum(one.outcome == name for one in self.answers) for name in OUTCOMES}


@dataclass(frozen=True, slots=True)
class Run:
    """One run of checks: its id, who asked and when; ``ended`` is None while it goes on or after it was killed."""

    id: str
    started: datetime
    by: str
    subject: str
    cells: tuple[Checked, ...] = ()
    ended: datetime | None = None

    @property
    def verdict(self) -> Verdict:
        """Give the worst verdict of its cells; one without cells could not tell."""
        found = {one.verdict for one in self.cells}
        if "blocked" in found:
            return "blocked"
        return "verified" if found == {"verified"} and self.ended is not None else "inconclusive"


def known_on(known: Iterable[Known], system: str) -> tuple[Known, ...]:
    """Give what is known on a system, such as ``trixie``, or on any."""
    return tuple(one for one in known if not one.systems or system in one.systems)


def expected(known: Iterable[Known], cell: Cell, today: date) -> dict[str, tuple[str, ...]]:
    """Give how the probes of a cell are known to fail today, as globs of signatures by probe.

    What is known without a signature looks like nothing that could be waited for.
    """
    found: dict[str, tuple[str, ...]] = {}
    for one in known:
        if one.signature and today <= one.until and one.concerns(one.probe, cell):
            found[one.probe] = (*found.get(one.probe, ()), one.glob)
    return found


def settled(attempts: Iterable[Attempt], known: Mapping[str, Iterable[str]] = MappingProxyType({})) -> Answer:
    """Say what the attempts of one probe come to, of which there is at least one.

    Three failures that are the same, and nothing else, fail; of one that is known (see :func:`expected`) the first is
    enough. A failure that was asked fewer times or came among other answers could not tell. Where nothing failed the
    last answer counts: what hung once and then passed has passed, and is flaky.
    """
    tries = sorted(attempts, key=lambda one: one.attempt)
    last = tries[-1]
    failed = [one for one in tries if one.outcome == "fail"]
    # A failure without a signature is told apart by its words.
    signs = {one.signature or one.reason for one in failed}
    answer = Answer(
        last.probe,
        last.outcome,
        last.reason,
        last.signature,
        len(tries),
        len({one.outcome for one in tries}) > 1 or len(signs) > 1,
        sum(one.seconds for one in tries),
        last.measures,
    )
    enough = any(fnmatchcase(last.signature, one) for one in known.get(last.probe, ()))
    if not failed or (len(failed) == len(tries) >= (1 if enough else ATTEMPTS) and len(signs) == 1):
        return answer
    why = f"it failed {len(failed)} of {len(tries)} times"
    if answer.flaky:
        why += f" in {len(signs)} ways" if len(signs) > 1 else ""
    else:
        why += " and was not asked again"
    last = failed[-1]
    return replace(answer, outcome="error", reason=f"{why}: {last.reason}", signature=last.signature, measures=())


def excused(answer: Answer, cell: Cell, known: Iterable[Known], today: date) -> Answer:
    """Give a failure that is known as such, with its reason and its last day; anything else as it is.

    One that was known until an earlier day is a failure again, and says so; so does one that looks otherwise than what
    is known of its probe. What passed although it is known to fail has that as its reason: it may need no excuse.
    """
    mine = [one for one in known if one.concerns(answer.probe, cell)]
    if not mine or answer.outcome not in ("fail", "pass"):
        return answer
    if answer.outcome == "pass":
        holding = [one for one in mine if today <= one.until]
        if not holding:
            return answer
        longest = max(holding, key=lambda one: one.until)
        return replace(answer, reason=f"{PASSED} until {longest.until}, and passed: {longest.reason}")
    alike = [one for one in mine if one.means(answer, cell)]
    if not alike:
        others = "; ".join(dict.fromkeys(one.reason for one in mine))
        return replace(answer, reason=f"{answer.reason} (not what is known of it: {others})")
    longest = max(alike, key=lambda one: one.until)
    if today > longest.until:
        return replace(answer, reason=f"{answer.reason} (known until {longest.until}: {longest.reason})")
    return replace(answer, outcome="known", reason=f"{longest.reason} (until {longest.until}); {answer.reason}")


def passed_anyhow(cells: Iterable[Checked]) -> tuple[tuple[Cell, Answer], ...]:
    """Give what passed although a connector's file has it as known to fail, in the order of the cells."""
    return tuple(
        (one.cell, answer)
        for one in cells
        for answer in one.answers
        if answer.outcome == "pass" and answer.reason.startswith(PASSED)
    )


def is_chosen(chosen: tuple[str, ...], probe: str) -> bool:
    """Say whether a probe was chosen, by its id or how it begins (``connect.``); all are where nothing was."""
    return not chosen or any(probe == one or (one.endswith(".") and probe.startswith(one)) for one in chosen)


def judged(answers: Iterable[Answer], demands: Mapping[str, Demand]) -> tuple[Verdict, str]:
    """Give the verdict of a cell and its reason.

    ``demands`` has every probe that belongs to the cell. A required one that failed blocks; one that is missing, or
    that could not tell, leaves the cell inconclusive; so does a cell in which nothing passed. What is not required
    changes nothing.
    """
    required = [name for name, demand in demands.items() if demand == "required"]
    found = [one for one in answers if one.probe in required]
    if failed := [one for one in found if one.outcome == "fail"]:
        return "blocked", _first(failed)
    if unsure := [one for one in found if one.outcome not in _FINE]:
        return "inconclusive", _first(unsure)
    there = {one.probe for one in found}
    if silent := [name for name in required if name not in there]:
        more = f", and {len(silent) - 1} more" if len(silent) > 1 else ""
        return "inconclusive", f"{silent[0]} gave no answer{more}"
    passed = sum(one.outcome == "pass" for one in found)
    if not passed:
        return "inconclusive", "no required probe passed"
    return "verified", f"{many(passed, 'required probe')} passed"


def lost(before: Checked, now: Checked) -> tuple[str, ...]:
    """Name the probes that passed before and are unsupported or not asked now: less than it was, without a failure."""
    asked = {one.probe: one.outcome for one in now.answers}
    passed = (one.probe for one in before.answers if one.outcome == "pass")
    return tuple(probe for probe in passed if asked.get(probe, "not_run") in ("not_run", "skip", "unsupported"))


def _first(found: list[Answer]) -> str:
    more = f", and {len(found) - 1} more" if len(found) > 1 else ""
    return f"{found[0].probe}: {found[0].reason}{more}"
