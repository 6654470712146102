"""A family that extends the shipped one: built from the shipped locks, with what it adds."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any, cast

import pytest

from manager.app.steps import images
from manager.core.actions import CreateEnvironment
from manager.core.build_actions import MakeImage
from manager.core.environments import LaunchRequest
from manager.world.files import shipped_root
from tests.fakes.progress import Quiet
from tests.system.support_running import managed
from tests.system.world import docker

if TYPE_CHECKING:
    from pathlib import Path

    from tests.system.world import World

pytestmark = [pytest.mark.engine, pytest.mark.slow]

# A family of this run's own, so that a kept world has no build of it.
FAMILY = f"risk-{secrets.token_hex(3)}"
TEXT = f"""\
id = "{FAMILY}"
title = "JupyterLab for Risk"
owner = "risk"
extends = "shipped:jupyterlab"

[environment]
RISK_DESK = "emea"
"""
LINE = "4.6-py3.13"
FILES = ("/etc/desk", "/etc/passwd")
PASSWD = shipped_root() / "images/common/files/etc/passwd"


def test_a_family_is_extended_without_a_copy(ready_world: World, tmp_path: Path) -> None:
    """No lock of its own, one file over the shipped ones, one variable: no tree and no base is made anew.

    Its image shares every layer with the shipped one's but that of the files, and its environment has the variable.
    """
    root = tmp_path / "catalog"
    ready_world("init", str(root))
    folder = root / "images" / FAMILY
    (folder / "files/etc").mkdir(parents=True)
    (folder / "family.toml").write_text(TEXT)
    (folder / "files/etc/desk").write_text("emea\n")
    release, quiet = f"{FAMILY}:{LINE}", cast("Any", Quiet())

    with managed(ready_world, root) as manager:
        made = images.make_image(manager, MakeImage(release, "tried"), quiet)
        launch = manager.plan_launch(LaunchRequest(release, name="risk", candidate=True))
    shown = ready_world.json("image", "show", release, "--catalog", str(root))["release"]
    below = ready_world.json("image", "show", f"jupyterlab:{LINE}")["release"]
    said = docker("run", "--rm", "--network", "none", "--entrypoint", "grep", made.digest, "-c", "", *FILES)

    assert said.split() == ["/etc/desk:1", f"/etc/passwd:{PASSWD.read_text().count(chr(10))}"]
    layers = [_layers(digest) for digest in (made.digest, below["build"]["digest"])]
    assert layers[0][:-1] == layers[1][:-1]
    assert layers[0][-1] != layers[1][-1]
    assert (shown["extends"], shown["base"]["digest"]) == ("shipped:jupyterlab", below["base"]["digest"])
    (spec,) = [step.do.spec for step in launch.steps if isinstance(step.do, CreateEnvironment)]
    assert ("RISK_DESK", "emea") in spec.environment


def _layers(digest: str) -> list[str]:
    return docker("inspect", "--format", "{{range .RootFS.Layers}}{{.}} {{end}}", digest).split()
