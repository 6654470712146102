"""Mirrors in use: three files make one table, logins are resolved late, and what is missing is said."""

from __future__ import annotations

import io
import shutil
import tarfile
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from manager.app import mirrors
from manager.core.mirrors import NOTHING_SET
from manager.errors import ManagerError
from manager.world import authorities, resolver
from manager.world.files import load
from tests.app.conftest import RELEASE, REPOSITORY, World

if TYPE_CHECKING:
    from pathlib import Path

PEM = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"


@pytest.fixture
def person(world: World) -> Path:
    """Give the place of the person's settings."""
    (world.home / "config").mkdir(parents=True, exist_ok=True)
    return world.home / "config/config.toml"


def test_where_no_address_is_named_nothing_is_handed_over(world: World) -> None:
    """The host's own settings hold, and an environment gets no file; the shipped catalog says what stands still."""
    manager = world.manager()

    assert replace(mirrors.reach(manager, "python").mirrors, frozen=(), origins=()) == NOTHING_SET
    assert mirrors.delivered(manager, RELEASE, pytest.fail) == ()
    assert [(one.name, one.value) for one in mirrors.shown(manager)] == [("mirror.frozen", "forky")]


def test_a_persons_login_completes_the_catalogs_address(
    world: World, person: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The catalog names the index for all, each person has a token; both show where they come from, the token not."""
    catalog = tmp_path / "catalog"
    for name in ("images", "connectors", "compose"):
        shutil.copytree(REPOSITORY / name, catalog / name)
    text = (REPOSITORY / "solvent.toml").read_text()
    (catalog / "solvent.toml").write_text(text.replace("[mirror]\n", '[mirror]\npython = "https://i.example/simple"\n'))
    person.write_text('[mirror.credentials]\npython = "env:INDEX_LOGIN"\n')
    monkeypatch.setenv("INDEX_LOGIN", "ana:geheim")
    manager = world.manager()
    manager.__dict__["catalog"] = load(catalog, shipped=False)

    way = mirrors.reach(manager, "python")
    shown = {one.name: one for one in mirrors.shown(manager)}

    assert way.opened("python") == "https://ana:geheim@i.example/simple"
    assert shown["mirror.python"].origin.startswith(f"{catalog}/solvent.toml:")
    assert shown["mirror.credentials.python"].value == "env:INDEX_LOGIN"
    assert shown["mirror.credentials.python"].origin == f"{person}:2"
    assert "geheim" not in str(shown)


def test_only_the_logins_of_a_step_are_resolved(world: World, person: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A vault that is asked for npm's token is none of a base's business."""
    person.write_text(
        '[mirror]\napt = "https://a.example"\nnpm = "https://n.example"\n'
        '[mirror.credentials]\napt = "env:APT_LOGIN"\nnpm = "env:NEVER_SET"\n'
    )
    monkeypatch.setenv("APT_LOGIN", "ana:geheim")
    manager = world.manager()

    assert [key for key, _ in mirrors.reach(manager, "apt").logins] == ["apt"]
    with pytest.raises(ManagerError) as told:
        mirrors.reach(manager, "npm")
    assert "mirror.npm" in told.value.message
    assert told.value.where == f"{person}:6"


def test_an_environment_goes_without_what_cannot_be_had(
    world: World, person: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A login that is not there is said; the other mirrors are handed over all the same."""
    bundle = person.with_name("ca.pem")
    bundle.write_text(PEM)
    person.write_text(
        '[mirror]\npython = "https://i.example"\nnpm = "https://n.example"\nca_bundle = "ca.pem"\n'
        '[mirror.credentials]\npython = "env:NEVER_SET"\n'
    )
    said: list[str] = []

    files = {file.path for file in mirrors.delivered(world.manager(), RELEASE, said.append)}

    assert files == {"mirror/ca.pem", "mirror/npmrc", "mirror/variables"}
    assert len(said) == 1
    assert "mirror.python" in said[0]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (None, "cannot be read"),
        ("no certificate", "no certificate"),
        (PEM + "-----BEGIN PRIVATE KEY-----", "private key"),
    ],
)
def test_a_bundle_that_is_none_is_told(world: World, person: Path, content: str | None, why: str) -> None:
    """A missing file, one without certificates, and one with a key, which would reach every environment."""
    person.write_text('[mirror]\nca_bundle = "ca.pem"\n')
    if content is not None:
        person.with_name("ca.pem").write_text(content)

    with pytest.raises(ManagerError) as told:
        mirrors.reach(world.manager(), "python")

    assert why in told.value.message
    assert "solvent config show" in told.value.hint


def test_a_launch_hands_the_mirrors_over_and_shows_no_login(
    world: World, person: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They travel with the token; nothing of them stands in the container's specification or the history."""
    monkeypatch.setenv("INDEX_LOGIN", "ana:geheim")
    person.write_text('[mirror]\npython = "https://i.example"\n[mirror.credentials]\npython = "env:INDEX_LOGIN"\n')

    manager = world.launch()

    (name,) = [one.name for one in world.engine.containers({"io.solvent.kind": "environment"})]
    box = world.engine._there(name)
    with tarfile.open(fileobj=io.BytesIO(box.stdin)) as handed:
        assert b"ana:geheim@i.example" in handed.extractfile("mirror/pip/pip.conf").read()  # type: ignore[union-attr]
    assert "geheim" not in f"{box.spec} {world.store.entries} {manager.environments()}"


def test_builds_are_told_of_the_index_and_of_what_this_machine_trusts_besides_debians_list(
    world: World, person: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a mirror it is uv's own index; what Debian's package brings is in a container already."""
    (tmp_path / "shipped").mkdir()
    (tmp_path / "shipped/one.crt").write_text(PEM)
    own = PEM.replace("MIIB", "MIIC")
    (tmp_path / "all.crt").write_text(PEM + own)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "all.crt"))

    assert authorities.added(tmp_path / "shipped") == own
    assert authorities.added(tmp_path / "nothing") == ""

    monkeypatch.setattr(authorities, "added", lambda: own)
    assert mirrors.index_for_builds(world.manager()) == {
        "SOLVENT_INDEX": resolver.default_index(),
        "SOLVENT_INDEX_AUTHORITIES": own,
        "SOLVENT_INDEX_PROXY": "",
    }
    person.write_text(
        '[mirror]\npython = "https://i.example/simple"\nproxy = "http://p.example:3128"\nno_proxy = [".example"]\n'
    )
    told = mirrors.index_for_builds(world.manager())
    assert (told["SOLVENT_INDEX"], told["SOLVENT_INDEX_PROXY"]) == ("https://i.example/simple", "")
    person.write_text(person.read_text().replace('[".example"]', '[".elsewhere"]'))
    assert mirrors.index_for_builds(world.manager())["SOLVENT_INDEX_PROXY"] == "http://p.example:3128"


def test_builds_are_not_told_of_an_index_that_wants_a_login(world: World, person: Path) -> None:
    """What a build is told stays in the history of its image."""
    person.write_text(
        '[mirror]\npython = "https://i.example/simple"\n[mirror.credentials]\npython = "env:INDEX_LOGIN"\n'
    )

    assert mirrors.index_for_builds(world.manager()) == {}
