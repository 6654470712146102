"""What ``env upgrade`` says before: packages and modules that change, and what becomes of a person's own."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from manager.app.steps.upgrades import Installed
from manager.app.upgrades import Asked
from manager.core.components import Component
from manager.core.locks import Pin
from manager.errors import Failed, Unreachable
from tests.app.conftest import run
from tests.app.upgrading import NEW, NOTHING, PIP, PROBE, container, looks, upgraded
from tests.fakes.engine import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.app.conftest import World


# -- what is said before -------------------------------------------------------------------------------------------


def test_packages_that_change_are_named_by_class(lab: World) -> None:
    """Major ones and those that go by name, the others by number; all of them as values."""
    old, new = (build.digest for build in lab.store.kept[1:])
    lab.store.keep_components(
        old, (Component("python", "pandas", "2.3.3", "kernel"), Component("python", "six", "1", "kernel"))
    )
    lab.store.keep_components(new, (Component("python", "pandas", "3.0.1", "kernel"), Component("debian", "git", "2")))

    found = lab.manager().plan_upgrade(Asked(("work",)))

    assert found.plan.notes[:3] == (
        "packages that change: 1 major, 1 added, 1 removed", "major: pandas 2.3.3 -> 3.0.1", "removed: six",
    )  # fmt: skip
    assert [str(one) for one in found.upgrades[0].changes or ()] == [
        "pandas 2.3.3 -> 3.0.1",
        "six 1 -> -",
        "git - -> 2",
    ]


def test_modules_that_would_be_missing_are_named_with_their_files(lab: World) -> None:
    """Only those that are there today; what could not be read is said."""
    uses = [{"name": name, "files": ["a.ipynb"], "by": [f"{name} 1.0"]} for name in ("polars", "pandas", "never")]
    looks(
        lab,
        r4_4={"uses": uses, "there": ["polars", "pandas"], "read": 3, "skipped": [["b.py", "SyntaxError: no\x1b[2J"]]},
        r4_5={"there": ["pandas"]},
    )

    found = lab.manager().plan_upgrade(Asked(("work",)))

    assert [one.name for one in found.upgrades[0].missing] == ["polars"]
    assert f"{NEW} has no module polars (polars 1.0 today): a.ipynb" in found.plan.notes
    assert "not looked at: b.py (SyntaxError: no [2J)" in found.plan.notes


@pytest.mark.parametrize(
    "said", [b"", b"{}\n", b'{"outcome": "seen"}\n', b"[" * 100_000, b'{"outcome": "seen", "uses": 7}']
)
def test_a_look_without_an_answer_is_said_and_the_upgrade_goes_on(lab: World, said: bytes) -> None:
    """What runs in a sandbox may print anything."""
    lab.engine.teach(PROBE, Outcome(stdout=said))

    found = upgraded(lab)

    assert any("could not be looked at: the sandbox gave no answer" in note for note in found.plan.notes)
    assert container(lab).labels["io.solvent.release"] == NEW


def test_looks_see_the_workspace_and_nothing_else(lab: World) -> None:
    """Read-only, without a network, and removed."""
    seen = []

    def answer(name: str, _: bytes) -> Outcome:
        seen.append(lab.engine.specs[name])
        return Outcome(stdout=json.dumps(NOTHING).encode())

    lab.engine.teach(PROBE, answer)
    lab.manager().plan_upgrade(Asked(("work",)))

    assert len(seen) == 2
    for one in seen:
        assert (one.networks, [mount.read_only for mount in one.mounts]) == (("none",), [True])
        assert lab.engine.container(one.name) is None


# -- a person's own packages ---------------------------------------------------------------------------------------


OWN = {
    "overlay": "/workspace/.solvent/old/lib/python3.11/site-packages",
    "packages": [
        {"name": "polars", "version": "1.0", "asked": True, "direct": False},
        {"name": "Helper", "version": "2.0", "asked": False, "direct": False},
        {"name": "mine", "version": "0.1", "asked": True, "direct": True},
    ],
}
THERE = {"overlay": "/workspace/.solvent/new/lib/python3.11/site-packages"}


def resolving(monkeypatch: pytest.MonkeyPatch, answer: Callable[[tuple[str, ...]], dict[str, str]]) -> None:
    """Let the index have what ``answer`` gives for requirements; it raises what uv would."""

    def beside(requirements: tuple[str, ...], *_: object) -> tuple[Pin, ...]:
        return tuple(Pin(name, version) for name, version in answer(requirements).items())

    monkeypatch.setattr("manager.world.resolver.beside", beside)


def test_own_packages_are_installed_for_the_new_release_before_anything_stops(
    lab: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those that were asked for, at their versions; one from an address cannot be; the old ones are not touched."""
    looks(lab, r4_4=OWN, r4_5=THERE)
    resolving(monkeypatch, lambda _: {"polars": "1.0"})
    pip = []

    def install(name: str, _: bytes) -> Outcome:
        pip.append((lab.engine.specs[name], container(lab).state))
        return Outcome()

    lab.engine.teach(PIP, install)
    found = upgraded(lab)

    ((spec, state),) = pip
    assert (spec.command or ())[3:] == ("install", "--no-input", "polars==1.0")
    assert (spec.image, state) == (container(lab).image, "running")
    assert [(fit.name, fit.fits) for fit in found.upgrades[0].own] == [("polars", "1.0"), ("mine", "")]
    assert any(note.startswith("your own mine 0.1 cannot be installed") for note in found.plan.notes)


def test_a_package_that_does_not_fit_as_it_is_moves_or_is_named(lab: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each by itself, first as it is."""
    packages = [{"name": name, "version": "1.0", "asked": True, "direct": False} for name in ("polars", "gone")]
    looks(lab, r4_4=OWN | {"packages": packages}, r4_5=THERE)

    def answer(requirements: tuple[str, ...]) -> dict[str, str]:
        if requirements == ("polars",):
            return {"polars": "2.0"}
        raise Failed("no way", why="  x No solution found\n  Because gone was not found in the registry")

    resolving(monkeypatch, answer)
    notes = lab.manager().plan_upgrade(Asked(("work",))).plan.notes

    assert f"your own packages are installed again for {NEW}: polars 1.0 -> 2.0" in notes
    assert f"your own gone 1.0 cannot be installed for {NEW}: gone was not found in the registry" in notes


def test_without_an_index_it_says_what_to_install_again(lab: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The upgrade itself needs none."""
    looks(lab, r4_4=OWN, r4_5=THERE)

    def answer(_: tuple[str, ...]) -> dict[str, str]:
        raise Unreachable("resolving for Python 3.11: the package index does not answer")

    resolving(monkeypatch, answer)
    found = upgraded(lab)

    assert any("pip install polars==1.0 mine==0.1" in note for note in found.plan.notes)
    assert container(lab).labels["io.solvent.release"] == NEW


def test_packages_that_pip_does_not_install_do_not_stop_an_upgrade(lab: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its reason and what to type inside are said at the end."""
    looks(lab, r4_4=OWN, r4_5=THERE)
    resolving(monkeypatch, lambda _: {"polars": "1.0"})
    lab.engine.teach(PIP, Outcome(code=1, stdout=b"Collecting polars\nERROR: No space left on device\n"))
    manager = lab.manager()

    events = run(manager, manager.plan_upgrade(Asked(("work",))).plan)

    (result,) = (one for one in events[-1].results.values() if isinstance(one, Installed))
    assert "No space left on device; install them inside" in result.note
    assert container(lab).labels["io.solvent.release"] == NEW
