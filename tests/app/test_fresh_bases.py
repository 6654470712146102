"""``image build --fresh-base``: what a base consists of is asked of the mirror again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from manager.core.build_actions import MakeBase
from manager.core.evidence import Result
from manager.core.observed import BuildStatus
from tests.app.conftest import RELEASE, run
from tests.app.fault_commands import unbuilt

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from tests.app.conftest import World


def test_a_base_is_made_anew_and_what_stands_on_it_with_it(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the option nothing is done; with it the base is not taken from the cache, and a new build is promoted."""
    unbuilt(world, monkeypatch)
    # What is proven is the matter of other tests.
    monkeypatch.setattr("manager.app.steps.proof.prove", lambda *_words: (Result("all", "pass"),))
    from manager.world import bases

    real, asked = bases.bootstrap, []

    def bootstrap(suite: str, packages: object, folder: Path, *words: object, **more: Any) -> object:
        asked.append((suite, more.get("anew")))
        return real(f"{suite} {len(asked)}", packages, folder, *words, **more)  # type: ignore[arg-type]

    monkeypatch.setattr("manager.world.bases.bootstrap", bootstrap)
    manager = world.manager()
    run(manager, manager.plan_build((RELEASE,)))
    assert not manager.plan_build((RELEASE,))
    del asked[:]

    plan = manager.plan_build((RELEASE,), fresh_base=True)
    run(manager, plan)

    assert [step.do.anew for step in plan.steps if isinstance(step.do, MakeBase)] == [True]
    assert "with what the mirror has today" in plan.steps[0].cause
    assert [anew for _, anew in asked] == [True]
    first, second = world.store.kept
    assert (first.status, second.status) == (BuildStatus.SUPERSEDED, BuildStatus.PROMOTED)
    assert dict(first.inputs)["base"] != dict(second.inputs)["base"]
