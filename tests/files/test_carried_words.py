"""What probes are told of a saved connection to a document store: nothing that guards it is left out."""

from __future__ import annotations

from pathlib import Path

import pytest

from manager.core.connections import Connection
from manager.core.own_sources import carried
from manager.world import files

CATALOG = files.load(Path(__file__).parents[2], shipped=True)
WHERE = {"host": "db.example.com", "user": "tenant"}


def told(connector: str, **more: str) -> tuple[dict[str, str], str, tuple[str, ...]]:
    """Give what is carried of a connection with these parameters besides host and user."""
    parameters = tuple((WHERE | more).items())
    return carried(CATALOG.connector(connector), Connection("mine", connector, parameters))


def test_elasticsearch_is_asked_with_tls_as_its_urls_have_it() -> None:
    """In the clear the password would go to whoever listens there."""
    words, authority, left = told("elasticsearch", ca_certs="/run/ca.pem", verify_certs="true")

    assert words == {**WHERE, "port": "9200", "tls": "verify-full"}
    assert (authority, left) == ("/run/ca.pem", ())


@pytest.mark.parametrize(
    ("connector", "more"),
    [
        ("elasticsearch", {}),
        ("elasticsearch", {"ca_certs": "/run/ca.pem", "verify_certs": "false"}),
        ("elasticsearch", {"ca_certs": "/run/ca.pem", "ssl_assert_fingerprint": "aa"}),
        ("mongodb", {"tls": "true"}),
        ("mongodb", {"auth_source": "another"}),
        ("mongodb", {"replica_set": "rs0"}),
    ],
)
def test_what_the_probes_have_no_words_for_is_named(connector: str, more: dict[str, str]) -> None:
    """Such a connection is not run, rather than made in another way."""
    assert told(connector, **more)[2]


def test_mongodb_is_signed_in_to_at_admin() -> None:
    """That is what the probes do; TLS is asked for with an authority, or not at all."""
    words, authority, left = told("mongodb", auth_source="admin", tls="true", tls_ca_file="/run/ca.pem")

    assert words == {**WHERE, "port": "27017", "tls": "verify-full"}
    assert (authority, left) == ("/run/ca.pem", ())
    assert told("mongodb", database="shop") == ({**WHERE, "port": "27017", "database": "shop"}, "", ())
