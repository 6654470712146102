"""What a nightly comes to: findings, each with the one command that pays it, from what the checks of sets gave."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from manager.core.catalog import canonical_name
from manager.core.debt import Totals
from manager.core.page_text import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from manager.core.check_records import Seen
    from manager.core.checks import Checked
    from manager.core.promotable import Place, Promotable

# A hold for a driver that was found guilty is one that somebody looks at again.
HOLD_DAYS = 28
# Letters of a reason on a page: that of a set that does not resolve is long.
_LONG = 1000


@dataclass(frozen=True, slots=True)
class NightlyFinding:
    """Something that needs a person: what, of which release or cell, why, and the command that pays it.

    ``release`` and ``connectors`` say whom it concerns. ``mark`` tells it from another one of the same kind and
    subject: the probe that failed with when it was last verified or the set that never was, or the set that was
    verified. Of ``promoted`` a person is told, who has nothing to decide.
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
    if found.get("debt"):
        lines += ["", f"Owed: {', '.join(Totals(**found['debt']).words)}."]
    if found["promoted"]:
        lines += ["", f"Promoted: {', '.join(found['promoted'])}."]
    lines += ["", "## Findings", ""]
    lines += [
        f"- **{one['kind']}** {plain(one['subject'])}: {plain(one['why'], _LONG)}  \n  `{_code(one['command'])}`"
        for one in found["findings"]
    ]
    lines += [] if found["findings"] else ["Nothing needs anybody."]
    for title, some in (("Upstream", found["proposed"]), ("Notes", found["notes"])):
        if some:
            lines += ["", f"## {title}", "", *(f"- {plain(one, _LONG)}" for one in some)]
    return "\n".join([*lines, "", *runs, ""])


def _code(command: str) -> str:
    """Give a command as it can stand between backticks."""
    return " ".join(command.replace("`", "'").split())


def of_shipped(cells: Iterable[Checked], seen: Iterable[Seen] = ()) -> Iterator[NightlyFinding]:
    """Give what is wrong with the sets that people have; ``seen`` are all verdicts until now, oldest first.

    What comes back after it was verified in between is another one than before, and is told again; so is what fails in
    another set.
    """
    green = {(one.place, one.set_hash): one.at for one in seen if one.verdict == "verified"}
    for one in cells:
        again = f"solvent check run --release {one.cell.release} --driver {one.cell.driver} --source {one.cell.source}"
        if one.verdict == "blocked":
            yield _of_cell("regression", one, f"{one.reason}{_guilty(one)}", again, _since(one, green))
        elif one.verdict == "inconclusive":
            yield _of_cell("unsure", one, one.reason, again, _since(one, green))


def _since(one: Checked, green: Mapping[tuple[Place, str], datetime]) -> str:
    last = green.get((one.cell.place, one.cell.set_hash))
    # A set that was never good has a failure of its own: the one before it may have been good.
    return f" since {last.isoformat(timespec='seconds')}" if last else f" in {one.cell.set_hash}"


def of_candidate(
    release: str,
    cells: Iterable[Checked],
    says: Promotable,
    moving: Iterable[str],
    until: str,
    held: Mapping[str, Iterable[str]],
    set_hash: str = "",
) -> Iterator[NightlyFinding]:
    """Give what a set that might become a release's comes to: its promotion, or who is to be held and why.

    ``moving`` are the connectors whose drivers it moves, ``until`` the day (ISO 8601) until which a hold is proposed,
    ``held`` what can be held of each connector, ``set_hash`` is the set's.
    """
    moving = tuple(moving)
    if says:
        for name in moving[:1]:
            why = f"{says.evidence}, with newer drivers of {', '.join(moving)}"
            pay = f"solvent connector promote {name} --release {release} --set {set_hash[:12]}"
            yield NightlyFinding("promote", release, why, pay, release, moving, set_hash)
        return
    told = False
    for one in cells:
        if one.verdict == "blocked":
            told = True
            yield _of_cell("blocked", one, f"{one.reason}{_guilty(one)}", _way(one, held, until))
        elif one.verdict == "inconclusive":
            told = True
            pay = f"solvent check run --release {release} --upgrade --changed"
            yield _of_cell("unsure", one, one.reason, pay)
    if not told:
        pay = f"solvent check run --release {release} --upgrade --changed"
        yield NightlyFinding("unsure", release, "; ".join(says.against), pay, release, moving)


def _way(one: Checked, held: Mapping[str, Iterable[str]], until: str) -> str:
    """Give the command that keeps a set like this one away: a hold, of whom one can be of."""
    guilty = one.guilt.distribution if one.guilt else ""
    wanted = canonical_name(guilty or one.cell.driver)
    # Most that is guilty belongs to the cell's own connector; a dialect may be another one's.
    for connector in sorted(held, key=lambda name: name != one.cell.connector):
        for name in held[connector]:
            if canonical_name(name) == wanted:
                reason = f"blocked against {one.cell.source}"
                return f'solvent connector hold {connector} --driver {name} --until {until} --reason "{reason}"'
    # It is nobody's driver, and is pinned where the release or its package sets are written.
    return f"solvent image show {one.cell.release}"


def _of_cell(
    kind: Literal["regression", "blocked", "unsure"], one: Checked, why: str, pay: str, since: str = ""
) -> NightlyFinding:
    # The reason begins with the probe; what follows may differ from night to night.
    mark = one.reason.partition(":")[0] + since
    return NightlyFinding(kind, one.cell.name, why, pay, one.cell.release, (one.cell.connector,), mark)


def _guilty(one: Checked) -> str:
    if one.guilt is None:
        return ""
    if one.guilt.distribution:
        return f"; guilty is {one.guilt.distribution} {one.guilt.before or '-'} -> {one.guilt.after or '-'}"
    return f"; who is guilty is not determined: {one.guilt.undetermined}"
