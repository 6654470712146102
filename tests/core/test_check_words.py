"""Probes are told host, port, user and database, whatever a connector calls them."""

from __future__ import annotations

import pytest

from manager.core.check_words import called


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"host": "db", "port": "5432", "user": "ana"}, {"host": "db", "port": "5432", "user": "ana"}),
        ({"host": "db", "username": "ana", "db": "3"}, {"host": "db", "user": "ana", "database": "3"}),
        (
            {"endpoint_url": "http://store:5000", "aws_access_key_id": "ana", "region_name": "eu-central-1"},
            {"host": "store", "port": "5000", "user": "ana", "region": "eu-central-1"},
        ),
        ({"endpoint_url": "https://store"}, {"host": "store", "port": "443", "tls": "verify-full"}),
        ({"endpoint_url": "http://[::1]"}, {"host": "::1", "port": "80"}),
    ],
)
def test_parameters_become_the_words_of_probes(parameters: dict[str, str], words: dict[str, str]) -> None:
    """An address says host, port and whether TLS is asked for."""
    assert called(parameters) == words
