"""``env list`` and ``env start`` after bad luck: what reaches stdout and stderr, and the exit codes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from getpass import getuser
from typing import TYPE_CHECKING

import pytest

from manager.core.names import Names
from manager.errors import Unreachable
from manager.world.engine import glance
from manager.world.engine.docker import Docker
from tests.cli.conftest import RELEASE
from tests.fakes.standin import rows, standing_in

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import World


def lose(world: World, name: str = "work") -> None:
    """Remove a container as ``docker rm -f`` does."""
    world.engine.remove(Names().environment(getuser(), name))


def test_a_gone_environment_is_listed_as_gone_with_the_way_back(launched: World) -> None:
    """The rows are the result, the way back is for the person."""
    lose(launched)

    ran = launched("env", "list")

    assert ran.code == 0
    assert ran.out.splitlines()[1].split()[:4] == ["work", RELEASE, "active", "gone"]
    assert ran.err == "note: gone without `env remove`: work; bring it back:  solvent env start work\n"
    assert [one["state"] for one in launched("env", "list", "-o", "json").json["environments"]] == ["gone"]
    opened = launched("env", "open", "work")
    assert (opened.code, "solvent env start work" in opened.err) == (5, True)
    assert launched("env", "logs", "work").code == 5
    assert launched("env", "start", "work").out == "work\n"
    assert "running" in launched("env", "list").out


def test_a_silent_engine_is_no_list_and_the_memory_is_asked_for_by_name(launched: World) -> None:
    """What ran when the engine was last seen is no fact about now: exit 6, or the state is unknown."""
    gone = Unreachable("the engine does not answer", hint="solvent doctor")
    launched.engine.fail("containers", gone, times=None)

    silent, known = launched("env", "list"), launched("env", "list", "--remembered")

    assert (silent.code, silent.out) == (6, "")
    assert "  hint: solvent doctor\n        see what was launched, without asking it:  solvent env list" in silent.err
    assert known.code == 0
    assert known.out.splitlines()[1].split()[3] == "unknown"
    assert "its state is unknown" in known.err


def test_who_removes_a_lost_environment_is_not_told_that_its_files_stay(launched: World) -> None:
    """The note says what is: the volume went before."""
    lose(launched)
    launched.engine.remove_volume(Names().workspace(getuser(), "work"))

    ran = launched("env", "remove", "work")

    assert (ran.code, ran.out) == (0, "work\n")
    assert "note: there are no files left of workspace work" in ran.err


def test_start_all_prints_names_and_exits_3_for_what_is_left(launched: World) -> None:
    """The rest is started all the same."""
    launched("env", "launch", "jupyterlab", "--name", "play")
    for name in ("work", "play"):
        lose(launched, name)
    launched.engine.remove_volume(Names().workspace(getuser(), "work"))

    ran = launched("env", "start", "--all")

    assert (ran.code, ran.out) == (3, "play\n")
    assert "error: 1 of 2 environments were not started\n" in ran.err
    assert "workspace work of work is gone" in ran.err
    launched("env", "start", "work", "--new-workspace")
    assert launched("env", "start", "--all", "-o", "json").json == {"started": [], "left": []}


@pytest.mark.parametrize("words", [(), ("work", "--all"), ("--all", "--new-workspace")])
def test_start_takes_one_name_or_all(launched: World, words: tuple[str, ...]) -> None:
    """Not both, and not neither."""
    ran = launched("env", "start", *words)

    assert (ran.code, ran.out) == (2, "")
    assert "name one environment, or say --all alone" in ran.err


# -- what a list costs --------------------------------------------------------------------------------------------


def test_lists_load_no_database_library_and_env_list_not_even_the_engines(tmp_path: Path) -> None:
    """On a state that is there: SQLAlchemy is for migrations, the SDK for what is more than a look at a list."""
    program = (
        "import sys\n"
        "from manager.cli.main import run\n"
        "code = run(sys.argv[1:])\n"
        "heavy = [one for one in ('sqlalchemy', 'alembic', 'docker', 'requests') if one in sys.modules]\n"
        "print(code, *heavy, file=sys.stderr)\n"
    )
    environ = {**os.environ, "SOLVENT_HOME": str(tmp_path / "home")}
    for name in ("SOLVENT_CATALOG", "SOLVENT_REALM", "SOLVENT_DATABASE_URL"):
        environ.pop(name, None)

    def loaded(*words: str) -> list[str]:
        command = [sys.executable, "-c", program, *words]
        done = subprocess.run(command, env=environ, capture_output=True, text=True, check=True, cwd=tmp_path)
        return done.stderr.splitlines()[-1].split()

    with standing_in(tmp_path / "engine.sock", rows(Names(), [getuser()], 2)) as url:
        environ["DOCKER_HOST"] = url
        assert loaded("env", "list")[:3] == ["0", "sqlalchemy", "alembic"], "a state that is not there yet (control)"
        assert loaded("env", "list") == ["0"]
        for words in (("image", "list"), ("status",)):
            assert {"sqlalchemy", "alembic"}.isdisjoint(loaded(*words))


def test_a_glance_sees_what_the_sdk_sees(tmp_path: Path) -> None:
    """Filtered by labels, running and stopped; the same values of both."""
    names = Names()
    with standing_in(tmp_path / "engine.sock", rows(names, ["ana", "bea"], 2)) as url:
        labels = names.filter("environment", "bea")
        seen = glance.containers(url, labels)

        assert seen == Docker(url).containers(labels)
        assert [(one.name, one.state, one.exit_code) for one in seen or ()] == [
            ("solvent-bea-env-0", "running", None),
            ("solvent-bea-env-1", "exited", 143),
        ]


@pytest.mark.parametrize("what", ["nothing there", "an error", "not JSON's shape", "another machine"])
def test_where_a_glance_fails_the_sdk_is_asked(tmp_path: Path, what: str) -> None:
    """It has the words for what is wrong."""
    labels = {"io.solvent.realm": "solvent"}
    socket = tmp_path / "engine.sock"
    if what == "nothing there":
        assert glance.containers(f"unix://{socket}", labels) is None
    elif what == "another machine":
        assert glance.containers("tcp://127.0.0.1:1", labels) is None
    else:
        wrong = json.loads('[{"Labels": {"io.solvent.realm": "solvent"}}]')
        with standing_in(socket, wrong, 500 if what == "an error" else 200) as url:
            assert glance.containers(url, labels) is None
