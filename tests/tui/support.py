"""The app in a world in memory, with a person at the keyboard."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from manager.tui.app import Solvent

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
    from datetime import date

    from textual.pilot import Pilot

    from tests.app.conftest import World
    from tests.tui.lab import Lab

T = TypeVar("T")
# A machine that does many other things is slow, and not wrong.
_PATIENCE = 90
SMALL, LARGE = (80, 24), (160, 48)


class Person:
    """Somebody who presses keys and reads the screen."""

    def __init__(self, pilot: Pilot[None], app: Solvent) -> None:
        self.pilot, self.app = pilot, app

    async def press(self, *keys: str) -> None:
        """Press keys, one after the other."""
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def until(self, seen: Callable[[], object]) -> None:
        """Wait for what threads bring."""
        end = time.monotonic() + _PATIENCE
        while not seen():
            assert time.monotonic() < end, self.text()
            await self.pilot.pause(0.02)
        await self.pilot.pause()

    async def sees(self, *words: str) -> None:
        """Wait until all words are on the screen."""
        await self.until(lambda: all(word in self.text() for word in words))

    def text(self) -> str:
        """Give the screen as lines of text."""
        width, height = self.app.size
        screen = self.app.screen
        lines = screen._compositor.render_strips(self.app.size)
        return "\n".join(strip.text.rstrip() for strip in lines[:height])[: (width + 1) * height]


def endless(one: T, closed: list[bool]) -> Iterator[T]:
    """Give one thing over and over, until it is closed; that is noted."""
    try:
        while True:
            yield one
            time.sleep(0.05)
    finally:
        closed.append(True)


def with_app(
    world: World | Lab,
    do: Callable[[Person], Awaitable[None]],
    size: tuple[int, int] = LARGE,
    *,
    day: date | None = None,
    **more: Any,
) -> None:
    """Let a person use the app."""

    async def run() -> None:
        async with opened(world, size, day=day, **more) as person:
            await do(person)

    asyncio.run(run())


@asynccontextmanager
async def opened(
    world: World | Lab, size: tuple[int, int], *, day: date | None = None, **more: Any
) -> AsyncIterator[Person]:
    """Open the app; it is closed at the end."""
    app = Solvent(lambda asked: world.manager(**({"day": asked} if asked else {})), as_of=day, **more)
    async with app.run_test(size=size, notifications=True) as pilot:
        yield Person(pilot, app)
