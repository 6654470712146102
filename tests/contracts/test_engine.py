"""What every engine does with containers, volumes and networks: the same suite on the fake and on Docker."""

from __future__ import annotations

import io
import tarfile
from typing import TYPE_CHECKING

import pytest

from manager.core.containers import Mount, Publish, Tmpfs
from manager.core.observed import Published
from manager.errors import Failed, Refused, UsageError
from tests.contracts.conftest import GREETING
from tests.fakes.engine import FakeEngine, Outcome

if TYPE_CHECKING:
    from tests.contracts.conftest import World


def test_the_engine_introduces_itself(world: World) -> None:
    """Version, API and platform are there for doctor to show."""
    about = world.engine.info()

    assert about.version
    assert about.api
    assert (about.os, about.root) == ("linux", "/var/lib/docker")


# -- containers -------------------------------------------------------------------------------------------


def test_a_created_container_is_found_by_its_labels(world: World) -> None:
    """A list shows state, image and networks of what carries all the labels, and nothing else."""
    port = world.free_port()
    world.engine.create(world.spec("one", networks=("bridge",), publish=(Publish(8888, port),)))

    found = world.engine.containers(world.labels)
    any_value = world.engine.containers(dict.fromkeys(world.labels, ""))
    foreign = world.engine.containers(dict.fromkeys(world.labels, "somebody-else"))

    assert [(one.name, one.state, one.image) for one in found] == [(world.name("one"), "created", world.image)]
    assert world.engine.container(found[0].id).published == (Published("127.0.0.1", port, 8888),)  # type: ignore[union-attr]
    assert found[0].networks == ("bridge",)
    assert found[0].exit_code is None
    assert world.labels.items() <= found[0].labels.items()
    assert found[0].id in {one.id for one in any_value}
    assert foreign == ()


def test_a_stopped_container_keeps_its_port(world: World) -> None:
    """It is known while it is stopped, though a list has the ports of what runs alone; its exit code is in both."""
    port = world.free_port()
    made = world.running("one", networks=("bridge",), publish=(Publish(8888, port),))
    while_running = world.engine.containers(world.labels)[0]

    world.engine.stop(made, grace=1)
    world.engine.stop(made, grace=1)
    listed = world.engine.containers(world.labels)[0]
    stopped = world.engine.container(made)

    at = (Published("127.0.0.1", port, 8888),)
    assert (while_running.state, while_running.published) == ("running", at)
    assert (listed.state, listed.published, listed.exit_code) == ("exited", (), 143)
    assert (stopped.state, stopped.published, stopped.exit_code) == ("exited", at, 143)  # type: ignore[union-attr]
    assert listed.networks == stopped.networks == ("bridge",)  # type: ignore[union-attr]


def test_a_container_is_found_by_exact_name_or_id(world: World) -> None:
    """A part of a name, or a few digits that begin an id, find nothing: they could be somebody else's."""
    made = world.engine.create(world.spec("one"))

    assert world.engine.container(made).name == world.name("one")
    assert world.engine.container(world.name("one")).id == made
    assert world.engine.container(made[:12]).id == made
    assert world.engine.container(made[:4]) is None
    assert world.engine.container(world.name("on")) is None


def test_the_beginning_of_an_id_removes_nothing(world: World) -> None:
    """A name that looks like the beginning of a foreign id must not remove that container."""
    made = world.engine.create(world.spec("one"))

    world.engine.remove(made[:4])
    with pytest.raises(UsageError):
        world.engine.start(made[:4])

    assert world.engine.container(made).state == "created"


def test_a_taken_name_is_refused(world: World) -> None:
    """Of two launches of one name, one wins and the other is told so."""
    world.engine.create(world.spec("one"))

    with pytest.raises(Refused, match="the name is taken"):
        world.engine.create(world.spec("one"))


def test_what_does_not_exist_is_named_and_nothing_is_made(world: World) -> None:
    """An unknown image, volume or network leaves neither a container nor a volume behind."""
    missing = Mount(world.name("files"), "/workspace")

    with pytest.raises(UsageError, match="t-none/none:1"):
        world.engine.create(world.spec("one", image="t-none/none:1"))
    with pytest.raises(UsageError, match=world.name("files")):
        world.engine.create(world.spec("one", mounts=(missing,)))
    for networks in ((world.name("net"),), ("bridge", world.name("net"))):
        with pytest.raises(UsageError, match=world.name("net")):
            world.engine.create(world.spec("one", networks=networks))

    assert world.engine.containers(world.labels) == ()
    assert world.engine.volume(world.name("files")) is None


def test_the_hosts_network_is_refused(world: World) -> None:
    """Nothing loosens a container, the name of a network no more than a field."""
    with pytest.raises(Refused, match="the host's network"):
        world.engine.create(world.spec("one", networks=("host",)))

    assert world.engine.containers(world.labels) == ()


def test_a_container_can_share_the_network_of_another(world: World) -> None:
    """The other has to be there; nothing is left of one that could not be made."""
    made = world.running("one")
    beside = world.engine.create(world.spec("two", networks=(f"container:{world.name('one')}",)))
    world.engine.start(beside)

    with pytest.raises(UsageError, match=world.name("gone")):
        world.engine.create(world.spec("three", networks=(f"container:{world.name('gone')}",)))
    assert {one.id for one in world.engine.containers(world.labels)} == {made, beside}


def test_an_absent_container_can_be_removed_and_nothing_else(world: World) -> None:
    """Removing is idempotent; every other step on an absent container says that it is absent."""
    gone = world.name("gone")

    world.engine.remove(gone)

    assert world.engine.container(gone) is None
    for step in (world.engine.start, world.engine.stop, world.engine.logs):
        with pytest.raises(UsageError, match=gone):
            step(gone)
    with pytest.raises(UsageError, match=gone):
        world.engine.exec(gone, ("true",))


def test_an_ended_container_gives_its_exit_code(world: World) -> None:
    """Waiting gives the code; a running one fails in time; removing takes both."""
    ended = world.running("ended", world.command("exit 3", Outcome(code=3)))
    runs = world.running("runs")

    code = world.engine.wait(ended, timeout=10)
    with pytest.raises(Failed, match="did not end within"):
        world.engine.wait(runs, timeout=0.3)

    assert code == 3
    assert world.engine.container(ended).exit_code == 3
    world.engine.remove(ended)
    world.engine.remove(runs)
    assert world.engine.containers(world.labels) == ()


def test_a_container_is_hardened_without_being_asked(world: World) -> None:
    """No capability, no new privileges, nothing writable but what was given; root inside changes none of it."""
    line = "grep -E 'Cap(Eff|Bnd)|NoNewPrivs' /proc/self/status; touch /x 2>&1; touch /tmp/x && echo wrote"
    said = (
        b"CapEff:\t0000000000000000\nCapBnd:\t0000000000000000\nNoNewPrivs:\t1\n"
        b"touch: /x: Read-only file system\nwrote\n"
    )
    words = world.command(line, Outcome(stdout=said))
    made = world.running("one", words, tmpfs=(Tmpfs("/tmp", "rw,size=1m"),))

    world.engine.wait(made, timeout=10)

    assert b"".join(world.engine.logs(made)) == said


def test_a_tmpfs_executes_only_with_the_option(world: World) -> None:
    """The options of a tmpfs decide: Docker's own default is noexec."""
    line = "cp /bin/busybox /run/busybox; /run/busybox echo ran 2>/dev/null || echo no"
    outcomes = {"rw,size=4m": b"no\n", "rw,exec,size=4m": b"ran\n"}

    for number, (options, said) in enumerate(outcomes.items()):
        words = world.command(line, Outcome(stdout=said))
        made = world.running(f"n{number}", words, tmpfs=(Tmpfs("/run", options),))
        world.engine.wait(made, timeout=10)

        assert b"".join(world.engine.logs(made)) == said


# -- standard input ---------------------------------------------------------------------------------------


def test_standard_input_reaches_the_process_at_each_start(world: World) -> None:
    """The process reads the bytes and then end of file, at the first start and at the next."""
    words = world.command("cat > /run/secret; sleep 600")
    look = world.command("cat /run/secret", Outcome(stdout=b"first"))
    made = world.engine.create(world.spec("one", words, stdin=True, tmpfs=(Tmpfs("/run", "rw,size=1m"),)))

    world.engine.start(made, stdin=b"first")
    first = world.engine.exec(made, look)
    world.engine.stop(made, grace=1)
    world.engine.start(made, stdin=b"second")
    look = world.command("cat /run/secret", Outcome(stdout=b"second"))
    second = world.engine.exec(made, look)

    assert (first.stdout, second.stdout) == (b"first", b"second")
    assert b"".join(world.engine.logs(made)) == b""


def test_a_taken_port_is_named_and_the_container_stays(world: World) -> None:
    """The start is refused with the port; once the port is free the same container starts, with its input."""
    words = world.command("cat > /run/secret; sleep 600")
    with world.taken_port() as port:
        spec = world.spec(
            "one",
            words,
            stdin=True,
            networks=("bridge",),
            publish=(Publish(8888, port),),
            tmpfs=(Tmpfs("/run", "rw,size=1m"),),
        )
        made = world.engine.create(spec)
        with pytest.raises(Refused, match=f"port {port} of 127.0.0.1 is taken"):
            world.engine.start(made, stdin=b"x")
        after_refusal = world.engine.container(made).state

    world.engine.start(made, stdin=b"y")
    look = world.command("cat /run/secret", Outcome(stdout=b"y"))

    assert after_refusal == "created"
    assert world.engine.exec(made, look).stdout == b"y"


def test_two_containers_cannot_publish_one_port(world: World) -> None:
    """A port that another container publishes is taken as well."""
    port = world.free_port()
    world.running("one", networks=("bridge",), publish=(Publish(1, port),))
    second = world.engine.create(world.spec("two", networks=("bridge",), publish=(Publish(1, port),)))

    with pytest.raises(Refused, match=f"port {port} of 127.0.0.1 is taken"):
        world.engine.start(second)


# -- commands, logs, files --------------------------------------------------------------------------------


def test_a_command_inside_gives_code_and_both_streams(world: World) -> None:
    """What a command prints comes apart as it was printed; the user is the one asked for."""
    made = world.running("one")
    said = Outcome(5, stdout=b"out\n1000\n", stderr=b"err\n")
    words = world.command("echo out; echo err >&2; id -u; exit 5", said)

    result = world.engine.exec(made, words, user="1000")

    assert (result.code, result.stdout, result.stderr) == (5, b"out\n1000\n", b"err\n")


def test_a_command_inside_reads_what_it_is_given_and_then_its_end(world: World) -> None:
    """Every byte arrives, more than a pipe holds; a command that leaves before it has read all of it just ends."""
    made = world.running("one")
    given = bytes(range(256)) * 1024
    count = world.command("wc -c", Outcome(stdout=f"{len(given)}\n".encode()))
    leave = world.command("exec 0<&-; exit 3", Outcome(3))

    assert world.engine.exec(made, count, stdin=given).stdout.strip() == b"262144"
    assert world.engine.exec(made, leave, stdin=given).code == 3


def test_a_command_that_does_not_end_fails_in_time(world: World) -> None:
    """The engine cannot kill it, but the caller gets an answer."""
    made = world.running("one")

    with pytest.raises(Failed, match="did not end within"):
        world.engine.exec(made, world.command("sleep 30"), timeout=0.3)


def test_a_command_needs_a_running_container(world: World) -> None:
    """A container that was never started runs nothing."""
    made = world.engine.create(world.spec("one"))

    with pytest.raises(Failed, match="could not run true"):
        world.engine.exec(made, ("true",))
    with pytest.raises(Refused, match="is not running"):
        world.engine.shell(made, ("true",))


def test_a_shell_gives_the_exit_code(world: World) -> None:
    """The terminal's command ends with its own code."""
    made = world.running("one")

    assert world.engine.shell(made, world.command("exit 4", Outcome(code=4))) == 4


def test_a_container_gets_another_name_while_it_runs(world: World) -> None:
    """It goes on as it is, and is found by the new name alone; a name that is taken is refused."""
    made = world.running("one")
    world.engine.create(world.spec("two"))

    world.engine.rename(made, world.name("three"))

    assert world.engine.container(world.name("one")) is None
    assert world.engine.container(world.name("three")).state == "running"
    with pytest.raises(Refused):
        world.engine.rename(world.name("two"), world.name("three"))
    with pytest.raises(UsageError):
        world.engine.rename(world.name("one"), world.name("four"))


def test_logs_are_complete_or_the_last_lines(world: World) -> None:
    """A followed log ends with the container."""
    words = world.command("echo one; echo two; echo three", Outcome(stdout=b"one\ntwo\nthree\n"))
    made = world.running("one", words)

    followed = b"".join(world.engine.logs(made, follow=True))

    assert followed == b"one\ntwo\nthree\n"
    assert b"".join(world.engine.logs(made)) == followed
    assert b"".join(world.engine.logs(made, tail=2)) == b"two\nthree\n"


def test_a_path_comes_out_as_a_tar(world: World) -> None:
    """A file of the image can be read without running anything; a wrong path is named."""
    made = world.engine.create(world.spec("one"))

    archive = world.engine.copy_out(made, "/srv/greeting")

    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        assert tar.extractfile("greeting").read() == GREETING
    with pytest.raises(UsageError, match="/srv/nothing"):
        world.engine.copy_out(made, "/srv/nothing")


# -- volumes and networks ---------------------------------------------------------------------------------


def test_a_volume_is_ours_or_refused(world: World) -> None:
    """Creating again is fine with the same labels; a volume that is not ours is not taken over."""
    name = world.name("files")
    world.engine.create_volume(name, world.labels)

    world.engine.create_volume(name, world.labels)
    with pytest.raises(Refused, match="exists and is not ours"):
        world.engine.create_volume(name, {**world.labels, "io.solvent.owner": "somebody"})

    assert [one.name for one in world.engine.volumes(world.labels)] == [name]
    assert world.engine.volume(name).labels == world.labels


def test_what_is_noted_on_a_volume_is_not_asked_of_an_old_one(world: World) -> None:
    """Two that make one volume at once note two times, and both may use it; what it was made with stays."""
    name = world.name("files")
    world.engine.create_volume(name, world.labels, {"io.solvent.created": "first"})

    world.engine.create_volume(name, world.labels, {"io.solvent.created": "second"})

    assert world.engine.volume(name).labels == world.labels | {"io.solvent.created": "first"}


def test_volumes_can_be_measured(world: World) -> None:
    """In bytes by name, as the engine finds them now."""
    name = world.name("files")
    world.engine.create_volume(name, world.labels)
    if isinstance(world.engine, FakeEngine):
        world.engine.sizes[name] = 1_000_000
    fill = world.command("head -c 1000000 /dev/zero > /files/zeros", Outcome())
    world.engine.wait(world.running("one", fill, mounts=(Mount(name, "/files"),)), timeout=10)

    sizes = dict(world.engine.volume_sizes())

    assert 1_000_000 <= sizes[name] < 1_100_000


def test_images_can_be_measured(world: World) -> None:
    """In bytes by digest; what an image shares with another one is not its own."""
    digest = world.engine.image(world.image).digest

    sizes = dict(world.engine.image_sizes())

    assert sizes[digest] >= 0


def test_a_volume_in_use_is_not_removed(world: World) -> None:
    """Even a stopped container keeps its volumes; afterwards removing works, twice."""
    name = world.name("files")
    world.engine.create_volume(name, world.labels)
    made = world.engine.create(world.spec("one", mounts=(Mount(name, "/workspace"),)))

    with pytest.raises(Refused, match="the volume is in use"):
        world.engine.remove_volume(name)
    world.engine.remove(made)
    world.engine.remove_volume(name)
    world.engine.remove_volume(name)

    assert world.engine.volume(name) is None


def test_a_network_is_made_once(world: World) -> None:
    """Creating again is fine unless the other would be of the other kind; parts of names find nothing."""
    name = world.name("net")
    world.engine.create_network(name, world.labels, internal=True)

    world.engine.create_network(name, world.labels, internal=True)
    with pytest.raises(Refused, match="exists and is internal"):
        world.engine.create_network(name, world.labels)

    assert [(one.name, one.internal) for one in world.engine.networks(world.labels)] == [(name, True)]
    assert world.engine.network(name).labels == world.labels
    assert world.engine.network(name[:-1]) is None


def test_a_network_with_containers_is_not_removed(world: World) -> None:
    """A container may be on several networks; the last one gone frees them."""
    inner, outer = world.name("inner"), world.name("outer")
    world.engine.create_network(outer, world.labels)
    world.engine.create_network(inner, world.labels, internal=True)
    made = world.running("one", networks=(outer, inner))

    with pytest.raises(Refused, match="containers are connected to it"):
        world.engine.remove_network(inner)
    assert world.engine.container(made).networks == (inner, outer)
    world.engine.remove(made)
    for name in (inner, outer, inner):
        world.engine.remove_network(name)

    assert world.engine.networks(world.labels) == ()


def test_a_container_starts_on_networks_that_were_made_again(world: World) -> None:
    """A source that was stopped and started has another network of the same name; one that is gone is an error."""
    inner, outer = world.name("inner"), world.name("outer")
    world.engine.create_network(outer, world.labels)
    world.engine.create_network(inner, world.labels, internal=True)
    made = world.running("one", networks=(outer, inner))
    world.engine.stop(made, grace=1)
    for name in (inner, outer):
        world.engine.remove_network(name)
    world.engine.create_network(outer, world.labels)
    with pytest.raises(UsageError):
        world.engine.start(made)
    world.engine.create_network(inner, world.labels, internal=True)

    world.engine.start(made)

    assert world.engine.container(made).state == "running"
    assert world.engine.container(made).networks == (inner, outer)
