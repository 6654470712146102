"""``solvent refresh`` and ``image new --from-release``: against an index on loopback."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from manager.core.components import Component
from tests.cli.conftest import RELEASE
from tests.fakes.indexes import Index, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.cli.conftest import World

AFTER = ("--from-release", RELEASE)


@pytest.fixture
def index(monkeypatch: pytest.MonkeyPatch) -> Iterator[Index]:
    """Serve an index that has a newer JupyterLab, and nothing else."""
    with serving() as made:
        made.python("jupyterlab", ("4.6.0", "2026-06-18"), ("4.6.99", "2026-10-01"), ("4.7.0", "2026-11-02"))
        monkeypatch.setenv("UV_DEFAULT_INDEX", f"{made.address}/simple")
        monkeypatch.setenv("npm_config_registry", f"{made.address}/npm")
        monkeypatch.setattr("manager.app.watch.mirror_of", lambda _world: (f"{made.address}/debian", ""))
        yield made


@pytest.fixture
def catalog(solvent: World, tmp_path: Path) -> Path:
    """Give a catalog of one's own."""
    assert solvent("init", str(tmp_path / "own")).code == 0
    return tmp_path / "own"


def test_newer_releases_versions_and_bases_are_proposed(solvent: World, index: Index) -> None:
    """Each with its reason and what to type; ``--check`` ends with 3."""
    build = solvent.build()
    solvent.store.keep_components(build.digest, (Component("debian", "git", "1:2.9-1"),))
    index.debian("trixie", git="1:2.10-1")

    ran = solvent("refresh", "jupyterlab", "-o", "json")

    assert ran.code == 0
    found = {(one["kind"], one["subject"]): one for one in ran.json["candidates"]}
    (new,) = (one for one in found.values() if one["kind"] == "release")
    assert new["subject"].startswith("jupyterlab:4.7-py3.1")
    assert (new["version"], new["released"]) == ("4.7.0", "2026-11-02")
    assert new["command"].startswith("solvent image new jupyterlab:4.7-py3.1")
    assert found["version", RELEASE]["command"] == f"solvent image lock {RELEASE} --upgrade jupyterlab"
    assert found["base", "trixie"]["command"] == f"solvent image build --fresh-base {RELEASE}"
    assert solvent("refresh", "jupyterlab", "--check").code == 3
    assert ran.json.keys() == {"candidates", "notes", "asked", "waiting"}
    rows = [json.loads(line) for line in solvent("refresh", "jupyterlab", "-o", "ndjson").out.splitlines()]
    assert rows == [{"schema": 1, **one} for one in ran.json["candidates"]]


def test_an_index_that_does_not_answer_is_said_and_the_others_count(solvent: World, index: Index) -> None:
    """A note for each; with nobody at all it ends with 6."""
    ran = solvent("refresh")

    assert ran.code == 0
    assert "jupyterlab:4.7-py3.1" in ran.out
    assert "marimo: " in ran.err
    assert "answers 404" in ran.err
    index.pages.clear()
    kept = solvent("refresh", "jupyterlab")
    assert (kept.code, "what it said on 2026-11-21 is taken" in kept.err) == (0, True)
    assert solvent("refresh", "marimo").code == 6


def test_what_follows_is_written_with_its_day_and_becomes_the_successor(
    solvent: World, index: Index, catalog: Path
) -> None:
    """Locks are made by the next command, which is said; comments of the file stay."""
    words = ("image", "new", "jupyterlab:4.7-py3.13", *AFTER, "--catalog", str(catalog))
    before = (catalog / "images/jupyterlab/family.toml").read_text()

    dry = solvent(*words, "--dry-run")
    assert (catalog / "images/jupyterlab/family.toml").read_text() == before
    ran = solvent(*words)

    text = (catalog / "images/jupyterlab/family.toml").read_text()
    assert (ran.code, ran.out) == (0, f"{catalog}/images/jupyterlab/family.toml\n")
    assert dry.out == text
    # What it says about the next release stays with that one.
    assert 'successor = "jupyterlab:4.7-py3.13"\n\n# A preview of the next Python' in text
    assert text.count("#") == before.count("#") + 1
    assert "released = 2026-11-02 # when jupyterlab==4.7.* came out" in text
    assert f"solvent image lock jupyterlab:4.7-py3.13 --catalog {catalog}" in ran.err
    shown = solvent("image", "show", "jupyterlab:4.7-py3.13", "--catalog", str(catalog), "-o", "json").json["release"]
    assert shown["connectors"] == ["postgresql", "mysql", "duckdb", "sqlite", "odbc"]
    assert solvent("catalog", "validate", "--catalog", str(catalog)).code == 0
    old = solvent("image", "show", RELEASE, "--catalog", str(catalog), "-o", "json").json["release"]
    assert old["successor"] == "jupyterlab:4.7-py3.13"


def test_without_an_index_the_day_is_asked_for(solvent: World, index: Index, catalog: Path) -> None:
    """6 with the option; given it, no index is asked."""
    index.pages.clear()
    words = ("image", "new", "jupyterlab:4.7-py3.13", *AFTER, "--catalog", str(catalog))

    ran = solvent(*words)

    assert ran.code == 6
    assert "--released DATE" in ran.err
    asked = len(index.asked)
    assert solvent(*words, "--released", "2026-11-02").code == 0
    assert len(index.asked) == asked


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("jupyterlab:4.7-py3.13",), 2, "say --from FILE or --from-release"),
        (("jupyterlab:4.7-py3.13", "--from", "x", *AFTER), 2, "say --from FILE or --from-release"),
        (("jupyterlab:9.9-py3.13", *AFTER), 2, "the index has no jupyterlab 9.9"),
        (("jupyterlab:4.6-py3.13", *AFTER), 5, "is there already"),
        (("lab:4.7", *AFTER), 2, "does not follow"),
        (("jupyterlab:4.7-py3.13-Ä", *AFTER), 2, "names no release"),
        (("jupyterlab:4.7-py3.13", *AFTER, "--group", "dev"), 2, "--group and --extends go with --from"),
        (("jupyterlab:4.7-py3.13", *AFTER, "--extends", "notebook"), 2, "--group and --extends go with --from"),
        (("jupyterlab:4.7-py3.13", *AFTER, "--as-of", "2026-11-20"), 5, "a catalog is written today"),
        (("rstudio:2027.1", "--from-release", "rstudio:2026.08-r4.5"), 5, "says of no index"),
        (("jupyterlab-r:4.7-r4.5", "--from-release", "jupyterlab-r:4.6-r4.5", "--python", "3.14"), 2, "says which R"),
    ],
)
def test_bad_words_end_with_help(
    solvent: World, index: Index, catalog: Path, words: tuple[str, ...], code: int, says: str
) -> None:
    """Nothing is written."""
    before = (catalog / "images/jupyterlab/family.toml").read_text()

    ran = solvent("image", "new", *words, "--catalog", str(catalog))

    assert ran.code == code
    assert says in ran.err
    assert (catalog / "images/jupyterlab/family.toml").read_text() == before


def test_a_release_with_r_is_followed_by_one_with_r(solvent: World, index: Index, catalog: Path) -> None:
    """That of its system: another Python stands on another one."""
    for line, python in (("4.7-r4.5", "3.13"), ("4.7-r4.2", "3.11")):
        words = (f"jupyterlab-r:{line}", "--from-release", "jupyterlab-r:4.6-r4.5", "--python", python)
        assert solvent("image", "new", *words, "--catalog", str(catalog)).code == 0

        shown = solvent("image", "show", words[0], "--catalog", str(catalog), "-o", "json").json["release"]

        assert (shown["r"], shown["python"]) == (line.partition("-r")[2], python)


@pytest.mark.parametrize(
    ("releases", "says"),
    [
        ("", "takes its releases from the family that it extends"),
        (
            'release = [{ line = "4.6-py3.13", ide = "jupyterlab==4.6.*", python = "3.13", system = "trixie",'
            ' released = 2026-06-18, connectors = ["postgresql"] }]\n',
            "has its releases in one line",
        ),
    ],
)
def test_a_family_whose_releases_are_no_tables_is_not_added_to(
    solvent: World, index: Index, catalog: Path, releases: str, says: str
) -> None:
    """What is in the way is said; nothing is written."""
    (catalog / "images/desk").mkdir()
    text = f'id = "desk"\ntitle = "Desk"\nowner = "me"\nextends = "jupyterlab"\n{releases}'
    (catalog / "images/desk/family.toml").write_text(text)
    words = ("desk:4.7-py3.13", "--from-release", "desk:4.6-py3.13", "--catalog", str(catalog))

    ran = solvent("image", "new", *words)

    assert (ran.code, says in ran.err) == (5, True), ran.err
    assert (catalog / "images/desk/family.toml").read_text() == text


def test_the_shipped_catalog_is_read_only(solvent: World, index: Index) -> None:
    """5, and the way to a catalog of one's own."""
    ran = solvent("image", "new", "jupyterlab:4.7-py3.13", *AFTER)

    assert ran.code == 5
    assert "solvent init" in ran.err
