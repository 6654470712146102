"""What a nightly comes to: findings, each with the one command that pays it, from what the checks of sets gave."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from manager.core.checks import Checked
    from manager.core.promotable import Promotable

# A hold for a driver that was found guilty is one that somebody looks at again.
HOLD_DAYS = 28


@dataclass(frozen=True, slots=True)
class NightlyFinding:
    """Something that needs a person: what, of which release or cell, why, and the command that pays it.

    ``release`` and ``connectors`` say whom it concerns. ``mark`` tells it from another one of the same kind and
    subject: the probe that failed, the set that was verified. Of ``promoted`` a person is told, who has nothing to
    decide.
    """

    kind: Literal["regression", "blocked", "unsure", "promote", "unsolved", "rollback", "promoted"]
    subject: str
    why: str
    pay: str
    release: str = ""
    connectors: tuple[str, ...] = ()
    mark: str = ""

    @property
    def known(self) -> str:
        """Give what it is known by, whatever night it is found in."""
        return hashlib.sha256("\x00".join((self.kind, self.subject, self.mark)).encode()).hexdigest()[:20]

    def to_json(self) -> dict[str, Any]:
        """Give one of ``findings`` of ``nightly``."""
        return {"kind": self.kind, "subject": self.subject, "why": self.why, "command": self.pay}


def page(found: Mapping[str, Any], runs: Iterable[str]) -> str:
    """Write the report of a nightly as Markdown: ``found`` is its JSON, ``runs`` are its check runs in Markdown."""
    lines = [f"# Nightly of {found['started']}", ""]
    lines.append(f"{found['cells']} cells checked, {found['unchanged']} unchanged, in {found['seconds']:.0f} s.")
    if found["promoted"]:
        lines += ["", f"Promoted: {', '.join(found['promoted'])}."]
    lines += ["", "## Findings", ""]
    lines += [
        f"- **{one['kind']}** {one['subject']}: {one['why']}  \n  `{one['command']}`" for one in found["findings"]
    ]
    lines += [] if found["findings"] else ["Nothing needs anybody."]
    for title, some in (("Upstream", found["proposed"]), ("Notes", found["notes"])):
        if some:
            lines += ["", f"## {title}", "", *(f"- {one}" for one in some)]
    return "\n".join([*lines, "", *runs, ""])


def of_shipped(cells: Iterable[Checked]) -> Iterator[NightlyFinding]:
    """Give what is wrong with the sets that people have."""
    for one in cells:
        again = f"solvent check run --release {one.cell.release} --driver {one.cell.driver} --source {one.cell.source}"
        if one.verdict == "blocked":
            yield _of_cell("regression", one, f"{one.reason}{_guilty(one)}", again)
        elif one.verdict == "inconclusive":
            yield _of_cell("unsure", one, one.reason, again)


def of_candidate(
    release: str, cells: Iterable[Checked], says: Promotable, moving: Iterable[str], until: str, set_hash: str = ""
) -> Iterator[NightlyFinding]:
    """Give what a set that might become a release's comes to: its promotion, or who is to be held and why.

    ``moving`` are the connectors whose drivers it moves, ``until`` the day (ISO 8601) until which a hold is proposed,
    ``set_hash`` is the set's.
    """
    moving = tuple(moving)
    if says:
        for name in moving[:1]:
            why = f"{says.evidence}, with newer drivers of {', '.join(moving)}"
            pay = f"solvent connector promote {name} --release {release}"
            yield NightlyFinding("promote", release, why, pay, release, moving, set_hash)
        return
    told = False
    for one in cells:
        if one.verdict == "blocked":
            told = True
            guilty = one.guilt.distribution if one.guilt else ""
            whom = f" --driver {guilty}" if guilty else f" --driver {one.cell.driver}"
            reason = f"blocked against {one.cell.source}"
            pay = f'solvent connector hold {one.cell.connector}{whom} --until {until} --reason "{reason}"'
            yield _of_cell("blocked", one, f"{one.reason}{_guilty(one)}", pay)
        elif one.verdict == "inconclusive":
            told = True
            pay = f"solvent check run --release {release} --upgrade --changed"
            yield _of_cell("unsure", one, one.reason, pay)
    if not told:
        pay = f"solvent check run --release {release} --upgrade --changed"
        yield NightlyFinding("unsure", release, "; ".join(says.against), pay, release, moving)


def _of_cell(kind: Literal["regression", "blocked", "unsure"], one: Checked, why: str, pay: str) -> NightlyFinding:
    # The reason begins with the probe; what follows may differ from night to night.
    probe = one.reason.partition(":")[0]
    return NightlyFinding(kind, one.cell.name, why, pay, one.cell.release, (one.cell.connector,), probe)


def _guilty(one: Checked) -> str:
    if one.guilt is None:
        return ""
    if one.guilt.distribution:
        return f"; guilty is {one.guilt.distribution} {one.guilt.before or '-'} -> {one.guilt.after or '-'}"
    return f"; who is guilty is not determined: {one.guilt.undetermined}"
