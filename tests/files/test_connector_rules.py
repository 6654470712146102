"""What a connector says of contracts, secure values, ways to sign in and deadlines: each rule, and what breaks it."""

from __future__ import annotations

# A case stays on one line, however long: the table is read by column.
# ruff: noqa: E501
from typing import TYPE_CHECKING

import pytest

from manager.core.connectors import Authentication, Introspection
from manager.errors import CatalogError
from manager.world import files
from tests.files.spoiling import Case, spoiled

if TYPE_CHECKING:
    from conftest import Small

FILE = "connectors/postgresql/connector.toml"
MORE = """
[[parameter]]
name = "sslmode"
default = "prefer"
secure = "verify-full"

[[parameter]]
name = "app"
driver_name = "application_name"

[[authentication]]
name = "password"
title = "User and password"
needs = ["user", "password"]

[[authentication]]
name = "ticket"
title = "Kerberos ticket"
needs = ["user"]
sets = { sslmode = "require", port = 5433 }
inside = false
note = "A ticket has to be there."

[[deadline]]
on = 2027-01-31
what = "the old protocol ends"
source = "https://vendor.example/news"
below = "3.1"
"""


@pytest.fixture
def spoken(small: Small) -> Small:
    """Give a catalog whose connector says everything that one can say."""
    small.write(FILE, (small.root / FILE).read_text() + MORE)
    return small


def test_what_a_connector_says_is_read(spoken: Small) -> None:
    """The negative control of the table: without an edit nothing is wrong, and values are text."""
    (connector,) = files.load(spoken.root, shipped=False).connectors

    assert connector.main_driver.contract == Introspection("libpq", sentinels=("host",), floor=2)
    assert [one.secure for one in connector.parameters if one.secure] == ["verify-full"]
    assert connector.authentication[1] == Authentication(
        "ticket", "Kerberos ticket", ("user",), (("sslmode", "require"), ("port", "5433")), False,
        "A ticket has to be there.",
    )  # fmt: skip
    assert [(str(one.on), one.below) for one in connector.deadlines] == [("2027-01-31", "3.1")]


LIBPQ = 'method = "libpq"\nsentinels = ["host"]\nfloor = 2\n'
CURATED = 'method = "curated"\nsentinels = ["host", "application_name"]\nfloor = 6\n'

CASES = [
    # Contracts.
    Case("a driver without one", f"[driver.contract]\n{LIBPQ}", "", "driver[0]", "[[driver]]", "psycopg[binary] has no contract", "[driver.contract]"),
    Case("a dialect with one", 'role = "dialect"', f'role = "dialect"\n[driver.contract]\n{LIBPQ}', "driver[1].contract", "[driver.contract]", "a dialect has no contract"),
    Case("no sentinel", 'sentinels = ["host"]', "sentinels = []", "driver[0].contract.sentinels", "sentinels", "needs at least 1"),
    Case("no floor", "floor = 2", "floor = 0", "driver[0].contract.floor", "floor", "greater than or equal to 1"),
    Case("nothing asked", '"libpq"', '"signature"', "driver[0].contract.method", "method", "has to say what is asked", "module:name"),
    Case("a query of nothing", '"libpq"', '"query"', "driver[0].contract.method", "method", "has to say what is asked"),
    Case("curated and asked", LIBPQ, CURATED + 'of = ["psycopg:connect"]\n', "driver[0].contract.of", "of", "asks nothing"),
    Case("libpq and no object", '"libpq"', '"libpq"\nof = ["psycopg"]', "driver[0].contract.of[0]", "of", "not the name of an object"),
    Case("no object", '"libpq"', '"mapping"\nof = ["psycopg.connect"]', "driver[0].contract.of[0]", "of", "not the name of an object", "psycopg:connect"),
    Case("an unknown sentinel", LIBPQ, CURATED.replace('"host"', '"hots"'), "driver[0].contract.sentinels[0]", "sentinels", "no driver's name", "host"),
    Case("a floor above all", LIBPQ, CURATED.replace("6", "7"), "driver[0].contract.floor", "floor", "more than the 6 parameters"),
    # Parameters.
    Case("a name of another's driver", 'driver_name = "application_name"', 'driver_name = "port"', "parameter[5].driver_name", "driver_name", "'port' names port already"),
    Case("a name of a later one", 'name = "port"', 'name = "port"\ndriver_name = "app"', "parameter[1].driver_name", "driver_name", "'app' names app already"),
    Case("an alias of another", 'driver_name = "application_name"', 'aliases = ["username"]', "parameter[5].aliases[0]", "aliases", "duplicate parameter 'username'"),
    Case("secure of another type", "default = 5432", 'default = 5432\nsecure = "tls"', "parameter[1].secure", "secure", "must be an integer"),
    Case("secure already", '"verify-full"', '"prefer"', "parameter[4].secure", "secure", "is the default already"),
    Case("secure with the unknown", '"verify-full"', '"verify-full"\nsecure_with = { hots = "x" }', "parameter[4].secure_with.hots", "secure_with", "no canonical parameter", "host"),
    Case("nothing to go with", "default = 5432", 'default = 5432\nsecure_with = { host = "x" }', "parameter[1].secure_with.host", "secure_with", "no secure value that it could go with"),
    Case("instead of the unknown", "default = 5432", 'default = 5432\ninstead_of = ["hots"]', "parameter[1].instead_of[0]", "instead_of", "no canonical parameter", "host"),
    Case("instead of itself", "default = 5432", 'default = 5432\ninstead_of = ["port"]', "parameter[1].instead_of[0]", "instead_of", "instead of itself"),
    Case("a secret that is offered", "secret = true", 'secret = true\nsecure = "hunter2"', "parameter[3].secure", "secure", "a secret in a shared place"),
    Case("a secret by default", "secret = true", 'secret = true\ndefault = "hunter2"', "parameter[3].default", "default", "a secret in a shared place"),
    # Ways to sign in.
    Case("an unknown need", 'needs = ["user", "password"]', 'needs = ["user", "pasword"]', "authentication[0].needs[1]", "needs", "no canonical parameter", "password"),
    Case("an alias as a need", 'needs = ["user", "password"]', 'needs = ["username"]', "authentication[0].needs[0]", "needs", "no canonical parameter", "write user"),
    Case("sets the unknown", "port = 5433", "prot = 5433", "authentication[1].sets.prot", "sets", "no canonical parameter", "port"),
    Case("sets another type", "port = 5433", 'port = "x"', "authentication[1].sets.port", "sets", "must be an integer"),
    Case("sets a secret", "port = 5433", 'password = "hunter2"', "authentication[1].sets.password", "sets", "a secret in a shared place"),
    Case("needed and set", "port = 5433", 'user = "ana"', "authentication[1].needs[0]", "needs", "user is set below"),
    Case("one way twice", '"ticket"', '"password"', "authentication[1].name", "name", "duplicate way to sign in"),
    # Deadlines, URLs, checks.
    Case("no version", '"3.1"', '"three"', "deadline[0].below", "below", "'three' is no version"),
    Case("no address", '"https://vendor.example/news"', '"the vendor"', "deadline[0].source", "source", "an address"),
    Case("no date", "2027-01-31", '"soon"', "deadline[0].on", "on", "must be a date"),
    Case("a URL of no form", "@{host}", "@{host}:{port}:{user}", "url_template", "url_template", "a form that no URL is read by"),
    Case("a scheme of no parameter", "main = true", 'main = true\ntls_scheme = "pgs"', "driver[0].tls_scheme", "tls_scheme", "a boolean parameter 'ssl'"),
    Case("not run, with a source", 'tier = "core"', 'tier = "core"\nnot_run = "It is far away."', "not_run", "not_run", "stands beside a source"),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_a_spoiled_connector_gives_its_problem_with_its_line(spoken: Small, case: Case) -> None:
    """One edit, one problem, and no secret in what is said of it."""
    assert spoiled(spoken, FILE, case).key == case.key


def test_a_curated_contract_is_made_of_the_parameters(spoken: Small) -> None:
    """The negative control of what such a contract may not say: names of drivers, and no more than there are."""
    spoken.edit(FILE, LIBPQ, CURATED)

    (connector,) = files.load(spoken.root, shipped=False).connectors

    assert connector.main_driver.contract is not None
    assert connector.main_driver.contract.floor == len(connector.parameters)


def test_all_problems_of_a_connector_come_at_once(spoken: Small) -> None:
    """Contracts, parameters, ways to sign in and deadlines, by line."""
    spoken.edit(FILE, '"libpq"', '"signature"')
    spoken.edit(FILE, '"verify-full"', '"prefer"')
    spoken.edit(FILE, "port = 5433", "prot = 5433")
    spoken.edit(FILE, '"3.1"', '"three"')

    with pytest.raises(CatalogError) as caught:
        files.load(spoken.root, shipped=False)

    assert [one.key for one in caught.value.problems] == [
        "driver[0].contract.method", "parameter[4].secure", "authentication[1].sets.prot", "deadline[0].below",
    ]  # fmt: skip
