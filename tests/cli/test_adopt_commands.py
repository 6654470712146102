"""``adopt``: what no Solvent made is seen with what is in it, and is left as it is."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from manager.core.containers import ContainerSpec, Mount, Publish
from manager.core.scans import Change
from manager.errors import Failed, Unreachable

if TYPE_CHECKING:
    from tests.cli.conftest import World

LAB = "/opt/venv/lib/python3.11/site-packages/jupyterlab-4.1.5.dist-info/METADATA"
PSYCOPG = "/opt/venv/lib/python3.11/site-packages/psycopg-3.1.18.dist-info/METADATA"
FILES = {
    LAB: b"Name: jupyterlab\nVersion: 4.1.5\n",
    PSYCOPG: b"Name: psycopg\nVersion: 3.1.18\n",
    "/opt/venv/pyvenv.cfg": b"version = 3.11.2\n",
}


def by_hand(
    world: World, name: str, files: dict[str, bytes] | None = None, labels: dict[str, str] | None = None, **more: object
) -> str:
    """Make a container as somebody makes one without Solvent; gives its image's digest."""
    digest = world.engine.add_image(f"team/{name.lower()}:1")
    world.engine.trees[digest] = files or {}
    world.engine.create(
        ContainerSpec(name=name, image=digest, labels=tuple((labels or {}).items()), networks=("bridge",), **more)  # type: ignore[arg-type]
    )
    return digest


def test_a_scan_lists_what_nobody_manages_with_what_is_in_it(solvent: World) -> None:
    """A container and its image are shown with IDE, language and driver, a hint of the owner, ports and volumes."""
    solvent.engine.create_volume("ana-files", {})
    by_hand(
        solvent,
        "jupyter-ana",
        FILES,
        mounts=(Mount("ana-files", "/home/ana"),),
        publish=(Publish(8888, 9999),),
    )

    ran = solvent("adopt", "scan", "-o", "json")

    container, image = ran.json["unmanaged"]
    assert (container["kind"], container["name"], container["state"]) == ("container", "jupyter-ana", "created")
    assert container["owner"] == {"hint": "ana", "source": "name jupyter-ana"}
    assert container["published"] == [{"address": "127.0.0.1", "host_port": 9999, "port": 8888}]
    assert container["mounts"] == [{"kind": "volume", "source": "ana-files", "target": "/home/ana", "mode": "rw"}]
    assert container["networks"] == ["bridge"]
    found = container["scan"]
    assert (found["ides"], found["languages"]) == (["jupyterlab 4.1.5"], ["Python 3.11.2"])
    assert found["drivers"] == ["psycopg 3.1.18"]
    assert [one["connector"] for one in found["traces"] if one["kind"] == "driver"] == ["postgresql"]
    assert found["unread"] == [
        {"path": "/home/ana", "why": "volume ana-files holds somebody's files and is not opened"}
    ]
    assert (image["kind"], image["name"], image["scan"]["ides"]) == (
        "image",
        "team/jupyter-ana:1",
        ["jupyterlab 4.1.5"],
    )


def test_a_scan_changes_nothing_and_starts_nothing(solvent: World) -> None:
    """Of the engine only readings are asked."""
    by_hand(solvent, "jupyter-ana", FILES)
    solvent.engine.calls.clear()

    assert solvent("adopt", "scan").code == 0

    asked = {name for name, _ in solvent.engine.calls}
    reading = {
        "info",
        "containers",
        "container",
        "images",
        "image",
        "volumes",
        "networks",
        "changes",
        "archive",
        "save",
    }
    assert asked <= reading


def test_what_differs_in_a_container_is_read_and_the_image_only_once(solvent: World) -> None:
    """Packages that were installed or removed by hand count; bytes that were read before are not read again."""
    digest = by_hand(solvent, "jupyter-ana", FILES)
    newer = LAB.replace("4.1.5", "4.2.0")
    solvent.engine.trees["jupyter-ana"] = {newer: b"Name: jupyterlab\nVersion: 4.2.0\n"}
    solvent.engine.changed["jupyter-ana"] = (
        Change("/opt/venv/lib/python3.11/site-packages/jupyterlab-4.1.5.dist-info", "deleted"),
        Change(newer, "added"),
        Change("/home/ana/notes.txt", "added"),
    )

    first = solvent("adopt", "scan", "jupyter-ana", "-o", "json").json["unmanaged"][0]["scan"]
    solvent.engine.calls.clear()
    second = solvent("adopt", "scan", "jupyter-ana", "-o", "json").json["unmanaged"][0]["scan"]

    assert first["ides"] == ["jupyterlab 4.2.0"]
    assert first["drivers"] == ["psycopg 3.1.18"]
    assert second == first
    assert [arguments for name, arguments in solvent.engine.calls if name == "save"] == []
    assert solvent.store.scanned[digest].scan.ides == ("jupyterlab 4.1.5",)


def test_a_container_whose_image_is_gone_is_read_as_a_whole(solvent: World) -> None:
    """Its own files are all that there is."""
    digest = by_hand(solvent, "jupyter-ana", FILES)
    del solvent.engine._images[digest]
    solvent.engine.trees["jupyter-ana"] = solvent.engine.trees.pop(digest)

    (found,) = solvent("adopt", "scan", "jupyter-ana", "-o", "json").json["unmanaged"]

    assert found["scan"]["ides"] == ["jupyterlab 4.1.5"]


def test_what_cannot_be_read_is_said_and_the_rest_is_read(solvent: World) -> None:
    """One image that the engine does not give costs nothing but itself."""
    by_hand(solvent, "a-lab", FILES)
    by_hand(solvent, "b-lab", FILES)
    solvent.engine.fail("save", Failed("could not read it", why="input/output error"))

    ran = solvent("adopt", "scan", "a-lab", "b-lab", "-o", "json")

    first, second = ran.json["unmanaged"]
    assert first["scan"]["unread"] == [{"path": "/", "why": "could not read it: input/output error"}]
    assert second["scan"]["ides"] == ["jupyterlab 4.1.5"]
    solvent.engine.fail("changes", Unreachable("gone"))
    assert solvent("adopt", "scan", "a-lab").code == 6


def test_names_that_there_are_not_are_told_with_a_suggestion(solvent: World) -> None:
    """A name is a container's or an image's; those that Solvent made are not found here."""
    by_hand(solvent, "jupyter-ana")

    unknown = solvent("adopt", "scan", "jupiter-ana")
    both = solvent("adopt", "scan", "jupyter-ana", "--tags", "registry.example/x")

    assert (unknown.code, both.code) == (2, 2)
    assert "jupyter-ana" in unknown.err


def test_everyones_list_shows_them_below(launched: World) -> None:
    """`env list` is about environments; with --everyone, what nobody manages stands below them, and in JSON beside."""
    by_hand(launched, "jupyter-ana", FILES)

    mine, table = launched("env", "list"), launched("env", "list", "--everyone").out
    told = launched("env", "list", "--everyone", "-o", "json").json
    launched("adopt", "scan", "jupyter-ana")

    assert "ana" not in mine.out
    assert [line.split()[:3] for line in table.splitlines()[-3:]] == [
        ["unmanaged"], ["NAME", "OWNER?", "STATE"], ["jupyter-ana", "ana", "created"],
    ]  # fmt: skip
    assert [one["name"] for one in told["environments"]] == ["work"]
    assert [(one["name"], one["scan"]) for one in told["unmanaged"]] == [("jupyter-ana", None)]
    assert "jupyterlab 4.1.5" in launched("env", "list", "--everyone").out
    names = launched("env", "list", "--everyone", "-o", "name")
    assert names.out == "work\n"


def test_status_counts_them_without_opening_a_file(solvent: World) -> None:
    """What a scan has found to hold no IDE is counted apart, and alone is no matter."""
    by_hand(solvent, "jupyter-ana", FILES)
    by_hand(solvent, "database")
    solvent.engine.calls.clear()

    def told() -> list[tuple[str, str, str]]:
        matters = solvent("status", "-o", "json").json["matters"]
        return [(one["subject"], one["text"], one["pay"]) for one in matters if one["kind"] == "unmanaged"]

    before = told()
    opened = [name for name, _ in solvent.engine.calls if name in ("archive", "save", "changes", "exec")]
    solvent("adopt", "scan")

    assert before == [("2 containers", "nobody manages database, jupyter-ana", "solvent adopt scan")]
    assert opened == []
    assert told() == [("1 container", "nobody manages jupyter-ana; 1 more hold no IDE", "solvent adopt scan")]
    solvent.engine.remove("jupyter-ana")
    assert told() == []


@pytest.mark.parametrize(
    ("name", "labels", "whose"),
    [
        (
            "solvent-ana-work",
            {"kind": "environment", "realm": "solvent", "owner": "ana", "environment": "work"},
            "ours",
        ),
        (
            "eager_hopper",
            {"kind": "environment", "realm": "solvent", "owner": "ana", "environment": "work"},
            "nobody's",
        ),
        ("other-ana-work", {"kind": "environment", "realm": "other", "owner": "ana", "environment": "work"}, "realm"),
        (
            "solvent-ana-work",
            {"kind": "environment", "realm": "other", "owner": "ana", "environment": "work"},
            "nobody's",
        ),
        ("solvent-source-pg", {"kind": "source", "realm": "solvent"}, "ours"),
        ("eager_hopper", {"kind": "image", "realm": "solvent", "release": "jupyterlab:4.6-py3.13"}, "nobody's"),
        ("eager_hopper", {"kind": "environment", "owner": "ana"}, "nobody's"),
    ],
)
def test_labels_and_name_say_together_who_made_something(
    solvent: World, name: str, labels: dict[str, str], whose: str
) -> None:
    """Labels are inherited from images and can be typed by hand: alone they make nothing ours."""
    by_hand(solvent, name, labels={f"io.solvent.{key}": value for key, value in labels.items()})

    ran = solvent("adopt", "scan", "-o", "json")

    found = [one["name"] for one in ran.json["unmanaged"] if one["kind"] == "container"]
    assert found == ([name] if whose == "nobody's" else [])
    assert ("belongs to Solvent in realm other" in ran.err) == (whose == "realm")


def test_a_scan_without_the_database_finds_and_does_not_remember(
    solvent: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Evidence cannot be kept then; that is said, and no reason to see nothing."""
    by_hand(solvent, "jupyter-ana", FILES)

    def silent(*_words: object) -> None:
        raise Unreachable("the disk is full")

    monkeypatch.setattr(solvent.store, "builds", silent)

    ran = solvent("adopt", "scan", "jupyter-ana", "-o", "json")

    assert ran.json["unmanaged"][0]["scan"]["ides"] == ["jupyterlab 4.1.5"]
    assert "not remembered: the disk is full" in ran.err


def test_each_form_of_a_scan(solvent: World) -> None:
    """Names alone, a line of JSON each, and a table in which control characters do nothing."""
    by_hand(solvent, "jupyter-ana", {**FILES, LAB: b"Name: jupyterlab\nVersion: 4.1.5\x1b[2J\n"})

    assert solvent("adopt", "scan", "-q").out == "jupyter-ana\nteam/jupyter-ana:1\n"
    lines = solvent("adopt", "scan", "-o", "ndjson").out.splitlines()
    assert [json.loads(line)["kind"] for line in lines] == ["container", "image"]
    assert "\x1b" not in solvent("adopt", "scan", "-o", "wide").out
    known = solvent("adopt", "scan", "--known", "-o", "json").json["unmanaged"]
    assert [bool(one["scan"]) for one in known] == [True, True]
