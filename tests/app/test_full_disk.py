"""The disk fills up in the middle of a build: it is said, what was there stays, and the next run goes on."""

from __future__ import annotations

import errno
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from manager.core.observed import BuildStatus
from manager.errors import Bug, Failed, ManagerError
from tests.app import faults
from tests.app.conftest import RELEASE, World, run
from tests.app.fault_commands import COMMANDS
from tests.fakes.boundaries import Process

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

# The boundaries at which something is written, each with the first or the last time that a build passes it.
WRITES = {"files.claim": "first", "files.folder": "last", "files.rename": "last", "files.pack": "first"}
BUILD = next(one for one in COMMANDS if one.words == "image build")


class FullDisk(Process):
    """A process whose disk is full at one of its writes, and only then."""

    def __init__(self, name: str, number: int) -> None:
        super().__init__()
        self._at = (name, number)

    def through(self, name: str, call: Callable[..., Any], *words: Any, **more: Any) -> Any:
        """Refuse the one write."""
        if name in WRITES:
            with self._lock:
                self.passed[name] += 1
                if (name, self.passed[name]) == self._at:
                    raise OSError(errno.ENOSPC, "No space left on device", "somewhere")
        return call(*words, **more)


def earlier(world: World, patch: pytest.MonkeyPatch) -> None:
    """Let there be an earlier build, promoted, of other ingredients."""
    BUILD.before(world, patch)
    world.build()


def test_whichever_write_of_a_build_fails() -> None:
    """The error says that the disk is full and is no bug; the earlier build stays promoted until a run ends well."""
    command = replace(BUILD, before=earlier)
    with faults._world(command) as world:
        process = FullDisk("", 0)
        with process.files():
            run(world.manager(), command.plan(world.manager()))
        expected = faults.state(world)
        wheres = [(name, 1 if which == "first" else process.passed[name]) for name, which in WRITES.items()]
    assert all(process.passed[name] for name in WRITES)

    for where in wheres:
        with faults._world(command) as world:
            error = attempted(world, FullDisk(*where))
            if error is not None:
                assert isinstance(error, Failed), where
                assert not isinstance(error, Bug), where
                assert "full" in f"{error.message} {error.why} {error.hint}", where
                first = world.store.kept[0]
                assert (first.status, world.store.pointers[RELEASE, "stable"]) == (BuildStatus.PROMOTED, first.digest)
                assert world.engine.image(first.digest) is not None
            manager = world.manager()
            run(manager, command.plan(manager))
            manager.close()
            assert faults.state(world) == expected, where


def attempted(world: World, process: FullDisk) -> ManagerError | None:
    """Build with that disk; give the error."""
    manager = world.manager()
    with process.files():
        try:
            run(manager, manager.plan_build((RELEASE,)))
        except ManagerError as error:
            return error
        finally:
            manager.close()
    return None
