"""Settings: which one wins, where it comes from, and what is wrong with the files."""

from __future__ import annotations

import os
import pwd
from pathlib import Path

import pytest

from manager.app.settings import MACHINE_FILE, MACHINE_STATE, load, shown
from manager.errors import CatalogError, UsageError


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """Give the place of the machine's file, which is not there yet."""
    return tmp_path / "etc/config.toml"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Give the folder that SOLVENT_HOME names."""
    (tmp_path / "home/config").mkdir(parents=True)
    (tmp_path / "etc").mkdir()
    return tmp_path / "home"


def test_defaults_below_one_folder(home: Path, machine: Path) -> None:
    """With nothing but SOLVENT_HOME, everything lies below it, and the rest are the documented defaults."""
    settings = load({"SOLVENT_HOME": str(home)}, machine)

    assert settings.database_url == f"sqlite:///{home}/state/state.db"
    assert (settings.config_dir, settings.cache_dir) == (home / "config", home / "cache")
    assert settings.connections_dir == home / "config/connections"
    assert (settings.realm, settings.machine_wide, settings.catalog) == ("solvent", False, None)
    assert (settings.port_first, settings.port_last, settings.memory) == (20000, 29999, "4g")
    assert settings.memory_bytes == 4 * 1024**3
    assert settings.cpus > 0


def test_later_places_win_and_each_value_knows_its_origin(home: Path, machine: Path) -> None:
    """Machine, then person, then environment; the origin is a file with a line, or a variable."""
    person = home / "config/config.toml"
    machine.write_text('realm = "machine"\nmemory = "1g"\npids = 99\n')
    person.write_text('# mine\nmemory = "2g"\nrealm = "person"\n')

    settings = load({"SOLVENT_HOME": str(home), "SOLVENT_REALM": "variable", "SOLVENT_PIDS": ""}, machine)

    origins = dict(settings.origins)
    assert (settings.realm, origins["realm"]) == ("variable", "SOLVENT_REALM")
    assert (settings.memory, origins["memory"]) == ("2g", f"{person}:2")
    assert (settings.pids, origins["pids"]) == (99, f"{machine}:3")
    assert origins["cpus"] == "default"
    assert origins["state_dir"] == "SOLVENT_HOME"


def test_machine_wide_state_is_one_for_the_machine(tmp_path: Path, home: Path, machine: Path) -> None:
    """A machine's file makes one state for the machine; secrets that are kept stay the person's."""
    machine.write_text("machine_wide = true\n")

    settings = load({}, machine)

    assert settings.machine_wide
    assert settings.state_dir == MACHINE_STATE
    assert settings.database_url == f"sqlite:///{MACHINE_STATE}/state.db"
    assert MACHINE_STATE not in settings.personal_dir.parents
    assert dict(settings.origins)["state_dir"] == f"{machine}:1"


def test_own_home_is_apart_from_a_machine_wide_state(home: Path, machine: Path) -> None:
    """SOLVENT_HOME puts the state below it, whatever the machine's file says."""
    machine.write_text("machine_wide = true\n")

    settings = load({"SOLVENT_HOME": str(home)}, machine)

    assert not settings.machine_wide
    assert settings.state_dir == home / "state"


def test_owner_is_who_the_operating_system_says(home: Path, machine: Path) -> None:
    """No variable makes one person another."""
    lies = {"SUDO_UID": "12345", "SUDO_USER": "eve", "USER": "eve", "LOGNAME": "eve", "SOLVENT_OWNER": "eve"}

    settings = load({"SOLVENT_HOME": str(home), **lies}, machine)

    assert settings.owner == pwd.getpwuid(os.getuid()).pw_name


def test_engine_of_the_docker_command_counts_until_ours_is_named(home: Path, machine: Path) -> None:
    """DOCKER_HOST is honoured; SOLVENT_ENGINE_URL is stronger."""
    docker = {"SOLVENT_HOME": str(home), "DOCKER_HOST": "tcp://a:1"}

    assert load(docker, machine).engine_url == "tcp://a:1"
    assert load(docker | {"SOLVENT_ENGINE_URL": "tcp://b:2"}, machine).engine_url == "tcp://b:2"


def test_catalog_is_absolute_and_relative_to_its_file(home: Path, machine: Path) -> None:
    """A relative catalog in a file is relative to the file; in a variable, to the working directory."""
    (home / "config/config.toml").write_text('catalog = "../catalog"\n')

    from_file = load({"SOLVENT_HOME": str(home)}, machine).catalog
    from_variable = load({"SOLVENT_HOME": str(home), "SOLVENT_CATALOG": "here"}, machine).catalog

    assert from_file == home / "config/../catalog"
    assert from_variable == Path.cwd() / "here"


@pytest.mark.parametrize(
    ("text", "line", "key", "why"),
    [
        ('realm = "x"\nrelm = "y"\n', 2, "relm", "unknown key"),
        ("[gut]\nmode = 'none'\n", 1, "gut", "unknown key"),
        ("\n[git]\nmode = 'commit'\n", 3, "git.mode", "must be none or branch"),
        ("[git]\nmode = 'none'\nmood = 'x'\n", 3, "git.mood", "unknown key"),
        ("[git]\nmode = ['branch']\n", 2, "git.mode", "must be none or branch"),
        ("git = 'branch'\n", 1, "git", "must be a table"),
        ("git_mode = 'branch'\n", 1, "git_mode", "unknown key"),
        ("\npids = 'many'\n", 2, "pids", "type str"),
        ("pids = true\n", 1, "pids", "type bool"),
        ("pids = 0\n", 1, "pids", "not between"),
        ("port_first = 80\n", 1, "port_first", "not between"),
        ("memory = 'lots'\n", 1, "memory", "not a size"),
        ("realm = 'Not A Realm'\n", 1, "realm", "cannot be used"),
        ("machine_wide = true\n", 1, "machine_wide", "whole machine"),
        ("realm = \n", 1, "", "invalid TOML"),
    ],
)
def test_wrong_file_says_where(home: Path, machine: Path, text: str, line: int, key: str, why: str) -> None:
    """Each mistake in a file is told with file, line and key."""
    file = home / "config/config.toml"
    file.write_text(text)

    with pytest.raises(CatalogError) as caught:
        load({"SOLVENT_HOME": str(home)}, machine)

    (problem,) = caught.value.problems
    assert (problem.file, problem.line, problem.key) == (str(file), line, key)
    assert why in problem.why


def test_the_mode_of_git_stands_in_a_table_or_a_variable(home: Path, machine: Path) -> None:
    """A later place wins; a table without it changes nothing."""
    machine.write_text('[git]\nmode = "branch"\n')
    (home / "config/config.toml").write_text("[git]\n")
    environ = {"SOLVENT_HOME": str(home)}

    assert [load(environ, place).git_mode for place in (machine, home / "none.toml")] == ["branch", "none"]
    found = load(environ | {"SOLVENT_GIT_MODE": "none"}, machine)
    assert found.git_mode == "none"
    assert [(one.value, one.origin) for one in shown(found) if one.name == "git.mode"] == [("none", "SOLVENT_GIT_MODE")]


def test_all_mistakes_of_a_file_come_at_once(home: Path, machine: Path) -> None:
    """A file with three mistakes gives three problems."""
    machine.write_text('relm = "x"\npids = "many"\nmemory = "lots"\n')

    with pytest.raises(CatalogError) as caught:
        load({"SOLVENT_HOME": str(home)}, machine)

    assert [problem.line for problem in caught.value.problems] == [1, 2, 3]


@pytest.mark.parametrize(
    "variable", ["SOLVENT_PIDS", "SOLVENT_MEMORY", "SOLVENT_CPUS", "SOLVENT_PORT_LAST", "SOLVENT_GIT_MODE"]
)
def test_wrong_variable_is_named(home: Path, machine: Path, variable: str) -> None:
    """A variable that cannot be read is a usage error at its name."""
    with pytest.raises(UsageError) as caught:
        load({"SOLVENT_HOME": str(home), variable: "lots"}, machine)

    assert caught.value.where == variable


def test_empty_range_of_ports_is_refused(home: Path, machine: Path) -> None:
    """A range that ends before it begins is told with both origins."""
    with pytest.raises(UsageError, match="range of ports") as caught:
        load({"SOLVENT_HOME": str(home), "SOLVENT_PORT_LAST": "2000"}, machine)

    assert "SOLVENT_PORT_LAST" in caught.value.why


def test_shown_settings_hold_no_password(home: Path, machine: Path) -> None:
    """``config show`` prints the database's URL with stars; repr leaves the URL out."""
    url = "postgresql+psycopg://ana:hun@ter2@h/state?password=hunter3&x=1"

    settings = load({"SOLVENT_HOME": str(home), "SOLVENT_DATABASE_URL": url}, machine)

    (row,) = [one for one in shown(settings) if one.name == "database_url"]
    assert row.value == "postgresql+psycopg://ana:********@h/state?password=********&x=1"
    assert row.origin == "SOLVENT_DATABASE_URL"
    assert "ter" not in repr(settings).replace("after", "")
    assert settings.database_url == url


def test_machine_file_is_where_administrators_look() -> None:
    """The machine's file has a fixed place."""
    assert Path("/etc/solvent/config.toml") == MACHINE_FILE
