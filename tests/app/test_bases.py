"""Bases on an image of one's own: what the stage is told, and what is refused before anything is made."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import pytest

from manager.core import stages
from manager.core.bases import base_step
from manager.core.ingredients import base_key
from manager.core.plan import Plan
from manager.errors import Failed, Refused, Unreachable
from manager.world import files
from tests.app.conftest import ended, run

if TYPE_CHECKING:
    from pathlib import Path

    from manager.app.manager import Manager
    from tests.app.conftest import World

IMAGE = "registry.bank/debian@sha256:" + "a" * 64
OWN = f'\n[systems.own]\nsuite = "trixie"\npython = "3.13"\npackages = ["git"]\nbase = "{IMAGE}"\n'
ARTIFACT = (
    '[[systems.own.artifact]]\nname = "client"\nlicence = "Vendor"\ntarget = "/etc/client"\nfile = "client.ini"\n'
)


@pytest.fixture
def own(tmp_path: Path, world: World) -> Path:
    """Give a catalog of one's own with a system on an image that a registry has."""
    root = tmp_path / "own"
    files.copy_shipped(files.shipped_root(), root, git=False)
    files.trust(root, tmp_path / "home" / "config" / "trusted")
    declare(root, OWN)
    world.engine.registry[IMAGE] = {"io.solvent.realm": "other", "io.solvent.release": "other:1", "vendor": "bank"}
    return root


def declare(root: Path, text: str) -> None:
    """Write further lines of solvent.toml; a table ``[mirror]`` stands for the one that is there."""
    file = root / "solvent.toml"
    file.write_text(file.read_text().replace('[mirror]\nfrozen = ["forky"]\n', "") + text)


def opened(world: World, own: Path) -> tuple[Manager, Plan]:
    """Open the catalog, with a plan to make the base."""
    manager = world.manager(catalog=own)
    files.trust(own, manager.settings.config_dir / "trusted")
    steps = base_step(manager.catalog, manager.observe(), "own", "a test wants it")
    return manager, Plan("make a base", manager.today, tuple(steps))


def built(world: World) -> tuple[Any, ...]:
    """Give what the one build was asked: context, arguments, labels, reference."""
    (arguments,) = [arguments for method, arguments in world.engine.calls if method == "build"]
    return tuple(arguments)


def test_the_base_becomes_ours(world: World, own: Path) -> None:
    """Labels of another Solvent are emptied, those of this realm are there, and it is known what it was made on."""
    manager, plan = opened(world, own)

    run(manager, plan)

    base = manager.engine.image(manager.names.base("own", base_key(manager.catalog.system("own"))))
    assert base
    assert base.labels["io.solvent.realm"] == "solvent"
    assert base.labels["io.solvent.release"] == ""
    assert base.labels["io.solvent.base-image"] == IMAGE
    assert not base_step(manager.catalog, manager.observe(), "own", "again")


def test_an_image_that_is_here_is_not_pulled_again(world: World, own: Path) -> None:
    """It is known by its digest: whoever has it needs no registry."""
    world.engine.add_image(IMAGE)
    world.engine.registry.clear()
    manager, plan = opened(world, own)

    run(manager, plan)

    assert "pull" not in [method for method, _ in world.engine.calls]


def test_a_silent_registry_is_unreachable(world: World, own: Path) -> None:
    """Nothing is bootstrapped in the place of an image that was asked for."""
    world.engine.registry.clear()

    assert isinstance(ended(*opened(world, own)), Unreachable)


def test_the_stage_is_told_of_the_mirror_and_the_proxy(world: World, own: Path, tmp_path: Path) -> None:
    """Addresses, never a login; without a mirror the host's lines are there for a base that names none."""
    declare(own, '[mirror]\napt = "https://deb.bank/debian"\nproxy = "http://proxy.bank:3128"\n')

    run(*opened(world, own))

    arguments = built(world)[1]
    assert arguments[stages.SOURCES].splitlines()[0] == "deb https://deb.bank/debian trixie main"
    assert arguments["https_proxy"] == "http://proxy.bank:3128"
    assert stages.FALLBACK not in arguments


@pytest.mark.parametrize("key", ["apt", "proxy"])
def test_a_login_gets_into_no_stage(world: World, own: Path, monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    """It would stay in the history of the image; nothing is built, and the way out is named."""
    monkeypatch.setenv("LOGIN", "ana:hunter2")
    declare(own, f'[mirror]\n{key} = "http://there.bank/x"\n[mirror.credentials]\n{key} = "env:LOGIN"\n')

    error = ended(*opened(world, own))

    assert isinstance(error, Refused)
    assert "packages = []" in error.hint
    assert "build" not in [method for method, _ in world.engine.calls]


def test_a_base_that_is_complete_needs_no_mirror(world: World, own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """So a login does not stand in its way."""
    monkeypatch.setenv("LOGIN", "ana:hunter2")
    text = (own / "solvent.toml").read_text().replace('packages = ["git"]\nbase', "packages = []\nbase")
    (own / "solvent.toml").write_text(text)
    declare(own, '[mirror]\napt = "http://there.bank/x"\n[mirror.credentials]\napt = "env:LOGIN"\n')

    run(*opened(world, own))

    assert built(world)[1] == {}


def test_artifacts_are_in_the_context(world: World, own: Path) -> None:
    """An archive or a file as a layer that only adds."""
    content = b"[client]"
    (own / "client.ini").write_bytes(content)
    declare(own, f'{ARTIFACT}sha256 = "{hashlib.sha256(content).hexdigest()}"\n')

    run(*opened(world, own))

    context = built(world)[0]
    assert set(context) == {"Dockerfile", "client.tar"}
    assert context["Dockerfile"].decode().splitlines()[-1] == "ADD client.tar /"


@pytest.mark.parametrize("there", [True, False], ids=["another file", "no file"])
def test_nothing_is_made_without_every_artifact(world: World, own: Path, there: bool) -> None:
    """Neither pulled nor built, and no folder is left."""
    if there:
        (own / "client.ini").write_text("other")
    declare(own, f"{ARTIFACT}sha256 = '{'b' * 64}'\n")
    manager, plan = opened(world, own)

    error = ended(manager, plan)

    assert isinstance(error, Failed)
    assert "client" in error.message
    assert not {"pull", "build"} & {method for method, _ in world.engine.calls}
    assert [path.name for path in manager.settings.cache_dir.iterdir() if path.name.startswith("vendored")] == []


def test_a_base_without_the_python_says_so(world: World, own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The installer's own words are for other failures."""
    manager, plan = opened(world, own)
    why = f"Step 3/3 : RUN ... echo '{stages.NO_PYTHON}'\n{stages.NO_PYTHON}\nreturned a non-zero code: 1"
    world.engine.fail("build", Failed("the build failed", why=why))
    assert "has no /usr/bin/python3.13 that runs" in ended(manager, plan).message

    world.engine.fail("build", Failed("the build failed", why=f"RUN echo '{stages.NO_PYTHON}'\nE: no package git"))
    error = ended(manager, plan)
    assert f"could not be made on {IMAGE}" in error.message
    assert "no package git" in error.why
