"""The health check that is run is the one that the image has, in whatever form it has it."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest

from manager.app.proving.health import command


@pytest.mark.parametrize(
    ("configuration", "words"),
    [
        ({}, ()),
        ({"Healthcheck": {"Test": ["NONE"]}}, ()),
        ({"Healthcheck": {"Interval": 30}}, ()),
        ({"Healthcheck": {"Test": ["CMD", "/opt/solvent/bin/healthy", "-q"]}}, ("/opt/solvent/bin/healthy", "-q")),
        ({"Healthcheck": {"Test": ["CMD-SHELL", "curl x || exit 1"]}}, ("/bin/sh", "-c", "curl x || exit 1")),
        (
            {"Healthcheck": {"Test": ["CMD-SHELL", "true"]}, "Shell": ["/bin/bash", "-ec"]},
            ("/bin/bash", "-ec", "true"),
        ),
    ],
)
def test_the_command_is_the_images_own(configuration: dict[str, Any], words: tuple[str, ...]) -> None:
    """None where it has none, the program with its arguments, or the image's shell with a line."""
    world: Any = SimpleNamespace(engine=SimpleNamespace(settings=lambda _: json.dumps({"config": configuration})))

    assert command(world, "sha256:1") == words
