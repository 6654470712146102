"""Environments: read from labels, and the container that one must be."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from manager.core.containers import Publish
from manager.core.environments import LaunchRequest, environment_of, environment_spec, pick_port
from manager.core.names import Names
from manager.core.observed import Container
from tests.fakes.world import LAUNCH, release

REQUEST = LaunchRequest(
    "lab:4", "my_lab.1", "files", ("one", "two"), ("solvent-sources",), memory=2**30, cpus=1.5, pids=100
)  # fmt: skip


def container(**labels: str) -> Container:
    """Make a container with labels of ours."""
    made = {f"io.solvent.{key}": value for key, value in labels.items()}
    return Container("1", "c", "sha256:1", "exited", made, datetime(2026, 11, 21, tzinfo=UTC))


def test_an_environment_is_what_its_labels_say() -> None:
    """What was asked for at the launch can be read back from the container alone."""
    spec = environment_spec(Names(), "ana", release("4"), LAUNCH, REQUEST, None, 20001)
    made = Container(
        "1", spec.name, "sha256:1", "running", dict(spec.labels), datetime(2026, 11, 21, tzinfo=UTC),
        networks=spec.networks,
    )  # fmt: skip

    one = environment_of(made)

    assert (one.name, one.owner, one.release, one.family) == ("my_lab.1", "ana", "lab:4", "lab")
    assert (one.workspace, one.connections, one.port) == ("files", ("one", "two"), 20001)
    assert one.networks == ("solvent-environments", "solvent-sources")


def test_states_are_in_our_words() -> None:
    """Only what differs from the engine's is translated; a container without our labels does not break it."""
    one = environment_of(container())

    assert (one.state, one.name, one.port, one.connections) == ("stopped", "c", 0, ())
    assert environment_of(container(port="many")).port == 0


def test_the_container_of_an_environment() -> None:
    """The IDE's port on one of 127.0.0.1, the own network first, files and settings on volumes, limits as asked."""
    spec = environment_spec(Names(), "ana", release("4"), LAUNCH, REQUEST, None, 20001)

    assert spec.name == "solvent-ana-my_lab.1"
    assert "my_lab.1" in spec.name
    assert spec.hostname == "my-lab-1"
    assert spec.publish == (Publish(8888, 20001),)
    assert spec.networks[0] == "solvent-environments"
    assert [mount.source for mount in spec.mounts] == ["solvent-ws-ana-files", "solvent-home-ana-lab"]
    assert (spec.memory, spec.cpus, spec.pids, spec.stdin) == (2**30, 1.5, 100, True)
    assert spec.image == "", "the plan that builds it knows no digest yet"
    assert all("exec" not in one.options.split(",") for one in spec.tmpfs if one.target == "/run/solvent")


@given(name=st.text(min_size=1, max_size=20), taken=st.sets(st.integers(1, 12)))
def test_a_port_is_kept_unless_it_is_taken(name: str, taken: set[int]) -> None:
    """The same name gives the same port of the range, the next free one otherwise, None when there is none."""
    free = set(range(2, 12)) - taken

    port = pick_port(name, taken, 2, 11)

    assert port in free if free else port is None
    first = pick_port(name, (), 2, 11)
    if first not in taken:
        assert port == first
