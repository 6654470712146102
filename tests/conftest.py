"""What every test shares: a machine with an engine for the tests that are marked ``engine``."""

from __future__ import annotations

import fcntl
import os
import signal
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from xdist.remote import Producer

    from tests.sharing import ByEngine

pytest_plugins = ["tests.system.world"]


# What takes how long on a machine that others share says nothing about an example.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


def pytest_configure() -> None:
    """Take interrupts as a person's terminal would give them, and settings from nobody.

    A shell without job control starts a program in the background with SIGINT ignored, and every child of it
    inherits that: Ctrl-C would reach nothing that a test starts.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)
    # The same for nohup, which has a hang-up ignored.
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    for name in [name for name in os.environ if name.startswith("SOLVENT_") and name != "SOLVENT_TEST_HOME"]:
        del os.environ[name]
    # A secret in clear is not to reach the keyring of whoever runs the tests. The library keeps the first backend that
    # it finds for its whole process, among them every class that a test defines: so it is named before any test runs.
    os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give every test that is marked ``engine`` a prepared machine before anything else of it is set up."""
    for item in items:
        if item.get_closest_marker("engine") and isinstance(item, pytest.Function):
            item.fixturenames.insert(0, "prepared_machine")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByEngine:
    """Share the tests among processes by what they need."""
    from tests.sharing import ByEngine

    return ByEngine(config, log)


@pytest.fixture(scope="session")
def prepared_machine(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Install and start what is missing of the engine, by the plan that quickstart itself applies.

    Raises Unreachable, with the commands to run by hand, where that may not be done: a test that needs an
    engine fails then, it is not skipped.
    """
    from manager.app import hosting
    from manager.app.manager import Manager
    from manager.app.settings import load

    home: Path = tmp_path_factory.mktemp("machine")
    manager = Manager(load({"SOLVENT_HOME": str(home)}))
    # One process of the tests at a time: two cannot install packages at once.
    with Path(tempfile.gettempdir(), "solvent-tests.lock").open("w") as alone:
        fcntl.flock(alone, fcntl.LOCK_EX)
        for _ in manager.apply(hosting.plan(manager.settings, datetime.now(UTC).date())):
            pass
    manager.close()
