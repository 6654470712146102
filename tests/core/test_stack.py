"""An image as a stack: which Dockerfiles only say how a container runs, and what its configuration holds."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from manager.core.stack import Layer, frame, image, shared

ARCHIVES = ("ide.tar", "kernel-runtime.tar", "files.tar")
HEAD = "# for people\nARG BASE\nFROM ${BASE}\nARG PYTHON\n"
ADDS = "".join(f"ADD {name} /\n" for name in ARCHIVES)


def test_a_frame_says_how_a_container_runs_and_adds_folders_alone() -> None:
    """Archives go, continued lines stay whole, comments go."""
    text = HEAD + ADDS + "ENV A=1 \\\n    # between\n    B=2\nUSER 1000\n"

    assert frame(text, ARCHIVES, "files.tar").splitlines() == [
        "ARG BASE", "FROM ${BASE}", "ADD files.tar /", "ARG PYTHON", "ENV A=1 \\", "    B=2", "USER 1000",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        HEAD + ADDS + "RUN true\n",
        HEAD + ADDS + "COPY a /a\n",
        HEAD + ADDS + "ADD other.tar /\n",
        HEAD.replace("${BASE}", "${BASE} AS first") + ADDS,
        "ARG BASE\nFROM ${BASE}\nFROM ${BASE}\n" + ADDS,
        "FROM debian\n" + ADDS,
        "# escape=`\n" + HEAD + ADDS,
        "ARG BASE\n",
    ],
)
def test_a_dockerfile_that_does_more_has_no_frame(text: str) -> None:
    """What it makes is known to a builder alone, so a builder makes the whole."""
    assert frame(text, ARCHIVES, "files.tar") == ""


def test_a_configuration_names_each_layer() -> None:
    """Digests from the bottom up, a line of history for each, the labels on top of the frame's."""
    settings = json.dumps({"architecture": "amd64", "os": "linux", "config": {"User": "1", "Labels": {"a": "1"}}})
    at = datetime(2026, 11, 22, tzinfo=UTC)

    made = json.loads(image(settings, ("sha256:b",), (Layer("sha256:i", "ide"),), {"c": "2"}, at))

    assert made["rootfs"] == {"type": "layers", "diff_ids": ["sha256:b", "sha256:i"]}
    assert [one["created_by"] for one in made["history"]] == ["solvent: base", "solvent: ide"]
    assert made["config"] == {"User": "1", "Labels": {"a": "1", "c": "2"}}
    assert made["created"] == "2026-11-22T00:00:00+00:00"


def test_stacks_share_layers_from_the_bottom_up() -> None:
    """A layer is known by all that is below it."""
    assert shared("abc", "abd") == 2
    assert shared("abc", "xbc") == 0
    assert shared("ab", "abc") == 2
