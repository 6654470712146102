"""Bad catalogs: every problem at once, with file, line, key, why and hint."""

from __future__ import annotations

# A case that fits stays on one line, however long: the table is read by column.
# ruff: noqa: E501
from typing import TYPE_CHECKING, NamedTuple

import pytest

from manager.errors import CatalogError
from manager.world import files

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Small

LAB = "images/lab/family.toml"
PG = "connectors/postgresql/connector.toml"
TOP = "solvent.toml"
UP = "images/upstream.toml"
CONTRACT = '[driver.contract]\nmethod = "libpq"\nsentinels = ["host"]\nfloor = 2\n'


class Case(NamedTuple):
    """An edit of the small catalog, and the one problem that it must give.

    ``marker`` begins the line that the problem must point at.
    """

    name: str
    file: str
    old: str
    new: str
    key: str
    marker: str
    why: str
    hint: str = ""


CASES = [
    # Shape.
    Case("missing key", LAB, 'python = "3.13"\n', "", "release[0].python", "[[release]]", "is missing"),
    Case("missing key of the file", LAB, 'owner = "platform"\n', "", "owner", "id = ", "is missing"),
    Case(
        "unknown key",
        LAB,
        "released = 2026-06-18",
        "released = 2026-06-18\nsuccesor = 'lab:1-py3.11'",
        "release[0].succesor",
        "succesor",
        "unknown key",
        "did you mean successor?",
    ),
    Case(
        "unknown key of a system",
        TOP,
        'suite = "trixie"',
        'suite = "trixie"\npackage = []',
        "systems.trixie.package",
        "package =",
        "unknown key",
        "did you mean packages?",
    ),
    Case(
        "unknown key of the launch",
        LAB,
        'selector = "#main"',
        'selector = "#main"\nuser = 7',
        "launch.user",
        "user",
        "unknown key",
    ),
    Case(
        "date as text",
        LAB,
        "released = 2026-06-18",
        'released = "2026-06-18"',
        "release[0].released",
        'released = "',
        "must be a date, written 2026-11-21 without quotes, not a string",
    ),
    Case(
        "date with a time",
        LAB,
        "released = 2026-06-18",
        "released = 2026-06-18T00:00:00Z",
        "release[0].released",
        "released = 2026-06-18T",
        "not a date with a time",
    ),
    Case("number as text", LAB, "port = 8888", 'port = "8888"', "launch.port", "port", "must be an integer, not a string"),
    Case("port out of range", LAB, "port = 8888", "port = 70000", "launch.port", "port", "less than or equal to 65535"),
    Case("root user", LAB, "port = 8888", "port = 8888\nuid = 0", "launch.uid", "uid", "greater than or equal to 1"),
    Case("bad period", LAB, '"P21M"', '"21 months"', "policy.active_for", "active_for", "not an ISO 8601 period"),
    Case("bad size", LAB, '"1 GB"', '"large"', "size_budget", "size_budget", "not a size such as"),
    Case("bad id", LAB, 'id = "lab"', 'id = "My Lab"', "id", "id", "'My Lab' is not words of lower-case letters"),
    Case("bad requirement", LAB, '"lab==2.*"', '"lab=2"', "release[0].ide", "ide", "not a requirement"),
    Case("bad tier", PG, 'tier = "core"', 'tier = "top"', "tier", "tier", "'core', 'supported' or 'community'"),
    Case("an option as a distribution", PG, '"SQLAlchemy"', '"--index-url=https://evil.example/simple"', "driver[1].dist", 'dist = "-', "without a version"),
    Case("a path as a distribution", PG, '"SQLAlchemy"', '"../SQLAlchemy"', "driver[1].dist", 'dist = ".', "without a version"),
    Case("a line more in a distribution", PG, '"SQLAlchemy"', '"SQLAlchemy\\n--pre"', "driver[1].dist", "dist = ", "without a version"),
    Case("a line end in a distribution", PG, '"SQLAlchemy"', '"SQLAlchemy\\n"', "driver[1].dist", "dist = ", "without a version"),
    Case("an address as a distribution", PG, '"SQLAlchemy"', '"x @ https://evil.example/x.whl"', "driver[1].dist", "dist = ", "without a version"),
    Case("letters of another script in a distribution", PG, '"SQLAlchemy"', '"\\u0405QLAlchemy"', "driver[1].dist", "dist = ", "without a version"),
    Case("bad distribution", PG, '"SQLAlchemy"', '"SQLAlchemy>=2"', "driver[1].dist", 'dist = "S', "without a version"),
    Case("relative page", LAB, 'page = "/lab"', 'page = "lab"', "launch.page", "page", "an absolute path"),
    Case(
        "list of numbers",
        LAB,
        'packages = ["ipykernel"]',
        'packages = [\n  "ipykernel",\n  7,\n]',
        "release[0].packages[1]",
        "  7",
        "must be a string, not an integer",
    ),
    Case("another schema", TOP, "schema = 1", "schema = 2", "schema", "schema", "must be 1, not 2"),
    Case("image by tag", TOP, 'suite = "trixie"', 'suite = "trixie"\nimage = "debian:13"', "systems.trixie.image", "image", "by digest"),
    Case("value of a parameter", PG, "port = 5432 }", "port = [5432] }", "source[0].parameters.port", "parameters", "must be a string, an integer or a boolean"),
    Case("R in three parts", LAB, "released = 2026-06-18", 'released = 2026-06-18\nr = "4.5.1"', "release[0].r", "r =", "an R line, such as 4.5"),
    # Languages.
    Case("no kernel", LAB, '["python"]', '["python", "sas"]', "languages", "languages", "no kernel runs sas", "describe it in a table [[kernel]]"),
    Case(
        "kernel of another language",
        LAB,
        "[launch.environment]",
        '[[kernel]]\nname = "ir"\nlanguage = "r"\n[launch.environment]',
        "kernel[0].language",
        'language = "r"',
        "'r' is no language of it",
    ),
    Case("no session", LAB, "port = 8888", 'port = 8888\nauth = "password"', "languages", "languages", "no session runs python: an IDE with auth = 'password' has no kernels", "a table [[kernel]] with the command that runs python"),
    Case(
        "a session without a command",
        LAB,
        "[launch.environment]",
        'auth = "password"\n[[kernel]]\nname = "terminal"\nlanguage = "python"\n[launch.environment]',
        "kernel[0]",
        "[[kernel]]",
        "terminal has no command: an IDE with auth = 'password' has no kernels",
    ),
    # Dates.
    Case(
        "end before release",
        LAB,
        "end_of_life = 2027-03-01",
        "end_of_life = 2025-01-01",
        "release[1].end_of_life",
        "end_of_life",
        "end_of_life = 2025-01-01 lies before released = 2025-11-18",
    ),
    Case(
        "component ended before release",
        UP,
        "ends = 2030-06-30",
        "ends = 2026-01-01",
        "release[0].released",
        "released = 2026",
        "end_of_life = 2026-01-01 (bound by debian trixie) lies before released",
    ),
    Case(
        "deprecated after create_block",
        LAB,
        "end_of_life = 2027-03-01",
        "end_of_life = 2027-03-01\ndeprecated = 2027-02-20",
        "release[1].deprecated",
        "deprecated",
        "create_block = 2027-01-30 lies before deprecated = 2027-02-20",
    ),
    Case(
        "removed before restarts are blocked",
        LAB,
        "end_of_life = 2027-03-01",
        "end_of_life = 2027-03-01\nremove_after = 2027-04-01",
        "release[1].remove_after",
        "remove_after",
        "remove_after = 2027-04-01 lies before restart_block",
    ),
    Case("end of the calendar", LAB, "released = 2026-06-18", "released = 9999-06-18", "release[0].released", "released = 9", "leave the calendar"),
    # Names.
    Case(
        "unknown connector",
        LAB,
        'connectors = ["postgresql"]',
        'connectors = ["postgres"]',
        "release[0].connectors[0]",
        "connectors",
        "unknown connector 'postgres'",
        "did you mean postgresql?",
    ),
    Case("connector twice", LAB, '["postgresql"]', '["postgresql", "postgresql"]', "release[0].connectors[1]", "connectors", "duplicate connector"),
    Case("unknown system", LAB, '"bookworm"', '"bookwurm"', "release[1].system", 'system = "bookwurm"', "unknown system 'bookwurm'", "did you mean bookworm?"),
    Case("unknown successor", LAB, '"lab:2-py3.13"', '"lab:3-py3.13"', "release[1].successor", "successor", "unknown successor", "did you mean lab:2-py3.13?"),
    Case("unknown family", LAB, '"lab:2-py3.13"', '"lib:2-py3.13"', "release[1].successor", "successor", "unknown family in successor", "did you mean lab?"),
    Case("another Python", LAB, 'python = "3.13"', 'python = "3.12"', "release[0].python", "python", "trixie carries Python 3.13, not 3.12"),
    Case("npm without Node.js", LAB, 'python = "3.13"', 'python = "3.13"\nide_from = "npm"', "release[0].ide_from", "ide_from", "an IDE from npm needs node"),
    Case("Node.js without npm", LAB, 'python = "3.13"', 'python = "3.13"\nnode = "24"', "release[0].node", "node", "only an IDE from npm runs on it"),
    Case("an unknown way in", LAB, "port = 8888", 'port = 8888\nauth = "badge"', "launch.auth", "auth", "'token', 'access-token', 'password' or 'user-password'"),
    Case(
        "successor circle",
        LAB,
        "released = 2026-06-18",
        'released = 2026-06-18\nsuccessor = "lab:1-py3.11"',
        "release[0].successor",
        "successor",
        "successors go in a circle: lab:2-py3.13 -> lab:1-py3.11 -> lab:2-py3.13",
    ),
    Case("own successor", LAB, '"lab:2-py3.13"', '"lab:1-py3.11"', "release[1].successor", "successor", "lab:1-py3.11 -> lab:1-py3.11"),
    Case("duplicate release", LAB, 'line = "1-py3.11"', 'line = "2-py3.13"', "release[1].line", "line", "duplicate release 'lab:2-py3.13'"),
    Case("duplicate fact", UP, '"debian trixie"', '"python 3.11"', "fact[1].component", "component", "duplicate component 'python 3.11'"),
    Case("duplicate driver", PG, '"SQLAlchemy"', '"Psycopg"', "driver[1].dist", "dist", "duplicate driver"),
    Case("duplicate parameter", PG, '["username"]', '["port"]', "parameter[2].aliases[0]", "aliases", "duplicate parameter 'port'"),
    Case("unknown placeholder", PG, "@{host}", "@{hots}", "url_template", "url_template", "unknown parameter {hots}", "did you mean host?"),
    Case("source with an alias", PG, "port = 5432 }", 'port = 5432, username = "u" }', "source[0].parameters.username", "parameters", "no canonical parameter", "write user"),
    Case("source on no system", PG, 'suite = "trixie"', 'suite = "sid"', "source[0].suite", "suite", "unknown system 'sid'"),
    Case("no main driver", PG, "main = true", "main = false", "driver", "[[driver]]", "no driver is the main one"),
    Case("two main drivers", PG, 'role = "dialect"', f"main = true\n{CONTRACT}", "driver[1].main", "main", "a second main driver"),
    Case("default of another type", PG, "default = 5432", 'default = "many"', "parameter[1].default", "default", "must be an integer"),
    Case("source value of another type", PG, "port = 5432 }", 'port = "x" }', "source[0].parameters.port", "parameters", "must be an integer"),
    # Secrets.
    Case("secret of a source", PG, "port = 5432 }", 'port = 5432, password = "hunter2" }', "source[0].parameters.password", "parameters", "a secret in a shared place"),
    Case("secret as a default", PG, "secret = true", 'secret = true\ndefault = "hunter2"', "parameter[3].default", "default", "a secret in a shared place"),
    Case("secret in a URL", PG, "{password}", "hunter2", "url_template", "url_template", "a secret in a shared place"),
    Case("secret in the environment", LAB, 'LANG = "C.UTF-8"', 'JUPYTER_TOKEN = "hunter2"', "launch.environment.JUPYTER_TOKEN", "JUPYTER_TOKEN", "a secret in a shared place"),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_a_spoiled_file_gives_its_problem_with_its_line(small: Small, case: Case) -> None:
    """One edit gives exactly one problem, which names file, line, key and cause, and never echoes a secret."""
    small.edit(case.file, case.old, case.new)

    with pytest.raises(CatalogError) as caught:
        files.load(small.root, shipped=False)

    (problem,) = caught.value.problems
    # A fact that ends too early is the problem of the release that it ends.
    file = LAB if case.file == UP and case.key.startswith("release") else case.file
    line = (small.root / file).read_text().splitlines()[problem.line - 1]
    assert (problem.file, problem.key) == (file, case.key)
    assert line.startswith(case.marker)
    assert case.why in problem.why
    assert case.hint in problem.hint
    assert "hunter2" not in f"{problem} {problem.hint} {caught.value}"


def test_the_small_catalog_is_valid(small: Small) -> None:
    """The negative control of the table: without an edit nothing is wrong."""
    catalog = files.load(small.root, shipped=False)

    assert [release.name for release in catalog.releases] == ["lab:2-py3.13", "lab:1-py3.11"]


def test_all_problems_come_at_once_sorted(small: Small) -> None:
    """Problems of reading, of shape and of consistency, in several files and one release, are listed together."""
    small.edit(LAB, 'python = "3.13"\n', "")
    small.edit(LAB, 'connectors = ["postgresql"]', 'connectors = ["oracle"]')
    small.edit(LAB, "end_of_life = 2027-03-01", "end_of_life = 2024-03-01")
    small.edit(PG, "main = true", "")
    small.write("images/lab2/family.toml", (small.root / LAB).read_text())
    small.write("images/broken/family.toml", "id = \n")

    with pytest.raises(CatalogError) as caught:
        files.load(small.root, shipped=False)

    told = [(problem.file, problem.key) for problem in caught.value.problems]
    copied = "images/lab2/family.toml"
    assert told == [
        (PG, "driver"),
        ("images/broken/family.toml", ""),
        (LAB, "release[0].python"),
        (LAB, "release[0].connectors[0]"),
        (LAB, "release[1].end_of_life"),
        (copied, "id"),
        (copied, "release[0].python"),
        (copied, "release[0].line"),
        (copied, "release[0].connectors[0]"),
        (copied, "release[1].line"),
        (copied, "release[1].end_of_life"),
    ]
    assert caught.value.code == 4
    assert caught.value.message.startswith(f"{len(told)} problems in the catalog")


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        (b'id = "lab"\ntitle = \n', 2, "not TOML: invalid value at column 9"),
        (b'id = "lab"\nid = "lib"\n', 2, "not TOML: cannot overwrite a value"),
        (b'id = "lab"\nx = """open\n', 2, "not TOML: unterminated string at the end of the file"),
        (b'id = "lab"\ntitle = "\xff"\n', 2, "not UTF-8: byte 0xff at column 10"),
        (b'\xef\xbb\xbfid = "lab"\n', 1, "begins with a byte order mark"),
        (b"x = " + b"[" * 5000 + b"]" * 5000, 0, "nested too deeply"),
        (b"x = 0x" + b"f" * 6000, 0, "a number is too long"),
        (b"x = " + b"9" * 6000, 0, "a number is too long"),
    ],
    ids=["invalid", "key twice", "open string", "not UTF-8", "byte order mark", "deep", "hexadecimal", "digits"],
)
def test_a_file_that_is_not_toml_says_where(small: Small, text: bytes, line: int, why: str) -> None:
    """Syntax errors carry line and column; the other files are judged all the same, without echoes."""
    small.write(LAB, text)
    small.edit(PG, 'tier = "core"\n', "")

    with pytest.raises(CatalogError) as caught:
        files.load(small.root, shipped=False)

    tier, syntax = caught.value.problems
    assert (tier.file, tier.key) == (PG, "tier")
    assert (syntax.file, syntax.line) == (LAB, line)
    assert why in syntax.why


@pytest.mark.parametrize("file", [TOP, UP, PG])
def test_an_unreadable_file_is_not_held_against_the_others(small: Small, file: str) -> None:
    """What a broken file might have declared is not called unknown elsewhere."""
    small.write(file, "broken = \n")

    with pytest.raises(CatalogError) as caught:
        files.load(small.root, shipped=False)

    assert [problem.file for problem in caught.value.problems] == [file]


def test_missing_upstream_facts_are_a_problem(small: Small) -> None:
    """Without the snapshot nothing caps a release's end: that is said, not passed over."""
    (small.root / UP).unlink()

    with pytest.raises(CatalogError) as caught:
        files.load(small.root, shipped=False)

    assert [(problem.file, problem.line) for problem in caught.value.problems] == [(UP, 0)]


def test_a_folder_without_solvent_toml_is_no_catalog(tmp_path: Path) -> None:
    """The hint names the command that makes one."""
    with pytest.raises(CatalogError, match="not a catalog") as caught:
        files.load(tmp_path, shipped=False)

    assert "solvent init" in caught.value.hint


@pytest.mark.parametrize("what", ["family", "connector", "source"])
def test_ids_are_there_once_in_the_whole_catalog(small: Small, what: str) -> None:
    """A second file with the same id names the first."""
    second = {"family": "images/other/family.toml"}.get(what, "connectors/other/connector.toml")
    first = LAB if what == "family" else PG
    small.write(second, (small.root / first).read_text())
    if what == "source":
        small.edit(second, 'id = "postgresql"', 'id = "other"')

    with pytest.raises(CatalogError) as caught:
        files.load(small.root, shipped=False)

    told = [problem for problem in caught.value.problems if f"duplicate {what} " in problem.why]
    assert len(told) == 1
    # Files are read in the order of their paths: "lab" and "other", "other" and "postgresql".
    later, earlier = (second, first) if what == "family" else (first, second)
    assert told[0].file == later
    assert earlier in told[0].why
