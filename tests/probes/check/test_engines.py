"""Whom probes are for: they name the words of an engine, which serve others that speak alike."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

from tests.probes.check.support import RUN

CODE = """
import json, sys
sys.path.insert(0, sys.argv[1])
import child, engines
asking = child.loaded("")
request = json.load(sys.stdin)
found = [one.name for one in asking.PROBES.values() if asking.belongs(one, request)]
named = sorted({engine for one in asking.PROBES.values() for engine in one.engines})
spoken = [engines.spoken(one) for one in named]
apart = engines.apart(request["source"]["engine"])
print(json.dumps({"found": found, "named": named, "spoken": spoken, "apart": apart}))
"""


def said(engine: str) -> dict[str, Any]:
    """Give the probes that belong to an engine, what all of them name, and what the words say."""
    request = {"source": {"engine": engine}, "import_name": "any"}
    done = subprocess.run(
        (sys.executable, "-I", "-B", "-c", CODE, str(RUN.parent)), input=json.dumps(request), capture_output=True,
        text=True, check=True,
    )  # fmt: skip
    return json.loads(done.stdout)


def test_mariadb_is_asked_what_names_mysql() -> None:
    """The words are the same, and so is what is asked; the control is SQLite, which is asked something else."""
    mariadb, mysql, sqlite = (said(engine)["found"] for engine in ("mariadb", "mysql", "sqlite"))

    assert mariadb == mysql != sqlite
    assert {"alchemy.keys", "reflect.columns", "hygiene.sessions", "tls.plain-server"} <= set(mariadb)
    assert not {"hygiene.sessions", "alchemy.instants"} & set(sqlite)
    assert "alchemy.instants" not in mariadb


def test_probes_name_words_and_no_other_name_of_an_engine() -> None:
    """A probe that named "mariadb", whose words are called otherwise, would be asked of nothing."""
    asked = said("mariadb")

    assert "mysql" in asked["named"]
    assert asked["spoken"] == asked["named"]


def test_who_has_a_place_of_its_own_has_neighbours() -> None:
    """Tables of Spark are in the one database that others use too, and what is not known has none."""
    alone = {engine: said(engine)["apart"] for engine in ("mariadb", "sqlite", "spark", "redis", "unheard-of")}

    assert alone == {"mariadb": True, "sqlite": True, "spark": False, "redis": False, "unheard-of": False}
