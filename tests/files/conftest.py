"""A small valid catalog on disk, which each test spoils in its own way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

SOLVENT = """\
schema = 1
name = "small"

[systems.trixie]
suite = "trixie"
python = "3.13"
packages = ["python3"]

[systems.bookworm]
suite = "bookworm"
python = "3.11"
packages = ["python3"]
"""

UPSTREAM = """\
[[fact]]
component = "python 3.11"
ends = 2027-10-31
source = "PEP 664"
as_of = 2026-11-21

[[fact]]
component = "debian trixie"
ends = 2030-06-30
source = "Debian LTS wiki"
as_of = 2026-11-21
"""

FAMILY = """\
id = "lab"
title = "Lab"
owner = "platform"
languages = ["python"]
size_budget = "1 GB"

[policy]
active_for = "P21M"

[launch]
port = 8888
ready = "/api"
page = "/lab"
selector = "#main"

[launch.environment]
LANG = "C.UTF-8"

[[release]]
line = "2-py3.13"
ide = "lab==2.*"
python = "3.13"
system = "trixie"
released = 2026-06-18
connectors = ["postgresql"]
packages = ["ipykernel"]

[[release]]
line = "1-py3.11"
ide = "lab==1.*"
python = "3.11"
system = "bookworm"
released = 2025-11-18
end_of_life = 2027-03-01
successor = "lab:2-py3.13"
connectors = ["postgresql"]
packages = ["ipykernel"]
"""

CONNECTOR = """\
id = "postgresql"
title = "PostgreSQL"
kind = "relational database"
tier = "core"
owners = ["platform"]
url_template = "{scheme}://{user}:{password}@{host}"

[[driver]]
dist = "psycopg[binary]"
import = "psycopg"
main = true

[driver.contract]
method = "libpq"
sentinels = ["host"]
floor = 2

[[driver]]
dist = "SQLAlchemy"
import = "sqlalchemy"
role = "dialect"

[[parameter]]
name = "host"

[[parameter]]
name = "port"
type = "integer"
default = 5432

[[parameter]]
name = "user"
aliases = ["username"]

[[parameter]]
name = "password"
secret = true

[[source]]
name = "postgresql-17"
engine = "postgresql"
version = "17"
kind = "real"
suite = "trixie"
parameters = { host = "postgresql-17", port = 5432 }
"""

FILES = {
    "solvent.toml": SOLVENT,
    "images/upstream.toml": UPSTREAM,
    "images/lab/family.toml": FAMILY,
    "connectors/postgresql/connector.toml": CONNECTOR,
}


@dataclass(frozen=True, slots=True)
class Small:
    """The catalog's folder."""

    root: Path

    def write(self, file: str, text: str | bytes) -> None:
        """Write a file, its folders included."""
        path = self.root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)

    def edit(self, file: str, old: str, new: str) -> None:
        """Replace text that occurs in a file."""
        text = (self.root / file).read_text()
        assert old in text, f"{file} does not hold {old!r}"
        self.write(file, text.replace(old, new, 1))

    def line(self, file: str, marker: str) -> int:
        """Give the first line that begins with a text."""
        lines = (self.root / file).read_text().splitlines()
        return next(number for number, line in enumerate(lines, 1) if line.startswith(marker))


@pytest.fixture
def small(tmp_path: Path) -> Small:
    """Write the small catalog."""
    catalog = Small(tmp_path / "small")
    for file, text in FILES.items():
        catalog.write(file, text)
    return catalog
