"""The shipped PostgreSQL and MariaDB on a real engine: password, data, walls, TLS, and their end."""

from __future__ import annotations

import json
import secrets
from typing import TYPE_CHECKING, NamedTuple

import pytest

from manager.core.names import Names
from manager.errors import Failed, Refused, Unreachable
from manager.world.compose import Compose
from tests.system.support_sources import FILE, docker, project, quiet, trixie

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.engine

NAME, MARIADB = "postgresql-17", "mariadb-11.8"


@pytest.fixture(scope="module")
def base() -> Iterator[str]:
    """Give a trixie base."""
    with trixie() as reference:
        yield reference


@pytest.fixture(scope="module")
def names() -> Names:
    """Give a realm of these tests' own."""
    return Names(f"t-{secrets.token_hex(3)}")


@pytest.fixture(scope="module")
def compose(base: str, names: Names) -> Iterator[Compose]:
    """Give the shipped file with the images of both servers built; everything of the realm goes at the end."""
    with project(base, names, NAME, MARIADB) as made:
        yield made


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder that the passwords lie in."""
    return tmp_path_factory.mktemp("state") / "sources"


@pytest.fixture
def started(compose: Compose, state: Path) -> str:
    """Give the password of a running source; it is started once and then found running."""
    compose.start(NAME, state, quiet)
    return (state / NAME / "password").read_text()


def image(names: Names) -> str:
    """Name the source's image."""
    return f"{names.realm}/source-postgresql:17"


def ask(names: Names, password: str, statement: str, user: str = "solvent") -> str:
    """Query the source from another container on its network, as a notebook would."""
    script = 'export PGPASSWORD=$(cat); exec psql -h "$0" -U "$1" -d sample -XtA -c "$2"'
    words = ("--rm", "-i", "--network", names.sources, "--entrypoint", "sh", image(names))
    return docker("run", *words, "-c", script, NAME, user, statement, stdin=password, check=False).strip()


def test_the_sample_data_answers_on_the_private_network(names: Names, started: str) -> None:
    """With the password of this start the sample tables answer, with the same rows each time."""
    tables = "select (select count(*) from customers), (select count(*) from products), (select count(*) from orders)"

    assert ask(names, started, tables) == "400|48|3000"
    assert ask(names, started, "select count(distinct month) from monthly_revenue") == "24"
    assert ask(names, started, "select md5(string_agg(name, ',' order by id)) from customers") == (
        "5caeb20df28983587ab9fa184e534adf"
    )


def test_a_wrong_password_and_the_superuser_are_refused(names: Names, started: str) -> None:
    """The network lets in the one role with its password, and nobody else."""
    assert 'password authentication failed for user "solvent"' in ask(names, started + "x", "select 1")
    assert "pg_hba.conf rejects" in ask(names, started, "select 1", user="postgres")
    assert ask(names, started, "select rolsuper, rolcreatedb from pg_roles where rolname = 'solvent'") == "f|t"
    assert (
        "SCRAM-SHA-256"
        in ask(names, started, "select setting from pg_settings where name = 'password_encryption'").upper()
    )


def test_the_password_stands_in_nothing_that_the_engine_shows(names: Names, started: str) -> None:
    """Neither inspect nor the image's history, log, arguments and environment of the processes have it."""
    container = f"{names.realm}-source-{NAME}"
    processes = "cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ | tr '\\0' '\\n'"
    shown = {
        "inspect": docker("inspect", container),
        "image": docker("inspect", image(names)),
        "history": docker("history", "--no-trunc", image(names)),
        "log": docker("logs", container, check=False),
        "network": docker("network", "inspect", names.sources),
        "processes": docker("exec", container, "sh", "-c", processes, check=False),
    }

    assert [where for where, text in shown.items() if started in text] == []
    assert "POSTGRES" in shown["processes"].upper()
    # Negative control: the search finds the password where it is meant to be.
    assert started in docker("exec", container, "cat", "/run/secrets/password")


def test_it_is_walled_in(names: Names, started: str) -> None:
    """No capability, no new privileges, no published port, no way out, a read-only root, limits, labels."""
    container = f"{names.realm}-source-{NAME}"
    found = json.loads(docker("inspect", container))[0]
    host = found["HostConfig"]
    status = docker(
        "exec", container, "sh", "-c", "cat /proc/$(head -1 /var/lib/postgresql/data/postmaster.pid)/status"
    )

    assert host["CapDrop"] == ["ALL"]
    assert host["ReadonlyRootfs"] is True
    assert (host["Memory"], host["PidsLimit"], host["NanoCpus"]) == (1024**3, 200, 10**9)
    assert "no-new-privileges:true" in host["SecurityOpt"]
    assert not any(found["NetworkSettings"]["Ports"].values())
    assert list(found["NetworkSettings"]["Networks"]) == [names.sources]
    network = json.loads(docker("network", "inspect", names.sources))[0]
    assert network["Internal"] is True
    for labels in (found["Config"]["Labels"], network["Labels"]):
        assert labels["io.solvent.realm"] == names.realm
        assert labels["io.solvent.kind"] == "source"
    assert found["Config"]["Labels"]["io.solvent.source"] == NAME
    assert "Uid:\t999\t999\t999\t999" in status
    assert [line.split()[1] for line in status.splitlines() if line.startswith("Cap")] == ["0" * 16] * 5


PSQL_CLIENT = (
    'export PGPASSWORD=$(cat); exec psql "host=$0 user=$1 dbname=sample sslmode=$2 sslrootcert=/ca.pem"'
    ' -XtAc "select ssl from pg_stat_ssl where pid = pg_backend_pid()"'
)
MARIADB_CLIENT = (
    'export MYSQL_PWD=$(cat); exec mariadb --no-defaults -h "$0" -u "$1" --ssl-ca=/ca.pem $2 -BN sample'
    " -e \"select variable_value <> '' from information_schema.session_status where variable_name = 'Ssl_version'\""
)


class Server(NamedTuple):
    """A source, the client in its image, and what the two say."""

    name: str
    image: str
    client: str
    verified: str
    clear: str
    yes: str
    no: str
    wrong_name: str
    wrong_authority: str
    refused: str


SERVERS = [
    Server(
        NAME, "source-postgresql:17", PSQL_CLIENT, "verify-full", "disable", "t", "f",
        "does not match host name", "certificate verify failed", "pg_hba.conf rejects connection",
    ),
    Server(
        MARIADB, "source-mariadb:11.8", MARIADB_CLIENT, "--ssl-verify-server-cert", "--skip-ssl", "1", "0",
        "TLS/SSL error", "TLS/SSL error", "Access denied for user 'tlsonly'",
    ),
]  # fmt: skip


@pytest.fixture(params=SERVERS, ids=[one.name for one in SERVERS])
def server(request: pytest.FixtureRequest, compose: Compose, state: Path) -> Iterator[Server]:
    """Give each server, which runs; the others of these tests have PostgreSQL alone."""
    one: Server = request.param
    assert compose.start(one.name, state, quiet).authority
    yield one
    if one.name != NAME:
        compose.stop(one.name, state, quiet)


def test_tls_is_proven_and_refused_where_it_has_to_be(server: Server, names: Names, state: Path) -> None:
    """By the authority of this start and the server's own name; not by another name or another start's authority."""
    image = f"{names.realm}/{server.image}"
    password = (state / server.name / "password").read_text()
    make = f"sh /usr/local/lib/solvent/certificate {server.name} && cat /run/solvent/ca.pem"
    (state / "other.pem").write_text(
        docker("run", "--rm", "--tmpfs", "/run/solvent", "--entrypoint", "sh", image, "-c", make)
    )

    def ask(way: str, host: str = server.name, user: str = "solvent", authority: str = f"{server.name}/ca.pem") -> str:
        words = ("--rm", "-i", "--network", names.sources, "--volume", f"{state}/{authority}:/ca.pem:ro")
        shell = ("--entrypoint", "sh", image, "-c", server.client, host, user, way)
        return docker("run", *words, *shell, stdin=password, check=False).strip()

    assert ask(server.verified) == server.yes
    assert server.wrong_name in ask(server.verified, host=f"wrong-{server.name}")
    assert server.wrong_authority in ask(server.verified, authority="other.pem")
    # Negative controls: the other name leads to the same server, and nobody is made to ask for TLS but tlsonly.
    assert ask(server.clear, host=f"wrong-{server.name}") == server.no
    assert server.refused in ask(server.clear, user="tlsonly")
    assert ask(server.verified, user="tlsonly") == server.yes


def test_the_key_of_the_authority_is_gone(server: Server, names: Names, state: Path) -> None:
    """Nobody can make a second certificate, and the copy outside is what the server has."""
    inside = f"{names.realm}-source-{server.name}"

    files = docker("exec", inside, "sh", "-c", "cd /run/solvent; stat -c '%n %a %u' *.pem *.key *.crt")

    assert files.splitlines() == ["ca.pem 644 999", "server.key 600 999", "server.crt 644 999"]
    assert docker("exec", inside, "cat", "/run/solvent/ca.pem") == (state / server.name / "ca.pem").read_text()


def test_starting_twice_leaves_the_first_as_it_is(compose: Compose, names: Names, state: Path, started: str) -> None:
    """A healthy source keeps its container and its password."""
    container = docker("inspect", "--format", "{{.Id}}", f"{names.realm}-source-{NAME}")

    again = compose.start(NAME, state, quiet)

    assert (again.name, again.state, again.health) == (NAME, "running", "healthy")
    assert docker("inspect", "--format", "{{.Id}}", again.container) == container
    assert (state / NAME / "password").read_text() == started
    assert compose.running() == (again,)


def test_the_password_file_is_for_its_owner_alone(state: Path, started: str) -> None:
    """Folders 0700, file 0600, at least 43 characters."""
    modes = [path.stat().st_mode & 0o777 for path in (state, state / NAME, state / NAME / "password")]

    assert modes == [0o700, 0o700, 0o600]
    assert len(started) >= 43


def test_stop_removes_everything_and_the_next_start_is_fresh(
    compose: Compose, names: Names, state: Path, started: str
) -> None:
    """Container, network, data and password go; another start has another password and the sample data only."""
    assert ask(names, started, "create table leftover (x int)") == "CREATE TABLE"

    compose.stop(NAME, state, quiet)
    compose.stop(NAME, state, quiet)

    mine = f"label=io.solvent.realm={names.realm}"
    assert docker("ps", "-aq", "--filter", mine) == ""
    assert docker("network", "ls", "-q", "--filter", mine) == ""
    assert docker("volume", "ls", "-q", "--filter", mine) == ""
    assert not (state / NAME).exists()
    compose.start(NAME, state, quiet)
    fresh = (state / NAME / "password").read_text()
    assert fresh != started
    assert ask(names, fresh, "select to_regclass('leftover') is null") == "t"


def test_the_network_stays_while_an_environment_is_attached(
    compose: Compose, names: Names, state: Path, started: str
) -> None:
    """Stopping a source does not fail because somebody else uses its network."""
    label = f"io.solvent.realm={names.realm}"
    words = ("--detach", "--network", names.sources, "--label", label, "--entrypoint", "sleep", image(names), "60")
    guest = docker("run", *words).strip()
    said: list[str] = []

    compose.stop(NAME, state, said.append)

    assert "the network stays: other containers are attached to it" in said
    assert docker("network", "ls", "-q", "--filter", f"label={label}") != ""
    docker("rm", "-f", guest)


@pytest.fixture
def broken(compose: Compose, names: Names, state: Path, tmp_path: Path) -> Compose:
    """Give a file whose services end at once or never become healthy."""
    file = tmp_path / "broken.yaml"
    service = {
        "image": image(names),
        "network_mode": "none",
        "stop_signal": "SIGKILL",
        "labels": {"io.solvent.realm": names.realm, "io.solvent.kind": "source"},
    }
    check = {"test": ["CMD", "false"], "interval": "1s", "retries": 100}
    ends = service | {"entrypoint": ["sh", "-c", "echo the disk is on fire >&2; exit 3"]}
    hangs = service | {"entrypoint": ["sh", "-c", "echo thinking; exec sleep 60"], "healthcheck": check}
    file.write_text(json.dumps({"services": {"ends": ends, "hangs": hangs}}))
    return Compose(file, f"{names.realm}-broken", {})


def test_a_source_that_ends_fails_with_its_last_words_and_is_gone(broken: Compose, state: Path) -> None:
    """Negative control: the health gate does not believe a container that ended."""
    with pytest.raises(Failed, match="ended while it started") as caught:
        broken.start("ends", state, quiet)

    assert "the disk is on fire" in caught.value.why
    assert broken.running() == ()
    assert not (state / "ends").exists()


def test_a_source_that_never_gets_healthy_is_given_up(broken: Compose, state: Path) -> None:
    """The wait has an end, the log is quoted, and nothing half-started is left."""
    with pytest.raises(Failed, match="is not healthy after") as caught:
        broken.start("hangs", state, quiet, timeout=1)

    assert "thinking" in caught.value.why
    assert broken.running() == ()


def test_a_name_that_somebody_else_has_is_refused(compose: Compose, names: Names, state: Path, base: str) -> None:
    """A container of that name that is not ours is named and left alone."""
    compose.stop(NAME, state, quiet)
    taken = f"{names.realm}-source-{NAME}"
    docker("create", "--name", taken, base, "true")

    with pytest.raises(Refused, match="is taken by something that is not ours") as caught:
        compose.start(NAME, state, quiet)

    assert taken in caught.value.message
    assert docker("inspect", "--format", "{{.State.Status}}", taken).strip() == "created"
    docker("rm", taken)


def test_a_build_that_fails_quotes_its_log_and_leaves_nothing(compose: Compose, names: Names) -> None:
    """The reason holds the builder's last lines; no container stays, and the image before is untouched."""
    before = docker("inspect", "--format", "{{.Id}}", image(names))
    # On a base that has the account already, the first command of the build fails.
    twice = Compose(FILE, names.sources, {"SOLVENT_REALM": names.realm, "SOLVENT_BASE_TRIXIE": image(names)})

    with pytest.raises(Failed, match="build failed") as caught:
        twice.build(NAME, quiet)

    assert "group 'postgres' already exists" in caught.value.why
    assert "undefined secret file" not in caught.value.why
    assert docker("ps", "-aq", "--filter", f"ancestor={image(names)}", "--filter", "status=exited") == ""
    assert docker("inspect", "--format", "{{.Id}}", image(names)) == before


def test_an_engine_that_is_away_is_unreachable(state: Path, names: Names) -> None:
    """Exit 6, for questions and for changes."""
    compose = Compose(FILE, names.sources, {"DOCKER_HOST": "unix:///nonexistent/docker.sock"})

    with pytest.raises(Unreachable):
        compose.running()
    with pytest.raises(Unreachable):
        compose.build(NAME, quiet)
