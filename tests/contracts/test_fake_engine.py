"""What the fake engine can do besides its port: fail on demand, call hooks, remember what it was given."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

from manager.core.containers import ContainerSpec
from manager.core.ports import Engine
from manager.errors import Unreachable, UsageError
from manager.world.engine.docker import Docker
from tests.fakes.engine import FakeEngine, Outcome

GONE = Unreachable("gone")


def made(engine: FakeEngine, name: str = "one") -> ContainerSpec:
    """Give a container for an image that is there."""
    return ContainerSpec(name, engine.add_image("t/image:1"), labels=(("k", "v"),), command=("serve",))


def test_a_failure_comes_once_or_for_ever() -> None:
    """Once, after some good calls, or until healed; other methods go on."""
    engine = FakeEngine()
    engine.fail("info", GONE)
    engine.fail("networks", GONE, skip=1)
    engine.fail("volumes", GONE, times=None)

    with pytest.raises(Unreachable):
        engine.info()
    assert engine.info().name == "Fake"
    assert engine.networks({"any": ""}) == ()
    with pytest.raises(Unreachable):
        engine.networks({})
    for _ in range(3):
        with pytest.raises(Unreachable):
            engine.volumes({})
    engine.heal()
    assert engine.volumes({}) == ()


def test_a_lost_answer_leaves_the_effect() -> None:
    """Failing after the call is what a crash between doing and recording looks like."""
    engine = FakeEngine()
    engine.fail("create_volume", GONE, when="after")

    with pytest.raises(Unreachable):
        engine.create_volume("files", {})

    assert engine.volume("files") is not None


def test_hooks_see_each_call_and_may_raise() -> None:
    """A hook is called before the effect: Ctrl-C in it is Ctrl-C before the step."""
    engine = FakeEngine()
    seen: list[tuple[str, tuple[Any, ...]]] = []

    def hook(method: str, arguments: tuple[Any, ...]) -> None:
        seen.append((method, arguments))
        if method == "remove_volume":
            raise KeyboardInterrupt

    engine.before.append(hook)
    engine.create_volume("files", {})
    with pytest.raises(KeyboardInterrupt):
        engine.remove_volume("files")

    assert seen == [("create_volume", ("files", {})), ("remove_volume", ("files",))]
    assert engine.calls == seen[:1]
    assert engine.volumes({}) != ()


def test_behaviour_may_depend_on_container_and_input() -> None:
    """A taught function gets the container's name and the bytes; the longest command that matches counts."""
    engine = FakeEngine()
    spec = made(engine)
    engine.teach(("serve",), lambda name, stdin: Outcome(stdout=name.encode() + stdin, ends="when stopped"))
    engine.teach((), Outcome(code=1))
    engine.teach(("cat", "/token"), Outcome(stdout=b"t"))

    engine.create(spec)
    engine.start("one", stdin=b"!")

    assert b"".join(engine.logs("one")) == b"one!"
    assert engine.inputs == {"one": b"!"}
    assert engine.specs == {"one": spec}
    assert engine.exec("one", ("cat", "/token")).stdout == b"t"
    assert engine.exec("one", ("cat", "/other")).code == 1


def test_a_pull_gives_what_the_registry_has() -> None:
    """Nothing else can be pulled."""
    engine = FakeEngine()
    engine.registry["registry/base:1"] = {"k": "v"}
    said: list[str] = []

    digest = engine.pull("registry/base:1", said.append)

    assert engine.image("registry/base:1").digest == digest
    assert said == ["Pulling from registry/base:1"]
    with pytest.raises(Unreachable):
        engine.pull("registry/base:2", said.append)


def test_only_methods_of_the_port_can_be_made_to_fail() -> None:
    """A test with a misspelled method fails itself, and does not pass for nothing."""
    with pytest.raises(AssertionError, match="the port has no strat"):
        FakeEngine().fail("strat", UsageError("x"))


@pytest.mark.parametrize("engine", [FakeEngine, Docker])
def test_signatures_are_those_of_the_port(engine: type) -> None:
    """Both can be called wherever the port is asked for."""
    methods = [name for name in vars(Engine) if not name.startswith("_")]

    assert {name: inspect.signature(getattr(engine, name)) for name in methods} == {
        name: inspect.signature(getattr(Engine, name)) for name in methods
    }
