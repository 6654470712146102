"""Of an emulation is asked what a driver does by itself; what a server decides is unsupported, and never a pass."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.probes.check.support import of_echo

if TYPE_CHECKING:
    from pathlib import Path

SNOWFLAKE = {"protocol": "http", "account": "fakesnow"}
ASKED = ["connect.select", "values.decimal", "limits.killed", "transactions.commit", "fetch.stream"]
# The driver's own way in, as the real one has it.
TAKES = """
def connect(**words):
    assert (words["account"], words["protocol"], words["schema"]) == ("fakesnow", "http", "public"), words
    entered(words)
    return Connection(words)
"""


def outcomes(folder: Path, **source: object) -> dict[str, tuple[str, str]]:
    """Give outcome and reason of probes against an engine named snowflake."""
    lines = of_echo(folder, TAKES, ASKED, driver="snowflake", engine="snowflake", source={**SNOWFLAKE, **source})
    return {name: (line["outcome"], line.get("reason", "")) for name, line in lines.items()}


def test_an_emulation_is_asked_nothing_that_the_server_alone_decides(tmp_path: Path) -> None:
    """It connects and asks; tables, sessions and streams are not the driver's where the server is none."""
    found = outcomes(tmp_path, emulated=True)

    assert found.pop("connect.select") == ("pass", "")
    assert {outcome for outcome, _ in found.values()} == {"unsupported"}
    assert found["values.decimal"][1].startswith("what an emulation does with tables and sessions")
    assert found["fetch.stream"][1] == "the server sends a result whole"


def test_the_real_one_is_not_asked_in_the_emulations_words(tmp_path: Path) -> None:
    """Nobody has tried any there, so nothing is claimed."""
    found = outcomes(tmp_path)

    assert {outcome for outcome, _ in found.values()} == {"not_run"}
