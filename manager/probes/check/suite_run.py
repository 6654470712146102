"""Runs SQLAlchemy's dialect suite in a process of its own: one JSON line on the pipe for each test as it ends.

The argument is the number of the pipe. Standard input is one JSON object: ``url`` (with the password: it stands in no
argument), ``folder`` (empty, the working folder), ``harness`` (with pytest), ``path``, ``requirements`` (name: bool),
``schema`` (the second schema, "" for the suite's own name), ``module`` (the driver, for a dialect that takes another
one by itself), ``keys`` ("sequences" for a dialect whose keys have to be given one), ``tests`` (words of pytest's -k;
all unless given).
"""

import json
import os
import sys
from pathlib import Path

_SETTINGS = """[sqla_testing]
requirement_cls=requirements_here:Requirements
profile_file=profiles.txt

[tool:pytest]
"""
_TESTS = "from sqlalchemy.testing.suite import *  # noqa\n"


def answered(requirements):
    """Give the suite's own requirements with what the connector says of itself."""
    import types

    from sqlalchemy.testing import exclusions
    from sqlalchemy.testing.requirements import SuiteRequirements

    words = {True: exclusions.open, False: exclusions.closed}
    unknown = sorted(name for name in requirements if not hasattr(SuiteRequirements, name))
    if unknown:
        raise SystemExit(f"the suite has no requirement {', '.join(unknown)}")
    said = {name: property(lambda _, holds=holds: words[holds]()) for name, holds in requirements.items()}
    module = types.ModuleType("requirements_here")
    module.Requirements = type("Requirements", (SuiteRequirements,), said)
    sys.modules["requirements_here"] = module


def same_module(module):
    """Let SQLite's dialect take the driver that is checked and not the standard library's."""
    import importlib

    from sqlalchemy.dialects.sqlite import pysqlite

    taken = importlib.import_module(module)
    pysqlite.SQLiteDialect_pysqlite.import_dbapi = classmethod(lambda _: taken)


def known_name(url):
    """Register a dialect under the name that the suite asks for: scheme and driver, which some do not have."""
    import sqlalchemy
    from sqlalchemy.dialects import registry

    made = sqlalchemy.make_url(url)
    dialect = made.get_dialect()
    name = f"{made.get_backend_name()}.{made.get_driver_name()}"
    try:
        registry.load(name)
    except sqlalchemy.exc.NoSuchModuleError:
        registry.register(name, dialect.__module__, dialect.__qualname__)


def second_schema(name):
    """Name the suite's second schema, where schemas are databases that others on the server have too."""
    from sqlalchemy.testing import config

    original = config.Config.__init__

    def init(self, *given, **named):
        original(self, *given, **named)
        self.test_schema = name

    config.Config.__init__ = init


def numbered(table, connection, **_):  # noqa: ARG001
    """Give a key that numbers itself a sequence, as people have to who use a dialect that brings none."""
    from sqlalchemy import Sequence

    column = table.autoincrement_column
    if column is not None and column.default is None and column.server_default is None:
        column._init_items(Sequence(f"{table.name}_{column.name}_seq", schema=table.schema))


def sequences():
    """Let each table have its sequence before it is made."""
    import sqlalchemy

    sqlalchemy.event.listen(sqlalchemy.Table, "before_create", numbered)


class Teller:
    """A plugin of pytest that says which test begins, and how each ends."""

    def __init__(self, pipe):
        self.out = os.fdopen(pipe, "w")
        self.ended = {}

    def say(self, line):
        """Write a line at once: the reader waits for it."""
        self.out.write(json.dumps(line) + "\n")
        self.out.flush()

    @staticmethod
    def name(item):
        """Name a test without the version of the server, which the suite puts into the class's name."""
        return f"{getattr(item.cls, '_sa_orig_cls_name', item.cls.__name__)}::{item.name}"

    def pytest_collectreport(self, report):
        """A file that cannot be read is a failure."""
        if report.failed:
            self.say({"test": str(report.nodeid), "end": "failed", "why": str(report.longrepr)[-300:]})

    def pytest_runtest_logstart(self, nodeid, location):  # noqa: ARG002
        """It begins: whatever hangs now is this one."""
        self.say({"begins": nodeid.partition("::")[2]})

    def pytest_runtest_makereport(self, item, call):  # noqa: ARG002
        """Keep what the name of an item is, for the report that has none."""
        self.ended[item.nodeid] = self.name(item)

    def pytest_runtest_logreport(self, report):
        """Of its three parts the call counts, and any that fails or skips."""
        if report.when == "call" or report.outcome != "passed":
            crash = getattr(report.longrepr, "reprcrash", None)
            why = (crash.message if crash else str(report.longrepr)) if report.failed else ""
            self.say({"test": self.ended[report.nodeid], "end": report.outcome, "why": " ".join(why.split())[:300]})


def main():
    """Write the few files that the suite wants, and run it."""
    pipe = int(sys.argv[1])
    os.set_inheritable(pipe, False)
    asked = json.load(sys.stdin)
    folder = Path(asked["folder"])
    os.chdir(folder)
    sys.path[:0] = asked["path"]
    sys.path += asked["harness"]
    (folder / "setup.cfg").write_text(_SETTINGS)
    (folder / "test_suite.py").write_text(_TESTS)
    import pytest

    # Asserts of the suite's own helpers say what they compared.
    pytest.register_assert_rewrite("sqlalchemy.testing.assertions")
    answered(asked["requirements"])
    known_name(asked["url"])
    if asked["module"]:
        same_module(asked["module"])
    if asked["keys"] == "sequences":
        sequences()
    if asked["schema"]:
        second_schema(asked["schema"])
    teller = Teller(pipe)
    words = ["-p", "sqlalchemy.testing.plugin.pytestplugin", "-p", "no:cacheprovider", "-q", "--rootdir", str(folder)]
    words += ["--dburi", asked["url"], "--disable-asyncio", "-c", str(folder / "setup.cfg"), "--tb=native"]
    words += ["-k", asked["tests"]] if asked["tests"] else []
    code = pytest.main([*words, str(folder / "test_suite.py")], plugins=[teller])
    teller.say({"done": int(code)})
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
