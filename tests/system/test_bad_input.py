"""What a person gets wrong, as a real process tells it: exit codes, all problems at once, file and line, hints."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.system.world import World

FAMILY = "images/jupyterlab/family.toml"
CONNECTOR = "connectors/postgresql/connector.toml"
# Nothing listens there: these tests need no engine, and none may answer them.
NO_ENGINE = {"DOCKER_HOST": "unix:///nonexistent/engine.sock"}


@pytest.fixture
def solvent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """Give the command in a home of its own, in an empty folder, without an engine."""
    for name, text in NO_ENGINE.items():
        monkeypatch.setenv(name, text)
    monkeypatch.delenv("SOLVENT_CATALOG", raising=False)
    monkeypatch.chdir(tmp_path)
    return World(tmp_path / "home", "t-bad")


def edit(file: Path, old: str, new: str) -> None:
    """Replace the first occurrence of a text."""
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))


def test_all_that_is_wrong_with_a_catalog_comes_at_once(solvent: World, own: Path) -> None:
    """A missing key, dates in a wrong order, an unknown connector, a duplicate id: exit 4, each with its line."""
    edit(own / FAMILY, 'owner = "platform"\n', "")
    edit(own / FAMILY, "released = 2026-06-18", "released = 2026-06-18\nend_of_life = 2026-01-01")
    edit(own / FAMILY, 'connectors = ["postgresql"]', 'connectors = ["postgres"]')
    edit(own / FAMILY, 'line = "4.5-py3.11"', 'line = "4.4-py3.11"')
    shutil.copytree(own / "connectors/postgresql", own / "connectors/second")

    text = solvent("catalog", "validate", "own", code=4)
    used = solvent("image", "list", "--catalog", "own", code=4)
    told = json.loads(solvent("catalog", "validate", "own", "-o", "json", code=4).stderr)["error"]

    # What a command that uses the catalog says is what validate says.
    assert (text.stdout, used.stdout) == ("", "")
    assert text.stderr == used.stderr
    assert f"error: {len(told['problems'])} problems in the catalog {own}" in text.stderr
    assert "did you mean postgresql?" in text.stderr
    found = {(one["file"], one["line"], one["why"]) for one in told["problems"]}
    for file, marker, why in (
        (FAMILY, 'id = "jupyterlab"', "is missing"),
        (FAMILY, "end_of_life = 2026-01-01", "end_of_life = 2026-01-01 lies before released = 2026-06-18"),
        (FAMILY, 'connectors = ["postgres"]', "unknown connector 'postgres'"),
        (
            "connectors/second/connector.toml",
            'id = "postgresql"',
            "duplicate connector 'postgresql': it is declared in ",
        ),
    ):
        line = (own / file).read_text().splitlines().index(marker) + 1
        # What is missing has no line: it belongs to its table, here to the file.
        assert [one for one in found if one[0] == file and one[1] in (line, 1) and one[2].startswith(why)]
    assert "duplicate release 'jupyterlab:4.4-py3.11'" in text.stderr
    assert all(
        f"  {one['file']}:{one['line']}  {one['key']}: {one['why']}\n" in text.stderr for one in told["problems"]
    )


def test_invalid_toml_has_file_line_and_column_and_hides_nothing_else(solvent: World, own: Path) -> None:
    """The other files are judged all the same."""
    (own / FAMILY).write_text('id = "jupyterlab"\ntitle = \n')
    edit(own / CONNECTOR, 'tier = "core"', 'tier = "top"')

    told = solvent("catalog", "validate", "own", code=4).stderr

    assert f"{FAMILY}:2  not TOML: invalid value at column 9" in told
    assert f"{CONNECTOR}:" in told


@pytest.mark.parametrize(
    ("file", "text", "why"),
    [
        (FAMILY, b"x = " + b"[" * 50_000, "nested too deeply"),
        (FAMILY, b"a." * 5_000 + b"b = 1\n", "nested too deeply"),
        (FAMILY, b"[" + b"a." * 5_000 + b"b]\nc = 1\n", "nested too deeply"),
        (FAMILY, b"x = " + b"[" * 100 + b"]" * 100 + b"\n", "nested too deeply"),
        ("solvent.toml", b"# " + b"x" * 10_000_000 + b"\n", "larger than 1024 KiB"),
        (CONNECTOR, bytes(range(256)) * 40, "not UTF-8"),
        ("images/jupyterlab/locks/4.6-py3.13/ide.lock", b"\xff" * 300, "not UTF-8"),
    ],
    ids=["brackets", "dotted key", "dotted header", "arrays", "ten megabytes", "bytes", "lock of bytes"],
)
def test_a_bomb_is_a_problem_and_no_explosion(solvent: World, own: Path, file: str, text: bytes, why: str) -> None:
    """Reading it takes neither the process nor a minute: it is named, and that is all."""
    (own / file).write_bytes(text)

    told = solvent("catalog", "validate", "own", code=4, timeout=30).stderr

    assert f"  {file}:" in told
    assert why in told
    assert "bug" not in told


@pytest.mark.parametrize(
    ("name", "old", "new", "why"),
    [
        ("family", 'id = "jupyterlab"', 'id = "../x"', "id: '../x' is not"),
        ("family with dots", 'id = "jupyterlab"', 'id = "a..b"', "id: 'a..b' is not"),
        ("shell", 'line = "4.6-py3.13"', 'line = "4.6; rm -rf $(x)"', "release[0].line: '4.6; rm -rf $(x)' is not"),
        ("new line", 'line = "4.6-py3.13"', 'line = "4.6\\n4.7"', "release[0].line: '4.6\\n4.7' is not"),
        ("long", 'line = "4.6-py3.13"', f'line = "{"a" * 300}"', "release[0].line: string should have at most 63"),
        ("path", 'system = "trixie"', 'system = "../../etc"', "release[0].system: '../../etc' is not"),
    ],
    ids=lambda one: one if " " not in one and "=" not in one else "",
)
def test_a_name_that_would_be_a_path_or_a_command_is_refused(
    solvent: World, own: Path, name: str, old: str, new: str, why: str
) -> None:
    """Ids become names of images, volumes and folders, so they are only ever plain words."""
    edit(own / FAMILY, old, new)

    assert why in solvent("catalog", "validate", "own", code=4).stderr


@pytest.mark.parametrize("kind", ["secret file", "folder", "circle", "nowhere", "pipe", "zero", "connector", "lock"])
def test_a_catalog_cannot_reach_out_of_its_folder(solvent: World, own: Path, tmp_path: Path, kind: str) -> None:
    """Looking at a stranger's catalog shows it nothing of this machine, and what never ends is not begun."""
    (tmp_path / "secret").write_text("hunter2")
    layer = own / "images/jupyterlab/files"
    place, target = {
        "secret file": (layer / "etc/leak", tmp_path / "secret"),
        "folder": (layer / "root", Path("/")),
        "circle": (layer / "circle", layer / "circle"),
        "nowhere": (layer / "nowhere", own / "no-such-file"),
        "pipe": (layer / "pipe", None),
        "zero": (own / CONNECTOR, Path("/dev/zero")),
        "connector": (own / CONNECTOR, tmp_path / "secret"),
        "lock": (own / "images/jupyterlab/locks/4.6-py3.13/ide.lock", tmp_path / "secret"),
    }[kind]
    place.unlink(missing_ok=True)
    if target is None:
        os.mkfifo(place)
    else:
        place.symlink_to(target)

    told = solvent("catalog", "validate", "own", code=4, timeout=30).stderr

    assert f"  {place.relative_to(own)}:0  " in told
    assert any(why in told for why in ("leads out of the catalog", "is no file", "cannot be read"))
    assert "hunter2" not in told


def test_what_lies_hidden_in_a_layer_shapes_it_as_well(solvent: World, own: Path) -> None:
    """Every file of ``files`` is packed, so every one of them counts; beside it notes for people do not."""

    def content() -> str:
        told: str = json.loads(solvent("catalog", "validate", "own", "-o", "json").stdout)["catalog"]["content"]
        return told

    before = content()
    (own / "images/jupyterlab/NOTES.md").write_text("for people\n")
    assert content() == before

    (own / "images/jupyterlab/files/etc/.hidden").write_text("in the image\n")
    assert content() != before


@pytest.mark.parametrize(
    ("words", "code", "message", "hint"),
    [
        (("image", "show", "jupiterlab"), 2, "no family 'jupiterlab'", "did you mean jupyterlab?"),
        (("env", "launch", "jupyterlab:4.6-py3.12"), 2, "no release", "did you mean jupyterlab:4.6-py3.14?"),
        (("image", "lock", "jupyterlab"), 5, "the shipped catalog is read-only", "solvent init DIR"),
        (("image", "list", "--as-of", "tomorrow"), 2, "'tomorrow'", "solvent image list --help"),
        (("image", "list", "--as-of", "2026-02-30"), 2, "'2026-02-30'", "solvent image list --help"),
        (("image", "list", "--as-of", ""), 2, "''", "solvent image list --help"),
        (("image", "list", "--catalog", "nowhere"), 4, "there is no such folder", "solvent init nowhere"),
        (("env", "launch", "jupyterlab", "--connection", "../x"), 2, "no connection named '../x'", "connection add"),
        (("connection", "add", "../x", "--connector", "postgresql"), 2, "'../x' cannot be used", "try 'x'"),
        (("connection", "show", "../../config"), 2, "no connection named '../../config'", "connection add"),
        (("connection", "remove", "\N{SNOWMAN}"), 2, "no connection named '\N{SNOWMAN}'", "connection add"),
        (("frobnicate",), 2, "no such command", "--help"),
        (("init", "/proc/own"), 1, "cannot write /proc/own", None),
        (("catalog", "trust", "/etc"), 4, "is not a catalog", "solvent init"),
    ],
    ids=lambda one: " ".join(one)[:40] if isinstance(one, tuple) else "",
)
def test_a_wrong_word_has_its_exit_code_and_a_way_on(
    solvent: World, words: tuple[str, ...], code: int, message: str, hint: str | None
) -> None:
    """Standard output stays empty; the error is one line of JSON where JSON is asked for."""
    ended = solvent(*words, "-o", "json", code=code)

    told = json.loads(ended.stderr.splitlines()[-1])["error"]
    assert (ended.stdout, told["code"]) == ("", code)
    assert message in told["message"]
    assert (hint or "") in (told["hint"] or "")


@pytest.mark.parametrize("name", ["x" * 100_000, "\N{GREEK SMALL LETTER PI}" * 50, "a\nb", "-", " ", "%s{}$HOME"])
def test_a_name_that_nobody_can_use_is_answered_shortly(solvent: World, name: str) -> None:
    """Huge and strange names are refused in a few lines, whatever they are for."""
    told = solvent("connection", "show", "--", name, code=2).stderr

    assert told.startswith("error: ")
    assert len(told) < 1500


def test_an_untrusted_catalog_is_refused_by_everything_that_would_use_it(solvent: World, own: Path) -> None:
    """A moved catalog is a new place; only looking at it works."""
    own.rename(own.with_name("moved"))

    solvent("catalog", "validate", "moved")
    for words in (
        ("image", "list"),
        ("connector", "list"),
        ("image", "build", "--all"),
        ("env", "launch", "jupyterlab"),
    ):
        told = json.loads(solvent(*words, "--catalog", "moved", "-o", "json", code=5).stderr)["error"]
        assert told["hint"] == f"read it, then:  solvent catalog trust {own.with_name('moved')}"


def test_a_record_of_trust_that_others_may_write_is_not_believed(solvent: World, own: Path) -> None:
    """Whoever can write it could have their catalog run; the hint is the command that mends it."""
    record = solvent.home / "config/trusted"
    record.chmod(0o666)

    hint = json.loads(solvent("image", "list", "--catalog", "own", "-o", "json", code=5).stderr)["error"]["hint"]

    subprocess.run(hint.split(), check=True)
    solvent("connector", "list", "--catalog", "own")


@pytest.mark.parametrize(
    "words",
    [
        "status", "doctor", "config show", "config path", "catalog validate", "catalog schema", "catalog trust",
        "connector list", "connector show postgresql", "connection list", "init fresh",
    ],
)  # fmt: skip
def test_each_command_that_needs_no_engine_has_json(solvent: World, words: str) -> None:
    """One document of schema 1 on standard output (the schema itself is a document of its own)."""
    done = solvent(*words.split(), "-o", "json", code=3 if words == "doctor" else 0)

    document = json.loads(done.stdout)
    assert document.get("schema", document.get("$schema")) in (1, "https://json-schema.org/draft/2020-12/schema")


@pytest.mark.parametrize("words", ["env list", "source start postgresql-17", "env launch jupyterlab", "quickstart"])
def test_without_an_engine_exit_6_and_a_hint(solvent: World, words: str) -> None:
    """The cause names the engine that was asked."""
    told = json.loads(solvent(*words.split(), "-o", "json", code=6).stderr.splitlines()[-1])["error"]

    assert "unix:///nonexistent/engine.sock" in f"{told['message']} {told['why']}"
    assert told["hint"].splitlines()[0] in (
        "see what is missing:  solvent doctor",
        "start that engine, or:  unset DOCKER_HOST",
    )


def test_the_doctor_s_remedy_for_a_silent_engine_is_not_the_doctor(solvent: World) -> None:
    """One part fails, with what to do; the parts that would ask the engine do not repeat it."""
    findings = json.loads(solvent("doctor", "-o", "json", code=3).stdout)["findings"]

    failed = {one["part"]: one["remedy"] for one in findings if one["outcome"] == "fail"}
    assert failed == {"engine": "start that engine, or:  unset DOCKER_HOST"}
