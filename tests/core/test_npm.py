"""Locks of IDEs that come from npm: what is asked for, and what a lock has to say."""

import json

import pytest

from manager.core import npm
from manager.errors import CatalogError, UsageError

HASH = "sha512-fUYvJVdz4ZoVJfakGiGWXFMpF8K1ObsrpGvX17ZxNpKOzdNHs7lANT670JTr4ZhA8DnWqyvvmFG/d3HV9Yy6ew=="


def lock(**packages: object) -> str:
    """Give a lock with these packages, by name."""
    listed = {"": {"dependencies": {}}} | {f"node_modules/{name}": one for name, one in packages.items()}
    return json.dumps({"lockfileVersion": 3, "packages": listed})


@pytest.mark.parametrize(
    ("requirement", "spelled"),
    [
        ("code-server==4.139.*", ("code-server", "4.139.x")),
        ("code-server==4.139.1", ("code-server", "4.139.1")),
        ("code-server>=4.139,<5", ("code-server", "<5 >=4.139")),
        ("code-server", ("code-server", "*")),
    ],
)
def test_a_requirement_is_spelled_as_npm_does(requirement, spelled):
    """The catalog has one spelling for what is asked of every index."""
    assert npm.wanted(requirement) == spelled
    assert json.loads(npm.project(requirement))["dependencies"] == {spelled[0]: spelled[1]}


def test_a_requirement_without_words_in_npm_is_refused():
    """Better than a range that means something else."""
    with pytest.raises(UsageError, match="npm has no words for"):
        npm.wanted("code-server~=4.139")


def test_packages_are_read_with_their_hashes():
    """What does not fit every machine is told apart."""
    text = lock(
        ide={"version": "4.1.0", "integrity": HASH}, native={"version": "1.0.0", "integrity": HASH, "os": ["x"]}
    )
    found = npm.parse(text)
    assert [(one.name, one.version, one.everywhere) for one in found] == [
        ("ide", "4.1.0", True),
        ("native", "1.0.0", False),
    ]
    assert npm.version_of(found, "ide==4.*") == "4.1.0"
    assert npm.version_of(found, "other==4.*") == ""


def test_every_problem_of_a_lock_is_told_at_once():
    """A package without a hash would be whatever the registry gives; a link is no package."""
    text = lock(bare={"version": "1.0.0"}, link={"link": True}, odd={"version": 1, "integrity": "md5-x"})
    with pytest.raises(CatalogError) as caught:
        npm.parse(text, "images/ide/locks/1/npm.lock")
    told = [(problem.key, problem.why) for problem in caught.value.problems]
    assert told == [
        ("node_modules/bare", "has no hash, so any archive would do"),
        ("node_modules/link", "is no package of a registry"),
        ("node_modules/odd", "has no version"),
        ("node_modules/odd", "has no hash, so any archive would do"),
    ]


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"packages": 1, "lockfileVersion": 3}', "[" * 100_000])
def test_what_is_no_lock_is_told(text):
    """Nothing but a problem comes of it."""
    with pytest.raises(CatalogError):
        npm.parse(text)


def test_an_older_form_is_refused():
    """Npm 6 wrote locks that do not say where each package lies."""
    with pytest.raises(CatalogError, match="no lock that can be used"):
        npm.parse('{"lockfileVersion": 1, "packages": {}}')


def test_a_lock_names_no_registry():
    """Where packages come from is each machine's own matter."""
    text = lock(ide={"version": "4.1.0", "integrity": HASH, "resolved": "https://registry.example/ide-4.1.0.tgz"})
    bare = npm.without_addresses(text)
    assert "registry.example" not in bare
    assert npm.parse(bare) == npm.parse(text)
    assert npm.without_addresses(bare) == bare
