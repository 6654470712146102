"""Asks one connection of a driver: does it import, does it connect, does it answer ``select 1``?

Stand-alone; runs inside a sandbox with the kernel's Python. Arguments: the connection's name, the driver's
import name, its distribution, and SQLAlchemy's scheme for it. Results are JSON lines on standard output;
nothing that a driver says is passed on before the password is taken out of it.
"""

import importlib
import importlib.metadata
import json
import pathlib
import sys
import time

ROOT = pathlib.Path("/run/solvent/connections")


def answer(probe: str, outcome: str, reason: str = "", began: float = 0.0) -> None:
    """Print one result."""
    seconds = round(time.monotonic() - began, 3) if began else 0.0
    print(json.dumps({"id": probe, "outcome": outcome, "reason": reason, "seconds": seconds}), flush=True)


def clean(error: BaseException, folder: pathlib.Path) -> str:
    """Give an error's class and first line, without any secret of the connection."""
    text = f"{type(error).__name__}: {error}"
    for secret in sorted((folder / "secrets").glob("*")):
        value = secret.read_text()
        text = text.replace(value, "********") if value else text
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return " ".join(lines)[:400]


def main(name: str, module: str, dist: str, scheme: str) -> None:
    """Ask every question in turn; one that fails leaves the later ones not run."""
    folder = ROOT / name
    questions = ["import", "connect", "select 1", "sqlalchemy"]
    connection = None
    for number, question in enumerate(questions):
        began = time.monotonic()
        try:
            if question == "import":
                driver = importlib.import_module(module)
                note = f"{dist} {importlib.metadata.version(dist)}"
            elif question == "connect":
                connection = driver.connect((folder / "dsn").read_text())
                note = "connected"
            elif question == "select 1":
                cursor = connection.cursor()
                cursor.execute("select 1")
                row = cursor.fetchone()
                if tuple(row) != (1,):
                    raise ValueError(f"select 1 gave {row!r}")
                connection.close()
                note = "1"
            else:
                import sqlalchemy

                url = sqlalchemy.make_url((folder / "url").read_text()).set(drivername=scheme)
                with sqlalchemy.create_engine(url).connect() as session:
                    if session.scalar(sqlalchemy.text("select 1")) != 1:
                        raise ValueError("select 1 gave something else")
                note = f"sqlalchemy {sqlalchemy.__version__}"
        except Exception as error:
            answer(question, "fail", clean(error, folder), began)
            for later in questions[number + 1 :]:
                answer(later, "not_run", f"{question} failed")
            return
        answer(question, "pass", note, began)


if __name__ == "__main__":
    main(*sys.argv[1:5])
