"""What an image says of itself is searched for secrets: what is one is named, what only says where one is, is not."""

from __future__ import annotations

import pytest

from manager.core.secrecy import exposed, told_by


def test_what_images_say_of_themselves_is_no_secret() -> None:
    """Paths of secret files, digests, and commands without a login."""
    variables = (("JUPYTER_TOKEN_FILE", "/run/solvent/token"), ("PATH", "/usr/bin"), ("LANG", "C.UTF-8"), ("KEY", ""))
    labels = (("io.solvent.spec-hash", "ab" * 32), ("org.opencontainers.image.title", "JupyterLab 4.6"))
    commands = ("ENV JUPYTER_TOKEN_FILE=/run/solvent/token", "ADD ide.tar /", "RUN pip install --token=$TOKEN psycopg")

    assert exposed(variables, labels, commands) == ()


def test_each_secret_is_named_by_its_place() -> None:
    """Not by what it is."""
    found = exposed(
        (("DATABASE_PASSWORD", "opensesame"), ("INDEX", "https://ana:opensesame@index.invalid/")),
        (("team.api_key", "opensesame"),),
        ("RUN curl --token opensesame https://index.invalid",),
    )

    assert [one.partition(": ")[0] for one in found] == [
        "the variable DATABASE_PASSWORD",
        "the variable INDEX",
        "the label team.api_key",
        "the command of a layer",
    ]
    assert "opensesame" not in "".join(found)


@pytest.mark.parametrize(
    "command",
    [
        "RUN pip install --index-url https://ana:s3cret@index.invalid/simple x",
        "RUN curl -u ana:s3cret https://index.invalid",
        "RUN API_TOKEN=s3cret ./install",
        "RUN echo ghp_0123456789abcdefghijABCDEFGHIJ456789",
    ],
)
def test_a_command_that_gives_a_secret_away_is_known(command: str) -> None:
    """A login in a URL, curl's user, an assignment, a well-known form."""
    assert told_by(command)
