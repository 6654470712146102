"""Which files of a container are taken over, and where they go; and the label that holds it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from manager.core import takeover
from manager.core.adoption import Hint, Unmanaged, hint_of
from manager.core.containers import LABEL, Mount
from manager.core.takeover import Files, Takeover
from manager.core.taking import left_out, sources_of
from manager.errors import Refused


def container(*mounts: Mount) -> Unmanaged:
    """Give a container with mounts."""
    made = datetime(2026, 11, 1, tzinfo=UTC)
    return Unmanaged("container", "lab", "c" * 64, "running", "team/lab:1", "sha256:a", made, mounts=mounts)


@pytest.mark.parametrize(
    ("targets", "folders"),
    [
        (("/home/ana",), ("",)),
        (("/home/ana", "/home/ana/work"), ("", "ana")),
        (("/data/in", "/data/out"), ("in", "out")),
        (("/a/x", "/b/x"), ("x", "x~2")),
        (("/srv/notebooks", "/srv/work", "/etc"), ("", "work", "etc")),
    ],
)
def test_what_people_work_on_goes_to_the_top(targets: tuple[str, ...], folders: tuple[str, ...]) -> None:
    """The only volume, or the one at a folder of that name; no two go into one folder."""
    found = sources_of(container(*(Mount(f"v{number}", target) for number, target in enumerate(targets))), (), ())

    assert tuple(one.folder for one in found) == folders
    assert len({one.folder for one in found}) == len(found)


def test_what_is_only_read_is_not_taken_unless_it_is_named() -> None:
    """Shared data belongs to others; what is left out is said, with the reason."""
    lab = container(Mount("mine", "/w"), Mount("shared", "/data", read_only=True), Mount("/etc", "/e", kind="bind"))

    assert [one.volume for one in sources_of(lab, (), ())] == ["mine"]
    assert [one.volume for one in sources_of(lab, ("shared",), ())] == ["shared"]
    assert left_out(lab, sources_of(lab, (), ()), ("/srv",)) == (
        "volume shared at /data is not taken: the container only reads it",
        "host folder /etc at /e is not taken: the administrator's list does not grant it",
    )
    assert left_out(lab, sources_of(lab, ("mine", "shared"), ()), ("/etc",)) == ()


def test_folders_alone_leave_the_volumes_and_nothing_is_refused() -> None:
    """Without a volume a folder has to be said."""
    assert sources_of(container(), (), ("/home/ana/",)) == (Files("", "/home/ana", "ana"),)
    with pytest.raises(Refused, match="keeps no files in a volume"):
        sources_of(container(), (), ())


@pytest.mark.parametrize("text", ["", "{}", "[1]", '["a","b",[["x"]]]', "no json"])
def test_a_label_that_nobody_here_wrote_holds_nothing(text: str) -> None:
    """Labels can be typed by hand."""
    assert takeover.from_labels({LABEL + "takeover": text}) is None


def test_a_label_comes_back_as_it_was_written() -> None:
    """Names and paths of any kind."""
    one = Takeover("Lab_1", "c" * 64, (Files("v", '/a "b"', "ü"), Files("", "/home", "")))

    assert takeover.from_labels({LABEL + "takeover": takeover.labelled(one)}) == one


@pytest.mark.parametrize(
    ("name", "labels", "owner"),
    [
        ("jupyter-ana", {}, "ana"),
        ("rstudio.bob.2", {}, "bob"),
        ("jupyter", {}, ""),
        ("eager_hopper", {}, ""),
        ("x", {"owner": "eve"}, "eve"),
        ("jupyter-ana", {"hub.jupyter.org/username": "eve"}, "eve"),
        ("risk-lab-1", {"com.docker.compose.project": "risk"}, "risk"),
        ("x", {"org.example.owner": " "}, ""),
    ],
)
def test_a_hint_is_a_label_or_the_part_of_a_name_that_names_no_tool(
    name: str, labels: dict[str, str], owner: str
) -> None:
    """A hint, no more: two strange words name nobody."""
    assert hint_of(name, labels).owner == owner
    assert Hint().owner == ""
