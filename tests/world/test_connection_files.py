"""Personal connections as files: they come back as they were saved, and broken ones say where."""

from __future__ import annotations

import stat
import tempfile
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from manager.core.connections import Connection
from manager.errors import CatalogError, Refused, UsageError
from manager.world.folder import ConnectionFolder, to_toml

WAREHOUSE = Connection(
    "warehouse",
    "postgresql",
    (("host", "db"), ("application_name", 'quotes " \\ \n\t\x7f ü😀')),
    (("password", "env:PGPASSWORD"),),
    source="postgresql-17",
    network="lab",
)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@pytest.fixture
def folder(tmp_path: Path) -> ConnectionFolder:
    """Give a folder that is not there yet."""
    return ConnectionFolder(tmp_path / "config/connections")


def test_connection_comes_back_from_a_narrow_file(folder: ConnectionFolder) -> None:
    """What is saved is read back equal; only the person can read the file, and nothing else lies beside it."""
    file = folder.write(WAREHOUSE)

    assert folder.read("warehouse") == WAREHOUSE
    assert folder.list() == (WAREHOUSE,)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [one.name for one in folder.path.iterdir()] == ["warehouse.toml"]


@given(pairs=st.dictionaries(TEXT, TEXT))
def test_any_text_survives_the_file(pairs: dict[str, str]) -> None:
    """Keys and values of any characters survive TOML."""
    connection = Connection("any", "postgresql", tuple(pairs.items()))

    with tempfile.TemporaryDirectory() as place:
        folder = ConnectionFolder(Path(place))
        folder.write(connection)
        assert folder.read("any") == connection


def test_file_is_plain_toml(folder: ConnectionFolder) -> None:
    """The form is fixed, so that a diff shows what changed."""
    assert to_toml(Connection("w", "postgresql", (("host", "db"), ("an odd key", "1")), (("password", "env:P"),))) == (
        'connector = "postgresql"\n\n[parameters]\nhost = "db"\n"an odd key" = "1"\n\n[secrets]\npassword = "env:P"\n'
    )


def test_numbers_and_booleans_written_by_hand_are_read_as_text(folder: ConnectionFolder) -> None:
    """A person may write ``port = 5432``; canonical parameters are text."""
    folder.path.mkdir(parents=True)
    (folder.path / "w.toml").write_text('connector = "postgresql"\nparameters = { port = 5432, tls = true }\n')

    assert folder.read("w").parameters == (("port", "5432"), ("tls", "true"))


def test_taken_name_is_refused_and_the_file_stays(folder: ConnectionFolder) -> None:
    """Saving under a taken name changes nothing, unless replacing is asked for."""
    folder.write(WAREHOUSE)
    other = Connection("warehouse", "mysql")

    with pytest.raises(Refused, match="already"):
        folder.write(other)

    assert folder.read("warehouse") == WAREHOUSE
    folder.write(other, replace=True)
    assert folder.read("warehouse") == other


def test_of_many_that_save_at_once_one_wins(tmp_path: Path) -> None:
    """Of several that take one name at the same moment one succeeds, and its file is whole."""
    folder = ConnectionFolder(tmp_path)
    outcomes: list[str] = []
    start = threading.Barrier(8)

    def save(number: int) -> None:
        start.wait()
        try:
            folder.write(Connection("warehouse", "postgresql", (("host", f"h{number}"),)))
            outcomes.append(f"h{number}")
        except Refused:
            outcomes.append("refused")

    threads = [threading.Thread(target=save, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert outcomes.count("refused") == 7
    assert dict(folder.read("warehouse").parameters)["host"] in outcomes


def test_unknown_name_is_a_usage_error_with_a_suggestion(folder: ConnectionFolder) -> None:
    """Reading and removing what is not there suggest what is."""
    folder.write(WAREHOUSE)

    for action in (folder.read, folder.remove):
        with pytest.raises(UsageError, match="no connection 'warehose'") as caught:
            action("warehose")
        assert caught.value.hint == "did you mean warehouse?"


@pytest.mark.parametrize("name", ["../escape", "a/b", "", ".hidden", "UPPER"])
def test_name_cannot_leave_the_folder(folder: ConnectionFolder, name: str) -> None:
    """A name is never a path."""
    with pytest.raises(UsageError):
        folder.write(Connection(name, "postgresql"))


def test_removed_connection_is_gone(folder: ConnectionFolder) -> None:
    """Removing deletes the file."""
    folder.write(WAREHOUSE)

    folder.remove("warehouse")

    assert folder.names() == ()


@pytest.mark.parametrize(
    ("text", "line", "key", "why"),
    [
        ('connector = "postgresql\n', 1, "", "invalid TOML"),
        ('connector = "postgresql"\n[parameters]\nhost = \n', 3, "", "invalid TOML"),
        ('connector = "postgresql"\n\nconector = "x"\n', 3, "conector", "unknown key"),
        ("source = 'x'\n", 1, "source", "belongs to a connector"),
        ('connector = ""\n', 1, "connector", "is empty"),
        ("connector = 5\n", 1, "connector", "is to be a string"),
        ('connector = "p"\nsecrets = "x"\n', 2, "secrets", "is to be a table"),
        ('connector = "p"\n[parameters]\nhost = ["a"]\n', 3, "parameters.host", "is to be a string"),
        ('connector = "p"\n[secrets]\npassword = "hunter2"\n', 3, "secrets.password", "no reference"),
    ],
)
def test_broken_file_says_where(folder: ConnectionFolder, text: str, line: int, key: str, why: str) -> None:
    """A broken file gives a problem with file, line, key and reason, and never a secret written by mistake."""
    folder.path.mkdir(parents=True)
    (folder.path / "broken.toml").write_text(text)

    with pytest.raises(CatalogError) as caught:
        folder.read("broken")

    (problem,) = caught.value.problems
    assert problem.file == str(folder.path / "broken.toml")
    assert (problem.line, problem.key) == (line, key)
    assert why in problem.why
    assert "hunter2" not in str(problem) + problem.hint


def test_list_gives_the_problems_of_all_files_at_once(folder: ConnectionFolder) -> None:
    """Two broken files are reported together; a sound one is still read by its name."""
    folder.write(WAREHOUSE)
    (folder.path / "a.toml").write_text("x = 1\n")
    (folder.path / "b.toml").write_text("=")

    with pytest.raises(CatalogError) as caught:
        folder.list()

    assert len({problem.file for problem in caught.value.problems}) == 2
    assert folder.read("warehouse") == WAREHOUSE


def test_a_part_of_a_shared_connection_names_no_connector(folder: ConnectionFolder) -> None:
    """It holds what is the person's own, and comes back as it was."""
    part = Connection("warehouse", "", (("user", "ana"),), (("password", "env:PGPASSWORD"),))

    folder.write(part)

    assert "connector" not in (folder.path / "warehouse.toml").read_text()
    assert folder.read("warehouse") == part
