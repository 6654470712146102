"""Compose in memory: the names of what runs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from manager.world.compose import RunningSource

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path


@dataclass
class FakeCompose:
    """Sources that start, stop and have a password."""

    up: list[str] = field(default_factory=list)
    told: dict[str, str] = field(default_factory=dict)

    def running(self) -> tuple[RunningSource, ...]:
        """Give what runs."""
        return tuple(RunningSource(name, f"c-{name}", "running", "healthy") for name in self.up)

    def build(self, service: str, say: Callable[[str], None], environment: Mapping[str, str]) -> None:
        """Build nothing; keep what was told."""
        self.told = dict(environment)
        say(f"Building {service}")

    def start(self, service: str, secrets_dir: Path, say: Callable[[str], None]) -> None:
        """Start one, with a password."""
        (secrets_dir / service).mkdir(parents=True, exist_ok=True)
        (secrets_dir / service / "password").write_text("hunter2")
        self.up.append(service)

    def stop(self, service: str, secrets_dir: Path, say: Callable[[str], None]) -> None:
        """Stop one; absent is fine."""
        say(f"Stopping {service}")
        self.up = [one for one in self.up if one != service]
