"""Runs of checks: what a sandbox prints becomes a verdict, is kept, and is not asked again while nothing changed."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass, field, replace
from datetime import date
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from manager.app import sources
from manager.app.checking import lending, probes
from manager.app.checking.planning import CheckPlan
from manager.app.checking.wanted import CheckRequest
from manager.core.checks import Known, Run, passed_anyhow
from manager.core.secrets import Secret
from manager.core.suites import Suite
from manager.errors import Failed, Refused, Unreachable, UsageError
from manager.world.files import values
from manager.world.trees.store import Tree
from tests.app.conftest import RELEASE, REPOSITORY, World, small_world
from tests.fakes.engine import Outcome

if TYPE_CHECKING:
    from pathlib import Path

    from manager.app.manager import Manager
    from manager.core.checks import Checked

PYTHON = ("/opt/solvent/kernel/bin/python",)
PROBES = ("connect.select", "values.decimal")


@dataclass
class Sandbox:
    """What runs in the place of the probes: ``says`` has the outcomes of each probe's attempts, else it passes."""

    says: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    raw: str | None = None
    probes: tuple[str, ...] = PROBES
    done: bool = True
    asked: list[dict[str, Any]] = field(default_factory=list)

    def __call__(self, container: str, stdin: bytes) -> Outcome:
        """Answer a request as the parent of the probes does."""
        request = json.loads(stdin)
        self.asked.append(request)
        if self.raw is not None:
            return Outcome(stdout=self.raw.replace("PASSWORD", request["source"].get("password", "")).encode())
        lines: list[dict[str, Any]] = [{"probes": list(self.probes)}]
        asked = [one for one in self.probes if _begins(one, request["probes"])]
        for name in asked:
            tries = self.says.get(name, [{"outcome": "pass", "measures": {"rows_per_second": 1000}}])
            lines += [{"probe": name, "attempt": number, **one} for number, one in enumerate(tries, 1)]
        lines += [{"done": True}] * self.done
        text = "\n".join(json.dumps({"nonce": request["nonce"], **one}) for one in lines)
        return Outcome(stdout=text.encode())


def _begins(probe: str, chosen: list[str] | None) -> bool:
    return chosen is None or any(probe == one or (one.endswith(".") and probe.startswith(one)) for one in chosen)


@pytest.fixture
def sandbox() -> Sandbox:
    """Give what the probes answer; all pass."""
    return Sandbox()


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sandbox: Sandbox) -> World:
    """Give a world whose trees are there, and whose containers answer for the probes."""
    found = small_world(tmp_path, monkeypatch)
    found.engine.teach(PYTHON, sandbox)
    tree = Tree("d" * 64, tmp_path / "tree")
    tree.path.mkdir()
    monkeypatch.setattr("manager.app.checking.cell.tree_of", lambda *_words: tree)
    monkeypatch.setattr("manager.app.checking.cell.trees", lambda _world: {tree.digest: tree})
    monkeypatch.setattr("manager.app.checking.wanted.sealed", lambda *_words: tree.digest)
    monkeypatch.setattr("manager.app.harness.tree", lambda _world, python: tmp_path / f"harness-{python}")
    # The base is there, and so is the server's container as long as compose has it up.
    monkeypatch.setattr("manager.app.checking.planning.base_step", lambda *_words: [])
    monkeypatch.setattr("manager.app.sources.base_step", lambda *_words: [])
    monkeypatch.setattr(
        "manager.app.sources.instance", lambda _world, source: ",".join(found.compose.up) or source.name
    )
    found.engine.create_network("solvent-sources", {})
    return found


def request(**more: Any) -> CheckRequest:
    """Ask one cell."""
    told = {
        "connectors": ("postgresql",),
        "drivers": ("psycopg",),
        "sources": ("postgresql-17",),
        "releases": (RELEASE,),
    }
    return CheckRequest(**{**told, **more})


def planned(manager: Manager, asked: CheckRequest) -> CheckPlan:
    """Plan a run."""
    *_, found = manager.plan_check(asked)
    assert isinstance(found, CheckPlan)
    return found


def run(world: World, asked: CheckRequest | None = None) -> Run:
    """Carry out a run."""
    manager = world.manager()
    *_, done = manager.run_checks(planned(manager, asked or request()))
    assert isinstance(done, Run)
    return done


def one(world: World, asked: CheckRequest | None = None) -> Checked:
    """Carry out a run of one cell."""
    (found,) = run(world, asked).cells
    return found


def test_a_cell_whose_probes_pass_is_verified(world: World, sandbox: Sandbox) -> None:
    """It is kept with everything that it was asked of, and the server that was started for it is gone again."""
    found = one(world)

    assert (found.verdict, found.reason) == ("verified", "2 required probes passed")
    assert [(each.probe, each.outcome) for each in found.answers] == [(name, "pass") for name in PROBES]
    assert found.answers[0].measures == (("rows_per_second", 1000.0),)
    assert (found.cell.driver, found.cell.source, found.cell.tree) == ("psycopg", "postgresql-17", "d" * 64)
    assert sandbox.asked[0]["source"]["host"] == "postgresql-17"
    assert world.compose.up == []


def test_the_suite_gets_its_harness_and_what_the_connector_says_of_it(
    world: World, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the suite is asked, and the connector's suite.toml speaks of the driver; read-only, as all that is lent."""
    specs: list[Any] = []
    create = world.engine.create
    monkeypatch.setattr(world.engine, "create", lambda spec: specs.append(spec) or create(spec))

    one(world)
    one(world, request(probes=("connect.",)))
    monkeypatch.setattr("manager.world.files.values._suite", lambda _data: Suite(drivers=("psycopg2-binary",)))
    one(world)

    assert sandbox.asked[0]["harness"] == ["/opt/solvent/harness"]
    assert sandbox.asked[0]["requirements"]["array_type"] is True
    assert {bool(one["reason"] and one["until"]) for one in sandbox.asked[0]["expected"]} == {True}
    assert ["harness" in asked for asked in sandbox.asked] == [True, False, False]
    assert sandbox.asked[0]["seconds"] > sandbox.asked[1]["seconds"] + 600
    mounts = [
        {mount.target: (mount.source, mount.read_only) for mount in spec.mounts}
        for spec in specs
        if "-cell-" in spec.name
    ]
    assert mounts[0]["/opt/solvent/harness"] == (str(world.home.parent / "harness-3.13"), True)
    assert ["/opt/solvent/harness" in each for each in mounts] == [True, False, False]
    assert {each["/opt/solvent/probes"][1] for each in mounts} == {True}
    # Their bytecode is made once.
    assert ["-compile-" in spec.name for spec in specs] == [True, False, False, False]


def test_a_part_of_the_probes_is_told_and_not_kept(world: World, sandbox: Sandbox) -> None:
    """A part is no answer: no run, no verdict that promotes, and nobody guilty of what it found."""
    sandbox.says["connect.select"] = [{"outcome": "fail", "signature": "a", "reason": "no"}] * 3

    done = run(world, request(probes=("connect.",)))

    assert [(one.verdict, len(one.answers)) for one in done.cells] == [("blocked", 1)]
    assert (done.id, done.ended is None) == ("", False)
    assert world.store.checks.begun == {}


@pytest.mark.parametrize(("name", "meant"), [("erors.", "errors."), ("values.decimals", "values.decimal"), ("", "")])
def test_a_probe_that_nobody_knows_is_an_error_before_anything_starts(world: World, name: str, meant: str) -> None:
    """With the one that may be meant."""
    with pytest.raises(UsageError, match="no probe is called") as raised:
        planned(world.manager(), request(probes=(name,)))

    assert meant in raised.value.hint
    assert world.compose.up == []


def test_the_probes_are_known_by_their_files() -> None:
    """Each that is defined has an id of its own, and all are found: as many as there are marks in the files."""
    marks = sum(one.read_text().count("\n@probe(") for one in (REPOSITORY / "manager/probes/check/ask").glob("*.py"))

    assert len(set(probes.ids())) == len(probes.ids()) == marks > 100


def test_without_a_harness_the_suite_could_not_be_told(
    world: World, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The probe alone would say that it is not supported here, and the cell would be verified without it."""

    def silent(*_words: object) -> Path:
        raise Unreachable("the package index does not answer")

    monkeypatch.setattr("manager.app.harness.tree", silent)
    sandbox.probes = (*PROBES, "suite.dialect")
    sandbox.says["suite.dialect"] = [{"outcome": "unsupported", "reason": "no harness"}]

    found = one(world)
    # Where no database may be made it is unsupported in any case: nothing is lacking there.
    monkeypatch.setattr("manager.app.checking.cell._ABLE", ("may_kill",))
    narrow = one(world)

    assert found.verdict == "inconclusive"
    assert "the package index does not answer" in found.answers[-1].reason
    assert (narrow.verdict, narrow.answers[-1].outcome) == ("verified", "unsupported")


def test_another_suite_is_asked_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a connector says of it belongs to what was asked; so does a day that is over."""
    one(world)
    assert not planned(world.manager(), request(changed=True)).cells

    monkeypatch.setattr("manager.world.files.values._suite", lambda _data: Suite(("ctes",)))

    assert len(planned(world.manager(), request(changed=True)).cells) == 1


def test_servers_that_are_made_otherwise_are_asked_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before their images are built anew; a page about them, and what deploys Solvent itself, is no part of it."""
    root = world.home.parent / "catalog"
    shutil.copytree(REPOSITORY / "compose", root / "compose")
    servers, made = sources.servers, SimpleNamespace(catalog=SimpleNamespace(root=str(root)))
    monkeypatch.setattr("manager.app.sources.servers", lambda _world: servers(made))
    one(world)

    for name in ("README.md", "deploy/schedule"):
        (root / "compose" / name).write_text("otherwise")
    assert not planned(world.manager(), request(changed=True)).cells
    for name in ("sources.yaml", "postgresql/entrypoint"):
        (root / "compose" / name).write_text("otherwise")
        assert len(planned(world.manager(), request(changed=True)).cells) == 1
        one(world)
        assert not planned(world.manager(), request(changed=True)).cells
    assert servers(SimpleNamespace(catalog=SimpleNamespace(root="/nowhere"))) == ""


@pytest.mark.parametrize(("system", "outcome"), [("trixie", "known"), ("bookworm", "fail")])
def test_a_failure_may_be_known_on_the_system_of_a_release_alone(
    world: World, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, system: str, outcome: str
) -> None:
    """There it is excused, and awaited; elsewhere it is a failure, and nobody is told that it passed."""
    known = Known("values.decimal", "no", date(2030, 1, 1), signature="Wrong *", systems=(system,))
    made = values.connector
    monkeypatch.setattr(
        "manager.world.files.values.connector", lambda *words: replace(made(*words), known=(known,), demands=())
    )
    passed = one(world)
    sandbox.says["values.decimal"] = [{"outcome": "fail", "signature": "Wrong digits"}] * 3
    failed = one(world)

    assert [asked["known"] for asked in sandbox.asked] == [
        {"values.decimal": ["Wrong *"]} if outcome == "known" else {}
    ] * 2
    assert (len(passed_anyhow([passed])), failed.answers[1].outcome) == (int(outcome == "known"), outcome)


def test_a_known_failure_of_another_system_is_no_part_of_what_is_asked(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Control: one of this system is."""
    one(world)
    made = values.connector
    for system, due in (("bookworm", 0), ("trixie", 1)):
        known = Known("values.decimal", "no", date(2030, 1, 1), signature="Wrong *", systems=(system,))
        monkeypatch.setattr(
            "manager.world.files.values.connector",
            lambda *words, known=known: replace(found := made(*words), known=(*found.known, known)),
        )
        assert len(planned(world.manager(), request(changed=True)).cells) == due


def test_a_server_that_ran_before_runs_on(world: World) -> None:
    """What somebody else started is not stopped."""
    manager = world.manager()
    list(manager.apply(manager.plan_source_start(("postgresql-17",))))

    one(world)

    assert world.compose.up == ["postgresql-17"]


@pytest.mark.parametrize(("alive", "left"), [(False, []), (True, ["postgresql-15"])])
def test_a_server_of_a_killed_run_is_stopped_by_the_next_one(world: World, alive: bool, left: list[str]) -> None:
    """One of a run that goes on is not."""
    other = world.manager()
    list(other.apply(other.plan_source_start(("postgresql-15",))))
    cut_off = lending.shared(other, "20261120-030000-dead", ("postgresql-15",), ())
    cut_off.__enter__()
    if not alive:
        # The claim goes with its process, the note does not.
        other.claims.close()

    run(world)

    assert world.compose.up == left
    assert lending.left(world.manager()) == ()


@pytest.mark.parametrize("killed", [False, True])
@pytest.mark.parametrize("first", [True, False])
def test_runs_share_a_server_and_the_last_one_stops_it(world: World, first: bool, killed: bool) -> None:
    """Whoever started it; a run that was killed uses nothing any more."""
    one_run, other = world.manager(), world.manager()
    starting = lending.shared(one_run, "a", ("postgresql-17",), ("postgresql-17",))
    assert starting.__enter__() == ()
    list(one_run.apply(one_run.plan_source_start(("postgresql-17",))))
    using = lending.shared(other, "b", (), ("postgresql-17",))
    assert using.__enter__() == ()

    goes, stays, its = (starting, using, one_run) if first else (using, starting, other)
    if killed:
        its.claims.close()
    else:
        goes.__exit__(None, None, None)
    between = list(world.compose.up)
    stays.__exit__(None, None, None)

    assert (between, world.compose.up) == (["postgresql-17"], [])
    assert lending.left(world.manager()) == ()


def test_a_server_of_somebodys_own_is_shared_and_not_stopped(world: World) -> None:
    """No run has started it."""
    manager = world.manager()
    list(manager.apply(manager.plan_source_start(("postgresql-17",))))
    with (
        lending.shared(manager, "a", (), ("postgresql-17",)),
        lending.shared(world.manager(), "b", (), ("postgresql-17",)),
    ):
        pass

    assert world.compose.up == ["postgresql-17"]


def test_a_run_starts_again_what_another_one_stopped_after_it_was_planned(world: World, sandbox: Sandbox) -> None:
    """It was there when the run was planned; it is asked all the same, and the server is gone afterwards."""
    other, manager = world.manager(), world.manager()
    with lending.shared(other, "a", ("postgresql-17",), ()):
        list(other.apply(other.plan_source_start(("postgresql-17",))))
        plan = planned(manager, request())
    between = list(world.compose.up)

    *_, done = manager.run_checks(plan)

    assert (plan.starts, plan.uses, between) == ((), ("postgresql-17",), [])
    assert isinstance(done, Run)
    assert ([one.verdict for one in done.cells], len(sandbox.asked)) == (["verified"], 1)
    assert world.compose.up == []


def test_a_server_that_another_run_needs_runs_on_after_a_run(world: World) -> None:
    """The run that started it has ended, and the other one has not."""
    plan = planned(world.manager(), request())
    assert plan.starts == ("postgresql-17",)
    other = lending.shared(world.manager(), "b", ("postgresql-17",), ("postgresql-17",))
    other.__enter__()

    *_, done = world.manager().run_checks(plan)

    assert isinstance(done, Run)
    assert world.compose.up == ["postgresql-17"]
    other.__exit__(None, None, None)
    assert world.compose.up == []


@pytest.mark.parametrize(
    ("tries", "verdict"),
    [
        ([{"outcome": "fail", "signature": "a", "reason": "lost a digit"}] * 3, "blocked"),
        ([{"outcome": "fail", "signature": sign} for sign in "aba"], "inconclusive"),
        ([{"outcome": "fail", "signature": "a"}, {"outcome": "pass"}], "inconclusive"),
        ([{"outcome": "fail", "signature": "a"}], "inconclusive"),
        ([{"outcome": "error", "reason": "killed"}], "inconclusive"),
        ([{"outcome": "skip", "reason": "not here"}], "inconclusive"),
        ([{"outcome": "not_run", "reason": "not here"}], "inconclusive"),
        ([{"outcome": "unsupported", "reason": "no such type"}], "verified"),
    ],
)
def test_only_the_same_failure_three_times_blocks(
    world: World, sandbox: Sandbox, tries: list[dict[str, Any]], verdict: str
) -> None:
    """Whatever else is not a pass could not tell."""
    sandbox.says["values.decimal"] = tries

    assert one(world).verdict == verdict


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "Traceback (most recent call last):",
        '{"nonce": "guessed", "probes": ["a"]}\n{"nonce": "guessed", "probe": "a", "outcome": "pass"}',
        "[" * 100_000,
        '{"probe": "connect.select", "outcome": "pass", "attempt": 1}',
    ],
    ids=["nothing", "a traceback", "a guessed nonce", "deep garbage", "no nonce"],
)
def test_what_is_no_answer_is_never_a_pass(world: World, sandbox: Sandbox, raw: str) -> None:
    """It could not tell."""
    sandbox.raw = raw

    found = one(world)

    assert (found.verdict, found.answers[0].probe, found.answers[0].outcome) == ("inconclusive", "sandbox", "error")


def test_answers_that_break_off_are_not_whole(world: World, sandbox: Sandbox) -> None:
    """A parent that was killed after the last probe's line has not said that this was all."""
    sandbox.done = False

    assert one(world).verdict == "inconclusive"


def test_a_sandbox_that_does_not_end_could_not_tell(world: World) -> None:
    """Its container is gone all the same."""
    world.engine.fail("wait", Failed("container did not end within 420 s"))

    found = one(world)

    assert (found.verdict, "did not end" in found.reason) == ("inconclusive", True)
    assert not [name for name in world.engine.specs if "-cell-" in name]


def test_a_server_that_was_replaced_meanwhile_fails_nobody(
    world: World, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The failures came from another server than the one that was asked for."""
    sandbox.says["values.decimal"] = [{"outcome": "fail", "signature": "a", "reason": "went away"}] * 3
    lives = iter(["first", "second"])
    monkeypatch.setattr("manager.app.sources.instance", lambda *_words: next(lives))

    found = one(world)

    assert (found.verdict, "did not last" in found.reason) == ("inconclusive", True)


def test_a_password_that_a_driver_prints_is_nowhere(world: World, sandbox: Sandbox) -> None:
    """Neither in what is kept nor in what is shown."""
    sandbox.raw = "connecting as solvent with PASSWORD"

    found = run(world)

    assert "hunter2" not in repr(found)
    assert "********" in found.cells[0].reason


@pytest.mark.parametrize("secret", ["a", "pass", "0", "1", "verified", "nonce", "values.decimal", "{", '"'])
def test_a_password_that_is_a_word_of_ours_changes_nothing_but_what_is_quoted(
    world: World, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, secret: str
) -> None:
    """It is in no reason, no signature and no name of a measure; who asked what and how it ended is as it was."""
    monkeypatch.setattr("manager.app.checking.cell.kept_secrets.resolve", lambda _reference: Secret(secret))
    said = {"outcome": "fail", "reason": f"not {secret}.", "signature": f"Wrong {secret}.", "measures": {secret: 5}}
    sandbox.says["values.decimal"] = [said] * 3

    found = one(world)

    good, bad = found.answers
    assert [(each.probe, each.outcome, each.attempts) for each in (good, bad)] == [
        ("connect.select", "pass", 1), ("values.decimal", "fail", 3)
    ]  # fmt: skip
    assert found.verdict == "blocked"
    assert (bad.reason, bad.measures) == (f"not {secret}.".replace(secret, "********"), (("********", 5.0),))
    assert bad.signature == f"Wrong {secret}.".replace(secret, "********")


def test_a_failure_is_known_by_its_words_without_the_password(
    world: World, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A password that is a word of them is taken out of both; a failure that looks otherwise stays one (control)."""
    monkeypatch.setattr("manager.app.checking.cell.kept_secrets.resolve", lambda _reference: Secret("pass"))
    known = Known("values.decimal", "no", date(2030, 1, 1), signature="Wrong password *")
    made = values.connector
    monkeypatch.setattr(
        "manager.world.files.values.connector", lambda *words: replace(made(*words), known=(known,), demands=())
    )
    found = {}
    for signature in ("Wrong ********word Error", "Wrong any word Error"):
        sandbox.says["values.decimal"] = [{"outcome": "fail", "signature": signature}] * 3
        found[signature] = one(world).answers[1].outcome

    assert sandbox.asked[0]["known"] == {"values.decimal": [f"Wrong {'[*]' * 8}word *"]}
    assert list(found.values()) == ["known", "fail"]


def test_what_did_not_change_is_not_asked_again(world: World, sandbox: Sandbox) -> None:
    """With ``changed``; without it a person gets what they ask for."""
    run(world)
    again = planned(world.manager(), request(changed=True))

    assert (again.cells, len(again.settled)) == ((), 1)
    assert not [step for step in again.plan.steps if step.kind in ("check cell", "start source")]
    run(world)
    assert len(sandbox.asked) == 2


def test_what_could_not_be_told_is_asked_again(world: World, sandbox: Sandbox) -> None:
    """It is no answer to rest on."""
    sandbox.raw = ""
    run(world)

    (step,) = [one for one in planned(world.manager(), request(changed=True)).plan.steps if one.kind == "check cell"]

    assert step.cause == "it could not tell last time"


def test_unknown_names_are_refused_with_what_there_is(world: World) -> None:
    """Before anything is started."""
    for wrong in (
        {"connectors": ("postgres",)},
        {"sources": ("postgresql-71",)},
        {"drivers": ("psycopgg",), "connectors": ()},
    ):
        with pytest.raises(UsageError) as caught:
            planned(world.manager(), request(**wrong))
        assert caught.value.hint


def test_a_connector_without_a_source_is_said_to_be_not_run(world: World) -> None:
    """It is never taken for checked."""
    asked = request(connectors=("oracle",), drivers=(), sources=(), releases=())

    with pytest.raises(Refused) as caught:
        planned(world.manager(), asked)

    assert "Oracle Database is not in Debian" in caught.value.why


def test_where_no_source_is_required_it_is_said_how_one_is_asked(world: World) -> None:
    """That a release has the connector is not denied; where a source is named, what is in the way is another thing."""
    asked = request(connectors=("firebird",), drivers=(), sources=(), releases=())

    with pytest.raises(Refused) as caught:
        planned(world.manager(), asked)

    assert (
        "no source of it is required:  solvent check run --connector firebird --source firebird-3" in caught.value.why
    )
    assert "no release in use has it" not in caught.value.why
    with pytest.raises(Refused) as named:
        planned(world.manager(), replace(asked, sources=("firebird-3",)))
    assert "is required" not in named.value.why


@pytest.mark.parametrize(("outcome", "code"), [("fail", 3), ("pass", 0)])
def test_an_answer_that_still_holds_is_a_finding_and_in_the_reports(
    world: World, sandbox: Sandbox, tmp_path: Path, capsys: pytest.CaptureFixture[str], outcome: str, code: int
) -> None:
    """With ``--changed``, where nothing has to be asked: blocked stays blocked, and verified is no finding."""
    from manager.cli.main import run as solvent

    sandbox.says = {"values.decimal": [{"outcome": outcome, "reason": "it is 1", "signature": "one"}] * 3}
    words = ["check", "run", "--driver", "psycopg", "--release", RELEASE, "--source", "postgresql-17", "-o", "json"]
    first = solvent(words, lambda *_words: world.manager())
    capsys.readouterr()
    report = tmp_path / "checks.xml"

    second = solvent([*words, "--changed", "--junit", str(report)], lambda *_words: world.manager())

    out, err = capsys.readouterr()
    assert (first, second) == (code, code)
    assert json.loads(out) == {"schema": 1, "run": None, "unchanged": 1}
    assert ("1 blocked" in err) is (code == 3)
    assert "values.decimal" in report.read_text()


def test_a_driver_of_another_connector_is_said_to_be_one(world: World, sandbox: Sandbox) -> None:
    """With the connector that has it; one of the connector itself is planned (control)."""
    with pytest.raises(UsageError, match="psycopg is no driver of duckdb") as found:
        planned(world.manager(), request(connectors=("duckdb",), sources=()))

    assert found.value.hint == "it is one of postgresql:  --connector postgresql"
    assert planned(world.manager(), request()).cells
