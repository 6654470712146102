"""What a version of a driver makes of a saved connection."""

from __future__ import annotations

import pytest

from manager.core.connections import Connection
from manager.core.contracts import Disposition, ParameterFact, Tried
from manager.core.lint import lint
from tests.core.test_contracts import CONNECTOR, made

PLAIN = Connection("warehouse", "stub", (("host", "db"),))
HOST = ParameterFact("host")


def given(*parameters: tuple[str, str]) -> Connection:
    """Give a connection with more parameters than its host."""
    return Connection("warehouse", "stub", (("host", "db"), *parameters))


def test_a_connection_that_a_version_takes_as_it_is_has_no_finding() -> None:
    """The negative control of everything below: new parameters and other types are none."""
    before = made(HOST, ParameterFact("region", type="str"), version="1.0")
    now = made(HOST, ParameterFact("region", type="bytes"), ParameterFact("zone"), version="2.0", unheard_of="rejected")

    assert lint(CONNECTOR, given(("region", "eu")), now, before) == ()


@pytest.mark.parametrize(
    ("disposition", "severity", "words"),
    [("ignored", "high", "ignores it"), ("rejected", "high", "refuses"), ("warned", "low", "with a warning")],
)
def test_what_a_version_does_with_a_parameter_is_said(disposition: Disposition, severity: str, words: str) -> None:
    """Its own one, one that it was asked about, and one that no version knows."""
    own = made(HOST, ParameterFact("region", disposition=disposition))
    tried = made(HOST, tried=(Tried("region", disposition, "so it says"),))
    unheard = made(HOST, unheard_of=disposition)

    for now in (own, tried, unheard):
        (found,) = lint(CONNECTOR, given(("region", "eu")), now)
        assert (found.parameter, found.severity, words in found.message) == ("region", severity, True)
    assert lint(CONNECTOR, PLAIN, tried) == ()
    assert "so it says" in lint(CONNECTOR, given(("region", "eu")), tried)[0].message


def test_what_nobody_tried_is_no_finding() -> None:
    """Where a driver was never seen with an unknown parameter, nothing is claimed of it."""
    assert lint(CONNECTOR, given(("region", "eu")), made(HOST)) == ()


def test_spelling_in_other_letters_is_the_same_parameter() -> None:
    """As PyMongo lists readpreference, which URLs write readPreference."""
    assert lint(CONNECTOR, given(("Region", "eu")), made(HOST, ParameterFact("region"), unheard_of="rejected")) == ()


def test_a_removed_parameter_that_is_swallowed_is_one_finding() -> None:
    """The worst that is known of it; a connection without it feels nothing."""
    before = made(HOST, ParameterFact("region"), version="1.0")
    now = made(HOST, version="2.0", tried=(Tried("region", "ignored"),))

    (found,) = lint(CONNECTOR, given(("region", "eu")), now, before)

    assert (found.parameter, found.severity) == ("region", "high")
    assert lint(CONNECTOR, PLAIN, now, before) == ()


def test_a_new_name_is_given_where_the_driver_declares_it() -> None:
    """More than that the old one is refused."""
    before = made(HOST, ParameterFact("timeout"), version="1.0")
    now = made(HOST, ParameterFact("wait", aliases=("timeout",)), version="2.0", tried=(Tried("timeout", "rejected"),))

    (found,) = lint(CONNECTOR, given(("timeout", "5")), now, before)

    assert (found.kind, found.hint) == ("renamed", "give wait instead")


def test_a_default_that_turns_is_felt_by_whoever_says_nothing_of_it() -> None:
    """Security first; giving the value settles it."""
    before = made(HOST, ParameterFact("ssl_ca", "None"), ParameterFact("timeout", "60"), version="1.0")
    now = made(HOST, ParameterFact("ssl_ca", "'x'"), ParameterFact("timeout", "20"), version="2.0")

    found = lint(CONNECTOR, PLAIN, now, before)

    assert [(one.parameter, one.kind, one.severity) for one in found] == [
        ("ssl_ca", "default", "high"),
        ("timeout", "default", "medium"),
    ]
    assert found[1].hint == "to stay as it is, give it: 60"
    assert [one.parameter for one in lint(CONNECTOR, given(("timeout", "60")), now, before)] == ["ssl_ca"]
