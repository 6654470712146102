"""What a connector says of how it is proven: servers, engines in the process, probes, and failures that are known."""

from __future__ import annotations

# A case stays on one line, however long: the table is read by column.
# ruff: noqa: E501
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from manager.core.checks import Known
from manager.core.connectors import ProbeDemand
from manager.errors import CatalogError, UsageError
from manager.world import files
from tests.files.spoiling import Case, spoiled

if TYPE_CHECKING:
    from conftest import Small

REPOSITORY = Path(__file__).parents[2]
FILE = "connectors/postgresql/connector.toml"
MORE = """
[[source]]
name = "pooled-17"
engine = "postgresql"
version = "17"
kind = "real"
service = "postgresql-17"
required = false
parameters = { host = "postgresql-17", port = 6432 }

[[source]]
name = "inside"
engine = "pglite"
version = "of the driver"
kind = "real"
embedded = true

[[probe]]
id = "cancel"
demand = "unsupported"
reason = "A pool has no sessions of its own."

[[probe]]
id = "server-restart"
demand = "required"

[[known]]
probe = "time-zones"
driver = "psycopg"
sources = ["pooled-17"]
systems = ["trixie"]
reason = "The pool forgets the zone."
signature = "Wrong zone*"
until = 2027-01-31
"""


@pytest.fixture
def proven(small: Small) -> Small:
    """Give a catalog whose connector says everything that one can say of it."""
    small.write(FILE, (small.root / FILE).read_text() + MORE)
    return small


def test_what_it_says_is_read(proven: Small) -> None:
    """The negative control of the table: without an edit nothing is wrong; a server is its own source's."""
    catalog = files.load(proven.root, shipped=False)
    (connector,) = catalog.connectors

    said = [(one.name, one.service, one.embedded, one.required) for one in connector.sources]
    assert said == [
        ("postgresql-17", "postgresql-17", False, True),
        ("pooled-17", "postgresql-17", False, False),
        ("inside", "", True, True),
    ]
    assert connector.demands == (
        ProbeDemand("cancel", "unsupported", "A pool has no sessions of its own."),
        ProbeDemand("server-restart", "required"),
    )
    assert connector.known == (
        Known(
            "time-zones",
            "The pool forgets the zone.",
            date(2027, 1, 31),
            "psycopg",
            ("pooled-17",),
            "Wrong zone*",
            systems=("trixie",),
        ),
    )
    assert catalog.served("pooled-17").service == "postgresql-17"
    with pytest.raises(UsageError, match="inside is an engine in the process"):
        catalog.served("inside")


CASES = [
    Case("an unknown server", 'service = "postgresql-17"', 'service = "postgresql-71"', "source[1].service", "service", "no source with a server of its own", "postgresql-17"),
    Case("a server in the process", 'service = "postgresql-17"', 'service = "inside"', "source[1].service", "service", "no source with a server of its own"),
    Case("a suite beside the server", "required = false", 'required = false\nsuite = "trixie"', "source[1].suite", "suite", "that of postgresql-17", "leave it out"),
    Case("a suite in the process", "embedded = true", 'embedded = true\nsuite = "trixie"', "source[2].suite", "suite", "has no server", "suite or embedded"),
    Case("a server of its own in the process", "embedded = true", 'embedded = true\nservice = "postgresql-17"', "source[2].service", "service", "has no server"),
    Case("no flag", "embedded = true", 'embedded = "yes"', "source[2].embedded", "embedded", "must be"),
    Case("a demand without reason", 'reason = "A pool has no sessions of its own."', "", "probe[0]", "[[probe]]", "cancel is unsupported and nobody says why", "its reason"),
    Case("an unknown demand", '"required"', '"wanted"', "probe[1].demand", "demand", "required"),
    Case("one probe twice", '"server-restart"', '"cancel"', "probe[1].id", "id", "duplicate probe 'cancel'"),
    Case("known without reason", 'reason = "The pool forgets the zone."', "", "known[0].reason", "[[known]]", "missing"),
    Case("known for ever", "until = 2027-01-31", "", "known[0].until", "[[known]]", "missing"),
    Case("known until some time", "2027-01-31", '"soon"', "known[0].until", "until", "must be a date"),
    Case("known of no driver", 'driver = "psycopg"', 'driver = "psycopg4"', "known[0].driver", "driver", "no driver of this connector", "psycopg"),
    Case("known whatever it looks like", '"Wrong zone*"', '"* **"', "known[0].signature", "signature", "would excuse every failure", "check show -o json"),
    Case("known of no versions", 'driver = "psycopg"', 'driver = "psycopg"\nversions = "before 5"', "known[0].versions", "versions", "says no versions", '"<5"'),
    Case("known of no system", 'systems = ["trixie"]', 'systems = ["trixy"]', "known[0].systems[0]", "systems", "unknown system 'trixy'", "trixie"),
    Case("known of no source", '["pooled-17"]', '["pooled-71"]', "known[0].sources[0]", "sources", "no source of this connector", "pooled-17"),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_a_spoiled_connector_gives_its_problem_with_its_line(proven: Small, case: Case) -> None:
    """One edit, one problem."""
    assert spoiled(proven, FILE, case).key == case.key


def test_nobody_shares_a_connection_to_an_engine_in_the_process(proven: Small) -> None:
    """There is no server behind it; a connection to one that has its own is fine."""
    shared = 'connector = "postgresql"\nowner = "sales"\nsource = "{}"\n'
    both = "".join(f'[[connection]]\nname = "to-{one}"\n' + shared.format(one) for one in ("pooled-17", "inside"))
    proven.write("connectors/connections.toml", both)

    with pytest.raises(CatalogError) as caught:
        files.load(proven.root, shipped=False)

    (problem,) = caught.value.problems
    assert (problem.key, problem.why) == (
        "connection[1].source",
        "inside is an engine in the process: it has no server",
    )


def test_what_is_shipped_as_known_says_how_it_looks() -> None:
    """So that it excuses no other failure of its probe; there are some (control)."""
    found = [one for each in files.load(REPOSITORY, shipped=True).connectors for one in each.known]

    assert len(found) > 50
    assert [one.probe for one in found if not one.signature] == []
