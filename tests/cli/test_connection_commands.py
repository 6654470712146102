"""``solvent connector``, ``connection``, ``source`` and ``workspace``: streams and exit codes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from manager.core.evidence import Result

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import World

PLANTED = "pl4nted-s3cret"


@pytest.fixture
def warehouse(solvent: World) -> World:
    """Give a world with a connection to a shipped source."""
    ran = solvent("connection", "add", "warehouse", "--connector", "postgresql", "--source", "postgresql-17")
    assert ran.code == 0
    return solvent


def test_connectors_are_listed_with_their_driver(solvent: World) -> None:
    """The version is that of the main driver; JSON has the keys of schema 1."""
    heading, *rows = solvent("connector", "list").out.splitlines()

    assert heading.split() == [
        "CONNECTOR", "TITLE", "TIER", "STATE", "DRIVER", "VERSION", "NEWEST", "LIBYEARS", "HOLD",
    ]  # fmt: skip
    assert ["postgresql", "PostgreSQL", "core", "active", "psycopg"] in [row.split()[:5] for row in rows]
    found = solvent("connector", "list", "-o", "json").json["connectors"][0]
    assert {"id", "title", "tier", "state", "driver", "version", "newest", "released", "libyears", "verdict",
            "sources", "hold"} <= found.keys()  # fmt: skip


def test_a_connector_shows_its_parameters(solvent: World) -> None:
    """Secrets are marked; an unknown name gets a suggestion."""
    ran = solvent("connector", "show", "postgresql")

    assert "\nparameters\n" in ran.out
    assert "password" in ran.out
    assert "secret" in ran.out
    assert "did you mean postgresql?" in solvent("connector", "show", "postgres").err


def test_a_connector_says_what_it_is_made_of_and_how_one_signs_in(solvent: World) -> None:
    """Licences, ways to sign in, deadlines and why nothing is checked stand in table and JSON alike."""
    ran = solvent("connector", "show", "snowflake")
    found = solvent("connector", "show", "snowflake", "-o", "json").json["connector"]

    for heading in ("\nways to sign in\n", "\ndeadlines\n", "\nsources\n"):
        assert heading in ran.out
    assert found["redistributable"] is True
    assert "\nnot run " in solvent("connector", "show", "oracle").out
    assert not found["not_run"]
    assert solvent("connector", "show", "oracle", "-o", "json").json["connector"]["not_run"]
    assert found["authentication"][0] == {
        "name": "key-pair", "title": "Key pair", "needs": ["user", "private_key_file"],
        "sets": {"authenticator": "SNOWFLAKE_JWT"}, "inside": True, "note": None,
    }  # fmt: skip
    assert [one["name"] for one in found["authentication"] if not one["inside"]] == ["browser"]
    assert found["deadlines"][0].keys() == {"on", "what", "source", "below"}
    assert found["drivers"][0]["licence"] == "Apache-2.0"


def test_a_connector_that_may_not_be_handed_on_says_so(solvent: World) -> None:
    """One driver of such a licence is enough; the negative control is one without."""
    listed = {one["id"]: one for one in solvent("connector", "list", "-o", "json").json["connectors"]}

    assert not listed["teradata"]["redistributable"]
    assert listed["postgresql"]["redistributable"]
    assert "an image with it stays with you" in solvent("connector", "show", "teradata").out
    assert "an image with it" not in solvent("connector", "show", "postgresql").out
    assert "not run" in solvent("connector", "list", "-o", "wide").out


def test_what_is_missing_comes_with_the_ways_to_sign_in(solvent: World) -> None:
    """Those that do not work inside an environment last; a mistake of another kind does not name them."""
    missing = solvent("connection", "add", "x", "--connector", "snowflake", "--set", "user=ana")
    wrong = solvent("connection", "add", "x", "--connector", "snowflake", "--set", "account=a", "--set", "prot=1")

    assert missing.code == wrong.code == 2
    assert "--set account=...   ways to sign in: key-pair (user, private_key_file), access-token (" in missing.err
    assert missing.err.rstrip().endswith("browser (user) [not in an environment]")
    assert "ways to sign in" not in wrong.err


def test_add_prints_the_name(solvent: World) -> None:
    """And a note says how to try it."""
    ran = solvent("connection", "add", "sales", "--connector", "postgresql",
                  "--set", "host=db", "--set", "database=sales", "--set", "user=ana",
                  "--secret", "password=env:PGPASSWORD")  # fmt: skip

    assert (ran.code, ran.out) == (0, "sales\n")
    assert ran.err.splitlines()[-1] == "note: try it:  solvent connection test sales"
    shown = solvent("connection", "show", "sales")
    assert "password  env:PGPASSWORD" in shown.out


def test_a_secret_in_clear_is_never_seen_again(solvent: World, tmp_path: Path) -> None:
    """A URL's password is replaced by a reference, warned about, and in no output of any command."""
    url = f"postgresql://ana:{PLANTED}@db/sales"

    added = solvent("connection", "add", "sales", "--connector", "postgresql", "--url", url, "-o", "json")
    outputs = [added, *(solvent("connection", *words, "-o", form)
                        for words in (("list",), ("show", "sales")) for form in ("table", "wide", "json"))]  # fmt: skip

    assert added.code == 0
    assert "others on this machine can see" in added.err
    assert all(PLANTED not in one.out + one.err for one in outputs)
    assert added.json["connection"]["secrets"]["password"].startswith("file:")


def test_a_secret_in_clear_is_in_one_file_and_nowhere_else(
    solvent: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of mode 0600: not in the history, nor in a log, not even where something breaks that nobody expected."""
    url = f"postgresql://ana:{PLANTED}@db/sales"
    assert solvent("connection", "add", "sales", "--connector", "postgresql", "--url", url).code == 0

    def breaks(*_words: object, **_more: object) -> None:
        raise RuntimeError(f"cannot read {url}")

    monkeypatch.setattr("manager.app.saving.added", breaks)
    ran = solvent("connection", "add", "other", "--connector", "postgresql", "--url", url)

    home = tmp_path / "home"
    (log,) = home.rglob("*solvent-bug-*.log")
    having = [file for file in home.rglob("*") if file.is_file() and PLANTED.encode() in file.read_bytes()]
    assert [file.name for file in having] == ["sales.password"]
    assert having[0].stat().st_mode & 0o777 == 0o600
    assert "cannot read" in log.read_text()
    assert PLANTED not in ran.out + ran.err + repr(solvent.store.history())


def test_a_key_file_is_given_by_its_path(solvent: World, tmp_path: Path) -> None:
    """In a URL and among parameters: the reference is to that file, whose content is delivered."""
    (tmp_path / "key.pem").write_text("-----BEGIN")
    words = ("--connector", "postgresql", "--url", f"postgresql://ana@db/x?sslkey={tmp_path}/key.pem")
    more = ("--connector", "postgresql", "--url", "postgresql://ana@db/x", "--set", "sslkey=key.pem")

    for name, given in (("one", words), ("two", more)):
        ran = solvent("connection", "add", name, *given, "-o", "json")
        assert (ran.code, ran.json["connection"]["secrets"]) == (0, {"sslkey": f"file:{tmp_path}/key.pem"}), ran.err
    ran = solvent("connection", "add", "three", *more[:-1], "sslkey=none.pem", "-o", "json")
    assert (ran.code, "there is none at the path" in ran.error["message"]) == (2, True)


@pytest.mark.parametrize(
    "words",
    [
        ("--url", f"mysql://ana:{PLANTED}@db/sales"),
        ("--ulr", f"postgresql://ana:{PLANTED}@db/sales"),
        (f"--url=postgresql://ana:{PLANTED}@db:port/sales",),
        ("--secret", f"password={PLANTED}"),
        ("--secret", f"password={PLANTED}", "--secret", f"password={PLANTED}"),
        ("--set", f"password={PLANTED}", "--set", "port=none"),
        ("-o", "json", f"postgresql://ana:{PLANTED}@db/sales"),
        ("--secret", PLANTED),
    ],
)
def test_no_error_repeats_a_secret(solvent: World, words: tuple[str, ...]) -> None:
    """Whatever is wrong with the words, a password among them is not repeated."""
    ran = solvent("connection", "add", "sales", "--connector", "postgresql", *words)

    assert (ran.code, ran.out) == (2, "")
    assert PLANTED not in ran.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("add", "x"), "missing option '--connector'"),
        (("add", "x", "--connector", "postgres"), "did you mean postgresql?"),
        (("add", "x", "--connector", "postgresql", "--set", "host"), "write it as KEY=VALUE"),
        (("add", "x", "--connector", "postgresql", "--set", "host=a", "--set", "host=b"), "--set host is given twice"),
        (("add", "x", "--connector", "postgresql", "--set", "host=a"), "is required and missing"),
        (("show", "warehose"), "did you mean warehouse?"),
        (("remove", "warehose"), "did you mean warehouse?"),
        (("test", "warehouse", "--driver", "psycopg3"), "has no driver 'psycopg3'"),
    ],
)
def test_bad_words_end_with_2(warehouse: World, words: tuple[str, ...], said: str) -> None:
    """Nothing on stdout, and what is wrong on stderr."""
    ran = warehouse("connection", *words)

    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err


def test_a_taken_name_is_refused(warehouse: World) -> None:
    """Exit 5, with the command that makes room."""
    ran = warehouse("connection", "add", "warehouse", "--connector", "postgresql", "--source", "postgresql-17")

    assert ran.code == 5
    assert "solvent connection remove warehouse" in ran.err


@pytest.mark.parametrize(("outcome", "code"), [("pass", 0), ("fail", 3), ("error", 3)])
def test_a_test_shows_each_probe_and_exits_3_if_one_does_not_pass(
    warehouse: World, monkeypatch: pytest.MonkeyPatch, outcome: str, code: int
) -> None:
    """The table is the result either way; the error names the probe and its reason."""
    warehouse.build()
    warehouse.engine.create_network("solvent-sources", {})
    warehouse.compose.up.append("postgresql-17")
    password = warehouse.open(None, None).settings.state_dir / "sources" / "postgresql-17" / "password"
    password.parent.mkdir(parents=True)
    password.write_text(PLANTED)
    password.chmod(0o600)
    answers = (Result("import", "pass", "", 0.35), Result("select 1", outcome, "" if code == 0 else "refused", 0.5))  # type: ignore[arg-type]
    monkeypatch.setattr("manager.app.sandbox.ask", lambda *_words, **_more: answers)

    ran = warehouse("connection", "test", "warehouse")

    assert ran.code == code
    assert f"select 1  {outcome}" in ran.out
    assert ("select 1: refused" in ran.err) == (code == 3)
    told = warehouse("connection", "test", "warehouse", "-o", "json")
    assert told.code == code
    assert told.json["test"]["outcome"] == outcome
    assert PLANTED not in ran.out + ran.err + told.out + told.err


def test_a_network_that_a_connection_names_is_never_made(solvent: World) -> None:
    """Under another's name it would be taken for that one; the error says which is missing, and nothing is there."""
    solvent.build()
    solvent("connection", "add", "sales", "--connector", "postgresql",
            "--set", "host=db", "--set", "database=sales", "--set", "user=ana")  # fmt: skip
    file = solvent.open(None, None).settings.connections_dir / "sales.toml"
    file.write_text('network = "backend"\n' + file.read_text())

    ran = solvent("connection", "test", "sales")

    assert ran.code == 5
    assert "there is no network backend" in ran.err
    assert solvent.engine.network("backend") is None


def test_a_test_of_a_stopped_source_is_not_run_and_names_the_command_that_starts_it(warehouse: World) -> None:
    """Nothing is wrong with the connection, so no probe fails."""
    warehouse.build()

    ran = warehouse("connection", "test", "warehouse", "-o", "json")

    assert ran.code == 3
    assert ran.json["test"]["outcome"] == "not_run"
    assert ran.error["hint"] == "start its source:  solvent source start postgresql-17"


def test_remove_forgets_a_connection(warehouse: World) -> None:
    """A second time there is nothing of that name."""
    assert warehouse("connection", "remove", "warehouse", "-o", "json").json == {"removed": {"connection": "warehouse"}}
    assert warehouse("connection", "list").err.startswith("note: no connections")
    assert warehouse("connection", "remove", "warehouse").code == 2


def test_sources_show_whether_they_run_and_stop(solvent: World) -> None:
    """Stopping without a name stops what runs, and shows it."""
    solvent.compose.up.append("postgresql-17")

    listed = solvent("source", "list", "-o", "json").json["sources"]
    stopped = solvent("source", "stop")

    states = {one["name"]: one["state"] for one in listed}
    assert (states["postgresql-15"], states["postgresql-17"]) == ("stopped", "running")
    assert states["duckdb"] == "in the process"
    assert [line.split()[0] for line in stopped.out.splitlines()[1:]] == ["odbc-postgresql-17", "postgresql-17"]
    assert stopped.out.splitlines()[2].split() == ["postgresql-17", "postgresql", "postgresql", "17", "real", "stopped"]
    assert solvent("source", "stop", "--check").code == 0


def test_a_source_start_is_planned_from_its_base(solvent: World) -> None:
    """The plan has the base and the server; an unknown source gets a suggestion."""
    ran = solvent("source", "start", "postgresql-17", "--dry-run", "-o", "json")

    assert [step["kind"] for step in ran.json["steps"]][-1] == "start source"
    assert "did you mean postgresql-17?" in solvent("source", "start", "postgresql-7").err
    assert solvent("source", "start").code == 2


def test_sources_of_one_server_start_it_once(solvent: World) -> None:
    """Both run then, and each stops it; what is in the process is neither started nor connected to."""
    ran = solvent("source", "start", "odbc-postgresql-17", "postgresql-17", "--dry-run", "-o", "json")
    solvent.compose.up.append("postgresql-17")
    stopped = solvent("source", "stop", "odbc-postgresql-17", "--dry-run", "-o", "json")

    assert [one["target"] for one in ran.json["steps"] if one["kind"] == "start source"] == ["postgresql-17"]
    assert [one["target"] for one in stopped.json["steps"]] == ["postgresql-17"]
    for words in (
        ("source", "start", "duckdb"),
        ("source", "stop", "duckdb"),
        ("connection", "add", "duck", "--connector", "duckdb", "--source", "duckdb"),
    ):
        refused = solvent(*words)
        assert refused.code == 2
        assert "duckdb is an engine in the process: it has no server" in refused.err


def test_the_password_of_a_source_is_that_of_its_server(solvent: World) -> None:
    """A connection through ODBC takes the password that PostgreSQL started with."""
    ran = solvent("connection", "add", "odbc", "--connector", "odbc", "--source", "odbc-postgresql-17", "-o", "json")

    assert ran.code == 0, ran.err
    shown = solvent("connection", "show", "odbc", "-o", "json")
    assert "/sources/postgresql-17/password" in shown.out


def test_workspaces_outlive_their_environment(launched: World) -> None:
    """They are listed with who uses them, and one in use stays."""
    assert launched("workspace", "show", "work", "-o", "json").json["workspace"]["environments"] == ["work"]
    assert launched("workspace", "remove", "work", "--approve-destructive").code == 5

    launched("env", "remove", "work")

    assert launched("workspace", "remove", "work", "--approve-destructive").out == "work\n"
    assert launched("workspace", "list").err.startswith("note: no workspaces")


@pytest.fixture
def sharing(solvent: World, tmp_path: Path) -> World:
    """Give a world with a catalog of one's own, around the working folder, that shares a connection."""
    assert solvent("init", "ours").code == 0
    ran = solvent("connection", "add", "bank", "--connector", "postgresql", "--url", "postgresql://db.bank/main",
                  "--shared", "--needs", "username", "--needs", "password", "--owner", "data platform",
                  "--description", "The bank's warehouse.", "--network", "backend", "--catalog", "ours")  # fmt: skip
    assert (ran.code, ran.out) == (0, "bank\n")
    assert ran.err == ("note: it stands in connectors/connections.toml:3; each person brings their user and password\n")
    return solvent


def test_shared_connections_are_listed_with_what_they_need(sharing: World) -> None:
    """Where people read, and where programs do."""
    heading, row = sharing("connection", "list", "--catalog", "ours").out.splitlines()

    assert heading.split() == ["NAME", "CONNECTOR", "HOST", "DATABASE", "SOURCE", "ORIGIN", "NEEDS"]
    assert row.split() == ["bank", "postgresql", "db.bank", "main", "-", "shared", "user,", "password"]
    (found,) = sharing("connection", "list", "--catalog", "ours", "-o", "json").json["connections"]
    assert found == {
        "name": "bank", "connector": "postgresql", "parameters": {"database": "main", "host": "db.bank"},
        "secrets": {}, "source": None, "network": "backend", "shared": True, "origin": "shared",
        "owner": "data platform", "description": "The bank's warehouse.", "needs": ["user", "password"],
        "missing": ["user", "password"],
    }  # fmt: skip
    assert (
        "origin       shared, connectors/connections.toml:3"
        in sharing("connection", "show", "bank", "--catalog", "ours").out
    )


def test_a_shared_connection_is_completed_and_left_again(sharing: World) -> None:
    """Without --connector; an incomplete one is refused with that very command."""
    refused = sharing("connection", "test", "bank", "--catalog", "ours")
    assert refused.code == 5
    command = "solvent connection add bank --set user=... --secret password=env:VARIABLE"
    assert f"hint: {command}" in refused.err

    words = command.replace("...", "ana").split()[1:]
    added = sharing(*words, "--catalog", "ours", "-o", "json").json["connection"]

    assert (added["missing"], added["secrets"]) == ([], {"password": "env:VARIABLE"})
    assert sharing("connection", "remove", "bank", "--catalog", "ours").code == 0
    assert sharing("connection", "remove", "bank", "--catalog", "ours").code == 2
    assert sharing("connection", "remove", "bank", "--shared", "--catalog", "ours").code == 0
    assert sharing("connection", "list", "--catalog", "ours").err.startswith("note: no connections")


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("add", "x", "--shared", "--connector", "postgresql", "--set", "host=db"), 5, "solvent init DIR"),
        (("remove", "x", "--shared"), 5, "read-only"),
        (("add", "x", "--shared"), 2, "missing option '--connector'"),
        (("add", "x", "--connector", "postgresql", "--needs", "user"), 2, "add  --shared"),
        (("add", "warehous", "--secret", "password=env:X"), 2, "the catalog shares no connection named 'warehous'"),
    ],
)
def test_what_cannot_be_shared(solvent: World, words: tuple[str, ...], code: int, said: str) -> None:
    """The shipped catalog is nobody's to edit, and words that mean nothing together are refused."""
    ran = solvent("connection", *words)

    assert (ran.code, ran.out) == (code, "")
    assert said in ran.err


def test_a_secret_that_is_to_be_shared_is_never_repeated(sharing: World) -> None:
    """Neither by the refusal nor in the catalog's files."""
    ran = sharing("connection", "add", "leak", "--shared", "--connector", "postgresql", "--catalog", "ours",
                  "--url", f"postgresql://ana:{PLANTED}@db/x")  # fmt: skip

    assert ran.code == 2
    assert "--needs password" in ran.err
    assert PLANTED not in ran.err


def test_a_network_is_saved_and_shown(solvent: World) -> None:
    """As it was given."""
    solvent("connection", "add", "mart", "--connector", "postgresql", "--url", "postgresql://ana@db/x",
            "--network", "backend")  # fmt: skip

    assert solvent("connection", "show", "mart", "-o", "json").json["connection"]["network"] == "backend"
    assert "network    backend" in solvent("connection", "show", "mart").out
