"""A set is promoted on what was seen of that very set, by the probes and in the image of today, and on nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from manager.app.checking.wanted import CheckRequest
from manager.core.checks import Run
from manager.errors import Refused, UsageError
from tests.app.conftest import run
from tests.app.locked import RELEASE, Locked
from tests.app.test_nightly import ASKED, Sandboxes, let_promote, lines, locked, newer, night, plan, sandboxes, sinks
from tests.fakes.clock import FixedClock

if TYPE_CHECKING:
    from pathlib import Path

    from manager.core.checks import Checked
    from tests.app.conftest import World

__all__ = ["locked", "sandboxes"]


def later(monkeypatch: pytest.MonkeyPatch, minutes: int = 5) -> None:
    """Have some time pass."""
    now = FixedClock.now
    monkeypatch.setattr(FixedClock, "now", lambda self: now(self) + timedelta(minutes=minutes))


def checked(locked: Locked, **asked: object) -> Run:
    """Check something by hand."""
    manager = locked.manager()
    *_, planned = manager.plan_check(CheckRequest(**asked))  # type: ignore[arg-type]
    *_, done = manager.run_checks(planned)  # type: ignore[arg-type]
    assert isinstance(done, Run)
    return done


def tried(locked: Locked, sandboxes: Sandboxes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the night's candidate blocked, a person try a pre-release, and the candidate's cells pass after all."""
    # One connector has a source, so that the set that a person tries is whole.
    beta = locked.root / "connectors/beta/connector.toml"
    beta.write_text(beta.read_text().partition("\n[[source]]")[0])
    night(locked)
    locked.add("alpha-driver", "2.0", needs=("shared",))
    sandboxes.broken = lambda pins: "once" if pins["alpha-driver"] == "2.0" else ""
    night(locked)
    later(monkeypatch)
    locked.add("alpha-driver", "3.0b1", needs=("shared",))
    assert checked(locked, connectors=("alpha",), version="3.0b1").verdict == "verified"
    sandboxes.broken = lambda _pins: ""
    assert checked(locked, connectors=("alpha",), releases=(RELEASE,), upgrade=True).verdict == "verified"


def test_a_night_promotes_the_set_that_it_judged(
    locked: Locked, sandboxes: Sandboxes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And no newer one that a person tried since, whatever that came to."""
    tried(locked, sandboxes, monkeypatch)
    let_promote(locked)

    found = night(locked)

    assert (found.promoted, locked.pins["alpha-driver"]) == ((RELEASE,), "2.0")


def test_the_command_of_a_finding_names_its_set(
    locked: Locked, sandboxes: Sandboxes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it promotes is what was found, though a newer set was tried; without it, the newest is taken (control)."""
    tried(locked, sandboxes, monkeypatch)

    (finding,) = night(locked).findings
    manager = locked.manager()
    newest = plan(manager.plan_set_promotion("alpha", RELEASE))
    run(manager, plan(manager.plan_set_promotion("alpha", RELEASE, finding.pay.rpartition(" ")[2])))

    assert "alpha-driver 1.0 -> 3.0b1" in newest.steps[0].cause
    assert locked.pins["alpha-driver"] == "2.0"


def test_a_set_that_nobody_knows_is_not_promoted(
    locked: Locked, sandboxes: Sandboxes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is said by the hash that was written."""
    tried(locked, sandboxes, monkeypatch)

    with pytest.raises(Refused) as unknown:
        plan(locked.manager().plan_set_promotion("alpha", RELEASE, "zz"))

    assert "no set that begins with zz was checked" in unknown.value.why


def test_a_hash_of_several_sets_is_refused(
    locked: Locked, sandboxes: Sandboxes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the hashes that it could be."""
    tried(locked, sandboxes, monkeypatch)
    manager = locked.manager()
    sets = manager.store.checks.sets_of(RELEASE)
    first = sets[0].set_hash[0]
    several = [one for one in sets if one.set_hash.startswith(first)]
    monkeypatch.setattr(type(manager.store.checks), "sets_of", lambda *_words: [several[0], several[0]])

    with pytest.raises(UsageError, match=f"2 sets of {RELEASE} begin with {first}"):
        plan(manager.plan_set_promotion("alpha", RELEASE, first))


@pytest.mark.parametrize("change", ["probes", "image", "age"])
def test_an_answer_of_something_else_stands_against_a_promotion(
    locked: Locked, sandboxes: Sandboxes, world: World, change: str
) -> None:
    """Other probes, another image, or so long ago that it would be asked again; before it may be promoted (control)."""
    night(locked)
    locked.add("alpha-driver", "2.0", needs=("shared",))
    night(locked)
    assert plan(locked.manager().plan_set_promotion("alpha", RELEASE)).steps

    if change == "probes":
        path = locked.root / "connectors/alpha/connector.toml"
        path.write_text(path.read_text() + '\n[[probe]]\nid = "values.int64"\ndemand = "optional"\nreason = "x"\n')
    elif change == "image":
        world.build(RELEASE)
    else:
        locked.opened = lambda root: world.manager(day=date(2027, 1, 6), catalog=root)
    with pytest.raises(Refused) as refused:
        plan(locked.manager().plan_set_promotion("alpha", RELEASE))

    words = {"probes": "what is asked changed", "image": "the image changed", "age": "last checked on 2026-11-21"}
    assert f"has to be asked again: {words[change]}" in refused.value.why


def test_a_newer_answer_of_another_image_hides_none_of_todays(
    locked: Locked, sandboxes: Sandboxes, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is blocked in the image of today was verified in another one since; and the other way round (control)."""
    night(locked)
    locked.add("alpha-driver", "2.0", needs=("shared",))
    night(locked)
    checks = world.store.checks
    (bare,) = [
        one for each in checks.sets_of(RELEASE) for one in checks.latest([each.set_hash]) if one.cell.version == "2.0"
    ]
    good = checks.conclusive([bare.key])[bare.key]
    other = replace(good, cell=replace(good.cell, image="another"), key=f"{good.key}-")

    def kept(run: str, one: Checked) -> None:
        later(monkeypatch)
        moment = locked.manager().clock.now()
        checks.begin(run, moment, "ana", "an image that was gone back to")
        checks.keep(run, replace(one, at=moment))

    kept("here", replace(good, verdict="blocked", reason="values.decimal: it is 1"))
    kept("there", other)
    with pytest.raises(Refused) as refused:
        plan(locked.manager().plan_set_promotion("alpha", RELEASE))
    kept("here again", good)
    kept("there again", replace(other, verdict="blocked", reason="values.decimal: it is 1"))

    assert "is blocked: values.decimal: it is 1" in refused.value.why
    assert plan(locked.manager().plan_set_promotion("alpha", RELEASE)).steps


def test_a_night_takes_no_dialect_along_that_nobody_could_check(
    locked: Locked, sandboxes: Sandboxes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It belongs to the connector without a source, whose cells there are none of."""
    locked.add("gamma-dialect", "1.0")
    path = locked.root / "connectors/gamma/connector.toml"
    path.write_text(
        path.read_text() + '\n[[driver]]\ndist = "gamma-dialect"\nimport = "gamma_dialect"\nrole = "dialect"\n'
        'licence = "MIT"\nredistributable = true\n'
    )
    locked.lock()
    night(locked)
    locked.add("gamma-dialect", "2.0")
    locked.add("alpha-driver", "2.0", needs=("shared",))
    let_promote(locked)
    later(monkeypatch)

    found = night(locked)

    assert (found.promoted, [one.kind for one in found.findings]) == ((), ["promote"])
    assert locked.pins["gamma-dialect"] == "1.0"


def test_a_night_does_not_bring_again_what_a_person_took_away(locked: Locked, sandboxes: Sandboxes) -> None:
    """It is proposed, with who went back; a set that nobody left is promoted (control)."""
    night(locked)
    newer(locked)
    let_promote(locked)
    first = night(locked)
    manager = locked.manager()
    run(manager, plan(manager.plan_set_rollback("alpha", RELEASE)))

    second = night(locked)

    assert (first.promoted, second.promoted) == ((RELEASE,), ())
    (finding,) = second.findings
    assert (finding.kind, "took it away on 2026-11-21" in finding.why) == ("promote", True)
    assert locked.pins["alpha-driver"] == "1.0"


def test_a_failure_that_comes_back_is_told_again(
    locked: Locked, sandboxes: Sandboxes, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once for each time: not the second night of it, but the night after it was good in between."""
    file = tmp_path / "notices.jsonl"
    sinks(world, f'file = "{file}"\n')
    night(locked)
    counts = []
    for why in ("lost a column", "lost a column", "", "lost a column"):
        sandboxes.broken = lambda _pins, why=why: why  # type: ignore[misc]
        later(monkeypatch)
        checked(locked, connectors=("alpha",))
        night(locked)
        counts.append(len(lines(file)))

    assert counts == [1, 1, 1, 2]


def test_a_failure_that_comes_back_in_another_set_is_told_again(
    locked: Locked, sandboxes: Sandboxes, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Though that set was never good, and the driver has not moved; a night later it is known (control)."""
    file = tmp_path / "notices.jsonl"
    sinks(world, f'file = "{file}"\n')
    locked.ask_for("alpha", "alpha-dialect")
    locked.add("alpha-dialect", "1.0")
    locked.lock()
    sandboxes.broken = lambda pins: "" if pins["alpha-dialect"] == "2.0" else "lost a column"
    asked = replace(ASKED, newer=False)
    night(locked, asked)
    counts = [len(lines(file))]
    for version in ("2.0", "3.0"):
        later(monkeypatch)
        locked.add("alpha-dialect", version)
        locked.lock("alpha")
        night(locked, asked)
        counts.append(len(lines(file)))
    night(locked, asked)

    assert [*counts, len(lines(file))] == [1, 1, 2, 2]


def test_a_night_that_could_not_tell_takes_no_speed_away(
    locked: Locked, sandboxes: Sandboxes, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the release's own set was measured with counts, though its newest answer is none."""
    (first,) = night(locked).runs
    later(monkeypatch)
    checks, moment = world.store.checks, locked.manager().clock.now()
    checks.begin("later", moment, "ana", "an evening without a network")
    for one in first.cells:
        checks.keep("later", replace(one, verdict="inconclusive", answers=(), at=moment, key=f"{one.key}-"))
    sandboxes.rate = lambda _pins: 100.0
    locked.add("alpha-driver", "2.0", needs=("shared",))
    night(locked)

    with pytest.raises(Refused) as refused:
        plan(locked.manager().plan_set_promotion("alpha", RELEASE))

    assert "is slower: alchemy.reflection 100 rows a second" in refused.value.why
