"""What people decide about releases and drivers: each is one file of the catalog, seen before it is written."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

from manager.tui import known
from manager.tui.action import Action, Field
from manager.tui.deed import Deed
from manager.tui.rows import words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from manager.app.manager import Manager
    from manager.core.driver_decisions import DriverDecision, Kind
    from manager.core.plan import Plan
    from manager.tui.action import Rows, Written

    Deciding = Callable[[Manager, Rows, Written], Deed]

_WHY = Field("--reason", "why", needed=True)
_UNTIL = Field("--until", "until, as 2027-03-31", needed=True)
_DRIVER = Field("--driver", "only this distribution of it", known=known.drivers)


def day(text: str) -> date | None:
    """Read a day, nothing where nothing is said; raises UsageError."""
    from manager.errors import UsageError

    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise UsageError(f"{text} is no day", hint="a day is written as 2027-03-31") from None


def _of_release(kind: Any) -> Deciding:
    """Decide about the dates of a release, or of what is named as the subject."""

    def decide(manager: Manager, rows: Rows, said: Written) -> Deed:
        from manager.core.catalog import Place
        from manager.core.overrides import Override

        asked = Override(
            kind, rows[0].name, date.min, said["--reason"], "", Place("", 0), to=said.get("--to", ""),
            until=day(said.get("--until", "")), since=day(said.get("--from", "")),
        )  # fmt: skip
        seen = manager.calendar.decide(asked, write=False)
        moves = [f"{name} ends on {after} instead of {before}" for name, before, after in seen.moved]
        moves += [f"{name}: {what} on {after} instead of {before}" for name, what, before, after in seen.waits]

        def do() -> Iterator[str]:
            yield f"written: {manager.calendar.decide(asked).decision.place.file}"
            yield "announce it:  solvent lifecycle apply"

        return Deed("\n".join([f"writes {seen.decision.place.file}:", "", seen.text, *moves]), do)

    return decide


def _of_driver(kind: Kind) -> Deciding:
    """Decide about the drivers of a connector."""

    def decide(manager: Manager, rows: Rows, said: Written) -> Deed:
        release = said.get("--release", "")
        named = manager.catalog.release(release, manager.today).name if release else ""
        asked = replace(_asked(kind, rows, said), release=named)
        if kind == "hold" and bool(asked.until) == bool(asked.until_version):
            from manager.errors import UsageError

            raise UsageError(
                "say when it lifts itself: on a day, or once the index has a version; one of them",
                hint="2027-01-31, or sqlalchemy>=2.1",
            )
        seen = manager.decide_driver(asked, write=False)

        def do() -> Iterator[str]:
            yield f"written: {manager.decide_driver(asked, write=True).decision.place.file}"
            yield f"see what it changes:  solvent connector explain {rows[0].name}"

        return Deed(f"writes {seen.decision.place.file}:\n\n{seen.text}", do)

    return decide


def _forbid(manager: Manager, rows: Rows, said: Written) -> Plan:
    return manager.emergency.plan_quarantine(_asked("quarantine", rows, said)).plan


def _allow(manager: Manager, rows: Rows, said: Written) -> Plan:
    return manager.emergency.plan_lift(_asked("unquarantine", rows, said)).plan


def _asked(kind: Kind, rows: Rows, said: Written) -> DriverDecision:
    """Give what was written into a form as a decision; day, person and file are filled in where it is judged."""
    from manager.core.catalog import Place
    from manager.core.driver_decisions import DriverDecision

    return DriverDecision(
        kind, rows[0].name, date.min, by="", place=Place("", 0), reason=said["--reason"], dist=said.get("--driver", ""),
        version=said.get("--version", ""), advisory=said.get("--advisory", ""), until=day(said.get("--until", "")),
        until_version=said.get("--until-version", ""),
    )  # fmt: skip


def _lift(manager: Manager, rows: Rows, said: Written) -> Plan:
    from manager.core.quarantining import Judgement

    return manager.shelf.plan_lift(rows[0].name, Judgement(said["--reason"], manager.settings.owner))


_RELEASE, _CONNECTOR = ("release",), ("connector",)
_IN = Field("--release", "only in this release, such as jupyterlab:4.6-py3.13", known=known.releases)


def _dates(name: str, keys: str, label: str, help_: str, kind: str, *fields: Field) -> Action:
    return Action(
        name, keys, label, help_, _RELEASE, "one", words("lifecycle", name), _of_release(kind), changes=True,
        fields=(*fields, _WHY),
    )  # fmt: skip


def _drivers(name: Kind, keys: str, label: str, help_: str, *fields: Field) -> Action:
    return Action(
        name, keys, label, help_, _CONNECTOR, "one", words("connector", name), _of_driver(name), changes=True,
        fields=(*fields, _WHY),
    )  # fmt: skip


DECISIONS = (
    _dates("extend", "E", "extend", "Move its end of life later, as far as the policy allows.", "extend", _UNTIL),
    _dates("freeze", "F", "freeze", "Have its transitions and promotions wait.", "freeze",
        Field("--from", "from, as 2026-12-18", needed=True), _UNTIL),
    _dates("retire", "", "retire early", "Move its end of life earlier, with the policy's notice.", "early-retire",
        _UNTIL),
    _dates("redirect", "", "redirect", "Give it another successor.", "redirect",
        Field("--to", "the release that follows it", needed=True, known=known.others)),
    _dates("acknowledge", "", "acknowledge", "Take an upstream end that has moved later.", "acknowledge", _UNTIL),
    Action("unquarantine", "", "lift", "Make its quarantined build a candidate again.", _RELEASE, "one",
        words("image", "unquarantine"), _lift, changes=True, fields=(_WHY,)),
    _drivers("hold", "H", "hold", "Keep its drivers from moving; it lifts itself.", _DRIVER,
        Field("--until", "until a day, as 2027-01-31"),
        Field("--until-version", "or until the index has, as sqlalchemy>=2.1")),
    _drivers("unhold", "U", "unhold", "Let its drivers move again.", _DRIVER),
    _drivers("suspend", "Z", "suspend", "Leave it out of releases, so that the others can move.", _IN),
    _drivers("unsuspend", "", "unsuspend", "Let it belong to its releases again.", _IN),
    Action("quarantine-driver", "Q", "quarantine", "Forbid versions of a driver at once, wherever they are.",
        _CONNECTOR, "one", words("connector", "quarantine"), _forbid, changes=True, fields=(
            Field("--version", "version or range, as <3.3.10", needed=True),
            Field("--advisory", "the advisory that says so", needed=True), _DRIVER, _WHY)),
    Action("unquarantine-driver", "", "lift", "Allow its quarantined versions again.", _CONNECTOR, "one",
        words("connector", "unquarantine"), _allow, changes=True, fields=(
            Field("--version", "only what was quarantined as this"), _DRIVER, _WHY)),
)  # fmt: skip
