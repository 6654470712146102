"""The checks of the CIS Docker Benchmark: what Solvent asks of an engine passes, and each spoilt thing is found."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from manager.core.containers import ContainerSpec, Mount, Publish
from manager.core.environments import runtime_tmpfs
from manager.world.engine import hardening
from tests.hardening.check import row, wrong
from tests.hardening.seen import Seen
from tests.hardening.spoiling import CHECKS, SPOILT

if TYPE_CHECKING:
    from collections.abc import Callable

PAGE = Path(__file__).parents[2] / "docs" / "hardening.md"
DIGEST = "sha256:" + "a" * 64


@pytest.fixture
def asked() -> Seen:
    """Give an environment as it is asked for, on an image as Solvent makes them."""
    health: dict[str, Any] = {"Test": ["CMD", "/opt/solvent/bin/healthy"]}
    spec = ContainerSpec(
        "solvent-ana-work", DIGEST, (), mounts=(Mount("solvent-ws-ana-work", "/workspace"),), tmpfs=runtime_tmpfs(1000),
        networks=("solvent-environments",), publish=(Publish(8888, 20000),), cpus=2.0, stdin=True,
    )  # fmt: skip
    config = {
        "User": "1000:1000", "Healthcheck": health, "Env": ["JUPYTER_TOKEN_FILE=/run/solvent/token"],
        "Labels": {"org.opencontainers.image.base.digest": DIGEST},
    }  # fmt: skip
    container = {
        "HostConfig": hardening.host_config(spec), "Config": {"Image": DIGEST, "Healthcheck": health}, "Mounts": [],
    }  # fmt: skip
    return Seen(container, {"Config": config}, setuid=("/usr/bin/su",), security=("name=seccomp,profile=default",))


def test_what_solvent_asks_of_an_engine_passes_every_check(asked: Seen) -> None:
    """The specification alone, before any engine has it."""
    assert wrong(CHECKS, asked) == {}


@pytest.mark.parametrize(
    ("number", "spoil"), SPOILT, ids=[f"{number}-{count}" for count, (number, _) in enumerate(SPOILT)]
)
def test_a_check_finds_what_violates_it(asked: Seen, number: str, spoil: Callable[[Seen], Seen]) -> None:
    """The negative control of each check: one thing is changed, and that check says so."""
    assert wrong(CHECKS, spoil(asked)).get(number)


def test_every_judged_check_has_a_negative_control() -> None:
    """No check could pass for ever unnoticed; numbers stand once."""
    numbers = [check.number for check in CHECKS]
    assert {check.number for check in CHECKS if check.judge} == {number for number, _ in SPOILT}
    assert len(set(numbers)) == len(numbers)
    assert all((check.judge is None) == (check.standing == "elsewhere") and check.how for check in CHECKS)


def test_a_container_without_anything_fails_most_checks(asked: Seen) -> None:
    """What ``docker run IMAGE`` leaves open is found."""
    bare = replace(asked, container=asked.container | {"HostConfig": {"NetworkMode": "default"}})

    assert {"5.3", "5.10", "5.11", "5.12", "5.25", "5.28", "5.29"} <= set(wrong(CHECKS, bare))


def test_the_page_has_the_table_of_the_checks() -> None:
    """docs/hardening.md says of each check what the code says, in its order."""
    rows = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line[:4] in ("| 4.", "| 5.")]

    assert rows == [row(check) for check in CHECKS]
