"""A release that includes a package set is locked, built and proven; the set is one layer more and moves no other.

The shipped sets are too large for a test of every day: ``solvent image build jupyterlab-data`` proves them.
"""

from __future__ import annotations

import json
import secrets
from typing import TYPE_CHECKING

import pytest

from tests.system.world import docker

if TYPE_CHECKING:
    from pathlib import Path

    from tests.system.world import World

pytestmark = [pytest.mark.engine, pytest.mark.slow]

LINE, OWN = "4.6-py3.13", f"8.{secrets.randbelow(10**6)}-py3.13"
RELEASE = f"jupyterlab:{OWN}"
# A small one whose needs nothing else in a kernel has.
SET = """
[[set]]
id = "web"
title = "Web"
packages = ["requests"]
imports = ["requests", "urllib3"]

[[set.apart]]
package = "nowhere"
"""


@pytest.fixture
def catalog(ready_world: World, tmp_path: Path) -> Path:
    """Make a catalog whose newest release, under a line of its own, includes the set."""
    root = tmp_path / "catalog"
    ready_world("init", str(root))
    with (root / "images/sets.toml").open("a") as sets:
        sets.write(SET)
    family = root / "images/jupyterlab"
    text = (family / "family.toml").read_text().replace(LINE, OWN)
    text = text.replace('connectors = ["postgresql"]\n', 'connectors = ["postgresql"]\nsets = ["web"]\n', 1)
    (family / "family.toml").write_text(text)
    (family / "locks" / LINE).rename(family / "locks" / OWN)
    return root


def _layers(image: str) -> list[str]:
    return list(json.loads(docker("image", "inspect", "--format", "{{json .RootFS.Layers}}", image)))


def test_a_set_is_one_layer_more(ready_world: World, catalog: Path) -> None:
    """Every other layer is the one of the release without it, byte for byte; what the set lacks is said."""
    locked = ready_world("image", "lock", RELEASE, "--catalog", str(catalog)).stderr
    (built,) = json.loads(ready_world("image", "build", RELEASE, "--catalog", str(catalog), "-o", "json").stdout)[
        "builds"
    ]

    assert f"{RELEASE}: the package set web goes without nowhere" in locked
    (web,) = (one["digest"] for one in built["layers"] if one["group"] == "kernel web")
    layers = _layers(built["digest"])
    assert [one["group"] for one in built["layers"]][:3] == ["ide", "kernel runtime", "kernel web"]
    assert [one for one in layers if one != web] == _layers(f"{ready_world.realm}/jupyterlab:{LINE}")
    shown = ready_world.json("image", "show", RELEASE, "--catalog", str(catalog))["release"]
    assert [(one["name"], one["without"]) for one in shown["sets"]] == [("web", ["nowhere"])]
    probes = {one["id"]: one["outcome"] for one in shown["evidence"]}
    assert probes["inside.import-kernel-requests"] == probes["inside.import-kernel-urllib3"] == "pass"
