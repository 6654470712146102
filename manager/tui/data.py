"""Connections, sources and workspaces: their lists, and what is done with them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from manager.tui import known as values
from manager.tui.action import Action, Field
from manager.tui.deed import Deed, followed
from manager.tui.kinds import Kind, fields_of, moods_of
from manager.tui.rows import Column, Row, words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from manager.app.manager import Manager
    from manager.app.saving import Given
    from manager.tui.action import Rows, Written
    from manager.tui.kinds import Tabs

# -- lists


def _connections(manager: Manager) -> list[Row]:
    return [_connection(one) for one in manager.connections()]


def _connection(one: Any) -> Row:
    known = dict(one.parameters)
    cells = (
        one.name, one.connector, known.get("host", ""), known.get("database", ""), one.source, one.origin,
        ", ".join(one.missing),
    )  # fmt: skip
    return Row(one.name, one.name, cells, needy=bool(one.missing), thing=one)


def _of_connection(manager: Manager, row: Row) -> Tabs:
    one = manager.connection(row.name)
    known = {"name": one.name, "connector": one.connector, "source": one.source, "network": one.network}
    secrets = {key: str(reference) for key, reference in one.secrets}
    facts = {**known, "origin": one.origin, "parameters": dict(one.parameters), "secrets": secrets}
    return (("connection", fields_of(facts)),)


_STATES = {"running": "good", "unhealthy": "bad", "starting": "warn", "stopped": "dim"}


def _sources(manager: Manager) -> list[Row]:
    return [_source(one) for one in manager.sources()]


def _source(one: Any) -> Row:
    cells = (one.name, one.connector, f"{one.engine} {one.version}".strip(), one.kind, one.state)
    moods = moods_of((4, _STATES.get(one.state, "")))
    return Row(one.name, one.name, cells, moods=moods, needy=one.state == "unhealthy", thing=one)


def _of_source(_manager: Manager, row: Row) -> Tabs:
    one: Any = row.thing
    return (("source", fields_of(one.to_json())),)


def _workspaces(manager: Manager) -> list[Row]:
    return [_workspace(one) for one in manager.workspaces()]


def _workspace(one: Any) -> Row:
    from manager.app.times import ago
    from manager.core.amounts import show_size

    size = show_size(one.size) if one.size is not None else ""
    cells = (one.name, one.owner, size, ", ".join(one.environments), ago(one.used), one.origin)
    return Row(f"{one.owner}/{one.name}", one.name, cells, needy=one.room == "over", thing=one)


def _of_workspace(manager: Manager, row: Row) -> Tabs:
    return (("workspace", fields_of(manager.workspace(row.name).to_json())),)


CONNECTION = Kind(
    "connection", "Connections", (Column("connection"), Column("connector"), Column("host", above=70),
    Column("database", above=90), Column("source", above=90), Column("origin"), Column("needs", above=70)),
    _connections, _of_connection, "No connections. n saves one.",
)  # fmt: skip
SOURCE = Kind(
    "source", "Sources", (Column("source"), Column("connector"), Column("engine", above=70), Column("kind"),
    Column("state")), _sources, _of_source, "No sources. n adds one of your own.",
)  # fmt: skip
WORKSPACE = Kind(
    "workspace", "Workspaces", (Column("workspace"), Column("owner", above=70), Column("size", right=True),
    Column("environments"), Column("last used", above=70), Column("git", above=110)), _workspaces, _of_workspace,
    "No workspaces. A launch makes one.",
)  # fmt: skip

# -- what is done


def given(said: Written) -> Given:
    """Give what was written into a form as what a person says of a connection; raises UsageError."""
    from manager.app.saving import Given
    from manager.errors import UsageError

    pairs: dict[str, tuple[tuple[str, str], ...]] = {}
    for option in ("--set", "--secret"):
        found = [word.partition("=") for word in said.get(option, "").split()]
        wrong = next((key for key, equals, value in found if not (key and equals and value)), None)
        if wrong is not None:
            raise UsageError(f"{option} is written as KEY=VALUE")
        pairs[option] = tuple((key, value) for key, _, value in found)
    if any(key == "password" for key, _ in pairs["--set"]):
        raise UsageError("the password has a field of its own, where nobody sees it")
    clear = (("password", said["password"]),) if said.get("password") else ()
    url, source, network = (said.get(option, "") for option in ("--url", "--source", "--network"))
    return Given(url, (*pairs["--set"], *clear), pairs["--secret"], source, network)


# What a reference begins with, and keys of what is none of anybody's business: for the screen; what is a secret is said
# by the connector, and refused before anything is planned.
_REFERENCES = ("env:", "file:", "keyring:", "exec:")
_HUSHED = re.compile(r"pass|pwd|secret|token|key|credential", re.IGNORECASE)


def bare_url(text: str) -> str:
    """Give a URL without the password that it may have."""
    return re.sub(r"(://[^/@:?#]*):[^/?#]*@", r"\1@", text)


def bare_pairs(text: str) -> str:
    """Give KEY=VALUE words without values that look like secrets."""
    pairs = [word.partition("=") for word in text.split()]
    return " ".join(f"{key}=..." if _HUSHED.search(key) else f"{key}{equals}{value}" for key, equals, value in pairs)


def bare_references(text: str) -> str:
    """Give KEY=REF words without what is no reference."""
    pairs = [word.partition("=") for word in text.split()]
    return " ".join(f"{key}={value if value.startswith(_REFERENCES) else '...'}" for key, _, value in pairs)


def _unseen(manager: Manager, connector: str, one: Given) -> None:
    """Raise UsageError for a secret that stands where everybody sees it, without repeating it."""
    from manager.core.connections import canonical, from_url
    from manager.errors import UsageError

    known = manager.catalog.connector(connector)
    hint = "leave it out there, and write it into the field of the password, or give a reference"
    if one.url and from_url(known, one.url).secrets:
        raise UsageError("the URL has a secret in it, which would stand on the screen", hint=hint)
    for key, _ in one.parameters:
        parameter = canonical(known, key)
        if key != "password" and parameter is not None and parameter.secret:
            raise UsageError(f"{key} is a secret, which would stand on the screen", hint=hint)


def _save(manager: Manager, _rows: Rows, said: Written) -> Deed:
    one = given(said)
    name, connector = said["NAME"], said.get("--connector", "")
    shared = next((each.connector for each in manager.catalog.connections if each.name == name), "")
    if connector or shared:
        # Whether there is one is said before anything is written.
        _unseen(manager, connector or shared, one)
    manager.judge_connection(name, connector, one)

    def do() -> Iterator[str]:
        saved, warnings = manager.add_connection(
            name, connector, url=one.url, parameters=dict(one.parameters), secrets=dict(one.references),
            source=one.source, network=one.network,
        )  # fmt: skip
        yield from warnings
        yield f"saved: {saved.name}. c tries it"

    secret = "\nits password goes to the keyring, or to a file that only you can read" if said.get("password") else ""
    return Deed(f"saves the connection {name}{f' of {connector}' if connector else ''}{secret}", do)


def _forget(manager: Manager, rows: Rows, _said: Written) -> Deed:
    said = "the secrets that Solvent kept for it are deleted; its data source is not touched"
    return _forgotten(f"forgets the connection {rows[0].name}: {said}", manager.remove_connection, rows[0].name)


def _forgotten(said: str, forget: Callable[[str], None], name: str) -> Deed:
    def do() -> Iterator[str]:
        forget(name)
        yield f"forgotten: {name}"

    return Deed(said, do, named=name)


def _try(manager: Manager, rows: Rows, _said: Written) -> Deed:
    name = rows[0].name

    def do() -> Iterator[str]:
        from manager.errors import FindingsError

        report = yield from followed(manager.test_connection(name))
        yield f"{report.driver} {report.version}: {report.outcome}"
        for one in report.results:
            yield f"  {one.outcome:<8} {one.probe}  {one.reason}"
        if report.outcome != "pass":
            raise FindingsError(f"{name} does not work", hint="enter shows its parameters")

    return Deed(f"tries {name} in a sandbox of a release's image, with the locked driver; nothing of it is kept", do)


def _lint(manager: Manager, rows: Rows, said: Written) -> Deed:
    name = rows[0].name

    def do() -> Iterator[str]:
        for each in (yield from followed(manager.contracts.linted(name, said.get("--to", "")))):
            if each.unjudged is not None:
                raise each.unjudged
            yield f"{each.connection} on {each.version}: {len(each.findings)} findings"
            for one in each.findings:
                yield f"  {one.severity:<8} {one.parameter}  {one.message}  {one.hint}"

    return Deed(f"judges the parameters of {name} by the contract of its driver; no connection is opened", do)


def _compare(manager: Manager, rows: Rows, said: Written) -> Deed:
    name, first, second = rows[0].name, said["--from"], said.get("--to", "")

    def do() -> Iterator[str]:
        from manager.core.contract_changes import counts

        found = yield from followed(manager.contracts.compared(name, first, second))
        many = ", ".join(f"{number} {kind}" for kind, number in counts(found.changes).items() if number)
        yield f"{found.after.distribution} {found.before.version} to {found.after.version}: {many or 'nothing differs'}"
        for one in found.changes:
            told = one.to_json()
            moved = f"{told['before']} -> {told['after']}" if told["before"] != told["after"] else ""
            yield f"  {one.severity:<7} {one.kind:<12} {one.name}  {moved}"
        for connection, changes in found.touched:
            yield f"  connection {connection} feels it: {', '.join(dict.fromkeys(one.name for one in changes))}"

    end = second or "the version that is pinned"
    return Deed(f"compares the parameters of {name}'s driver in {first} and {end}, with the saved connections", do)


def _add_source(manager: Manager, _rows: Rows, said: Written) -> Deed:
    from manager.app.own_sources import Allowed

    name = said["NAME"]
    able = tuple(said.get("--able", "").split())
    allowed = Allowed(able, said.get("--schema", ""), connection=said["--connection"])
    manager.judge_source(name, "", given({}), allowed)

    def do() -> Iterator[str]:
        own, warnings = manager.add_source(name, "", given({}), allowed)
        yield from warnings
        yield f"added: {own.name}, {', '.join(own.capabilities)}. c tries it"

    return Deed(f"lets checks use {said['--connection']} as the source {name}: {', '.join(able) or 'read-only'}", do)


def _forget_source(manager: Manager, rows: Rows, _said: Written) -> Deed:
    said = f"forgets the source {rows[0].name} and the connection that was saved with it; what was found stays"
    return _forgotten(said, manager.remove_source, rows[0].name)


def _tried(manager: Manager, made: Any) -> Iterator[object]:
    from manager.errors import FindingsError

    for event in manager.try_checks(made):
        if not isinstance(event, tuple):
            yield event
            continue
        for one in event:
            yield f"{one.cell.driver} {one.cell.version} in {one.cell.release}: {one.verdict}  {one.reason}"
            yield from (f"  {each.outcome:<8} {each.probe}  {each.reason}" for each in one.answers)
            if one.verdict != "verified":
                raise FindingsError(f"{one.cell.source}: {one.reason}")


def _own(row: Row) -> bool:
    return row.thing is not None and getattr(row.thing, "state", "") == "own"


def _served(row: Row) -> bool:
    return bool(getattr(row.thing, "service", ""))


_C, _S = ("connection",), ("source",)
DATA = (
    Action("compare", "v", "compare", "What differs between two versions of its driver, and whom that touches.",
        ("connector",), "one", words("connector", "params"), _compare, fields=(
            Field("--from", "from version", needed=True, known=values.versions),
            Field("--to", "to version  [default: the pinned one]", known=values.versions))),
    Action("save", "n", "new", "Save a connection.", _C, "none", lambda _rows: ("connection", "add"), _save,
        changes=True, footer=True, fields=(
            Field("NAME", "name", needed=True),
            Field("--connector", "connector, such as postgresql", known=values.connectors),
            Field("--url", "all parameters as a URL, without its password", shown=bare_url),
            Field("--set", "parameters as KEY=VALUE, with blanks between", many=True, shown=bare_pairs),
            Field("--secret", "secrets by reference: password=env:NAME, file:PATH, keyring:NAME", many=True,
                shown=bare_references),
            Field("password", "or the password, which nobody sees", secret=True),
            Field("--source", "shipped source that it leads to", known=values.sources),
            Field("--network", "network of the engine", known=values.networks))),
    Action("try", "c", "test", "Try it in a sandbox, with the locked driver.", _C, "one", words("connection", "test"),
        _try, changes=True, footer=True),
    Action("lint", "i", "lint", "What a version of its driver makes of its parameters.", _C, "one",
        words("connection", "lint"), _lint, fields=(
            Field("--to", "version  [default: the one that it has]", known=values.versions),)),
    Action("forget", "D", "remove", "Forget it; its data source is not touched.", _C, "one",
        words("connection", "remove"), _forget, changes=True),
    Action("add-source", "n", "new", "Let checks use a data source of your own.", _S, "none",
        lambda _rows: ("source", "add"), _add_source, changes=True, footer=True, fields=(
            Field("NAME", "name", needed=True),
            Field("--connection", "saved connection", needed=True, known=values.connections),
            Field("--able", "what is allowed there  [default: read-only]", many=True, known=values.capabilities),
            Field("--schema", "with schema-only: where tables may be made"))),
    Action("try-source", "c", "test", "Ask it the probes of connecting.", _S, "one", words("source", "test"),
        lambda manager, rows, _said: manager.plan_source_test(rows[0].name), _tried, changes=True, fits=_own),
    Action("start-source", "S", "start", "Build and start it, with fresh sample data.", _S, "marked",
        words("source", "start"), lambda manager, rows, _said: manager.plan_source_start(tuple(
            row.name for row in rows)), changes=True, parts=True, fits=_served, footer=True),
    Action("stop-source", "x", "stop", "Stop it; its data is not kept.", _S, "marked", words("source", "stop"),
        lambda manager, rows, _said: manager.plan_source_stop(tuple(row.name for row in rows)), changes=True,
        parts=True, fits=_served, footer=True),
    Action("forget-source", "D", "remove", "Forget a source of your own.", _S, "one", words("source", "remove"),
        _forget_source, changes=True, fits=_own),
    Action("remove-workspace", "D", "remove", "Delete it with all its files.", ("workspace",), "one",
        words("workspace", "remove"), lambda manager, rows, _said: manager.plan_remove_workspace(rows[0].name),
        changes=True),
)  # fmt: skip
