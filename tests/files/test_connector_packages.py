"""What connectors ask of the operating system and of machines: it goes into a release's base and into its locks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from manager.core.ingredients import base_key, kernel_requirements
from manager.core.systems import declared
from manager.errors import CatalogError
from manager.world import files

if TYPE_CHECKING:
    from conftest import Small

    from manager.core.catalog import Catalog

LAB = "images/lab/family.toml"
FILE = "connectors/postgresql/connector.toml"
TIER = 'tier = "core"\n'


def loaded(small: Small) -> Catalog:
    """Load the catalog."""
    return files.load(small.root, shipped=False)


@pytest.fixture
def asking(small: Small) -> Small:
    """Give a catalog whose connector asks for packages of the system; only the newest release has it."""
    small.edit(FILE, TIER, f'{TIER}system_packages = ["unixodbc", "python3", "odbc-postgresql"]\n')
    text = (small.root / LAB).read_text()
    before, older = text.split('line = "1-py3.11"')
    small.write(LAB, f'{before}line = "1-py3.11"{older.replace("connectors =", "pins = []  #")}')
    return small


def test_what_drivers_need_goes_into_the_base(asking: Small) -> None:
    """Of the release that has the connector, each once; the declared system stays what it is."""
    catalog = loaded(asking)

    newer, older = catalog.releases
    assert (newer.system, declared(newer.system)) == ("trixie+postgresql-drivers", "trixie")
    assert catalog.system(newer.system).packages == ("python3", "unixodbc", "odbc-postgresql")
    assert catalog.system("trixie").packages == ("python3",)
    assert (older.connectors, older.system) == ((), "bookworm")


def test_a_connector_that_asks_for_nothing_adds_nothing(small: Small) -> None:
    """The negative control: its releases stand on the declared system."""
    assert [one.system for one in loaded(small).releases] == ["trixie", "bookworm"]


def test_a_system_that_has_it_all_is_shared(small: Small) -> None:
    """By its key: nothing is made for what is there already."""
    small.edit(FILE, TIER, f'{TIER}system_packages = ["python3"]\n')
    catalog = loaded(small)

    newer, _ = catalog.releases
    assert newer.system == "trixie+postgresql-drivers"
    assert base_key(catalog.system(newer.system)) == base_key(catalog.system("trixie"))


def test_family_and_connector_add_together(asking: Small) -> None:
    """A family of the connector's name is another one: each gives its own."""
    asking.write(
        "images/postgresql/family.toml",
        'id = "postgresql"\ntitle = "Same name"\nowner = "risk"\nextends = "lab"\nsystem_packages = ["less"]\n',
    )
    catalog = loaded(asking)

    newer, older = catalog.family("postgresql").releases
    assert newer.system == "trixie+postgresql+postgresql-drivers"
    assert catalog.system(newer.system).packages == ("python3", "less", "unixodbc", "odbc-postgresql")
    assert catalog.system(older.system).packages == ("python3", "less")
    assert "less" not in catalog.system(catalog.family("lab").releases[0].system).packages


def test_a_driver_for_some_machines_is_locked_for_these(small: Small) -> None:
    """By a marker; a driver that names none is for all."""
    small.edit(FILE, "main = true\n", 'main = true\nmachines = ["x86_64"]\n')
    catalog = loaded(small)

    wanted = kernel_requirements(catalog, catalog.releases[0])

    assert "psycopg[binary] ; platform_machine == 'x86_64'" in wanted
    assert "SQLAlchemy" in wanted


def test_a_machine_that_locks_do_not_know_is_refused(small: Small) -> None:
    """With its line."""
    small.edit(FILE, "main = true\n", 'main = true\nmachines = ["riscv64"]\n')

    with pytest.raises(CatalogError) as caught:
        loaded(small)
    (problem,) = caught.value.problems

    assert problem.key == "driver[0].machines[0]"
    assert (problem.file, problem.line) == (FILE, small.line(FILE, "machines"))
