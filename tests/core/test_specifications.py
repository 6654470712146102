"""A container's specification as text: what an older and a newer Solvent make of it."""

from __future__ import annotations

import json

from manager.core.containers import ContainerSpec, Mount
from manager.core.specifications import read, written

SPEC = ContainerSpec("a", "sha256:1", (("k", "v"),), command=("sleep", "1"), mounts=(Mount("ws", "/workspace"),))


def test_the_text_gives_the_same_specification() -> None:
    """A command that is the image's own stays so."""
    assert read(written(SPEC)) == SPEC
    bare = ContainerSpec("a", "sha256:1", ())
    assert read(written(bare)) == bare


def test_what_another_version_wrote_is_read() -> None:
    """What it did not know has its default, what only it knows is left out."""
    found = json.loads(written(SPEC))
    del found["pids"]
    found |= {"gpus": 2}
    found["mounts"][0] |= {"propagation": "shared"}

    assert read(json.dumps(found)) == SPEC
