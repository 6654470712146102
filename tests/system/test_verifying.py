"""Reproducibility on the real thing: a build made again elsewhere, offline, is the same layer by layer."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.core.test_bill import validator
from tests.system.support_rebuilding import made_elsewhere
from tests.system.world import docker

if TYPE_CHECKING:
    from tests.system.world import World

pytestmark = [pytest.mark.engine, pytest.mark.slow]

RELEASE = "jupyterlab:4.6-py3.13"


def image_labels(world: World) -> dict[str, str]:
    """Give the labels of the release's image as the engine has them."""
    digest = world.json("image", "show", RELEASE)["release"]["build"]["digest"]
    found: dict[str, str] = json.loads(docker("inspect", "--format", "{{json .Config.Labels}}", digest))
    return found


def test_a_build_made_again_elsewhere_is_the_same_layer_by_layer(ready_world: World) -> None:
    """No network is there at all: what comes out comes from the locks and the archive."""
    results = made_elsewhere(ready_world, RELEASE)

    assert {name: one["reason"] for name, one in results.items() if one["outcome"] != "pass"} == {}


def test_the_bill_is_of_what_is_inside(ready_world: World) -> None:
    """Valid by the official schema, with the IDE, the driver and the system, and the same bytes each time."""
    printed = ready_world("image", "sbom", RELEASE).stdout
    document = json.loads(printed)

    assert [error.message for error in validator().iter_errors(document)] == []
    addresses = {one.get("purl", "").partition("@")[0] for one in document["components"]}
    assert {"pkg:pypi/jupyterlab", "pkg:pypi/psycopg", "pkg:deb/debian/libc6"} <= addresses
    prefixes = [
        one["properties"][0]["value"] for one in document["components"] if one["name"] == "pip" and "properties" in one
    ]
    assert "kernel" in prefixes
    assert ready_world("image", "sbom", RELEASE).stdout == printed


def test_labels_in_the_image_say_what_it_is(ready_world: World) -> None:
    """Read from the built image: the OCI specification's own, with the base by digest and by name."""
    labels = image_labels(ready_world)
    namespace = "org.opencontainers.image."
    found = {name.removeprefix(namespace): value for name, value in labels.items() if name.startswith(namespace)}

    assert {"title", "description", "ref.name", "vendor", "version", "base.digest", "base.name"} <= found.keys()
    assert found["ref.name"] == RELEASE
    assert found["version"] == labels["io.solvent.version"]
    assert found["base.digest"].startswith("sha256:")
    # What depends on the moment would make two builds of the same different.
    assert "created" not in found


def test_notes_say_what_was_promoted(ready_world: World) -> None:
    """The first build of a world has none before it."""
    assert ready_world("image", "notes", RELEASE).stdout.startswith(f"# {RELEASE} ")
