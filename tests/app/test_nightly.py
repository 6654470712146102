"""Nightlies on a real index and resolver, with sandboxes that answer by what is in the set that they were given."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from manager.app.checking.nightly import Nightly, NightlyRequest
from manager.app.checking.planning import CheckPlan
from manager.app.checking.wanted import CheckRequest
from manager.core.checks import Run
from manager.core.locks import parse
from manager.core.nightly import page
from manager.errors import Failed, Refused
from manager.world.trees.store import Tree
from tests.app.conftest import run
from tests.app.locked import RELEASE, Locked, prepared
from tests.fakes.engine import Outcome
from tests.fakes.indexes import serving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from manager.app.manager import Manager
    from manager.core.plan import Plan
    from tests.app.conftest import World

PYTHON = ("/opt/solvent/kernel/bin/python",)
ASKED = NightlyRequest(refresh=False)


@dataclass
class Sandboxes:
    """Trees by digest, with the text of their lock; ``broken`` says why a probe fails in a set, or nothing."""

    world: World
    place: Path
    broken: Callable[[dict[str, str]], str] = lambda _versions: ""
    rate: Callable[[dict[str, str]], float] = lambda _versions: 1000.0
    lost: set[str] = field(default_factory=set)
    texts: dict[str, str] = field(default_factory=dict)
    asked: int = 0

    def tree_of(self, _world: object, release: Any, *_words: object) -> Tree:
        """Install a lock: its digest is that of its text."""
        from pathlib import Path

        text = Path(release.lock("kernel").path).read_text()
        digest = hashlib.sha256(text.encode()).hexdigest()
        if digest in self.lost:
            raise Failed("its wheels are gone")
        self.texts[digest] = text
        tree = Tree(digest, self.place / digest / "tree")
        tree.path.mkdir(parents=True, exist_ok=True)
        return tree

    def get(self, digest: str) -> Tree | None:
        """Find a tree."""
        return Tree(digest, self.place / digest / "tree") if digest in self.texts else None

    @property
    def store(self) -> Path:
        """The folder of the trees."""
        return self.place

    def __call__(self, container: str, stdin: bytes) -> Outcome:
        """Answer as the probes do, of the set that is mounted."""
        self.asked += 1
        request = json.loads(stdin)
        (kernel, *_) = self.world.engine.specs[container].mounts
        pins = {pin.name: pin.version for pin in parse(self.texts[kernel.source.split("/")[-2]])}
        why = self.broken(pins) if request["import_name"] == "alpha_driver" else ""
        good: dict[str, Any] = {"outcome": "pass", "measures": {"rows_per_second": self.rate(pins)}}
        lines: list[dict[str, Any]] = [{"probes": ["alchemy.reflection"]}]
        tries = [{"outcome": "fail", "reason": why, "signature": why}] * 3 if why else [good]
        lines += [{"probe": "alchemy.reflection", "attempt": at, **one} for at, one in enumerate(tries, 1)]
        text = "\n".join(json.dumps({"nonce": request["nonce"], **one}) for one in [*lines, {"done": True}])
        return Outcome(stdout=text.encode())


@pytest.fixture
def locked(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Locked]:
    """Give a small catalog with its first lock, an engine in the process for each connector, and a build."""
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "cache"))
    with serving() as index:
        monkeypatch.setenv("UV_DEFAULT_INDEX", f"{index.address}/simple")
        made = prepared(lambda root: world.manager(catalog=root), tmp_path, index)
        for name in ("alpha", "beta"):
            path = made.root / f"connectors/{name}/connector.toml"
            source = (
                f'\n[[source]]\nname = "{name}-own"\nengine = "sqlite"\nversion = "3"\nkind = "real"\nembedded = true\n'
            )
            path.write_text(path.read_text() + source)
        world.build(RELEASE)
        yield made


@pytest.fixture
def sandboxes(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Sandboxes:
    """Have every set install, and answer."""
    found = Sandboxes(world, tmp_path / "trees")
    world.engine.teach(PYTHON, found)
    for module in ("cell", "sets"):
        monkeypatch.setattr(f"manager.app.checking.{module}.tree_of", found.tree_of)
    monkeypatch.setattr("manager.app.checking.cell.trees", lambda _world: found)
    for module in ("wanted", "promoting"):
        monkeypatch.setattr(f"manager.app.checking.{module}.sealed", _sealed)
    monkeypatch.setattr("manager.app.checking.planning.base_step", lambda *_words: [])
    return found


def _sealed(_world: object, _release: object, text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def night(locked: Locked, asked: NightlyRequest = ASKED) -> Nightly:
    """Carry out a nightly, as a timer does."""
    *_, found = locked.manager().nightly(asked)
    assert isinstance(found, Nightly)
    return found


def newer(locked: Locked) -> None:
    """Have the index bring newer versions of what alpha's driver stands on, all at once."""
    locked.add("shared", "2.0")
    locked.add("helper", "1.0", needs=("base>=2",))
    locked.add("base", "2.0")
    locked.add("alpha-driver", "2.0", needs=("shared>=2", "helper"))


def plan(stream: Iterator[object]) -> Plan:
    """Give the last of a stream, a plan."""
    *_, found = stream
    return found  # type: ignore[return-value]


def test_a_first_night_checks_what_people_have_and_finds_nothing(locked: Locked, sandboxes: Sandboxes) -> None:
    """Every driver with a source is asked; the connector without one is said to be left out."""
    found = night(locked)

    assert sorted((one.cell.driver, one.verdict) for run in found.runs for one in run.cells) == [
        ("alpha-driver", "verified"), ("beta-driver", "verified"),
    ]  # fmt: skip
    assert found.findings == ()
    assert any(note.startswith("gamma") for note in found.notes)


def test_a_night_remembers_what_is_owed(locked: Locked, sandboxes: Sandboxes, world: World) -> None:
    """On the day and the engine that it looked at; its report says it."""
    found = night(locked)

    assert found.owed is not None
    assert world.store.debts.rows == {(world.engine.info().id, locked.manager().today): found.owed}
    assert (found.owed.overdue_days, found.owed.people) == (0, 0)
    assert "Owed: 0.00 libyears, 0 overdue days, 0 people." in page(found.to_json(), ())


def test_releases_that_share_a_set_are_each_asked(
    locked: Locked, sandboxes: Sandboxes, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One lock serves both: each installs it for itself, where nobody has before, in a build of its own."""
    monkeypatch.setattr("manager.app.checking.wanted.sealed", lambda *_words: "")
    family = locked.root / "images/lab/family.toml"
    first = family.read_text().partition("[[release]]")[2]
    family.write_text(family.read_text() + "\n[[release]]" + first.replace("1-py3.13", "1.1-py3.13"))
    shutil.copytree(locked.path.parent, locked.path.parent.with_name("1.1-py3.13"))
    world.build("lab:1.1-py3.13")

    found = night(locked)

    cells = [one.cell for run in found.runs for one in run.cells if one.verdict == "verified"]
    assert sorted((one.release, one.connector) for one in cells) == [
        ("lab:1-py3.13", "alpha"), ("lab:1-py3.13", "beta"), ("lab:1.1-py3.13", "alpha"), ("lab:1.1-py3.13", "beta"),
    ]  # fmt: skip
    assert len({one.set_hash for one in cells}) == 1


def test_a_night_without_a_change_asks_nothing(locked: Locked, sandboxes: Sandboxes) -> None:
    """All that was told still holds."""
    night(locked)
    before = sandboxes.asked

    found = night(locked)

    assert (sandboxes.asked, found.runs, found.unchanged) == (before, (), 2)


def test_newer_drivers_that_pass_are_proposed_and_change_nothing(locked: Locked, sandboxes: Sandboxes) -> None:
    """The finding has the command; the lock stays."""
    night(locked)
    newer(locked)
    before = locked.path.read_text()

    (finding,) = night(locked).findings

    way = f"solvent connector promote alpha --release {RELEASE} --set {finding.mark[:12]}"
    assert (finding.kind, finding.pay) == ("promote", way)
    assert locked.path.read_text() == before


def test_what_was_verified_is_promoted_byte_for_byte_and_goes_back(locked: Locked, sandboxes: Sandboxes) -> None:
    """The lock becomes the text that was checked, so that its tree is the one that ships; and that of before again."""
    night(locked)
    newer(locked)
    first = locked.path.read_text()
    (checked,) = night(locked).runs

    manager = locked.manager()
    run(manager, plan(manager.plan_set_promotion("alpha", RELEASE)))

    text = locked.path.read_text()
    assert locked.pins["alpha-driver"] == "2.0"
    assert {one.cell.set_hash for one in checked.cells} == {hashlib.sha256(text.encode()).hexdigest()}
    assert {one.cell.tree for one in checked.cells} == {_sealed(None, None, text)}
    manager = locked.manager()
    run(manager, plan(manager.plan_set_rollback("alpha", RELEASE)))
    assert locked.path.read_text() == first


def test_a_set_that_was_not_checked_is_not_promoted(locked: Locked, sandboxes: Sandboxes) -> None:
    """Nor one of which a cell is blocked: the reasons are named, and the lock stays."""
    newer(locked)
    before = locked.path.read_text()
    with pytest.raises(Refused) as unchecked:
        plan(locked.manager().plan_set_promotion("alpha", RELEASE))
    sandboxes.broken = lambda pins: "reflection lost a column" if pins["shared"] == "2.0" else ""
    night(locked)
    with pytest.raises(Refused) as blocked:
        plan(locked.manager().plan_set_promotion("alpha", RELEASE))

    assert "no set was checked in which alpha moves" in unchecked.value.why
    assert "is blocked: alchemy.reflection: reflection lost a column" in blocked.value.why
    assert locked.path.read_text() == before


def test_the_guilty_distribution_is_found_and_its_hold_proposed(locked: Locked, sandboxes: Sandboxes) -> None:
    """Of four that moved, the one that breaks reflection, in at most five further runs."""
    night(locked)
    newer(locked)
    # alpha-driver takes any, so that mixtures are sets that a resolver could give.
    locked.add("alpha-driver", "3.0", needs=("shared", "helper"))
    sandboxes.broken = lambda pins: "reflection lost a column" if pins.get("base") == "2.0" else ""

    found = night(locked)

    assert [one.kind for one in found.findings] == ["blocked"], found
    (finding,) = found.findings
    assert "guilty is base 1.0 -> 2.0" in finding.why
    (cell,) = [one for run in found.runs for one in run.cells if one.verdict == "blocked"]
    assert cell.guilt is not None
    assert cell.guilt.runs <= 5


def sinks(world: World, text: str) -> None:
    """Have notices go somewhere."""
    file = world.home / "config/config.toml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"[notices]\n{text}")


def lines(file: Path) -> list[dict[str, Any]]:
    """Read what came to a file of notices."""
    return [json.loads(one) for one in file.read_text().splitlines()] if file.exists() else []


def test_the_owners_of_a_connector_are_told_once(
    locked: Locked, sandboxes: Sandboxes, world: World, tmp_path: Path
) -> None:
    """What is still there the next night is no news; a set that passes then is, and nights without findings are not."""
    file = tmp_path / "notices.jsonl"
    sinks(world, f'file = "{file}"\n')
    night(locked)
    quiet = lines(file)
    newer(locked)
    sandboxes.broken = lambda pins: "reflection lost a column" if pins["shared"] == "2.0" else ""
    first, second = night(locked), night(locked)
    (told,) = lines(file)
    sandboxes.broken = lambda _pins: ""
    locked.add("shared", "2.1")
    night(locked)

    assert quiet == []
    assert [[one.kind for one in each.findings] for each in (first, second)] == [["blocked"]] * 2
    assert (told["owner"], [one["kind"] for one in told["findings"]]) == ("platform", ["blocked"])
    assert told["findings"][0]["command"] == first.findings[0].pay
    assert (first.written, second.written) == (1, 0)
    assert not [note for each in (first, second) for note in each.notes if "notice" in note]
    assert [one["kind"] for each in lines(file)[1:] for one in each["findings"]] == ["promote"]


def test_a_promotion_is_told_and_is_no_finding(
    locked: Locked, sandboxes: Sandboxes, world: World, tmp_path: Path
) -> None:
    """The lock has moved: who builds the image knows by the notice."""
    file = tmp_path / "notices.jsonl"
    sinks(world, f'file = "{file}"\n')
    night(locked)
    newer(locked)
    let_promote(locked)

    found = night(locked)

    ((said,),) = [one["findings"] for one in lines(file)]
    assert (found.findings, found.promoted) == ((), (RELEASE,))
    assert (said["kind"], said["command"]) == ("promoted", f"solvent image build {RELEASE}")


def test_what_did_not_get_through_is_said_and_sent_by_the_next_night(
    locked: Locked, sandboxes: Sandboxes, world: World, tmp_path: Path
) -> None:
    """With the same id; the findings of the first night are told all the same."""
    file = tmp_path / "away" / "notices.jsonl"
    sinks(world, f'file = "{file}"\n')
    sandboxes.broken = lambda _pins: "reflection lost a column"

    first = night(locked)
    file.parent.mkdir()
    second = night(locked)

    assert [one.kind for one in first.findings if one.kind == "regression"]
    assert [note for note in first.notes if "1 notice waits for file" in note], first.notes
    assert not [note for note in second.notes if "waits" in note]
    (notice,) = world.store.ledger.nights("platform")
    assert [one["id"] for one in lines(file)] == [notice.id]


def test_a_person_sees_in_their_status_what_concerns_them(
    locked: Locked, sandboxes: Sandboxes, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For seven days, in a database that others read too; another person does not (control)."""
    sandboxes.broken = lambda _pins: "reflection lost a column"
    night(locked)
    manager = locked.manager()
    (notice,) = world.store.ledger.nights()
    expected = [(one.subject, one.pay) for one in notice.findings]

    def seen() -> list[tuple[str, str]]:
        return [(one.subject, one.pay) for one in manager.status() if one.kind == "nightly"]

    alone = manager.settings
    assert seen() == expected
    elsewhere = replace(alone, origins=(("database_url", "SOLVENT_DATABASE_URL"),))
    for shared in (replace(alone, machine_wide=True), elsewhere):
        manager.settings = shared
        assert seen() == []
        manager.settings = mine = replace(shared, owner="platform")
        assert seen() == expected
        with monkeypatch.context() as patch:
            manager.settings = shared
            patch.setattr("manager.app.teams.groups", lambda: ("users", "platform"))
            assert seen() == expected
    for days, shown in ((7, True), (8, False)):
        later = world.manager(notice.day + timedelta(days), locked.root)
        later.settings = mine
        assert ("nightly" in [one.kind for one in later.status()]) is shown


def test_a_failure_without_a_pass_before_it_blames_nobody(locked: Locked, sandboxes: Sandboxes) -> None:
    """There is nothing to compare with."""
    sandboxes.broken = lambda _pins: "reflection lost a column"

    found = night(locked)

    assert [(one.kind, "guilty" in one.why) for one in found.findings if one.kind == "regression"] == [
        ("regression", False)
    ]


def test_a_slower_fetch_stands_against_a_promotion(locked: Locked, sandboxes: Sandboxes) -> None:
    """By more than a fifth."""
    night(locked)
    newer(locked)
    sandboxes.rate = lambda pins: 700.0 if pins["shared"] == "2.0" else 1000.0

    (finding,) = night(locked).findings

    assert (finding.kind, "is slower: alchemy.reflection 700 rows a second, before 1,000" in finding.why) == (
        "unsure", True,
    )  # fmt: skip


def let_promote(locked: Locked) -> None:
    """Have every Manager find the setting that lets a nightly promote."""
    opened = locked.opened

    def promoting(root: Path) -> Manager:
        manager = opened(root)
        manager.settings = replace(manager.settings, nightly_promotes=True)
        return manager

    locked.opened = promoting


def onto_branches(locked: Locked) -> None:
    """Have the catalog in git, and locks go onto branches."""
    for words in (("init", "-q"), ("add", "."), ("commit", "-q", "-m", "first")):
        who = ("-c", "user.name=ana", "-c", "user.email=ana@example.org")
        subprocess.run(("git", *who, *words), cwd=locked.root, check=True)
    branched(locked)


def branched(locked: Locked) -> None:
    """Have locks go onto branches."""
    opened = locked.opened

    def branching(root: Path) -> Manager:
        manager = opened(root)
        manager.settings = replace(manager.settings, git_mode="branch")
        return manager

    locked.opened = branching


def test_with_a_branch_the_lock_waits_there_for_a_person(locked: Locked, sandboxes: Sandboxes) -> None:
    """A night puts it there once, and finds until somebody takes it; then the lock is the one that was checked."""
    night(locked)
    newer(locked)
    onto_branches(locked)
    let_promote(locked)
    before = locked.path.read_text()

    first, second = night(locked), night(locked)

    assert first.promoted == ()
    assert [(one.kind, one.pay) for one in first.findings] == [(one.kind, one.pay) for one in second.findings]
    ((kind, pay),) = [(one.kind, one.pay) for one in first.findings]
    branch = pay.rpartition(" ")[2]
    assert (kind, pay) == ("promote", f"git -C {locked.root} merge {branch}")
    assert branch.startswith("solvent/lab-1-py3.13-")
    assert locked.path.read_text() == before
    count = ("git", "rev-list", "--count", f"HEAD..{branch}")
    assert subprocess.run(count, cwd=locked.root, check=True, capture_output=True, text=True).stdout == "1\n"
    subprocess.run(pay.split(), check=True, capture_output=True)
    assert locked.pins["alpha-driver"] == "2.0"
    assert night(locked).findings == ()


def test_promotions_and_rollbacks_go_onto_branches_too(locked: Locked, sandboxes: Sandboxes) -> None:
    """What is left to do is said; a catalog without git is refused before anything is written."""
    night(locked)
    newer(locked)
    night(locked)
    branched(locked)
    with pytest.raises(Refused, match="no git repository"):
        plan(locked.manager().plan_set_promotion("alpha", RELEASE))
    onto_branches(locked)
    before = locked.path.read_text()

    manager = locked.manager()
    promotion = plan(manager.plan_set_promotion("alpha", RELEASE))
    run(manager, promotion)

    assert locked.path.read_text() == before
    (merge,) = [note.partition(":  ")[2] for note in promotion.notes if " merge " in note]
    subprocess.run(merge.split(), check=True, capture_output=True)
    assert locked.pins["alpha-driver"] == "2.0"
    manager = locked.manager()
    rollback = plan(manager.plan_set_rollback("alpha", RELEASE))
    run(manager, rollback)
    (merge,) = [note.partition(":  ")[2] for note in rollback.notes if " merge " in note]
    assert locked.pins["alpha-driver"] == "2.0"
    subprocess.run(merge.split(), check=True, capture_output=True)
    assert locked.path.read_text() == before


def test_with_the_setting_a_night_promotes_what_was_verified(locked: Locked, sandboxes: Sandboxes) -> None:
    """And says so; nothing is left to be found."""
    night(locked)
    newer(locked)
    let_promote(locked)

    found = night(locked)

    assert (found.promoted, found.findings) == ((RELEASE,), ())
    assert locked.pins["alpha-driver"] == "2.0"


def test_a_night_takes_no_driver_along_that_nobody_could_check(locked: Locked, sandboxes: Sandboxes) -> None:
    """The connector without a source moves as well: that is for a person to decide."""
    let_promote(locked)
    night(locked)
    newer(locked)
    locked.add("gamma-driver", "2.0", needs=("shared",))

    found = night(locked)

    assert (found.promoted, [one.kind for one in found.findings]) == ((), ["promote"])


def test_a_night_takes_no_driver_along_that_only_an_emulation_verified(locked: Locked, sandboxes: Sandboxes) -> None:
    """Whatever is verified beside it: an emulation proves nothing of the real server."""
    path = locked.root / "connectors/gamma/connector.toml"
    source = '\n[[source]]\nname = "gamma-own"\nengine = "sqlite"\nversion = "3"\nkind = "emulated"\nembedded = true\n'
    path.write_text(path.read_text() + source)
    let_promote(locked)
    night(locked)
    newer(locked)
    locked.add("gamma-driver", "2.0", needs=("shared",))

    found = night(locked)

    assert {one.cell.driver for run in found.runs for one in run.cells if one.verdict == "verified"} >= {"gamma-driver"}
    assert (found.promoted, [one.kind for one in found.findings]) == ((), ["promote"])


def test_a_way_back_that_does_not_install_is_found(locked: Locked, sandboxes: Sandboxes) -> None:
    """Each night tries the set that a release would go back to."""
    night(locked)
    newer(locked)
    first = _sealed(None, None, locked.path.read_text())
    night(locked)
    manager = locked.manager()
    run(manager, plan(manager.plan_set_promotion("alpha", RELEASE)))
    night(locked)
    assert night(locked).findings == ()

    sandboxes.lost.add(first)

    assert [one.kind for one in night(locked).findings] == ["rollback"]


def test_a_night_that_looked_at_nothing_is_a_finding(locked: Locked, sandboxes: Sandboxes, world: World) -> None:
    """Releases without a build have nothing to be checked in: that is not the same as nothing to be found."""
    world.store.pointers.clear()
    world.store.kept.clear()

    (finding,) = night(locked).findings

    assert (finding.kind, "has no build to check in" in finding.why) == ("unsure", True)


def test_two_nights_do_not_run_at_once(locked: Locked, sandboxes: Sandboxes) -> None:
    """The second one is refused."""
    first = locked.manager().nightly(ASKED)
    next(first)

    with pytest.raises(Refused, match="another nightly"):
        night(locked)
    first.close()  # type: ignore[attr-defined]


def test_a_run_that_is_stopped_keeps_what_it_had(locked: Locked, sandboxes: Sandboxes) -> None:
    """What ended is kept and not asked again; the rest is."""
    manager = locked.manager()
    *_, planned = manager.plan_check(CheckRequest())
    assert isinstance(planned, CheckPlan)
    stream = manager.run_checks(planned)
    for event in stream:
        if type(event).__name__ == "StepDone" and event.step.kind == "check cell":  # type: ignore[union-attr]
            break
    stream.close()  # type: ignore[attr-defined]

    shown = locked.manager().check_run()
    *_, again = locked.manager().plan_check(CheckRequest(changed=True))

    assert shown.ended is None
    assert len(shown.cells) + len(again.cells) >= 2
    assert isinstance(shown, Run)


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ('import = "alpha_driver"', 'import = "other_module"'),
        ('engine = "sqlite"', 'engine = "duckdb"'),
        ('version = "3"', 'version = "9"'),
    ],
)
def test_what_a_connector_calls_otherwise_is_asked_again(
    locked: Locked, sandboxes: Sandboxes, was: str, now: str
) -> None:
    """Its import name or its source's engine and version; nothing else is, and nothing is where nothing changed."""
    night(locked)
    same, asked = night(locked), sandboxes.asked
    path = locked.root / "connectors/alpha/connector.toml"
    assert path.read_text().count(was) == 1
    path.write_text(path.read_text().replace(was, now))

    changed = night(locked)
    after = night(locked)

    assert (same.runs, same.unchanged) == ((), 2)
    assert [cell.cell.driver for run in changed.runs for cell in run.cells] == ["alpha-driver"]
    assert (sandboxes.asked - asked, changed.unchanged, after.runs, after.unchanged) == (1, 1, (), 2)
