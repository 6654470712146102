"""``adopt environment``: a container's files go on in an environment of ours; the container stays as it is."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from manager.core.containers import ContainerSpec, Mount
from manager.core.mounts import HostFolder
from manager.errors import Failed

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import World

RELEASE = "jupyterlab:4.6-py3.13"
LAB = "/opt/venv/lib/python3.12/site-packages/jupyterlab-4.1.5.dist-info/METADATA"
ORACLEDB = "/opt/venv/lib/python3.12/site-packages/oracledb-2.0.0.dist-info/METADATA"


def by_hand(world: World, name: str, mounts: tuple[Mount, ...] = (), labels: tuple[tuple[str, str], ...] = ()) -> None:
    """Run a container as somebody does without Solvent."""
    digest = world.engine.add_image(f"team/{name}:1")
    world.engine.trees[digest] = {LAB: b"Name: jupyterlab\nVersion: 4.1.5\n"}
    world.engine.create(ContainerSpec(name=name, image=digest, labels=labels, mounts=mounts, networks=("bridge",)))
    world.engine.start(name)


@pytest.fixture
def old(solvent: World) -> World:
    """Give a world with a build of the release, and a running container with files in two volumes."""
    solvent.build()
    for volume in ("ana-work", "ana-home"):
        solvent.engine.create_volume(volume, {})
    solvent.engine.trees["ana-work"] = {"a.ipynb": b"{}", "data/b.csv": b"1,2\n"}
    solvent.engine.trees["ana-home"] = {".bashrc": b"alias x=y\n"}
    by_hand(solvent, "jupyter-ana", (Mount("ana-work", "/home/ana/work"), Mount("ana-home", "/home/ana")))
    return solvent


def adopt(world: World, *words: str, name: str = "jupyter-ana") -> Any:
    """Run the command."""
    return world("adopt", "environment", name, "--as", "work", *words)


def workspace(world: World) -> dict[str, bytes]:
    """Give the files of the environment's workspace."""
    (volume,) = [one.name for one in world.engine.volumes({"io.solvent.kind": "workspace"})]
    return world.engine.trees.setdefault(volume, {})


def test_it_is_defined_first_and_its_files_come_at_its_start(old: World) -> None:
    """The container is neither stopped nor changed; the start copies when it has ended, and belongs to the new user."""
    before = old.engine.container("jupyter-ana")

    defined = adopt(old, "-o", "json")
    early = old("env", "start", "work")
    untouched = old.engine.container("jupyter-ana")
    old.engine.stop("jupyter-ana")
    started = old("env", "start", "work")

    assert defined.code == 0, defined.err
    assert defined.json["adopted"]["state"] == "created"
    assert "take its files over and start it:  solvent env start work" in defined.err
    assert (early.code, untouched) == (5, before)
    assert "jupyter-ana runs and goes on writing to volume ana-home" in early.err
    assert "docker stop jupyter-ana" in early.err
    assert started.code == 0, started.err
    assert workspace(old) == {"a.ipynb": b"{}", "data/b.csv": b"1,2\n", "ana/.bashrc": b"alias x=y\n"}
    owners = {owner for (volume, name), owner in old.engine.owners.items() if name == "a.ipynb"}
    assert owners == {(1000, 1000, 0o644)}
    assert "3 files of jupyter-ana copied" in started.err
    assert old("env", "show", "work", "-o", "json").json["environment"]["state"] == "running"
    entry = next(one for one in old.store.history() if one.kind == "take over files")
    assert entry.after == "3 files of jupyter-ana, 16 bytes"


def test_files_are_taken_once(old: World) -> None:
    """What was changed in the environment since is never overwritten, whatever the database remembers."""
    adopt(old)
    old.engine.stop("jupyter-ana")
    old("env", "start", "work")
    workspace(old)["a.ipynb"] = b"mine now"
    old("env", "stop", "work")
    again = old("env", "start", "work", "--dry-run")
    old.store.used.clear()

    assert "take over files" not in again.out
    assert "take over files" not in old("env", "start", "work", "--dry-run").out
    assert workspace(old)["a.ipynb"] == b"mine now"


def test_now_copies_while_it_runs_and_says_what_that_means(old: World) -> None:
    """Nobody's volume is shared: what is written afterwards stays where it is written."""
    ran = adopt(old, "--now", "--release", RELEASE, "-o", "json")

    assert ran.code == 0, ran.err
    assert ran.json["adopted"]["took"] == [
        {"container": "jupyter-ana", "files": 3, "bytes": 16, "owners": [0], "left": [], "note": None}
    ]
    assert "what it writes after the copy stays there alone" in ran.err
    assert old.engine.container("jupyter-ana").state == "running"  # type: ignore[union-attr]
    mounted = {mount.source for mount in old.engine.specs["solvent-root-work"].mounts}
    assert not mounted & {"ana-work", "ana-home"}


def test_several_writers_of_one_volume_are_named(old: World) -> None:
    """Only one of them is continued here."""
    by_hand(old, "batch-ana", (Mount("ana-work", "/in"),))

    ran = adopt(old, "--volume", "ana-work")

    assert "batch-ana, jupyter-ana write to one volume, ana-work" in ran.err
    assert "volume ana-home at /home/ana is not taken: it was not named" in ran.err
    old.engine.stop("jupyter-ana")
    assert "batch-ana runs and goes on writing" in old("env", "start", "work").err


def test_a_workspace_with_files_is_left_as_it_is(old: World) -> None:
    """Files of a workspace are never replaced; the environment starts on them and the person is told."""
    old("env", "launch", RELEASE, "--name", "first", "--workspace", "work")
    workspace(old)["mine.txt"] = b"mine"
    old.engine.stop("jupyter-ana")

    ran = adopt(old, "--now")

    assert ran.code == 0, ran.err
    assert "workspace work has files already: nothing of jupyter-ana was copied" in ran.err
    assert workspace(old) == {"mine.txt": b"mine"}


def test_an_interrupted_copy_is_made_again(old: World) -> None:
    """What was half copied is no reason to leave the rest."""
    adopt(old)
    old.engine.stop("jupyter-ana")
    old.engine.fail("copy_in", Failed("no space left on device"))
    failed = old("env", "start", "work")
    workspace(old)
    (volume,) = [one.name for one in old.engine.volumes({"io.solvent.kind": "workspace"})]
    old.engine.trees[volume] = {"a.ipynb": b"hal"}

    again = old("env", "start", "work")

    assert (failed.code, again.code) == (1, 0), again.err
    assert workspace(old)["a.ipynb"] == b"{}"
    assert "data/b.csv" in workspace(old)
    left = [one.name for one in old.engine.containers({"io.solvent.kind": "sandbox"})]
    assert left == []


def test_files_in_the_container_itself_are_taken_from_a_folder(solvent: World) -> None:
    """Without a volume the container keeps them; which folder, the person says."""
    solvent.build()
    by_hand(solvent, "lab-bob")
    solvent.engine.trees["lab-bob"] = {"/home/bob": b"as the fake has a folder"}

    without = adopt(solvent, name="lab-bob")
    ran = adopt(solvent, "--folder", "/home/bob", "--now", name="lab-bob")

    assert without.code == 5
    assert "--folder /home/NAME" in without.err
    assert ran.code == 0, ran.err


def test_host_folders_come_along_where_the_list_grants_them(old: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The administrator's list decides, and says where; everything else of the host is left out."""
    by_hand(
        old, "lab-bob", (Mount("ana-work", "/w"), Mount("/data", "/d", kind="bind"), Mount("/etc", "/e", kind="bind"))
    )
    listed = (HostFolder("data", "/data", "ro", "/mnt/data"),)
    opened = old.open

    def with_list(*words: Any) -> Any:
        manager = opened(*words)
        manager.settings = replace(manager.settings, mounts=listed)
        return manager

    monkeypatch.setattr(old, "open", with_list)
    monkeypatch.setattr("manager.app.mounts._look", lambda *_words: None)

    ran = adopt(old, name="lab-bob")

    assert ran.code == 0, ran.err
    binds = [
        (one.source, one.target, one.read_only)
        for one in old.engine.specs["solvent-root-work"].mounts
        if one.kind == "bind"
    ]
    assert binds == [("/data", "/mnt/data", True)]
    assert "host folder /etc at /e is not taken: the administrator's list does not grant it" in ran.err


@pytest.mark.parametrize(
    ("words", "name", "code", "said"),
    [
        ((), "jupiter-ana", 2, "did you mean jupyter-ana?"),
        (("--volume", "ana"), "jupyter-ana", 2, "it has: ana-home, ana-work"),
        (("--folder", "home"), "jupyter-ana", 2, "is no folder that can be taken"),
        (("--release", "jupyterlab:9"), "jupyter-ana", 2, "no release"),
        (("--now", "--release", RELEASE, "--workspace", "No Name"), "jupyter-ana", 2, "cannot be used"),
    ],
)
def test_bad_input_is_told_and_nothing_is_made(
    old: World, words: tuple[str, ...], name: str, code: int, said: str
) -> None:
    """Unknown containers, volumes, folders, releases, and names that an engine would not take."""
    ran = adopt(old, *words, name=name)

    assert ran.code == code, ran.err
    assert said in ran.err
    assert old.engine.containers({"io.solvent.kind": "environment"}) == ()


def test_an_environment_of_ours_and_a_taken_name_are_refused(old: World) -> None:
    """What Solvent made is not adopted; a name that another environment has is not given twice."""
    old("env", "launch", RELEASE, "--name", "work")

    ours = adopt(old, name="solvent-root-work")
    taken = adopt(old)

    assert (ours.code, taken.code) == (2, 5)
    assert "it is an environment of Solvent's" in ours.err
    assert "an environment named work exists already" in taken.err


def test_somebody_elses_container_wants_a_word(old: World) -> None:
    """A label that names another owner is not passed over in silence; --owner says whose it becomes."""
    by_hand(old, "lab-bob", (Mount("ana-work", "/w"),), (("owner", "bob"),))

    silent = adopt(old, name="lab-bob")
    spoken = adopt(old, "--owner", "bob", name="lab-bob")

    assert silent.code == 5
    assert "--owner bob" in silent.err
    assert spoken.code == 0, spoken.err
    assert "solvent-bob-work" in old.engine.specs


def test_the_plan_is_shown_first_and_converges(old: World) -> None:
    """--dry-run names each step; running the command again after it was killed goes on where it was."""
    shown = adopt(old, "--now", "--dry-run")
    kinds = [line.split(". ")[1].split()[:2] for line in shown.out.splitlines() if ". " in line[:6]]
    old.engine.fail("create", Failed("killed"))
    killed = adopt(old)
    after = adopt(old)

    assert ["take", "over"] in kinds
    assert kinds.index(["take", "over"]) < kinds.index(["create", "environment"])
    assert (killed.code, after.code) == (1, 0), after.err


def test_a_launch_of_the_same_name_does_not_take_the_place_of_what_is_to_continue(old: World) -> None:
    """A definition that waits for its files is no remains of an interrupted launch."""
    adopt(old, "--release", RELEASE)

    ran = old("env", "launch", RELEASE, "--name", "work")

    assert ran.code == 5
    assert "an environment named work exists already" in ran.err


def test_a_volume_that_is_gone_meanwhile_is_no_empty_workspace(old: World) -> None:
    """The start refuses, and says which files it lacks."""
    adopt(old, "--volume", "ana-work")
    old.engine.remove("jupyter-ana")
    old.engine.remove_volume("ana-work")

    ran = old("env", "start", "work")

    assert ran.code == 5
    assert "volume ana-work of jupyter-ana is gone" in ran.err


def test_without_an_ide_the_release_has_to_be_said(old: World, tmp_path: Path) -> None:
    """Nothing is guessed from a name; drivers that the release lacks are named."""
    digest = old.engine.container("jupyter-ana").image  # type: ignore[union-attr]
    old.engine.trees[digest] = {ORACLEDB: b"Name: oracledb\nVersion: 2.0.0\n"}

    unknown = adopt(old)
    said = adopt(old, "--release", RELEASE)

    assert unknown.code == 2
    assert "no IDE was found in it" in unknown.err
    assert said.code == 0, said.err


def test_of_no_files_nobody_was_the_owner(old: World) -> None:
    """What was copied is said without whose it was."""
    old.engine.stop("jupyter-ana")
    for volume in ("ana-home", "ana-work"):
        if volume in old.engine.trees:
            old.engine.trees[volume].clear()
    adopt(old)

    started = old("env", "start", "work")

    assert started.code == 0, started.err
    assert "0 files of jupyter-ana copied, 0 B\n" in started.err
    assert "they belonged" not in started.err
