"""What goes into a build: everything that shapes an image, nothing else, and reasons in words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from manager.core.builds import layer_groups
from manager.core.catalog import Lock
from manager.core.ingredients import base_key, ingredients, kernel_requirements, reasons, spec_hash
from tests.fakes.world import POSTGRESQL, SYSTEMS, catalog, release

CATALOG = catalog("4")
FAMILY = CATALOG.families[0]
PARTS = ingredients(FAMILY, release("4"), {"psycopg": "postgresql"}, "sha256:base")


def test_equal_ingredients_are_the_same_build() -> None:
    """Dates, messages and places shape no image."""
    moved = release("4", schedule=release("3").schedule, message="x", successor="lab:5", place=FAMILY.place)

    assert spec_hash(ingredients(FAMILY, moved, {"psycopg": "postgresql"}, "sha256:base")) == spec_hash(PARTS)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"release": release("4", locks=(Lock("ide", "", "new"), release("4").locks[1]))}, "ide lock changed"),
        ({"release": release("4", python="3.14")}, "python changed"),
        ({"family": replace(FAMILY, launch=replace(FAMILY.launch, uid=1001))}, "launch changed"),
        ({"family": replace(FAMILY, files=(("Dockerfile", "d2"),))}, "file Dockerfile changed"),
        ({"family": replace(FAMILY, files=())}, "file Dockerfile is gone"),
        ({"groups": {}}, "layers changed"),
        ({"base": "sha256:other"}, "base changed"),
    ],
)
def test_each_change_has_its_reason(change: dict[str, object], reason: str) -> None:
    """One word for each thing that moved, and another hash."""
    given = {"family": FAMILY, "release": release("4"), "groups": {"psycopg": "postgresql"}, "base": "sha256:base"}

    parts = ingredients(**(given | change))  # type: ignore[arg-type]

    assert reasons(parts, PARTS) == (reason,)
    assert spec_hash(parts) != spec_hash(PARTS)


def test_no_change_has_no_reason_and_no_build_has_one() -> None:
    """The two ends."""
    assert reasons(PARTS, PARTS) == ()
    assert reasons(PARTS, None) == ("there is no build of it yet",)


def test_a_base_is_known_by_what_it_is_made_from() -> None:
    """The order of packages does not count; suite, packages and a registry's image do."""
    trixie = replace(SYSTEMS[0], packages=("a", "b"))

    assert base_key(replace(trixie, packages=("b", "a"))) == base_key(trixie)
    others = (replace(trixie, packages=("a",)), replace(trixie, suite="sid"), replace(trixie, image="x@sha256:1"))
    assert base_key(trixie) not in {base_key(one) for one in others}


def test_layers_follow_connectors() -> None:
    """A main driver and its extras are the connector's layer, others have one each, dialects share one.

    From the bottom up: what a change of the main driver would make anew lies below it.
    """
    dialect = replace(POSTGRESQL.drivers[0], dist="SQL_Alchemy", role="dialect", main=False)
    older = replace(POSTGRESQL.drivers[0], dist="psycopg2-binary", main=False)
    connector = replace(POSTGRESQL, drivers=(*POSTGRESQL.drivers, older, dialect))

    groups = layer_groups(replace(CATALOG, connectors=(connector,)), release("4"))

    assert [*groups.items()] == [
        ("sql-alchemy", "dialects"),
        ("psycopg2-binary", "postgresql-psycopg2-binary"),
        ("psycopg", "postgresql"),
        ("psycopg-binary", "postgresql"),
    ]


def test_the_order_of_layers_is_an_ingredient() -> None:
    """The same distributions in another order are another image."""
    groups = {"a": "one", "b": "two"}

    def parts(order: list[str]) -> object:
        return ingredients(FAMILY, release("4"), {name: groups[name] for name in order}, "sha256:base")

    assert parts(["a", "b"]) != parts(["b", "a"])


def test_a_kernel_is_resolved_with_its_runtime() -> None:
    """Whatever the release names, the runtime and every driver are there, once."""
    wanted = kernel_requirements(CATALOG, release("4", packages=("pandas", "pip")))

    assert "ipykernel" in wanted
    assert wanted.count("pip") == 1
    assert wanted[-1] == "psycopg[binary]"
