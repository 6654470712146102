"""What is read in recipes, by their own grammars."""

from __future__ import annotations

import string
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from manager.core.catalog import Place
from manager.core.recipes import conda, project, requirements
from manager.core.recipes.commands import commands
from manager.core.recipes.instructions import instructions
from manager.core.recipes.kinds import kind_of
from manager.core.recipes.nodes import Node
from manager.core.recipes.notes import Neighbour, Notes
from manager.core.recipes.translation import Recipe, translate
from manager.core.secrecy import shown, variable_looks_secret
from manager.errors import ManagerError, UsageError

if TYPE_CHECKING:
    from manager.core.recipes.notes import Translation

HERE = Place("here", 1)


def beside(files: dict[str, str]) -> Notes:
    """Give notes that find files of these texts."""
    return Notes(lambda path: Neighbour("0" * 64, files[path]) if path in files else None)


def dockerfile(text: str, **files: str) -> Translation:
    """Translate a Dockerfile; a file's name is written with an underscore for the dot."""
    notes = beside({name.replace("_", "."): said for name, said in files.items()})
    return translate(Recipe("Dockerfile", "Dockerfile", text), notes.beside)


def packages(found: Translation) -> list[str]:
    """Give the requirements."""
    return [one.value for one in found.of("packages")]


def test_a_dockerfile_is_split_as_its_reference_says() -> None:
    """Comments and empty lines inside of what goes on, heredocs, flags, and lines of each part."""
    text = (
        "# escape=`\nFROM a`\n  :b\nRUN --mount=type=cache,target=/x one && `\n# no\n\n  two\n"
        "COPY <<EOF /t\nFROM no\nEOF\nUSER x"
    )

    found = instructions(text)

    assert [(one.keyword, one.line) for one in found] == [("FROM", 2), ("RUN", 4), ("COPY", 8), ("USER", 11)]
    assert found[1].flag("mount") == "type=cache,target=/x"
    assert found[1].line_at(found[1].text.index("two")) == 7
    assert [(one.name, one.line, one.text) for one in found[2].heredocs] == [("EOF", 9, "FROM no")]


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("a 1 && b '2 && 3'; c", [["a", "1"], ["b", "2 && 3"], ["c"]]),
        ("X=1 sudo pip install rich > /dev/null 2>&1", [["pip", "install", "rich"]]),
        ("a | b && c", [[], ["c"]]),
        ("pip install pandas>=2", [[]]),
        ("pip install 'pandas>=2'", [["pip", "install", "pandas>=2"]]),
        ("if x; then y; fi; z", [[], ["z"]]),
        ("for f in 1 2; do a; done && b", [[], ["b"]]),
        ("a || true", [[]]),
        ("(a; b)", [[], []]),
        ('a "un', [[]]),
        ("a # rest ; b\nc", [["a"], ["c"]]),
    ],
)
def test_a_script_is_read_only_as_far_as_it_can_be_told(script: str, expected: list[list[str]]) -> None:
    """What pipes, decides or repeats is one command without words; what follows is read again."""
    assert [[word.text for word in one.words] for one in commands(script, {}.get)] == expected


def test_arguments_and_variables_are_put_in_their_places() -> None:
    """ARG before and after FROM, ENV, defaults; one that is not known is left and named."""
    text = (
        "ARG PY=3.11\nFROM python:${PY}-slim\nARG V=2.1\nENV N=rich W=${N:-x}\n"
        "RUN pip install \"pandas==$V\" ${W:-no} '$V' other==$UNKNOWN\n"
    )

    found = dockerfile(text)

    assert [one.value for one in found.of("python")] == ["==3.11.*"]
    assert packages(found) == ["pandas==2.1", "x"]
    assert "other==$UNKNOWN" in [one.text for one in found.left]


def test_only_the_last_stage_and_what_it_begins_with_are_taken() -> None:
    """A stage that it copies from is left as one."""
    text = "FROM a AS one\nRUN pip install x\nFROM b AS two\nRUN pip install y\nFROM one\nRUN pip install z\n"

    found = dockerfile(text)

    assert packages(found) == ["x", "z"]
    assert "stage two, to line 4" in [one.text for one in found.left]


def test_a_dockerfile_without_from_is_refused() -> None:
    """It says what is missing."""
    with pytest.raises(UsageError, match="has no FROM"):
        dockerfile("RUN x\n")


def test_a_copied_file_becomes_an_artifact_only_where_it_can_be_seen() -> None:
    """Not below a volume, not an archive, and not one that is not there."""
    text = "FROM a\nCOPY a.ini b.ini /etc/\nCOPY a.ini /home/jovyan/\nCOPY a.zip /opt/a\nCOPY none.ini /etc/none.ini\n"

    found = dockerfile(text, a_ini="x", b_ini="y", a_zip="z")

    assert [(one.name, one.value) for one in found.of("artifact")] == [("a.ini", "/etc/a.ini"), ("b.ini", "/etc/b.ini")]
    assert sum(one.whose == "you" for one in found.left) == 4


def test_a_requirements_file_is_read_as_pip_reads_it() -> None:
    """Continued lines, comments, options, hashes, markers, other files, and two that name each other."""
    notes = beside({"sub/more.txt": "-r ../requirements.txt\nhttpx # comment\n"})
    text = (
        "pandas==2 \\\n  --hash=sha256:aa \\\n  --hash=sha256:bb\n# c \\\nrich#not-a-comment\n"
        "attrs ; python_version<'3'\nanyio ; sys_platform=='linux'\n-r sub/more.txt\nlib @ https://x.example/l.whl\n"
        "--pre\nown==${VERSION}\n--global-option=x\n"
    )

    requirements.read(notes, text, "requirements.txt")

    taken = [(one.value, str(one.place)) for one in notes.taken]
    assert taken == [
        ("pandas==2", "requirements.txt:1"),
        ('anyio; sys_platform == "linux"', "requirements.txt:7"),
        ("httpx", "sub/more.txt:2"),
    ]
    yours = [one.text for one in notes.left if one.whose == "you"]
    assert yours == [
        "rich#not-a-comment",
        "lib @ https://x.example/l.whl",
        "--pre ",
        "own==${VERSION}",
        "--global-option x",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("numpy", "numpy"),
        ("numpy=1.26", "numpy==1.26.*"),
        ("numpy==1.26.4", "numpy==1.26.4"),
        ("numpy=1.26.*", "numpy==1.26.*"),
        ("numpy 1.26.4 py311_0", "numpy==1.26.4"),
        ("numpy=1.26.4=py311_0", "numpy==1.26.4"),
        ("defaults::numpy >=1.2, <2", "numpy<2,>=1.2"),
        ("matplotlib-base", "matplotlib"),
        ("numpy=1|2", None),
        ("numpy[build=x]", None),
        ("libstdcxx-ng", None),
    ],
)
def test_a_match_specification_of_conda_becomes_a_requirement(text: str, expected: str | None) -> None:
    """By conda's rules about one = and two; what has no such requirement is left."""
    notes = beside({})

    conda.specification(notes, text, HERE)

    assert [one.value for one in notes.taken] == ([expected] if expected else [])
    assert len(notes.left) == (expected is None)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("^1.2.3", "<2,>=1.2.3"),
        ("^0.2.3", "<0.3,>=0.2.3"),
        ("^0.0.3", "<0.0.4,>=0.0.3"),
        ("^0", "<1,>=0"),
        ("~1.2", "<1.3,>=1.2"),
        ("~1", "<2,>=1"),
        ("1.2.*", "==1.2.*"),
        ("1.2", "==1.2"),
        (">=1,<2", "<2,>=1"),
        ("*", ""),
        ("^x", None),
    ],
)
def test_a_version_of_poetry_becomes_bounds(text: str, expected: str | None) -> None:
    """The examples of Poetry's documentation."""
    notes = beside({})
    table = Node(1, "table", pairs=(("pkg", Node(1, "text", text)),))
    for key in ("dependencies", "poetry", "tool"):
        table = Node(1, "table", pairs=((key, table),))

    project.read(notes, table, "pyproject.toml")

    assert [one.value for one in notes.taken] == ([] if expected is None else [f"pkg{expected}"])


@pytest.mark.parametrize(
    ("name", "text", "kind"),
    [
        ("Dockerfile.gpu", "", "Dockerfile"),
        ("x.dockerfile", "", "Dockerfile"),
        ("requirements-dev.txt", "", "requirements.txt"),
        ("conda.yaml", "name: x\ndependencies:\n  - a\n", "environment.yml"),
        ("build", "FROM a\nRUN b\n", "Dockerfile"),
        ("deps.txt", "a==1\n", "requirements.txt"),
    ],
)
def test_a_recipe_is_known_by_name_or_by_content(name: str, text: str, kind: str) -> None:
    """A name is enough where no other file has it."""
    assert kind_of(name, text) == kind


@pytest.mark.parametrize("name", ["docker-compose.yml", "settings.toml", "notes.txt", "package.json"])
def test_another_file_is_not_taken_for_a_recipe(name: str) -> None:
    """The negative control: names that recipes have too, with other content."""
    with pytest.raises(UsageError, match="none of the files"):
        kind_of(name, "services:\n  a:\n    image: b\n")


@pytest.mark.parametrize(
    "text",
    [
        "https://robot:SECRET99@x.example/a",
        "https://SECRET99@x.example/a",
        "curl -u robot:SECRET99 x",
        "curl -H 'Authorization: Bearer SECRET99' x",
        "login --password SECRET99",
        "API_KEY=SECRET99 run",
        '{"token": "SECRET99"}',
        "https://conda.example/t/SECRET99/main",
    ],
)
def test_what_looks_like_a_secret_is_not_shown(text: str) -> None:
    """Logins in addresses, headers, options, assignments."""
    assert "SECRET99" in text
    assert "SECRET99" not in shown(text)


def test_variables_that_hold_secrets_are_known_by_name_or_form() -> None:
    """And others are not: the negative control."""
    assert variable_looks_secret("DB_PWD", "x")
    assert variable_looks_secret("X", "ghp_" + "a" * 30)
    assert variable_looks_secret("X", "https://a:b@c")
    assert not variable_looks_secret("RISK_DESK", "emea")
    assert not variable_looks_secret("MONKEY", "banana")


WORDS = st.sampled_from(
    ["FROM a", "FROM a AS b", "RUN ", "RUN [", "COPY ", "ADD ", "ENV ", "ENV A=", "ARG ", "ARG T=$T", "<<EOF", "EOF",
     "\\", "`", "# escape=`", "&&", "|", "if", "fi", "pip install ", "apt-get install ", "conda install ", "R -e ",
     "-r ", "-e ", "--hash=", "$(", "${A", "${A:-", "'", '"', "a==1", "a @ ", "; python_version<", "[", "]", "{", "}",
     "\n", "\n", "\x00", "é", "-", "^", "~", "--", "numpy=1", "python=3.", "install.packages(c('a"]
)  # fmt: skip
TEXTS = st.lists(st.one_of(WORDS, st.text(string.printable, max_size=6)), max_size=25).map("".join)


@settings(max_examples=400)
@given(text=TEXTS, kind=st.sampled_from(["Dockerfile", "requirements.txt"]))
@example(text="FROM a\nRUN pip install -r x\n", kind="Dockerfile")
def test_any_text_gives_a_report_or_an_error_of_ours(text: str, kind: str) -> None:
    """And every line of the report names a line that the recipe, or one beside it, has."""
    name = "Dockerfile" if kind == "Dockerfile" else "requirements.txt"
    notes = beside({"x": text})
    try:
        found = translate(Recipe(name, kind, text), notes.beside)  # type: ignore[arg-type]
    except ManagerError:
        return
    for one in (*found.taken, *found.left):
        assert 1 <= one.place.line <= len(text.splitlines()) + 1


@settings(max_examples=300)
@given(text=TEXTS)
def test_any_specification_is_taken_or_left(text: str) -> None:
    """One of conda, and one of pip."""
    for read in (conda.specification, requirements.requirement):
        notes = beside({})
        read(notes, text, HERE)
        assert notes.taken or notes.left or not text.strip() or text.strip().startswith("python")
