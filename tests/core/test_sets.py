"""Package sets: what a kernel is resolved from, what is left out, and which layer a distribution ships in."""

from __future__ import annotations

from dataclasses import replace

import pytest

from manager.core.builds import layer_groups, plan_lock
from manager.core.catalog import Place
from manager.core.ingredients import ingredients, kernel_requirements, reasons
from manager.core.needs import with_needed
from manager.core.sets import Apart, PackageSet, distribution, indexes
from manager.errors import UsageError
from tests.fakes.world import TODAY, catalog, release

PLACE = Place("images/sets.toml", 3)
FRAMES = PackageSet("frames", "Data frames", ("Pandas[excel]>=3", "numpy"), PLACE, ("pandas",))
MODELS = PackageSet(
    "models", "Models", ("lightgbm", "numpy"), PLACE, ("lightgbm",), ("libgomp1",), (Apart("torch>=2", ("torch",)),)
)  # fmt: skip
CATALOG = replace(catalog("4"), sets=(FRAMES, MODELS))
BOTH = release("4", sets=("frames", "models"))
# As the metadata of installed distributions has it.
WANTS = {
    "ipykernel": ("traitlets", 'matplotlib; extra == "test"'),
    "psycopg": ("typing-extensions>=4", 'psycopg-binary; extra == "binary"'),
    "pandas": ("numpy", "tz_data", 'odfpy; extra == "excel"', 'matplotlib; extra == "plot"'),
    "lightgbm": ("SciPy", 'colorama; sys_platform == "win32"', "traitlets"),
    "scipy": ("numpy", "tz_data"),
}


def test_a_set_without_an_index_goes_without_that_package() -> None:
    """It is neither resolved nor proven, and is named; with an index it is all three."""
    named = replace(MODELS, apart=(Apart("torch>=2", ("torch",), "https://index.example/cpu"),))

    assert (MODELS.requirements, MODELS.proven_by) == (("lightgbm", "numpy"), ("lightgbm",))
    assert (MODELS.left_out, str(MODELS)) == (("torch",), "models (without torch)")
    assert (named.requirements, named.proven_by) == (("lightgbm", "numpy", "torch>=2"), ("lightgbm", "torch"))
    assert (named.left_out, str(named)) == ((), "models")
    assert indexes((FRAMES, named)) == {"torch": "https://index.example/cpu"}


def test_locking_says_what_is_left_out() -> None:
    """The plan has a note for it, and none where nothing is missing."""

    def notes(*sets: str) -> tuple[str, ...]:
        family = replace(CATALOG.families[0], releases=(release("4", sets=sets),))
        return plan_lock(replace(CATALOG, families=(family,)), ("lab:4",), (), today=TODAY).notes

    assert notes("frames", "models") == (
        "lab:4: the package set models goes without torch: images/sets.toml names no index for it",
    )
    assert notes("frames") == ()


def test_a_kernel_is_resolved_from_its_sets_once() -> None:
    """What two sets name stands there once, between the release's own packages and the drivers."""
    wanted = kernel_requirements(CATALOG, replace(BOTH, packages=("tabulate",)))

    assert wanted == ("ipykernel", "pip", "tabulate", "Pandas[excel]>=3", "numpy", "lightgbm", "psycopg[binary]")


def test_a_named_package_ships_with_the_first_set_and_a_driver_with_its_connector() -> None:
    """A set that names a driver does not take it out of its connector's layer."""
    greedy = replace(FRAMES, packages=(*FRAMES.packages, "psycopg"))

    groups = layer_groups(replace(CATALOG, sets=(greedy, MODELS)), BOTH)

    assert groups == {
        "psycopg": "postgresql", "psycopg-binary": "postgresql",
        "pandas": "frames", "numpy": "frames", "lightgbm": "models",
    }  # fmt: skip


def test_what_only_sets_need_ships_with_the_first_that_needs_it() -> None:
    """Extras count where they are asked for; what the runtime or a driver needs stays below, and so does the rest."""
    groups = layer_groups(CATALOG, BOTH)

    spread = with_needed(groups, CATALOG, BOTH, WANTS)

    assert {name: layer for name, layer in spread.items() if name not in groups} == {
        "odfpy": "frames", "tz-data": "frames", "scipy": "models",
    }  # fmt: skip


def test_a_release_without_sets_has_the_layers_of_before() -> None:
    """The negative control: nothing is spread."""
    groups = layer_groups(CATALOG, release("4"))

    assert with_needed(groups, CATALOG, release("4"), WANTS) == groups
    assert "package sets" not in dict(ingredients(CATALOG.families[0], release("4"), groups, "base"))


def test_sets_are_ingredients() -> None:
    """Another choice of sets, or another order, is another build, and says so."""
    groups = layer_groups(CATALOG, BOTH)
    before = ingredients(CATALOG.families[0], BOTH, groups, "base")

    turned = ingredients(CATALOG.families[0], replace(BOTH, sets=("models", "frames")), groups, "base")

    assert reasons(turned, before) == ("package sets changed",)


def test_an_unknown_set_is_a_usage_error() -> None:
    """With what may have been meant."""
    with pytest.raises(UsageError, match="no package set 'model'") as caught:
        CATALOG.sets_of(release("4", sets=("model",)))

    assert caught.value.hint == "did you mean models?"


@pytest.mark.parametrize("text", ["dvc", "dvc[s3]>=3", "dvc ; python_version > '3'", "dvc@https://x.example/y.whl"])
def test_a_requirement_names_one_distribution(text: str) -> None:
    """Whatever stands behind the name."""
    assert distribution(text) == "dvc"
